"""A worksheet of a workbook (xlsx, xlsm, xls, ods) -> a table. Nothing in it is run."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from handouts.errors import RequestFault, first_few, nearest, shown
from handouts.lists.old_workbook import OldSheet, read_sheets, require_readable
from handouts.lists.tables import Cell, Line, Unusable, is_blank
from handouts.lists.workbook_parts import DAMAGED, LOCKED, read_parts, unusable_cells

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MOST_BYTES = 64 * 1024 * 1024
"""Of a workbook's file."""
Found = TypeVar("Found")
Sheet = TypeVar("Sheet", "CalamineSheet", OldSheet)


class SeveralWorksheets(RequestFault):
    """Nobody said which worksheet; ``names`` are those with anything in them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        listed = ", ".join(first_few(f"'{shown(name)}'" for name in names))
        super().__init__(f"The workbook has several worksheets: {listed}. Name the one to read with --worksheet.")


class WorkbookTable:
    """The rows of a worksheet, with the numbers and letters that a spreadsheet shows."""

    own_types = True

    def __init__(
        self, sheet: CalamineSheet | OldSheet, unusable: dict[str, str], notes: tuple[str, ...], *, from_1904: bool
    ) -> None:
        self.sheet, self.notes, self.from_1904 = sheet, notes, from_1904
        self.left = sheet.start[1] if sheet.start else 0
        self.size: int | None = (sheet.end[0] + 1) if sheet.end else None
        self.unusable: dict[int, list[tuple[int, Unusable]]] = {}
        for place, why in unusable.items():
            column, row = _place(place)
            self.unusable.setdefault(row, []).append((column, Unusable(why)))

    def lines(self) -> Iterator[Line]:
        """All rows from the first on, blank ones left out."""
        before: list[Cell] = [""] * self.left
        rows: Iterator[Sequence[Cell]] = self.sheet.iter_rows()
        for number, found in enumerate(rows, 1):
            cells: list[Cell] = [*before, *found] if before else list(found)
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
    if not data.startswith(b"PK"):
        notes, from_1904 = require_readable(data)
        old = {sheet.name: sheet for sheet in read_sheets(data)}
        visible = [name for name, sheet in old.items() if sheet.visible]
        _, found = _chosen(list(old), visible, old.__getitem__, worksheet)
        return WorkbookTable(found, {}, notes, from_1904=from_1904)
    parts = read_parts(io.BytesIO(data))
    book = _careful(lambda: _open(parts.copy))
    names, visible = _names(book)
    name, sheet = _chosen(names, visible, lambda name: _sheet(book, name), worksheet)
    unusable = unusable_cells(parts.worksheets.get(name, b""))
    return WorkbookTable(sheet, unusable, parts.notes, from_1904=parts.from_1904)


def _open(copy: io.BytesIO) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(copy)


def _careful(read: Callable[[], Found]) -> Found:
    """What the reader of workbooks finds. RequestFault for all that it stumbles over, its own assertions too."""
    from python_calamine import CalamineError, PasswordError

    try:
        return read()
    except PasswordError:
        raise RequestFault(LOCKED) from None
    except (CalamineError, OSError, ValueError, OverflowError):
        raise RequestFault(DAMAGED) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of Rust: no Exception, and no name to import
            raise
        raise RequestFault(DAMAGED) from None


def _names(book: CalamineWorkbook) -> tuple[list[str], list[str]]:
    """Of all worksheets, and of those that a spreadsheet program shows."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    known = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    return [one.name for one in known], [one.name for one in known if one.visible == SheetVisibleEnum.Visible]


def _chosen(
    names: Sequence[str], visible: Sequence[str], sheet: Callable[[str], Sheet], worksheet: str | None
) -> tuple[str, Sheet]:
    """The worksheet that is meant, and its name."""
    if worksheet is not None:
        wanted = " ".join(worksheet.split()).casefold()
        name = next((name for name in names if " ".join(name.split()).casefold() == wanted), None)
        if name is None:
            hint = nearest(worksheet, [shown(name) for name in names], what="worksheets")
            raise RequestFault(f"The workbook has no worksheet of that name. {hint}")
        return name, sheet(name)
    found = {name: one for name in visible if (one := sheet(name)).height}
    if len(found) > 1:
        raise SeveralWorksheets(list(found))
    if not found:
        raise RequestFault("The workbook is empty. Its first row must name the columns, such as patient.name.")
    return next(iter(found.items()))


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    return _careful(lambda: book.get_sheet_by_name(name))
