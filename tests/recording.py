"""What the tests of the record share: a store in a folder, events to add to it, and ways to tamper with it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from handouts.record.chain import read_head
from handouts.record.checking import Verdict, check
from handouts.record.database import NAME, Database
from handouts.record.event import Event
from handouts.record.store import RecordStore
from tests.opened import opened

CODE = "FHK8Z5DW14K"
ORIGIN = {
    "topic": "hemifacial-spasm", "clinic": "cohen", "version": "2026.1", "content": "c" * 64, "source": "d" * 64,
    "engine": "e" * 16, "day": "2026-11-22", "options": "botox", "format": "standard", "language": "en",
}  # fmt: skip
FULL: dict[str, Any] = {
    **ORIGIN, "channel": "mail", "message": 7, "interpreter": "Ms. Wye", "destination": "f" * 64, "made": "a" * 64,
    "delivered": "b" * 64, "patient": "9" * 64, "person": "8" * 64, "approved_until": "2027-11-01",
    "marks": "topic=a1 patient.name=3f", "replaces": "H7WP83DRJQB",
    "why": "a reason", "patient_folded": "7" * 64, "person_folded": "6" * 64,
}  # fmt: skip


def book_in(folder: Path) -> RecordStore:
    return RecordStore(opened(Database(folder)))


def event(number: int = 1, **over: Any) -> Event:
    """An event in which every column holds something, but ``anchor``."""
    given: dict[str, Any] = {"at": f"2026-11-22T10:{number:02}:00Z", "by": "anna", "what": "made", "code": CODE}
    return Event(**given | FULL | over)


def filled(folder: Path, count: int = 5) -> RecordStore:
    store = book_in(folder)
    store.add([event(number) for number in range(1, count + 1)])
    return store


def tamper(folder: Path, *statements: str, values: Sequence[Any] = (), file: str = NAME) -> None:
    """What somebody does who may write the file, and has no key."""
    with contextlib.closing(sqlite3.connect(folder / file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement, values)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """As on a medium that nobody can write to."""
    if os.geteuid():
        folder.chmod(0o500)
    elif subprocess.run(["mount", "--bind", "-o", "ro", str(folder), str(folder)], capture_output=True).returncode:
        pytest.skip("root writes everywhere, and may not mount here")
    try:
        yield
    finally:
        if os.geteuid():
            folder.chmod(0o700)
        else:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def verdict(folder: Path, head: str | None = None) -> Verdict:
    with Database(folder) as database:
        return check(database, read_head(head) if head else None)


def faults(folder: Path, head: str | None = None) -> tuple[str, ...]:
    return verdict(folder, head).faults
