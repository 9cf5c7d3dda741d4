"""How events and what became of documents are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from handouts.codes import format_code
from handouts.errors import Refused, escape_unprintable
from handouts.record.event import Event, moment

_LABELS = (
    ("made", "File as made"), ("delivered", "File as delivered"), ("topic", "Topic"), ("version", "Version"),
    ("content", "Content"), ("clinic", "Clinic"), ("options", "Options"), ("format", "Format"),
    ("language", "Language"), ("approved_until", "Approved until"),
    ("interpreter", "Interpreter"), ("replaces", "Replaces"), ("message", "Message"),
    ("why", "Why"),
)  # fmt: skip


def status_lines(store: Any, code: str) -> Iterator[str]:
    """Whether a document was voided or replaced, a line each."""
    from handouts.record.status import document_status

    found = document_status(store, code)
    if found.voided:
        yield escape_unprintable(f"Voided on {format_time(found.voided.at)} by {found.voided.by}: {found.voided.why}")
    for other in found.replaced_by:
        yield f"Replaced by {format_code(other)}"


def require_current(store: Any, code: str, nothing: str) -> None:
    """Refused for a document that was voided or replaced; ``nothing`` says what was not done, and what to do."""
    for line in status_lines(store, code):
        raise Refused(f"{line}. {nothing}")


def format_time(at: str) -> str:
    """An event's time on the clinic's clock; what stands there where somebody made it something else."""
    try:
        return f"{datetime.fromisoformat(str(at).replace('Z', '+00:00')).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return escape_unprintable(str(at))


def end_of(day: datetime) -> str:
    """The first moment after a day of the clinic's clock, as events have it."""
    return moment(day.replace(hour=23, minute=59, second=59).timestamp() + 1)


def event_line(event: Event) -> str:
    """An event in a line: number, when, what, how, document, topic, by whom."""
    code = format_code(str(event.code)) if event.code else "-"
    cells = (
        f"{event.seq:>6}",
        format_time(event.at),
        f"{event.what!s:<9}",
        f"{event.channel or '-'!s:<7}",
        f"{code:<13}",
    )
    return escape_unprintable("  ".join((*cells, str(event.topic or "-"), str(event.by))))


def event_details(event: Event) -> Iterable[tuple[str, str]]:
    """The rest of what an event holds, label and value."""
    for name, label in _LABELS:
        value = getattr(event, name)
        if value is not None:
            yield label, escape_unprintable(format_code(str(value)) if name == "replaces" else str(value))
