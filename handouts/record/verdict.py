"""Can a file be relied on? Whether it is ours and unchanged, from which text, and whether that still holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from handouts.authoring.approvals import describe_approval
from handouts.deliver.identify import Identified, identify
from handouts.errors import ContentFault, RequestFault
from handouts.load.library import load_library
from handouts.merge.approval import file_states
from handouts.record.event import Event
from handouts.record.status import FileIdentity, Kind, describe_status, identify_file
from handouts.record.store import RecordStore

_FILE: Mapping[Kind, str] = {
    "made": "one of ours, unchanged",
    "delivered": "one of ours, unchanged, as mailed",
    "bound": "a print file, unchanged since it was printed",
    "changed": "CHANGED: the document is ours, but the bytes are not. It was edited, or printed to a new PDF",
    "unknown": "not in this record: not ours, changed and locked, made elsewhere, or older than the record",
}


@dataclass(frozen=True)
class TextState:
    """The text that a document was made from: what it is, whether it was approved then, and what holds today."""

    content: str
    approved: str
    today: str
    current: bool


@dataclass(frozen=True)
class FileVerdict:
    """``status``: whether its document was voided or replaced, a line each; ``held``: the same of the documents in a
    print file, with their codes; ``text``: None if the record does not know the document.
    """

    file: FileIdentity
    status: tuple[str, ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    text: TextState | None = None

    @property
    def known(self) -> bool:
        """Whether the file is, byte for byte, one that the record made or delivered."""
        return self.file.kind in {"made", "delivered", "bound"}

    @property
    def reliable(self) -> bool:
        """Whether it may be relied on: it is ours, and still counts."""
        return self.known and not self.status and not self.held

    @property
    def told(self) -> str:
        """What the file is."""
        return _FILE[self.file.kind]


def judge_file(
    store: RecordStore, pdf: bytes, content: Path, today: date, claim: Callable[[bytes], Identified] = identify
) -> FileVerdict:
    """What a file is, and whether it still counts; ``claim`` reads what a PDF says of itself."""
    found = identify_file(store, pdf, claim)
    return FileVerdict(
        found,
        tuple(describe_status(store, found.code)) if found.code else (),
        tuple((code, line) for code in found.codes for line in describe_status(store, code)),
        text_state(found.event, content, today) if found.event else None,
    )


def text_state(event: Event, content: Path, today: date) -> TextState:
    """The text that the document of ``event`` was made from, beside that of today in the folder ``content``."""
    told, current = _today(event, content, today)
    named = f"{event.topic} {event.version}, for the clinic {event.clinic}"
    return TextState(named, _approval_at(event, today), told, current)


def _today(event: Event, content: Path, today: date) -> tuple[str, bool]:
    try:
        library = load_library(content, event.topic or "", event.clinic)
    except (RequestFault, ContentFault):
        return "this topic or clinic no longer exists, or can't be read", False
    if library.digest == event.content:
        return f"still current; {describe_approval(file_states(library.topic, today))}", True
    now = library.topic.file.version
    if now != event.version:
        return f"no longer current: the text is {now} now", False
    return "no longer current: text, clinic, page or fonts have changed", False


def _approval_at(event: Event, today: date) -> str:
    if event.approved_until is None:
        return "not when it was made, or not all of it; its pages say so"
    past = "; that day has passed" if today.isoformat() > event.approved_until else ""
    return f"when it was made, until {event.approved_until}{past}"
