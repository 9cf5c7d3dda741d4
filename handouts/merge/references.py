"""References in prose -> words, source marks and pictures. Part of step 2, merge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from handouts.errors import ContentFault, Fault, nearest
from handouts.load.markdown import inline_text, stray_sign
from handouts.model.content import Library, Number
from handouts.model.handout import Picture, SourceLine
from handouts.model.prose import Block, Figure, Inline, Items, Paragraph, People, Run, Section

PRACTICE = "practice"
"""``{practice}``: the practice whose page is cited, in its own words, which name its interest (clinic.yaml)."""
_CLOSING = tuple(".,;:!?)")
_SENTENCE_END = re.compile(r"[.!?]+[\"”’)]*(?=\s|$)")


class Resolver:
    """Turns references into words and source marks. A source has its place in topic.yaml as its number, so that a
    sheet reads the same in every stack; ``cited`` holds those that were met.
    """

    def __init__(self, library: Library) -> None:
        topic = self.topic = library.topic
        self.practice = library.clinic.file.interest or library.words.page["this_practice"]
        self.numbers = {name: number for number, name in enumerate(topic.file.sources, 1)}
        self.cited: set[str] = {name for name, source in topic.file.sources.items() if source.always}
        self.faults: list[Fault] = []

    def raise_if_any(self) -> None:
        """ContentFault with every reference that led nowhere."""
        if self.faults:
            faults = list(dict.fromkeys(self.faults))
            raise ContentFault("The content refers to things that don't exist. Fix these lines:", faults=faults)

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
            self.picture(block, file)
        return replace(block, caption=self.runs(block.caption, file))

    def picture(self, block: People, file: str) -> Picture | None:
        """The counts of a picture of people; None, and a fault, where its numbers can't be drawn together."""
        numbers = [self.topic.file.numbers.get(name) for name in block.numbers]
        drawn = [number for number in numbers if number and number.picture]
        if len(drawn) < len(numbers):
            message = "a picture of people needs numbers that topic.yaml marks with picture: true"
        elif len({number.source for number in drawn}) > 1:
            message = "a picture of people can't mix numbers from two sources"
        elif sum(number.count for number in drawn) > 100:
            message = "a picture of people shows 100 people, but its numbers add up to more"
        else:
            counts = [number.count for number in drawn]
            source = Run("", cites=(self.mark(drawn[0].source),))
            caption = place_marks((*self.runs(block.caption, file), source))
            return Picture((*counts, 100 - sum(counts)), block.labels, caption)
        self.faults.append(Fault(file, block.line, message))
        return None

    def number(self, name: str, file: str, line: int = 0) -> Number | None:
        """A number of topic.yaml; None, and a fault, where there is none."""
        number = self.topic.file.numbers.get(name)
        if number is None:
            known = nearest(name, self.topic.file.numbers, what="numbers of topic.yaml")
            self.faults.append(Fault(file, line, f"there is no number '{name}'. {known}"))
        return number

    def runs(self, runs: Inline, file: str) -> Inline:
        """Inline text with every reference resolved, and marks after the full stop."""
        told: list[Run] = []
        for run in runs:
            told.append(self.run(run, file) if run.number else run)
            before = "".join(earlier.text for earlier in told[:-1]).rstrip()
            if run.number == PRACTICE and (not before or before.endswith((".", "!", "?"))):
                told[-1] = replace(told[-1], text=told[-1].text[:1].upper() + told[-1].text[1:])
        return place_marks(tuple(told))

    def run(self, run: Run, file: str) -> Run:
        """One reference as words and source mark."""
        name, _, form = run.number.partition(".")
        if run.number == PRACTICE:
            return Run(self.practice, run.bold)
        if name.startswith("cite:"):
            source = name.removeprefix("cite:")
            if source in self.topic.file.sources:
                return Run("", run.bold, cites=(self.mark(source),))
            known = nearest(source, self.topic.file.sources, what="sources of topic.yaml")
            self.faults.append(Fault(file, run.line, f"there is no source '{source}'. {known}"))
            return run
        number = self.number(name, file, run.line)
        if number is None:
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
        """The printed number of a source."""
        self.cited.add(source)
        return self.numbers[source]

    def sources(self) -> tuple[SourceLine, ...]:
        """The list of the sources that were cited or are always named."""
        named = ((name, source) for name, source in self.topic.file.sources.items() if name in self.cited)
        return tuple(SourceLine(self.numbers[name], source.cite, source.doi) for name, source in named)


def place_marks(runs: Inline) -> Inline:
    """Source marks moved behind the full stop of their sentence, or to the end; neighbours become one run."""
    made: list[Run] = []
    waiting: list[int] = []
    for run in runs:
        if waiting and made and run.text and made[-1].text.endswith(" "):  # where the marks stood
            if run.text[0] in _CLOSING or run.text[0] == " ":
                made[-1] = replace(made[-1], text=made[-1].text.rstrip())
            if not run.text.strip():
                made[-1] = replace(made[-1], text=made[-1].text + " ")
                continue
        made += _with_marks(replace(run, cites=()), waiting) if run.text or run.number else ()
        if run.cites:
            waiting += run.cites
            if not run.text and made and _SENTENCE_END.search(made[-1].text.rstrip()[-3:]):
                made += _marks(waiting)
    return tuple(_joined([*made, *_marks(waiting)]))


def _with_marks(run: Run, waiting: list[int]) -> Iterator[Run]:
    """``run``, and the marks that wait where its first sentence ends."""
    end = _SENTENCE_END.search(run.text) if waiting else None
    if end is None:
        yield run
        return
    yield replace(run, text=run.text[: end.end()])
    yield from _marks(waiting)
    if run.text[end.end() :]:
        yield replace(run, text=run.text[end.end() :])


def _marks(waiting: list[int]) -> list[Run]:
    marks = [Run("", cites=tuple(dict.fromkeys(waiting)))] if waiting else []
    waiting.clear()
    return marks


def _joined(runs: list[Run]) -> Iterator[Run]:
    """Marks that stand side by side as one run; no space stands before a mark."""
    held: Run | None = None
    gap = ""
    for run in runs:
        if gap and run.text:
            run = replace(run, text=gap + run.text.lstrip())  # noqa: PLW2901  the space after a mark
        gap = ""
        if held and run.cites and not run.text:
            if held.cites:
                held = replace(held, cites=tuple(dict.fromkeys((*held.cites, *run.cites))))
                continue
            held = replace(held, text=held.text.rstrip())
        elif held and held.cites and not run.text.strip() and not run.number:
            gap = run.text
            continue
        if held:
            yield held
        held = run
    if held:
        yield held
