"""How events and what became of documents are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from handouts.codes import grouped
from handouts.errors import Refused, printable
from handouts.record.event import Event, moment

_LABELS = (
    ("made", "File as made"), ("delivered", "File as delivered"), ("topic", "Topic"), ("version", "Version"),
    ("content", "Content"), ("clinic", "Clinic"), ("options", "Options"), ("format", "Format"),
    ("language", "Language"), ("approved_until", "Approved until"),
    ("interpreter", "Interpreter"), ("replaces", "Replaces"), ("message", "Message"),
    ("why", "Why"),
)  # fmt: skip


def standing_lines(book: Any, code: str) -> Iterator[str]:
    """Whether a document was voided or replaced, a line each."""
    from handouts.record.status import standing

    found = standing(book, code)
    if found.voided:
        yield printable(f"Voided on {when(found.voided.at)} by {found.voided.by}: {found.voided.why}")
    for other in found.replaced_by:
        yield f"Replaced by {grouped(other)}"


def require_standing(book: Any, code: str, nothing: str) -> None:
    """Refused for a document that was voided or replaced; ``nothing`` says what was not done, and what to do."""
    for line in standing_lines(book, code):
        raise Refused(f"{line}. {nothing}")


def when(at: str) -> str:
    """An event's time on the clinic's clock; what stands there where somebody made it something else."""
    try:
        return f"{datetime.fromisoformat(str(at).replace('Z', '+00:00')).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return printable(str(at))


def end_of(day: datetime) -> str:
    """The first moment after a day of the clinic's clock, as events have it."""
    return moment(day.replace(hour=23, minute=59, second=59).timestamp() + 1)


def event_line(event: Event) -> str:
    """An event in a line: number, when, what, how, document, topic, by whom."""
    code = grouped(str(event.code)) if event.code else "-"
    cells = (f"{event.seq:>6}", when(event.at), f"{event.what!s:<9}", f"{event.channel or '-'!s:<7}", f"{code:<13}")
    return printable("  ".join((*cells, str(event.topic or "-"), str(event.by))))


def event_details(event: Event) -> Iterable[tuple[str, str]]:
    """The rest of what an event holds, label and value."""
    for name, label in _LABELS:
        value = getattr(event, name)
        if value is not None:
            yield label, printable(grouped(str(value)) if name == "replaces" else str(value))
