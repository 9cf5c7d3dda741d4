"""Secrets in this system's keyring. An edge module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handouts.errors import SystemMissing


@dataclass(frozen=True)
class Secret:
    """A secret's place there. ``what`` it is, and what to do ``otherwise``, for people."""

    service: str
    user: str
    what: str
    otherwise: str

    def read(self) -> str | None:
        """None where nothing is kept. SystemMissing without an open keyring."""
        found = self._ask("get_password")
        return found if isinstance(found, str) else None

    def keep(self, text: str) -> None:
        """SystemMissing when the keyring does not keep it: there are some that keep nothing, and say nothing."""
        self._ask("set_password", text)
        if self.read() != text:
            raise self._missing()

    def forget(self) -> bool:
        """Whether there was one. SystemMissing without an open keyring."""
        there = self.read() is not None
        if there:
            self._ask("delete_password")
        return there

    def _ask(self, what: str, *more: str) -> Any:
        try:
            import keyring

            return getattr(keyring, what)(self.service, self.user, *more)
        except Exception:  # each system's keyring has faults of its own
            raise self._missing() from None

    def _missing(self) -> SystemMissing:
        return SystemMissing(
            f"{self.what} is kept in this system's keyring, and there is none, or it is locked. "
            f"`keyring diagnose` shows what there is; {self.otherwise}."
        )
