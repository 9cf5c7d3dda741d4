"""Passwords of the desk's users: what they may be, and what is kept of them.

Kept is argon2id over a keyed hash, with OWASP's parameters (Password Storage Cheat Sheet: 19 MiB, 2 rounds, 1 lane).
The key lies in a file of its own: a copy of the database alone tells nothing. Rules: NIST SP 800-63B, section 5.1.1.
"""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from handouts.errors import RequestFault
from handouts.keyed_hash import keyed_hash

SHORTEST, LONGEST = 12, 128
_DIFFERENT = 6
"""So many different characters a password has at least."""
_USUAL = ("password", "passwort", "contraseña", "qwerty", "qwertz", "123456", "654321", "abcdef", "handout", "letmein")
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each check takes 19 MiB: many who log in at once take turns."""


class Passwords:
    """Hashes of one installation. ``hasher``: other parameters, for tests."""

    def __init__(self, key: bytes, hasher: PasswordHasher | None = None) -> None:
        self._key = key
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        with _AT_ONCE:
            return self._hasher.hash(self._keyed(password))

    def fits(self, kept: str, password: str) -> bool:
        """Whether it is that password."""
        try:
            with _AT_ONCE:
                return self._hasher.verify(kept, self._keyed(password))
        except (VerificationError, InvalidHashError):
            return False

    def is_old(self, kept: str) -> bool:
        """Whether it was kept with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _keyed(self, password: str) -> str:
        return keyed_hash(self._key, "password", unicodedata.normalize("NFKC", password))


def require_good(password: str, name: str) -> None:
    """RequestFault for a password that would be guessed, saying what is wrong with it."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise RequestFault(
            f"A password has {SHORTEST} to {LONGEST} characters: any, also spaces. A few words are easy to remember."
        )
    plain = password.casefold()
    parts = [part for part in name.casefold().split() if len(part) > 2]
    if len(set(plain)) < _DIFFERENT or any(usual in plain for usual in (*_USUAL, *parts)):
        raise RequestFault(
            "That password is easily guessed: it holds your name, a usual password, or few different characters."
        )
