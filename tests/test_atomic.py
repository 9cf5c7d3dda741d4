"""Files that are complete or not there at all, alone or in groups."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from handouts import atomic
from handouts.atomic import part_of, remove_parts, write_group, writing

PDF = b"%PDF-1.7 new"


@pytest.mark.parametrize("one_writer", [False, True])
@pytest.mark.parametrize("new", [False, True])
def test_a_block_that_fails_leaves_the_folder_as_it_was(tmp_path: Path, one_writer: bool, new: bool) -> None:
    def write_half() -> None:
        with writing(tmp_path / "a", new=new, one_writer=one_writer) as handle:
            os.write(handle, b"half")
            raise InterruptedError

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(InterruptedError):
        write_half()
    assert contents(tmp_path) == {"a": b"old"}


def test_a_file_has_the_mode_that_was_asked_for_and_else_is_its_owners_alone(tmp_path: Path) -> None:
    atomic.write(tmp_path / "ours", b"x")
    atomic.write(tmp_path / "everybodys", b"x", mode=0o644)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"ours": 0o600, "everybodys": 0o644}


def test_a_name_that_is_taken_is_not_given_to_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        atomic.write(tmp_path / "a", b"ours", new=True)
    assert contents(tmp_path) == {"a": b"theirs"}


def test_what_a_killed_program_left_of_a_file_with_one_writer_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"theirs")
    part_of(tmp_path / "a").symlink_to(tmp_path / "theirs")
    with writing(tmp_path / "a", one_writer=True) as handle:
        os.write(handle, b"ours")
    assert contents(tmp_path) == {"a": b"ours", "theirs": b"theirs"}
    assert not (tmp_path / "a").is_symlink()


@pytest.mark.parametrize("durable", [False, True])
def test_the_disk_has_the_file_before_its_name_and_the_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool
) -> None:
    events: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: events.append(f"fsync, named: {(tmp_path / 'a').exists()}"))
    atomic.write(tmp_path / "a", b"x", durable=durable, before_name=lambda: events.append("before"))
    assert events == (["fsync, named: False", "before", "fsync, named: True"] if durable else ["before"])


def test_a_folder_that_nobody_may_list_holds_the_file_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refuse(path: Any, *args: Any, **also: Any) -> int:
        if path == tmp_path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path, *args, **also)

    monkeypatch.setattr(os, "open", refuse)
    atomic.write(tmp_path / "a", b"x")
    assert contents(tmp_path) == {"a": b"x"}


GROUP = {"a.pdf": (b"%PDF", b"-1.7 ", b"a"), "b.pdf": (PDF, b"")}
WHOLE = {"a.pdf": b"%PDF-1.7 a", "b.pdf": PDF}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_group_is_written_whole_for_its_owner_alone_and_replaces_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"old, and longer than the new one")
    write_group(tmp_path, GROUP)
    assert contents(tmp_path) == WHOLE
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    write_group(tmp_path, {})
    assert contents(tmp_path) == WHOLE


def test_a_disk_that_takes_a_little_at_a_time_gets_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:2]))
    write_group(tmp_path, GROUP)
    assert contents(tmp_path) == WHOLE


@pytest.mark.parametrize("call", ["open", "write", "fsync"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_group_of_which_one_can_not_be_written_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, after: int
) -> None:
    real, calls = getattr(os, call), []

    def fail(*args: Any, **also: Any) -> Any:
        calls.append(args)
        if len(calls) > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*args, **also)

    (tmp_path / "b.pdf").write_bytes(b"old")
    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="No space left"):
        write_group(tmp_path, GROUP)
    monkeypatch.undo()
    assert contents(tmp_path) == {"b.pdf": b"old"}


def test_no_name_is_given_before_the_disk_has_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    fsync = os.fsync

    def look(handle: int) -> None:
        seen.append([path.name for path in tmp_path.iterdir() if not path.name.startswith(".")])
        fsync(handle)

    monkeypatch.setattr(os, "fsync", look)
    write_group(tmp_path, GROUP)
    assert seen == [[], [], seen[2]]
    assert sorted(seen[2]) == ["a.pdf", "b.pdf"]  # the folder itself is asked last


def test_a_group_follows_no_link_and_spares_what_it_can_not_replace(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"theirs")
    (tmp_path / "a.pdf").symlink_to(tmp_path / "theirs")
    write_group(tmp_path, GROUP)
    assert (tmp_path / "theirs").read_bytes() == b"theirs"
    assert not (tmp_path / "a.pdf").is_symlink()
    (tmp_path / "c.pdf").mkdir()
    with pytest.raises(IsADirectoryError):
        write_group(tmp_path, {"c.pdf": (PDF,)})
    assert not list(tmp_path.glob(".*"))


def test_unfinished_files_are_taken_away_if_they_are_ours(tmp_path: Path) -> None:
    for name in (".a.pdf.part", ".b.pdf.part", "a.pdf.part", ".a.pdf"):
        (tmp_path / name).write_bytes(b"x")
    remove_parts(tmp_path, lambda name: name == "a.pdf")
    assert sorted(contents(tmp_path)) == [".a.pdf", ".b.pdf.part", "a.pdf.part"]
    (tmp_path / ".a.pdf.part").mkdir()
    with pytest.raises(OSError, match="\\.a\\.pdf\\.part"):
        remove_parts(tmp_path, lambda name: name == "a.pdf")
