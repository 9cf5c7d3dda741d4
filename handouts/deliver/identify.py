"""A file that somebody hands in to be mailed: is it one of ours, and was its text approved? Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pikepdf

from handouts.codes import format_code, parse_code
from handouts.deliver.mail.encryption import open_plain
from handouts.errors import Refused, RequestFault

_CODE = re.compile(r", ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3})$")
_APPROVED = re.compile(r"approved until (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class IdentifiedFile:
    """``code``: the document's; ``good_until``: the last day of its text's approval, None for text without one."""

    code: str
    good_until: date | None


def identify_handout(pdf: bytes) -> IdentifiedFile:
    """What a file says of itself. RequestFault for what `make` did not write, or what is locked."""
    with open_plain(pdf) as document:
        info = document.trailer.get("/Info", pikepdf.Dictionary())
        title, keywords = str(info.get("/Title", "")), str(info.get("/Keywords", ""))
    found = _CODE.search(title)
    code = parse_code(found[1]) if found else None
    if code is None:
        raise RequestFault(
            "The file has no document code: it is not a handout of this program. Give one that `make` wrote."
        )
    approved = _APPROVED.fullmatch(keywords)
    return IdentifiedFile(code, date.fromisoformat(approved[1]) if approved else None)


def require_approved(handed: IdentifiedFile, today: date) -> None:
    """Refused for text that nobody approved, or whose approval has run out."""
    if handed.good_until is None:
        state = "was not approved as it stood when the file was made"
    elif today > handed.good_until:
        state = f"is past the last day of its approval ({handed.good_until})"
    else:
        return
    raise Refused(
        f"The text of {format_code(handed.code)} {state}. Have it approved and make the file again, "
        "or say --allow-unapproved to send it with the mark on its pages."
    )
