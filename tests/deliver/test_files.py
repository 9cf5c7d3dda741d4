"""Step 5, deliver: a file is complete, or not there at all."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import click
import pytest

from handouts.deliver.files import check_target, is_same_file, open_in_viewer, write_file, write_stream
from handouts.errors import HandOverFault, OutputFault

PDF = b"%PDF-1.7 new"


def failing(number: int) -> object:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_new_file_is_whole_its_owners_alone_and_alone_in_the_folder(tmp_path: Path) -> None:
    write_file(tmp_path / "a.pdf", PDF)
    assert (tmp_path / "a.pdf").read_bytes() == PDF
    assert stat.S_IMODE((tmp_path / "a.pdf").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_file_that_is_there_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"old")
    with pytest.raises(OutputFault, match=r"is kept\. Use --force"):
        write_file(path, PDF)
    assert path.read_bytes() == b"old"
    write_file(path, PDF, force=True)
    assert path.read_bytes() == PDF
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_file_that_somebody_makes_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pdf"
    monkeypatch.setattr(os, "fsync", lambda _: path.write_bytes(b"theirs"))
    with pytest.raises(OutputFault, match="is kept"):
        write_file(path, PDF)
    assert path.read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_link_to_nowhere_counts_as_a_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputFault, match="is kept"):
        write_file(tmp_path / "a.pdf", PDF)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_memory_stick_without_hard_links_is_written_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "link", failing(number))
    write_file(tmp_path / "a.pdf", PDF)
    assert (tmp_path / "a.pdf").read_bytes() == PDF
    monkeypatch.setattr("handouts.deliver.files.check_target", lambda *_, **__: None)
    with pytest.raises(OutputFault, match="is kept"):
        write_file(tmp_path / "a.pdf", b"other")
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_missing_folder_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(OutputFault, match="The output folder does not exist"):
        write_file(tmp_path / "none" / "a.pdf", PDF)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputFault, match="The output folder does not exist"):
        write_file(tmp_path / "file" / "a.pdf", PDF)


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_or_a_device_is_never_replaced(tmp_path: Path, force: bool) -> None:
    (tmp_path / "a.pdf").mkdir()
    with pytest.raises(OutputFault, match="The output is a folder"):
        write_file(tmp_path / "a.pdf", PDF, force=force)
    os.mkfifo(tmp_path / "pipe")
    for device in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(OutputFault, match="The output is a device"):
            write_file(device, PDF, force=force)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputFault, match="the file's name is too long"):
        check_target(tmp_path / ("n" * 300), force=False)


def test_a_folder_that_may_not_be_looked_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_dir", failing(errno.EACCES))
    with pytest.raises(OutputFault, match="you may not write to the folder"):
        check_target(tmp_path / "a.pdf", force=False)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "the disk is full. Free some space"),
        (errno.EDQUOT, "your disk quota is used up"),
        (errno.EACCES, "you may not write to the folder. Choose another one with -o"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EIO, r"Input/output error\. Choose another with -o"),
    ],
)
@pytest.mark.parametrize("where", ["handouts.atomic.tempfile.mkstemp", "handouts.atomic.os.fsync"])
def test_why_it_can_not_be_written_is_told_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str, where: str
) -> None:
    monkeypatch.setattr(where, failing(number))
    with pytest.raises(OutputFault, match=message):
        write_file(tmp_path / "a.pdf", PDF)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a tiny disk")
def test_a_disk_that_is_really_full_leaves_nothing_behind(tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine does not let us mount")
    try:
        (tmp_path / "old.pdf").write_bytes(PDF)
        with pytest.raises(OutputFault, match="the disk is full"):
            write_file(tmp_path / "old.pdf", PDF * 100_000, force=True)
        assert [path.name for path in tmp_path.iterdir()] == ["old.pdf"]
        assert (tmp_path / "old.pdf").read_bytes() == PDF
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_program_killed_in_the_middle_leaves_no_half_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    code = """
import os, sys, time
from pathlib import Path
from handouts.deliver import files as deliver
os.fsync = lambda handle: (print("writing", flush=True), time.sleep(60))
deliver.write_file(Path(sys.argv[1]), b"%PDF-half" * 1000)
"""
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "writing\n"
        started.send_signal(signal.SIGKILL)
    assert not path.exists()


def test_ctrl_c_in_the_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "a.pdf", PDF)
    assert list(tmp_path.iterdir()) == []


def test_whoever_looks_while_it_is_written_sees_the_old_or_the_new_file_only(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    old, new = PDF + b"o" * 200_000, PDF + b"n" * 200_000
    path.write_bytes(old)
    code = "import sys; from pathlib import Path; from handouts.deliver.files import write_file\n"
    code += f"for _ in range(30): write_file(Path(sys.argv[1]), {PDF!r} + b'n' * 200_000, force=True)"
    with subprocess.Popen([sys.executable, "-c", code, str(path)]) as writing:
        deadline = time.monotonic() + 30
        while writing.poll() is None and time.monotonic() < deadline:
            assert path.read_bytes() in {old, new}
    assert writing.returncode == 0
    assert path.read_bytes() == new


class Stream(BytesIO):
    """Standard output, as a terminal or a full disk."""

    def __init__(self, *, terminal: bool = False, number: int = 0) -> None:
        super().__init__()
        self.terminal, self.number = terminal, number

    def isatty(self) -> bool:
        return self.terminal

    def flush(self) -> None:
        if self.number:
            raise OSError(self.number, os.strerror(self.number))


def test_a_stream_gets_the_bytes_and_nothing_else() -> None:
    stream = Stream()
    write_stream(stream, PDF)
    assert stream.getvalue() == PDF


def test_a_screen_is_spared_the_signs() -> None:
    stream = Stream(terminal=True)
    with pytest.raises(OutputFault, match="Name a file with -o"):
        write_stream(stream, PDF)
    assert stream.getvalue() == b""


@pytest.mark.parametrize(
    ("number", "message"), [(errno.ENOSPC, "the disk is full"), (errno.EPIPE, "the program that reads it has stopped")]
)
def test_a_stream_that_takes_no_more_is_told(number: int, message: str) -> None:
    with pytest.raises(OutputFault, match=message):
        write_stream(Stream(number=number), PDF)


def test_a_closed_standard_output_is_told() -> None:
    with pytest.raises(OutputFault, match=r"Standard output is closed\. Name a file with -o"):
        write_stream(None, PDF)


def test_a_viewer_that_does_not_start_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click, "launch", lambda _: 1)
    with pytest.raises(HandOverFault, match="The PDF is made"):
        open_in_viewer(tmp_path / "a.pdf")
    monkeypatch.setattr(click, "launch", failing(errno.ENOENT))
    with pytest.raises(HandOverFault, match="The PDF is made"):
        open_in_viewer(tmp_path / "a.pdf")
    monkeypatch.setattr(click, "launch", lambda _: 0)
    open_in_viewer(tmp_path / "a.pdf")


@pytest.mark.parametrize(
    "other", [b'{"topic": "x"}', b"topic: x", b"patient.name\nAnn", b"SQLite format 3\0", b"k" * 32, b"%PD"]
)
def test_force_replaces_no_other_kind_of_file(tmp_path: Path, other: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(other)
    for write in (lambda: check_target(path, force=True, start=PDF[:5]), lambda: write_file(path, PDF, force=True)):
        with pytest.raises(OutputFault, match=r"another kind of file\. It is kept"):
            write()
    assert path.read_bytes() == other


def test_force_replaces_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    write_file(tmp_path / "a.pdf", PDF, force=True)
    assert (tmp_path / "a.pdf").read_bytes() == PDF


def test_two_names_of_one_file_are_known(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    (tmp_path / "b.pdf").symlink_to(tmp_path / "a.pdf")
    assert is_same_file(tmp_path / "a.pdf", tmp_path / "b.pdf")
    assert is_same_file(tmp_path / "new.pdf", tmp_path / "." / "new.pdf")
    assert not is_same_file(tmp_path / "a.pdf", tmp_path / "new.pdf")
