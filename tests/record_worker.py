"""Adds events in a process of its own, for tests that kill it.

Arguments: data folder, how many, name, the number of the statement to die at.

Prints the number of each event once it is said to be done. With a statement number above 0 it kills itself (-9) right
before that statement of SQLite.
"""

import os
import signal
import sqlite3
import sys
from pathlib import Path

from handouts.record.database import Database
from handouts.record.store import RecordStore
from tests.recording import event

folder, count, name, last = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
seen = 0


def die(_statement: str) -> None:
    global seen
    seen += 1
    if seen == last:
        os.kill(os.getpid(), signal.SIGKILL)


def connect(*args: object, **also: object) -> sqlite3.Connection:
    made = real(*args, **also)
    made.set_trace_callback(die)
    return made


real = sqlite3.connect
if last:
    sqlite3.connect = connect
with Database(folder) as database:
    store = RecordStore(database)
    for number in range(count):
        done = store.add([event(number % 60, by=name), event(number % 60, by=name)])
        sys.stdout.write(f"{done[0]}\n{done[1]}\n")
        sys.stdout.flush()
