"""After the loss of a key: restore it, or begin again with another. An edge module."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from handouts.datafolder import (
    OUTBOX_KEY,
    RECORD,
    RECORD_KEY,
    fingerprint,
    forget,
    has_content,
    note_what_is_there,
    read_notes,
)
from handouts.errors import Refused
from handouts.keys import KEY_NAME, read_key
from handouts.record.database import Database
from handouts.record.loss import codes_are_lost
from handouts.record.recovery import event_of, key_that_fits, write_key
from handouts.record.staging import Decision, copy_database, keep_old, staged, take_place, writing
from handouts.record.store import RecordStore


def restore_key(folder: Path, codes: Path, source: Path, decision: Decision) -> tuple[str, Path | None]:
    """Restore a key; return its name, and where the old one is. ``codes``: the folder of the key of document codes.

    The folder's notes say which key it is, else its file name. Refused for a key that fits nothing here.
    """
    key = read_key(source)
    name, home = _which_key(key, source.name, folder, codes)
    there = home / name
    with writing():
        if there.is_file() and there.read_bytes() == key:
            raise Refused(f"{name} already is this key. Nothing was changed.")
        with staged(home) as stage:
            write_key(stage / name, key)
            kept = keep_old(home, [name], decision.now)
            take_place(stage, home, [name])
        note_what_is_there(home)
    return name, kept


def _which_key(key: bytes, called: str, folder: Path, codes: Path) -> tuple[str, Path]:
    places = {"record": (RECORD_KEY, folder), "outbox": (OUTBOX_KEY, folder), "codes": (KEY_NAME, codes)}
    for part, (name, home) in places.items():
        if (read_notes(home) or {}).get(part) == fingerprint(key):
            return name, home
    for part, (name, home) in places.items():
        if called == name and not (read_notes(home) or {}).get(part):
            if name == RECORD_KEY and has_content(home / RECORD):
                with staged(home) as stage:
                    copy_database(home / RECORD, stage / RECORD)
                    key_that_fits(stage, [key])
            return name, home
    raise Refused(
        "This is none of the keys that were used here. Nothing was changed. A copy of a key needs its original "
        f"name: {RECORD_KEY}, {OUTBOX_KEY} or {KEY_NAME}."
    )


def begin_codes(folder: Path, records: Iterable[Path], decision: Decision) -> Path | None:
    """Begin again with a new key of document codes, and say so in each record; return where the old one is kept.

    Refused if it is not lost. OutputFault.
    """
    records = set(records)
    if not codes_are_lost(folder, records):
        raise Refused(f"{KEY_NAME} is not lost. Nothing was changed.")
    key = os.urandom(32)
    with staged(folder) as stage:
        write_key(stage / KEY_NAME, key)
        forget(folder, "codes", key)
        kept = keep_old(folder, [KEY_NAME], decision.now)
        for one in records:
            if has_content(one / RECORD):
                with Database(one) as database:
                    why = f"the key of document codes, after a loss: {decision.why}"
                    RecordStore(database).add([event_of(decision, "begun", why)])
        take_place(stage, folder, [KEY_NAME])
    return kept
