"""A record with two writers, a kill, or no room: what was reported as done is there, and verifies."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from handouts.atomic import write_group
from handouts.deliver.files import write_file
from handouts.errors import OutputFault
from handouts.record.database import Database
from handouts.record.store import RecordStore
from tests.forked import Forked, fork
from tests.record_worker import add_events
from tests.recording import book_in, event, faults, filled, verdict

KILLS = 50


def started(folder: Path, count: int, name: str = "anna", last: int = 0) -> Forked:
    return fork(add_events, folder, count, name, last)


def told(process: Forked) -> list[int]:
    return list(process.lines())


def test_two_processes_that_write_at_once_share_one_chain(tmp_path: Path):
    processes = [started(tmp_path, 60, name) for name in ("anna", "ben")]
    numbers = [told(process) for process in processes]
    assert all(process.end() == 0 for process in processes)
    assert sorted(numbers[0] + numbers[1]) == list(range(1, 241))
    assert faults(tmp_path) == ()
    by = [found.by for found in book_in(tmp_path).chosen()]
    assert (by.count("anna"), by.count("ben")) == (120, 120)


@pytest.mark.heavy
def test_killed_before_any_of_its_first_fifty_statements_nothing_is_missing_that_was_told(tmp_path: Path):
    """The first ones make the tables; then BEGIN, look, insert, insert, head, COMMIT, again and again."""
    killed = 0
    for last in range(1, KILLS + 1):
        folder = tmp_path / str(last)
        process = started(folder, 6, last=last)
        numbers = told(process)
        killed += process.end() == -signal.SIGKILL
        found = verdict(folder)
        assert found.faults == (), last
        assert found.events >= len(numbers), last
        assert found.events % 2 == 0, "two events that belong together are there together"
        assert told(started(folder, 1)) == [found.events + 1, found.events + 2], "and it goes on"
        assert faults(folder) == ()
    assert killed == KILLS


@pytest.mark.heavy
def test_killed_again_and_again_in_the_same_file_nothing_is_missing_that_was_told(tmp_path: Path):
    numbers: list[int] = []
    for last in range(1, KILLS + 1):
        numbers += told(started(tmp_path, 12, last=last))
        assert faults(tmp_path) == ()
    there = [found.seq for found in book_in(tmp_path).chosen()]
    assert set(numbers) <= set(there)
    assert there == list(range(1, len(there) + 1))


def test_a_record_that_another_command_has_is_waited_for_and_then_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("handouts.sqlitefile.PATIENCE", 0.2)
    store = filled(tmp_path)
    with contextlib.closing(sqlite3.connect(store.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputFault, match="another command has had it"):
            store.add([event(6)])
    assert len(store.add([event(6)])) == 1
    assert faults(tmp_path) == ()


def test_a_file_gets_no_name_when_its_event_can_not_be_written(tmp_path: Path):
    store = filled(tmp_path / "data")
    _fill(store)
    with pytest.raises(OutputFault, match="disk is full"):
        write_file(tmp_path / "out.pdf", b"%PDF", before_name=lambda: _many(store))
    with pytest.raises(OutputFault, match="disk is full"):
        write_group(tmp_path, {"1.pdf": [b"%PDF"], "2.pdf": [b"%PDF"]}, before_names=lambda: _many(store))
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert verdict(tmp_path / "data").events == 5
    assert faults(tmp_path / "data") == ()


def _fill(store: RecordStore) -> None:
    """No room for another page, as on a full disk."""
    [pages] = store.database.connection.execute("PRAGMA page_count").fetchone()
    store.database.connection.execute(f"PRAGMA max_page_count={pages}")


def _many(store: RecordStore) -> None:
    store.add([event(number % 60) for number in range(50)])


@contextlib.contextmanager
def small_disk(at: Path, size: str) -> Iterator[Path]:
    """A disk of its own, in memory."""
    at.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)], capture_output=True)
    if made.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@pytest.mark.heavy
def test_on_a_full_disk_nothing_is_missing_that_was_told_and_with_room_it_goes_on(tmp_path: Path):
    with small_disk(tmp_path / "disk", "400k") as disk:
        folder = disk / "data"
        told_done: list[int] = []
        with Database(folder) as database, pytest.raises(OutputFault, match="disk is full"):
            _until_full(RecordStore(database), told_done)
        assert len(told_done) > 10
        found = verdict(folder)
        assert (found.faults, found.events) == ((), len(told_done))
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        assert len(book_in(folder).add([event(1)])) == 1
        assert faults(folder) == ()


def _until_full(store: RecordStore, told_done: list[int]) -> None:
    for number in range(2000):
        told_done += store.add([event(number % 60)])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_record_that_may_not_be_written_is_told(tmp_path: Path):
    filled(tmp_path).database.connection.close()
    tmp_path.chmod(0o500)
    with pytest.raises(OutputFault, match="--data"):
        book_in(tmp_path)
    tmp_path.chmod(0o700)
