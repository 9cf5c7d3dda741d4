"""After a loss: the record, its archive and keys, restored from a backup or begun again. An edge module.

A person decides which; `handouts.record.loss` stops everything until then. `outbox_recovery` has the outbox.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from handouts.datafolder import (
    ARCHIVE,
    RECORD,
    RECORD_KEY,
    forget,
    has_content,
    losses,
    note_what_is_there,
)
from handouts.errors import HandoutError, Refused, RequestFault
from handouts.keys import SHORTEST, read_key
from handouts.record.archive import write_once
from handouts.record.checking import check
from handouts.record.database import Database
from handouts.record.event import Event, moment
from handouts.record.loss import lost_companions
from handouts.record.staging import (
    Decision,
    copy_database,
    keep_old,
    require_unused,
    staged,
    take_place,
    with_logs,
    writing,
)
from handouts.record.store import RecordStore

_BEGUN_AGAIN = "begun-again.txt"


@dataclass(frozen=True)
class Restored:
    """``events``: how many the backup has; ``kept``: where the old file is; ``gone``: how many events only it has, None
    if it can't be read; ``voided``: codes that were voided since the backup.
    """

    events: int
    kept: Path | None
    gone: int | None
    voided: tuple[str, ...] = ()


def restore_record(folder: Path, source: Path, key_file: Path | None, decision: Decision) -> Restored:
    """Put the backup ``source`` in the place of the record. Refused if it does not verify; then nothing changes.

    Its last event says that it was restored. RequestFault for a file that can't be read, OutputFault.
    """
    with staged(folder) as stage:
        copy_database(source, stage / RECORD, folder / RECORD)
        key = key_that_fits(stage, keys_for(folder, source, key_file, RECORD_KEY))
        with Database(stage) as database:
            found = check(database)
            gone, voided = _only_in(folder / RECORD, found.last, database)
            why = "from a backup" + (f": {decision.why}" if decision.why else "")
            RecordStore(database).add([event_of(decision, "restored", why)])
        require_unused(folder / RECORD)
        forget(folder, "record", key)
        kept = put_in_place(stage, folder, RECORD, RECORD_KEY, key, decision.now)
        note_what_is_there(folder)
    return Restored(found.events, kept, gone, voided)


def event_of(decision: Decision, what: str, why: str) -> Event:
    """The event that says what was decided."""
    return Event(at=moment(decision.now), by=decision.by, what=what, why=why)


def keys_for(folder: Path, source: Path, named: Path | None, name: str) -> list[bytes]:
    """The keys to try: the named one, else ours and one beside the backup. Refused if there is none."""
    if named:
        return [read_key(named)]
    found = []
    for path in (folder / name, source.parent / name):
        if path.is_file() and path.stat().st_size >= SHORTEST:
            found.append(read_key(path))
    if not found:
        raise Refused(f"{name} is missing as well, and without it the backup can't be checked. Name it with --key.")
    return found


def key_that_fits(stage: Path, keys: list[bytes]) -> bytes:
    """The key with which the staged record verifies, which is then beside it. Refused if none does."""
    faults: tuple[str, ...] = ()
    for key in keys:
        write_key(stage / RECORD_KEY, key)
        try:
            with Database(stage) as database:
                found = check(database)
        except HandoutError as error:
            raise Refused(f"This is not a usable backup of a record. Nothing was changed.\n{error.message}") from None
        if not found.faults and not found.events:
            raise Refused("This backup holds no events, so it would hide the loss. Nothing was changed.")
        if not found.faults:
            return key
        faults = found.faults
    told = "".join(f"\n  {fault}" for fault in faults[:5])
    raise Refused(f"The backup does not verify with this key, so it was not restored. Nothing was changed.{told}")


def write_key(path: Path, key: bytes) -> None:
    """Write a key that only its owner can read. OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)


def _only_in(there: Path, last: int, backup: Database) -> tuple[int | None, tuple[str, ...]]:
    """How many events the existing file has after the backup's last one, and which documents they voided."""
    if not has_content(there):
        return None, ()
    try:
        connection = sqlite3.connect(f"{there.absolute().as_uri()}?mode=ro", uri=True)
        try:
            [count] = connection.execute("SELECT count(*) FROM events WHERE seq > ?", (last,)).fetchone()
            codes = connection.execute("SELECT DISTINCT code FROM events WHERE what = 'voided'").fetchall()
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return None, ()
    known = {row["code"] for row in backup.look("SELECT DISTINCT code FROM events WHERE what = 'voided'")}
    return int(count), tuple(sorted(str(code) for (code,) in codes if code not in known))


def put_in_place(stage: Path, folder: Path, name: str, key_name: str, key: bytes, now: float) -> Path | None:
    """Put a staged database and its key in place; return where the old files are kept."""
    old = [*with_logs(name)]
    ours = folder / key_name
    same = ours.is_file() and ours.read_bytes() == key
    kept = keep_old(folder, old if same else [*old, key_name], now)
    take_place(stage, folder, [name] if same else [key_name, name])
    return kept


@dataclass(frozen=True)
class Begun:
    """``what``: which parts were begun again; ``kept``: where the remains are."""

    what: tuple[str, ...]
    kept: Path | None


def begin_record(folder: Path, decision: Decision) -> Begun:
    """Begin again what is lost of record and archive, and say so in an event. Refused if nothing is. OutputFault."""
    gone = {loss.name for loss in losses(folder)}
    damaged = not gone & {RECORD, RECORD_KEY} and _does_not_verify(folder)
    if gone & {RECORD, RECORD_KEY} or damaged:
        return _begin_record(folder, decision)
    if ARCHIVE in gone | _lost_beside(folder):
        return _begin_archive(folder, decision)
    raise Refused("The record and its archive exist, and the record verifies. Nothing was changed.")


def _does_not_verify(folder: Path) -> bool:
    if not has_content(folder / RECORD):
        return False
    try:
        with Database(folder) as database:
            return bool(check(database).faults)
    except HandoutError:
        return True


def _lost_beside(folder: Path) -> set[str]:
    if not has_content(folder / RECORD):
        return set()
    with Database(folder) as database:
        return {loss.name for loss in lost_companions(database)}


def _begin_record(folder: Path, decision: Decision) -> Begun:
    with staged(folder) as stage:
        with Database(stage) as database:
            key = database.key
            RecordStore(database).add([event_of(decision, "begun", f"after a loss: {decision.why}")])
        require_unused(folder / RECORD)
        forget(folder, "record", key)
        copies = [path.name for path in folder.glob("record-before-*.sqlite3")]
        old = keep_old(folder, copies, decision.now)
        kept = put_in_place(stage, folder, RECORD, RECORD_KEY, key, decision.now) or old
        note_what_is_there(folder)
    return Begun(("record",), kept)


def _begin_archive(folder: Path, decision: Decision) -> Begun:
    with writing():
        kept = keep_old(folder, [ARCHIVE], decision.now)
        with Database(folder) as database:
            why = f"the archive, after a loss: {decision.why}"
            RecordStore(database).add([event_of(decision, "begun", why)])
        sources = folder / ARCHIVE / "sources"
        sources.mkdir(mode=0o700, parents=True)
        (sources / _BEGUN_AGAIN).write_text("Begun again after a loss: the record says when and why.\n")
        note_what_is_there(folder)
    return Begun(("archive",), kept)


def restore_archive(folder: Path, source: Path, decision: Decision) -> tuple[int, int]:
    """Restore texts from the backup of an archive; return how many of those that the record names are there, and how
    many it names. Refused for a backup that was changed or has none of them; then nothing changes. OutputFault.
    """
    files, lists = _check_archive(source)
    with Database(folder) as database:
        named = {row["source"] for row in database.look("SELECT DISTINCT source FROM events WHERE source IS NOT NULL")}
        if named and not named & {Path(name).stem for name in lists}:
            raise Refused("This archive holds none of the texts that the record names. Nothing was changed.")
        with writing():
            for name in files:
                write_once(folder / ARCHIVE / name, (source / name).read_bytes())
            for name, data in lists.items():
                write_once(folder / ARCHIVE / name, data)
            note_what_is_there(folder)
        why = "the archive, from a backup" + (f": {decision.why}" if decision.why else "")
        RecordStore(database).add([event_of(decision, "restored", why)])
    there = {path.stem for path in (folder / ARCHIVE / "sources").glob("*.json")}
    return len(named & there), len(named)


def _check_archive(source: Path) -> tuple[list[str], dict[str, bytes]]:
    """Names of files and sheets of an archive, and its lists by their names. Refused for what is not as it was written.

    Its sheets may be many and large, so their bytes are not kept in memory.
    """
    files, lists, changed = [], {}, []
    try:
        for path in sorted([*source.glob("files/??/*"), *source.glob("sheets/??/*")]):
            if not path.name.startswith("."):
                files.append(path.relative_to(source).as_posix())
                changed += [] if hashlib.sha256(path.read_bytes()).hexdigest() == path.name else files[-1:]
        for path in sorted(source.glob("sources/*.json")):
            lists[f"sources/{path.name}"] = path.read_bytes()
    except OSError as error:
        raise RequestFault(f"The backup can't be read: {error.strerror}.") from None
    if not lists:
        raise RequestFault("This folder is not the backup of an archive: it holds no list of texts.")
    for name in changed:
        raise Refused(f"The backup was changed: {name} is not as it was written. Nothing was changed.")
    for name, data in lists.items():
        try:
            if not {"files", "sheets"} & json.loads(data).keys():
                raise ValueError
        except (ValueError, AttributeError):
            raise Refused(f"The backup is damaged: {name} can't be read. Nothing was changed.") from None
    return files, lists
