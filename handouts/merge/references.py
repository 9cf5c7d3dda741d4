"""References in prose -> words, source marks and pictures. Part of step 2, merge."""

from __future__ import annotations

from dataclasses import replace

from handouts.errors import ContentFault, Fault, nearest
from handouts.load.markdown import inline_text, stray_sign
from handouts.model.content import Topic
from handouts.model.handout import Picture, SourceLine
from handouts.model.prose import Block, Figure, Inline, Items, Paragraph, People, Run, Section


class Resolver:
    """Turns references into words and source marks, numbering sources in the order of printing."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.order: list[str] = []
        self.faults: list[Fault] = []
        self.pictures: dict[tuple[str, ...], Picture] = {}

    def raise_if_any(self) -> None:
        """ContentFault with every reference that led nowhere."""
        if self.faults:
            raise ContentFault("The content refers to things that don't exist. Fix these lines:", faults=self.faults)

    def text(self, text: str, file: str) -> Inline:
        """Front matter text of ``file``, resolved."""
        runs = inline_text(text)
        wrong = stray_sign("".join(run.text for run in runs))
        if wrong:
            self.faults.append(Fault(file, 0, wrong))
        return self.runs(runs, file)

    def section(self, section: Section, file: str) -> Section:
        """A section with every reference resolved."""
        return replace(section, blocks=tuple(self.block(block, file) for block in section.blocks))

    def block(self, block: Block, file: str) -> Block:
        """A block with every reference resolved; a figure or picture that isn't there is a fault."""
        if isinstance(block, Paragraph):
            return replace(block, runs=self.runs(block.runs, file))
        if isinstance(block, Items):
            return replace(block, items=tuple(self.runs(item, file) for item in block.items))
        if isinstance(block, Figure):
            if block.name not in self.topic.file.figures:
                known = nearest(block.name, self.topic.file.figures, what="figures of topic.yaml")
                self.faults.append(Fault(file, block.line, f"there is no figure '{block.name}'. {known}"))
        else:
            self.people(block, file)
        return replace(block, caption=self.runs(block.caption, file))

    def people(self, block: People, file: str) -> None:
        """Note the counts of a picture of people; numbers of two sources are a fault."""
        numbers = [self.topic.file.numbers.get(name) for name in block.numbers]
        if not all(number and number.picture for number in numbers):
            message = "a picture of people needs numbers that topic.yaml marks with picture: true"
            self.faults.append(Fault(file, block.line, message))
            return
        if len({number.source for number in numbers if number}) > 1:
            self.faults.append(Fault(file, block.line, "a picture of people can't mix numbers from two sources"))
            return
        counts = [number.count for number in numbers if number]
        if sum(counts) > 100:
            self.faults.append(
                Fault(file, block.line, "a picture of people shows 100 people, but its numbers add up to more")
            )
            return
        self.pictures[block.numbers] = Picture((*counts, 100 - sum(counts)), block.labels)

    def runs(self, runs: Inline, file: str) -> Inline:
        """Inline text with every reference resolved."""
        return tuple(self.run(run, file) if run.number else run for run in runs)

    def run(self, run: Run, file: str) -> Run:
        """One reference as words and source mark."""
        name, _, form = run.number.partition(".")
        if name.startswith("cite:"):
            source = name.removeprefix("cite:")
            if source in self.topic.file.sources:
                return Run("", run.bold, cites=(self.mark(source),))
            known = nearest(source, self.topic.file.sources, what="sources of topic.yaml")
            self.faults.append(Fault(file, run.line, f"there is no source '{source}'. {known}"))
            return run
        number = self.topic.file.numbers.get(name)
        if number is None:
            known = nearest(name, self.topic.file.numbers, what="numbers of topic.yaml")
            self.faults.append(Fault(file, run.line, f"there is no number '{name}'. {known}"))
            return run
        try:
            text = number.words(form)
        except KeyError:
            message = (
                f"'{run.number}': a number has the forms count, rest, out_of and over, where topic.yaml gives them"
            )
            self.faults.append(Fault(file, run.line, message))
            return run
        return Run(text, run.bold, cites=() if form else (self.mark(number.source),))

    def mark(self, source: str) -> int:
        """The printed number of a source, given out in the order of printing."""
        if source not in self.order:
            self.order.append(source)
        return self.order.index(source) + 1

    def sources(self) -> tuple[SourceLine, ...]:
        """The list of the sources that were cited or are always named."""
        for name, source in self.topic.file.sources.items():
            if source.always:
                self.mark(name)
        entries = [self.topic.file.sources[name] for name in self.order]
        return tuple(SourceLine(i, entry.cite, entry.doi) for i, entry in enumerate(entries, 1))
