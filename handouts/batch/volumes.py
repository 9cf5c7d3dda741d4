"""Print files and run sheets of a list, from its finished files. An edge module: it reads and writes the folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from handouts import atomic
from handouts.batch.journal import Journal, Record
from handouts.batch.messages import Outcome, RunSheetRow
from handouts.batch.runsheet import Line, run_sheet
from handouts.codes import format_code
from handouts.deliver.files import writing_faults
from handouts.deliver.volume import Bound, bind
from handouts.errors import OutputFault
from handouts.lists.lookalikes import find_lookalikes
from handouts.model.request import Paper

MOST = 500
"""Patients per volume: what a printer takes in one job, and a person can check."""
Order = Literal["list", "appointment"]


@dataclass(frozen=True)
class Printing:
    """What to print: volumes, run sheets, their order, one or both sides."""

    merge: bool
    run_sheet: bool
    order: Order | None = None
    """None: by the times of a day's list, where it has them; else that of the list."""
    duplex: bool = True
    paper: Paper = "letter"


@dataclass(frozen=True)
class _Printed:
    """A finished row to be printed; ``page``: where it starts in its volume, from 1."""

    record: Record
    sheet: RunSheetRow
    page: int = 0


def print_files(journal: Journal, outcomes: Sequence[Outcome], wanted: Printing) -> list[str]:
    """Write the volumes and run sheets of ``outcomes``; returns their names. OutputFault."""
    rows = list(_read_finished(journal, outcomes))
    if wanted.order == "appointment" or (wanted.order is None and any(row.sheet.visit for row in rows)):
        rows.sort(key=lambda row: _time(row) or "9")  # without one: last, in list order
    flagged = find_lookalikes({row.record.number: row.sheet.name for row in rows})
    names: list[str] = []
    for i, start in enumerate(range(0, len(rows), MOST), 1):
        part, pages = rows[start : start + MOST], 0
        if wanted.merge:
            names.append(f"volume-{i:03}.pdf")
            pages = _write_volume(journal.folder, names[-1], part, f"Print volume {i}", duplex=wanted.duplex)
        if wanted.run_sheet:
            names.append(f"run-sheet-{i:03}.pdf")
            title = f"Run sheet {i}: {len(part)} patients" + (f", {pages} pages" if pages else "")
            lines = [_line(row, row.record.number in flagged) for row in _place(part, wanted)]
            with _writing(journal.folder / names[-1]) as handle:
                atomic.write_pieces(handle, [run_sheet(lines, title, wanted.paper)])
    return names


def _time(row: _Printed) -> str:
    """When a patient comes: to the visit that the list is for, else to the next one."""
    return row.sheet.visit or row.sheet.appointment


def _read_finished(journal: Journal, outcomes: Sequence[Outcome]) -> Iterator[_Printed]:
    for outcome in outcomes:
        record = journal.read(outcome.number) if outcome.sheet and not outcome.message else None
        if record and outcome.sheet:
            yield _Printed(record, outcome.sheet)


def _place(rows: Sequence[_Printed], wanted: Printing) -> Iterator[_Printed]:
    page = 1
    for row in rows:
        yield _Printed(row.record, row.sheet, page if wanted.merge else 0)
        page += row.record.pages + (row.record.pages % 2 if wanted.duplex else 0)


def _line(row: _Printed, flagged: bool) -> Line:
    return Line(
        row.record.number,
        format_code(row.record.code),
        row.sheet.name,
        str(row.sheet.birth_date or ""),
        _time(row).replace("T", " ").strip()[:16],
        row.page,
        flagged,
    )


def _write_volume(folder: Path, name: str, rows: Sequence[_Printed], title: str, *, duplex: bool) -> int:
    """Write a volume straight to disk: it is never completely in memory."""
    files = (
        Bound(f"Row {row.record.number}, {format_code(row.record.code)}", _read(folder, row.record)) for row in rows
    )
    with _writing(folder / name) as handle, os.fdopen(handle, "wb", closefd=False) as out:
        return bind(files, out, title, duplex=duplex)


def _read(folder: Path, record: Record) -> bytes:
    """The file of a row, as it was made. OutputFault if it was changed since."""
    with contextlib.suppress(OSError):
        data = (folder / record.name).read_bytes()
        if hashlib.sha256(data).hexdigest() == record.sha256:
            return data
    raise OutputFault(f"{record.name} was changed or removed in the meantime. Run the same command again.")


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[int]:
    """A file to write to, which gets its name on success. OutputFault."""
    with writing_faults("-d"), atomic.writing(path, one_writer=True) as handle:
        yield handle
