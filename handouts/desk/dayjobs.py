"""What the day's list asks of the library: open, choose, and begin to give out; and where its slips lie."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from flask import abort
from werkzeug.datastructures import MultiDict

from handouts.batch.day.giving import Mailing
from handouts.batch.day.memory import DayMemory, What
from handouts.batch.day.opened import MOST_ROWS, OpenedList, OpenRow, in_order, setup_for
from handouts.batch.day.work import Places, Work
from handouts.batch.messages import Setup
from handouts.deliver.printing.session import PrintSession
from handouts.desk.listpool import ListPool
from handouts.desk.listwindows import ListWindow
from handouts.desk.making import print_session, printer_for
from handouts.desk.state import Desk
from handouts.desk.words import N_, _
from handouts.errors import Refused, RequestFault
from handouts.lists.date_order import UndecidedDates
from handouts.lists.editable import open_editable
from handouts.lists.settings import settings_for
from handouts.lists.workbook import SeveralWorksheets
from handouts.load.library import clinic_ids, load_clinic, load_mail_words
from handouts.record.recorder import FolderRecorder

SLIPS = "desk-slips"
"""The folder, beside the record, of slips that nobody has printed and deleted yet."""


class NoFile(RequestFault):
    """The form was sent without one."""

    def __init__(self) -> None:
        super().__init__("No file was chosen, or it is empty. Choose the day’s list: CSV, a workbook or JSON.")


def open_in(window: ListWindow, desk: Desk, recorder: FolderRecorder, memory: DayMemory) -> None:
    """Open a window's file, or note what has to be asked about it. RequestFault, ContentFault."""
    settings = settings_for(desk.content, desk.today(), {})
    try:
        found = open_editable(window.data, replace(settings, **window.how), MOST_ROWS)
    except SeveralWorksheets as several:
        window.ask, window.names = "worksheet", several.names
        return
    except UndecidedDates as undecided:
        window.ask, window.names = "dates", tuple(str(fault) for fault in undecided.faults)
        return
    window.opened = OpenedList(found, memory, _setup(window, desk, recorder), lambda: _renewed(window, desk))
    window.data, window.ask, window.names = b"", "", ()


def _setup(window: ListWindow, desk: Desk, recorder: FolderRecorder) -> Setup:
    return setup_for(desk.content, desk.today(), desk.key, recorder, allow_unapproved=window.allow)


def idle_list(window: ListWindow) -> OpenedList:
    """The list of a window in which nothing is under way. Refused while something is."""
    if window.opened is None:
        abort(404)
    if window.busy:
        raise Refused("Something is still under way with this list. Wait until it is done, or stop it.")
    return window.opened


def looks(opened: OpenedList) -> dict[int, object]:
    """What of each row may change when another is edited."""
    return {row.number: (row.faults, row.notes, row.code) for row in opened.rows.values()}


def typed_cells(form: MultiDict[str, str]) -> dict[tuple[int, str], str]:
    """The cells of a form without scripts, by row and path."""
    found: dict[tuple[int, str], str] = {}
    for name, text in form.items():
        number, sign, path = name.partition(":")
        if sign and (row := row_number(number)) is not None:
            found[row, path] = text
    return found


def row_number(text: str) -> int | None:
    """A row's number as a browser sends it; None for anything else, such as ² or a thousand digits."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


LEFT_OUT = {
    "comparison": N_("Options at a glance"),
    "condition": N_("About the condition"),
    "plan": N_("Medicines"),
    "diary": N_("Diary"),
    "practice": N_("The practice’s own page"),
}
"""Sheets that can be left out for many rows at once, in words."""


def choice_in(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was chosen for rows. RequestFault for nothing at all."""
    topic = form.get("topic", "")
    made: dict[str, Any] = {key: form[key] for key in ("topic", "side", "format", "stage") if form.get(key)}
    for key in ("options", "sections"):
        if topic and (chosen := form.getlist(f"{key}.{topic}")):
            made[key] = chosen
    if not made and not form.getlist("leave-out"):
        raise RequestFault("Nothing was chosen for the rows. Choose a topic and its options, a side or a format.")
    return made


def allow(window: ListWindow, desk: Desk, *, unapproved: bool) -> None:
    """Whether text may be printed that is not approved; every row is checked again."""
    window.allow, window.chosen = unapproved, None
    _check_again(window, desk)


def _check_again(window: ListWindow, desk: Desk) -> OpenedList:
    """All rows, with what content and record now say."""
    opened = idle_list(window)
    opened.check_all(_renewed(window, desk))
    return opened


def _renewed(window: ListWindow, desk: Desk) -> Setup:
    with desk.recorder() as recorder:
        return _setup(window, desk, recorder)


def start(window: ListWindow, desk: Desk, what: str, ticked: Sequence[int], form: Mapping[str, str]) -> None:
    """Begin to give rows out. Refused for rows that can't be made, or for none; HandOverFault without a printer."""
    opened = _check_again(window, desk)
    rows = in_order(opened.ready(ticked))
    unready = sorted(set(ticked) - {row.number for row in rows})
    if unready:
        told = ", ".join(map(str, unready[:10])) + (" …" if len(unready) > 10 else "")
        raise Refused(f"Nothing was done. These rows have to be fixed first, or left out: {told}.")
    if not rows:
        raise Refused("No row is ticked. Tick those that you want.")
    work = Work(_places(desk), rows, opened.setup, cast(What, what), again="again" in form)
    if what == "printed":
        work.open_session = _session(desk, form.get("printer") or None)
        work.open_session(lambda _line: None)  # a printer that takes no jobs is told at once
    elif what == "mailed":
        work.mailing = lambda: mailing_of(desk, rows)
        work.mailing()
        work.queued = desk.mail.wake
    window.work = work.start()


def untick_done(window: ListWindow) -> None:
    """What is done is ticked no more, once all of it has ended."""
    if window.work and window.work.step == "ended" and window.chosen:
        window.chosen -= {one.number for one in window.work.results.values() if one.state in {"done", "already"}}


def _places(desk: Desk) -> Places:
    return Places(desk.data, desk.by, desk.now, None, lambda: ListPool(desk.sheets))


def _session(desk: Desk, name: str | None) -> Callable[[Callable[[str], None]], PrintSession]:
    def open_session(say: Callable[[str], None]) -> PrintSession:
        return print_session(desk, *printer_for(desk, None, name), say)

    return open_session


def mailing_of(desk: Desk, rows: Sequence[OpenRow]) -> Mailing:
    """How the clinics of these rows mail. ContentFault for one that can't."""
    from handouts.deliver.mail.settings import sender_of, server_of

    known = clinic_ids(desk.content)
    used = {row.outcome.sheet.clinic for row in rows if row.outcome and row.outcome.sheet}
    files = {clinic: load_clinic(desk.content, clinic) for clinic in sorted(used) if clinic in known}
    for clinic, file in files.items():
        server_of(clinic, file)
    senders = {clinic: sender_of(clinic, file) for clinic, file in files.items()}
    paper = next(iter(files.values())).paper
    return Mailing(senders, load_mail_words(desk.content), paper, slips_folder(desk))


def is_duplex(desk: Desk) -> bool:
    """Whether the clinic prints on both sides: then each patient begins on a new sheet."""
    return load_clinic(desk.content).print.duplex


@dataclass(frozen=True)
class Asked:
    """What is asked before messages are queued: each with what the staff should look at."""

    messages: tuple[tuple[int, str, str, str], ...]
    """Row, name, address, and what is special."""
    new: int
    without: tuple[int, ...]
    faults: tuple[tuple[int, str], ...]
    left: int


def asked(work: Work) -> Asked | None:
    """The question of a work that waits for an answer."""
    plan = work.plan
    if work.step != "asking" or plan is None:
        return None
    wanted = sorted(
        plan.wanted(again=work.again), key=lambda one: (one.kind == "known", not one.shared, one.row.number)
    )
    words = {"new": _("new address for this patient"), "again": _("once more"), "known": ""}
    return Asked(
        tuple(
            (one.row.number, one.row.name, str(one.to), ", ".join(filter(None, (
                words[one.kind], _("also another patient’s address") if one.shared else ""
            ))))
            for one in wanted
        ),
        sum(one.kind == "new" for one in wanted),
        tuple(plan.without),
        tuple(sorted(plan.plan.faults.items())),
        len(plan.plan.rows) - len(wanted),
    )  # fmt: skip


def slips_folder(desk: Desk) -> Path:
    """Where slips lie until they are handed over."""
    return desk.data / SLIPS


def slips_file(desk: Desk, number: str) -> Path:
    """A file of slips; 404 where there is none."""
    path = slips_folder(desk) / f"slips-{number}.pdf"
    if not re.fullmatch(r"[0-9]+", number) or not path.is_file():
        abort(404)
    return path
