"""Approving on the screen: what was typed -> the question to answer, or why nothing can be recorded yet.

The rules are the library's, the same as those of the command `approve`: every gate holds first, and only what was
looked at is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from handouts.authoring.approvals import (
    YEAR,
    approvals_of,
    require_approvable,
    to_look_at,
    unwritten,
)
from handouts.authoring.checked_translation import Signature
from handouts.check import Finding, failures, text_findings
from handouts.desk.forms import FieldFault, Fields, one
from handouts.desk.library_words import English, in_words, said_of
from handouts.desk.measuring import Measured
from handouts.desk.state import Desk
from handouts.desk.words import N_, _
from handouts.errors import ContentFault, Fault, HandoutError, OutputFault, Refused
from handouts.lists.typed import Unclear, typed_day
from handouts.model.content import Approval, Library, Topic

_FLAGS = {"--by": ("by", N_("“Clinician”")), "--until": ("until", N_("“Until”"))}
"""What the library calls by the command's options: the field, and its label."""


@dataclass(frozen=True)
class Typed:
    """The form. ``seen``: the digest of each file that was on the screen."""

    files: tuple[str, ...]
    seen: Mapping[str, str]
    by: str
    checked_by: str
    until: str
    waited: bool = False
    """Whether it was sent before, and the pages are measured since."""


@dataclass(frozen=True)
class Considered:
    """What to show: a ``question``, or what keeps it from being asked.

    ``troubles``: each at its field; ``changed``: files that are no longer as they were looked at; ``left``: lines that
    are still to be written; ``failing``: gates that fail; ``measured``: how far the gates on pages are.
    """

    question: Mapping[str, Approval] = field(default_factory=dict)
    look_at: tuple[str, ...] = ()
    troubles: tuple[FieldFault, ...] = ()
    changed: tuple[str, ...] = ()
    left: tuple[Fault, ...] = ()
    failing: tuple[Finding, ...] = ()
    measured: Measured | None = None

    @property
    def approval(self) -> Approval:
        """One of those that would be recorded; they differ in their digests alone."""
        return next(iter(self.question.values()))


class Gates(Protocol):
    """The gates on pages."""

    def found(self, topic: str) -> Measured | None:
        """What is known of the text as it is; None where it was not measured."""

    def begin(self, topic: str, today: date) -> Measured:
        """What they found, or how far they are."""


def read_typed(fields: Fields) -> Typed:
    """What was typed."""
    seen = {name.removeprefix("seen:"): one(fields, name) for name in fields if name.startswith("seen:")}
    return Typed(
        tuple(fields.get("files", ())),
        seen,
        one(fields, "by"),
        one(fields, "checked_by"),
        one(fields, "until"),
        waited=bool(one(fields, "waited")),
    )


def usual_until(topic: Topic, today: date) -> date:
    """How long an approval holds where nobody says otherwise."""
    return min(today + YEAR, topic.file.review_by)


def reason_not_to(topic: Topic) -> str:
    """Why nobody can approve here, and what to do; "" where one can."""
    try:
        require_approvable(topic)
    except OutputFault as fault:
        return fault.message
    return ""


def consider(desk: Desk, library: Library, shown: Sequence[str], typed: Typed, gates: Gates) -> Considered:
    """Whether what was typed could be recorded, of the files ``shown``. Faults as `load_library` raises them."""
    topic, today = library.topic, desk.today()
    until, troubles = _read(library, typed, today)
    if troubles:
        return Considered(troubles=troubles)
    changed = tuple(name for name in typed.files if name not in shown or topic.digests[name] != typed.seen.get(name))
    if changed:
        return Considered(changed=changed)
    try:
        signature = Signature(typed.by, until, typed.checked_by or None)
        approvals = approvals_of(topic, typed.files, signature, today)
    except (Refused, ContentFault) as fault:
        return Considered(troubles=_at_their_fields(fault))
    if left := unwritten(desk.content, topic, typed.files, today):
        return Considered(left=tuple(left))
    if failing := failures(text_findings(desk.content, [topic.id], today)):
        return Considered(failing=tuple(failing))
    measured = (gates.found(topic.id) if typed.waited else None) or gates.begin(topic.id, today)
    if measured.runs or measured.fault:
        return Considered(measured=measured)
    if failing := failures(measured.findings()):
        return Considered(failing=tuple(failing), measured=measured)
    return Considered(approvals, tuple(_beyond_names(topic, typed.files)), measured=measured)


def _read(library: Library, typed: Typed, today: date) -> tuple[date | None, tuple[FieldFault, ...]]:
    """The last day, None for the usual one; and what is missing or can't be read."""
    troubles: list[FieldFault] = []
    until = None
    if not typed.files:
        troubles.append(FieldFault("files", _("Choose at least one file.")))
    if not typed.by:
        troubles.append(FieldFault("by", _("Write the name of the clinician who approves.")))
    if typed.until:
        try:
            order = library.clinic.file.date_order
            until = date.fromisoformat(typed_day(typed.until, birth=False, order=order, today=today))
        except Unclear as why:
            troubles.append(FieldFault("until", said_of(_("“Until”"), f"{why}.")))
    return until, tuple(troubles)


def _at_their_fields(fault: HandoutError) -> tuple[FieldFault, ...]:
    """The library's messages, each at the field that it is about, with the form's names."""
    told = [each.message for each in fault.faults] or [fault.message]
    return tuple(FieldFault(_field_of(message), _in_words(message)) for message in told)


def _field_of(message: str) -> str:
    for flag, (name, _label) in _FLAGS.items():
        if flag in message:
            return name
    named = re.search(r"'(by|checked_by|until)'", message)
    return named[1] if named else "files"


def _in_words(message: str) -> str:
    told = said = in_words(message)
    for flag, (_field, label) in _FLAGS.items():
        told = re.sub(rf"{flag}\b(?: [A-Z]+\b)?", _(label), told)
    told = told.replace("'by'", _("“Clinician”")).replace("'checked_by'", _("“Checked by”"))
    return English(told) if isinstance(said, English) else told


def _beyond_names(topic: Topic, files: Sequence[str]) -> list[str]:
    """What to look at but the files' names, which the screen shows anyway."""
    return [line for line in to_look_at(topic, files) if line.partition(",")[0] not in files]
