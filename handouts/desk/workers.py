"""WeasyPrint in processes of its own, with limits of time and memory: one that dies is replaced.

Nobody's data goes there: a sheet holds no patient's details.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import queue
import resource
import signal
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from handouts.errors import HandoutError, SystemMissing
from handouts.model.content import Library
from handouts.model.handout import Look
from handouts.model.sheets import SheetContent
from handouts.model.typeset_sheet import TypesetSheet

SECONDS = 60.0
"""A sheet takes less than one; a process that is busy for longer is stuck."""
MEMORY = 2 * 1024**3
"""Bytes of addresses; a process of WeasyPrint needs some 400 MB of them."""
FIRST, SOON, LATER = range(3)
"""How urgent a sheet is: what somebody waits for, the rest of that handout, what is made ready ahead."""


@dataclass(frozen=True)
class Task:
    """A sheet to typeset."""

    library: Library
    look: Look
    name: str
    sheet: SheetContent


@dataclass(order=True)
class _Waiting:
    urgency: int
    number: int
    task: Task | None = field(compare=False)
    future: Future[TypesetSheet] = field(compare=False)


class Workers:
    """Some processes for what somebody waits for, and one of low priority for what is made ready ahead."""

    def __init__(self, count: int, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._numbers = itertools.count()
        self._urgent: queue.PriorityQueue[_Waiting] = queue.PriorityQueue()
        self._ahead: queue.PriorityQueue[_Waiting] = queue.PriorityQueue()
        self.closed = False
        self._hands = [_Hand(self, self._urgent) for _ in range(count)] + [_Hand(self, self._ahead, niceness=15)]

    def typeset(self, task: Task, urgency: int) -> Future[TypesetSheet]:
        """Start it. Its faults: those of `typeset_sheet`; SystemMissing where its process died or was stuck."""
        future: Future[TypesetSheet] = Future()
        waiting = self._ahead if urgency == LATER else self._urgent
        if self.closed:
            future.set_exception(SystemMissing(_CLOSED))
        else:
            waiting.put(_Waiting(urgency, next(self._numbers), task, future))
        return future

    def start(self) -> None:
        """Start all processes, so that nobody waits for WeasyPrint to be imported. Else each starts with a task."""
        for hand in self._hands:
            threading.Thread(target=hand.start, daemon=True, name="typesetting").start()

    def close(self) -> None:
        """End all processes, busy or not; what waits is told so."""
        self.closed = True
        for waiting in (self._urgent, self._ahead):
            _give_up(waiting)
        for hand in self._hands:
            hand.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that run now."""
        return tuple(hand.process.pid or 0 for hand in self._hands if hand.process and hand.process.is_alive())


_CLOSED = "The desk was closed before the page was set."


def _give_up(waiting: queue.PriorityQueue[_Waiting]) -> None:
    """Tell those who wait that nothing comes."""
    with suppress(queue.Empty):
        while True:
            future = waiting.get_nowait().future
            if future.set_running_or_notify_cancel():
                future.set_exception(SystemMissing(_CLOSED))


class _Hand:
    """A thread, and the process that it keeps alive."""

    def __init__(self, workers: Workers, tasks: queue.PriorityQueue[_Waiting], niceness: int = 0) -> None:
        self.workers, self.tasks, self.niceness = workers, tasks, niceness
        self.process: Any = None
        self.pipe: Connection | None = None
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._run, daemon=True, name="typesetting")
        self.thread.start()

    def start(self) -> None:
        """Have the process ready before its first task."""
        with suppress(OSError):  # tried again, and told, with that task
            self._start()

    def close(self) -> None:
        self.tasks.put(_Waiting(-1, -1, None, Future()))
        self._end()

    def _run(self) -> None:
        while True:
            waiting = self.tasks.get()
            if waiting.task is None:
                return
            if waiting.future.set_running_or_notify_cancel():
                try:
                    waiting.future.set_result(self._do(waiting.task))
                except Exception as fault:
                    waiting.future.set_exception(fault)

    def _do(self, task: Task) -> TypesetSheet:
        try:
            self._start()
            pipe = self.pipe
            if pipe is None:  # the desk is closing
                raise EOFError
            pipe.send(task)
            if not pipe.poll(self.workers.seconds):
                self._end()
                raise SystemMissing("A page took too long to set, and was given up. Change the text, or try again.")
            made = pipe.recv()
        except (EOFError, OSError):
            self._end()
            raise SystemMissing(
                "The process that sets pages ended. It is started again: try once more. If that happens again, this "
                "machine has too little memory."
            ) from None
        if isinstance(made, Exception):
            raise made
        return TypesetSheet.from_bytes(made)

    def _start(self) -> None:
        with self.lock:
            if self.workers.closed or (self.process and self.process.is_alive()):
                return
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_work, args=(theirs, self.workers.memory, self.niceness), daemon=True, name="typesetting"
            )
            with theirs:
                process.start()
            self.pipe, self.process = ours, process

    def _end(self) -> None:
        with self.lock:
            if self.process:
                with suppress(OSError, ValueError):
                    self.process.kill()
                    self.process.join(1)
            if self.pipe:
                with suppress(OSError):
                    self.pipe.close()
            self.process = self.pipe = None


def _work(pipe: Connection, memory: int, niceness: int) -> None:
    """Typeset what comes in, until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    from handouts.typeset.typeset import typeset_sheet  # with all of WeasyPrint: before anybody waits

    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            made: Any = typeset_sheet(task.library, task.look, task.name, task.sheet).to_bytes()
        except HandoutError as fault:
            made = fault
        except MemoryError:
            os._exit(1)
        except Exception as error:
            made = SystemMissing(f"A page can't be set: a bug in the program ({type(error).__name__}).")
        pipe.send(made)
