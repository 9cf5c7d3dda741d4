"""References in prose -> words, source marks and pictures. Part of step 2, merge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from handouts.errors import ContentFault, Fault, nearest
from handouts.load.markdown import inline_text, stray_sign
from handouts.model.content import Topic
from handouts.model.prose import Block, Figure, Inline, Items, Paragraph, People, Run, Section
from handouts.model.sheets import Picture, SourceLine
from handouts.model.topic_file import Number

_CLOSING = frozenset(".,;:!?)،؛؟")
_SENTENCE_END = re.compile(r"(?<!\bDr)[.!?؟]+[\"”’»)]*(?=\s|$)")
_ENDED = re.compile(r"(?<!\bDr)[.!?؟][\"”’»)]*$")


class Resolver:
    """Turns references into words and source marks. A source has its place in topic.yaml as its number, so that a
    sheet reads the same in every stack; ``cited`` holds those that were met.
    """

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
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
        return place_marks(tuple(self.run(run, file) if run.number else run for run in runs))

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
        number = self.number(name, file, run.line)
        if number is None:
            return run
        try:
            text = self.topic.numbers.form(number, form)
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
    """Source marks moved behind the full stop of their sentence, or to the end; those of one place become one run."""
    told, cited = _apart(runs)
    text = "".join(run.text for run in told)
    marks: dict[int, set[int]] = {}
    for place, numbers in cited:
        marks.setdefault(_sentence_end(text, place), set()).update(numbers)
    return tuple(_with_marks(told, {place: Run("", cites=tuple(sorted(marks[place]))) for place in sorted(marks)}))


def _apart(runs: Inline) -> tuple[list[Run], list[tuple[int, tuple[int, ...]]]]:
    """The runs without marks and without the spaces that these leave; where in their text which marks stood."""
    told: list[Run] = []
    cited: list[tuple[int, tuple[int, ...]]] = []
    left = False  # whether a mark stood right before
    for run in runs:
        text = run.text
        if left and text[:1] in _CLOSING:
            _strip_end(told)
        elif left and told and told[-1].text.endswith(" "):
            text = text.lstrip()
        if text or run.number:
            told.append(replace(run, text=text, cites=()))
            left = False
        if run.cites:
            cited.append((sum(len(each.text) for each in told), run.cites))
            left = left or not run.text
    if left:
        _strip_end(told)
    return told, cited


def _strip_end(told: list[Run]) -> None:
    while told and told[-1].text.endswith(" "):
        last = told.pop()
        if last.text.strip() or last.number:
            told.append(replace(last, text=last.text.rstrip()))


def _sentence_end(text: str, place: int) -> int:
    """Where the marks of ``place`` go: right there if a sentence has just ended, else where the next one does."""
    before = text[:place].rstrip()
    if _ENDED.search(before):
        return len(before)
    found = _SENTENCE_END.search(text, place)
    return found.end() if found else len(text.rstrip())


def _with_marks(told: Sequence[Run], marks: Mapping[int, Run]) -> Iterator[Run]:
    if 0 in marks:
        yield marks[0]
    at = 0
    for run in told:
        start = 0
        for place in (place - at for place in marks if at < place <= at + len(run.text)):
            yield replace(run, text=run.text[start:place])
            yield marks[at + place]
            start = place
        if run.text[start:] or run.number:
            yield replace(run, text=run.text[start:])
        at += len(run.text)
