"""Whether a document is still valid, and what a file is. Reads the store; changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from handouts.codes import format_code
from handouts.deliver.identify import Identified, identify
from handouts.errors import Refused, RequestFault, escape_unprintable
from handouts.record.event import Event, format_time
from handouts.record.store import RecordStore

if TYPE_CHECKING:  # who only looks should not load what making needs
    from handouts.record.archive import Archive


@dataclass(frozen=True)
class DocumentStatus:
    """``voided``: the event that says so; ``replaced_by``: codes of the documents that replace it."""

    voided: Event | None
    replaced_by: tuple[str, ...]


def document_status(store: RecordStore, code: str) -> DocumentStatus:
    """Whether a document is still valid."""
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
        yield describe_voided(found.voided)
    for other in found.replaced_by:
        yield f"Replaced by {format_code(other)}"


def describe_voided(event: Event) -> str:
    """When, by whom and why a document was voided."""
    return escape_unprintable(f"Voided on {format_time(event.at)} by {event.by}: {event.why}")


def require_in_record(store: RecordStore, code: str) -> Event:
    """The newest event that says what a document was made from. RequestFault if the record has none."""
    event = store.made(code)
    if event is None:
        raise not_in_record(code)
    return event


def not_in_record(code: str) -> RequestFault:
    """What is told of a document that the record does not know."""
    return RequestFault(f"{format_code(code)} is not in the record. Is it in another folder (--data)?")


def require_current(store: RecordStore, code: str, nothing: str) -> None:
    """Refused for a document that was voided or replaced; ``nothing`` says what was not done, and what to do."""
    for line in describe_status(store, code):
        raise Refused(f"{line}. {nothing}")


def withdrawn(store: RecordStore) -> tuple[tuple[str, str], ...]:
    """Codes of all documents that are no longer valid, and what happened to each; sorted."""
    found = ((code, "; ".join(describe_status(store, code))) for code in sorted(store.withdrawn()))
    return tuple((code, why) for code, why in found if why)


def legacy_digests(store: RecordStore, archive: Archive, after: int = 0) -> set[str]:
    """Content digests of the documents that events after number ``after`` voided or replaced, if their codes may be
    those of the first form: a document of today is a stack of sheets in the archive.
    """
    return {content for content, source in store.withdrawn_from(after) if not archive.is_stack(source)}


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


def identify_file(store: RecordStore, pdf: bytes, claim: Callable[[bytes], Identified] = identify) -> FileIdentity:
    """Which file of ours these bytes are. ``claim`` reads what a PDF says of itself."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    for event in store.delivered(sha256):
        if event.code:
            kind: Kind = "made" if event.made == sha256 else "delivered"
            return FileIdentity(kind, event.code, store.made(event.code))
    found = claim(pdf)
    if found.kind != "handout":
        bound = tuple(store.printed(sha256))
        return FileIdentity("bound" if bound else "unknown", None, codes=bound)
    [code] = found.codes
    return identify_document(store, code, sha256)


def identify_document(store: RecordStore, code: str, sha256: str) -> FileIdentity:
    """Whether a file of that SHA-256, which says that it is the document ``code``, is as it was made."""
    known = [event for event in store.of_code(code) if event.content]
    same = [event for event in known if event.made == sha256]
    if same:
        return FileIdentity("made", code, _first_made(same))
    return FileIdentity("changed" if known else "unknown", code, _first_made(known) if known else None)


def require_ours(found: FileIdentity, nothing: str, *, not_in_record: bool = False) -> None:
    """Refused for a file that is not as this record made it; ``nothing`` says what was not done.

    ``not_in_record``: a person confirms that it is ours, from another data folder or before a purge. That
    does not hold for a document that the record knows: then someone changed the file.
    """
    if found.kind == "changed":
        raise Refused(
            f"{format_code(found.code or '')} is not as it was made: the file was changed, or saved by another "
            f"program. {nothing} Make it again from its request."
        )
    if found.kind == "unknown" and not not_in_record:
        raise Refused(
            f"This record does not know the file: it was not made here. {nothing} If it is a handout of this program "
            "from another data folder (--data), or from before `record purge`, check its pages and use "
            "--not-in-record."
        )


def require_approved(found: FileIdentity, today: date) -> None:
    """Refused for a handout whose text was not approved when it was made, or no longer is, according to the record, not
    the file. A file that the record does not know counts as unapproved.
    """
    until = found.event.approved_until if found.event and found.kind != "unknown" else None
    if until is None:
        state = "was not approved when the file was made"
    elif today > date.fromisoformat(until):
        state = f"is past the last day of its approval ({until})"
    else:
        return
    raise Refused(
        f"The text of {format_code(found.code or '')} {state}. Have it approved and make the file again, "
        "or use --allow-unapproved to send it with the mark on its pages."
    )


def _first_made(events: Sequence[Event]) -> Event:
    """Where a document began: its oldest "made" event, else the oldest that is left."""
    return min(events, key=lambda event: (event.what != "made", event.seq))
