"""What a list on the screen shows: values for templates, and the words for what was done with a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handouts.batch.day.memory import DayMemory, Entry, What, may_be_alive
from handouts.batch.day.opened import OpenedList, OpenRow
from handouts.batch.day.work import Work
from handouts.desk.choices import choices_of, topic_for_staff, topics
from handouts.desk.forms import with_label
from handouts.desk.library_words import English, in_words
from handouts.desk.listwindows import ListWindow
from handouts.desk.state import Desk
from handouts.desk.words import N_, _, ngettext, say_number, say_short_moment, spoken
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
_DONE: dict[What, str] = {
    "printed": N_("Printed %(when)s"), "saved": N_("Saved %(when)s"), "mailed": N_("In the outbox %(when)s")
}  # fmt: skip
_FAILED: dict[What, str] = {
    "printed": N_("Printing failed %(when)s: it was not printed"),
    "saved": N_("Saving failed %(when)s: it was not saved"),
    "mailed": N_("E-mailing failed %(when)s: it was not put into the outbox"),
}
_SINCE: dict[What, str] = {
    "printed": N_("Printing since %(when)s"),
    "saved": N_("Saving since %(when)s"),
    "mailed": N_("E-mailing since %(when)s"),
}
_UNKNOWN: dict[What, str] = {
    "printed": N_("It is not known whether this was printed (%(when)s). Look at the printer."),
    "saved": N_("It is not known whether this was saved (%(when)s)."),
    "mailed": N_("It is not known whether this was put into the outbox (%(when)s)."),
}
_UNDER_WAY = {
    "making": N_("Making the handouts: %(done)s of %(total)s"),
    "printed": N_("Printing: %(done)s of %(total)s"),
    "saved": N_("Saving: %(done)s of %(total)s"),
    "mailed": N_("E-mailing: %(done)s of %(total)s"),
}
_BEFORE = {
    "made": N_("This handout was made before, on %(when)s."),
    "printed": N_("This handout was printed before, on %(when)s."),
    "sent": N_("This handout was mailed before, on %(when)s."),
    "reprinted": N_("This handout was made again before, on %(when)s."),
}
"""What the record says of the same handout, by its last event."""
_CHOSEN = {
    "side": {"left": N_("left side"), "right": N_("right side"), "both": N_("both sides")},
    "format": {"standard": N_("standard print"), "large-print": N_("large print")},
    "stage": {"before": N_("before the visit"), "after": N_("after the visit")},
}
"""What else is chosen of a handout, in words."""


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
        self.choices = {
            name: choices_of(desk.library(name).topic, read=topic_for_staff(desk, name)) for name in self.topics
        }

    def handout(self, data: Mapping[str, Any]) -> Iterator[str]:
        """What a row's handout is about, a line each."""
        topic = data.get("topic")
        found = self.choices.get(topic) if isinstance(topic, str) else None
        known: dict[str, str] = {}
        if found is None:
            yield _("Topic not known")
        else:
            said = English if found.tongue == ORIGINAL != spoken() else str
            yield said(found.name)
            known = {one.id: said(one.name) for one in (*found.options, *found.sections)}
        for key in ("options", "sections"):
            given = data.get(key)
            yield from (known.get(str(one), str(one)) for one in (given if isinstance(given, list | tuple) else ()))
        for key, words in _CHOSEN.items():
            value = data.get(key)
            if isinstance(value, str):
                yield _(words[value]) if value in words else value


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
        tuple(with_label(fault.why) for fault in row.faults if fault.path == path),
        tuple(in_words(note.why) for note in row.notes if note.path == path),
        f"{row.number}:{path}",
    )


def _told(fault: CellFault, *, refused: bool) -> str:
    """A fault of the whole row. What is ``refused`` can be allowed here; how the command line does it is left out."""
    if not refused:
        return with_label(fault.why)
    why = in_words(fault.why).partition(" (")[0]  # the whole is what can be translated
    return _("%(why)s. “Also text that is not approved” above makes it, with a mark.", why=why)


def _given_before(recorder: FolderRecorder, code: str) -> str:
    """What the record says of the same handout, made elsewhere; "" for nothing."""
    events = [event for event in recorder.store.of_code(code) if event.what in _BEFORE]
    return _(_BEFORE[events[-1].what], when=format_time(events[-1].at)) if events else ""


def marks_of(entries: Sequence[Entry]) -> Iterator[Mark]:
    """In words, the newest of each kind of giving out."""
    newest: dict[What, Entry] = {entry.what: entry for entry in entries}
    for what, entry in newest.items():
        when = say_short_moment(datetime.fromtimestamp(entry.ended or entry.claimed).astimezone())
        if entry.state == "done":
            yield Mark("done", _(_DONE[what], when=when))
        elif entry.state == "failed":
            yield Mark("failed", _(_FAILED[what], when=when))
        elif entry.state == "begun" and may_be_alive(entry.holder):
            yield Mark("begun", _(_SINCE[what], when=when))
        else:
            yield Mark("unknown", _(_UNKNOWN[what], when=when))


def summary(shown: Sequence[Shown]) -> str:
    """How many rows are how, in a sentence."""
    counts = {kind: sum(row.kind == kind for row in shown) for kind in ("ready", "done", "wrong")}
    parts = [ngettext("%(num)s row", "%(num)s rows", len(shown))]
    parts += [ngettext("%(num)s ready", "%(num)s ready", counts["ready"])]
    parts += [ngettext("%(num)s done", "%(num)s done", counts["done"])] if counts["done"] else []
    parts += [ngettext("%(num)s to fix", "%(num)s to fix", counts["wrong"])] if counts["wrong"] else []
    return ", ".join(parts)


def progress(work: Work) -> dict[str, Any]:
    """How far something is, for a script and for the page."""
    words = ended(work)
    if work.is_busy:
        doing = _UNDER_WAY["making" if work.step == "making" else work.what]
        words = _(doing, done=say_number(work.done), total=say_number(work.total))
        if work.stopping.is_set():
            words = _("%(progress)s. It stops after this one.", progress=words)
    return {
        "step": work.step,
        "busy": work.is_busy,
        "done": work.done,
        "total": work.total,
        "words": words,
        "says": in_words(work.says),
    }


def ended(work: Work) -> str:
    """What came of it, in words."""
    counts = work.counts()
    if work.step == "asking":
        return _("Nothing is mailed yet.")
    if work.step == "made":
        return ngettext(
            "%(num)s handout made. Nothing is given out yet.",
            "%(num)s handouts made. Nothing is given out yet.",
            len(work.made),
        )
    done, already, failed, unknown = (counts[state] for state in ("done", "already", "failed", "unknown"))
    left = len(work.rows) - sum(counts.values())
    parts = [_given_out(work.what, done)]
    if already:
        parts.append(
            ngettext(
                "%(num)s was already and is left as it is", "%(num)s were already and are left as they are", already
            )
        )
    parts += [_not_given_out(work.what, failed)] if failed else []
    parts += [ngettext("of %(num)s it is not known", "of %(num)s it is not known", unknown)] if unknown else []
    parts += [ngettext("%(num)s left", "%(num)s left", left)] if left > 0 else []
    told = "; ".join(parts) + "."
    return _("Stopped. %(told)s", told=told) if work.stopping.is_set() else told


def _given_out(what: What, count: int) -> str:
    if what == "printed":
        return ngettext("%(num)s handout printed", "%(num)s handouts printed", count)
    if what == "saved":
        return ngettext("%(num)s handout saved", "%(num)s handouts saved", count)
    return ngettext("%(num)s handout put into the outbox", "%(num)s handouts put into the outbox", count)


def _not_given_out(what: What, count: int) -> str:
    if what == "printed":
        return ngettext("%(num)s not printed", "%(num)s not printed", count)
    if what == "saved":
        return ngettext("%(num)s not saved", "%(num)s not saved", count)
    return ngettext("%(num)s not put into the outbox", "%(num)s not put into the outbox", count)
