"""Which document is this PDF: a handout, a print volume, a run sheet, slips, or not ours? Only reads."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from handouts.codes import parse_code
from handouts.errors import RequestFault

if TYPE_CHECKING:
    from pikepdf import Pdf

Kind = Literal["handout", "volume", "run sheet", "slips", "foreign"]
_CODE = r"([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3})"
_TITLE = re.compile(rf".*, {_CODE}", re.DOTALL)
_BOOKMARK = re.compile(rf"Row [0-9]+, {_CODE}")
_APPROVED = re.compile(r"approved until (\d{4}-\d\d-\d\d)")
_OUR_NAME = re.compile(r"(volume|run-sheet|slips)-[0-9]{3,}\.pdf|(?:[0-9]{6,}-)?([0-9A-Z]{11})\.pdf")
_NAMED: dict[str, Kind] = {"run-sheet": "run sheet", "slips": "slips"}
"""Files without a code are recognised by name alone."""


_STUMBLES = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError)
"""QPDF repairs what it can; on anything else in a file, pikepdf raises one of these."""


class Locked(Exception):
    """The PDF needs a password."""


class NotReadable(Exception):
    """Not a PDF, or one with content that our program did not write."""


@dataclass(frozen=True)
class Identified:
    """``codes``: of the handouts in it, in order. This is what the file claims; the record knows what is true
    (`handouts.record.status`).
    """

    kind: Kind
    codes: tuple[str, ...] = ()


def identify(pdf: bytes | Path) -> Identified:
    """What a file claims to be. What can't be read is "foreign"."""
    try:
        with open_pdf(pdf) as document:
            found = _identify_content(document)
    except (Locked, NotReadable):
        found = Identified("foreign")
    if found.kind == "foreign" and isinstance(pdf, Path) and (named := _OUR_NAME.fullmatch(pdf.name)):
        return Identified(_NAMED.get(named[1], "foreign"))
    return found


def require_handout(pdf: bytes) -> Identified:
    """Identify a handout; it has one code. RequestFault for any other file, and for a locked one."""
    with open_plain(pdf) as document:
        found = _identify_content(document)
    if found.kind != "handout":
        raise RequestFault(
            "The file has no document code: it is not a handout of this program. Name one that `make` wrote."
        )
    return found


def is_our_name(name: str) -> bool:
    """Whether this program gives PDFs such a name. Any other may be a patient's: don't show it."""
    found = _OUR_NAME.fullmatch(name)
    return bool(found and (found[2] is None or parse_code(found[2])))


@contextmanager
def open_pdf(pdf: bytes | Path) -> Iterator[Pdf]:
    """Open a PDF for a block that reads it. Locked, NotReadable; also when the block finds invalid content."""
    import pikepdf  # not needed to make a handout whose master is cached

    try:
        with pikepdf.open(pdf if isinstance(pdf, Path) else io.BytesIO(pdf)) as document:
            yield document
    except pikepdf.PasswordError:
        raise Locked from None
    except (pikepdf.PdfError, OSError, *_STUMBLES):
        raise NotReadable from None


@contextmanager
def open_plain(pdf: bytes) -> Iterator[Pdf]:
    """Open a PDF for a block that reads it. RequestFault for what is not a PDF, or is locked."""
    try:
        with open_pdf(pdf) as document:
            yield document
    except Locked:
        raise RequestFault("The file is already locked. Use the one that `make` wrote.") from None
    except NotReadable:
        raise RequestFault("The file can't be read as a PDF. Use the one that `make` wrote.") from None


def _identify_content(document: Pdf) -> Identified:
    info = _dictionary(document.trailer.get("/Info"))
    bound = [code for title in _bookmarks(document) for code in _codes(_BOOKMARK.fullmatch(title))]
    if bound:
        return Identified("volume", tuple(dict.fromkeys(bound)))
    codes = _codes(_TITLE.fullmatch(_text(info.get("/Title"))))
    if not codes:
        return Identified("foreign")
    if approved := _APPROVED.fullmatch(_text(info.get("/Keywords"))):
        date.fromisoformat(approved[1])  # ValueError: no program of ours wrote a day that never was
    return Identified("handout", tuple(codes))


def _codes(found: re.Match[str] | None) -> list[str]:
    code = parse_code(found[1]) if found else None
    return [code] if code else []


def _bookmarks(document: Pdf) -> Iterator[str]:
    """The titles at the top level; in a foreign file they may form a cycle."""
    mark = _dictionary(_dictionary(document.Root.get("/Outlines")).get("/First"))
    seen = set()
    while mark and mark.objgen not in seen:
        seen |= {mark.objgen} - {(0, 0)}  # direct objects have this
        yield _text(mark.get("/Title"))
        mark = _dictionary(mark.get("/Next"))


def _dictionary(item: Any) -> Any:
    import pikepdf

    return item if isinstance(item, pikepdf.Dictionary) else pikepdf.Dictionary()


def _text(item: Any) -> str:
    import pikepdf

    return str(item) if isinstance(item, pikepdf.String) else ""
