"""A keyring for tests, in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class Memory(KeyringBackend):
    """Keeps secrets as a system's keyring does, until the test ends."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


class Filed(Memory):
    """The same for a process of its own: begins with what stands in the file that TEST_KEYRING names."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        for service, user, password in json.loads(Path(os.environ["TEST_KEYRING"]).read_text()):
            self.kept[service, user] = password

    @staticmethod
    def write(path: Path, keys: Memory) -> None:
        """What ``keys`` has, for such a process."""
        path.write_text(json.dumps([[*place, password] for place, password in keys.kept.items()]))


def use(made: Callable[[], KeyringBackend]) -> KeyringBackend:
    """Have the program use a new keyring."""
    backend = made()
    keyring.set_keyring(backend)
    return backend
