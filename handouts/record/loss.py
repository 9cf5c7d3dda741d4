"""Whether the record is there, and what it knows about the rest of its folder. An edge module.

`handouts.datafolder` looks at files; this module reads their content. `recovery` restores what was lost, or begins
again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from handouts.datafolder import (
    ARCHIVE,
    OUTBOX,
    OUTBOX_KEY,
    RECORD,
    Loss,
    has_content,
    keep_private,
    losses,
    note_what_is_there,
    read_notes,
    refuse,
    require_whole,
)
from handouts.deliver.outbox.database import Database as Outbox
from handouts.errors import OutputFault
from handouts.keys import KEY_NAME, installation_key
from handouts.record.database import Database
from handouts.sqlitefile import may_write


def is_begun(folder: Path) -> bool:
    """Whether there is a record in ``folder``. Refused if something that was begun in it is gone."""
    require_whole(folder)
    return has_content(folder / RECORD)


def require_companions(database: Database) -> None:
    """Refused if events mention messages or content, and there is no outbox or no archive beside the record.

    A copy that holds only the record, and no notes, may still be read: see `open_record`.
    """
    refuse(list(lost_companions(database)))


def lost_companions(database: Database) -> Iterator[Loss]:
    """What events mention and is not there, for folders without notes of what was begun in them."""
    folder = database.path.parent
    for names, where in (((ARCHIVE,), "source IS NOT NULL"), ((OUTBOX, OUTBOX_KEY), "message IS NOT NULL")):
        gone = [name for name in names if not has_content(folder / name)]
        if gone and _tells_of(database, where):
            yield from (Loss(name, "is missing") for name in gone)


def _tells_of(database: Database, where: str) -> bool:
    return bool(database.look(f"SELECT 1 FROM events WHERE {where} LIMIT 1"))  # noqa: S608


def open_record(folder: Path, *, looking: bool = False) -> Database:
    """The record in ``folder``, with all that belongs to it. Refused if something is lost, OutputFault.

    ``looking``: see `handouts.sqlitefile`. A copy of only the record and its key may be read.
    """
    _enter(folder, RECORD, looking=looking)
    database = Database(folder, looking=looking)
    try:
        if not looking or read_notes(folder):
            require_companions(database)
        if not looking:
            _note(folder)
    except BaseException:
        database.connection.close()
        raise
    return database


def examine(folder: Path) -> list[Loss]:
    """All that is lost from ``folder``, for callers that only report. OutputFault, Refused for a record that can't be
    read.
    """
    found = losses(folder)
    if not found and has_content(folder / RECORD):
        with Database(folder, looking=True) as database:
            found = list(lost_companions(database))
    return found


def open_outbox(folder: Path) -> Outbox:
    """The outbox in ``folder``; its record must already be open. Refused if something is lost, OutputFault."""
    _enter(folder, OUTBOX)
    database = Outbox(folder)
    try:
        _note(folder)
    except BaseException:
        database.connection.close()
        raise
    return database


def _enter(folder: Path, name: str, *, looking: bool = False) -> None:
    require_whole(folder)
    if not looking or may_write(folder, name):
        keep_private(folder)


def _note(folder: Path) -> None:
    try:
        note_what_is_there(folder)
    except OSError as error:
        raise OutputFault(f"The data folder can't be written: {error.strerror}. Make it writable.") from None


def code_key(folder: Path, records: Iterable[Path]) -> bytes:
    """The key of document codes in ``folder``, made on first use. Refused if it was lost, OutputFault.

    If it is missing and one of the ``records`` mentions documents, a new key would give the same requests other codes:
    what was voided would be made again, and nobody would notice.
    """
    require_whole(folder)
    keep_private(folder)
    if not has_content(folder / KEY_NAME) and any(_has_documents(one) for one in records):
        refuse([Loss(KEY_NAME, "is missing")])
    key = installation_key(folder / KEY_NAME)
    _note(folder)
    return key


def _has_documents(folder: Path) -> bool:
    if not is_begun(folder):
        return False
    with Database(folder, looking=True) as database:
        return _tells_of(database, "code IS NOT NULL")


def codes_are_lost(folder: Path, records: Iterable[Path]) -> bool:
    """Whether the key of document codes is missing, damaged or a different one."""
    if any(loss.name == KEY_NAME for loss in losses(folder)):
        return True
    return not has_content(folder / KEY_NAME) and any(_has_documents(one) for one in records)
