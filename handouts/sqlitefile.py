"""A SQLite file that is its owner's alone, with a key beside it: the outbox, the record. An edge module.

What is said to be done is on the disk (``synchronous=FULL``); what is deleted is overwritten with zeros
(``secure_delete``), in the file and, by `scrub`, in the write-ahead log beside it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Self

from handouts import atomic
from handouts.errors import OutputFault, Refused
from handouts.keys import installation_key

_PRAGMAS = ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "temp_store=MEMORY")
"""The last one: no message is sorted in a temporary file."""
_OF_A_ROW = ("CHECK constraint failed", "NULL value in")
"""How SQLite says that a row holds what it should not."""
PATIENCE = 30.0
"""Seconds for which another command may have the file."""
_MAKING = threading.Lock()


class SqliteFile:
    """The file in ``folder``, and the key of its hashes. Made on first use, mode 0600.

    OutputFault when it can't be kept there, is damaged, or its key is lost; Refused when a newer version of the program
    made it. Whether all that belongs to it is there, `handouts.record.loss` asks first.
    """

    what: ClassVar[str]
    """What the file is, in messages: "outbox"."""
    name: ClassVar[str]
    key_name: ClassVar[str]
    steps: ClassVar[tuple[str, ...]]
    """SQL that leads from no tables to version 1, from 1 to 2 ...; once published, a step is never changed."""
    keeps_copy: ClassVar[bool] = True
    """Whether a copy is kept before newer tables; not of what has to be gone one day."""
    way_back: ClassVar[str] = ""
    """What to do when the file is damaged; "" where a copy can be restored."""

    def __init__(self, folder: Path, *, looking: bool = False) -> None:
        """``looking``: the file is there, to look something up; so it may lie where nobody here may write."""
        self.path = folder / self.name
        read_only = looking and not may_write(folder, self.name)
        self._may_write = not read_only
        with self._folder_faults():
            if not read_only:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _make(self.path)
                if not looking:
                    self.path.chmod(0o600)  # SQLite gives the files beside it the same mode
            begun = self.path.stat().st_size > 0  # asked before the key, which another command may just be making
            if begun and not (folder / self.key_name).exists():
                raise OutputFault(
                    f"The {self.what} can't be used: its key is missing, and with another one nothing in it could be "
                    f"checked or found. Put {self.key_name} back from the copy of the keys."
                )
        self.key = self._key_in(folder)  # kept by the disk before SQLite writes its first byte
        with self.faults():
            where = self._to_read() if read_only else str(self.path)
            self.connection = sqlite3.connect(where, timeout=PATIENCE, isolation_level=None, uri=read_only)
        try:
            self._opened = self._identity()
            with self.faults():
                self.connection.row_factory = sqlite3.Row
                # what somebody wrote into the file by hand may be no UTF-8: that is to be found, not to be a crash
                self.connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
                if not read_only:
                    self._keep_a_log()
                    for pragma in _PRAGMAS:
                        self.connection.execute(f"PRAGMA {pragma}")
                self._bring_up_to_date()
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    @contextlib.contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Some statements that happen together or not at all, and are on the disk afterwards. OutputFault."""
        with self.faults():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                self._require_same_file()
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise

    def look(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Rows, without changing anything. OutputFault."""
        with self.faults():
            return self.connection.execute(query, values).fetchall()

    def scrub(self) -> None:
        """Empty the write-ahead log, so that nothing deleted stays in it. Another reader may put it off."""
        with self.faults():
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copies(self) -> list[Path]:
        """The copies that were kept before a newer version changed the tables, sorted."""
        return sorted(self.path.parent.glob(f"{self.path.stem}-before-*{self.path.suffix}"))

    def require_sound(self) -> None:
        """OutputFault when SQLite finds the file damaged. It reads all of it. A bad value in a row is no damage."""
        with self.faults():
            found = [str(line) for (line,) in self.connection.execute("PRAGMA integrity_check").fetchall()]
        if any(line != "ok" and not line.startswith(_OF_A_ROW) for line in found):
            raise OutputFault(f"The {self.what} can't be used: {self._damaged}")

    def _keep_a_log(self) -> None:
        """Write ahead, as the file remembers. Of two that open it at once, SQLite turns one away without waiting."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self.connection.execute("PRAGMA journal_mode=WAL").fetchone()
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                    raise
                time.sleep(0.01)

    def _identity(self) -> tuple[int, int]:
        """Which file is at the path. OutputFault when there is none."""
        with self._folder_faults():
            found = self.path.stat()
        return found.st_dev, found.st_ino

    def _require_same_file(self) -> None:
        """What is written into a file that was moved away or deleted meanwhile would be lost. OutputFault."""
        if self._identity() != self._opened:
            raise OutputFault(
                f"The {self.what} can't be used: somebody replaced {self.name} while this command ran. Run it again."
            )

    @property
    def _damaged(self) -> str:
        if self.way_back:
            return f"its file is damaged. {self.way_back}"
        return (
            f"its file is damaged. Keep it, and restore the last copy of the data folder: `{self.what} restore FILE` "
            "checks a copy and puts it in place (docs/record.md)."
        )

    def _to_read(self) -> str:
        """SQLite's address of a file that it may not write: where no log lies beside it, it need not make one."""
        log = self.path.with_name(f"{self.name}-wal")
        return f"{self.path.absolute().as_uri()}?{'mode=ro' if log.exists() else 'immutable=1'}"

    def _key_in(self, folder: Path) -> bytes:
        try:
            return installation_key(folder / self.key_name)
        except OutputFault:
            raise OutputFault(
                f"The {self.what} can't be used: its key, {self.key_name}, can't be written or read. Make the folder "
                "writable and check that the disk is not full, or name another folder with --data."
            ) from None

    def _bring_up_to_date(self) -> None:
        version, newest = self._version(), len(self.steps)
        if version > newest:
            raise Refused(f"The {self.what} was made by a newer version of this program. Use that one.")
        if version == newest:
            return
        if not self._may_write:
            self._look_at_a_copy()
        with self.change() as connection:
            version = self._version()  # of two that start at once, one does it
            if self.keeps_copy and self._may_write and 0 < version < newest:
                with self._folder_faults():
                    self._keep_copy(newest)
            for step in self.steps[version:]:
                for statement in step.split(";\n"):
                    connection.execute(statement)
            self.convert(version)
            connection.execute(f"PRAGMA user_version={newest}")

    def convert(self, version: int) -> None:
        """What SQL can't do to a file of an earlier ``version``, in the same transaction. Here: nothing."""

    def _look_at_a_copy(self) -> None:
        """Tables of an earlier version that may not be changed where they are: brought up to date in memory."""
        there, self.connection = self.connection, sqlite3.connect(":memory:", isolation_level=None)
        with contextlib.closing(there):
            there.backup(self.connection)
        self.connection.row_factory = sqlite3.Row
        self.connection.text_factory = there.text_factory

    def _keep_copy(self, newest: int) -> None:
        """The file as it was (SQLite's backup), readable by its owner alone. A half-made one is not left."""
        copy = self.path.with_name(f"{self.path.stem}-before-{newest}{self.path.suffix}")
        with (
            atomic.writing(copy, one_writer=True),
            contextlib.closing(sqlite3.connect(self.path)) as source,
            contextlib.closing(sqlite3.connect(atomic.part_of(copy))) as target,
        ):
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, whole

    def _version(self) -> int:
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    @contextlib.contextmanager
    def faults(self) -> Iterator[None]:
        """SQLite's errors as OutputFault: they say what to do, and hold no value."""
        try:
            yield
        except sqlite3.IntegrityError:
            raise  # ours to know
        except UnicodeDecodeError:  # SQLite's own message, where what is damaged stands in it
            raise OutputFault(f"The {self.what} can't be used: {self._damaged}") from None
        except sqlite3.DatabaseError as error:
            raise OutputFault(f"The {self.what} can't be used: {self._explain(error)}") from None

    @contextlib.contextmanager
    def _folder_faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputFault(
                f"The {self.what} can't be used: {error.strerror}. Name another folder with --data."
            ) from None

    def _explain(self, error: sqlite3.DatabaseError) -> str:
        name = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            return "the disk is full or faulty. Free some room and run the same command again. Nothing was lost."
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return "another command has had it for half a minute. Run the same command again."
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            return self._damaged
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            return "you may not write to it. Name another folder with --data; to look something up, a copy of this one."
        way = self.way_back or (f"Keep it, and restore the last copy of the data folder: `{self.what} restore FILE`.")
        return f"its file is not as this program made it (SQLite says {name or type(error).__name__}). {way}"


def _make(path: Path) -> None:
    """Make the file, its owner's alone, unless it is there. OSError, also for a link.

    One that is there is never opened but by SQLite: closing a descriptor of a file takes all locks on it away from the
    whole process, those of SQLite's other connections too. Another process that ends would then delete the log that
    they go on writing to, and what they said was done would be lost (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    # one at a time, or another thread has it open already when this one closes what it made
    with _MAKING, contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def may_write(folder: Path, name: str) -> bool:
    """Whether a database in ``folder`` may be written: SQLite also writes beside it."""
    return os.access(folder / name, os.W_OK) and os.access(folder, os.W_OK)
