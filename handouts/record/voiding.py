"""A document that was given in error: what voiding it changes, told before it is done and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handouts.codes import format_code
from handouts.datafolder import OUTBOX, has_content
from handouts.deliver.outbox.entries import OPEN, Entry
from handouts.errors import Refused
from handouts.record.event import Event, check_line, format_time
from handouts.record.recorder import FolderRecorder
from handouts.record.status import describe_voided, document_status, require_in_record

REASON = "its document was voided"
"""Why a waiting message was cancelled, as outbox and record say."""


@dataclass(frozen=True)
class Reach:
    """What voiding reaches, and what it can't: messages that wait (or may have arrived), messages that are going out at
    this moment, and how the document was given out already.

    ``filed``: whether the health record has it, or may have it; ``told``: the outbox still knows at which server.
    """

    waiting: tuple[Entry, ...]
    leaving: tuple[Entry, ...]
    given_out: tuple[Event, ...]
    filed: bool = False
    told: bool = False

    def ahead(self) -> Iterator[str]:
        """What will happen, a sentence each."""
        for entry in self.waiting:
            yield f"Message {entry.id} will be cancelled{_MAY_HAVE if entry.state == 'unknown' else ''}."
        yield from self._too_late()
        if self.told:
            yield "It will be marked as given in error in the health record."

    def done(self) -> Iterator[str]:
        """What happened to messages, a sentence each."""
        for entry in self.waiting:
            yield f"Message {entry.id}: cancelled{_MAY_HAVE if entry.state == 'unknown' else ''}."
        yield from self._too_late()
        if self.told:
            yield "The next `outbox run` marks it as given in error in the health record."

    def to_get_back(self) -> Iterator[str]:
        """What is out already, a sentence each."""
        if self.filed and not self.told:
            yield "The health record has it, and can't be told from here. Mark it as entered in error there."
        for event in self.given_out:
            way = "given to the browser to print or save" if event.channel == "browser" else event.what
            yield f"It was {way} on {format_time(event.at)}. Ask for it back, or inform the patient."

    def _too_late(self) -> Iterator[str]:
        for entry in self.leaving:
            yield f"Message {entry.id} is being sent right now and can't be stopped."


_MAY_HAVE = "; it may have arrived: ask the patient"


def outlook(recorder: FolderRecorder, code: str) -> Reach:
    """What voiding the document would reach; changes nothing. RequestFault for one that the record does not know;
    Refused for one that is voided already.
    """
    _require_voidable(recorder, code)
    entries: Sequence[Entry] = ()
    if has_content(recorder.folder / OUTBOX):
        with recorder.open_outbox() as outbox:
            entries = outbox.of_code(code)
    waiting = (entry for entry in entries if entry.state in OPEN)
    return Reach(tuple(waiting), _leaving(entries), _given_out(recorder, code), *_filed(recorder, code, entries))


def void(recorder: FolderRecorder, code: str, why: str) -> Reach:
    """Mark a document as given in error and cancel its messages; what was reached. RequestFault for one that the record
    does not know, or a reason that it can't hold; Refused for one that is voided already; OutputFault.
    """
    reason = check_line(why, "The reason")
    before = _require_voidable(recorder, code)
    with recorder.open_outbox() as outbox:  # first: else a run between the two would send it
        gone = outbox.withdraw(code, REASON, recorder.now())
        entries = outbox.of_code(code)
    recorder.add_voided(before, reason)
    filed = _filed(recorder, code, entries)
    return Reach(tuple(gone), _leaving(entries), _given_out(recorder, code), *filed)


def _require_voidable(recorder: FolderRecorder, code: str) -> Event:
    before = require_in_record(recorder.store, code)
    voided = document_status(recorder.store, code).voided
    if voided:
        line = describe_voided(voided)
        raise Refused(f"{format_code(code)}: {line[0].lower()}{line[1:]}. Nothing was changed.")
    return before


def _leaving(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.state == "sending")


def _filed(recorder: FolderRecorder, code: str, entries: Sequence[Entry]) -> tuple[bool, bool]:
    """Whether a health record has the document, or may have it; and whether the outbox knows which one."""
    told = any(entry.is_filed for entry in entries)
    events = recorder.store.of_code(code)
    by_file = any(event.channel == "fhir" and event.what == "made" for event in events)
    posted = any(event.channel == "fhir" and event.what == "sent" for event in events)
    return told or by_file or posted, told


def _given_out(recorder: FolderRecorder, code: str) -> tuple[Event, ...]:
    found = recorder.store.of_code(code)
    return tuple(
        event
        for event in found
        if event.channel != "fhir" and (event.what in {"printed", "sent"} or event.channel == "browser")
    )
