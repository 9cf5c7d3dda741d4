"""What an event holds. Pure.

Only keyed hashes of patients: names, dates of birth, addresses and the paths of files have no column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

from handouts.errors import RequestFault, escape_unprintable

What = Literal[
    "made", "reprinted", "printed", "queued", "drafted", "sent", "failed", "declined", "unknown", "cancelled",
    "voided", "purged",
]  # fmt: skip
_LONGEST = 200


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``seq`` and ``mac``: set by the store; ``at``: UTC, to the second."""

    at: str
    by: str
    what: str
    code: str | None = None
    """The document's, eleven characters."""
    channel: str | None = None
    """See `handouts.model.recorder.Channel`."""
    message: int | None = None
    """Its number in the outbox."""
    topic: str | None = None
    clinic: str | None = None
    version: str | None = None
    content: str | None = None
    source: str | None = None
    engine: str | None = None
    """A digest; the versions themselves are in another table."""
    day: str | None = None
    options: str | None = None
    """Ids in printing order, with commas."""
    format: str | None = None
    language: str | None = None
    approved_until: str | None = None
    """The last day of its text's approvals when it was made; None if a page says that it is not approved."""
    interpreter: str | None = None
    destination: str | None = None
    """A keyed hash: of an address, or of a printer's name (REC-5)."""
    made: str | None = None
    """SHA-256 of the file as it was made, in hex."""
    delivered: str | None = None
    """SHA-256 of the file as it was delivered, for instance locked."""
    patient: str | None = None
    """A keyed hash; see `handouts.keyed_hash.patient_parts`, REC-11."""
    person: str | None = None
    """The same of name and birth date, even if ``patient`` is that of a record number (REC-17)."""
    marks: str | None = None
    """See `handouts.merge.request_fingerprint`. None for a sheet without a patient."""
    replaces: str | None = None
    """The code of the document that this one replaces."""
    why: str | None = None
    anchor: str | None = None
    """Of a purge: number of the last purged event, how many went, its hash."""
    seq: int = 0
    mac: str = ""
    patient_folded: str | None = None
    """As ``patient``, of the number or name as `handouts.model.folding` has it; None in events of record version 1."""
    person_folded: str | None = None
    """The same of ``person``."""


COLUMNS = tuple(field.name for field in fields(Event) if field.name != "mac")
"""What an event's hash covers, in this order. A new column is added at the end, and is None in old events."""


def canonical(values: Mapping[str, Any]) -> str:
    """The canonical form of an event's columns: name, kind, length, text of each that is not empty."""
    parts = []
    for name in COLUMNS:
        value = values[name]
        if value is not None:
            text = str(value)
            parts.append(f"{name} {type(value).__name__} {len(text)}:{text}")
    return "\n".join(parts)


_PRINTED_FROM = (
    "topic", "clinic", "version", "content", "source", "engine", "day", "options", "format", "language",
    "approved_until", "interpreter",
    "made", "patient", "person", "marks", "replaces", "patient_folded", "person_folded",
)  # fmt: skip


def about(base: Event | None) -> dict[str, Any]:
    """What an event says about its document, for the document's next event; empty if no event is known."""
    return {name: getattr(base, name) for name in _PRINTED_FROM} if base else {}


_WHOM = ("patient", "person", "patient_folded", "person_folded")


def of_whom(event: Event) -> dict[str, Any]:
    """The columns that tell a patient from others."""
    return {name: getattr(event, name) for name in _WHOM}


def same_patient(one: Event, other: Event) -> bool | None:
    """Whether two events are about the same patient; None if that can't be known."""
    if one.patient is None or other.patient is None:
        return None
    if one.patient == other.patient:
        return True
    if one.patient_folded and other.patient_folded:
        pairs = [(event.patient_folded, event.person_folded) for event in (one, other)]
    else:
        pairs = [(event.patient, event.person) for event in (one, other)]
    (patient, person), (other_patient, other_person) = pairs
    if patient == other_patient:
        return True
    if patient != person and other_patient != other_person:
        return False  # two record numbers
    return person == other_person if person and other_person else None


def moment(seconds: float) -> str:
    """Seconds since 1970 -> ``2026-11-22T10:15:30Z``."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def format_time(at: str) -> str:
    """An event's time on the clinic's clock; if someone changed it to something else, that text."""
    try:
        return f"{datetime.fromisoformat(str(at).replace('Z', '+00:00')).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return escape_unprintable(str(at))


def check_line(text: str, flag: str) -> str:
    """What someone typed for the record, on one line. RequestFault if it is empty, too long, or can't be printed."""
    line = " ".join(text.split())
    if not line or len(line) > _LONGEST or not line.isprintable():
        raise RequestFault(
            f"{flag} takes a line of 1 to {_LONGEST} plain characters. Never write a patient's name there."
        )
    return line
