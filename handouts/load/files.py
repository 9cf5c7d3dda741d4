"""A file that somebody named, or put into a folder of ours: read whole or not at all. An edge module."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MEGABYTE = 1024 * 1024
MOST = 64 * MEGABYTE
"""Bytes of a file of content: far more than any page could hold."""
MOST_PDF = 512 * MEGABYTE
"""Bytes of a PDF: far more than a print volume of 500 patients takes."""
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""Nobody waits for whoever might write into a pipe."""


def read_regular(path: Path, most: int = MOST) -> bytes:
    """The bytes of a file; links are followed. OSError, also for a folder, a pipe, a device, and what is too large."""
    with os.fdopen(os.open(path, _READ), "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is a pipe or a device, not a file")
        data = bytearray()
        while max(status.st_size, len(data)) <= most and (part := file.read(MEGABYTE)):  # sizes in /proc are not true
            data += part
        if max(status.st_size, len(data)) > most:
            raise OSError(errno.EFBIG, f"it is larger than {most // MEGABYTE} MB")
    return bytes(data)


def read_text(path: Path, encoding: str = "utf-8-sig") -> str:
    """The text of such a file, with one kind of line end. OSError, UnicodeDecodeError."""
    return read_regular(path).decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
