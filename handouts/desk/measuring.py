"""The gates of `check` on pages, measured in the background: half a minute where no sheet is typeset yet.

In processes of its own that live for one topic, so that nobody's preview waits for them. What was found is kept until a
file changes that it depends on.
"""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from handouts.batch.pool import ProcessPool
from handouts.check import Finding
from handouts.check.typeset import SheetCase, measure_sheets, sheets_to_measure
from handouts.errors import HandoutError, Refused
from handouts.load.library import clinic_ids
from handouts.model.content import Library
from handouts.typeset.cache import SheetCache

PROCESSES = 2
NICENESS = 10
SECONDS = 60
"""Of processor time for one sheet, which takes less than one."""
MEMORY = 2 * 1024**3
"""Bytes of addresses for one process."""
Read = Callable[[str, str], Library]
"""Gives a topic with a clinic, as it is now."""


@dataclass(frozen=True)
class Measured:
    """How far it is. ``found``: what each sheet has, once all are ``done``; ``fault``: why there is nothing."""

    text: str
    """Stands for all that the pages depend on."""
    done: int = 0
    of: int = 0
    found: tuple[tuple[SheetCase, tuple[Finding, ...]], ...] | None = None
    fault: str = ""

    @property
    def runs(self) -> bool:
        """Whether somebody may wait for it."""
        return self.found is None and not self.fault

    def findings(self, sheet: str | None = None) -> list[Finding]:
        """What was found on the pages, or on those of one sheet of the topic."""
        return [one for case, found in self.found or () if sheet in {None, case.sheet} for one in found]


@dataclass
class Measuring:
    """What is measured at a desk. Safe to use from any thread; `close` it. ``read``: as `Desk.library`."""

    content: Path
    cache: SheetCache | None
    read: Read
    _kept: dict[str, Measured] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False
    _pool: ProcessPool | None = None

    def text_of(self, topic: str) -> str:
        """What stands for the topic with every clinic, as they are now. Faults as `load_library` raises them."""
        return " ".join(self.read(topic, clinic).digest for clinic in clinic_ids(self.content))

    def found(self, topic: str) -> Measured | None:
        """What is known of the topic as it is now; None where it was not measured since a file changed."""
        with self._lock:
            kept = self._kept.get(topic)
        return kept if kept and kept.text == self.text_of(topic) else None

    def begin(self, topic: str, today: date) -> Measured:
        """Measure the topic, unless that was done, or goes on."""
        text = self.text_of(topic)
        with self._lock:
            kept = self._kept.get(topic)
            if kept and kept.text == text and not kept.fault:
                return kept
            begun = self._kept[topic] = Measured(text)
        threading.Thread(target=self._measure, args=(topic, text, today), daemon=True, name="measuring").start()
        return begun

    def close(self) -> None:
        """End what goes on; nobody waits for it any more."""
        self._closed = True
        if self._pool:
            self._pool.close()

    def _measure(self, topic: str, text: str, today: date) -> None:
        with self._one_at_a_time:
            try:
                self._tell(topic, text, found=self._found(topic, text, today))
            except HandoutError as fault:
                self._tell(topic, text, fault=fault.message)
            except BrokenExecutor:
                self._tell(topic, text, fault=_ENDED)
            except Exception as error:
                self._tell(
                    topic, text, fault=f"Pages can't be measured: a bug in the program ({type(error).__name__})."
                )

    def _found(self, topic: str, text: str, today: date) -> tuple[tuple[SheetCase, tuple[Finding, ...]], ...]:
        asked = sheets_to_measure(self.content, topic, today)
        self._tell(topic, text, of=len(asked))
        found = self._in_processes(topic, asked, today, lambda done: self._tell(topic, text, done=done))
        if self.text_of(topic) != text:  # a worker may have read what was there before, or since
            raise Refused("A file changed while the pages were measured. Measure them again.")
        return tuple((case, tuple(some)) for case, some in zip(asked, found, strict=True))

    def _in_processes(
        self, topic: str, asked: list[SheetCase], today: date, tell: Callable[[int], object]
    ) -> list[list[Finding]]:
        pool = self._pool = ProcessPool(min(PROCESSES, os.cpu_count() or 1))

        def submit(work: Callable[..., list[Finding]], /, *values: object) -> Future[list[Finding]]:
            return pool.submit(_with_limits, work, *values)

        ended = threading.Event()
        threading.Thread(target=_watch, args=(pool, ended), daemon=True, name="watching").start()
        try:
            if self._closed:
                raise Refused("The desk closes.")
            return measure_sheets(submit, self.content, topic, asked, today, self.cache, tell)
        finally:
            self._pool = None
            ended.set()
            pool.close()

    def _tell(self, topic: str, text: str, **news: object) -> None:
        with self._lock:
            kept = self._kept.get(topic)
            if kept and kept.text == text:
                self._kept[topic] = replace(kept, **news)  # type: ignore[arg-type]


_ENDED = (
    "The pages were not measured: a process ended, because a page took too long or this machine has too little memory. "
    "Try again. If it happens again, ask whoever looks after the program to run `check`."
)


def _watch(pool: ProcessPool, ended: threading.Event) -> None:
    """Look after processes that died: one that did so over its answer would be waited for without end."""
    while not ended.wait(1.0):
        pool.look()


def _with_limits(work: Callable[..., list[Finding]], *values: object) -> list[Finding]:
    """Do it in a worker that gives way to others, and that ends if it takes too long or too much memory."""
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return work(*values)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
