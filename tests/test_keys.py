"""The key of document codes: made once, readable only by its owner."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from handouts.errors import OutputFault
from handouts.keys import installation_key, read_key
from tests.conftest import PATIENCE


def test_the_key_is_made_once_and_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "handouts" / "code.key"
    key = installation_key(path)
    assert len(key) == 32
    assert installation_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert installation_key(tmp_path / "other.key") != key


def test_two_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    code = "import sys, pathlib; from handouts.keys import installation_key as made\n"
    code += "print(made(pathlib.Path(sys.argv[1])).hex())"
    command = [sys.executable, "-c", code, str(tmp_path / "d" / "key")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    keys = [process.communicate(timeout=PATIENCE)[0].strip() for process in started]
    assert all(first == second for first, second in pairwise(keys))
    assert len(keys[0]) == 64


def test_a_key_that_another_program_made_meanwhile_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def theirs(_: int) -> bytes:
        (tmp_path / "key").write_bytes(b"t" * 32)
        return b"o" * 32

    monkeypatch.setattr("handouts.keys.os.urandom", theirs)
    assert installation_key(tmp_path / "key") == b"t" * 32
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_folder_without_hard_links_holds_a_key_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("handouts.keys.os.link", refuse)
    assert installation_key(tmp_path / "key") == (tmp_path / "key").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_short_or_missing_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"x" * 15)
    with pytest.raises(OutputFault, match="too short"):
        read_key(tmp_path / "short")
    with pytest.raises(OutputFault, match="can't be read"):
        read_key(tmp_path / "missing")


def test_a_folder_that_can_not_hold_the_key_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputFault, match="name a key file with --key-file"):
        installation_key(tmp_path / "file" / "key")


def test_what_is_no_plain_file_or_too_long_is_no_key(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OutputFault, match="a pipe or a device"):
            read_key(path)
    (tmp_path / "long").write_bytes(b"x" * 65537)
    with pytest.raises(OutputFault, match="too long to be a key"):
        read_key(tmp_path / "long")
