"""The Markdown files that clinicians write: the front matter of each kind, and the prose below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, WithJsonSchema, model_validator

from handouts.model.base import SLUG, Frozen, Line, Slug
from handouts.model.prose import Section

GRID_ROWS = ("what", "suits", "works", "lasts", "harms", "living", "sure")
"""The seven rows of the comparison, in printing order (IPDAS: the same for every option)."""

Head = TypeVar("Head", bound=Frozen)
Strings = tuple[Line, ...]


class Grid(Frozen):
    """An option's cells of the comparison; the same seven rows for every option.

    A cell that begins with a number or a bold word shows it large. ``harms`` only where no harm is known: else the
    option's ``harms`` stand there.
    """

    what: Line
    suits: Line
    works: Line
    lasts: Line
    harms: Line | None = None
    living: Line
    sure: Line


class Glance(Frozen):
    """Shorter cells for page 1, where the comparison's own are too long for it."""

    works: Line | None = None
    lasts: Line | None = None


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
    """The front matter of an option's file. ``harm_labels`` replaces the usual words before a kind of harm."""

    name: Line
    short: Line
    one_line: Line
    takeaway: Line
    grid: Grid
    glance: Glance = Field(default_factory=Glance)
    harms: tuple[HarmEntry, ...] = ()
    harm_labels: Mapping[Literal["stays", "passes"], Line] = Field(default_factory=dict)
    call_us: CallUs | None = None
    ask: Strings = ()
    teach_back: Strings = ()
    next_steps: Strings = ()
    safety: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _harms_once(self) -> OptionHead:
        if bool(self.harms) == bool(self.grid.harms):
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


class OverviewHead(Frozen):
    """The front matter of overview.md. ``decision_one``: the decision on a single option; ``matters``: what may matter
    most to a patient; ``safety`` labels the clinician's fields of topic.yaml.
    """

    name: Line
    line: Line
    decision: Line
    decision_one: Line | None = None
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
