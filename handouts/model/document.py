"""The Markdown files that clinicians write: the front matter of each kind, and the prose below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from pydantic import Field

from handouts.model.base import Frozen, Line
from handouts.model.prose import Section

GRID_ROWS = ("what", "suits", "works", "lasts", "harms", "living", "sure")
"""The seven rows of the comparison, in printing order (IPDAS: the same for every option)."""

Head = TypeVar("Head", bound=Frozen)
Strings = tuple[Line, ...]


class Grid(Frozen):
    """An option's cells of the comparison; the same seven rows for every option."""

    what: Line
    suits: Line
    works: Line
    lasts: Line
    harms: Annotated[str, Field(min_length=1, max_length=500)]
    living: Line
    sure: Line


class OptionHead(Frozen):
    """The front matter of an option's file."""

    name: Line
    short: Line
    one_line: Line
    takeaway: Line
    grid: Grid
    call_us: Strings = ()
    ask: Strings = ()
    teach_back: Strings = ()
    next_steps: Strings = ()
    safety: tuple[str, ...] = ()


class MedicineHead(Frozen):
    """The front matter of a medicine's file."""

    name: Line
    call_us: Strings = ()


class MedicineSafetyHead(Frozen):
    """The front matter of medicine-safety.md, printed with every medicine."""

    name: Line
    call_us: Strings = ()
    safety: tuple[str, ...] = ()


class OverviewHead(Frozen):
    """The front matter of overview.md. ``safety`` labels the clinician's fields of topic.yaml."""

    name: Line
    line: Line
    decision: Line
    ask: Strings = ()
    teach_back: Strings = ()
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
