"""The journal of a folder: which rows are made, from what, and with which bytes. An edge module.

One record per row, all of the same length, at a position given by the row's number (LIST-3). It holds no
patient details: a code, a keyed digest of the request and its content, the file's SHA-256.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from handouts.errors import OutputFault, Refused

NAME = "journal.txt"
_RECORD = re.compile(rb"([ 0-9]{10}) ([0-9A-Z]{11}) ([0-9a-f]{64}) ([0-9a-f]{64}) ([ 0-9]{5})\n")
_LENGTH = 10 + 11 + 64 + 64 + 5 + 5
_HEAD = b"handouts journal 1: which row is made, from what. Delete it, and all is made again."
_PRINTED = re.compile(r"(volume|run-sheet)-[0-9]{3,}\.pdf")
_FILE = re.compile(r"([0-9]{6,10})-([0-9A-Z]{11})\.pdf")


def is_ours(name: str) -> bool:
    """Whether a run may have written a PDF with this name."""
    return bool(_FILE.fullmatch(name) or _PRINTED.fullmatch(name))


@dataclass(frozen=True)
class Record:
    """A finished row. ``fingerprint``: keyed, of what it was made from; ``sha256``: of the file; both in hex."""

    number: int
    code: str
    fingerprint: str
    sha256: str
    pages: int

    @property
    def name(self) -> str:
        """The file's name: row and code, never the patient."""
        return f"{self.number:06}-{self.code}.pdf"

    def to_bytes(self) -> bytes:
        """A line of the journal."""
        return b"%10d %b %b %b %5d\n" % (
            self.number,
            self.code.encode(),
            self.fingerprint.encode(),
            self.sha256.encode(),
            self.pages,
        )


class Journal:
    """The journal of ``folder``, locked for one run; Refused while another run has it. OutputFault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            self.handle = os.open(folder / NAME, flags, 0o600)
        except OSError as error:
            raise _fault(error) from None
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._check_head()
        except BlockingIOError:
            os.close(self.handle)
            raise Refused("Another run is using this folder. Wait until it is done, or name another.") from None
        except OSError as error:
            os.close(self.handle)
            raise _fault(error) from None
        except BaseException:
            os.close(self.handle)
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.handle)  # this releases the lock

    def _check_head(self) -> None:
        head = os.pread(self.handle, _LENGTH, 0)
        if head.startswith(_HEAD[:18]) or not head.strip(b"\0"):
            self._write(0, _HEAD.ljust(_LENGTH - 1) + b"\n")
            return
        raise Refused(f"The folder contains a {NAME} that this program did not write. Name another folder with -d.")

    def read(self, number: int) -> Record | None:
        """The record of a row; None if there is none, or it is incomplete."""
        found = _RECORD.fullmatch(os.pread(self.handle, _LENGTH, number * _LENGTH))
        if not found or int(found[1]) != number:
            return None
        return Record(number, found[2].decode(), found[3].decode(), found[4].decode(), int(found[5]))

    def finished(self, number: int) -> Record | None:
        """The record of a row whose file exists unchanged."""
        record = self.read(number)
        if record is None:
            return None
        with contextlib.suppress(OSError):
            if hashlib.sha256((self.folder / record.name).read_bytes()).hexdigest() == record.sha256:
                return record
        return None

    def add(self, records: Iterable[Record]) -> None:
        """Note files that are on the disk. OutputFault."""
        for first, lines in _runs(records):
            self._write(first, lines)
        try:
            os.fdatasync(self.handle) if hasattr(os, "fdatasync") else os.fsync(self.handle)
        except OSError as error:
            raise _fault(error) from None

    def erase(self, number: int) -> None:
        """Forget a row that now has problems, or is gone from the list."""
        if self.read(number):
            self._write(number, b"\0" * _LENGTH)

    def end_after(self, number: int) -> None:
        """Forget everything after the last row, and trailing empty records: past runs leave no trace."""
        try:
            last = min(number, os.fstat(self.handle).st_size // _LENGTH)
            while last and self.read(last) is None:
                last -= 1
            os.ftruncate(self.handle, (last + 1) * _LENGTH)
            os.fsync(self.handle)
        except OSError as error:
            raise _fault(error) from None

    def strangers(self, printed: Container[str] = ()) -> list[str]:
        """Names of our files in the folder that belong to no row and are not among ``printed``; sorted."""
        found = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                ours = _FILE.fullmatch(entry.name)
                if (ours and not self._knows(ours)) or (_PRINTED.fullmatch(entry.name) and entry.name not in printed):
                    found.append(entry.name)
        return sorted(found)

    def _knows(self, ours: re.Match[str]) -> bool:
        """Whether the record of a file's row starts correctly: all are complete when a run has ended."""
        begin = b"%10d %b " % (int(ours[1]), ours[2].encode())
        return os.pread(self.handle, len(begin), int(ours[1]) * _LENGTH) == begin

    def _write(self, number: int, data: bytes) -> None:
        try:
            written = os.pwrite(self.handle, data, number * _LENGTH)
            if written < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise _fault(error) from None


def _runs(records: Iterable[Record]) -> Iterator[tuple[int, bytes]]:
    """Consecutive lines joined, with the number of the first."""
    first, lines = 0, b""
    for record in records:
        if lines and record.number * _LENGTH != first * _LENGTH + len(lines):
            yield first, lines
            lines = b""
        first, lines = first if lines else record.number, lines + record.to_bytes()
    if lines:
        yield first, lines


def _fault(error: OSError) -> OutputFault:
    return OutputFault(f"The folder's journal can't be written: {error.strerror}. Fix that, or choose another -d.")
