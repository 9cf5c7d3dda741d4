"""Reads a workbook of before 2007 in a process of its own, and writes what its worksheets hold to a pipe, as JSON.

The reader of such files takes them at their word: a damaged one can ask for more memory than there is, which ends the
process. `handouts.lists.old_workbook` starts this file by its path, so it uses nothing else of ours.
"""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time, timedelta
from typing import Any

MOST_MEMORY = 2 * 1024**3


def main() -> None:
    """Standard input -> standard output. Any end but a good one tells that the file can't be read."""
    _limit_memory()
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with open(0, "rb", closefd=False) as given:
        book = CalamineWorkbook.from_filelike(io.BytesIO(given.read()))
    made = []
    for one in book.sheets_metadata:
        if one.typ == SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_name(one.name)
            rows = [[_plain(cell) for cell in row] for row in sheet.iter_rows()] if sheet.height else []
            made.append([one.name, one.visible == SheetVisibleEnum.Visible, sheet.start and sheet.start[1], rows])
    with open(1, "wb", closefd=False) as out:
        out.write(json.dumps(made).encode())


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


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
