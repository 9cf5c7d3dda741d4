"""What became of a document, and what a file is. Asks the book; changes nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from handouts.errors import RequestFault
from handouts.mail.handed import look_at
from handouts.record.book import Book
from handouts.record.event import Event


@dataclass(frozen=True)
class Standing:
    """``voided``: the event that says so; ``replaced_by``: codes of the documents that replace it."""

    voided: Event | None
    replaced_by: tuple[str, ...]


def standing(book: Book, code: str) -> Standing:
    """Whether a document still counts."""
    voided = [event for event in book.of_code(code) if event.what == "voided"]
    return Standing(
        voided[0] if voided else None,
        tuple(dict.fromkeys(event.code for event in book.replacing(code) if event.code)),
    )


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
        return Finding("made", code, same[-1])
    return Finding("changed" if known else "unknown", code, known[-1] if known else None)
