"""Adds events in its own process, for tests that kill it."""

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

from handouts.record.database import Database
from handouts.record.store import RecordStore
from tests.recording import event


def add_events(tell: Callable[[int], None], folder: Path, count: int, name: str, last: int) -> None:
    """Tells the number of each event once it is said to be done. With ``last`` above 0 it kills itself (-9) right
    before that statement of SQLite.
    """
    if last:
        die_before(last)
    with Database(folder) as database:
        store = RecordStore(database)
        for number in range(count):
            for done in store.add([event(number % 60, by=name), event(number % 60, by=name)]):
                tell(done)


def die_before(last: int) -> None:
    """Have this process kill itself right before that statement of SQLite."""
    seen, real = 0, sqlite3.connect

    def die(_statement: str) -> None:
        nonlocal seen
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def connect(*args: object, **also: object) -> sqlite3.Connection:
        made = real(*args, **also)
        made.set_trace_callback(die)
        return made

    sqlite3.connect = connect
