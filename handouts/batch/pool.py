"""Where the work is done: here, in processes of this machine, or on a Dask cluster (`cluster`). One interface."""

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
"""Seconds in which idle processes end by themselves."""
SPARE = 2
"""Chunks that lie ready for each worker, so that none waits for the parent."""


class Pool(Protocol):
    """What a run needs of it."""

    @property
    def at_once(self) -> int:
        """How many tasks to hand over before the first is done."""

    def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
        """Start ``work(*values)``."""

    def share(self, value: Any) -> Any:
        """A stand-in for ``value`` that may be given to many tasks and travels to each worker once."""

    def look(self) -> None:
        """Nobody has answered for a while: HandOverFault when nobody is there."""

    def restart(self) -> bool:
        """Go on after a worker died; whether all tasks went with it."""

    def close(self) -> None:
        """End at once; what has not begun never does."""


class InlinePool:
    """No other process: each task is done when it is handed over."""

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
        """The value: nothing travels."""
        return value

    def look(self) -> None:
        """We are here."""

    def restart(self) -> bool:
        """Nothing can have died."""
        return False

    def close(self) -> None:
        """Nothing goes on."""


class ProcessPool:
    """``jobs`` spawned processes, each with its own fonts: WeasyPrint's may not be shared."""

    def __init__(self, jobs: int) -> None:
        self.jobs, self.at_once = jobs, jobs * (1 + SPARE)
        self.undone: set[Future[Any]] = set()
        self.executor = self._start()

    def _start(self) -> ProcessPoolExecutor:
        resource_tracker.ensure_running()  # which else begins at the first process, and lets signals through again
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
                # It broke while it was beginning a process for this task: its pipe was closed by its own thread.
                if isinstance(error, BrokenExecutor) or not getattr(self.executor, "_broken", False):
                    raise
                raise BrokenExecutor from None
        self.undone.add(future)
        future.add_done_callback(self.undone.discard)
        return future

    def share(self, value: Any) -> Any:
        """The value: a stamp plan is small, and goes with a chunk only while a worker lacks it."""
        return value

    def look(self) -> None:
        """Nobody has answered for a while: if a process is dead, all its pool is, and its tasks are lost."""
        processes, answers = self._insides()
        if any(process.exitcode is not None for process in processes):
            _end(processes, answers)

    def _insides(self) -> tuple[list[BaseProcess], Any]:
        """The executor's processes, and the pipe through which they answer."""
        processes = getattr(self.executor, "_processes", None) or {}
        return list(processes.values()), getattr(self.executor, "_result_queue", None)

    def restart(self) -> bool:
        """New processes; all tasks are lost. SystemMissing when they can't even begin."""
        for _ in range(3):
            self._close(at_once=True)  # an executor that broke just as it began a process never ends that one
            self.executor = self._start()
            with suppress(BrokenExecutor):
                self.submit(os.getpid).result()
                return True
        raise SystemMissing(
            "Worker processes end as soon as they begin. Is there memory enough? Try again with --jobs 1."
        )

    def close(self) -> None:
        """Let idle processes end by themselves; what others are doing, nobody waits for.

        The executor's own thread is waited for: one that still tidies up while Python ends makes Python stumble over
        the pipe that both close, and worker processes that are just beginning over what is gone (CPython 3.11.7).
        """
        self._close(at_once=bool(self.undone))

    def _close(self, *, at_once: bool) -> None:
        insides, thread = self._insides(), getattr(self.executor, "_executor_manager_thread", None)
        if at_once:
            _end(*insides)
        self.executor.shutdown(wait=False, cancel_futures=True)
        if thread:
            thread.join(GRACE)
            if thread.is_alive():  # one that was killed while it waited for work took the key of the queue along
                _end(*insides)
                thread.join()


def _end(processes: list[BaseProcess], answers: Any) -> None:
    """End all processes of an executor at once, and its wait for them.

    It notices deaths by itself, but for one: a process that is killed in the midst of an answer leaves half of it in
    the pipe that all share, and the executor waits for the other half, holding the pipe open itself (CPython 3.11.7).
    So our end of the pipe is closed.
    """
    for process in processes:
        process.kill()
    if answers:
        answers._writer.close()


def _widen(executor: ProcessPoolExecutor) -> None:
    """Room for answers that the parent has not yet read: a worker that can't put its own down makes nothing (Linux)."""
    reader = getattr(getattr(executor, "_result_queue", None), "_reader", None)
    if reader and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # more than this user may have
            fcntl.fcntl(reader.fileno(), fcntl.F_SETPIPE_SZ, _ROOM)


_ROOM = 1024 * 1024
_SIGNALS = {signal.SIGINT, signal.SIGTERM}


@contextmanager
def _ignore_signals() -> Iterator[None]:
    """Ctrl-C has to wait: processes that are just being started inherit that, and a half-started pool never ends."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """A worker's first act: leave Ctrl-C to the parent, and end when the parent is gone, however it went."""
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
    """What a task ended with, if not well; that it was taken back is an end as well."""
    try:
        return future.exception()
    except CancelledError as error:
        return error


def is_death(error: BaseException) -> bool:
    """True when a worker died over a task; the task itself gave no answer."""
    return isinstance(error, BrokenExecutor | CancelledError) or type(error).__name__ == "KilledWorker"
