"""report.csv: what the staff have to look at, in the order of the list. No patient's details in it. An edge module."""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from handouts.batch.messages import Outcome
from handouts.deliver.files import PART, sync_folder, write_pieces
from handouts.errors import OutputFault

NAME = "report.csv"
_HEAD = ("row", "code", "state", "what to do")


@dataclass(frozen=True)
class Entry:
    """A line of the report. ``state``: failed, refused, note, or left over."""

    row: str
    code: str
    state: str
    message: str


def entries(outcome: Outcome) -> Iterable[Entry]:
    """What the report says of a row; nothing when all is well."""
    if outcome.message:
        yield Entry(str(outcome.number), outcome.code, outcome.state, outcome.message)
    for notice in outcome.notices:
        yield Entry(str(outcome.number), outcome.code, "note", notice)


def left_over(name: str) -> Entry:
    """A file in the folder that belongs to no row of the list, or that an earlier run printed from."""
    number, _, rest = name.partition("-")
    if number.isdigit():
        message = f"{name} belongs to no row of this list. Delete it or move it elsewhere."
        return Entry(number.lstrip("0"), rest.removesuffix(".pdf"), "left over", message)
    return Entry("", "", "left over", f"{name} is from an earlier run. Delete it, or make it again.")


def as_csv(found: Iterable[Entry], *, head: bool = False) -> bytes:
    """Lines of the report, UTF-8; a spreadsheet opens them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if head:
        writer.writerow(_HEAD)
    writer.writerows((entry.row, entry.code, entry.state, entry.message) for entry in found)
    return text.getvalue().encode()


@contextlib.contextmanager
def write_report(folder: Path) -> Iterator[Callable[[Iterable[Entry]], None]]:
    """Something to call with more lines. The report is written beside, and named when the list is done: an old one is
    never half overwritten. OutputFault.
    """
    beside = folder / f".{NAME}{PART}"
    with _format_entry():
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def add(found: Iterable[Entry]) -> None:
        with _format_entry():
            write_pieces(handle, [as_csv(found)])

    try:
        with _format_entry():
            write_pieces(handle, [as_csv((), head=True)])
        yield add
        with _format_entry():
            os.fsync(handle)
            beside.replace(folder / NAME)
            sync_folder(folder)
    finally:
        os.close(handle)
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def _format_entry() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputFault(
            f"The report can't be written: {error.strerror}. Fix that, or choose another folder with -d."
        ) from None
