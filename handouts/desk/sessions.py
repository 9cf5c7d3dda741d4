"""Who is logged in, for how long, and how fast one may try: in memory alone, gone with the desk. Pure but for chance.

Times are seconds. Limits: OWASP ASVS 4.0.3, 2.2.1 (tries), 3.3.2 (how long a session lasts).
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass

from handouts.batch.lru import LRU
from handouts.desk.users import User

IDLE = 15 * 60.0
LONGEST = 12 * 3600.0
_OF_A_USER = 20
"""Sessions of one user; the one that was not used for longest goes first."""
_FREE = {"name": 5, "place": 20}
"""Tries that may fail before one has to wait: a whole clinic may come from one address."""
_LONGEST_WAIT = 60.0
_FORGOTTEN = 3600.0
_REMEMBERED = 10_000


@dataclass
class Session:
    """``checked``: when the user was last looked up."""

    user: User
    begun: float
    used: float
    checked: float

    def left(self, now: float) -> float:
        """Seconds until it ends if nobody uses it."""
        return min(self.used + IDLE, self.begun + LONGEST) - now

    def __repr__(self) -> str:
        return "Session(...)"


class Sessions:
    """All sessions of a desk, by hashes of their cookies. Safe to use from any thread."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def begin(self, user: User, now: float) -> str:
        """The cookie of a new session; nothing that a browser sent decides it."""
        cookie = secrets.token_urlsafe(32)
        with self._lock:
            self._drop_ended(now)
            own = sorted((one.used, name) for name, one in self._sessions.items() if one.user.name == user.name)
            for _, name in own[: max(0, len(own) - _OF_A_USER + 1)]:
                del self._sessions[name]
            self._sessions[_name(cookie)] = Session(user, now, now, now)
        return cookie

    def find(self, cookie: str | None, now: float) -> Session | None:
        """The session of a cookie, unless it ended."""
        with self._lock:
            found = self._sessions.get(_name(cookie)) if cookie else None
            if found and found.left(now) <= 0:
                self._drop_ended(now)
                return None
            return found

    def end(self, cookie: str | None) -> Session | None:
        """End the session of a cookie, and say which that was."""
        with self._lock:
            return self._sessions.pop(_name(cookie), None) if cookie else None

    def has(self, user: str) -> bool:
        """Whether a user has any session."""
        with self._lock:
            return any(one.user.name == user for one in self._sessions.values())

    def end_all(self, user: str) -> None:
        """End every session of a user."""
        with self._lock:
            self._sessions = {name: one for name, one in self._sessions.items() if one.user.name != user}

    def _drop_ended(self, now: float) -> None:
        self._sessions = {name: one for name, one in self._sessions.items() if one.left(now) > 0}


@dataclass
class _Tries:
    failed: int = 0
    last: float = 0.0

    def wait(self, free: int, now: float) -> float:
        if self.failed < free:
            return 0.0
        return max(0.0, self.last + min(_LONGEST_WAIT, 2.0 ** (self.failed - free)) - now)


class SlowDown:
    """How long whoever tries to log in has to wait: twice as long after each failure, by name and by address.

    A minute at most; that is some 70 tries an hour for one name. Where a user has logged in before, tries with that
    name are counted apart, so that nobody can lock somebody else out from another machine (OWASP: Blocking Brute Force
    Attacks, device cookies). ``name``: as `handouts.desk.users.user_id` has it.
    """

    def __init__(self) -> None:
        self._tries: LRU[tuple[str, ...], _Tries] = LRU(_REMEMBERED)
        self._usual: LRU[tuple[str, str], bool] = LRU(_REMEMBERED)
        """Names, and the addresses from which they have logged in."""
        self._lock = threading.Lock()

    def wait(self, name: str, place: str, now: float) -> float:
        """Seconds until the next try; 0 for at once, which counts as a failure until `succeeded` says otherwise."""
        with self._lock:
            tries = [(key, self._of(key, now)) for key in self._keys(name, place)]
            longest = max(one.wait(_FREE[key[0]], now) for key, one in tries)
            if longest == 0:  # what is refused leaves no trace: thousands of names would push out those that count
                for key, one in tries:
                    one.failed, one.last = one.failed + 1, now
                    self._tries.keep(key, one)
            return longest

    def succeeded(self, name: str, place: str) -> None:
        """That try was no failure: forget those of the name, and this one of the address."""
        with self._lock:
            own, there = self._keys(name, place)
            self._tries.pop(own, None)
            self._less(there)
            self._usual.keep((name, place), True)

    def was_none(self, name: str, place: str) -> None:
        """That was no try at all, and nothing is known of the password; those before it still count."""
        with self._lock:
            for key in self._keys(name, place):
                self._less(key)

    def _keys(self, name: str, place: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        usual = self._usual.recall((name, place))
        return ("name", name, place) if usual else ("name", name), ("place", place)

    def _of(self, key: tuple[str, ...], now: float) -> _Tries:
        found = self._tries.recall(key)
        return _Tries() if found is None or now - found.last > _FORGOTTEN else found

    def _less(self, key: tuple[str, ...]) -> None:
        found = self._tries.get(key)
        if found and found.failed:
            found.failed -= 1


def _name(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).hexdigest()
