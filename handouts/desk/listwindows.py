"""The lists that are open, a window of the browser each: in memory only, and dropped when their window goes."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handouts.batch.day.opened import OpenedList
from handouts.batch.day.work import Work
from handouts.desk.state import acting_user

IDLE = 30 * 60.0
"""Seconds without use after which a list is dropped."""
GRACE = 30.0
"""Seconds after a window said that it goes: reloading a page says so too."""
MOST, MOST_OF_ALL = 8, 32
"""Lists that a user, and all of them, have open at once; the one that was not used for longest goes first."""
_SWEEP = 10.0


@dataclass
class ListWindow:
    """One list. ``data``: the file, kept while a person is asked about it: ``ask`` has the question."""

    id: str
    used: float
    by: str | None = None
    """Whose it is, at a desk with users: nobody else sees it."""
    data: bytes = b""
    ask: str = ""
    names: tuple[str, ...] = ()
    """Worksheets to choose from."""
    how: Mapping[str, Any] = field(default_factory=dict)
    """What was answered so far."""
    opened: OpenedList | None = None
    allow: bool = False
    """Whether text that is not approved may be printed."""
    chosen: set[int] | None = None
    """The rows that are ticked; None for those that can be made and were not."""
    work: Work | None = None
    printers: dict[str, Any] = field(default_factory=dict)
    """What of them is shown, by language."""
    leaving: float | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __repr__(self) -> str:
        return "ListWindow(...)"  # a patient's details have no place in a log or traceback

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self.work is not None and self.work.is_busy


class ListWindows:
    """All of them. Safe to use from any thread."""

    def __init__(self) -> None:
        self._open: dict[str, ListWindow] = {}
        self._lock = threading.Lock()
        self._sweeper: threading.Timer | None = None
        self._now = 0.0

    def open(self, now: float) -> ListWindow:
        """A new one."""
        made = ListWindow(secrets.token_urlsafe(12), now, acting_user())
        with self._lock:
            self._make_room([one for one in self._open.values() if one.by == made.by], MOST)
            self._make_room(list(self._open.values()), MOST_OF_ALL)
            self._open[made.id] = made
        self.sweep(now)
        self._sweep_later()
        return made

    def _make_room(self, some: list[ListWindow], most: int) -> None:
        while len(some) >= most:
            gone = min([one for one in some if not one.busy] or some, key=lambda one: one.used)
            some.remove(gone)
            del self._open[gone.id]

    def get(self, name: str, now: float, *, use: bool = True) -> ListWindow | None:
        """One that is still open; looking at it is using it."""
        self.sweep(now)
        with self._lock:
            found = self._own(name)
            if found:
                found.leaving = None
                if use:
                    found.used = now
            return found

    def leave(self, name: str, now: float) -> None:
        """Its window goes; what is under way goes on."""
        with self._lock:
            if found := self._own(name):
                found.leaving = now

    def close(self, name: str) -> None:
        """Drop it now."""
        with self._lock:
            if self._own(name):
                del self._open[name]

    def close_all(self, user: str) -> None:
        """Drop those of a user, but for what is under way."""
        with self._lock:
            self._open = {name: one for name, one in self._open.items() if one.by != user or one.busy}

    def _own(self, name: str) -> ListWindow | None:
        found = self._open.get(name)
        return found if found and found.by == acting_user() else None

    def sweep(self, now: float) -> None:
        """Drop what nobody uses."""
        with self._lock:
            self._now = now
            for one in list(self._open.values()):
                gone = one.leaving is not None and now - one.leaving > GRACE
                if not one.busy and (gone or now - one.used > IDLE):
                    del self._open[one.id]

    def idle(self) -> bool:
        """Whether nothing is under way in any of them."""
        with self._lock:
            return not any(one.busy for one in self._open.values())

    def __len__(self) -> int:
        return len(self._open)

    def stop(self) -> None:
        """Forget all of them, and look at none any more: the desk closes."""
        with self._lock:
            self._open.clear()
            if self._sweeper:
                self._sweeper.cancel()

    def _sweep_later(self) -> None:
        with self._lock:
            if self._sweeper and self._sweeper.is_alive():
                return
            self._sweeper = threading.Timer(_SWEEP, self._sweep_by_itself)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _sweep_by_itself(self) -> None:
        self._sweeper = None
        self.sweep(self._now + _SWEEP)
        if self._open:
            self._sweep_later()
