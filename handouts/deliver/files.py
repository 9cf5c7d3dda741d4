"""Step 5, deliver: writes a file completely or not at all; opens the system's viewer. An edge module."""

from __future__ import annotations

import contextlib
import errno
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import click

from handouts import atomic
from handouts.errors import HandOverFault, OutputFault
from handouts.model.recorder import Channel

_WHY = {
    errno.ENOSPC: "the disk is full. Free some space and run the same command again",
    errno.EDQUOT: "your disk quota is used up. Free some space and run the same command again",
    errno.EACCES: "you may not write to the folder. Choose another one with -o",
    errno.EPERM: "you may not write to the folder. Choose another one with -o",
    errno.EROFS: "the disk is read-only. Choose another folder with -o",
    errno.EPIPE: "the program that reads it has stopped. See its own message",
    errno.ENAMETOOLONG: "the file's name is too long. Choose a shorter one with -o",
}


_EXISTS = "The output file already exists and is kept. Use --force to replace it."
_OTHER_KIND = "The output file already exists, and is another kind of file. It is kept. Choose another name with -o."
PDF_START = b"%PDF-"
_TELLING = len(PDF_START)
"""So many first bytes tell the kinds of files apart that the program writes."""


def check_target(path: Path, *, force: bool, flag: str = "-o", start: bytes = b"") -> None:
    """Refuse what can't be written before a handout is typeset for nothing. OutputFault, naming ``flag``.

    ``start``: how the new file will begin. What begins otherwise is replaced only where its name ends in .pdf: --force
    is for an older handout, not for a request, a list or a key whose name was typed by mistake.
    """
    try:
        if not path.parent.is_dir():
            raise _output_fault("The output folder does not exist. Create it first, or choose another with -o.", flag)
        status = path.stat() if path.exists() else None
    except (OSError, ValueError) as error:
        raise writing_fault(error, flag) from None
    if status and stat.S_ISDIR(status.st_mode):
        raise _output_fault("The output is a folder. Name a file with -o, or leave out -o.", flag)
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


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two names are of one file, whether it is there or not."""
    with contextlib.suppress(OSError):
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _output_fault(message: str, flag: str) -> OutputFault:
    return OutputFault(message if flag == "-o" else f"{flag}: {message.replace('-o', flag)}")


def writing_fault(error: Exception, flag: str = "-o") -> OutputFault:
    """Why a file can't be written, and what to do; ``flag``: the option that names another place."""
    number = getattr(error, "errno", None) or 0
    why = _WHY.get(number) or f"{getattr(error, 'strerror', None) or 'its name is invalid'}. Choose another with -o"
    return OutputFault(f"The PDF can't be written: {why.replace('-o', flag)}.")


@contextlib.contextmanager
def writing_faults(flag: str) -> Iterator[None]:
    """Turn an OSError in the block into an OutputFault that names ``flag``."""
    try:
        yield
    except OSError as error:
        raise writing_fault(error, flag) from None


def _nothing() -> None: ...


def write_file(
    path: Path, data: bytes, *, force: bool = False, flag: str = "-o", before_name: Callable[[], object] = _nothing
) -> None:
    """Write ``data`` to ``path``, completely or not at all, and private: it holds patient details. OutputFault.

    ``before_name`` is called when the bytes are on disk; if it raises, there is no file.
    """
    check_target(path, force=force, flag=flag, start=data[:_TELLING])
    try:
        atomic.write(path, data, new=not force, before_name=before_name)
    except FileExistsError:
        raise _output_fault(_EXISTS, flag) from None
    except OSError as error:
        raise writing_fault(error, flag) from None


def give_out(
    data: bytes, to: Path | BinaryIO | None, record: Callable[[Channel], object], *, force: bool = False
) -> None:
    """Write to a file, or to a stream such as standard output (None: a closed one). ``record`` is called before the
    file has its name, or the stream its data. OutputFault.
    """
    if isinstance(to, Path):
        write_file(to, data, force=force, before_name=lambda: record("file"))
        return
    record("stdout")
    write_stream(to, data)


def write_stream(stream: BinaryIO | None, data: bytes) -> None:
    """Write ``data`` to standard output. OutputFault when it is a terminal, full, or closed (None)."""
    if stream is None:
        raise OutputFault("Standard output is closed. Name a file with -o.")
    if stream.isatty():
        raise OutputFault("A PDF would only fill the screen with gibberish. Name a file with -o.")
    try:
        stream.write(data)
        stream.flush()
    except OSError as error:
        raise writing_fault(error) from None


def open_in_viewer(path: Path) -> None:
    """Open the file in the system's viewer. HandOverFault when there is none; the file stays."""
    try:
        failed = click.launch(str(path))
    except OSError:
        failed = 1
    if failed:
        raise HandOverFault("The PDF is made, but no viewer could be started. Open the file yourself.")
