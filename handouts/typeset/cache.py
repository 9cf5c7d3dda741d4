"""Typeset sheets kept on disk between runs: nobody's data in them. An edge module: it reads and writes files.

An entry is a SHA-256 of the rest and the sheet's bytes. Whatever is damaged, cut short, a link, or another user's is
treated as not there and made again. The least recently used go first when the folder is full.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from handouts import atomic
from handouts.model.typeset_sheet import BadSheet, TypesetSheet

MAX_BYTES = 256 * 1024 * 1024
_SUFFIX = ".sheet"
_OLD_SUFFIX = ".master"
"""Of what the program kept before it kept sheets."""
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""No link is followed, and nobody waits for a pipe that somebody put there."""


@dataclass(frozen=True)
class SheetCache:
    """A folder of sheets, mode 0700. A folder that can't be used makes every look-up a miss, never a fault."""

    folder: Path
    max_bytes: int = MAX_BYTES

    def get(self, key: str) -> TypesetSheet | None:
        """The sheet under ``key`` (hex), or None."""
        data = self._read(key)
        try:
            return TypesetSheet.from_bytes(data) if data else None
        except BadSheet:
            return None

    def put(self, key: str, sheet: TypesetSheet) -> None:
        """Keep ``sheet`` under ``key``; quietly not, when the folder can't be written."""
        self._write(key, sheet.to_bytes())

    def entries(self) -> list[Path]:
        """The files of the cache, least recently used first; those of its old form too."""
        with contextlib.suppress(OSError):
            found = (path for suffix in (_SUFFIX, _OLD_SUFFIX) for path in self.folder.glob(f"*{suffix}"))
            return sorted(found, key=lambda path: path.stat().st_mtime_ns)
        return []

    def clear(self) -> int:
        """Delete every entry; how many there were."""
        entries = self.entries()
        for path in entries:
            path.unlink(missing_ok=True)
        return len(entries)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{_SUFFIX}"

    def _read(self, key: str) -> bytes | None:
        """What `_write` wrote, whole and unchanged, or None."""
        try:
            handle = os.open(self._path(key), _READ)
            with os.fdopen(handle, "rb") as file:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
                    return None
                data = file.read()
                os.utime(handle)
        except OSError:
            return None
        return data[32:] if hashlib.sha256(key.encode() + data[32:]).digest() == data[:32] else None

    def _write(self, key: str, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._make_folder()
            atomic.write(self._path(key), hashlib.sha256(key.encode() + data).digest() + data, durable=False)
            self._trim()

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.folder.stat().st_uid == os.getuid():
            self.folder.chmod(0o700)

    def _trim(self) -> None:
        entries = self.entries()
        sizes = {path: path.stat().st_size for path in entries}
        total = sum(sizes.values())
        for path in entries:
            if total <= self.max_bytes:
                break
            path.unlink(missing_ok=True)
            total -= sizes[path]
