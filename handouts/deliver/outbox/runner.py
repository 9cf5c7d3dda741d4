"""What is due, out: claim, send, say what became of it. Two runners at once share the work."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from handouts.deliver.outbox.claims import Claim, ClaimLost, Claims, Wait
from handouts.deliver.outbox.trouble import Lost, OurFault, RefusedForGood, TryLater
from handouts.errors import HandoutError


class Begin(Protocol):
    """Called the moment before the server may have it; it may forbid that."""

    def __call__(self, *, repeats: bool = False) -> None:
        """``repeats``: it may go out again when an answer is lost, because the server takes it once."""


class Connection(Protocol):
    """To a clinic's server; takes one message after the other. ``messages``: how many it was given."""

    alive: bool
    messages: int

    def send(self, to: Any, body: bytes, begin: Begin, /) -> None:
        """Hand one over. Trouble (`trouble`); what ``begin`` raises."""

    def close(self) -> None:
        """End it."""


Connect = Callable[[str], Connection]
"""A queue's name (`entries.queue_of`) -> a connection to its server. Trouble, ContentFault, SystemMissing."""


@dataclass
class Tally:
    """What a run has done: how many messages came to which end, which queues wait, which are not set up.

    ``left``: how many a run that was killed left "unknown"; they are among ``ends``. ``aside``: messages that were not
    as they were queued, and why they did not go out; ``due_again``: those whose time a wrong clock had set.
    """

    left: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    paused: dict[str, str] = field(default_factory=dict)
    faults: dict[str, HandoutError] = field(default_factory=dict)
    aside: list[tuple[int, str]] = field(default_factory=list)
    due_again: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Env:
    """What a run needs of the world. ``say`` hears of each message: itself, its end, why; ``stop``: end soon."""

    connect: Connect
    per_minute: Callable[[str], int]
    now: Callable[[], float]
    sleep: Callable[[float], None]
    say: Callable[[Claim, str, str], None]
    stop: Callable[[], bool] = lambda: False


def run_due(claims: Claims, env: Env) -> Tally:
    """Send what is due, queue by queue. OutputFault when the outbox can't be written: then nothing more goes out."""
    tally = Tally()
    tally.left = claims.recover(env.now())
    if tally.left:
        tally.ends["unknown"] += tally.left
    for queue in claims.due_queues(env.now()):
        try:
            _Round(claims, env, queue, tally).serve()
        except HandoutError as error:
            if error.exit_code == 5:
                raise
            if claims.look_through(env.now(), queue):  # a row that was changed may name a clinic that is none
                tally.faults[queue] = error
    tally.aside, tally.due_again = claims.aside, claims.due_again
    return tally


class _Round:
    """One queue's messages, over one connection as long as it lasts."""

    def __init__(self, claims: Claims, env: Env, queue: str, tally: Tally) -> None:
        self.claims, self.env, self.queue, self.tally = claims, env, queue, tally
        self.per_minute = env.per_minute(queue)
        self.connection: Connection | None = None

    def serve(self) -> None:
        try:
            while not self.env.stop():
                found = self.claims.claim(self.env.now(), self.queue, self.per_minute)
                if found is None:
                    return
                if isinstance(found, Wait):
                    self.env.sleep(found.seconds)
                elif not self._deliver(found):
                    return
        finally:
            if self.connection:
                self.connection.close()

    def _deliver(self, claim: Claim) -> bool:
        """One message to its end; False when the next one would fare no better now."""
        in_doubt = False

        def begin(*, repeats: bool = False) -> None:
            nonlocal in_doubt
            self.claims.begin(claim, self.env.now(), repeats=repeats)
            in_doubt = not repeats

        try:
            self._send(claim, begin)
        except TryLater as trouble:
            will = self.claims.deferred(claim, trouble.reason, self.env.now())
            self._tell(claim, "deferred" if will else "failed", trouble.reason)
            return not trouble.over
        except RefusedForGood as trouble:
            self.claims.failed(claim, trouble.reason, self.env.now())
            self._tell(claim, "failed", trouble.reason)
        except OurFault as trouble:
            self.claims.paused(claim, trouble.reason, self.env.now())
            self.tally.paused[self.queue] = trouble.reason
            return False
        except Lost as trouble:
            self.claims.unknown(claim, self.env.now())
            self._tell(claim, "unknown", trouble.reason)
        except ClaimLost:
            self._tell(claim, "left", "a person or another runner has it")
        except BaseException:
            with contextlib.suppress(HandoutError):
                self.claims.unknown(claim, self.env.now()) if in_doubt else self.claims.released(claim)
            raise
        else:
            self.claims.sent(claim, self.env.now())
            self._tell(claim, "sent", "")
        return True

    def _send(self, claim: Claim, begin: Begin) -> None:
        used = self.connection is not None and self.connection.alive and self.connection.messages > 0
        try:
            self._open().send(claim.address, claim.body, begin)
        except TryLater as trouble:
            if not (used and trouble.over):
                raise
            # Servers end a connection that has been open long enough: this message is not to pay for that.
            self._open().send(claim.address, claim.body, begin)

    def _open(self) -> Connection:
        if self.connection is None or not self.connection.alive:
            self.connection = self.env.connect(self.queue)
        return self.connection

    def _tell(self, claim: Claim, end: str, reason: str) -> None:
        self.tally.ends[end] += 1
        self.env.say(claim, end, reason)
