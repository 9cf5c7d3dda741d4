"""The installation's key of document codes: made on first use, its owner's alone. An edge module."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from handouts import atomic
from handouts.errors import OutputFault
from handouts.load.files import read_regular

KEY_NAME = "document-code.key"
SHORTEST = 16
"""Bytes. What is shorter is no key, but what is left of one."""
_LONGEST = 65536


def installation_key(path: Path) -> bytes:
    """The random key of this installation, made on first use (mode 0600). OutputFault when it can't be kept."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):  # of two programs that start together, one makes it
                atomic.write(path, os.urandom(32), new=True)
        return read_key(path)
    except OSError as error:
        raise OutputFault(
            f"The key for document codes can't be kept in {path.parent}: {error.strerror}. "
            "Make that folder writable, or name a key file with --key-file."
        ) from None


def read_key(path: Path) -> bytes:
    """The key in ``path``. OutputFault when it isn't there, is no plain file, or can't be a key by its length."""
    try:
        key = read_regular(path, _LONGEST)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise OutputFault(f"The key file {path.name} is too long to be a key. Name the right one.") from None
        raise OutputFault(f"The key file can't be read: {error.strerror}.") from None
    if len(key) < SHORTEST:
        raise OutputFault(
            f"The key file {path.name} is damaged: it is too short to be a key. Keep it, and put the key back "
            "from the copy of the keys: `key restore FILE`."
        )
    return key
