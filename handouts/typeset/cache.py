"""Masters kept on disk between runs: nobody's data in them. An edge module: it reads and writes files.

An entry is a SHA-256 of the rest and the master's bytes. Whatever is damaged, cut short, a link, or another
user's is treated as not there and made again. The least recently used go first when the folder is full.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from handouts import atomic
from handouts.model.master import BadMaster, Master

MAX_BYTES = 256 * 1024 * 1024
_SUFFIX = ".master"
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""No link is followed, and nobody waits for a pipe that somebody put there."""


@dataclass(frozen=True)
class MasterCache:
    """A folder of masters, mode 0700. A folder that can't be used makes every look-up a miss, never a fault."""

    folder: Path
    max_bytes: int = MAX_BYTES

    def get(self, key: str) -> Master | None:
        """The master under ``key`` (hex), or None."""
        path = self._path(key)
        try:
            handle = os.open(path, _READ)
            with os.fdopen(handle, "rb") as file:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
                    return None
                data = file.read()
                os.utime(handle)
        except OSError:
            return None
        if hashlib.sha256(key.encode() + data[32:]).digest() != data[:32]:
            return None
        try:
            return Master.from_bytes(data[32:])
        except BadMaster:
            return None

    def put(self, key: str, master: Master) -> None:
        """Keep ``master`` under ``key``; quietly not, when the folder can't be written."""
        data = master.to_bytes()
        with contextlib.suppress(OSError):
            self._make_folder()
            atomic.write(self._path(key), hashlib.sha256(key.encode() + data).digest() + data, durable=False)
            self._trim()

    def entries(self) -> list[Path]:
        """The files of the cache, least recently used first."""
        with contextlib.suppress(OSError):
            return sorted(self.folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime_ns)
        return []

    def clear(self) -> int:
        """Delete every entry; how many there were."""
        entries = self.entries()
        for path in entries:
            path.unlink(missing_ok=True)
        return len(entries)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{_SUFFIX}"

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
