"""Document codes: tie a sheet of paper to the exact content it was made from, and tell nothing else.

Ten Crockford base-32 characters (50 bits of an HMAC-SHA256) and a check character of the same alphabet
(Luhn mod 32), printed as XXXX-XXXX-XXX. One wrong character is always noticed, and so are two that changed places.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from handouts.model.edition import USUAL, Edition

if TYPE_CHECKING:  # who only prints or reads a code should not wait for pydantic
    from handouts.model.request import Request

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U. https://www.crockford.com/base32.html"""
_HEARD_AS = str.maketrans({"I": "1", "L": "1", "O": "0"} | dict.fromkeys("-\u2010\u2011\u2012\u2013\u2014\u2212"))
"""And no hyphen, also where a word processor made another dash of it."""


def document_code(
    key: bytes, request: Request, content_digest: str, edition: Edition = USUAL, fonts: Sequence[str] = ()
) -> str:
    """The code of one document, eleven characters, not grouped. The same for the same input and key.

    ``fonts``: digests of what only the request's own text is set in, see `handouts.merge.own_fonts`.
    """
    return _code(key, _canonical_json(_said(request)), content_digest, edition, fonts)


def legacy_codes(key: bytes, request: Request, digests: Iterable[str], edition: Edition = USUAL) -> tuple[str, ...]:
    """The codes of the first form that this request had, one for each content digest, in order (CODE-6).

    () if the request says something that it could not say then.
    """
    tried = tuple(digests)
    said = _as_first(_said(request)) if tried else None
    if said is None:
        return ()
    text = _canonical_json(said)
    return tuple(_code(key, text, digest, edition) for digest in tried)


def _code(key: bytes, said: str, content_digest: str, edition: Edition, fonts: Sequence[str] = ()) -> str:
    lines = ["blank" if edition.blank else "handout", content_digest, said]
    if edition.replaces:  # REC-19
        lines.append(f"replaces {edition.replaces}")
    lines += [f"font {digest}" for digest in fonts]
    code = _draw(key, "\n".join(lines))
    while not _detects_swaps(code):
        lines.append("again")
        code = _draw(key, "\n".join(lines))
    return code


def _draw(key: bytes, message: str) -> str:
    bits = int.from_bytes(hmac.digest(key, message.encode(), "sha256")[:7], "big") >> 6
    body = "".join(ALPHABET[bits >> shift & 31] for shift in range(45, -5, -5))
    return body + check_character(body)


def _detects_swaps(code: str) -> bool:
    """Luhn mod 32 detects every swap of neighbours except 0 and Z: see CODE-1. One code of 50 is drawn again."""
    return "0Z" not in code and "Z0" not in code


def file_fingerprint(key: bytes, request: Request, master_key: str, fonts: Sequence[str] = ()) -> str:
    """Tells whether a file made earlier would come out the same: 64 hex digits over the request, its master and the
    ``fonts`` of its own text.

    Keyed, so that a journal that holds it tells nothing of a patient.
    """
    message = "\n".join(["file", master_key, _canonical_json(_said(request)), *fonts]).encode()
    return hmac.digest(key, message, "sha256").hex()


def _said(request: Request) -> dict[str, Any]:
    """What a request says. What equals its default counts as not said, so that a key added later changes no code."""
    return request.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _canonical_json(said: Mapping[str, Any]) -> str:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


_FIRST_REQUEST: dict[str, Any] = {
    **dict.fromkeys(["topic", "options", "patient", "clinic", "paper", "side", "clinician", "visit_date"]),
    **dict.fromkeys(["appointment", "note"]),
    "language": "en",
    "format": "standard",
    "stage": "after",
    "medicines": [],
    "next_steps": [],
}
_FIRST_PATIENT = dict.fromkeys(["name", "preferred_name", "identifier", "birth_date", "email"])
_FIRST_APPOINTMENT = dict.fromkeys(["at", "with", "where"])
_FIRST_MEDICINE: dict[str, Any] = {"name": None, "dose": None, "times": [], "remark": None}
"""The keys of a request and their defaults when codes were over all of them (commit 62e42f0). Nothing comes to these:
they are what was, whatever a request can say today.
"""


def _as_first(said: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a request says in the first form, with all keys; None if there was no such key as it gives."""
    patient, appointment, medicines = said["patient"], said.get("appointment", {}), said.get("medicines", ())
    parts = [(said, _FIRST_REQUEST), (patient, _FIRST_PATIENT), (appointment, _FIRST_APPOINTMENT)]
    parts += [(medicine, _FIRST_MEDICINE) for medicine in medicines]
    if any(part.keys() - first.keys() for part, first in parts):
        return None
    return {
        **_FIRST_REQUEST,
        **said,
        "patient": {**_FIRST_PATIENT, **patient},
        "appointment": {**_FIRST_APPOINTMENT, **appointment} if appointment else None,
        "medicines": [{**_FIRST_MEDICINE, **medicine} for medicine in medicines],
    }


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
