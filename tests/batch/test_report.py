"""report.csv: what the staff must look at, complete or not there at all."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import os
import stat
from pathlib import Path

import pytest

from handouts.batch.messages import Outcome
from handouts.batch.report import Entry, as_csv, entries, left_over, write_report
from handouts.errors import OutputFault

CODE = "H7WP83DRJQB"
ENTRY = Entry("1", CODE, "note", "Check the choice.")


def test_a_row_is_told_by_its_fault_or_by_each_of_its_notices() -> None:
    assert list(entries(Outcome(1, "made", CODE))) == []
    assert list(entries(Outcome(2, "failed", message="is at fault"))) == [Entry("2", "", "failed", "is at fault")]
    assert list(entries(Outcome(3, "same", CODE, notices=("One.", "Two.")))) == [
        Entry("3", CODE, "note", "One."),
        Entry("3", CODE, "note", "Two."),
    ]


def test_a_file_left_over_is_told_by_row_and_code() -> None:
    found = left_over(f"000120-{CODE}.pdf")
    assert (found.row, found.code, found.state) == ("120", CODE, "left over")
    found = left_over("volume-001.pdf")
    assert (found.row, found.code) == ("", "")
    assert found.message == "volume-001.pdf is from an earlier run. Delete it, or make it again."


def test_any_message_is_one_cell() -> None:
    message = 'Say "so", or:\nnot; ever'
    assert list(csv.reader(io.StringIO(as_csv([Entry("1", "", "note", message)]).decode(), newline=""))) == [
        ["1", "", "note", message]
    ]


def test_a_report_has_its_name_when_it_is_whole_and_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_text("old")
    with write_report(tmp_path) as add:
        add([ENTRY])
        add([])
        assert (tmp_path / "report.csv").read_text() == "old"
    assert (tmp_path / "report.csv").read_bytes() == (
        b"row,code,state,what to do\r\n1,H7WP83DRJQB,note,Check the choice.\r\n"
    )
    assert stat.S_IMODE((tmp_path / "report.csv").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["report.csv"]


def test_a_run_that_is_stopped_leaves_the_older_report(tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_text("old")
    with contextlib.suppress(KeyboardInterrupt), write_report(tmp_path) as add:
        add([ENTRY])
        raise KeyboardInterrupt
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.csv", "old")]


@pytest.mark.parametrize("call", ["open", "write", "fsync"])
def test_a_disk_that_takes_no_more_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "report.csv").write_text("old")
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(OutputFault, match="The report can't be written: No space left"), write_report(tmp_path) as add:
        add([ENTRY])
    monkeypatch.undo()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.csv", "old")]


def test_what_fails_in_the_run_is_not_called_a_fault_of_the_report(tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_text("old")
    with pytest.raises(ConnectionResetError), write_report(tmp_path):
        raise ConnectionResetError
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.csv", "old")]
