"""After a loss: the outbox, restored from a backup or begun again. An edge module.

A backup holds messages that may have gone out since. Resent automatically, they would reach patients twice. So each
waiting message becomes "unknown", and a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from handouts.datafolder import (
    OUTBOX,
    OUTBOX_KEY,
    RECORD,
    RECORD_KEY,
    Loss,
    fingerprint,
    forget,
    has_content,
    losses,
    note_what_is_there,
    read_notes,
    refuse,
)
from handouts.deliver.outbox.database import Database as OutboxDatabase
from handouts.deliver.outbox.database import why_not
from handouts.deliver.outbox.entries import Change, Entry
from handouts.deliver.outbox.outbox import Outbox
from handouts.errors import HandoutError, Refused
from handouts.record.database import Database
from handouts.record.loss import lost_companions
from handouts.record.mailed import Mailed, highest_message, last_word, still_queued
from handouts.record.recovery import event_of, keys_for, put_in_place, write_key
from handouts.record.staging import Decision, copy_database, require_unused, staged
from handouts.record.store import RecordStore

_LOST = "the outbox was lost"


@dataclass(frozen=True)
class Outcome:
    """``aside``: messages of the backup that now wait for a person, and what the record last says about each; ``lost``:
    number and code of messages that were queued and are not there; ``kept``: where the old files are.
    """

    aside: tuple[tuple[Entry, str | None], ...]
    lost: tuple[tuple[int, str], ...]
    kept: Path | None


def restore_outbox(folder: Path, source: Path, key_file: Path | None, decision: Decision) -> Outcome:
    """Put the backup ``source`` in the place of the outbox. Refused if it is damaged or its key does not fit; then
    nothing changes. RequestFault for a file that can't be read, OutputFault.
    """
    _require_record(folder)
    with staged(folder) as stage, Database(folder) as record:
        store = RecordStore(record)
        copy_database(source, stage / OUTBOX, folder / OUTBOX)
        key = _key_that_fits(folder, stage, keys_for(folder, source, key_file, OUTBOX_KEY))
        require_unused(folder / OUTBOX)
        with OutboxDatabase(stage) as database:
            box = Outbox(database, Mailed(store, decision.by))
            waiting = [(entry, last_word(store, entry.id, entry.code)) for entry in box.entries() if not entry.is_final]
            box.set_all_aside({entry.id: _reason(word) for entry, word in waiting}, decision.now)
            there = {(entry.id, entry.code) for entry in box.entries()}
            lost = [found for found in still_queued(store) if found not in there]
            box.number_from(highest_message(store))
        heard = [
            Change(entry.id, entry.code, "unknown", decision.now, _reason(word))
            for entry, word in waiting
            if word in {None, "queued"}
        ]
        _tell(store, decision, "restored", "the outbox, from a backup", heard, lost)
        return Outcome(tuple(waiting), tuple(lost), _put(stage, folder, key, decision.now))


def begin_outbox(folder: Path, decision: Decision) -> Outcome:
    """Begin again with an empty outbox, and say so in the record. Refused if none is lost. OutputFault."""
    _require_record(folder)
    if not _is_lost(folder):
        raise Refused("The outbox exists and works. Nothing was changed.")
    with staged(folder) as stage, Database(folder) as record:
        store = RecordStore(record)
        require_unused(folder / OUTBOX)
        with OutboxDatabase(stage) as database:
            Outbox(database, Mailed(store, decision.by)).number_from(highest_message(store))
            key = database.key
        lost = still_queued(store)
        _tell(store, decision, "begun", "the outbox, after a loss", [], lost)
        return Outcome((), tuple(lost), _put(stage, folder, key, decision.now))


def _require_record(folder: Path) -> None:
    """Refused while the record is lost: it says what was sent, and must record this."""
    gone = [loss for loss in losses(folder) if loss.name in {RECORD, RECORD_KEY}]
    if not gone and not has_content(folder / RECORD):
        gone = [Loss(RECORD, "is missing")]
    refuse(gone)


def _is_lost(folder: Path) -> bool:
    if any(loss.name in {OUTBOX, OUTBOX_KEY} for loss in losses(folder)):
        return True
    with Database(folder) as record:
        if any(loss.name in {OUTBOX, OUTBOX_KEY} for loss in lost_companions(record)):
            return True
    if not has_content(folder / OUTBOX):
        return False
    try:
        with OutboxDatabase(folder) as database:
            database.require_sound()
    except HandoutError:
        return True
    return False


def _key_that_fits(folder: Path, stage: Path, keys: list[bytes]) -> bytes:
    """The key of the staged outbox, which is then beside it. Refused if none fits, or the file is damaged."""
    noted = (read_notes(folder) or {}).get("outbox")
    for key in keys:
        write_key(stage / OUTBOX_KEY, key)
        try:
            with OutboxDatabase(stage) as database:
                database.require_sound()
                rows = database.look("SELECT * FROM messages JOIN contents USING (id)")
        except HandoutError as error:
            raise Refused(f"This is not a usable backup of an outbox. Nothing was changed.\n{error.message}") from None
        fits = [why_not(row, key) is None for row in rows]
        if any(fits) or (not rows and noted in {None, fingerprint(key)}):
            return key
    raise Refused("The key does not fit this backup. Nothing was changed. Name the right one with --key.")


def _reason(word: str | None) -> str:
    if word in {None, "queued"}:
        return "from a backup of the outbox; it may have gone out since"
    return f"from a backup of the outbox; the record says of it: {word}"


def _tell(
    store: RecordStore, decision: Decision, what: str, why: str, changes: list[Change], lost: list[tuple[int, str]]
) -> None:
    store.add([event_of(decision, what, f"{why}: {decision.why}" if decision.why else why)])
    gone = [Change(number, code, "unknown", decision.now, _LOST) for number, code in lost]
    Mailed(store, decision.by)([*changes, *gone])


def _put(stage: Path, folder: Path, key: bytes, now: float) -> Path | None:
    forget(folder, "outbox", key)
    kept = put_in_place(stage, folder, OUTBOX, OUTBOX_KEY, key, now)
    note_what_is_there(folder)
    return kept
