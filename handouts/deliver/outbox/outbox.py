"""What the outbox holds, and what a person can do with it: queue, list, retry, cancel, clear.

`entries` has the states of a message.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from handouts.deliver.fhir.queueing import voided_notice
from handouts.deliver.outbox.database import Database, address_hash, seal_of
from handouts.deliver.outbox.entries import (
    BY_HAND,
    OPEN,
    Change,
    Destination,
    Entry,
    Heard,
    New,
    What,
    describe_refusal,
    entry_of,
)
from handouts.errors import Refused, RequestFault
from handouts.fhir.endpoint import parse_endpoint
from handouts.keyed_hash import keyed_hash

_NUMBERS = range(2**63)
"""What SQLite holds."""
KEEP_TRYING = 2 * 24 * 3600.0
"""Seconds for which temporary refusals are tried again, from the first try."""

_COLUMNS = """id, code, clinic, state, reason, tries, created, due, changed, locked, unlocked_by, message_id, copy,
    channel, kind, place, repeats, queue IN (SELECT clinic FROM pauses) AS paused"""


class Outbox:
    """The outbox in ``database``. Every method may raise OutputFault.

    ``heard`` gets what changes, before it is committed: when it raises, nothing changes. It also knows what the record
    last said of a message, so that an old outbox sends nothing again.
    """

    def __init__(self, database: Database, heard: Heard) -> None:
        self.database, self.heard = database, heard
        self.changes: list[Change] = []

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Some statements that happen together or not at all; what `note` was told meanwhile is heard of first."""
        self.changes = []
        with self.database.change() as connection:
            yield connection
            if self.changes:
                self.heard(self.changes)

    def note(self, change: Change) -> None:
        """Have ``change`` heard of at the end of this transaction."""
        self.changes.append(change)

    def require_current(self, code: str) -> None:
        """Refused for a document that was voided or replaced."""
        self.heard.require_current(code, "It was not queued: a handout that no longer counts is not mailed.")

    def digest(self, *parts: str) -> str:
        """A keyed hash: the same parts give the same, and nobody can find them without this installation's key."""
        return keyed_hash(self.database.key, *parts)

    def address_hash(self, address: Destination) -> str:
        """How an address is remembered."""
        return address_hash(self.database.key, address)

    def there(self, address: Destination, document: str) -> Entry | None:
        """The newest message of this document to this address that was not cancelled and did not fail."""
        found = self._entries(
            "dedupe = ? AND state NOT IN ('failed', 'cancelled') ORDER BY copy DESC LIMIT 1",
            self._dedupe(address, document),
        )
        return found[0] if found else None

    @contextmanager
    def adding(self) -> Iterator[Adder]:
        """Queue one or more messages, together or not at all."""
        with self.change() as connection:
            yield Adder(self, connection)

    def add(self, new: New, now: float) -> tuple[int, str]:
        """Queue one message: its number and "", or number and state of the same one that is there already.

        Refused for a document that no longer counts.
        """
        with self.adding() as add:
            number = add.queue(new, now)
        there = None if number else self.there(new.address, new.document)
        return (number, "") if number else (there.id if there else 0, there.shown if there else "gone")

    def _dedupe(self, address: Destination, document: str) -> str:
        return self.digest("message", address.same_as, document)

    def entries(self, states: Sequence[str] = ()) -> list[Entry]:
        """Every message, oldest first; only those in ``states``, where some are named ("paused" is one)."""
        return [entry for entry in self._entries("1 ORDER BY id") if not states or entry.shown in states]

    def entry(self, number: int) -> Entry:
        """RequestFault where there is none of that number."""
        found = self._entries("id = ?", number) if number in _NUMBERS else []
        if not found:
            raise RequestFault(f"There is no message {number} in the outbox. `outbox list` shows them.")
        return found[0]

    def of_code(self, code: str) -> list[Entry]:
        """The messages of a document, oldest first."""
        return self._entries("code = ? ORDER BY id", code)

    def pauses(self) -> dict[str, str]:
        """Queues that wait as a whole (`entries.queue_of`), and why."""
        return {row["clinic"]: row["reason"] for row in self.database.look("SELECT clinic, reason FROM pauses")}

    def resume(self, now: float) -> int:
        """Let every paused queue go on; how many messages wait in them, due now."""
        with self.database.change() as connection:
            waiting = connection.execute(
                "UPDATE messages SET due = ?, tries = 0"  # two days more: while the queue was paused nothing was tried
                " WHERE state = 'queued' AND queue IN (SELECT clinic FROM pauses)",
                (now,),
            ).rowcount
            connection.execute("DELETE FROM pauses")
        return waiting

    def retry(self, number: int, now: float) -> None:
        """Send again, now, with two days ahead. Refused for what has reached its end: its content is gone."""
        entry = self.entry(number)
        with self.change() as connection:
            done = connection.execute(
                "UPDATE messages SET state = 'queued', reason = '', tries = 0, due = ?, until = ?, changed = ?,"
                " holder = NULL, lease = NULL WHERE id = ? AND state IN ('queued', 'unknown')",
                (now, now + KEEP_TRYING, now, number),
            ).rowcount
            if done:
                self.note(Change(number, entry.code, "queued", now, f"again, by {BY_HAND}", channel=entry.channel))
        if not done:
            raise Refused(describe_refusal(entry, "retried"))

    def cancel(self, number: int, now: float, *, arrived: bool = False) -> None:
        """Take a message out; ``arrived``: somebody knows that an "unknown" one did arrive. Refused when it is over."""
        entry = self.entry(number)
        where = "state = 'unknown'" if arrived else f"state IN {OPEN}"
        with self.change() as connection:
            done = connection.execute(
                f"UPDATE messages SET state = ?, reason = ?, changed = ?, holder = NULL, lease = NULL"  # noqa: S608
                f" WHERE id = ? AND {where}",
                ("sent" if arrived else "cancelled", BY_HAND, now, number),
            ).rowcount
            if done:
                connection.execute("DELETE FROM contents WHERE id = ?", (number,))
                what: What = "sent" if arrived else "cancelled"
                self.note(Change(number, entry.code, what, now, BY_HAND, channel=entry.channel))
        if not done:
            raise Refused(describe_refusal(entry, "settled as arrived" if arrived else "cancelled"))
        self.database.scrub()

    def withdraw(self, code: str, reason: str, now: float) -> list[Entry]:
        """Cancel every message of a document that is not at its end; those that were, as they stood before. A health
        record that has the document, or may have it, is to be told, in the same step.

        One that is going out at this moment can't be cancelled.
        """
        before = [entry for entry in self.of_code(code) if entry.state in OPEN]
        with self.change() as connection:
            filed = {(entry.place, entry.clinic) for entry in self.of_code(code) if entry.is_filed and entry.place}
            gone = self._cancel(connection, reason, now, "code = ?", code)
            for place, clinic in sorted(filed):
                Adder(self, connection).queue(voided_notice(code, clinic, parse_endpoint(str(place)), reason), now)
        if gone:
            self.database.scrub()
        return [entry for entry in before if entry.id in gone]

    def _cancel(self, connection: sqlite3.Connection, reason: str, now: float, where: str, *values: str) -> list[int]:
        """Within a change: the numbers of the messages that are cancelled. `Database.scrub` has to follow."""
        rows = connection.execute(
            f"UPDATE messages SET state = 'cancelled', reason = ?, changed = ?, holder = NULL, lease = NULL"  # noqa: S608
            f" WHERE {where} AND state IN {OPEN} RETURNING id, code, channel",
            (reason, now, *values),
        ).fetchall()
        connection.executemany("DELETE FROM contents WHERE id = ?", [(row["id"],) for row in rows])
        for row in rows:
            self.note(Change(row["id"], row["code"], "cancelled", now, reason, channel=row["channel"]))
        return [row["id"] for row in rows]

    def set_aside(self, connection: sqlite3.Connection, number: int, reason: str, now: float) -> None:
        """Within a change: the message waits for a person, and does not go out by itself."""
        connection.execute(
            "UPDATE messages SET state = 'unknown', reason = ?, changed = ?, holder = NULL, lease = NULL WHERE id = ?",
            (reason, now, number),
        )

    def set_all_aside(self, reasons: Mapping[int, str], now: float) -> None:
        """The same for several; nobody hears of it."""
        with self.database.change() as connection:
            for number, reason in reasons.items():
                self.set_aside(connection, number, reason, now)

    def number_from(self, last: int) -> None:
        """Give the next message a number above ``last``: the record has told of messages up to it."""
        with self.database.change() as connection:
            [[highest]] = connection.execute("SELECT coalesce(max(id), 0) FROM messages").fetchall()
            connection.execute("DELETE FROM sqlite_sequence WHERE name = 'messages'")
            connection.execute("INSERT INTO sqlite_sequence VALUES ('messages', ?)", (max(last, highest),))

    def clear(self, before: float) -> int:
        """Forget messages that reached their end before a moment; how many."""
        with self.database.change() as connection:
            gone = connection.execute(
                "DELETE FROM messages WHERE state IN ('sent', 'failed', 'cancelled') AND changed < ?", (before,)
            ).rowcount
        self.database.scrub()
        return gone

    def slips_queued(self, slips: str) -> bool:
        """Whether messages were queued whose words stand in this file of slips."""
        return bool(self.database.look("SELECT 1 FROM messages WHERE slips = ? LIMIT 1", slips))

    def _entries(self, where: str, *values: object) -> list[Entry]:
        rows = self.database.look(f"SELECT {_COLUMNS} FROM messages WHERE {where}", *values)  # noqa: S608
        return [entry_of(dict(row)) for row in rows]


class Adder:
    """Queues messages within a change of the outbox."""

    def __init__(self, outbox: Outbox, connection: sqlite3.Connection) -> None:
        self.outbox, self.connection = outbox, connection

    def queue(self, new: New, now: float, *, again: bool = False, hold: float = 0.0) -> int | None:
        """The new message's number; None when it is there already, and ``again`` was not said.

        ``hold``: seconds before it may go out. Refused for a document that was voided or replaced.
        """
        if new.kind == "handout":
            self.outbox.require_current(new.code)
        dedupe = self.outbox._dedupe(new.address, new.document)
        alive = self.outbox.there(new.address, new.document)
        if alive and not again:
            return None
        [(copy,)] = self.connection.execute(
            "SELECT coalesce(max(copy) + 1, 0) FROM messages WHERE dedupe = ?", (dedupe,)
        ).fetchall()
        number = self.connection.execute(
            "INSERT INTO messages (dedupe, copy, code, clinic, address_hash, patient_hash, message_id, slips, locked,"
            " unlocked_by, channel, kind, place, state, created, due, until, changed)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,'queued',?,?,?,?)",
            (
                dedupe, copy, new.code, new.clinic, self.outbox.address_hash(new.address), new.patient, new.message_id,
                new.slips, new.locked, new.unlocked_by, new.channel, new.kind,
                None if new.channel == "mail" else str(new.address), now, now + hold, now + KEEP_TRYING, now,
            ),
        ).lastrowid  # fmt: skip
        assert number  # noqa: S101  an INSERT gives one
        row = {"code": new.code, "clinic": new.clinic, "message_id": new.message_id, "body": new.body}
        row |= {"channel": new.channel, "kind": new.kind}
        row |= {"address": str(new.address), "address_hash": self.outbox.address_hash(new.address)}
        self.connection.execute(
            "INSERT INTO contents (id, address, body, seal) VALUES (?, ?, ?, ?)",
            (number, row["address"], new.body, seal_of(self.outbox.database.key, row)),
        )
        reason = new.reason or ("" if new.locked else f"not locked, as {new.unlocked_by} confirmed")
        self.outbox.note(
            Change(number, new.code, "queued", now, reason, new.address, new.document, new.delivered, new.channel)
        )
        return number

    def supersede(self, code: str, address: Destination, now: float) -> int:
        """Cancel what has not gone out of this document to this address: its words were lost. How many.

        `Database.scrub` has to follow, once the new message is there.
        """
        where = "code = ? AND address_hash = ?"
        digest = self.outbox.address_hash(address)
        return len(self.outbox._cancel(self.connection, "a new one was made", now, where, code, digest))
