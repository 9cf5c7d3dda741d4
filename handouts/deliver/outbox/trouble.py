"""Why something in the outbox did not go out, by what follows from it.

::

    Trouble
    |- TryLater          temporary: no network, a busy server, a connection lost before it began to go out
    |- RefusedForGood    this entry, for good
    |- OurFault          password, certificate, set-up: nothing can go until somebody fixes it
    `- Lost              the connection was lost after it began to go out, and it may not go out twice: nobody can tell
"""

from __future__ import annotations


class Trouble(Exception):
    """Why a message did not go; ``reason`` holds no patient's details."""

    def __init__(self, reason: str, *, over: bool = False) -> None:
        self.reason, self.over = reason, over
        """``over``: the connection, not only this message."""
        super().__init__(reason)


class TryLater(Trouble):
    """Temporary."""


class RefusedForGood(Trouble):
    """This message, for good."""


class OurFault(Trouble):
    """No message can go until somebody fixes it."""


class Lost(Trouble):
    """Nobody can tell whether the server has it."""
