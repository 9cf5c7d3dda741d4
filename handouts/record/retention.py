"""Removes old events. What stays still verifies: the purge is an event that names the last purged one (REC-10)."""

from __future__ import annotations

import sqlite3

from handouts.errors import OutputFault, Refused
from handouts.record.chain import Anchor, Link
from handouts.record.checking import check
from handouts.record.event import Event
from handouts.record.store import RecordStore, add_within, end_of


def count_before(store: RecordStore, moment: str) -> int:
    """How many events would go: all from the first on that happened before ``moment`` (UTC, as in an event)."""
    found = _last_before(store.database.connection, moment)
    [count] = store.database.look("SELECT count(*) AS n FROM events WHERE seq <= ?", found.seq if found else 0)
    return int(count["n"])


def purge(store: RecordStore, moment: str, by: str, now: str) -> int:
    """Remove what happened before ``moment``, and the copies of older tables; return how many events went.

    Refused if the record does not verify: purging would hide what is wrong. OutputFault.
    """
    database = store.database
    if check(database).faults:
        raise Refused("The record does not verify, so nothing was purged. `record verify` says what is wrong.")
    with database.change() as connection:
        last = _last_before(connection, moment)
        if last is None:
            return 0
        end = end_of(connection, store.key)
        gone = connection.execute("DELETE FROM events WHERE seq <= ?", (last.seq,)).rowcount
        event = Event(at=now, by=by, what="purged", anchor=str(Anchor(last, gone)), why=f"before {moment}")
        add_within(connection, store.key, [event], end)
    database.scrub()
    try:
        for copy in database.copies():
            copy.unlink()
    except OSError as error:
        raise OutputFault(f"A copy of the record can't be deleted: {error.strerror}. Delete it by hand.") from None
    return gone


def _last_before(connection: sqlite3.Connection, moment: str) -> Link | None:
    """The last of the events that go. If the clock was set back, later events stay: only a beginning goes."""
    row = connection.execute(
        "SELECT seq, mac FROM events WHERE seq < coalesce((SELECT min(seq) FROM events WHERE at >= ?), 1 << 62)"
        " ORDER BY seq DESC LIMIT 1",
        (moment,),
    ).fetchone()
    return Link(row["seq"], row["mac"]) if row else None
