"""Does one thing in a data folder, in a process of its own, and kills itself (-9) before a certain step.

Arguments: what to do, data folder, backup, number of the step (0 for none). A step is a statement of SQLite, or
something that changes files: opening, renaming, linking, deleting, making folders, changing modes.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from pathlib import Path

from handouts.deliver.outbox.database import Database as Outbox
from handouts.record import key_recovery, outbox_recovery, recovery
from handouts.record.archive import Archive
from handouts.record.event import Event
from handouts.record.loss import code_key, open_outbox, open_record
from handouts.record.staging import Decision
from handouts.record.store import RecordStore

STEPS = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.chmod", "sqlite3.connect", "os.rmdir"}
seen = 0


def step(*_: object) -> None:
    global seen
    seen += 1
    if seen == last:
        os.kill(os.getpid(), signal.SIGKILL)


def audit(event: str, args: tuple[object, ...]) -> None:
    if event in STEPS or (event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)):
        step()


def connect(*args: object, **also: object) -> sqlite3.Connection:
    made = real(*args, **also)
    made.set_trace_callback(step)
    return made


what, folder, backup, last = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
decision = Decision("anna", time.time(), "a test")
real = sqlite3.connect
sqlite3.connect = connect
sys.addaudithook(audit)
assert Archive
assert Outbox
if what == "start":
    code_key(folder, [folder])
    with open_record(folder) as record, open_outbox(folder):
        RecordStore(record).add([Event(at="2026-11-22T10:00:00Z", by="anna", what="made", code="FHK8Z5DW14K")])
elif what == "restore record":
    recovery.restore_record(folder, backup / "record.sqlite3", None, decision)
elif what == "begin record":
    recovery.begin_record(folder, decision)
elif what == "restore outbox":
    outbox_recovery.restore_outbox(folder, backup / "outbox.sqlite3", None, decision)
elif what == "begin outbox":
    outbox_recovery.begin_outbox(folder, decision)
elif what == "restore key":
    key_recovery.restore_key(folder, folder, backup / "document-code.key", decision)
elif what == "begin key":
    key_recovery.begin_codes(folder, [folder], decision)
sys.stdout.write(f"{seen}\n")
