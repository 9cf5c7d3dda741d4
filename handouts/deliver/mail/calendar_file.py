"""The patient's next appointment as a file for their calendar (RFC 5545). Pure.

It says when, and that it is with the clinic; what for, with whom and for whom it does not: it is not locked, and
calendars are shared. Its time has no zone (a "floating" time): an appointment is on the clinic's clock, and whoever
goes there reads that clock. A zone would have to be guessed, and a wrong one moves the appointment on the phone alone.
No end either: nobody has said how long it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from handouts.deliver.mail.settings import Sender
from handouts.model.request import Request


@dataclass(frozen=True)
class CalendarEntry:
    """``at``: on the clinic's clock; ``elsewhere``: the request names a place, which may be another than the clinic."""

    at: datetime
    elsewhere: bool = False

    def __repr__(self) -> str:
        return "CalendarEntry(...)"


def entry_of(request: Request) -> CalendarEntry | None:
    """The next appointment of a request; None where it has none."""
    found = request.appointment
    return CalendarEntry(found.at, found.where is not None) if found else None


def calendar_file(entry: CalendarEntry, code: str, sender: Sender, now: float) -> bytes:
    """The file. The same document's name for it is the same, so that a second mail does not make a second entry."""
    import icalendar

    event = icalendar.Event()
    event.add("uid", f"{code}@{sender.address.domain if sender.address else 'draft.invalid'}")
    event.add("dtstamp", datetime.fromtimestamp(now, UTC))
    event.add("dtstart", entry.at.replace(tzinfo=None))
    event.add("summary", sender.name)
    if not entry.elsewhere:  # the address of the clinic would send the patient to the wrong place
        event.add("location", sender.place or sender.name)
    event.add("class", "PRIVATE")
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//handouts//appointment//EN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
