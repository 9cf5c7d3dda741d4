"""The journal: one record per row, whatever the order; damaged records are not trusted."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from handouts.batch.journal import Journal, Record, is_ours
from handouts.errors import OutputFault, Refused

PDF = b"%PDF-1.7 a handout"
CODE = "H7WP83DRJQB"


def record(number: int, data: bytes = PDF) -> Record:
    return Record(number, CODE, "f" * 64, hashlib.sha256(data).hexdigest(), 5)


def test_what_was_noted_is_read_back_and_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add([record(1), record(9_999_999)])
    with Journal(tmp_path) as journal:
        assert [journal.read(number) for number in (1, 2, 9_999_999)] == [record(1), None, record(9_999_999)]
    assert stat.S_IMODE((tmp_path / "journal.txt").stat().st_mode) == 0o600
    assert (tmp_path / "journal.txt").stat().st_blocks * 512 < 100_000  # rows that aren't there take no room


def test_the_order_of_being_done_leaves_no_trace(tmp_path: Path) -> None:
    for name, order in (("a", (1, 2, 3)), ("b", (3, 1, 2))):
        (tmp_path / name).mkdir()
        with Journal(tmp_path / name) as journal:
            for number in order:
                journal.add([record(number)])
    assert (tmp_path / "a" / "journal.txt").read_bytes() == (tmp_path / "b" / "journal.txt").read_bytes()


def test_a_record_counts_only_with_its_file_byte_for_byte(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add([record(1)])
        path = tmp_path / record(1).name
        assert path.name == f"000001-{CODE}.pdf"
        assert journal.finished(1) is None
        path.write_bytes(PDF)
        assert journal.finished(1) == record(1)
        for damaged in (PDF[:-1], PDF + b" ", b""):
            path.write_bytes(damaged)
            assert journal.finished(1) is None
        path.unlink()
        path.mkdir()
        assert journal.finished(1) is None


@pytest.mark.parametrize("at", range(0, 153, 8))
def test_a_damaged_record_is_not_believed_and_spoils_no_other(tmp_path: Path, at: int) -> None:
    with Journal(tmp_path) as journal:
        journal.add([record(1), record(2), record(3)])
    path = tmp_path / "journal.txt"
    data = bytearray(path.read_bytes())
    length = len(data) // 4
    data[2 * length + at] = ord("~")
    path.write_bytes(data)
    with Journal(tmp_path) as journal:
        assert [journal.read(number) for number in (1, 2, 3)] == [record(1), None, record(3)]


def test_a_record_that_was_cut_short_is_not_believed(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add([record(1), record(2)])
    path = tmp_path / "journal.txt"
    for size in range(path.stat().st_size - 1, 2 * path.stat().st_size // 3, -20):
        os.truncate(path, size)
        with Journal(tmp_path) as journal:
            assert (journal.read(1), journal.read(2)) == (record(1), None)


def test_rows_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add([record(1), record(2), record(3)])
        journal.erase(1)
        journal.erase(7)
        journal.end_after(2)
        assert [journal.read(number) for number in (1, 2, 3)] == [None, record(2), None]
        journal.end_after(99)
        assert journal.read(2) == record(2)


def test_files_without_a_record_are_strangers(tmp_path: Path) -> None:
    for name in (
        record(1).name, record(2).name, "000001-00000000000.pdf", "volume-001.pdf", "run-sheet-1000.pdf", "other.pdf",
        "1-H7WP83DRJQB.pdf", "000001-h7wp83drjqb.pdf", ".000001-H7WP83DRJQB.pdf.part", "report.csv",
    ):  # fmt: skip
        (tmp_path / name).write_bytes(PDF)
    with Journal(tmp_path) as journal:
        journal.add([record(1)])
        found = ["000001-00000000000.pdf", record(2).name, "run-sheet-1000.pdf", "volume-001.pdf"]
        assert journal.strangers() == found
        assert journal.strangers(["volume-001.pdf"]) == found[:-1]


def test_our_names_are_told_from_others() -> None:
    assert all(map(is_ours, (record(1).name, "volume-001.pdf", "run-sheet-001.pdf")))
    assert not any(map(is_ours, ("journal.txt", "volume.pdf", "x" + record(1).name, record(1).name + ".part")))


def test_two_runs_never_have_one_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from handouts.batch.journal import Journal; Journal(Path(sys.argv[1]))"
    )
    with Journal(tmp_path):
        with pytest.raises(Refused, match="Another run is using this folder"):
            Journal(tmp_path)
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
        assert "Refused" in done.stderr
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)]).returncode == 0


def test_a_disk_that_knows_no_locks_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(OutputFault, match="No locks available"):
        Journal(tmp_path)


def test_a_file_that_is_not_ours_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "journal.txt"
    path.write_text("Dear diary")
    with pytest.raises(Refused, match=r"contains a journal\.txt that this program did not write"):
        Journal(tmp_path)
    assert path.read_text() == "Dear diary"
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputFault, match="The folder's journal can't be written"):
        Journal(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def _note_and_end(journal: Journal) -> None:
    journal.add([record(1)])
    journal.end_after(1)


@pytest.mark.parametrize("call", ["pwrite", "fdatasync", "ftruncate"])
def test_a_disk_that_takes_no_more_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Journal(tmp_path) as journal:
        monkeypatch.setattr(os, call, refuse)
        with pytest.raises(OutputFault, match="The folder's journal can't be written: No space left"):
            _note_and_end(journal)
    monkeypatch.setattr(os, "pwrite", refuse)
    with pytest.raises(OutputFault, match="No space left"):
        Journal(tmp_path)
    monkeypatch.undo()
    Journal(tmp_path).__exit__(None, None, None)  # and nothing holds its lock


def test_a_record_half_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwrite
    with Journal(tmp_path) as journal:
        monkeypatch.setattr(os, "pwrite", lambda handle, data, at: write(handle, data[:9], at))
        with pytest.raises(OutputFault, match="No space left"):
            journal.add([record(1)])
        assert journal.read(1) is None
