"""A file of an earlier version is updated, and a copy of it is kept."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from handouts.batch.day.memory import DayMemory
from handouts.deliver.outbox.database import Database as Outbox
from handouts.desk.users import Users
from handouts.errors import OutputFault
from handouts.keyed_hash import keyed_hash
from handouts.record.chain import START, Link, head_of
from handouts.record.checking import check
from handouts.record.database import KEY_NAME, NAME, Database
from handouts.record.store import RecordStore
from handouts.sqlitefile import SqliteFile
from tests.conftest import ROOT
from tests.recording import event, faults, filled, read_only, tamper

# A record as version 1 wrote it. Never change this: files like it are out there.
VERSION_1 = """
CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL, code TEXT,
    channel TEXT, message INTEGER, topic TEXT, clinic TEXT, version TEXT, content TEXT, source TEXT, engine TEXT,
    day TEXT, options TEXT, format TEXT, language TEXT, approved_until TEXT,
    interpreter TEXT, destination TEXT, made TEXT, delivered TEXT,
    patient TEXT, person TEXT, marks TEXT, replaces TEXT, why TEXT, anchor TEXT, mac TEXT NOT NULL);
CREATE INDEX events_of_code ON events (code);
CREATE INDEX events_voided ON events (code) WHERE what = 'voided';
CREATE INDEX events_replacing ON events (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX events_delivered ON events (delivered) WHERE delivered IS NOT NULL;
CREATE INDEX events_of_message ON events (message) WHERE message IS NOT NULL;
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, mac TEXT NOT NULL);
CREATE TABLE engines (id TEXT PRIMARY KEY, versions TEXT NOT NULL);
INSERT INTO events (seq, at, by, what, code, mac) VALUES
    (1, '2026-11-22T10:00:00Z', 'anna', 'made', 'FHK8Z5DW14K', '{first}'),
    (2, '2026-11-22T10:01:00Z', 'anna', 'voided', 'FHK8Z5DW14K', '{second}');
INSERT INTO head VALUES (1, 2, '{head}');
PRAGMA user_version = 1;
"""
KEY = b"k" * 32


def version_1(folder: Path) -> None:
    """Written by SQL alone, its hashes worked out as docs/record.md describes them."""
    (folder / KEY_NAME).write_bytes(KEY)
    macs, before = [], START
    for seq, at, what in ((1, "2026-11-22T10:00:00Z", "made"), (2, "2026-11-22T10:01:00Z", "voided")):
        form = f"at str 20:{at}\nby str 4:anna\nwhat str {len(what)}:{what}\ncode str 11:FHK8Z5DW14K\nseq int 1:{seq}"
        before = keyed_hash(KEY, "event", before, form)
        macs.append(before)
    with contextlib.closing(sqlite3.connect(folder / NAME)) as connection:
        connection.executescript(VERSION_1.format(first=macs[0], second=macs[1], head=head_of(KEY, Link(2, macs[1]))))


class Later(Database):
    """The record of a version to come, with a column more."""

    steps = (*Database.steps, "ALTER TABLE events ADD COLUMN later TEXT;\nCREATE TABLE more (x TEXT)")


class Broken(Database):
    """One whose step fails halfway."""

    steps = (*Database.steps, "CREATE TABLE more (x TEXT);\nALTER TABLE nowhere ADD COLUMN y TEXT")


def test_a_file_of_version_1_verifies_and_goes_on(tmp_path: Path):
    version_1(tmp_path)
    assert faults(tmp_path) == ()
    with Database(tmp_path) as database:
        assert database.connection.execute("PRAGMA user_version").fetchone()[0] == len(Database.steps)
        assert RecordStore(database).add([event()]) == [3]
    assert faults(tmp_path) == ()


def test_an_upgraded_file_has_the_tables_of_a_new_one(tmp_path: Path):
    old = tmp_path / "old"
    old.mkdir()
    version_1(old)
    made = []
    for folder in (old, tmp_path / "new"):
        with Database(folder) as database:
            tables = _tables(database.connection)
            made.append({row["name"]: _columns(database.connection, row["name"]) for row in tables})
    assert made[0] == made[1]


def test_an_older_file_that_nobody_here_may_write_is_looked_at_and_stays_as_it_is(tmp_path: Path):
    version_1(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with read_only(tmp_path), Database(tmp_path, looking=True) as database:
        assert check(database).events == 2
        assert check(database).faults == ()
        assert [row["person_folded"] for row in database.look("SELECT person_folded FROM events")] == [None, None]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def _tables(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    return connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()


def _columns(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(f"PRAGMA table_info({table})")]


def test_a_later_version_changes_the_tables_and_keeps_a_copy_of_before(tmp_path: Path):
    version_1(tmp_path)
    with Later(tmp_path) as database:
        assert [row["later"] for row in database.look("SELECT later FROM events")] == [None, None]
        [copy] = database.copies()
    assert copy.name == f"record-before-{len(Later.steps)}.sqlite3"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with contextlib.closing(sqlite3.connect(copy)) as there:
        assert there.execute("PRAGMA user_version").fetchone()[0] == 1
        assert there.execute("SELECT count(*) FROM events").fetchone()[0] == 2
    kept = tmp_path / "kept"
    kept.mkdir()
    copy.rename(kept / NAME)
    (kept / KEY_NAME).write_bytes(KEY)
    assert faults(kept) == (), "the copy is a whole record"


def test_nothing_changes_when_a_step_fails_and_the_copy_is_there(tmp_path: Path):
    version_1(tmp_path)
    with pytest.raises(OutputFault):
        Broken(tmp_path)
    assert [path.name for path in tmp_path.glob("*before*")] == [f"record-before-{len(Later.steps)}.sqlite3"]
    assert faults(tmp_path) == ()


def test_a_new_file_and_one_that_is_up_to_date_leave_no_copy(tmp_path: Path):
    filled(tmp_path).database.connection.close()
    with Database(tmp_path) as database:
        assert database.copies() == []


def test_a_copy_that_can_not_be_made_stops_the_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    version_1(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("handouts.sqlitefile.os.fsync", fail, raising=False)
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputFault):
        Later(tmp_path)
    monkeypatch.undo()
    assert not list(tmp_path.glob("*.part"))
    assert faults(tmp_path) == ()


def test_both_files_of_the_program_begin_with_version_1():
    assert all(issubclass(kind, SqliteFile) and len(kind.steps) >= 1 for kind in (Outbox, Database))


@pytest.mark.parametrize("kind", [Database, Outbox])
def test_a_file_that_another_is_just_making_is_waited_for(kind: type[SqliteFile], tmp_path: Path):
    """SQLite says that it is busy at once, however long it was told to wait, when a file's log is begun meanwhile."""
    other = sqlite3.connect(tmp_path / kind.name, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    (tmp_path / kind.key_name).write_bytes(bytes(32))
    letting_go = threading.Timer(0.3, other.close)
    letting_go.start()
    with kind(tmp_path) as made:
        assert made.look("PRAGMA journal_mode")[0][0] == "wal"
    letting_go.join()


@pytest.mark.parametrize("kind", [Outbox, Database, DayMemory, Users])
def test_what_one_thread_writes_is_kept_though_another_opens_the_file_and_a_command_ends(
    kind: type[SqliteFile], tmp_path: Path
):
    """A desk has the file open in several threads. The last command that closes a file deletes SQLite's log of it."""
    command = f"from {kind.__module__} import {kind.__name__} as Kind; Kind(Path({str(tmp_path)!r})).connection.close()"
    with kind(tmp_path) as desk, kind(tmp_path):
        subprocess.run([sys.executable, "-c", f"from pathlib import Path; {command}"], cwd=ROOT, check=True)
        with desk.change() as connection:
            connection.execute("CREATE TABLE told (done)")
        with contextlib.closing(sqlite3.connect(tmp_path / kind.name)) as another:
            assert another.execute("SELECT name FROM sqlite_master WHERE name = 'told'").fetchall() == [("told",)]


@pytest.mark.parametrize("kind", [Outbox, Database])
def test_a_lost_key_is_told_and_no_other_takes_its_place(kind: type[SqliteFile], tmp_path: Path):
    kind(tmp_path).connection.close()
    key = tmp_path / kind.key_name
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(OutputFault, match=rf"key is missing.* Put {kind.key_name} back from the copy of the keys"):
        kind(tmp_path)
    assert not key.exists()
    key.write_bytes(kept)
    kind(tmp_path).connection.close()


def test_the_key_is_kept_by_the_disk_before_anything_is_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A machine that stops at the very first start locks nobody out."""
    synced: list[tuple[bool, int]] = []

    def fsync(handle: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(handle).st_mode), (tmp_path / NAME).stat().st_size))

    monkeypatch.setattr("handouts.keys.os.fsync", fsync)
    Database(tmp_path).connection.close()
    assert synced == [(False, 0), (True, 0)], "the key, then its name, and the file is empty still"


def test_a_first_start_that_was_stopped_before_its_key_goes_on(tmp_path: Path):
    (tmp_path / NAME).touch()
    Database(tmp_path).connection.close()
    assert faults(tmp_path) == ()


def test_tables_that_this_program_did_not_make_are_told_with_what_to_do(tmp_path: Path):
    version_1(tmp_path)
    tamper(tmp_path, "PRAGMA user_version = 0")
    with pytest.raises(OutputFault, match=r"not as this program made it .* Keep it, and restore the last copy"):
        Database(tmp_path)
