"""What a workbook (xlsx, xlsm, xls, ods) holds, read in a process of its own, with limits of memory and time.

A kilobyte can unfold to gigabytes in more ways than can be looked for beforehand, and a damaged file asks its reader
for more memory than there is. That ends the other process, and nobody else's: a desk goes on. Nothing in it is run.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if __name__ == "__main__":  # -I leaves out where we are
    sys.path.insert(0, str(Path(__file__).parents[2]))

from handouts.errors import RequestFault
from handouts.lists.old_workbook import require_readable
from handouts.lists.tables import Cell
from handouts.lists.workbook_parts import BOMB, DAMAGED, LOCKED, read_parts, unusable_cells

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MOST_MEMORY = 3 * 512 * 1024**2
"""Bytes of addresses. A list of a million cells needs a third of it."""
SECONDS = 30
"""Of processor time."""
_PATIENCE = 120.0
"""Seconds after which nobody waits for a workbook."""
_MOST_TOLD = 128 * 1024**2
"""Bytes of what is handed on."""
_ONE_AT_A_TIME = threading.Lock()
Found = TypeVar("Found")


@dataclass(frozen=True)
class Worksheet:
    """``left``: blank columns before the first cell; ``unusable``: cells that have no value, such as "H4", and why."""

    name: str
    visible: bool
    left: int
    rows: list[list[Cell]]
    unusable: dict[str, str]

    def __repr__(self) -> str:
        return "Worksheet(...)"  # a patient's details have no place in a log or traceback


@dataclass(frozen=True)
class Contents:
    """All worksheets; what the staff should know of the file; whether its days are counted from 1904."""

    worksheets: tuple[Worksheet, ...]
    notes: tuple[str, ...]
    from_1904: bool


def read_apart(data: bytes) -> Contents:
    """What a workbook holds. RequestFault for one that is protected, damaged, or takes too much."""
    told = _ask(data)
    if "fault" in told:
        raise RequestFault(told["fault"])
    return Contents(tuple(_worksheet(one) for one in told["worksheets"]), tuple(told["notes"]), told["from_1904"])


def _ask(data: bytes) -> dict[str, Any]:
    """What `main` tells, in a process of its own. RequestFault where it does not come to that."""
    try:
        with _ONE_AT_A_TIME:  # each may take all that is allowed
            done = subprocess.run(  # noqa: S603  our own file
                [sys.executable, "-I", __file__], input=data, capture_output=True, timeout=_PATIENCE, check=True
            )
        told: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        raise RequestFault(DAMAGED) from None
    return told


def _worksheet(told: dict[str, Any]) -> Worksheet:
    rows = [[_cell(cell) for cell in row] for row in told["rows"]]
    return Worksheet(told["name"], told["visible"], told["left"], rows, told["unusable"])


def _cell(told: Any) -> Cell:
    """What `_plain` made plain."""
    if not isinstance(told, list):
        return told  # type: ignore[no-any-return]
    kind, text = told
    if kind == "seconds":
        return timedelta(seconds=text)
    if kind == "time":
        return time.fromisoformat(text)
    return datetime.fromisoformat(text) if kind == "datetime" else date.fromisoformat(text)


def main() -> None:
    """Standard input -> standard output, as JSON. Any end but a good one tells that the file can't be read."""
    _limit()
    with open(0, "rb", closefd=False) as given:
        data = given.read()
    try:
        told = json.dumps(_contents(data))
        if len(told) > _MOST_TOLD:
            raise RequestFault(BOMB)
    except RequestFault as fault:
        told = json.dumps({"fault": fault.message})
    with open(1, "wb", closefd=False) as out:
        out.write(told.encode())


def _limit() -> None:
    try:
        import os
        import resource
    except ImportError:  # not on Windows
        return
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def _contents(data: bytes) -> dict[str, Any]:
    """What `read_apart` is told. RequestFault."""
    texts: dict[str, bytes] = {}
    if data.startswith(b"PK"):
        parts = read_parts(io.BytesIO(data))
        notes, from_1904, texts = parts.notes, parts.from_1904, parts.worksheets
        data = parts.copy.getvalue()
    else:
        notes, from_1904 = require_readable(data)
    worksheets = [
        {"name": name, "visible": visible, "left": left, "rows": rows, "unusable": unusable_cells(texts.get(name, b""))}
        for name, visible, left, rows in _careful(lambda: list(_read(data)))
    ]
    return {"worksheets": worksheets, "notes": notes, "from_1904": from_1904}


def _read(data: bytes) -> Iterator[tuple[str, bool, int, list[list[Any]]]]:
    """Each worksheet: its name, whether a spreadsheet program shows it, where it begins, its rows."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book: CalamineWorkbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for one in book.sheets_metadata:
        if one.typ == SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_name(one.name)
            rows = [[_plain(cell) for cell in row] for row in sheet.iter_rows()] if sheet.height else []
            yield one.name, one.visible == SheetVisibleEnum.Visible, sheet.start[1] if sheet.start else 0, rows


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


def _plain(cell: Any) -> Any:
    """A cell as JSON has it: what is no text, number or truth is a kind and a text."""
    if isinstance(cell, datetime):
        return ["datetime", cell.isoformat()]
    if isinstance(cell, date):
        return ["date", cell.isoformat()]
    if isinstance(cell, time):
        return ["time", cell.isoformat()]
    return ["seconds", cell.total_seconds()] if isinstance(cell, timedelta) else cell


if __name__ == "__main__":
    main()
