"""What the outbox does, as events. The outbox calls this inside its own transaction, before it commits (REC-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from handouts.deliver.outbox.entries import Change
from handouts.record.event import Event, about, moment, of_whom
from handouts.record.status import require_current
from handouts.record.store import RecordStore


class Mailed:
    """What `Outbox` calls. ``known``: events of documents that are only mailed, by code."""

    def __init__(self, store: RecordStore, by: str, known: Mapping[str, Event] | None = None) -> None:
        self.store, self.by, self.known = store, by, dict(known or {})

    def require_current(self, code: str, nothing: str) -> None:
        """Refused for a document that was voided or replaced; ``nothing`` says what was not done, and what to do."""
        require_current(self.store, code, nothing)

    def __call__(self, changes: Sequence[Change]) -> None:
        """Add an event for each change. OutputFault: then the outbox changes nothing either."""
        self.store.add([self._event(change) for change in changes])

    def _event(self, change: Change) -> Event:
        event = Event(
            at=moment(change.at),
            by=self.by,
            what=change.what,
            code=change.code or None,
            channel=change.channel,
            message=change.number,
            why=change.reason or None,
        )
        if change.to is None:
            return self._as_queued(event)
        base = self.known.get(change.code) or self.store.made(change.code, change.document)
        return replace(
            event,
            **about(base),  # ``made`` comes from making: a file that was changed since does not match it
            delivered=change.delivered or None,
            destination=self.store.destination(change.channel, change.to.same_as),
        )

    def _as_queued(self, event: Event) -> Event:
        """The rest of what a message's first event said."""
        first = self.store.of_message(event.message or 0, event.code or "")
        if first is None:
            return event
        return replace(
            event,
            channel=first.channel,
            topic=first.topic,
            made=first.made,
            delivered=first.delivered,
            destination=first.destination,
            **of_whom(first),
        )

    def last_word(self, number: int, code: str) -> str | None:
        """What the record last says of a message, such as "queued" or "sent"; None where it says nothing."""
        return last_word(self.store, number, code)


def last_word(store: RecordStore, number: int, code: str) -> str | None:
    """The same, asked of ``store``."""
    rows = store.database.look(
        "SELECT what FROM events WHERE message = ? AND code = ? AND channel IN ('mail', 'fhir')"
        " ORDER BY seq DESC LIMIT 1",
        number,
        code,
    )
    return str(rows[0]["what"]) if rows else None


def still_queued(store: RecordStore) -> list[tuple[int, str]]:
    """Number and document code of each message of which the record knows no end."""
    rows = store.database.look(
        "SELECT message, code, what, max(seq) FROM events WHERE message > 0 AND channel IN ('mail', 'fhir')"
        " GROUP BY message, code ORDER BY message"
    )
    return [(int(row["message"]), str(row["code"])) for row in rows if row["what"] == "queued"]


def highest_message(store: RecordStore) -> int:
    """The highest number that a message ever had; 0 for none."""
    return int(store.database.look("SELECT coalesce(max(message), 0) AS n FROM events WHERE message > 0")[0]["n"])
