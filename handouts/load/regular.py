"""The bytes of a regular file, up to a limit: a pipe or device in place of content would hang, or never end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MOST_BYTES = 4_000_000
"""Of one file of content. The largest that comes with the program has a hundredth of it."""


def read_regular(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of ``path``. OSError where it is not a regular file, or has more than ``most`` bytes."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        with open(handle, "rb", closefd=False) as file:
            data = file.read(most + 1)
    finally:
        os.close(handle)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes")
    return data
