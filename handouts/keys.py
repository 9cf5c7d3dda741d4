"""The installation's key of document codes: made on first use, its owner's alone. An edge module."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from handouts import atomic
from handouts.errors import OutputFault

KEY_NAME = "document-code.key"


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
    """The key in ``path``. OutputFault when it isn't there or is too short to be one."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise OutputFault(f"The key file can't be read: {error.strerror}.") from None
    if len(key) < 16:
        raise OutputFault("The key file is too short: it needs 16 random bytes or more. Delete it to get a new one.")
    return key
