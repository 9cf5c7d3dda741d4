"""Files that are there whole or not at all: written beside, kept by the disk, then named. An edge module.

Everything here raises OSError as it comes; callers say what could not be written, and what to do about it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

PART = ".part"
"""How the name of a file ends that is still being written; it starts with a full stop."""
_OWNERS = 0o600
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK}
"""What a file system without hard links (a memory stick, some network drives) answers."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def _nothing() -> None: ...


def write(
    path: Path,
    data: bytes,
    *,
    new: bool = False,
    mode: int = _OWNERS,
    durable: bool = True,
    before_name: Callable[[], object] = _nothing,
) -> None:
    """Write ``data`` to ``path``; the options are those of `writing`. OSError."""
    with writing(path, new=new, mode=mode, durable=durable, before_name=before_name) as handle:
        write_pieces(handle, [data])


@contextlib.contextmanager
def writing(
    path: Path,
    *,
    new: bool = False,
    mode: int = _OWNERS,
    durable: bool = True,
    one_writer: bool = False,
    before_name: Callable[[], object] = _nothing,
) -> Iterator[int]:
    """A handle to write to. When the block has ended well, the file gets its name; else nothing is left. OSError.

    ``new``: FileExistsError rather than replace a file; ``mode``: by default its owner's alone; ``durable``: the disk
    has it before it is named. ``one_writer``: nobody else writes this file now, so that its part has a name that
    `part_of` tells, and what a killed program left of it is overwritten. ``before_name`` is called when the disk has
    the bytes; what it raises leaves no file.
    """
    if one_writer:
        beside = part_of(path)
        beside.unlink(missing_ok=True)
        handle = os.open(beside, _NEW, _OWNERS)
    else:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".handout-", suffix=PART)  # mode 0600
        beside = Path(name)
    try:
        try:
            yield handle
            if mode != _OWNERS:
                os.fchmod(handle, mode)
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
        before_name()
        if new:
            _name_new(beside, path)
        else:
            beside.replace(path)
        if durable:
            sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def part_of(path: Path) -> Path:
    """Where a file is written that has one writer and no name yet."""
    return path.with_name(f".{path.name}{PART}")


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


def write_pieces(handle: int, pieces: Sequence[bytes]) -> None:
    """All of ``pieces``, also where the disk takes less than it is given at once. OSError."""
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(handle, rest) :]


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in ``folder``, where its file system can be asked to."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def remove_parts(folder: Path, ours: Callable[[str], bool]) -> None:
    """Take away what a killed program was still writing; ``ours`` tells its files' names from others'. OSError."""
    for path in folder.glob(f".*{PART}"):
        if ours(path.name[1:].removesuffix(PART)):
            path.unlink()


def write_group(
    folder: Path, files: Mapping[str, Sequence[bytes]], *, before_names: Callable[[], object] = _nothing
) -> None:
    """Write several files, each from its pieces, and give them their names once the disk has all of them, and
    ``before_names`` has come back. It is called while the disk works: both mostly wait.

    The disk hears of each file as soon as it is written, and is asked to keep all of them together: an fsync mostly
    waits, and a disk takes many at once. Files that are there already are replaced. OSError; then, or when somebody
    stops the program, none of them is left half-written.
    """
    from concurrent.futures import wait

    beside = {name: f"{folder}/.{name}{PART}" for name in files}  # a path object more for each file takes longer
    handles: list[int] = []
    try:
        try:
            for name, pieces in files.items():
                handles.append(os.open(beside[name], _NEW, _OWNERS))
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
            os.replace(path, f"{folder}/{name}")  # noqa: PTH105
        sync_folder(folder)
    except BaseException:  # Ctrl-C too
        for path in beside.values():
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108
        raise


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
    from concurrent.futures import wait

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
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="disk")
