"""What became of a document, and what a file is. Asks the book; changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from handouts.errors import RequestFault
from handouts.record.event import Event
from handouts.record.store import Book


@dataclass(frozen=True)
class Standing:
    """``voided``: the event that says so; ``replaced_by``: codes of the documents that replace it."""

    voided: Event | None
    replaced_by: tuple[str, ...]


def standing(book: Book, code: str) -> Standing:
    """Whether a document still counts."""
    return Standing(_voided(book, code), tuple(_heirs(book, code, {code})))


def _voided(book: Book, code: str) -> Event | None:
    return next((event for event in book.of_code(code) if event.what == "voided"), None)


def _heirs(book: Book, code: str, seen: set[str]) -> Iterator[str]:
    """Documents that replace ``code``. One that was voided itself replaces nothing any more, but those after it do."""
    for other in dict.fromkeys(event.code for event in book.replacing(code) if event.code):
        if other in seen:
            continue
        seen.add(other)
        if _voided(book, other):
            yield from _heirs(book, other, seen)
        else:
            yield other


Kind = Literal["made", "delivered", "bound", "changed", "unknown"]


@dataclass(frozen=True)
class Finding:
    """What a file is: as it was ``made``; as it was ``delivered`` (locked); a print file as it was printed (``bound``);
    ``changed``; or ``unknown``.

    ``code``: what the file says of itself, or what the record says of its bytes; ``event``: where it was made;
    ``codes``: of the handouts in a print file.
    """

    kind: Kind
    code: str | None
    event: Event | None = None
    codes: tuple[str, ...] = ()


def identify(book: Book, pdf: bytes) -> Finding:
    """Which file of ours these bytes are."""
    from handouts.deliver.identify import (
        look_at,  # which loads pikepdf; who only asks what became of a document needs none
    )

    sha256 = hashlib.sha256(pdf).hexdigest()
    for event in book.delivered(sha256):
        if event.code:
            kind: Kind = "made" if event.made == sha256 else "delivered"
            return Finding(kind, event.code, book.made(event.code))
    try:
        code = look_at(pdf).code
    except RequestFault:  # locked, no PDF, or no code in its title
        bound = tuple(book.printed(sha256))
        return Finding("bound" if bound else "unknown", None, codes=bound)
    known = [event for event in book.of_code(code) if event.content]
    same = [event for event in known if event.made == sha256]
    if same:
        return Finding("made", code, _first_made(same))
    return Finding("changed" if known else "unknown", code, _first_made(known) if known else None)


def _first_made(events: Sequence[Event]) -> Event:
    """Where a document began: its oldest making, else the oldest that is left."""
    return min(events, key=lambda event: (event.what != "made", event.seq))
