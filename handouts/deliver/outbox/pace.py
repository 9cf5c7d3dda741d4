"""When a message is tried again, and how fast a queue goes."""

from __future__ import annotations

import sqlite3

from handouts.deliver.outbox.outbox import KEEP_TRYING

LONGEST_WAIT = 4 * 3600.0
"""Seconds between two tries, at most."""


def wait_after(tries: int) -> float:
    """Seconds until the next try: 5 minutes, then twice as long each time, 4 hours at most."""
    return float(min(300 * 2 ** min(tries - 1, 10), LONGEST_WAIT))


def tried_until(row: sqlite3.Row | None, now: float) -> float:
    """Until when a message is tried: two days from its first try, however long it waited for that."""
    if row is None:
        return now
    if row["tries"] == 0 or not isinstance(row["until"], int | float):
        return now + KEEP_TRYING
    return min(float(row["until"]), now + KEEP_TRYING)


def wait_for_pace(connection: sqlite3.Connection, queue: str, now: float) -> float:
    """Seconds until the queue may give its server another message."""
    row = connection.execute("SELECT next FROM paces WHERE clinic = ?", (queue,)).fetchone()
    told = row["next"] if row else None
    wait = float(told) - now if isinstance(told, int | float) else 0.0
    return wait if 0 < wait <= 60 else 0.0  # more than a minute: somebody has put the clock back
