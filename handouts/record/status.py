"""Whether a document still counts, and what a file is. Reads the store; changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from handouts.codes import format_code
from handouts.deliver.identify import identify
from handouts.errors import Refused, escape_unprintable
from handouts.record.event import Event, format_time
from handouts.record.store import RecordStore


@dataclass(frozen=True)
class DocumentStatus:
    """``voided``: the event that says so; ``replaced_by``: codes of the documents that replace it."""

    voided: Event | None
    replaced_by: tuple[str, ...]


def document_status(store: RecordStore, code: str) -> DocumentStatus:
    """Whether a document still counts."""
    return DocumentStatus(_voided(store, code), tuple(_replacements(store, code, {code})))


def _voided(store: RecordStore, code: str) -> Event | None:
    return next((event for event in store.of_code(code) if event.what == "voided"), None)


def _replacements(store: RecordStore, code: str, seen: set[str]) -> Iterator[str]:
    """Documents that replace ``code``. A voided one no longer replaces anything, but those after it do (REC-18)."""
    for other in dict.fromkeys(event.code for event in store.replacing(code) if event.code):
        if other in seen:
            continue
        seen.add(other)
        if _voided(store, other):
            yield from _replacements(store, other, seen)
        else:
            yield other


def describe_status(store: RecordStore, code: str) -> Iterator[str]:
    """Whether a document was voided or replaced, a line each."""
    found = document_status(store, code)
    if found.voided:
        yield escape_unprintable(f"Voided on {format_time(found.voided.at)} by {found.voided.by}: {found.voided.why}")
    for other in found.replaced_by:
        yield f"Replaced by {format_code(other)}"


def require_current(store: RecordStore, code: str, nothing: str) -> None:
    """Refused for a document that was voided or replaced; ``nothing`` says what was not done, and what to do."""
    for line in describe_status(store, code):
        raise Refused(f"{line}. {nothing}")


def withdrawn(store: RecordStore) -> tuple[tuple[str, str], ...]:
    """Codes of all documents that no longer count, and what happened to each; sorted."""
    found = ((code, "; ".join(describe_status(store, code))) for code in sorted(store.withdrawn()))
    return tuple((code, why) for code, why in found if why)


Kind = Literal["made", "delivered", "bound", "changed", "unknown"]


@dataclass(frozen=True)
class FileIdentity:
    """What a file is: as it was ``made``; as it was ``delivered`` (locked); a print file as it was printed (``bound``);
    ``changed``; or ``unknown``.

    ``code``: what the file says about itself, or what the record says about its bytes; ``event``: where it was made;
    ``codes``: of the handouts in a print file.
    """

    kind: Kind
    code: str | None
    event: Event | None = None
    codes: tuple[str, ...] = ()


def identify_file(store: RecordStore, pdf: bytes) -> FileIdentity:
    """Which file of ours these bytes are."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    for event in store.delivered(sha256):
        if event.code:
            kind: Kind = "made" if event.made == sha256 else "delivered"
            return FileIdentity(kind, event.code, store.made(event.code))
    found = identify(pdf)
    if found.kind != "handout":
        bound = tuple(store.printed(sha256))
        return FileIdentity("bound" if bound else "unknown", None, codes=bound)
    [code] = found.codes
    known = [event for event in store.of_code(code) if event.content]
    same = [event for event in known if event.made == sha256]
    if same:
        return FileIdentity("made", code, _first_made(same))
    return FileIdentity("changed" if known else "unknown", code, _first_made(known) if known else None)


def _first_made(events: Sequence[Event]) -> Event:
    """Where a document began: its oldest "made" event, else the oldest that is left."""
    return min(events, key=lambda event: (event.what != "made", event.seq))
