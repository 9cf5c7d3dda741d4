"""What a list on the screen shows: values for templates, and the words for what was done with a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handouts.batch.day.memory import DayMemory, Entry, What, may_be_alive
from handouts.batch.day.opened import OpenedList, OpenRow
from handouts.batch.day.work import Work
from handouts.desk.choices import choices_of, topics
from handouts.desk.forms import with_label
from handouts.desk.listwindows import ListWindow
from handouts.desk.state import Desk
from handouts.errors import plural
from handouts.lists.editable import CHOSEN, CellFault
from handouts.record.event import format_time
from handouts.record.recorder import FolderRecorder

LABELS = {
    "patient.name": "Name",
    "patient.birth_date": "Date of birth",
    "patient.identifier": "Number",
    "patient.email": "E-mail",
    "patient.preferred_name": "Called",
    "visit_date": "Visit",
    "appointment.at": "Next visit",
    "appointment.with": "Next visit with",
    "appointment.where": "Next visit where",
    "clinician": "Clinician",
    "next_steps": "Next steps",
    "note": "Note",
}
_DONE: dict[What, str] = {"printed": "Printed", "saved": "Saved", "mailed": "In the outbox"}
_TODO: dict[What, str] = {"printed": "Printing", "saved": "Saving", "mailed": "E-mailing"}
_PAST: dict[What, str] = {"printed": "printed", "saved": "saved", "mailed": "put into the outbox"}


@dataclass(frozen=True)
class Cell:
    """One cell of a row. ``edited``: whether something else stands in the file."""

    path: str
    label: str
    value: str
    edited: bool
    faults: tuple[str, ...]
    notes: tuple[str, ...]
    name: str
    """Of its field in the form."""


@dataclass(frozen=True)
class Mark:
    """What was done with a row. ``kind``: done, failed, unknown or begun."""

    kind: str
    text: str


@dataclass(frozen=True)
class Shown:
    """A row. ``kind``: ready, done, or wrong; ``handout``: topic and options by their names."""

    number: int
    kind: str
    ticked: bool
    cells: tuple[Cell, ...]
    handout: tuple[str, ...]
    chosen: bool
    handout_faults: tuple[str, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]
    marks: tuple[Mark, ...]
    order: str


@dataclass(frozen=True)
class Columns:
    """The head of the table."""

    path: str
    label: str


class Names:
    """Topics and options by their names, for people."""

    def __init__(self, desk: Desk) -> None:
        self.topics = dict(topics(desk))
        self.choices = {name: choices_of(desk.library(name).topic) for name in self.topics}

    def handout(self, data: Mapping[str, Any]) -> Iterator[str]:
        """What a row's handout is about, a line each."""
        topic = data.get("topic")
        found = self.choices.get(topic) if isinstance(topic, str) else None
        yield found.name if found else "Topic not known"
        known = {one.id: one.name for one in (*found.options, *found.sections)} if found else {}
        for key in ("options", "sections"):
            given = data.get(key)
            yield from (known.get(str(one), str(one)) for one in (given if isinstance(given, list | tuple) else ()))
        words = {"side": "{} side", "format": "{}", "stage": "{} the visit"}
        for key, text in words.items():
            if isinstance(data.get(key), str):
                yield text.format(str(data[key]).replace("-", " "))


def columns(opened: OpenedList) -> list[Columns]:
    """The columns that are shown."""
    return [Columns(path, LABELS.get(path, path)) for path in opened.paths]


def rows(
    window: ListWindow, names: Names, memory: DayMemory, recorder: FolderRecorder, numbers: Sequence[int] | None = None
) -> list[Shown]:
    """The rows of a window's list; of all of them, or of ``numbers``."""
    opened = window.opened
    assert opened  # noqa: S101  asked before
    found = opened.rows.values() if numbers is None else [opened.row(number) for number in numbers]
    return [_row(row, opened, window, names, memory, recorder) for row in found]


def _row(
    row: OpenRow, opened: OpenedList, window: ListWindow, names: Names, memory: DayMemory, recorder: FolderRecorder
) -> Shown:
    marks = tuple(marks_of(memory.entries(row.key)))
    done = any(mark.kind in {"done", "unknown", "begun"} for mark in marks)
    at_cells = {*opened.paths, *CHOSEN}
    refused = row.outcome is not None and row.outcome.state == "refused"
    faults = tuple(_told(fault, refused=refused) for fault in row.faults if fault.path not in at_cells)
    notes = [note.why for note in row.notes if note.path not in at_cells]
    if not marks and row.code and (given := _given_before(recorder, row.code)):
        notes.append(given)
    return Shown(
        row.number,
        "done" if done else "wrong" if row.faults else "ready",
        row.number in window.chosen if window.chosen is not None else row.ready and not done,
        tuple(_cell(row, path) for path in opened.paths),
        (*names.handout(row.data), *(["some sheets left out"] if row.left_out else [])),
        bool(row.chosen or row.left_out),
        tuple(with_label(fault.why) for fault in row.faults if fault.path in CHOSEN),
        faults,
        tuple(notes),
        marks,
        row.reading.order,
    )


def _cell(row: OpenRow, path: str) -> Cell:
    return Cell(
        path,
        LABELS.get(path, path),
        row.shown(path),
        path in row.edits,
        tuple(with_label(fault.why) for fault in row.faults if fault.path == path),
        tuple(note.why for note in row.notes if note.path == path),
        f"{row.number}:{path}",
    )


def _told(fault: CellFault, *, refused: bool) -> str:
    """A fault of the whole row. What is ``refused`` can be allowed here; how the command line does it is left out."""
    if not refused:
        return with_label(fault.why)
    return f"{fault.why.partition(' (')[0]}. “Also text that is not approved” above makes it, with a mark."


def _given_before(recorder: FolderRecorder, code: str) -> str:
    """What the record says of the same handout, made elsewhere; "" for nothing."""
    events = [event for event in recorder.store.of_code(code) if event.what in {"made", "printed", "sent", "reprinted"}]
    if not events:
        return ""
    words = {"made": "made", "printed": "printed", "sent": "mailed", "reprinted": "made again"}
    return f"This handout was {words[events[-1].what]} before, on {format_time(events[-1].at)}."


def marks_of(entries: Sequence[Entry]) -> Iterator[Mark]:
    """In words, the newest of each kind of giving out."""
    newest: dict[What, Entry] = {entry.what: entry for entry in entries}
    for what, entry in newest.items():
        at = f"{datetime.fromtimestamp(entry.ended or entry.claimed).astimezone():%-d %b, %H:%M}"
        if entry.state == "done":
            yield Mark("done", f"{_DONE[what]} {at}")
        elif entry.state == "failed":
            yield Mark("failed", f"{_TODO[what]} failed {at}: it was not {_PAST[what]}")
        elif entry.state == "begun" and may_be_alive(entry.holder):
            yield Mark("begun", f"{_TODO[what]} since {at}")
        else:
            look = " Look at the printer." if what == "printed" else ""
            yield Mark("unknown", f"It is not known whether this was {_PAST[what]} ({at}).{look}")


def summary(shown: Sequence[Shown]) -> str:
    """How many rows are how, in a sentence."""
    counts = {kind: sum(row.kind == kind for row in shown) for kind in ("ready", "done", "wrong")}
    parts = [plural(len(shown), "row"), f"{counts['ready']} ready"]
    parts += [f"{counts['done']} done"] if counts["done"] else []
    parts += [f"{counts['wrong']} to fix"] if counts["wrong"] else []
    return ", ".join(parts)


def progress(work: Work) -> dict[str, Any]:
    """How far something is, for a script and for the page."""
    doing = "Making the handouts" if work.step == "making" else _TODO[work.what]
    words = f"{doing}: {work.done} of {work.total}" if work.is_busy else ended(work)
    if work.is_busy and work.stopping.is_set():
        words += ". It stops after this one."
    return {
        "step": work.step,
        "busy": work.is_busy,
        "done": work.done,
        "total": work.total,
        "words": words,
        "says": work.says,
    }


def ended(work: Work) -> str:
    """What came of it, in words."""
    counts = work.counts()
    if work.step == "asking":
        return "Nothing is mailed yet."
    if work.step == "made":
        return f"{plural(len(work.made), 'handout')} made. Nothing is given out yet."
    parts = [f"{plural(counts['done'], 'handout')} {_PAST[work.what]}"]
    parts += [f"{counts['already']} were already and are left as they are"] if counts["already"] else []
    parts += [f"{counts['failed']} not {_PAST[work.what]}"] if counts["failed"] else []
    parts += [f"of {counts['unknown']} it is not known"] if counts["unknown"] else []
    left = len(work.rows) - sum(counts.values())
    parts += [f"{left} left"] if left > 0 else []
    return ("Stopped. " if work.stopping.is_set() else "") + "; ".join(parts) + "."
