"""SQLite files that a test opens without `with`."""

from __future__ import annotations

import weakref
from typing import TypeVar

from handouts.sqlitefile import SqliteFile

File = TypeVar("File", bound=SqliteFile)
_closing: list[weakref.finalize[..., SqliteFile]] = []


def opened(file: File) -> File:
    """``file``, which is closed as soon as the test lets go of it, and at the latest when it ends."""
    _closing.append(weakref.finalize(file, file.connection.close))
    return file


def close_all() -> None:
    """At the end of a test: a file that hangs in a traceback would wait for a search for garbage in any thread."""
    while _closing:
        _closing.pop()()
