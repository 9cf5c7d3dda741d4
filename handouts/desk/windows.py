"""What each browser window shows: the newest pages of its preview, in memory alone, until nobody uses it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from handouts.desk.preview import Preview
from handouts.desk.state import acting_user


@dataclass
class Window:
    """What one browser window shows: the newest pages, and their number. Nothing of it is kept anywhere else."""

    number: int = -1
    pdfs: dict[int, bytes] = field(default_factory=dict)
    """The newest, and the one before: its pictures may be on their way."""
    used: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __repr__(self) -> str:
        return "Window(...)"


class Windows:
    """The windows of a desk, each its user's alone. One that was not used for half an hour is forgotten, with its
    patient's details.
    """

    IDLE = 1800.0
    MOST, MOST_OF_A_USER = 64, 12
    """Windows that are remembered at once, and those of one user: nobody pushes out those of all others."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str | None, str], Window] = {}
        self._lock = threading.Lock()

    def get(self, name: str, now: float) -> Window:
        """The window of that name, new if there is none."""
        with self._lock:
            self.forget_idle(now)
            own = [key for key in self._windows if key[0] == acting_user() and key[1] != name]
            if acting_user() is not None and len(own) >= self.MOST_OF_A_USER:
                del self._windows[min(own, key=lambda key: self._windows[key].used)]
            window = self._windows.setdefault((acting_user(), name), Window())
            window.used = now
            return window

    def find(self, name: str, now: float) -> Window | None:
        """The window of that name, if there is one."""
        with self._lock:
            known = (acting_user(), name) in self._windows
        return self.get(name, now) if known else None

    def close(self, name: str) -> None:
        """Forget a window."""
        with self._lock:
            self._windows.pop((acting_user(), name), None)

    def close_all(self, user: str) -> None:
        """Forget all windows of a user."""
        with self._lock:
            self._windows = {key: window for key, window in self._windows.items() if key[0] != user}

    def forget_idle(self, now: float) -> None:
        """Forget those that nobody uses, and the oldest of too many."""
        by_age = sorted(self._windows.items(), key=lambda item: item[1].used)
        spare = len(by_age) - self.MOST + 1
        for number, (name, window) in enumerate(by_age):
            if number < spare or now - window.used > self.IDLE:
                del self._windows[name]


def shown(window: Window, number: int, preview: Preview) -> bool:
    """Put a preview into its window, unless a newer one is there already."""
    with window.lock:
        if number < window.number:
            return False
        window.number = number
        window.pdfs = {old: pdf for old, pdf in window.pdfs.items() if old >= number - _OLD}
        if preview.pdf:
            window.pdfs[number] = preview.pdf
        return True


_OLD = 2
