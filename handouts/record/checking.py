"""Checks the whole record against its key, and against a head kept elsewhere. Changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from handouts.record import chain
from handouts.record.chain import START, Anchor, Link, head_of
from handouts.record.database import OURS, Database
from handouts.record.store import engine_id, last_link


@dataclass(frozen=True)
class Verdict:
    """``events``: how many there are; ``faults``: what is wrong, as sentences; ``notes``: what can't be checked."""

    events: int
    last: int
    head: str
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()


def check(database: Database, kept: tuple[int, str] | None = None) -> Verdict:
    """Check every event; ``kept``: number and head from elsewhere. OutputFault if the file can't be read."""
    with database.faults():
        connection = database.connection
        connection.execute("BEGIN")  # the record at one moment, whatever is added meanwhile
        try:
            return _check(connection, database.key, kept)
        finally:
            connection.execute("ROLLBACK")


def _check(connection: sqlite3.Connection, key: bytes, kept: tuple[int, str] | None) -> Verdict:
    begin = _begin(connection)
    last = last_link(connection)
    rows = connection.execute("SELECT * FROM events WHERE seq > ? ORDER BY seq", (begin.seq,))
    faults = [*_of_the_file(connection), *_before(connection, begin), *chain.faults(key, map(dict, rows), begin)]
    faults += _of_head(connection, key, last)
    missing, notes = _against(connection, key, kept, begin) if kept else ([], [])
    [events] = connection.execute("SELECT count(*) FROM events").fetchone()
    return Verdict(events, last.seq, head_of(key, last), tuple(faults + missing), tuple(notes))


def _begin(connection: sqlite3.Connection) -> Link:
    """The event after which the chain begins, as the newest purge names it. The purge is checked like any event."""
    row = connection.execute("SELECT anchor FROM events WHERE what = 'purged' ORDER BY seq DESC LIMIT 1").fetchone()
    try:
        return Anchor.read(str(row["anchor"])).last if row else Link(0, START)
    except ValueError:
        return Link(0, START)


def _before(connection: sqlite3.Connection, begin: Link) -> Iterator[str]:
    [there] = connection.execute("SELECT count(*) FROM events WHERE seq <= ?", (begin.seq,)).fetchone()
    if there:
        yield f"events that were purged, or never belonged here: {there}"


def _of_the_file(connection: sqlite3.Connection) -> Iterator[str]:
    [state] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if state != "ok":
        yield "the file itself is damaged (SQLite's integrity_check)"
    for row in connection.execute("SELECT name FROM sqlite_master ORDER BY name"):
        if row["name"] not in OURS and not str(row["name"]).startswith("sqlite_"):  # SQLite's own, and no other
            yield f"the file holds something that is not ours: {str(row['name'])[:60]!r}"
    for row in connection.execute("SELECT id, versions FROM engines"):
        if engine_id(str(row["versions"])) != row["id"]:
            yield f"the list of versions {str(row['id'])[:16]!r} is not as it was written"


def _of_head(connection: sqlite3.Connection, key: bytes, last: Link) -> Iterator[str]:
    rows = connection.execute("SELECT seq, mac FROM head").fetchall()
    if not rows:
        if last.seq:
            yield "the head is missing: it is unknown whether events were cut off at the end"
        return
    seq, mac = rows[0]["seq"], rows[0]["mac"]
    if isinstance(seq, int) and seq > last.seq:
        yield f"the end was cut off: event {last.seq} is the last, but there were {seq}"
    elif seq != last.seq or mac != head_of(key, last):
        yield "the head does not fit the last event: the end was cut off, or someone added to it"


def _against(
    connection: sqlite3.Connection, key: bytes, kept: tuple[int, str], begin: Link
) -> tuple[list[str], list[str]]:
    """Faults and notes: does the event still exist that was the last when the head was kept?"""
    seq, head = kept
    if seq < begin.seq:
        return [], [f"the head is of event {seq}, which was purged; it can no longer be checked"]
    row = connection.execute("SELECT mac FROM events WHERE seq = ?", (seq,)).fetchone()
    link = begin if seq == begin.seq else Link(seq, str(row["mac"])) if row else None
    if link is None:
        return [f"event {seq}, whose head was kept, is gone: the record was cut off, or an old copy put back"], []
    if head_of(key, link) != head:
        return [f"event {seq} is not the one whose head was kept"], []
    return [], []
