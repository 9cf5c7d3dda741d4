"""What was done with the rows of lists that were open on the screen, known by the rows as they stood in the file.

A row that was mended on the screen is the same row when its list is opened again. What is kept is a keyed hash of the
row, a document code, a time: nothing of a patient. It is forgotten after `KEEP`.

An entry is written before anything is given out (`claim`), and ended afterwards. One that was never ended belongs to a
run that was killed: what became of it, the record and the outbox say (`handouts.batch.day.settling`).
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from handouts.datafolder import DAY_LISTS, RECORD_KEY
from handouts.keyed_hash import keyed_hash
from handouts.sqlitefile import SqliteFile

KEEP = 14 * 24 * 3600.0
"""Seconds for which it is remembered what was done with a row."""
What = Literal["saved", "printed", "mailed"]
End = Literal["begun", "done", "failed", "unknown"]
"""``unknown``: nobody can tell whether it came out; ``failed``: nothing was given out."""
WHATS: tuple[What, ...] = get_args(What)

_TABLES = """
CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    row TEXT NOT NULL,             -- keyed hash of the row as it stood in the file
    copy INTEGER NOT NULL,         -- 0, or which of several rows that are the same
    what TEXT NOT NULL CHECK (what IN ('saved', 'printed', 'mailed')),
    code TEXT NOT NULL,            -- the document's
    after INTEGER NOT NULL,        -- the record's last event before
    holder TEXT NOT NULL,          -- the process that did it
    claimed REAL NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('begun', 'done', 'failed', 'unknown')),
    ended REAL
);
CREATE INDEX of_row ON rows (row, copy)"""


@dataclass(frozen=True)
class RowKey:
    """A row of a list: the hash of what stood in the file, and which of several that are the same."""

    row: str
    copy: int


@dataclass(frozen=True)
class Entry:
    """One thing that was done, or begun, with a row. Times are seconds since 1970."""

    id: int
    key: RowKey
    what: What
    code: str
    after: int
    holder: str
    claimed: float
    state: End
    ended: float | None


class DayMemory(SqliteFile):
    """The file in a data folder. It has the record's key, so the record has to be open before."""

    what, name, key_name, steps = "memory of lists", DAY_LISTS, RECORD_KEY, (_TABLES,)
    keeps_copy = False  # what is forgotten would stay in it
    way_back = f"Delete {DAY_LISTS}: lists then no longer show what was done with their rows, but the record does."

    def keys(self, rows: Sequence[Sequence[str]]) -> list[RowKey]:
        """How the rows of a list are remembered, given the texts of their cells."""
        seen: dict[str, int] = {}
        made = []
        for cells in rows:
            # bytes in no encoding are lone surrogates here
            plain = (cell.encode("utf-8", "backslashreplace").decode() for cell in cells)
            row = keyed_hash(self.key, "row of a list", *plain)
            made.append(RowKey(row, seen.get(row, 0)))
            seen[row] = seen.get(row, 0) + 1
        return made

    def entries(self, key: RowKey) -> list[Entry]:
        """What was done with a row, oldest first."""
        found = self.look("SELECT * FROM rows WHERE row = ? AND copy = ? ORDER BY id", key.row, key.copy)
        return [_entry(row) for row in found]

    def unfinished(self) -> list[Entry]:
        """What was begun and not ended, oldest first."""
        return [_entry(row) for row in self.look("SELECT * FROM rows WHERE state = 'begun' ORDER BY id")]

    def claim(self, key: RowKey, what: What, code: str, now: float, after: int, *, again: bool = False) -> Entry | None:
        """Say that it is about to be done; ``after``: the record's last event. None where it is done already, or where
        nobody knows, unless it is wanted ``again``; and while another window does it, whatever is wanted.
        """
        with self.change() as connection:
            states = [
                row["state"] for row in connection.execute(
                    "SELECT state FROM rows WHERE row = ? AND copy = ? AND what = ?", (key.row, key.copy, what)
                )
            ]  # fmt: skip
            if "begun" in states or (not again and {"done", "unknown"} & set(states)):
                return None
            holder = this_process()
            number = connection.execute(
                "INSERT INTO rows (row, copy, what, code, after, holder, claimed, state)"
                " VALUES (?,?,?,?,?,?,?,'begun')",
                (key.row, key.copy, what, code, after, holder, now),
            ).lastrowid
        assert number  # noqa: S101  an INSERT gives one
        return Entry(number, key, what, code, after, holder, now, "begun", None)

    def end(self, entries: Sequence[Entry], state: End, now: float) -> None:
        """How it ended. OutputFault; then it stays begun, and is settled later."""
        with self.change() as connection:
            connection.executemany(
                "UPDATE rows SET state = ?, ended = ? WHERE id = ?", [(state, now, entry.id) for entry in entries]
            )

    def forget(self, before: float) -> int:
        """Delete what was done before a moment; how many entries."""
        with self.change() as connection:
            gone = connection.execute("DELETE FROM rows WHERE claimed < ?", (before,)).rowcount
        if gone:
            self.scrub()
        return gone


def _entry(row: sqlite3.Row) -> Entry:
    values = dict(row)
    return Entry(key=RowKey(values.pop("row"), values.pop("copy")), **values)


_TOKEN = secrets.token_hex(8)


def this_process() -> str:
    """This process, told from an earlier one of the same number."""
    return f"{os.getpid()}-{_TOKEN}"


def may_be_alive(holder: str) -> bool:
    """Whether the process that began something may still be at it. Numbers are given again: then nobody can tell."""
    if holder == this_process():
        return True
    number = holder.partition("-")[0]
    if number == str(os.getpid()):
        return False
    return number.isdigit() and Path(f"/proc/{number}").exists()
