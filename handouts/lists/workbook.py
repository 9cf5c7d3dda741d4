"""A worksheet of a workbook (xlsx, xlsm, xls, ods) -> a table. `apart` reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from handouts.errors import RequestFault, first_few, nearest, shown
from handouts.lists.apart import Worksheet, read_apart
from handouts.lists.tables import Cell, Line, Unusable, is_blank

MOST_BYTES = 64 * 1024 * 1024
"""Of a workbook's file."""


class SeveralWorksheets(RequestFault):
    """Nobody said which worksheet; ``names`` are those with anything in them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        listed = ", ".join(first_few(f"'{shown(name)}'" for name in names))
        super().__init__(f"The workbook has several worksheets: {listed}. Name the one to read with --worksheet.")


class WorkbookTable:
    """The rows of a worksheet, with the numbers and letters that a spreadsheet shows."""

    own_types = True

    def __init__(self, sheet: Worksheet, notes: tuple[str, ...], *, from_1904: bool) -> None:
        self.sheet, self.notes, self.from_1904 = sheet, notes, from_1904
        self.size: int | None = len(sheet.rows) or None
        self.unusable: dict[int, list[tuple[int, Unusable]]] = {}
        for place, why in sheet.unusable.items():
            column, row = _place(place)
            self.unusable.setdefault(row, []).append((column, Unusable(why)))

    def lines(self) -> Iterator[Line]:
        """All rows from the first on, blank ones left out."""
        before: list[Cell] = [""] * self.sheet.left
        for number, found in enumerate(self.sheet.rows, 1):
            cells: list[Cell] = [*before, *found]
            for column, cell in self.unusable.get(number, ()):
                cells += [""] * (column + 1 - len(cells))
                cells[column] = cell
            if not all(map(is_blank, cells)):
                yield Line(number, cells, at=number)

    def swallows(self, cells: Sequence[Cell], width: int) -> bool:
        """No cell can hold another row."""
        del cells, width
        return False


def _place(name: str) -> tuple[int, int]:
    """The column, from 0, and the row, from 1, of a cell such as H4."""
    letters = re.match(r"[A-Z]+", name)
    assert letters  # noqa: S101  the pattern that found it
    column = 0
    for one in letters[0]:
        column = column * 26 + ord(one) - 64
    return column - 1, int(name[letters.end() :])


def open_workbook(stream: BinaryIO, worksheet: str | None) -> WorkbookTable:
    """The worksheet of that name; None for the only one with anything in it. RequestFault."""
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise RequestFault(
            f"The workbook is larger than {MOST_BYTES // 1024 // 1024} MB. Save the list as CSV (UTF-8)."
        )
    found = read_apart(data)
    return WorkbookTable(_chosen(found.worksheets, worksheet), found.notes, from_1904=found.from_1904)


def _chosen(worksheets: Sequence[Worksheet], wanted: str | None) -> Worksheet:
    """The worksheet that is meant."""
    if wanted is not None:
        return _named({one.name: one for one in worksheets}, wanted)
    found = {one.name: one for one in worksheets if one.visible and one.rows}
    if len(found) > 1:
        raise SeveralWorksheets(list(found))
    if not found:
        raise RequestFault("The workbook is empty. Its first row must name the columns, such as patient.name.")
    return next(iter(found.values()))


def _named(worksheets: Mapping[str, Worksheet], wanted: str) -> Worksheet:
    plain = " ".join(wanted.split()).casefold()
    found = next((one for name, one in worksheets.items() if " ".join(name.split()).casefold() == plain), None)
    if found is None:
        hint = nearest(wanted, [shown(name) for name in worksheets], what="worksheets")
        raise RequestFault(f"The workbook has no worksheet of that name. {hint}")
    return found
