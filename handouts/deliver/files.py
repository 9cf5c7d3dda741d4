"""Step 5, deliver: bytes into a file, whole or not at all; the system's viewer. An edge module."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path
from typing import BinaryIO

import click

from handouts.errors import HandOverFault, OutputFault

_WHY = {
    errno.ENOSPC: "the disk is full. Free some room and run the same command again",
    errno.EDQUOT: "your share of the disk is used up. Free some room and run the same command again",
    errno.EACCES: "the folder may not be written by you. Choose another one with -o",
    errno.EPERM: "the folder may not be written by you. Choose another one with -o",
    errno.EROFS: "the disk is read-only. Choose another folder with -o",
    errno.EPIPE: "the program that reads it has stopped. Look at its own message",
    errno.ENAMETOOLONG: "the file's name is too long. Choose a shorter one with -o",
}


_EXISTS = "The output file is there already and is kept. Say --force to replace it."
_OTHER_KIND = "The output file is there already, and is another kind of file. It is kept. Choose another name with -o."
_TELLING = 5
"""So many first bytes tell the kinds of files apart that the program writes: %PDF-."""
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK}
"""What a file system without hard links (a memory stick, some network drives) answers."""


def check_target(path: Path, *, force: bool, flag: str = "-o", start: bytes = b"") -> None:
    """Refuse early what can't be written: before a handout is typeset for nothing. OutputFault, naming ``flag``.

    ``start``: how the new file will begin. What begins otherwise is replaced only where its name ends in .pdf: --force
    is for an older handout, not for a request, a list or a key whose name was typed by mistake.
    """
    try:
        if not path.parent.is_dir():
            raise _output_fault("The output folder isn't there. Make it first, or choose another with -o.", flag)
        status = path.stat() if path.exists() else None
    except (OSError, ValueError) as error:
        raise writing_fault(error, flag) from None
    if status and stat.S_ISDIR(status.st_mode):
        raise _output_fault("The output is a folder. Name a file with -o, or leave -o out.", flag)
    if status and not stat.S_ISREG(status.st_mode):
        raise _output_fault("The output is a device, not a file. Name a file with -o, or - for standard output.", flag)
    if status and not force:
        raise _output_fault(_EXISTS, flag)
    older = not status or not status.st_size or (start == PDF_START and path.suffix.lower() == ".pdf")
    if start and not older and _begins(path, len(start)) != start:
        raise _output_fault(_OTHER_KIND, flag)


def _begins(path: Path, length: int) -> bytes:
    """The first bytes of a file; none where it can't be read."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(length)
    return b""


PDF_START = b"%PDF-"


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two names are of one file, whether it is there or not."""
    with contextlib.suppress(OSError):
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _output_fault(message: str, flag: str) -> OutputFault:
    return OutputFault(message if flag == "-o" else f"{flag}: {message.replace('-o', flag)}")


def writing_fault(error: Exception, flag: str = "-o") -> OutputFault:
    """Why a file can't be written, and what to do; ``flag``: where another place can be named."""
    number = getattr(error, "errno", None) or 0
    why = _WHY.get(number) or f"{getattr(error, 'strerror', None) or 'its name is not one'}. Choose another with -o"
    return OutputFault(f"The PDF can't be written: {why.replace('-o', flag)}.")


def _nothing() -> None: ...


def write_file(
    path: Path, data: bytes, *, force: bool = False, flag: str = "-o", before_name: Callable[[], object] = _nothing
) -> None:
    """Write ``data`` beside ``path``, then give it its name: no half-written file is ever seen. OutputFault.

    The file is its owner's alone (mode 0600): it holds a patient's details. ``before_name`` is called when the disk
    has the bytes; what it raises leaves no file.
    """
    check_target(path, force=force, flag=flag, start=data[:_TELLING])
    beside: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".handout-", suffix=".part")
        beside = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        before_name()
        if force:
            beside.replace(path)
        else:
            _name_new(beside, path)
    except FileExistsError:
        raise _output_fault(_EXISTS, flag) from None
    except OSError as error:
        raise writing_fault(error, flag) from None
    finally:
        if beside:
            with contextlib.suppress(OSError):
                beside.unlink()


PART = ".part"
"""How the name of a file ends that is still being written; it starts with a full stop."""


def write_group(
    folder: Path, files: Mapping[str, Sequence[bytes]], *, before_names: Callable[[], object] = _nothing
) -> None:
    """Write several files, each from its pieces, and give them their names once the disk has all of them, and
    ``before_names`` has come back. It is called while the disk works: both mostly wait.

    The disk hears of each file as soon as it is written, and is asked to keep all of them together: an fsync mostly
    waits, and a disk takes many at once. Files that are there already are replaced. OutputFault; then, or when somebody
    stops the program, none of them is left half-written.
    """
    beside = {name: f"{folder}/.{name}{PART}" for name in files}
    handles: list[int] = []
    try:
        try:
            for name, pieces in files.items():
                handles.append(os.open(beside[name], os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o600))
                write_pieces(handles[-1], pieces)
                _start_writeback(handles[-1])
            keeping = _sync_threads().submit(_sync_all, handles)
            try:
                before_names()
            finally:
                wait([keeping])  # nobody may close what a thread still waits for
            keeping.result()
        finally:
            for handle in handles:
                os.close(handle)
        for name, path in beside.items():
            os.replace(path, f"{folder}/{name}")  # noqa: PTH105  a path object more for each file takes longer
        sync_folder(folder)
    except BaseException as error:  # Ctrl-C too
        for path in beside.values():
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108
        if isinstance(error, OSError):
            raise writing_fault(error, "-d") from None
        raise


_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def write_pieces(handle: int, pieces: Sequence[bytes]) -> None:
    """All of ``pieces``, also where the disk takes less than it is given at once. OSError."""
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(handle, rest) :]


_AT_ONCE = 8
"""Threads that wait for the disk. More gain nothing measurable."""
_SLOW = 0.0005
"""Seconds: a disk that keeps a file faster is not worth waking threads for."""


def _start_writeback(handle: int) -> None:
    """Tell the system that nobody reads the file soon: it begins to write it out (Linux), and waits for nothing."""
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _sync_all(handles: Sequence[int]) -> None:
    """Return when the disk has every file. OSError."""

    def keep(some: Sequence[int]) -> None:
        for handle in some:
            os.fsync(handle)

    start = time.perf_counter()
    keep(handles[:1])
    if time.perf_counter() - start < _SLOW:
        keep(handles[1:])
        return
    parts = [part for part in (handles[i::_AT_ONCE] for i in range(1, _AT_ONCE + 1)) if part]
    futures = [_sync_threads().submit(keep, part) for part in parts]
    try:
        for future in futures:
            future.result()
    finally:
        wait(futures)  # nobody may close what a thread still waits for


@cache
def _sync_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="disk")


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in ``folder``, where its file system can be asked to."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def remove_parts(folder: Path, ours: Callable[[str], bool]) -> None:
    """Take away what a killed run was still writing; ``ours`` tells its files' names from others'. OutputFault."""
    try:
        for path in folder.glob(f".*{PART}"):
            if ours(path.name[1:].removesuffix(PART)):
                path.unlink()
    except OSError as error:
        raise writing_fault(error, "-d") from None


def _name_new(beside: Path, path: Path) -> None:
    """Give the file its name. FileExistsError where the name was taken meanwhile."""
    try:
        os.link(beside, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise FileExistsError from None
        beside.rename(path)


def write_stream(stream: BinaryIO | None, data: bytes) -> None:
    """Write ``data`` to standard output. OutputFault when it is a screen, full, or closed (None)."""
    if stream is None:
        raise OutputFault("Standard output is closed. Name a file with -o.")
    if stream.isatty():
        raise OutputFault("A PDF would only fill the screen with signs. Name a file with -o.")
    try:
        stream.write(data)
        stream.flush()
    except OSError as error:
        raise writing_fault(error) from None


def open_in_viewer(path: Path) -> None:
    """Show the file in the system's viewer. HandOverFault when there is none; the file stays."""
    try:
        failed = click.launch(str(path))
    except OSError:
        failed = 1
    if failed:
        raise HandOverFault("The PDF is made, but no viewer could be started. Open the file by hand.")
