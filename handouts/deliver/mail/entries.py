"""What a message is to the outbox, to the staff and to the record. Pure.

The states of a message::

    queued -> claimed -> sending -> sent        it was handed over to the clinic's mail server
                                 -> unknown     the connection was lost while it went out: a person decides
           <- (temporary refusal, our own fault)
                                 -> failed      refused for good, or for two days
    queued                       -> unknown     set aside: its row was changed or damaged, or the outbox is a backup
    queued, claimed, unknown     -> cancelled   by a person

"sent", "failed" and "cancelled" are final: address and body are gone in the same step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from handouts.codes import parse_code
from handouts.deliver.mail.address import Address
from handouts.errors import escape_unprintable
from handouts.model.recorder import Document

State = Literal["queued", "claimed", "sending", "sent", "failed", "unknown", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
FINAL = ("sent", "failed", "cancelled")
OPEN = ("queued", "claimed", "unknown")
"""What a person can still take out."""
BY_HAND = "a person's word"
"""The reason of what a person settled."""
_MARKS = {"queued": "waiting", "claimed": "waiting", "sending": "going out now", "sent": "sent already"}


@dataclass(frozen=True)
class New:
    """A message to be queued. ``patient``: see `handouts.deliver.mail.people`."""

    code: str
    clinic: str
    address: Address
    document: str
    """SHA-256 of the plain file, in hex."""
    message_id: str
    body: bytes
    patient: str | None
    locked: bool
    unlocked_by: str | None = None
    slips: str | None = None
    delivered: str = ""
    """SHA-256 of the attached file, in hex."""

    def __repr__(self) -> str:
        return f"New({self.code})"


What = Literal["queued", "drafted", "sent", "failed", "declined", "unknown", "cancelled"]


@dataclass(frozen=True)
class Change:
    """What became of a message, for the record. ``declined``: by a mail server, for good.

    ``to``, ``document`` and ``delivered`` only where the message is new; ``number`` is 0 for a draft.
    """

    number: int
    code: str
    what: What
    at: float
    reason: str = ""
    to: Address | None = None
    document: str = ""
    delivered: str = ""

    def __repr__(self) -> str:
        return f"Change({self.number}, {self.what})"


class Heard(Protocol):
    """The record, as an outbox sees it: it hears of changes before they count."""

    def __call__(self, changes: Sequence[Change]) -> None:
        """Record ``changes``. OutputFault; then the outbox changes nothing either."""

    def require_current(self, code: str, nothing: str) -> None:
        """Refused for a document that was voided or replaced; ``nothing`` says what was not done, and what to do."""

    def last_word(self, number: int, code: str) -> str | None:
        """What the record last says of a message, such as "queued" or "sent"; None where it says nothing."""


class MailRecorder(Protocol):
    """What mailing is handed along; see `handouts.model.recorder`."""

    def mailed(self, document: Document | None = None) -> Heard:
        """What hears of an outbox. ``document``: one that is mailed only, and written nowhere."""


@dataclass(frozen=True)
class Entry:
    """A message as the staff see it: nothing of the patient in it."""

    id: int
    code: str
    clinic: str
    state: State
    reason: str
    tries: int
    created: float
    due: float
    changed: float
    locked: bool
    unlocked_by: str | None
    message_id: str
    copy: int
    paused: bool

    @property
    def is_final(self) -> bool:
        """Whether nothing becomes of it any more."""
        return self.state in FINAL

    @property
    def shown(self) -> str:
        """The state in one word; a message that waits for its whole queue is "paused"."""
        return "paused" if self.paused and self.state in {"queued", "claimed"} else self.state


def entry_of(row: Mapping[str, Any]) -> Entry:
    """A row of the outbox, whatever somebody or a bad disk has made of it: what can't be so is "?" or 0."""
    return Entry(
        id=int(row["id"]),
        code=parse_code(_text(row["code"])) or "?",
        clinic=_text(row["clinic"]),
        state=row["state"] if row["state"] in STATES else "unknown",
        reason=_text(row["reason"]),
        tries=int(_number(row["tries"])),
        created=_number(row["created"]),
        due=_number(row["due"]),
        changed=_number(row["changed"]),
        locked=bool(row["locked"]),
        unlocked_by=None if row["unlocked_by"] is None else _text(row["unlocked_by"]),
        message_id=_text(row["message_id"]),
        copy=int(_number(row["copy"])),
        paused=bool(row["paused"]),
    )


def _text(value: object) -> str:
    return escape_unprintable(value) if isinstance(value, str) else "?"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e15 else 0.0


def describe_duplicate(entry: Entry) -> str:
    """What is told when the same document was asked to go to the same address once more."""
    mark = _MARKS.get(entry.state, "waiting for a person's word (see `outbox list`)")
    return (
        f"Message {entry.id}, the same file to the same address, is {mark}. "
        "Nothing was queued; --again sends it once more."
    )


def describe_refusal(entry: Entry, what: str) -> str:
    """Why a message can't be `what`, such as "retried"."""
    if entry.state == "sending":
        return f"Message {entry.id} is being sent right now. Look again in a minute: `outbox show {entry.id}`."
    if entry.state in FINAL:
        return (
            f"Message {entry.id} is already {entry.state} and can't be {what}: its content is gone. "
            "Make the handout again, with --email --again."
        )
    return f"Message {entry.id} is {entry.state} and can't be {what}."
