"""What travels between a run and its workers, as pickles: values only. None of them shows a patient's details."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from handouts.batch.rows import Row
from handouts.model.origin import Origin


@dataclass(frozen=True)
class Setup:
    """What a whole run has in common; travels to every worker."""

    content: str
    digest: str
    """Of all content, templates, fonts and code: a worker that has others refuses to work."""
    today: date
    key: bytes
    defaults: str = "{}"
    """What rows leave out, as JSON."""
    allow_unapproved: bool = False
    dry_run: bool = False
    withdrawn: tuple[tuple[str, str], ...] = ()
    """Codes of documents that no longer count, and what became of each."""

    def __repr__(self) -> str:
        return "Setup(...)"


@dataclass(frozen=True)
class RunSheetRow:
    """How the person at the printer tells one row's sheets from another's, and where it goes by mail."""

    name: str
    birth_date: date | None
    appointment: str
    identifier: str | None = None
    email: str | None = None
    clinic: str = ""

    def __repr__(self) -> str:
        return "Sheet(...)"


State = Literal["made", "same", "waiting", "failed", "refused"]


@dataclass(frozen=True)
class Outcome:
    """What became of one row. ``waiting``: its master (``key``) is not here; ``same``: made before, nothing to do."""

    number: int
    state: State
    code: str = ""
    fingerprint: str = ""
    key: str = ""
    update: bytes = b""
    message: str = ""
    notices: tuple[str, ...] = ()
    about_text: tuple[str, ...] = ()
    """What the staff should know of the text itself: the same for many rows."""
    sheet: RunSheetRow | None = None
    origin: Origin | None = None
    """What it was printed from: one object for all rows of a selection."""
    marks: str = ""
    """See `handouts.merge.request_fingerprint`."""

    def __repr__(self) -> str:
        return f"Outcome({self.number}, {self.state})"

    def light(self) -> Outcome:
        """It without what its file is made of: what is told of a row, and may be kept of many."""
        return Outcome(self.number, self.state, self.code, message=self.message, notices=self.notices, sheet=self.sheet)


@dataclass(frozen=True)
class Chunk:
    """Rows for one task; ``known``: for rows made before, the fingerprint of what is there."""

    rows: tuple[Row, ...]
    known: Mapping[int, str]

    def __repr__(self) -> str:
        return f"Chunk({len(self.rows)} rows)"
