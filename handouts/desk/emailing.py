"""A form -> a message in the outbox: what is asked first, and what follows from the answers. The rules are
`handouts.deliver.mail.one`'s.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from handouts.codes import format_code
from handouts.deliver.mail.address import parse_address
from handouts.deliver.mail.entries import OPEN
from handouts.deliver.mail.meaning import meaning_of
from handouts.deliver.mail.one import Decided, Looked, Stationery, look, mail, require_same, stationery_of
from handouts.deliver.mail.outbox import Outbox
from handouts.deliver.mail.people import forget_unlocked
from handouts.deliver.mail.slip import Slip, draw_slips
from handouts.desk.forms import Fields, FormFault, field_faults, one
from handouts.desk.making import make_from_form, read
from handouts.desk.state import Desk
from handouts.errors import ContentFault, Refused, RequestFault
from handouts.load.library import default_clinic
from handouts.pipeline import Made
from handouts.record.event import check_line

HOLD = 20.0
"""Seconds in which a message can be taken back."""


@dataclass(frozen=True)
class Before:
    """The same file to the same address, earlier. ``waits``: it can still be taken out."""

    number: int
    name: str
    waits: bool


@dataclass(frozen=True)
class Unlocked:
    """Who said when that this address prefers files without a lock."""

    by: str
    on: str


@dataclass(frozen=True)
class Question:
    """What the dialog shows. ``to``: the address as it will be used, "" where none was typed; ``known``: it has reached
    this patient before; ``missing``: why mail can't be sent; ``by``: who works here.
    """

    to: str = ""
    known: bool = False
    before: Before | None = None
    unlocked: Unlocked | None = None
    code: str = ""
    by: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Answers:
    """What a person said. ``code``: of the handout that they were asked about; ``again``: the address, typed once more;
    ``warned``: ``by`` told the patient who can read a file that is not locked, and they prefer it; ``remember``: for
    this address from now on; ``way``: "" once, "again" once more, "reissue" in place of what waits.
    """

    code: str
    again: str = ""
    lock: bool = True
    warned: bool = False
    by: str = ""
    remember: bool = False
    way: str = ""

    def __repr__(self) -> str:
        return "Answers(...)"


@dataclass(frozen=True)
class Queued:
    """``words`` and ``slip`` (a PDF, base64) are told here and live nowhere else; "" for a file without a lock."""

    number: int
    title: str
    to: str
    words: str
    slip: str
    hold: float
    cancelled: int

    def __repr__(self) -> str:
        return f"Queued({self.number})"


def ask(desk: Desk, fields: Fields) -> Question:
    """What a person has to know and decide; nothing is queued. FormFault; Refused for text that may not be mailed."""
    try:
        _stationery(desk, fields)
    except ContentFault as fault:
        return Question(missing=fault.message)
    if not one(fields, "patient.email"):
        return Question(by=desk.by)
    made = _make(desk, fields)
    with _looking(desk, fields, made) as (_, looked):
        return Question(str(looked.parcel.to), looked.known, _before(looked), _unlocked(looked), made.code, desk.by)


def _before(looked: Looked) -> Before | None:
    before = looked.before
    return Before(before.id, meaning_of(before).name, before.state in OPEN) if before else None


def _unlocked(looked: Looked) -> Unlocked | None:
    told = looked.unlocked
    return Unlocked(told.by, f"{datetime.fromtimestamp(told.at).astimezone():%Y-%m-%d}") if told else None


def queue(desk: Desk, fields: Fields, answers: Answers) -> Queued:
    """Put the handout into the outbox, as a person decided. FormFault; Refused where something is left to decide."""
    stationery, made = _stationery(desk, fields), _make(desk, fields)
    if made.code != answers.code:
        raise Refused("The form was changed in the meantime. Nothing was queued. Press E-mail again.")
    told: list[Slip] = []
    with _looking(desk, fields, made) as (outbox, looked):
        if answers.again:
            require_same(looked.parcel.to, answers.again)
        by = _unlocked_by(looked, answers)
        if looked.unlocked and not by:
            forget_unlocked(outbox, looked.parcel.to)
        decided = Decided(
            confirmed=bool(answers.again),
            unlocked_by=by,
            remember=answers.remember,
            again=answers.way == "again",
            reissue=answers.way == "reissue",
            hold=HOLD,
        )
        done = mail(outbox, looked, stationery, decided, desk.now(), told.append)
    if done.number is None:
        raise Refused("The same file to the same address is in the outbox already. Nothing was queued.")
    to, title = looked.parcel.to.masked, format_code(made.code)
    words, slip = (told[0].passphrase, _drawn(told[0], stationery)) if told else ("", "")
    return Queued(done.number, title, to, words, slip, HOLD, done.cancelled)


def take_back(desk: Desk, number: int) -> None:
    """Cancel a message that has not gone out. Refused when it has."""
    with desk.open_outbox() as outbox:
        try:
            outbox.cancel(number, desk.now())
        except Refused:
            raise Refused("It has gone out already, or is going out now. “Sent” tells what becomes of it.") from None


def _stationery(desk: Desk, fields: Fields) -> Stationery:
    return stationery_of(desk.content, one(fields, "clinic") or default_clinic(desk.content))


def _make(desk: Desk, fields: Fields) -> Made:
    if one(fields, "blank") == "yes":
        raise RequestFault("A blank handout is nobody’s: it can be printed or saved, not mailed.")
    made, _ = make_from_form(desk, fields, approved_only=True)
    return made


@contextlib.contextmanager
def _looking(desk: Desk, fields: Fields, made: Made) -> Iterator[tuple[Outbox, Looked]]:
    """The outbox, and what is known of a handout and the form's address. FormFault for an address that is none."""
    try:
        to = parse_address(one(fields, "patient.email"))
    except RequestFault as fault:
        raise FormFault(field_faults(fault)) from None
    interpreter = read(desk, fields).interpreter
    with desk.recorder(interpreter) as recorder, recorder.open_outbox(made.document) as outbox:
        yield outbox, look(outbox, made.pdf, made.code, to, made.document.patient)


def _unlocked_by(looked: Looked, answers: Answers) -> str | None:
    """Who confirmed that no lock is wanted; None to lock it. RequestFault for a name that the record can't hold."""
    if answers.lock:
        return None
    if answers.warned:
        return check_line(answers.by, "The name of who warned the patient")
    if looked.unlocked is None:
        raise Refused("Nothing was queued. Warn the patient first, or lock the file.")
    return looked.unlocked.by


def _drawn(slip: Slip, stationery: Stationery) -> str:
    return base64.b64encode(draw_slips([slip], stationery.words.slip, stationery.paper)).decode("ascii")
