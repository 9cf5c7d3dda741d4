"""Peers in processes of their own, each on the same core, measured in turn: round after round, burst after burst."""

from __future__ import annotations

import gc
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection

from benchmarks.job import new_job
from benchmarks.peers import BY_MODULE, OURS, Missing

_SPAWN = multiprocessing.get_context("spawn")
_WARM = 3
"""Handouts that are made before anything is measured."""


@dataclass
class Times:
    """Seconds for one handout, round by round; or why there are none."""

    rounds: list[list[float]] = field(default_factory=list)
    fault: str = ""

    @property
    def median(self) -> float:
        """Of all handouts, in seconds."""
        return statistics.median(second for round_ in self.rounds for second in round_)


def ratio(ours: Times, peer: Times) -> float:
    """Our time by the peer's: of each round's two medians, side by side in time; the median of all rounds."""
    pairs = zip(ours.rounds, peer.rounds, strict=True)
    return statistics.median(statistics.median(mine) / statistics.median(theirs) for mine, theirs in pairs)


class Worker:
    """One peer in its own process; `samples` and `burst` ask it for handouts."""

    def __init__(self, module: str, core: int | None) -> None:
        self.times = Times()
        self.pipe, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_serve, args=(theirs, module, core), daemon=True)
        self.process.start()
        theirs.close()
        self._answer()

    def _answer(self) -> object:
        try:
            kind, answer = self.pipe.recv()
        except EOFError:
            kind, answer = "fault", "its process died"
        if kind == "fault":
            self.times.fault = str(answer)
        return answer

    def samples(self, numbers: Sequence[int]) -> list[bytes]:
        """The PDFs of these rows."""
        self.pipe.send(("samples", list(numbers)))
        answer = self._answer()
        return answer if isinstance(answer, list) else []

    def burst(self, numbers: Sequence[int]) -> list[float]:
        """The seconds that each of these rows took."""
        self.pipe.send(("burst", list(numbers)))
        answer = self._answer()
        return answer if isinstance(answer, list) else []

    def close(self) -> None:
        """Let it end by itself, with what it started."""
        with suppress(OSError):
            self.pipe.send(("end", []))
        self.process.join(20)
        if self.process.is_alive():
            self.process.kill()


def _serve(pipe: Connection, module: str, core: int | None) -> None:
    """The worker's life. The core is chosen before anything else, so that its threads and children stay there too."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        job = new_job()
        with import_module(f"benchmarks.peers.{module}").opened(job) as make:
            for number in range(_WARM):
                request = job.request(number)
                make(request, job.details(request))
            gc.collect()
            gc.freeze()  # what is kept warm is not searched for garbage: the same for everyone
            pipe.send(("ready", None))
            for kind, numbers in iter(pipe.recv, ("end", [])):
                rows = [(request, job.details(request)) for request in map(job.request, numbers)]
                answer: list[object] = []
                for request, details in rows:
                    start = time.perf_counter()
                    pdf = make(request, details)
                    answer.append(time.perf_counter() - start if kind == "burst" else pdf)
                pipe.send((kind, answer))
    except Missing as error:
        pipe.send(("fault", f"not installed: {error}"))
    except Exception as error:  # one peer's fault is a row of the table, not the end of the run
        with suppress(OSError):
            pipe.send(("fault", f"failed: {type(error).__name__}: {str(error)[:200]}"))


def one_core() -> int | None:
    """The core that all peers run on, one at a time; None where the system has no such thing."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else None


def measure(workers: Mapping[str, Worker], rounds: int, says: Callable[[str], None] = lambda _: None) -> None:
    """Interleaved rounds: in each, every peer makes a burst of handouts for people that nobody has had before."""
    next_number = 1000
    alive = [module for module, worker in workers.items() if not worker.times.fault]
    for round_ in range(rounds):
        says(f"round {round_ + 1} of {rounds}")
        turn = round_ % max(len(alive), 1)
        for module in (*alive[turn:], *alive[:turn]):
            burst = BY_MODULE[module].burst
            worker = workers[module]
            if not worker.times.fault:
                worker.times.rounds.append(worker.burst(range(next_number, next_number + burst)))
            next_number += burst


def first(modules: Iterable[str]) -> list[str]:
    """Ours first: the others are held against it."""
    return sorted(modules, key=lambda module: (module != OURS, list(BY_MODULE).index(module)))
