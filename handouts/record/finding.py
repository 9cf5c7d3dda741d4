"""What a patient was given. The record holds keyed hashes, so only who is named in full is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from handouts.model.recorder import Whom
from handouts.record.event import Event
from handouts.record.status import describe_status
from handouts.record.store import RecordStore

NAME_ALONE = "A name alone identifies nobody"


@dataclass(frozen=True)
class Found:
    """``events`` of all documents that were made for a patient, oldest first. ``lacking``: what was not given to search
    by, so that some documents may not be found; None if all was.
    """

    events: tuple[Event, ...]
    lacking: str | None = None

    @property
    def unseen(self) -> str:
        """Which documents are not found; "" if nothing was lacking."""
        if self.lacking is None:
            return ""
        other = "date of birth" if self.lacking == "record number" else "record number"
        return f"Handouts made without a {other} are not found."


def is_identified(who: Whom) -> bool:
    """Whether there is more than a name to tell the patient by."""
    return bool(who.identifier or (who.name and who.birth_date))


def find_given(store: RecordStore, who: Whom) -> Found:
    """Everything that a patient was given, who `is_identified`: by record number, or name and date of birth."""
    given = {"record number": who.identifier, "date of birth": who.birth_date, "name": who.name}
    lacking = next((what for what, value in given.items() if not value), None)
    return Found(tuple(store.given_to(who)), lacking)


@dataclass(frozen=True)
class GivenDocument:
    """One of a patient's documents. ``made``: the oldest event that says what it was made from, else the oldest that is
    left; ``status``: whether it was voided or replaced, a line each.
    """

    code: str
    made: Event
    status: tuple[str, ...]


def documents_of(store: RecordStore, events: Iterable[Event]) -> list[GivenDocument]:
    """The documents of ``events``, the newest first."""
    by_code: dict[str, list[Event]] = {}
    for event in events:
        if event.code:
            by_code.setdefault(event.code, []).append(event)
    found = [
        GivenDocument(
            code, min(own, key=lambda one: (one.content is None, one.seq)), tuple(describe_status(store, code))
        )
        for code, own in by_code.items()
    ]
    return sorted(found, key=lambda one: -one.made.seq)
