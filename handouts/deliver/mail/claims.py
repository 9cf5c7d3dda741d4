"""A runner's side of the outbox: take one message, say what became of it.

A claim is a lease: a runner that dies loses it, and another goes on. What was only claimed is queued again; what was
going out is "unknown", because nobody can tell whether the server has it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal

from handouts.deliver.mail.address import Address
from handouts.deliver.mail.entries import Change, What
from handouts.deliver.mail.outbox import Outbox

LEASE = 1800.0
"""Seconds. Longer than any conversation about one message that keeps to `smtp`'s time-outs."""
LOST = "the connection was lost while it went out"


class ClaimLost(Exception):
    """Somebody cancelled the message, or the lease ran out, before it went out."""


@dataclass(frozen=True)
class Claim:
    """A message that this runner alone has for a while."""

    id: int
    code: str
    clinic: str
    address: Address
    body: bytes
    tries: int

    def __repr__(self) -> str:
        return f"Claim({self.id})"


@dataclass(frozen=True)
class Wait:
    """Something is due, but the server is not to be given more for ``seconds``."""

    seconds: float


class Claims:
    """What one runner (``holder``) does with the outbox. OutputFault."""

    def __init__(self, outbox: Outbox, holder: str) -> None:
        self.outbox, self.database, self.holder = outbox, outbox.database, holder

    def recover(self, now: float) -> int:
        """Take back what dead runners had, and scrub what they could not; how many messages are "unknown" by it."""
        with self.outbox.change() as connection:
            lost = connection.execute(
                "UPDATE messages SET state = 'unknown', reason = ?, changed = ? WHERE state = 'sending' AND lease <= ?"
                " RETURNING id, code",
                (LOST, now, now),
            ).fetchall()
            for row in lost:
                self.outbox.note(Change(row["id"], row["code"], "unknown", now, LOST))
            connection.execute(
                "UPDATE messages SET state = 'queued', holder = NULL, lease = NULL"
                " WHERE state = 'claimed' AND lease <= ?",
                (now,),
            )
        self.database.scrub()
        return len(lost)

    def claim(self, now: float, clinic: str, per_minute: int) -> Claim | Wait | None:
        """The message of ``clinic`` that is due longest; None when there is none, or the clinic is paused.

        ``per_minute`` holds for all runners together.
        """
        with self.database.change() as connection:
            row = connection.execute(
                "SELECT id, code, clinic, tries, address, body FROM messages JOIN contents USING (id)"
                " WHERE state = 'queued' AND due <= ? AND clinic = ? AND clinic NOT IN (SELECT clinic FROM pauses)"
                " ORDER BY due, id LIMIT 1",
                (now, clinic),
            ).fetchone()
            if row is None:
                return None
            wait = _wait(connection, clinic, now)
            if wait > 0:
                return Wait(wait)
            connection.execute("REPLACE INTO paces VALUES (?, ?)", (clinic, now + 60 / per_minute))
            connection.execute(
                "UPDATE messages SET state = 'claimed', holder = ?, lease = ?, changed = ? WHERE id = ?",
                (self.holder, now + LEASE, now, row["id"]),
            )
        address = Address(*row["address"].rsplit("@", 1))
        return Claim(row["id"], row["code"], row["clinic"], address, row["body"], row["tries"])

    def due_clinics(self, now: float) -> list[str]:
        """Clinics that have something due and are not paused."""
        rows = self.database.look(
            "SELECT DISTINCT clinic FROM messages WHERE state = 'queued' AND due <= ?"
            " AND clinic NOT IN (SELECT clinic FROM pauses) ORDER BY clinic",
            now,
        )
        return [row["clinic"] for row in rows]

    def begin(self, claim: Claim, now: float) -> None:
        """The next byte may make the server have the message. ClaimLost: then it must not go out."""
        with self.database.change() as connection:
            done = connection.execute(
                "UPDATE messages SET state = 'sending', lease = ?, changed = ?"
                " WHERE id = ? AND holder = ? AND state = 'claimed' AND lease > ?",
                (now + LEASE, now, claim.id, self.holder, now),
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
        self.database.scrub()

    def failed(self, claim: Claim, reason: str, now: float) -> None:
        """It was refused for good."""
        with self.outbox.change() as connection:
            self._end(connection, claim, "failed", reason, now, "declined")
        self.database.scrub()

    def deferred(self, claim: Claim, reason: str, now: float) -> bool:
        """Refused for now: another try later, or none after two days. Whether there will be one."""
        with self.outbox.change() as connection:
            row = connection.execute("SELECT until FROM messages WHERE id = ?", (claim.id,)).fetchone()
            until = float(row["until"]) if row else now
            if now < until:
                due = min(now + wait_after(claim.tries + 1), until)
                self._set(connection, claim, "state = 'queued', reason = ?, due = ?, tries = tries + 1", reason, due)
            else:
                self._end(connection, claim, "failed", f"two days of refusals; the last: {reason}", now)
        if now >= until:
            self.database.scrub()
        return now < until

    def unknown(self, claim: Claim, now: float) -> None:
        """Nobody can tell whether the server has it."""
        with self.outbox.change() as connection:
            if self._set(connection, claim, "state = 'unknown', reason = ?, changed = ?", LOST, now):
                self.outbox.note(Change(claim.id, claim.code, "unknown", now, LOST))

    def paused(self, claim: Claim, reason: str, now: float) -> None:
        """A fault of ours: the clinic's whole queue waits, and no message has lost a try."""
        with self.database.change() as connection:
            connection.execute("INSERT OR IGNORE INTO pauses VALUES (?, ?, ?)", (claim.clinic, now, reason))
            self._set(connection, claim, "state = 'queued'")

    def released(self, claim: Claim) -> None:
        """Give a message back that has not begun to go out."""
        with self.database.change() as connection:
            self._set(connection, claim, "state = 'queued'", only="state = 'claimed'")

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
            self.outbox.note(Change(claim.id, claim.code, what or state, now, reason))

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


def wait_after(tries: int) -> float:
    """Seconds until the next try: 5 minutes, then twice as long each time, 4 hours at most."""
    return float(min(300 * 2 ** min(tries - 1, 10), 4 * 3600))


def _wait(connection: sqlite3.Connection, clinic: str, now: float) -> float:
    row = connection.execute("SELECT next FROM paces WHERE clinic = ?", (clinic,)).fetchone()
    wait = float(row["next"]) - now if row else 0.0
    return wait if 0 < wait <= 60 else 0.0  # more than a minute: somebody has put the clock back
