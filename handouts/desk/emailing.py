"""A form -> a message in the outbox: what is asked first, and what follows from the answers. The rules are
`handouts.deliver.mail.one`'s.
"""

from __future__ import annotations

import base64
import contextlib
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from handouts.codes import format_code
from handouts.deliver.mail.address import parse_address
from handouts.deliver.mail.calendar_file import entry_of
from handouts.deliver.mail.meaning import meaning_of
from handouts.deliver.mail.one import (
    Decided,
    Looked,
    Stationery,
    look,
    mail,
    ready_to_mail,
    require_same,
    stationery_of,
)
from handouts.deliver.mail.people import forget_unlocked
from handouts.deliver.mail.posting import Ready
from handouts.deliver.mail.slip import Slip, draw_slips
from handouts.deliver.outbox.entries import OPEN
from handouts.deliver.outbox.outbox import Outbox
from handouts.desk.forms import Fields, FormFault, field_faults, one
from handouts.desk.library_words import in_words
from handouts.desk.making import make_from_form, read
from handouts.desk.state import Desk
from handouts.desk.words import say_date
from handouts.errors import ContentFault, Refused, RequestFault
from handouts.load.library import default_clinic
from handouts.model.request import Request
from handouts.pipeline import Made
from handouts.record.event import check_line

HOLD = 20.0
"""Seconds in which a message can be taken back."""
_PATIENCE = 60.0
"""Seconds for which words may be on their way to the screen."""


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
class Words:
    """What is shown before the message counts (MAIL-5). ``words`` and ``slip`` (a PDF, base64): live nowhere else, ""
    for a file without a lock; ``token``: queues the message, once, when they are on the screen.
    """

    token: str
    title: str
    to: str
    words: str
    slip: str

    def __repr__(self) -> str:
        return f"Words({self.title})"


@dataclass(frozen=True)
class Queued:
    """``hold``: seconds in which it can be taken back; ``cancelled``: how many messages it came in place of."""

    number: int
    hold: float
    cancelled: int


@dataclass(frozen=True)
class _Message:
    """A message whose words are on their way to the screen."""

    at: float
    made: Made
    interpreter: str | None
    looked: Looked
    stationery: Stationery
    decided: Decided
    ready: Ready

    def __repr__(self) -> str:
        return "_Message(...)"


class Waiting:
    """Messages whose words are not on the screen yet: in memory, and for a short while. Safe to use from any thread."""

    def __init__(self) -> None:
        self._messages: dict[str, _Message] = {}
        self._lock = threading.Lock()

    def keep(self, message: _Message) -> str:
        """A token that gives it back, once."""
        token = secrets.token_urlsafe(12)
        with self._lock:
            self._messages = {name: one for name, one in self._messages.items() if one.at > message.at - _PATIENCE}
            self._messages[token] = message
        return token

    def take(self, token: str, now: float) -> _Message:
        """The message. Refused when it was taken, or kept for too long."""
        with self._lock:
            found = self._messages.pop(token, None)
        if found is None or found.at <= now - _PATIENCE:
            raise Refused(
                "That took too long. Nothing was queued, and the four words open nothing. Press E-mail again."
            )
        return found


def ask(desk: Desk, fields: Fields) -> Question:
    """What a person has to know and decide; nothing is queued. FormFault; Refused for text that may not be mailed."""
    try:
        _stationery(desk, fields)
    except ContentFault as fault:
        return Question(missing=in_words(fault.message))
    if not one(fields, "patient.email"):
        return Question(by=desk.by)
    made, request = _make(desk, fields)
    with _looking(desk, fields, made, request) as (_, looked):
        return Question(str(looked.parcel.to), looked.known, _before(looked), _unlocked(looked), made.code, desk.by)


def _before(looked: Looked) -> Before | None:
    before = looked.before
    return Before(before.id, in_words(meaning_of(before).name), before.state in OPEN) if before else None


def _unlocked(looked: Looked) -> Unlocked | None:
    told = looked.unlocked
    return Unlocked(told.by, say_date(datetime.fromtimestamp(told.at).astimezone().date())) if told else None


def prepare(desk: Desk, waiting: Waiting, fields: Fields, answers: Answers) -> Words:
    """The message as a person decided, and its words; nothing is queued. FormFault; Refused where something is left to
    decide.
    """
    stationery, (made, request) = _stationery(desk, fields), _make(desk, fields)
    if made.code != answers.code:
        raise Refused("The form was changed in the meantime. Nothing was queued. Press E-mail again.")
    with _looking(desk, fields, made, request) as (_, looked):
        if looked.before and not answers.way:
            raise Refused("The same file to the same address is in the outbox already. Nothing was queued.")
        if answers.again:
            require_same(looked.parcel.to, answers.again)
        decided = Decided(
            confirmed=bool(answers.again),
            unlocked_by=_unlocked_by(looked, answers),
            remember=answers.remember,
            again=answers.way == "again",
            reissue=answers.way == "reissue",
            hold=HOLD,
        )
        ready = ready_to_mail(looked, stationery, decided, desk.now())
    interpreter = read(desk, fields).interpreter
    token = waiting.keep(_Message(desk.now(), made, interpreter, looked, stationery, decided, ready))
    words, slip = (ready.slip.passphrase, _drawn(ready.slip, stationery)) if ready.slip else ("", "")
    return Words(token, format_code(made.code), looked.parcel.to.masked, words, slip)


def queue(desk: Desk, waiting: Waiting, token: str) -> Queued:
    """Put a message into the outbox whose words are on the screen. Refused when that took too long; OutputFault."""
    message = waiting.take(token, desk.now())
    looked, decided = message.looked, message.decided
    with _open_outbox(desk, message.made, message.interpreter) as outbox:
        if looked.unlocked and not decided.unlocked_by:
            forget_unlocked(outbox, looked.parcel.to)
        done = mail(outbox, looked, message.stationery, decided, desk.now(), _shown, message.ready)
    if done.number is None:
        raise Refused("The same file to the same address is in the outbox already. Nothing was queued.")
    return Queued(done.number, HOLD, done.cancelled)


def _shown(_: Slip) -> None:
    """The words are on the screen already."""


def take_back(desk: Desk, number: int) -> None:
    """Cancel a message that has not gone out. Refused when it has."""
    with desk.open_outbox() as outbox:
        try:
            outbox.cancel(number, desk.now())
        except Refused:
            raise Refused("It has gone out already, or is going out now. “Sent” tells what becomes of it.") from None


def _stationery(desk: Desk, fields: Fields) -> Stationery:
    return stationery_of(desk.content, one(fields, "clinic") or default_clinic(desk.content))


def _make(desk: Desk, fields: Fields) -> tuple[Made, Request]:
    if one(fields, "blank") == "yes":
        raise RequestFault("A blank handout is nobody’s: it can be printed or saved, not mailed.")
    return make_from_form(desk, fields, approved_only=True)


@contextlib.contextmanager
def _looking(desk: Desk, fields: Fields, made: Made, request: Request) -> Iterator[tuple[Outbox, Looked]]:
    """The outbox, and what is known of a handout and the form's address. FormFault for an address that is none."""
    try:
        to = parse_address(one(fields, "patient.email"))
    except RequestFault as fault:
        raise FormFault(field_faults(fault)) from None
    with _open_outbox(desk, made, read(desk, fields).interpreter) as outbox:
        yield outbox, look(outbox, made.pdf, made.code, to, made.document.patient, entry_of(request), request.language)


@contextlib.contextmanager
def _open_outbox(desk: Desk, made: Made, interpreter: str | None) -> Iterator[Outbox]:
    with desk.recorder(interpreter) as recorder, recorder.open_outbox(made.document) as outbox:
        yield outbox


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
