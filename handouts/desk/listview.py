"""What a list on the screen shows: values for templates. What was done with its rows: `handouts.desk.listtold`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handouts.batch.day.memory import DayMemory
from handouts.batch.day.opened import OpenedList, OpenRow
from handouts.desk.choices import Choices, choices_of, topic_for_staff, topic_names
from handouts.desk.forms import with_label
from handouts.desk.library_words import English, in_words, said_of
from handouts.desk.listtold import Mark, marks_of
from handouts.desk.listwindows import ListWindow
from handouts.desk.state import Desk
from handouts.desk.words import N_, Said, _, ngettext, spoken
from handouts.lists.editable import CHOSEN, CellFault
from handouts.model.language import ORIGINAL
from handouts.record.event import format_time
from handouts.record.recorder import FolderRecorder

LABELS = {
    "patient.name": N_("Name"),
    "patient.birth_date": N_("Date of birth"),
    "patient.identifier": N_("Number"),
    "patient.email": N_("E-mail"),
    "patient.preferred_name": N_("Called"),
    "visit_date": N_("Visit"),
    "appointment.at": N_("Next visit"),
    "appointment.with": N_("Next visit with"),
    "appointment.where": N_("Next visit where"),
    "clinician": N_("Clinician"),
    "next_steps": N_("Next steps"),
    "note": N_("Note"),
}


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
class Shown:
    """A row. ``kind``: ready, done, or wrong; ``handout``: topic and options by their names, for the staff."""

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
    """Topics and options by their names, for people: in their language where they are translated."""

    def __init__(self, desk: Desk) -> None:
        self.topics = topic_names(desk)
        self.choices = {
            name: choices_of(desk.library(name).topic, None, topic_for_staff(desk, name))
            for name, _shown, _tongue in self.topics
        }

    def handout(self, data: Mapping[str, Any]) -> Iterator[str]:
        """What a row's handout is about, a line each."""
        topic = data.get("topic")
        found = self.choices.get(topic) if isinstance(topic, str) else None
        yield _named(found.name, found) if found else _("Topic not known")
        known = {one.id: _named(one.name, found) for one in (*found.options, *found.sections)} if found else {}
        for key in ("options", "sections"):
            given = data.get(key)
            yield from (known.get(str(one), str(one)) for one in (given if isinstance(given, list | tuple) else ()))
        for key in ("side", "format", "stage"):
            if isinstance(data.get(key), str):
                yield _chosen(data[key])


def _named(name: str, found: Choices) -> str:
    """The name of something of a topic, marked where it is in English on a page that is not."""
    return English(name) if found.tongue == ORIGINAL != spoken() else name


_CHOSEN = {
    "left": N_("left side"), "right": N_("right side"), "both": N_("both sides"),
    "standard": N_("standard print"), "large-print": N_("large print"),
    "before": N_("before the visit"), "after": N_("after the visit"),
}  # fmt: skip


def _chosen(value: str) -> str:
    return _(_CHOSEN[value]) if value in _CHOSEN else value


def columns(opened: OpenedList) -> list[Columns]:
    """The columns that are shown."""
    return [Columns(path, _label(path)) for path in opened.paths]


def _label(path: str) -> str:
    return _(LABELS[path]) if path in LABELS else path


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
    notes = [in_words(note.why) for note in row.notes if note.path not in at_cells]
    if not marks and row.code and (given := _given_before(recorder, row.code)):
        notes.append(given)
    return Shown(
        row.number,
        "done" if done else "wrong" if row.faults else "ready",
        row.number in window.chosen if window.chosen is not None else row.ready and not done,
        tuple(_cell(row, path) for path in opened.paths),
        (*names.handout(row.data), *([_("some sheets left out")] if row.left_out else [])),
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
        _label(path),
        row.shown(path),
        path in row.edits,
        tuple(_of_cell(fault.why) for fault in row.faults if fault.path == path),
        tuple(in_words(note.why) for note in row.notes if note.path == path),
        f"{row.number}:{path}",
    )


def _of_cell(why: str) -> str:
    """A fault of a cell. Of a date that was typed the library says what is wrong behind the name of the column."""
    told = with_label(why)
    if isinstance(told, English):
        for end in re.finditer("(?<![.:;]) ", why):
            if not isinstance(in_words(why[end.end() :]), English):
                return said_of(why[: end.start()], why[end.end() :])
    return told


_REFUSED = N_("%(why)s. “Also text that is not approved” above makes it, with a mark.")


def _told(fault: CellFault, *, refused: bool) -> str:
    """A fault of the whole row. What is ``refused`` can be allowed here; how the command line does it is left out."""
    if not refused:
        return with_label(fault.why)
    told = in_words(fault.why)
    why = told.partition(" (")[0]
    return English(_REFUSED % {"why": why}) if isinstance(told, English) else _(_REFUSED, why=why)


_BEFORE = {
    "made": N_("This handout was made before, on %(time)s."),
    "printed": N_("This handout was printed before, on %(time)s."),
    "sent": N_("This handout was mailed before, on %(time)s."),
    "reprinted": N_("This handout was made again before, on %(time)s."),
}


def _given_before(recorder: FolderRecorder, code: str) -> str:
    """What the record says of the same handout, made elsewhere; "" for nothing."""
    events = [event for event in recorder.store.of_code(code) if event.what in _BEFORE]
    return _(_BEFORE[events[-1].what], time=format_time(events[-1].at)) if events else ""


def summary(shown: Sequence[Shown]) -> str:
    """How many rows are how, in a sentence."""
    ready, done, wrong = (sum(row.kind == kind for row in shown) for kind in ("ready", "done", "wrong"))
    parts = [ngettext("%(num)s row", "%(num)s rows", len(shown)), ngettext("%(num)s ready", "%(num)s ready", ready)]
    parts += [ngettext("%(num)s done", "%(num)s done", done)] if done else []
    parts += [ngettext("%(num)s to fix", "%(num)s to fix", wrong)] if wrong else []
    return Said(", ".join(parts))
