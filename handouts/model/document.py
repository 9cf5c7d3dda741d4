"""The Markdown files that clinicians write: the front matter of each kind, and the prose below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, WithJsonSchema, model_validator

from handouts.model.base import SLUG, Frozen, Line, Slug
from handouts.model.prose import Section

Head = TypeVar("Head", bound=Frozen)
Strings = tuple[Line, ...]


HARMS = "harms"
"""The row whose answer comes from an option's ``harms``, where it has any."""

NumberOrTrue = Annotated[Slug, WithJsonSchema({"anyOf": [{"type": "string", "pattern": SLUG}, {"const": True}]})]
"""The id of a number of topic.yaml, or ``true``, which an editor knows as no text."""


class HarmEntry(Frozen):
    """A harm, or several of one kind: its numbers, or ``how_often``. ``stays: true``: it stays, but in how many people
    is not known; ``passes: true`` likewise.
    """

    what: Line | Strings
    stays: NumberOrTrue | None = None
    passes: NumberOrTrue | None = None
    number: Slug | None = None
    how_often: Line | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The harms, one at least."""
        return (self.what,) if isinstance(self.what, str) else self.what

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of topic.yaml that it names."""
        return tuple(name for name in (self.stays, self.passes, self.number) if name and name != "true")

    @model_validator(mode="after")
    def _one_number_each(self) -> HarmEntry:
        if len(self.names) != 1 and self.numbers:
            raise ValueError("gives several harms one number: write an entry for each")
        return self


class CallUs(Frozen):
    """When to call: ``when`` heads the ``signs``, each of which is a sign, such as "The cut bleeds"."""

    when: Line
    signs: Strings = Field(min_length=1, max_length=7)


class OptionHead(Frozen):
    """The front matter of an option's file.

    ``grid``: its cell of each row of the comparison (IPDAS: the same rows for every option); one that begins with a
    number or a bold word shows it large. ``glance``: shorter cells for page 1. ``harm_labels`` replaces the usual words
    before a kind of harm.
    """

    name: Line
    short: Line
    one_line: Line
    takeaway: Line
    grid: Mapping[Slug, Line]
    glance: Mapping[Slug, Line] = Field(default_factory=dict)
    harms: tuple[HarmEntry, ...] = ()
    harm_labels: Mapping[Literal["stays", "passes", "also"], Line] = Field(default_factory=dict)
    call_us: CallUs | None = None
    ask: Strings = ()
    teach_back: Strings = ()
    next_steps: Strings = ()
    safety: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _harms_once(self) -> OptionHead:
        if self.harms and HARMS in self.grid:
            raise ValueError("needs either harms or, where none is known, grid.harms")
        return self


class MedicineHead(Frozen):
    """The front matter of a medicine's file. ``signs`` to call about; ``urgent`` ones, for the crisis line."""

    name: Line
    signs: Strings = ()
    urgent: Strings = ()


class MedicineSafetyHead(Frozen):
    """The front matter of medicine-safety.md, printed with every medicine."""

    name: Line
    call_us: CallUs
    safety: tuple[str, ...] = ()


class Day(Frozen):
    """A line of a timetable: what to do or expect on a day, in a week."""

    when: Line
    what: Line


class InstructionHead(Frozen):
    """The front matter of a section of instructions. ``checklist``: to tick off; ``safety``: the clinician's fields."""

    name: Line
    timetable: tuple[Day, ...] = Field(default=(), max_length=7)
    call_us: tuple[CallUs, ...] = ()
    checklist: Strings = Field(default=(), max_length=7)
    next_steps: Strings = ()
    safety: tuple[str, ...] = ()


class OverviewHead(Frozen):
    """The front matter of overview.md. ``decision``: of a choice; ``decision_one``: of one with a single option;
    ``heading``: of instructions, in place of the usual one; ``timetable``, ``call_us``, ``checklist``, ``next_steps``:
    of instructions; ``matters``: what may matter most to a patient; ``safety`` labels the clinician's fields of
    topic.yaml.
    """

    name: Line
    line: Line
    decision: Line | None = None
    decision_one: Line | None = None
    heading: Line | None = None
    timetable: tuple[Day, ...] = Field(default=(), max_length=7)
    call_us: tuple[CallUs, ...] = ()
    checklist: Strings = Field(default=(), max_length=7)
    next_steps: Strings = ()
    ask: Strings = ()
    teach_back: Strings = ()
    matters: Strings = Field(default=(), max_length=7)
    safety: Mapping[str, Line] = Field(default_factory=dict)


class TitleHead(Frozen):
    """Front matter that holds only a title."""

    name: Line


@dataclass(frozen=True)
class Document(Generic[Head]):
    """A Markdown file as read: validated front matter and prose. ``file`` is its path, for messages."""

    head: Head
    sections: tuple[Section, ...]
    file: str
