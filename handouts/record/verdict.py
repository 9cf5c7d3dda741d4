"""Can a file be relied on? Whether it is ours and unchanged, from which text, and whether that still holds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from handouts.authoring.approvals import describe_approval
from handouts.deliver.identify import Identified, identify
from handouts.errors import ContentFault, RequestFault
from handouts.merge.approval import file_states
from handouts.model.content import Library
from handouts.model.language import ORIGINAL
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
    """The text that a document was made from: what it is, whether it was approved then, and what holds today.

    ``topic`` and ``options``: their names as the texts of today have them, else their ids.
    """

    content: str
    approved: str
    today: str
    current: bool
    topic: str
    options: tuple[str, ...]


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

    @property
    def headline(self) -> str:
        """All of it in a few words."""
        if not self.known:
            return "Changed: don't rely on it" if self.file.kind == "changed" else "Not known here: don't rely on it"
        if self.file.kind == "bound":
            return "Our print file, but not all in it still counts" if self.held else "Our print file, unchanged"
        if self.status:
            return f"Ours and unchanged, but {self.status[0].partition(' ')[0].lower()}"
        if self.text and not self.text.current:
            return "Ours and unchanged, but its text is no longer the current one"
        return "Ours, unchanged and current"


ReadLibrary = Callable[[str, str | None, str], Library]
"""A topic and a clinic, by their ids, in a language. RequestFault, ContentFault."""


def judge_file(
    store: RecordStore, pdf: bytes, read: ReadLibrary, today: date, claim: Callable[[bytes], Identified] = identify
) -> FileVerdict:
    """What a file is, and whether it still counts; ``claim`` reads what a PDF says of itself."""
    found = identify_file(store, pdf, claim)
    return FileVerdict(
        found,
        tuple(describe_status(store, found.code)) if found.code else (),
        tuple((code, line) for code in found.codes for line in describe_status(store, code)),
        text_state(found.event, read, today) if found.event else None,
    )


def text_state(event: Event, read: ReadLibrary, today: date) -> TextState:
    """The text that the document of ``event`` was made from, beside that of today, which ``read`` reads."""
    library = None
    with contextlib.suppress(RequestFault, ContentFault):
        library = read(event.topic or "", event.clinic, event.language or ORIGINAL)
    told, current = _today(event, library, today)
    return TextState(
        f"{event.topic} {event.version}, for the clinic {event.clinic}",
        _approval_at(event, today),
        told,
        current,
        library.topic.overview.head.name if library else str(event.topic),
        tuple(_name(one, library) for one in str(event.options or "").split(",") if one),
    )


def _name(option: str, library: Library | None) -> str:
    """The name of an option, or of a section of instructions."""
    found = library and (library.topic.options.get(option) or library.topic.sections.get(option))
    return found.head.name if found else option


def _today(event: Event, library: Library | None, today: date) -> tuple[str, bool]:
    if library is None:
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
