"""Replaces a lost file: the new one is made beside it, checked, then renamed; the old one is kept.

An edge module. A kill at any moment leaves the old files, or a folder that says what is missing: then run the same
command again.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from handouts.atomic import sync_folder
from handouts.errors import OutputFault, Refused, RequestFault


@dataclass(frozen=True)
class Decision:
    """Who decided, when (seconds since 1970), and why."""

    by: str
    now: float
    why: str = ""


@contextlib.contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A temporary folder inside ``folder``: what is made in it can be renamed into place. OutputFault."""
    with writing(), contextlib.ExitStack() as stack:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".restore-", dir=folder)))


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """OSError as OutputFault."""
    try:
        yield
    except OSError as error:
        raise OutputFault(
            f"The data folder can't be written: {error.strerror}. Nothing was lost. Make it writable, check that the "
            "disk is not full, and run the same command again."
        ) from None


def copy_database(source: Path, target: Path, in_place: Path | None = None) -> None:
    """Copy a database, with the log beside it if it has one. RequestFault for a file that can't be read, or for the
    one ``in_place``: that is no backup.
    """
    if not source.is_file():
        raise RequestFault("There is no such file. Name the backup of the database.")
    if in_place and in_place.exists() and source.samefile(in_place):
        raise RequestFault("That is the data folder's own file. Name a backup of it.")
    for end in ("", "-wal"):
        piece = source.with_name(source.name + end)
        if piece.exists():
            try:
                data = piece.read_bytes()
            except OSError as error:
                raise RequestFault(f"The backup can't be read: {error.strerror}.") from None
            beside = target.with_name(target.name + end)
            beside.touch(mode=0o600)
            beside.write_bytes(data)


def require_unused(path: Path) -> None:
    """Refused while another command has the database open: what it writes would go into the file that is moved."""
    if not path.is_file() or not path.stat().st_size:
        return
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if (getattr(error, "sqlite_errorname", "") or "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise Refused(
                f"Another command is using {path.name}. Nothing was changed. Stop it first, such as "
                "`outbox run --watch` or its timer, and run this command again."
            ) from None
    except sqlite3.DatabaseError:
        pass  # damaged: nobody can use it
    finally:
        connection.close()


def keep_old(folder: Path, names: Sequence[str], now: float) -> Path | None:
    """Move those of ``names`` that exist into a new folder, and return it; None if there are none. OSError."""
    there = [name for name in names if (folder / name).exists()]
    if not there:
        return None
    stamp = f"{datetime.fromtimestamp(now, UTC):kept-%Y%m%d-%H%M%S}"
    number = 1
    while (kept := folder / (stamp if number == 1 else f"{stamp}-{number}")).exists():
        number += 1
    kept.mkdir(mode=0o700)
    for name in there:
        (folder / name).rename(kept / name)
    sync_folder(folder)
    return kept


def with_logs(name: str) -> tuple[str, ...]:
    """A database's name, and those of the files that SQLite keeps beside it."""
    return name, f"{name}-wal", f"{name}-shm", f"{name}-journal"


def take_place(stage: Path, folder: Path, names: Sequence[str]) -> None:
    """Move ``names`` from ``stage`` into ``folder``, in this order, and sync. OSError."""
    for name in names:
        with (stage / name).open("rb+") as file:
            os.fsync(file.fileno())
        (stage / name).replace(folder / name)
    sync_folder(folder)
