"""What the machine itself allows: handouts a second that a disk takes, and what a second core gives."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_SPAWN = multiprocessing.get_context("spawn")


IN_FLIGHT = 16
"""Files being written to the disk at once: an fsync mostly waits, and a disk takes many together."""


def disk_rate(pdf: bytes, folder: Path, count: int = 200, at_once: int = 1) -> float:
    """Files a second of a loop that only writes ``pdf`` as durably as a handout is written: beside, fsync, rename.

    Into a fresh folder inside ``folder``; ``at_once`` threads write, each a file at a time.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix=".limit-") as fresh:

        def write(number: int) -> None:
            handle, name = tempfile.mkstemp(dir=fresh, prefix=".limit-", suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(pdf)
                file.flush()
                os.fsync(file.fileno())
            Path(name).rename(Path(fresh, f"{number}.pdf"))

        with ThreadPoolExecutor(at_once) as pool:
            start = time.perf_counter()
            for _ in pool.map(write, range(count)):
                pass
            return count / (time.perf_counter() - start)


def _spin(turns: int) -> int:
    total = 1
    for i in range(turns):
        total = (total * 31 + i) % 1_000_003
    return total


@contextmanager
def second_core(turns: int = 4_000_000) -> Iterator[Callable[[], float]]:
    """Gives a function that measures one pair: how many times as quickly two spawned processes do what one does.

    A pure CPU loop: 2.0 at best, less where the machine is shared.
    """
    with _SPAWN.Pool(1) as one, _SPAWN.Pool(2) as two:
        one.map(_spin, [1000])
        two.map(_spin, [1000] * 2, chunksize=1)

        def gain() -> float:
            start = time.perf_counter()
            one.map(_spin, [turns] * 2, chunksize=1)
            middle = time.perf_counter()
            two.map(_spin, [turns] * 2, chunksize=1)
            return (middle - start) / (time.perf_counter() - middle)

        yield gain


@dataclass
class Series:
    """What was measured in turn, an entry a round: files a second, the second core's gain, `batch`'s rows a second."""

    disk: list[float] = field(default_factory=list)
    """With `IN_FLIGHT` files at once: the physical limit."""
    one_by_one: list[float] = field(default_factory=list)
    gain: list[float] = field(default_factory=list)
    batch: dict[int, list[float]] = field(default_factory=dict)

    def shares(self, jobs: int) -> float:
        """Of the physical limit, by `batch` with ``jobs`` workers: the median of the rounds' own ratios."""
        return statistics.median(rows / files for rows, files in zip(self.batch[jobs], self.disk, strict=True))

    def two_workers(self) -> float:
        """How many times the rows of one worker two make, as a share of what the pure loop gains; median of rounds."""
        both = zip(self.batch[1], self.batch[2], self.gain, strict=True)
        return statistics.median(two / one / gain for one, two, gain in both)


def in_turn(pdf: bytes, folder: Path, rounds: int, batch: Callable[[int], float | None]) -> Series:
    """Disk, second core, and `batch` with one and two workers, side by side in time, ``rounds`` times.

    ``batch`` takes the number of workers and gives rows a second, or None where the command is not there.
    """
    series = Series()
    with second_core() as gain:
        for _ in range(rounds):
            series.one_by_one.append(disk_rate(pdf, folder))
            series.disk.append(disk_rate(pdf, folder, at_once=IN_FLIGHT))
            series.gain.append(gain())
            for jobs in (1, 2):
                if rate := batch(jobs):
                    series.batch.setdefault(jobs, []).append(rate)
    return series
