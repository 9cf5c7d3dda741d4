"""What every command that makes or hands over something tells the record: who, when, what. Reads clock and user."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handouts import paths
from handouts.cli import Context
from handouts.cli.options import BY_FLAG, DATA_FLAG, all_of
from handouts.codes import format_code, parse_code
from handouts.errors import ContentFault, Refused, RequestFault
from handouts.model.request import Request
from handouts.record.archive import Archive
from handouts.record.event import Event, check_line, moment, same_patient
from handouts.record.loss import is_begun, open_record
from handouts.record.mailed import Mailed
from handouts.record.printed import PrintJob
from handouts.record.request_fingerprint import fingerprint_request
from handouts.record.status import document_status
from handouts.record.store import RecordStore

if TYPE_CHECKING:  # commands that make nothing should not wait for what making needs
    from handouts.pipeline import Made

ARCHIVE = "archive"
RECORD_FLAGS = all_of(BY_FLAG, DATA_FLAG)
MAKING_FLAGS = all_of(
    click.option("--replaces", metavar="CODE", help="Print that this one replaces an earlier handout."),
    click.option("--interpreter", metavar="WHO", help="Who interpreted in the talk, for the record; not printed."),
)


def resolve_user(flags: dict[str, Any]) -> str:
    """--by, else the system's user. RequestFault for a name that can't stand in the record."""
    if flags.get("by"):
        return check_line(flags["by"], "--by")
    return user_name() or f"user {os.getuid()}"


def user_name() -> str | None:
    """The system's user; None for one without a name, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None


def code_of(text: str, what: str = "CODE") -> str:
    """A document code that somebody typed. RequestFault when it can't be one."""
    code = parse_code(text)
    if code is None:
        raise RequestFault(f"{what} is not a document code; one character is wrong, or one is missing.")
    return code


class Recorder:
    """Writes into the record of one folder. OutputFault when it can't; then nothing may be called done."""

    def __init__(self, folder: Path, by: str) -> None:
        self.by = by
        self.database = open_record(folder)
        self.store = RecordStore(self.database)
        self.archive = Archive(folder / ARCHIVE)
        self.content: dict[str, Any] = {}

    def add(self, event: Event, channel: str) -> None:
        """Add ``event``, as something that goes out by ``channel``."""
        self.store.add([replace(event, channel=channel)])

    def made(
        self,
        made: Made,
        library: Any,
        request: Request,
        flags: dict[str, Any],
        key: bytes,
        *,
        blank: bool,
        replaces: str | None,
    ) -> Event:
        """The event of a handout that is made, not yet added; what it was printed from is archived now."""
        self.archive.keep(library)
        who = request.patient
        return Event(
            at=moment(time.time()),
            by=self.by,
            what="made",
            code=made.code,
            **self._origin(made.origin),
            interpreter=check_line(flags["interpreter"], "--interpreter") if flags.get("interpreter") else None,
            made=hashlib.sha256(made.pdf).hexdigest(),
            **({} if blank else self.store.whom(who.name, who.birth_date, who.identifier)),
            marks=None if blank else fingerprint_request(key, request, made.code),
            replaces=replaces,
        )

    def rows(self, given: Context) -> Any:
        """Something that adds the events of a list's finished files; see `handouts.batch.sink`."""
        from handouts.load.library import load_library

        def add(files: Sequence[tuple[Any, Any]]) -> None:
            for origin in dict.fromkeys(outcome.origin for _, outcome in files):
                if origin.source not in self.archive.known:
                    library = load_library(given.content, origin.topic, origin.clinic)
                    if self.archive.keep(library) != origin.source:
                        raise ContentFault("The content was changed meanwhile. Run the same command again.")
            at = moment(time.time())
            self.store.add(self._row(at, record, outcome) for record, outcome in files)

        return add

    def _row(self, at: str, record: Any, outcome: Any) -> Event:
        sheet = outcome.sheet
        return Event(
            at=at,
            by=self.by,
            what="made",
            code=outcome.code,
            channel="file",
            **self._origin(outcome.origin),
            made=record.sha256,
            **self.store.whom(sheet.name, sheet.birth_date, sheet.identifier),
            marks=outcome.marks,
        )

    def _origin(self, origin: Any) -> dict[str, Any]:
        if origin not in self.content:
            self.content[origin] = vars(origin) | {"engine": self.store.engine(origin.engine)}
        found: dict[str, Any] = self.content[origin]
        return found

    def reprinted(self, event: Event, pdf: bytes, channel: str) -> None:
        """Add that the document of ``event`` was made again, with these bytes, and goes out by ``channel``."""
        self.store.add(
            [
                replace(
                    event, at=moment(time.time()), by=self.by, what="reprinted", channel=channel, message=None,
                    delivered=None, destination=None, why=None, made=hashlib.sha256(pdf).hexdigest(),
                )
            ]
        )  # fmt: skip

    def print_job(
        self, codes: Sequence[str], printer: str, *, known: Event | None = None, delivered: str | None = None
    ) -> PrintJob:
        """What tells the record of a print job; see `PrintJob`. ``known``: of a document that is printed only."""
        about = {known.code: known} if known and known.code else None
        return PrintJob(self.store, self.by, codes, printer, known=about, delivered=delivered)


@contextlib.contextmanager
def open_store(folder: Path | None) -> Iterator[RecordStore]:
    """The record of --data, else the user's, to look something up. RequestFault where there is none, Refused where it
    was lost, OutputFault.
    """
    with open_store_if_any(folder) as store:
        if store is None:
            raise RequestFault("There is no record in this folder. Is it another's (--data)?")
        yield store


@contextlib.contextmanager
def open_store_if_any(folder: Path | None) -> Iterator[RecordStore | None]:
    """The same, for those who can go on without: None where nothing was recorded yet. Asking makes no file."""
    folder = folder or paths.data_dir()
    if not is_begun(folder):
        yield None
        return
    with open_record(folder, looking=True) as database:
        yield RecordStore(database)


@contextlib.contextmanager
def open_recorder(flags: dict[str, Any]) -> Iterator[Recorder]:
    """The record of --data, else the user's. Refused where something was lost. OutputFault."""
    recorder = Recorder(flags.get("data") or paths.data_dir(), resolve_user(flags))
    with recorder.database:
        yield recorder


@contextlib.contextmanager
def open_mail_recorder(folder: Path | None, by: str, known: Event | None = None) -> Iterator[Mailed]:
    """What an outbox calls when something changes in it; ``known``: of a document that is mailed only. OutputFault."""
    with open_record(folder or paths.data_dir()) as database:
        yield Mailed(RecordStore(database), by, {known.code: known} if known and known.code else None)


def check_replaced(recorder: Recorder, event: Event) -> Iterator[str]:
    """What the staff should know of the document that is replaced, a sentence each. Refused for another patient's."""
    if event.replaces is None:
        return
    code = event.replaces
    before = recorder.store.made(code)
    if before is None:
        yield f"{format_code(code)} is not in this record. It is printed as you gave it."
    elif same_patient(before, event) is False:
        raise Refused(f"{format_code(code)} was made for another patient. Nothing was made. Look at the code again.")
    for other in document_status(recorder.store, code).replaced_by:
        if other != event.code:
            yield f"{format_code(code)} is replaced already, by {format_code(other)}."
