"""Adds events to the record, and finds them. Every method may raise OutputFault."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

from handouts.keyed_hash import (
    folded_patient_parts,
    folded_person_parts,
    keyed_hash,
    patient_parts,
    person_parts,
)
from handouts.record.chain import START, Link, head_of, mac_of
from handouts.record.database import Database
from handouts.record.event import Event

if TYPE_CHECKING:
    from handouts.model.recorder import Whom

_NAMES = tuple(field.name for field in fields(Event))
_INSERT = f"INSERT INTO events ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})"  # noqa: S608

_A_DOCUMENT = 20
"""So many events of one document are many."""


class RecordStore:
    """The record in ``database``."""

    def __init__(self, database: Database) -> None:
        self.database, self.key = database, database.key

    def add(self, events: Iterable[Event]) -> list[int]:
        """Add ``events``, all or none, synced to disk, and return their numbers."""
        ready = list(events)  # before the transaction: computing them may read the record
        with self.database.change() as connection:
            return add_within(connection, self.key, ready)

    def engine(self, versions: str) -> str:
        """The id of these versions in an event."""
        name = engine_id(versions)
        if not self.database.look("SELECT 1 FROM engines WHERE id = ?", name):
            with self.database.change() as connection:
                connection.execute("INSERT OR IGNORE INTO engines VALUES (?, ?)", (name, versions))
        return name

    def versions(self, engine: str) -> str:
        """The versions that an event names; "" if they are not known."""
        rows = self.database.look("SELECT versions FROM engines WHERE id = ?", engine)
        return str(rows[0]["versions"]) if rows else ""

    def whom(self, name: str, birth_date: date | None, identifier: str | None) -> dict[str, Any]:
        """The columns that tell a patient from others in an event; None in all for a name alone."""
        named = {
            "patient": patient_parts(name, birth_date, identifier),
            "person": person_parts(name, birth_date),
            "patient_folded": folded_patient_parts(name, birth_date, identifier),
            "person_folded": folded_person_parts(name, birth_date),
        }
        return {column: keyed_hash(self.key, *parts) if parts else None for column, parts in named.items()}

    def destination(self, kind: str, where: str) -> str:
        """The hash of an address (``mail``), a health record (``fhir``) or a printer (``printer``) in an event."""
        return keyed_hash(self.key, "destination", kind, where)

    def of_code(self, code: str) -> list[Event]:
        """Every event of a document, oldest first."""
        return self._events("code = ? ORDER BY seq", code)

    def made(self, code: str, sha256: str | None = None) -> Event | None:
        """The newest event of a document that says what it was made from; of the file ``sha256`` if there is one."""
        query = "code = ? AND content IS NOT NULL ORDER BY made IS NOT ?, what != 'made', seq DESC LIMIT 1"
        found = self._events(query, code, sha256)
        return found[0] if found else None

    def of_message(self, number: int, code: str) -> Event | None:
        """The newest event of a message of the outbox that says what it holds."""
        found = self._events("message = ? AND code = ? AND what = 'queued' ORDER BY seq DESC LIMIT 1", number, code)
        return found[0] if found else None

    def told_of(self, number: int, code: str) -> list[Event]:
        """Every event of a message of the outbox, oldest first."""
        return self._events("message = ? AND code = ? AND channel IN ('mail', 'fhir') ORDER BY seq", number, code)

    def delivered(self, sha256: str) -> list[Event]:
        """Events that mailed exactly these bytes."""
        return self._events("delivered = ? AND channel = 'mail' ORDER BY seq", sha256)

    def printed(self, sha256: str) -> list[str]:
        """Codes of the documents in a file of exactly these bytes that went to a printer."""
        rows = self.database.look(
            "SELECT code FROM events WHERE delivered = ? AND channel = 'printer' GROUP BY code ORDER BY min(seq)",
            sha256,
        )
        return [str(row["code"]) for row in rows]

    def replacing(self, code: str) -> list[Event]:
        """Events of documents that replace ``code``."""
        return self._events("replaces = ? ORDER BY seq", code)

    def withdrawn(self) -> list[str]:
        """Codes of all documents that were voided or replaced."""
        rows = self.database.look(
            "SELECT code FROM events WHERE what = 'voided' UNION SELECT replaces FROM events WHERE replaces IS NOT NULL"
        )
        return [row[0] for row in rows if row[0]]

    def withdrawn_from(self, after: int) -> list[tuple[str, str]]:
        """Content digest and source of what was voided or replaced by an event after number ``after``."""
        # a plus before seq: SQLite takes the small indexes of what was withdrawn, and not the whole table
        rows = self.database.look(
            "SELECT DISTINCT content, source FROM events WHERE content IS NOT NULL AND code IN"
            " (SELECT code FROM events WHERE what = 'voided' AND +seq > ?"
            " UNION SELECT replaces FROM events WHERE replaces IS NOT NULL AND +seq > ?)",
            after,
            after,
        )
        return [(str(row["content"]), str(row["source"])) for row in rows]

    def given_to(self, patient: Whom) -> list[Event]:
        """Every event of the documents that were made for a patient, oldest first.

        By record number; by name and birth date if one side has no number (REC-17). Nothing for a name alone. Folded,
        and as typed: events of record version 1 have no folded hash.
        """
        who = self.whom(patient.name, patient.birth_date, patient.identifier)
        unnumbered, folded = ("", "") if patient.identifier is None else (
            " AND patient = person", " AND patient_folded = person_folded"
        )  # fmt: skip
        return self._events(
            f"code IN (SELECT code FROM events WHERE patient = ? OR person = ?{unnumbered}"  # noqa: S608
            f" OR patient_folded = ? OR person_folded = ?{folded}) ORDER BY seq",
            *who.values(),
        )

    def latest(self, count: int) -> list[Event]:
        """Every event of the ``count`` documents that something happened to last, oldest first; fewer where these last
        events were many.
        """
        return self._events(
            "code IN (SELECT code FROM (SELECT code, seq FROM events WHERE code IS NOT NULL ORDER BY seq DESC LIMIT ?)"
            " GROUP BY code ORDER BY max(seq) DESC LIMIT ?) ORDER BY seq",
            count * _A_DOCUMENT,
            count,
        )

    def chosen(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        topic: str | None = None,
        channel: str | None = None,
        code: str | None = None,
        what: str | None = None,
    ) -> Iterator[Event]:
        """Events, oldest first, with ``since <= at < until`` and the given values.

        ``topic`` also finds later events of documents of that topic.
        """
        asked: list[tuple[str, str | None]] = [
            ("at >= ?", since), ("at < ?", until), ("channel = ?", channel), ("code = ?", code), ("what = ?", what),
            ("coalesce(topic, (SELECT topic FROM events AS made WHERE made.code = events.code AND made.topic"
             " IS NOT NULL LIMIT 1)) = ?", topic),
        ]  # fmt: skip
        given = [(where, value) for where, value in asked if value is not None]
        where = " AND ".join(where for where, _ in given) or "1"
        with self.database.faults():
            query = f"SELECT * FROM events WHERE {where} ORDER BY seq"  # noqa: S608
            for row in self.database.connection.execute(query, [value for _, value in given]):
                yield _event(row)

    def head(self) -> tuple[int, str]:
        """Number of the last event, and the head to keep elsewhere; 0 for an empty record."""
        rows = self.database.look("SELECT seq, mac FROM head")
        return (int(rows[0]["seq"]), str(rows[0]["mac"])) if rows else (0, head_of(self.key, Link(0, START)))

    def _events(self, where: str, *values: object) -> list[Event]:
        return [_event(row) for row in self.database.look(f"SELECT * FROM events WHERE {where}", *values)]  # noqa: S608


def add_within(
    connection: sqlite3.Connection, key: bytes, events: Iterable[Event], after: Link | None = None
) -> list[int]:
    """Add ``events`` in a transaction that the caller begins and ends; ``after``: the end of the chain, if known."""
    last = after or end_of(connection, key)
    rows: list[list[Any]] = []
    for event in events:
        values = vars(event) | {"seq": last.seq + 1}
        values["mac"] = mac_of(key, values, last.mac)
        last = Link(values["seq"], values["mac"])
        rows.append([values[name] for name in _NAMES])
    if rows:
        connection.executemany(_INSERT, rows)
        connection.execute("REPLACE INTO head VALUES (1, ?, ?)", (last.seq, head_of(key, last)))
    return list(range(last.seq - len(rows) + 1, last.seq + 1))


def end_of(connection: sqlite3.Connection, key: bytes) -> Link:
    """Where the next event goes. If the head does not fit the last event, someone removed events: then two numbers stay
    free, so that `record verify` will always find it, and the clinic can continue.
    """
    last = last_link(connection)
    head = connection.execute("SELECT seq, mac FROM head").fetchone()
    if head is None and last.seq == 0:
        return last
    if head and head["seq"] == last.seq and head["mac"] == head_of(key, last):
        return last
    told = head["seq"] if head and isinstance(head["seq"], int) else 0
    return Link(max(last.seq, told) + 1, last.mac)


def last_link(connection: sqlite3.Connection) -> Link:
    """The end of the chain."""
    row = connection.execute("SELECT seq, mac FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return Link(row["seq"], str(row["mac"])) if row else Link(0, START)


def engine_id(versions: str) -> str:
    """A short digest of a list of versions."""
    return hashlib.sha256(versions.encode()).hexdigest()[:16]


def _event(row: sqlite3.Row) -> Event:
    return Event(**{name: row[name] for name in _NAMES})
