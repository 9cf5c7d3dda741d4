"""What each sheet of a stack holds, as its template sees it. Nobody's details are in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from handouts.model.harms import Harms
from handouts.model.prose import Figure, Inline, Section
from handouts.model.request import Stage
from handouts.model.shapes import PlanShape, Shape
from handouts.model.topic_words import DiaryColumn


@dataclass(frozen=True)
class Field:
    """A clinician's safety field: its text, or None for a line to write on."""

    label: str
    text: str | None


@dataclass(frozen=True)
class Cell:
    """An answer in the comparison: ``before``, a large ``key`` (a number or a word), its ``unit`` in bold, ``text``.

    All but ``text`` may be empty; of harms there are ``harms`` in place of the rest.
    """

    text: Inline
    key: str = ""
    unit: str = ""
    before: str = ""
    harms: Harms | None = None


@dataclass(frozen=True)
class Row:
    """A row of the comparison: its name ("works"), the question, each option's answer in printing order."""

    name: str
    question: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class OptionName:
    """How an option is called. ``one_line`` says what it is."""

    id: str
    name: str
    short: str
    one_line: Inline


@dataclass(frozen=True)
class CallGroup:
    """When to call: the signs that belong to one option, or to medicines."""

    title: str
    signs: tuple[Inline, ...]


@dataclass(frozen=True)
class DayLine:
    """What to do or expect, and when."""

    when: str
    what: Inline


@dataclass(frozen=True)
class Front:
    """Page 1, and what it can't hold on page 2. ``rows``: the comparison, shortened for a glance.

    ``urgent``: signs of the medicines that must not wait, for which there is the crisis line; ``urgent_fields``: the
    clinic's own, filled in or to be written by hand; ``side``: in words.
    """

    line: str
    decision: str
    stage: Stage
    blank: bool
    side: str
    options: tuple[OptionName, ...]
    rows: tuple[Row, ...]
    matters: tuple[str, ...]
    urgent: tuple[Inline, ...]
    urgent_fields: tuple[Field, ...]
    medicines: bool
    """Whether the patient has medicines: then their rule stands on page 1."""
    calls: tuple[CallGroup, ...]
    timetable: tuple[DayLine, ...]
    """Of instructions."""
    shape: Shape


@dataclass(frozen=True)
class Comparison:
    """The options side by side, and what may matter to the patient."""

    options: tuple[OptionName, ...]
    rows: tuple[Row, ...]
    matters: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """What the patient has."""

    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Instruction:
    """A section of instructions: what to do and not to do, in the author's order. ``checklist``: to tick off."""

    id: str
    name: str
    timetable: tuple[DayLine, ...]
    sections: tuple[Section, ...]
    checklist: tuple[Inline, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Instructions:
    """What to do after an operation, before a test, with a device. ``before``: the sections that come first;
    ``heading``: the topic's own, "" for the usual one.
    """

    heading: str
    line: str
    timetable: tuple[DayLine, ...]
    before: tuple[Section, ...]
    parts: tuple[Instruction, ...]
    checklist: tuple[Inline, ...]


@dataclass(frozen=True)
class Picture:
    """A picture of 100 people: one count a label; the last label is the rest."""

    counts: tuple[int, ...]
    labels: tuple[str, ...]
    caption: Inline
    title: str = ""


@dataclass(frozen=True)
class PeoplePair:
    """The pictures of 100 people on an option's sheet, side by side, after the section with the index ``after`` (-1:
    none). In place of one that is not there a frame says that its number is ``unknown``, where that is so.
    """

    after: int
    benefit: Picture | None
    harm: Picture | None
    benefit_unknown: bool
    harm_unknown: bool

    @property
    def shown(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.benefit or self.harm or self.benefit_unknown or self.harm_unknown)


@dataclass(frozen=True)
class OptionSheet:
    """An option: the same questions for each. ``sections`` without the pictures of people.

    ``harms_at``: the index of the section that the table of harms belongs to.
    """

    name: OptionName
    sections: tuple[Section, ...]
    harms: Harms | None
    harms_at: int
    people: PeoplePair
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Medicine:
    """The facts on a medicine. ``warning``: its last section, printed right under the name."""

    id: str
    name: str
    warning: Section
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Medicines:
    """The plan of what was prescribed, and a card for each medicine.

    ``plan``: None if nothing was prescribed; ``prescribed``: those of them that the topic knows; ``unknown``: whether
    there are others; ``others``: the topic's further medicines, if that option was chosen.
    """

    plan: PlanShape | None
    blank: bool
    prescribed: tuple[Medicine, ...]
    unknown: bool
    others: tuple[Medicine, ...]
    safety: tuple[Section, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Questions:
    """Questions to ask: the general ones (no ``option``), or those about one option."""

    option: str
    items: tuple[Inline, ...]


@dataclass(frozen=True)
class SourceLine:
    """An entry of the list of sources; ``number`` is the mark in the text."""

    number: int
    cite: str
    doi: str | None


@dataclass(frozen=True)
class Imprint:
    """What the colophon says of the text, but who approved it and when: that is stamped."""

    version: str
    published: date
    review_by: date
    update_policy: str
    funding: str | None


@dataclass(frozen=True)
class Closing:
    """Key points, questions, teach-back, and the colophon. ``replaces``: whether it names the document it replaces."""

    key_points: tuple[Inline, ...]
    questions: tuple[Questions, ...]
    teach_back: tuple[Inline, ...]
    sources: tuple[SourceLine, ...]
    imprint: Imprint
    replaces: bool
    listed_before: bool = False
    """Whether the sources stand in the same document before, in a translation's colophon."""


@dataclass(frozen=True)
class Diary:
    """Four weeks to fill in."""

    columns: tuple[DiaryColumn, ...]
    weeks: int = 4


@dataclass(frozen=True)
class Practice:
    """The practice's own words, never part of the comparison. ``compared``: whether the handout has one."""

    heading: str
    compared: bool
    sections: tuple[Section, ...]


SheetContent = Front | Comparison | Medicines | Condition | Instructions | OptionSheet | Closing | Diary | Practice


def figures_of(sheet: SheetContent) -> Iterator[str]:
    """The names of the drawings on a sheet."""
    for section in _sections_of(sheet):
        for block in section.blocks:
            if isinstance(block, Figure):
                yield block.name


def _sections_of(sheet: SheetContent) -> Iterator[Section]:
    if isinstance(sheet, Medicines):
        yield from sheet.safety
        for medicine in (*sheet.prescribed, *sheet.others):
            yield medicine.warning
            yield from medicine.sections
    elif isinstance(sheet, Condition | OptionSheet | Practice):
        yield from sheet.sections
    elif isinstance(sheet, Instructions):
        yield from sheet.before
        for part in sheet.parts:
            yield from part.sections
