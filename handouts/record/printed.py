"""What happens to a print job, as events: one for each handout in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handouts.model.recorder import End
from handouts.record.event import Event, about, moment, of_whom
from handouts.record.store import RecordStore


class PrintJob:
    """A job that holds the documents ``codes``. ``known``: events of those that are only printed, by code.

    ``printer``: the queue; ``delivered``: SHA-256 of the file, one handout or a print file.
    """

    def __init__(
        self,
        store: RecordStore,
        by: str,
        codes: Sequence[str],
        printer: str,
        *,
        known: Mapping[str, Event] | None = None,
        delivered: str | None = None,
    ) -> None:
        self.store, self.by, self.codes, self.delivered = store, by, codes, delivered
        self.known = dict(known or {})
        self.destination = store.destination("printer", printer) if codes else ""
        self.started: list[Event] = []

    def queued(self, now: float) -> None:
        """Record that CUPS is about to get it. OutputFault: then nothing may be handed over (REC-3)."""
        self.started = [self._first(code, moment(now)) for code in self.codes]
        if self.started:
            self.store.add(self.started)

    def ended(self, what: End, now: float, job: str = "", copies: int = 1) -> None:
        """Record how it ended; ``job``: its number. OutputFault: then nothing may be called printed.

        "unknown": it was handed over, but not seen printed (REC-4). Does nothing if it was never `queued`.
        """
        why = f"job {job}, {copies} copies" if job and copies > 1 else f"job {job}" if job else None
        if self.started:
            self.store.add([self._last(first, what, moment(now), why) for first in self.started])

    def _first(self, code: str, at: str) -> Event:
        base = self.known.get(code) or self.store.made(code)
        return Event(
            at=at,
            by=self.by,
            what="queued",
            code=code,
            channel="printer",
            **about(base),
            delivered=self.delivered,
            destination=self.destination,
        )

    def _last(self, first: Event, what: End, at: str, why: str | None) -> Event:
        return Event(
            at=at,
            by=self.by,
            what=what,
            code=first.code,
            channel="printer",
            topic=first.topic,
            made=first.made,
            delivered=first.delivered,
            destination=first.destination,
            **of_whom(first),
            why=why,
        )
