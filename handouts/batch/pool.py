"""Where the work is done: inline, in local processes, or on a Dask cluster (`cluster`). One interface."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from handouts.errors import SystemMissing

GRACE = 5.0
"""Seconds for idle processes to end by themselves."""
SPARE = 2
"""Chunks queued for each worker, so that none waits for the parent."""


class Pool(Protocol):
    """What a run needs from a pool."""

    @property
    def at_once(self) -> int:
        """How many tasks to submit before the first is done."""

    def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
        """Start ``work(*values)``."""

    def share(self, value: Any) -> Any:
        """A stand-in for ``value`` that can be passed to many tasks and is sent to each worker once."""

    def look(self) -> None:
        """Check after a while without results: HandOverFault when no worker is left."""

    def restart(self) -> bool:
        """Recover after a worker died; returns whether all tasks were lost."""

    def close(self) -> None:
        """Stop at once, without starting anything more."""


class InlinePool:
    """No other process: each task runs when it is submitted."""

    at_once = 1

    def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
        """Do it now."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*values))
        except Exception as error:
            future.set_exception(error)
        return future

    def share(self, value: Any) -> Any:
        """The value itself: nothing is sent."""
        return value

    def look(self) -> None:
        """Nothing to check."""

    def restart(self) -> bool:
        """Nothing can have died."""
        return False

    def close(self) -> None:
        """Nothing to stop."""


class ProcessPool:
    """``jobs`` spawned processes, each with its own fonts: WeasyPrint's can't be shared."""

    def __init__(self, jobs: int) -> None:
        self.jobs, self.at_once = jobs, jobs * (1 + SPARE)
        self.undone: set[Future[Any]] = set()
        self.executor = self._start()

    def _start(self) -> ProcessPoolExecutor:
        resource_tracker.ensure_running()  # else it starts with the first process, and unblocks signals
        executor = ProcessPoolExecutor(
            self.jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
        )
        _widen(executor)
        return executor

    def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
        """Start it in one of the processes. BrokenExecutor when one of them has died."""
        with _ignore_signals():
            try:
                future = self.executor.submit(work, *values)
            except (OSError, RuntimeError) as error:
                # It broke while starting a process for this task: its own thread closed the pipe.
                if isinstance(error, BrokenExecutor) or not getattr(self.executor, "_broken", False):
                    raise
                raise BrokenExecutor from None
        self.undone.add(future)
        future.add_done_callback(self.undone.discard)
        return future

    def share(self, value: Any) -> Any:
        """The value itself: a stamp plan is small, and accompanies a chunk only while a worker lacks it."""
        return value

    def look(self) -> None:
        """Check after a while without results: if one process is dead, the whole pool is, and its tasks are lost."""
        processes, answers = self._insides()
        if any(process.exitcode is not None for process in processes):
            _end(processes, answers)

    def _insides(self) -> tuple[list[BaseProcess], Any]:
        """The executor's processes, and the pipe for their results."""
        processes = getattr(self.executor, "_processes", None) or {}
        return list(processes.values()), getattr(self.executor, "_result_queue", None)

    def restart(self) -> bool:
        """Start new processes; all tasks are lost. SystemMissing when they can't even start."""
        for _ in range(3):
            self._close(at_once=True)  # an executor that broke while starting a process never ends it
            self.executor = self._start()
            with suppress(BrokenExecutor):
                self.submit(os.getpid).result()
                return True
        raise SystemMissing(
            "Worker processes end as soon as they start. Is there enough memory? Try again with --jobs 1."
        )

    def close(self) -> None:
        """Let idle processes end by themselves, without waiting for busy ones.

        Waits for the executor's own thread: if it still cleans up while Python exits, Python stumbles over
        the pipe that both close, and starting worker processes over what is gone (CPython 3.11.7).
        """
        self._close(at_once=bool(self.undone))

    def _close(self, *, at_once: bool) -> None:
        insides, thread = self._insides(), getattr(self.executor, "_executor_manager_thread", None)
        if at_once:
            _end(*insides)
        self.executor.shutdown(wait=False, cancel_futures=True)
        if thread:
            thread.join(GRACE)
            if thread.is_alive():  # a process killed while waiting for work still holds the queue's lock
                _end(*insides)
                thread.join()


def _end(processes: list[BaseProcess], answers: Any) -> None:
    """Kill all processes of an executor, and end its wait for them.

    It notices deaths by itself, except one: a process killed while sending a result leaves half of it in the
    shared pipe, and the executor waits for the other half, holding the pipe open itself (CPython 3.11.7).
    So our end of the pipe is closed.
    """
    for process in processes:
        process.kill()
    if answers:
        answers._writer.close()


def _widen(executor: ProcessPoolExecutor) -> None:
    """Enlarge the pipe for results that the parent has not read yet: a worker blocked on it does no work (Linux)."""
    reader = getattr(getattr(executor, "_result_queue", None), "_reader", None)
    if reader and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # above this user's limit
            fcntl.fcntl(reader.fileno(), fcntl.F_SETPIPE_SZ, _ROOM)


_ROOM = 1024 * 1024
_SIGNALS = {signal.SIGINT, signal.SIGTERM}


@contextmanager
def _ignore_signals() -> Iterator[None]:
    """Delay Ctrl-C: processes being started inherit the mask, and a half-started pool never ends."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """Initialize a worker: leave Ctrl-C to the parent, and exit when the parent is gone, for whatever reason."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def fate(future: Future[Any]) -> BaseException | None:
    """The exception that a task ended with, or None; cancellation counts."""
    try:
        return future.exception()
    except CancelledError as error:
        return error


def is_death(error: BaseException) -> bool:
    """Whether a worker died over a task, so that the task gave no result."""
    return isinstance(error, BrokenExecutor | CancelledError) or type(error).__name__ == "KilledWorker"
