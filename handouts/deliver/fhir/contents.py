"""What the outbox holds for a health record: a posting, as bytes and back. Pure.

A handout is held whole, as its Bundle. That it was mailed, or given in error, is only its code: what is said of it then
is read from the server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from handouts.fhir.elements import RawResource


@dataclass(frozen=True)
class Posting:
    """``bundle``: of a handout; ``born``: what its patient at the server has to agree with; ``replaces``: a code;
    ``visit``: the day of the encounter.

    ``mailed``: the number of a message, and when it was sent. Without either: the document was given in error.
    """

    code: str
    bundle: RawResource | None = None
    born: date | None = None
    replaces: str | None = None
    visit: date | None = None
    mailed: tuple[int, float] | None = None

    def __repr__(self) -> str:
        return f"Posting({self.code})"


def to_bytes(posting: Posting) -> bytes:
    """What `from_bytes` reads."""
    told: dict[str, Any] = {"code": posting.code}
    if posting.bundle:
        told["bundle"] = posting.bundle
    if posting.born:
        told["born"] = posting.born.isoformat()
    if posting.replaces:
        told["replaces"] = posting.replaces
    if posting.visit:
        told["visit"] = posting.visit.isoformat()
    if posting.mailed:
        told["mailed"] = list(posting.mailed)
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def from_bytes(body: bytes) -> Posting:
    """ValueError for what `to_bytes` did not make; the outbox's seal lets nothing else through."""
    told = json.loads(body)
    born, visit, mailed = told.get("born"), told.get("visit"), told.get("mailed")
    return Posting(
        str(told["code"]),
        told.get("bundle"),
        date.fromisoformat(born) if born else None,
        told.get("replaces"),
        date.fromisoformat(visit) if visit else None,
        (int(mailed[0]), float(mailed[1])) if mailed else None,
    )
