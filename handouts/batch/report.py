"""report.csv: what the staff have to look at, in the order of the list. No patient's details in it. An edge module."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from handouts import atomic
from handouts.batch.messages import Outcome
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

    def add(found: Iterable[Entry], *, head: bool = False) -> None:
        with _format_entry():
            atomic.write_pieces(handle, [as_csv(found, head=head)])

    with contextlib.ExitStack() as stack:
        with _format_entry():
            handle = stack.enter_context(atomic.writing(folder / NAME, one_writer=True))
        add((), head=True)
        yield add
        with _format_entry():  # what fails in the run itself is no fault of the report's
            stack.close()


@contextlib.contextmanager
def _format_entry() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputFault(
            f"The report can't be written: {error.strerror}. Fix that, or choose another folder with -d."
        ) from None
