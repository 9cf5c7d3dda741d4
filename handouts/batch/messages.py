"""What a run and its workers exchange, pickled: only values. No repr shows patient details."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from handouts.lists.row import Row
from handouts.model.master import Master
from handouts.model.origin import Origin
from handouts.model.stack import Stack


@dataclass(frozen=True)
class Setup:
    """What a whole run has in common; sent to every worker."""

    content: str
    digest: str
    """Of all content, templates, fonts and code: a worker with others refuses to work."""
    today: date
    key: bytes
    defaults: str = "{}"
    """Defaults for what rows leave out, as JSON."""
    allow_unapproved: bool = False
    dry_run: bool = False
    cache: str = ""
    """The folder of sheets that a worker may read, if there is one."""
    withdrawn: tuple[tuple[str, str], ...] = ()
    """Codes of documents that are no longer valid, and what happened to each."""
    legacy_digests: tuple[str, ...] = ()
    """See `handouts.model.recorder.Recorder.legacy_digests`."""

    def __repr__(self) -> str:
        return "Setup(...)"


@dataclass(frozen=True)
class RunSheetRow:
    """What identifies a row's sheets to the person at the printer, and its e-mail address."""

    name: str
    birth_date: date | None
    appointment: str
    identifier: str | None = None
    email: str | None = None
    clinic: str = ""
    visit: str = ""
    """Day and time of the visit that a day's list is for, such as 2026-12-04T10:30; "" without a time."""
    elsewhere: bool = False
    """Whether the row names a place of the appointment."""
    title: str = ""
    """The topic's name."""
    language: str = "en"
    clinician: str | None = None
    visit_date: date | None = None

    def __repr__(self) -> str:
        return "Sheet(...)"


State = Literal["made", "same", "waiting", "failed", "refused"]


@dataclass(frozen=True)
class Outcome:
    """A row's result. ``waiting``: its master (``key``) is missing here; ``same``: already made, nothing to do."""

    number: int
    state: State
    code: str = ""
    fingerprint: str = ""
    key: str = ""
    update: bytes = b""
    message: str = ""
    notices: tuple[str, ...] = ()
    about_text: tuple[str, ...] = ()
    """What the staff should know about the text: the same for many rows."""
    sheet: RunSheetRow | None = None
    origin: Origin | None = None
    """What it was printed from: one object shared by all rows of a selection."""
    marks: str = ""
    """See `handouts.merge.request_fingerprint`."""
    faults: tuple[str, ...] = ()
    """What ``message`` says, each by itself."""

    def __repr__(self) -> str:
        return f"Outcome({self.number}, {self.state})"

    def light(self) -> Outcome:
        """A copy without the file's content: what is reported about a row, and small enough to keep."""
        return Outcome(self.number, self.state, self.code, message=self.message, notices=self.notices, sheet=self.sheet)


@dataclass(frozen=True)
class Bound:
    """A master that came of a row: ``origin`` and ``stack`` are for the record, ``made``: the keys of the sheets that
    were typeset for it. No master: ``fault`` says why.
    """

    master: Master | None = None
    origin: Origin | None = None
    stack: Stack | None = None
    made: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Chunk:
    """Rows for one task; ``known``: the fingerprints of rows that are already made."""

    rows: tuple[Row, ...]
    known: Mapping[int, str]

    def __repr__(self) -> str:
        return f"Chunk({len(self.rows)} rows)"
