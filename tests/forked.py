"""Processes that begin at once, for tests that kill a hundred: forked from one that has imported all they need."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from tests.conftest import PATIENCE

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.mail_worker", "tests.fhir_worker", "tests.record_worker", "tests.day_worker"])


@dataclass(frozen=True)
class Forked:
    """One process, and what it sends."""

    process: BaseProcess
    told: Connection

    def lines(self) -> Iterator[Any]:
        """All that it sends, until it has ended or was killed."""
        with self.told:
            while True:
                try:
                    yield self.told.recv()
                except EOFError:
                    break
        self.end()

    def end(self) -> int:
        """Its exit code, once it has one; minus the signal that killed it."""
        self.process.join(PATIENCE)
        assert self.process.exitcode is not None
        return self.process.exitcode


def fork(work: Callable[..., None], *values: Any) -> Forked:
    """A process that does ``work``, called with the function by which it sends, and ``values``."""
    told, sending = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=_work, args=(work, sending, values))
    process.start()
    sending.close()
    return Forked(process, told)


def _work(work: Callable[..., None], sending: Connection, values: tuple[Any, ...]) -> None:
    work(sending.send, *values)
