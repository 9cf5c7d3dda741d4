"""A table, whatever file it came in: rows of cells, with the numbers that people see. It can be read twice.

A cell is text, or what a workbook says of it: a date, a time, a number. What can't be used says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

MOST_COLUMNS = 1000
"""More than any list of patients has."""


@dataclass(frozen=True)
class Unusable:
    """A cell whose value nobody knows; ``why`` names it."""

    why: str


Cell = str | bool | int | float | date | datetime | time | timedelta | Unusable


@dataclass(frozen=True)
class Line:
    """A row of a table: its cells, or why it can't be read. ``at``: how far into the file it ends; ``last``: nobody can
    tell where the next row begins.
    """

    number: int
    cells: Sequence[Cell]
    fault: str = ""
    at: int = 0
    last: bool = False

    def __repr__(self) -> str:
        return f"Line({self.number})"  # a patient's details have no place in a log or traceback


class Table(Protocol):
    """``own_types``: whether cells have types, as in a workbook. ``size``: what the last row's ``at`` will be."""

    own_types: bool
    size: int | None
    notes: tuple[str, ...]
    """What the staff should know of the file."""
    from_1904: bool
    """Whether a workbook counts its days from 1904, as some do that were made on a Mac."""

    def lines(self) -> Iterator[Line]:
        """All rows from the first on, blank ones left out."""
        ...

    def swallows(self, cells: Sequence[Cell], width: int) -> bool:
        """Whether a cell of a row holds what looks like another row of ``width`` cells."""
        ...


def as_text(cell: Cell) -> str:
    """What a cell says, as it would be typed. ValueError for one that can't be used."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Unusable):
        raise ValueError(cell.why)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else f"{cell:%Y-%m-%dT%H:%M}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return str(cell)


def texts(cells: Sequence[Cell]) -> list[str]:
    """What cells say; "" for those that can't be used."""
    return [cell if isinstance(cell, str) else "" if isinstance(cell, Unusable) else as_text(cell) for cell in cells]


def is_blank(cell: Cell) -> bool:
    """Whether nothing stands in a cell."""
    return isinstance(cell, str) and not cell.strip()


def letter(number: int) -> str:
    """The letter that a spreadsheet gives to a column; ``number`` counts from 0."""
    above, last = divmod(number, 26)
    return (letter(above - 1) if above else "") + chr(ord("A") + last)
