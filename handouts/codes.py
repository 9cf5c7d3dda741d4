"""Document codes: tie a sheet of paper to the exact content it was made from, and tell nothing else.

Ten Crockford base-32 characters (50 bits of an HMAC-SHA256) and a check character of the same alphabet
(Luhn mod 32), printed as XXXX-XXXX-XXX. One wrong character is always noticed, and so are two that changed places.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from handouts.model.edition import USUAL, Edition

if TYPE_CHECKING:  # who only prints or reads a code should not wait for pydantic
    from handouts.model.request import Request

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U. https://www.crockford.com/base32.html"""
_HEARD_AS = str.maketrans({"I": "1", "L": "1", "O": "0"} | dict.fromkeys("-\u2010\u2011\u2012\u2013\u2014\u2212"))
"""And no hyphen, also where a word processor made another dash of it."""


def document_code(key: bytes, request: Request, content_digest: str, edition: Edition = USUAL) -> str:
    """The code of one document, eleven characters, not grouped. The same for the same input and key."""
    message = f"{'blank' if edition.blank else 'handout'}\n{content_digest}\n{_canonical_json(request)}"
    if edition.replaces:  # REC-19
        message += f"\nreplaces {edition.replaces}"
    code = _draw(key, message)
    while not _detects_swaps(code):
        message += "\nagain"
        code = _draw(key, message)
    return code


def _draw(key: bytes, message: str) -> str:
    bits = int.from_bytes(hmac.new(key, message.encode(), hashlib.sha256).digest()[:7], "big") >> 6
    body = "".join(ALPHABET[bits >> shift & 31] for shift in range(45, -5, -5))
    return body + check_character(body)


def _detects_swaps(code: str) -> bool:
    """Luhn mod 32 detects every swap of neighbours except 0 and Z: see CODE-1. One code of 50 is drawn again."""
    return "0Z" not in code and "Z0" not in code


def file_fingerprint(key: bytes, request: Request, master_key: str) -> str:
    """Tells whether a file made earlier would come out the same: 64 hex digits over the request and its master.

    Keyed, so that a journal that holds it tells nothing of a patient.
    """
    message = f"file\n{master_key}\n{_canonical_json(request)}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _canonical_json(request: Request) -> str:
    return json.dumps(
        request.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )


def check_character(body: str) -> str:
    """Luhn mod 32 over ``body``."""
    total = 0
    for i, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (2 if i % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def format_code(code: str) -> str:
    """The code as it is printed and read over the telephone."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def parse_code(code: str) -> str | None:
    """A code as somebody typed or heard it (case, hyphens, O for 0) in its normal form; None when it can't be one."""
    plain = "".join(code.upper().split()).translate(_HEARD_AS)
    if len(plain) != 11 or not set(plain) <= set(ALPHABET) or check_character(plain[:-1]) != plain[-1]:
        return None
    if not _detects_swaps(plain):
        return None
    return plain
