"""A runner's side of the outbox: take one message, say what became of it.

A claim is a lease (MAIL-9): a runner that dies loses it, and another continues. What was only claimed is queued again;
what was going out is "unknown", because nobody can tell whether the server has it, unless the server takes the same
posting once, however often it comes (``repeats``): that is queued again as well.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import Literal

from handouts.codes import parse_code
from handouts.deliver.fhir.queueing import mailed_notice
from handouts.deliver.outbox.database import DAMAGED, destination_of, why_not
from handouts.deliver.outbox.entries import OUT_OF_TIME, STATES, Change, Destination, Way, What, queue_of
from handouts.deliver.outbox.outbox import Adder, Outbox
from handouts.deliver.outbox.pace import LONGEST_WAIT, tried_until, wait_after, wait_for_pace
from handouts.fhir.endpoint import parse_endpoint

LEASE = 1800.0
"""Seconds. Longer than `smtp` lets a message take, from the moment when it begins to go out."""
_MARGIN = 300.0
"""Seconds that another runner's clock may have gone on while this one waited."""
_OVER = "(lease IS NULL OR lease <= ? OR lease > ? OR holder GLOB ?)"
"""A lease that ran out, that only a wrong clock can have given, or whose runner is known to be gone."""
_CLINIC = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
LOST = "the connection was lost while it went out"


class ClaimLost(Exception):
    """Somebody cancelled the message, or the lease ran out, before it went out."""


@dataclass(frozen=True)
class Claim:
    """A message that this runner alone has for a while."""

    id: int
    code: str
    clinic: str
    address: Destination
    body: bytes
    tries: int
    channel: Way = "mail"

    def __repr__(self) -> str:
        return f"Claim({self.id})"


@dataclass(frozen=True)
class Wait:
    """Something is due, but the server is not to be given more for ``seconds``."""

    seconds: float


class Claims:
    """What one runner (``holder``) does with the outbox. OutputFault.

    ``gone``: how the names of runners begin that are known to be gone, whatever their leases say; "" for none.
    """

    def __init__(self, outbox: Outbox, holder: str, *, gone: str = "") -> None:
        self.outbox, self.database, self.holder = outbox, outbox.database, holder
        self._gone = f"{gone}*" if gone else ""
        self.aside: list[tuple[int, str]] = []
        """Messages that were set aside, and why."""
        self.due_again: list[int] = []
        """Messages whose time no clock that was right can have set; they are due now."""

    def recover(self, now: float) -> int:
        """Take back what dead runners had, and scrub what they could not; how many messages are "unknown" by it.

        Also puts right what a clock or a disk has spoiled: `due_again`, `aside`.
        """
        with self.outbox.change() as connection:
            lost = connection.execute(
                "UPDATE messages SET state = 'unknown', reason = ?, changed = ?"  # noqa: S608
                f" WHERE state = 'sending' AND repeats = 0 AND {_OVER} RETURNING id, code, channel",
                (LOST, now, now, now + LEASE + _MARGIN, self._gone),
            ).fetchall()
            for row in lost:
                self.outbox.note(Change(row["id"], row["code"], "unknown", now, LOST, channel=row["channel"]))
            connection.execute(
                "UPDATE messages SET tries = max(tries, 1) WHERE state = 'sending' AND repeats = 1"  # noqa: S608
                f" AND {_OVER}",
                (now, now + LEASE + _MARGIN, self._gone),
            )
            connection.execute(
                "UPDATE messages SET state = 'queued', holder = NULL, lease = NULL"  # noqa: S608
                f" WHERE state IN ('claimed', 'sending') AND {_OVER}",
                (now, now + LEASE + _MARGIN, self._gone),
            )
            self._make_due(connection, now)
            self._sift(connection, now)
        self.database.scrub()
        return len(lost)

    def _make_due(self, connection: sqlite3.Connection, now: float) -> None:
        """No message is ever due later than after the longest wait: a time beyond it was set by a wrong clock."""
        rows = connection.execute(
            "UPDATE messages SET due = ? WHERE state = 'queued'"
            " AND (due > ? OR typeof(due) NOT IN ('real', 'integer')) RETURNING id",
            (now, now + LONGEST_WAIT + _MARGIN),
        ).fetchall()
        self.due_again += [row["id"] for row in rows]

    def _sift(self, connection: sqlite3.Connection, now: float) -> None:
        """Set aside what waits and can't be claimed: no clinic that can be one, no content."""
        states = ", ".join(f"'{state}'" for state in STATES)
        rows = connection.execute(f"SELECT id, code, channel FROM messages WHERE state NOT IN ({states})").fetchall()  # noqa: S608
        for row in rows:
            self._set_aside(connection, row, DAMAGED, now)
        rows = connection.execute(
            "SELECT id, code, channel, clinic, EXISTS (SELECT 1 FROM contents WHERE contents.id = messages.id) AS held"
            " FROM messages WHERE state = 'queued'"
        ).fetchall()
        for row in rows:
            if not (isinstance(row["clinic"], str) and _CLINIC.fullmatch(row["clinic"])):
                self._set_aside(connection, row, DAMAGED, now)
            elif not row["held"]:
                self._set_aside(connection, row, "its content is missing from the outbox", now)

    def _set_aside(self, connection: sqlite3.Connection, row: sqlite3.Row, reason: str, now: float) -> None:
        self.outbox.set_aside(connection, row["id"], reason, now)
        self.outbox.note(Change(row["id"], _code(row), "unknown", now, f"set aside: {reason}", channel=_way(row)))
        self.aside.append((row["id"], reason))

    def claim(self, now: float, queue: str, per_minute: int) -> Claim | Wait | None:
        """The message of ``queue`` that is due longest; None when there is none, or the queue is paused.

        ``per_minute`` holds for all runners together. What is not as it was queued is set aside on the way.
        """
        with self.outbox.change() as connection:
            row = self._next(connection, now, queue)
            if row is None:
                return None
            wait = wait_for_pace(connection, queue, now)
            if wait > 0:
                return Wait(wait)
            connection.execute("REPLACE INTO paces VALUES (?, ?)", (queue, now + 60 / per_minute))
            connection.execute(
                "UPDATE messages SET state = 'claimed', holder = ?, lease = ?, changed = ? WHERE id = ?",
                (self.holder, now + LEASE, now, row["id"]),
            )
        address = destination_of(row)
        return Claim(row["id"], row["code"], row["clinic"], address, row["body"], row["tries"], _way(row))

    def _next(self, connection: sqlite3.Connection, now: float, queue: str) -> sqlite3.Row | None:
        while True:
            found: sqlite3.Row | None = connection.execute(
                "SELECT * FROM messages JOIN contents USING (id)"
                " WHERE state = 'queued' AND due <= ? AND queue = ? AND queue NOT IN (SELECT clinic FROM pauses)"
                " ORDER BY due, id LIMIT 1",
                (now, queue),
            ).fetchone()
            if found is None:
                return None
            reason = why_not(found, self.database.key)
            if reason:
                self._set_aside(connection, found, reason, now)
                continue
            word = self.outbox.heard.last_word(found["id"], found["code"])
            if word in {None, "queued"}:
                return found
            reason = f"the record says of it: {word}; this outbox seems to be an old copy"
            self.outbox.set_aside(connection, found["id"], reason, now)  # the record knows more already
            self.aside.append((found["id"], reason))

    def look_through(self, now: float, queue: str) -> bool:
        """Set aside what is not as it was queued; whether anything of this queue is left that waits."""
        with self.outbox.change() as connection:
            rows = connection.execute(
                "SELECT * FROM messages JOIN contents USING (id) WHERE state = 'queued' AND queue = ?", (queue,)
            ).fetchall()
            bad = [(row, reason) for row in rows if (reason := why_not(row, self.database.key))]
            for row, reason in bad:
                self._set_aside(connection, row, reason, now)
        return len(bad) < len(rows)

    def due_queues(self, now: float) -> list[str]:
        """Queues that have something due and are not paused."""
        rows = self.database.look(
            "SELECT DISTINCT queue FROM messages WHERE state = 'queued' AND due <= ?"
            " AND queue NOT IN (SELECT clinic FROM pauses) ORDER BY queue",
            now,
        )
        return [row["queue"] for row in rows]

    def begin(self, claim: Claim, now: float, *, repeats: bool = False) -> None:
        """The next byte may make the server have the message. ClaimLost: then it must not go out.

        ``repeats``: it may go out again when nobody can tell, because the server takes it once.
        """
        with self.database.change() as connection:
            done = connection.execute(
                "UPDATE messages SET state = 'sending', lease = ?, changed = ?, repeats = ?"
                " WHERE id = ? AND holder = ? AND state = 'claimed' AND lease > ?",
                (now + LEASE, now, repeats, claim.id, self.holder, now),
            ).rowcount
        if not done:
            raise ClaimLost

    def sent(self, claim: Claim, now: float) -> None:
        """The server has taken it on."""
        with self.outbox.change() as connection:
            self._end(connection, claim, "sent", "", now)
            connection.execute(
                "REPLACE INTO known SELECT patient_hash, address_hash, ? FROM messages"
                " WHERE id = ? AND state = 'sent' AND patient_hash IS NOT NULL",
                (now, claim.id),
            )
            if claim.channel == "mail":
                self._tell_health_record(connection, claim, now)
        self.database.scrub()

    def _tell_health_record(self, connection: sqlite3.Connection, claim: Claim, now: float) -> None:
        """Queue for the health record that has the document, or is to get it, that it was mailed."""
        row = connection.execute(
            "SELECT place FROM messages WHERE code = ? AND clinic = ? AND channel = 'fhir' AND kind = 'handout'"
            " AND state NOT IN ('failed', 'cancelled') ORDER BY id DESC LIMIT 1",
            (claim.code, claim.clinic),
        ).fetchone()
        if row and isinstance(row["place"], str):
            place = parse_endpoint(row["place"])
            Adder(self.outbox, connection).queue(mailed_notice(claim.code, claim.clinic, place, claim.id, now), now)

    def failed(self, claim: Claim, reason: str, now: float) -> None:
        """It was refused for good."""
        with self.outbox.change() as connection:
            self._end(connection, claim, "failed", reason, now, "declined")
        self.database.scrub()

    def deferred(self, claim: Claim, reason: str, now: float) -> bool:
        """Refused for now: another try later, or none two days after the first. Whether there will be one."""
        with self.outbox.change() as connection:
            row = connection.execute("SELECT tries, until FROM messages WHERE id = ?", (claim.id,)).fetchone()
            until = tried_until(row, now)
            if now < until:
                due = min(now + wait_after(claim.tries + 1), until)
                change = "state = 'queued', reason = ?, due = ?, until = ?, tries = tries + 1"
                self._set(connection, claim, change, reason, due, until)
            else:
                self._end(connection, claim, "failed", f"{OUT_OF_TIME}; the last: {reason}", now)
        if now >= until:
            self.database.scrub()
        return now < until

    def unknown(self, claim: Claim, now: float) -> None:
        """Nobody can tell whether the server has it."""
        with self.outbox.change() as connection:
            if self._set(connection, claim, "state = 'unknown', reason = ?, changed = ?", LOST, now):
                self.outbox.note(Change(claim.id, claim.code, "unknown", now, LOST, channel=claim.channel))

    def paused(self, claim: Claim, reason: str, now: float) -> None:
        """A fault of ours: the whole queue waits, and no message has lost a try."""
        with self.database.change() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO pauses VALUES (?, ?, ?)", (queue_of(claim.clinic, claim.channel), now, reason)
            )
            self._set(connection, claim, "state = 'queued'")

    def released(self, claim: Claim) -> None:
        """Give a message back that has not begun to go out, or may go out again."""
        with self.database.change() as connection:
            self._set(connection, claim, "state = 'queued'", only="(state = 'claimed' OR repeats = 1)")

    def _end(
        self,
        connection: sqlite3.Connection,
        claim: Claim,
        state: Literal["sent", "failed"],
        reason: str,
        now: float,
        what: What | None = None,
    ) -> None:
        if self._set(connection, claim, "state = ?, reason = ?, changed = ?", state, reason, now):
            connection.execute("DELETE FROM contents WHERE id = ?", (claim.id,))
            self.outbox.note(Change(claim.id, claim.code, what or state, now, reason, channel=claim.channel))

    def _set(
        self,
        connection: sqlite3.Connection,
        claim: Claim,
        change: str,
        *values: object,
        only: str = "state IN ('claimed', 'sending', 'unknown')",
    ) -> bool:
        """Only while it is still this runner's: what a person or another runner said meanwhile holds."""
        query = f"UPDATE messages SET {change}, lease = NULL WHERE id = ? AND holder = ? AND {only}"  # noqa: S608
        return bool(connection.execute(query, (*values, claim.id, self.holder)).rowcount)


def _way(row: sqlite3.Row) -> Way:
    return "fhir" if row["channel"] == "fhir" else "mail"


def _code(row: sqlite3.Row) -> str:
    return (parse_code(row["code"]) if isinstance(row["code"], str) else None) or ""
