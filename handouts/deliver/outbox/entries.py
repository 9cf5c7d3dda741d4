"""What a message is to the outbox, to the staff and to the record. Pure.

A message goes by one of two channels: "mail", to a patient, or "fhir", to the clinic's health record. Each clinic has
a queue for each of them. The states of a message::

    queued -> claimed -> sending -> sent        it was handed over to the clinic's server
                                 -> unknown     the connection was lost while it went out: a person decides
           <- (temporary refusal, our own fault; what may go out twice, because the server takes it once)
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
from handouts.errors import escape_unprintable
from handouts.model.recorder import Document

State = Literal["queued", "claimed", "sending", "sent", "failed", "unknown", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
FINAL = ("sent", "failed", "cancelled")
OPEN = ("queued", "claimed", "unknown")
"""What a person can still take out."""
BY_HAND = "a person's word"
"""The reason of what a person settled."""
OUT_OF_TIME = "two days of refusals"
"""How the reason begins of what was tried for two days."""
_MARKS = {"queued": "waiting", "claimed": "waiting", "sending": "going out now", "sent": "sent already"}


Way = Literal["mail", "fhir"]
"""The channels of the record that lead through the outbox."""
Kind = Literal["handout", "mailed", "voided"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What a message holds: a handout; for a health record also that it was mailed, or that it was given in error."""


class Destination(Protocol):
    """Where a message goes: an address of e-mail, or a health record's server."""

    @property
    def same_as(self) -> str:
        """Equal for all ways to write the same destination."""


def queue_of(clinic: str, channel: str) -> str:
    """The name of a clinic's queue: its own for mail, "cohen/fhir" for its health record."""
    return clinic if channel == "mail" else f"{clinic}/{channel}"


def clinic_of(queue: str) -> str:
    """The clinic whose queue it is."""
    return queue.partition("/")[0]


def is_for_record(queue: str) -> bool:
    """Whether it leads to a health record."""
    return queue.endswith("/fhir")


@dataclass(frozen=True)
class New:
    """A message to be queued. ``patient``: see `handouts.deliver.mail.people`."""

    code: str
    clinic: str
    address: Destination
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
    channel: Way = "mail"
    kind: Kind = "handout"
    reason: str = ""
    """What the record is told with "queued"; "" for what follows from ``locked``."""

    def __repr__(self) -> str:
        return f"New({self.code})"


What = Literal["queued", "drafted", "sent", "failed", "declined", "unknown", "cancelled"]


@dataclass(frozen=True)
class Change:
    """What became of a message, for the record. ``declined``: by a server, for good.

    ``to``, ``document`` and ``delivered`` only where the message is new; ``number`` is 0 for a draft.
    """

    number: int
    code: str
    what: What
    at: float
    reason: str = ""
    to: Destination | None = None
    document: str = ""
    delivered: str = ""
    channel: Way = "mail"

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
    channel: Way = "mail"
    kind: Kind = "handout"
    repeats: bool = False
    """Whether it may go out twice, because the server takes it once."""
    place: str | None = None
    """The health record's server."""

    @property
    def is_filed(self) -> bool:
        """Whether it is a handout that the health record has, or may have."""
        begun = self.repeats or self.state in {"sent", "sending", "unknown"}
        if self.state == "failed" and not self.reason.startswith(OUT_OF_TIME):
            return False
        return self.channel == "fhir" and self.kind == "handout" and begun

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
        channel="fhir" if row["channel"] == "fhir" else "mail",
        kind=row["kind"] if row["kind"] in KINDS else "handout",
        repeats=bool(row["repeats"]),
        place=row["place"] if isinstance(row["place"], str) else None,
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
