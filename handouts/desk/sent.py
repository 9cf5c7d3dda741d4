"""Sent: what the outbox holds, in plain words, and what a person can decide about a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from handouts.codes import format_code
from handouts.deliver.mail.meaning import Meaning, explain, meaning_of
from handouts.deliver.mail.settings import server_of
from handouts.deliver.outbox.entries import Entry, clinic_of, is_for_record
from handouts.desk.state import Desk, desk_of
from handouts.desk.words import N_, _, pgettext
from handouts.errors import ContentFault, RequestFault, escape_unprintable
from handouts.load.library import clinic_ids, load_clinic
from handouts.record.story import story_of_message

blueprint = Blueprint("sent", __name__, url_prefix="/sent")

KINDS = (
    ("decide", N_("To decide"), ("unknown",)),
    ("waiting", N_("Waiting"), ("queued", "claimed", "sending", "paused")),
    ("failed", N_("Not delivered"), ("failed",)),
    ("sent", N_("Sent"), ("sent",)),
    ("out", N_("Taken out"), ("cancelled",)),
)
"""What the list can be narrowed to, and the states that this means."""
_MOVING = ("queued", "claimed", "sending")
"""States in which a message changes by itself."""
MOST = 100
"""Messages on one page."""


@dataclass(frozen=True)
class Act:
    """What a person can have done to a message. ``asks``: "" where nothing has to be asked first."""

    button: str
    done: str
    asks: str = ""
    means: str = ""
    yes: str = ""
    danger: bool = False


ACTS = {
    "arrived": Act(
        N_("It arrived"),
        N_("Settled: it arrived. Its content is deleted."),
        N_("Did the patient get message %(number)s?"),
        N_("It is recorded as sent, and its content is deleted. That can’t be undone."),
        N_("Yes, it arrived"),
    ),
    "again": Act(
        N_("It did not arrive: send it again"),
        N_("It goes out again, with the same four words."),
        N_("Send message %(number)s again?"),
        N_("If it did arrive after all, the patient gets it twice. It opens with the same four words."),
        N_("Yes, send it again"),
    ),
    "retry": Act(N_("Try it now"), N_("It is tried now.")),
    "cancel": Act(
        N_("Take it out"),
        N_("It is taken out, and its content is deleted."),
        N_("Take message %(number)s out of the outbox?"),
        N_("It is not sent any more, and its content is deleted. That can’t be undone; to mail it, make it again."),
        N_("Yes, take it out"),
        danger=True,
    ),
}

OF_RECORD = {
    "arrived": Act(
        N_("It is there"),
        N_("Settled: it is there. Its content is deleted."),
        N_("Is it in the health record (message %(number)s)?"),
        N_("It is recorded as posted, and its content is deleted. That can’t be undone."),
        N_("Yes, it is there"),
    ),
    "again": Act(
        N_("It is not there: post it again"),
        N_("It goes out again."),
        N_("Post message %(number)s again?"),
        N_("If it is there after all, the health record has it twice."),
        N_("Yes, post it again"),
    ),
    "retry": ACTS["retry"],
    "cancel": Act(
        N_("Take it out"),
        N_("It is taken out, and its content is deleted."),
        N_("Take message %(number)s out of the outbox?"),
        N_("It is not posted any more, and its content is deleted. That can’t be undone; to post it, make it again."),
        N_("Yes, take it out"),
        danger=True,
    ),
}
"""The same for what goes to a health record."""


@dataclass(frozen=True)
class Row:
    """A message in the list. ``says``: what the staff should know of it, "" for most; ``when``: of its last change."""

    entry: Entry
    meaning: Meaning
    says: str
    code: str
    when: str


@dataclass(frozen=True)
class Stopped:
    """A queue that waits. ``detail``: the reason as it was kept; ``paused``: until a person lets it go on.

    ``of_record``: it leads to the clinic's health record.
    """

    clinic: str
    why: str
    detail: str
    paused: bool
    of_record: bool = False


def _desk() -> Desk:
    return desk_of(current_app)


@blueprint.get("")
def show() -> str:
    """The messages, newest first; all, or those of one kind."""
    chosen, before = request.args.get("show", ""), request.args.get("before", 0, int)
    kinds = {kind: states for kind, _title, states in KINDS}
    if chosen and chosen not in kinds:
        abort(404)
    with _desk().outbox_if_any() as outbox:
        entries = outbox.entries()[::-1] if outbox else []
        pauses = outbox.pauses() if outbox else {}
    wanted = [
        entry for entry in entries if (not chosen or entry.shown in kinds[chosen]) and (not before or entry.id < before)
    ]
    return render_template(
        "sent.html.j2",
        rows=[_row(entry) for entry in wanted[:MOST]],
        older=wanted[MOST - 1].id if len(wanted) > MOST else 0,
        chosen=chosen,
        kinds=_counted(entries),
        some=bool(entries),
        live=any(entry.shown in _MOVING for entry in entries),
        stopped=stopped(_desk(), pauses),
        lacking=lacking(_desk()),
        status=_desk().mail.status,
        done=request.args.get("done", ""),
    )


@blueprint.get("/<int:number>")
def show_one(number: int) -> str:
    """A message's story, and what can be done about it."""
    return _page(number)


@blueprint.post("/<int:number>/<name>")
def act(number: int, name: str) -> str | Response:
    """Do it, once a person has said yes where that has to be asked."""
    if name not in ACTS:
        abort(404)
    desk = _desk()
    if ACTS[name].asks and request.form.get("answer") != "yes":
        return _page(number, asked=name)
    with desk.open_outbox() as outbox:
        if name in {"again", "retry"}:
            outbox.retry(number, desk.now())
        else:
            outbox.cancel(number, desk.now(), arrived=name == "arrived")
    desk.mail.wake()
    return redirect(url_for(".show_one", number=number, done=name), 303)


@blueprint.post("/resume")
def resume() -> Response:
    """Let all mail go on that was stopped until something was put right."""
    with _desk().open_outbox() as outbox:
        outbox.resume(_desk().now())
    _desk().mail.wake()
    return redirect(url_for(".show", done="resume"), 303)


def _page(number: int, asked: str = "") -> str:
    desk = _desk()
    with desk.outbox_if_any() as outbox:
        if outbox is None:
            abort(404)
        try:
            entry = outbox.entry(number)
        except RequestFault:
            abort(404)
        pauses = outbox.pauses()
    with desk.recorder() as recorder:
        story = story_of_message(recorder.store, number, entry.code)
    acts = OF_RECORD if entry.channel == "fhir" else ACTS
    return render_template(
        "sent-message.html.j2",
        row=_row(entry),
        live=entry.shown in _MOVING,
        acts=[(name, acts[name]) for name in possible(entry)],
        asked=asked,
        acts_known=acts,
        story=story,
        queued=moment(entry.created),
        due=moment(entry.due) if entry.shown == "queued" else "",
        stopped=[one for one in stopped(desk, pauses) if _stops(one, entry) and not entry.is_final],
        done=request.args.get("done", ""),
    )


def possible(entry: Entry) -> Sequence[str]:
    """What a person can have done to a message as it stands."""
    if entry.state == "unknown":
        return ("arrived", "again", "cancel") if meaning_of(entry).doubt else ("arrived", "cancel")
    if entry.state == "queued":
        return ("retry", "cancel") if entry.tries and not entry.paused else ("cancel",)
    return ("cancel",) if entry.state == "claimed" else ()


def stopped(desk: Desk, pauses: dict[str, str]) -> list[Stopped]:
    """Queues that wait until somebody puts something right, by name."""
    tally = desk.mail.status.tally
    found = {
        queue: Stopped(clinic_of(queue), fault.message, "", False, is_for_record(queue))
        for queue, fault in (tally.faults if tally else {}).items()
    }
    for queue, reason in pauses.items():
        why = explain(reason)
        same = why.lower() == f"{reason.lower()}."
        detail = "" if same else escape_unprintable(reason)
        found[queue] = Stopped(clinic_of(queue), why, detail, True, is_for_record(queue))
    return [found[queue] for queue in sorted(found)]


def _stops(one: Stopped, entry: Entry) -> bool:
    return one.clinic == entry.clinic and one.of_record == (entry.channel == "fhir")


def lacking(desk: Desk) -> dict[str, str]:
    """Clinics that can't send mail yet, and what is missing; {} where all of them can."""
    found = {}
    for clinic in clinic_ids(desk.content):
        try:
            server_of(clinic, load_clinic(desk.content, clinic))
        except ContentFault as fault:
            found[clinic] = fault.message
    return found


def _counted(entries: Sequence[Entry]) -> list[tuple[str, str, int]]:
    many = Counter(entry.shown for entry in entries)
    counted = [(kind, _(title), sum(many[state] for state in states)) for kind, title, states in KINDS]
    return [("", pgettext("messages", "All"), len(entries)), *counted]


def _row(entry: Entry) -> Row:
    meaning, code = meaning_of(entry), format_code(entry.code) if entry.code != "?" else "?"
    return Row(entry, meaning, _says(entry, meaning), code, moment(entry.changed))


def _says(entry: Entry, meaning: Meaning) -> str:
    if entry.state == "unknown":
        return meaning.to_do
    if entry.state == "failed" or (entry.shown == "queued" and entry.reason):
        return f"{explain(entry.reason)} {meaning.to_do}".strip()
    return ""


def moment(seconds: float) -> str:
    """Such as 2026-11-22 10:30, on the clinic's clock."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"
