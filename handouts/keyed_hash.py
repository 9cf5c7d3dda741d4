"""Keyed hashes of what may not be kept itself. One scheme for outbox and record; a label parts their purposes."""

from __future__ import annotations

import hmac
import unicodedata
from datetime import date

from handouts.model.folding import fold_name


def keyed_hash(key: bytes, *parts: str) -> str:
    """HMAC-SHA256 in hex over ``parts`` with their lengths; the first names the purpose.

    The same parts give the same, and nobody can find them without the key.
    """
    message = "\n".join(f"{len(part)}:{part}" for part in parts).encode()
    return hmac.digest(key, message, "sha256").hex()


def patient_parts(name: str, birth_date: date | None, identifier: str | None) -> tuple[str, ...] | None:
    """What tells a patient from others: the record number, else name and birth date; None for a name alone.

    Two patients may share a name: by it alone nobody is recognised.
    """
    if identifier:
        return "patient", "identifier", _plain(identifier)
    return person_parts(name, birth_date)


def person_parts(name: str, birth_date: date | None) -> tuple[str, ...] | None:
    """Name and birth date alone; None without a birth date."""
    return ("patient", "name", _plain(name), birth_date.isoformat()) if birth_date else None


def folded_patient_parts(name: str, birth_date: date | None, identifier: str | None) -> tuple[str, ...] | None:
    """`patient_parts` with name and number folded, so that other apostrophes, dashes or spaces are the same patient."""
    if identifier:
        return "patient", "folded identifier", fold_name(identifier)
    return folded_person_parts(name, birth_date)


def folded_person_parts(name: str, birth_date: date | None) -> tuple[str, ...] | None:
    """`person_parts` with the name folded."""
    return ("patient", "folded name", fold_name(name), birth_date.isoformat()) if birth_date else None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
