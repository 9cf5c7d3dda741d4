"""What happened to a document, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handouts.codes import format_code
from handouts.errors import escape_unprintable
from handouts.record.event import Event, format_time
from handouts.record.store import RecordStore

_LABELS = (
    ("made", "File as made"), ("delivered", "File as delivered"), ("topic", "Topic"), ("version", "Version"),
    ("content", "Content"), ("clinic", "Clinic"), ("options", "Options"), ("format", "Format"),
    ("language", "Language"), ("approved_until", "Approved until"),
    ("interpreter", "Interpreter"), ("replaces", "Replaces"), ("message", "Message"),
    ("why", "Why"),
)  # fmt: skip

_OUT = {
    "file": "written to a file",
    "stdout": "handed to another program",
    "browser": "given to the browser to print or save",
    "fhir": "given to a practice system",
}
_PRINTER = {
    "queued": "Handed to the printer",
    "printed": "Printed",
    "failed": "Not printed, or not all of it",
    "unknown": "Handed to the printer, but not seen printed: look at the printer",
}
_MAIL = {
    "queued": "Put into the outbox",
    "drafted": "Written to a file as a message",
    "sent": "Accepted by the clinic's mail server",
    "failed": "Not mailed",
    "declined": "Declined by a mail server",
    "unknown": "May have been mailed: ask the patient",
    "cancelled": "Taken out of the outbox",
}
_FHIR = {
    "queued": "Put into the outbox for the health record",
    "sent": "Taken by the health record",
    "failed": "Not taken by the health record",
    "declined": "Refused by the health record",
    "unknown": "May be in the health record: look there",
    "cancelled": "Taken out of the outbox; not posted to the health record",
}
_NO_END = "Handed to the printer. What became of it was not recorded: look at the paper"


@dataclass(frozen=True)
class Happened:
    """One line of a story. ``at``: on the clinic's clock; ``event``: what it tells."""

    at: str
    told: str
    by: str
    event: Event


def story_of(store: RecordStore, code: str) -> list[Happened]:
    """Everything that happened to a document, oldest first, and what replaced it; [] if the record has nothing."""
    own = store.of_code(code)
    others = {event.code: event for event in reversed(store.replacing(code))} if own else {}
    told = [_happened(event, tell(event, own[place + 1 :])) for place, event in enumerate(own)]
    told += [_happened(event, f"Replaced by {format_code(event.code or '')}.") for event in others.values()]
    return sorted(told, key=lambda one: one.event.seq)


def story_of_message(store: RecordStore, number: int, code: str) -> list[Happened]:
    """Everything that happened to one message of the outbox, oldest first."""
    return [_happened(event, tell(event)) for event in store.told_of(number, code)]


def _happened(event: Event, told: str) -> Happened:
    return Happened(format_time(event.at), escape_unprintable(told), escape_unprintable(str(event.by)), event)


def tell(event: Event, after: Sequence[Event] = ()) -> str:
    """An event in a sentence; ``after``: what happened to its document later."""
    why = str(event.why) if event.why else ""
    if event.what in {"made", "reprinted"}:
        return _told_made(event)
    if event.channel == "printer" and event.what in _PRINTER:
        told = _NO_END if event.what == "queued" and not _has_end(after) else _PRINTER[event.what]
        return f"{told} ({why})." if why else f"{told}."
    if event.channel == "mail" and event.what in _MAIL:
        number = f" (message {event.message})" if event.message else ""
        return _sentence(f"{_MAIL[event.what]}{number}", why, f": {why}")
    if event.channel == "fhir" and event.what in _FHIR:
        return _sentence(f"{_FHIR[event.what]} (message {event.message})", why, f": {why}")
    if event.what == "voided":
        return f"Voided: {why}."
    return _sentence(str(event.what).capitalize(), why, f": {why}")


def _told_made(event: Event) -> str:
    first = "Made" if event.what == "made" else "Made again from its original pages"
    way = _OUT.get(str(event.channel))
    told = f"{first} and {way}" if way else first
    return _sentence(told, event.replaces, f"; replaces {format_code(str(event.replaces))}")


def _sentence(told: str, there: object, more: str) -> str:
    return f"{told}{more if there else ''}."


def _has_end(after: Sequence[Event]) -> bool:
    """Whether the next thing that is known of the printer is an end."""
    following = next((event.what for event in after if event.channel == "printer"), "")
    return following in {"printed", "failed", "unknown"}


def event_details(event: Event) -> Iterator[tuple[str, str]]:
    """The values of an event that its line does not show, with labels."""
    for name, label in _LABELS:
        value = getattr(event, name)
        if value is not None:
            yield label, escape_unprintable(format_code(str(value)) if name == "replaces" else str(value))
