"""How the command `batch` scales: rows a second and memory by length of list, by workers, by room.

    .venv/bin/python benchmarks/scale.py [sizes] [workers] [dask] [mix] [disk] [--rows 100000] [--mixed 400]
                                        [--folder DIR]

Each part that is named (default: all) makes its own lists, of made-up people, and deletes what it has made. Masters are
typeset before anything is measured. `workers` and `dask` write into memory (/dev/shm, or --fast DIR): there the
processor is what counts. `sizes` and `disk` write into --folder (default: the working folder).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import psutil  # noqa: E402  comes with Dask

from benchmarks.job import Job, new_job  # noqa: E402  the checkout's own code, from wherever this is run
from benchmarks.limits import second_core  # noqa: E402
from handouts.atomic import write_group  # noqa: E402

PARTS = ("sizes", "workers", "dask", "mix", "disk")
_LOOK = 0.5
"""Seconds between two looks at the memory: finding a process's children takes a processor a good while."""
NOTES = (
    "Please ring us when the new drops have been used for a week. Number {}.",
    "We looked at your MRI together. The artery lies against the nerve on the left side, just as we thought, and it is "
    "the likely cause of the twitching. Number {}.",
    "Keep the diary for four weeks, and bring it with you.\nPlease do not drive for 24 hours after the injections; "
    "somebody should come with you and take you home again afterwards. Number {}.",
    "Call me on 555-0{} (Mon-Fri, 9:00-17:00).",
    "You told us that the spasms are worse when you are tired, and that the follow-up visits are hard to fit in with "
    "your work. We agreed to try Botox first, and to talk about the operation again in spring. Number {}.\n\n"
    "Please bring:\n- the pictures from the other hospital\n- the list of your medicines",
)


@dataclass(frozen=True)
class Took:
    """One run. ``seconds``: from the first file to the last; peak memory of the parent and of its largest worker."""

    rows: int
    seconds: float
    whole: float
    parent: int
    worker: int

    @property
    def rate(self) -> float:
        """Rows a second, starting and ending left out."""
        return self.rows / self.seconds


def write_list(path: Path, job: Job, rows: int, *, personal: bool = False) -> Path:
    """A list of ``rows`` people; with ``personal``, three in ten have a note or a medicine of their own."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            row = job.request(number).model_dump(mode="json", by_alias=True, exclude_none=True)
            row = {key: value for key, value in row.items() if value}
            if personal and number % 10 < 2:
                row["note"] = NOTES[number // 10 % len(NOTES)].format(number)
            elif personal and number % 10 == 2:
                row["medicines"] = [{"name": "Clonazepam", "dose": f"{number % 4 + 1} mg", "times": ["night"]}]
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


class Bench:
    """A folder with a list's surroundings: key, cache of masters; runs of the command in it."""

    def __init__(self, here: Path, folder: Path, job: Job) -> None:
        self.here, self.folder, self.job = here, folder, job
        self.key, self.cache = here / "key", here / "cache"
        self.key.write_bytes(b"k" * 32)
        self.run(write_list(here / "warm.jsonl", job, 1), "--jobs", "1")

    def run(self, source: Path, *flags: str, keep: bool = False) -> Took:
        """The command on ``source``, into a fresh folder that is deleted again unless it is to be kept."""
        out = self.folder / "out"
        journal = out / "journal.txt"
        command = [sys.executable, str(ROOT / "generate.py"), "batch", str(source), "-d", str(out)]
        command += ["--key-file", str(self.key), "--cache", str(self.cache), "--allow-unapproved", *flags]
        start = time.perf_counter()
        home = os.environ | {"XDG_DATA_HOME": str(self.here / "data")}  # no made-up patients in anybody's record
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=home)
        parent, worker, first, looked = 0, 0, 0.0, start
        while process.poll() is None:
            time.sleep(0.02)
            with suppress(OSError):
                first = first or (time.perf_counter() if journal.stat().st_size > 1000 else 0.0)
            if time.perf_counter() - looked < _LOOK:
                continue
            looked = time.perf_counter()
            with suppress(psutil.Error):
                parent = max(parent, psutil.Process(process.pid).memory_info().rss)
                for child in psutil.Process(process.pid).children():
                    worker = max(worker, child.memory_info().rss)
        end = time.perf_counter()
        if process.returncode:
            raise SystemExit(f"the run failed: {process.returncode}")
        made = sum(1 for _ in out.glob("*.pdf"))
        if not keep:
            shutil.rmtree(out)
        return Took(made, end - (first or start), end - start, parent, worker)


def megabytes(size: int) -> str:
    """A size as people read it."""
    return f"{size / 1e6:.0f} MB"


def sizes(bench: Bench, most: int) -> None:
    """Rows a second and peak memory by length of list."""
    print("rows      rows/s   whole run  parent  worker")
    for rows in (100, 1000, 10_000, 100_000, 1_000_000):
        if rows <= most:
            took = bench.run(write_list(bench.here / "list.jsonl", bench.job, rows), "--jobs", "2")
            print(
                f"{rows:<9} {rows / took.whole:>7.0f} {took.whole:>9.1f} s {megabytes(took.parent):>8}"
                f" {megabytes(took.worker):>7}",
                flush=True,
            )


def workers(bench: Bench, rows: int, rounds: int) -> None:
    """Two workers against one, and what a pure loop gains from the second core, in turns."""
    source = write_list(bench.here / "list.jsonl", bench.job, rows)
    shares, gains, loops = [], [], []
    with second_core() as loop:
        for _ in range(rounds):
            before = loop()
            one = bench.run(source, "--jobs", "1")
            two = bench.run(source, "--jobs", "2")
            loops.append(statistics.mean((before, loop())))
            gains.append(two.rate / one.rate)
            shares.append(gains[-1] / loops[-1])
            print(f"  one {one.rate:.0f}/s, two {two.rate:.0f}/s: {gains[-1]:.2f}; loop {loops[-1]:.2f}", flush=True)
    print(
        f"two workers: {statistics.median(gains):.2f} of one, the loop {statistics.median(loops):.2f};"
        f" share {statistics.median(shares):.2f} (median of {rounds} rounds)",
        flush=True,
    )


@contextmanager
def cluster(here: Path, count: int) -> Iterator[str]:
    """A scheduler and workers on this machine."""
    port, started = 20_000 + os.getpid() % 20_000, []
    dask = [sys.executable, "-m", "distributed.cli."]
    address = f"tcp://127.0.0.1:{port}"
    commands = [["dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]]
    commands += [["dask_worker", address, "--nthreads", "1", "--no-nanny", "--memory-limit", "0"]] * count
    try:
        for name, *rest in commands:
            with (here / "dask.log").open("ab") as log:
                command = [*dask[:2], dask[2] + name, *rest, "--no-dashboard"]
                environment = os.environ | {"PYTHONPATH": str(ROOT)}
                started.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=here, env=environment))
        yield address
    finally:
        for process in started:
            process.send_signal(signal.SIGKILL)
            process.wait()


def on_dask(bench: Bench, rows: int, rounds: int) -> None:
    """A cluster of two workers on this machine against two processes, in turns."""
    source = write_list(bench.here / "list.jsonl", bench.job, rows)
    ratios = []
    with cluster(bench.here, 2) as address:
        bench.run(source, "--dask", address)
        for _ in range(rounds):
            here, there = bench.run(source, "--jobs", "2"), bench.run(source, "--dask", address)
            ratios.append(there.rate / here.rate)
            print(f"  processes {here.rate:.0f}/s, Dask {there.rate:.0f}/s: {ratios[-1]:.2f}", flush=True)
    print(f"Dask: {statistics.median(ratios):.2f} of the local rate (median of {rounds} rounds)", flush=True)


def mix(bench: Bench, rows: int) -> None:
    """Three rows in ten with a note or a medicine, against rows that have none."""
    shared = bench.run(write_list(bench.here / "list.jsonl", bench.job, rows), "--jobs", "2")
    mixed = bench.run(write_list(bench.here / "list.jsonl", bench.job, rows, personal=True), "--jobs", "2")
    print(
        f"none {rows / shared.whole:.0f}/s; three in ten with a note or medicine {rows / mixed.whole:.1f}/s, "
        f"{mixed.whole / (rows * 0.3) * 1000:.0f} ms each of those; parent {megabytes(mixed.parent)}, "
        f"worker {megabytes(mixed.worker)}",
        flush=True,
    )


def write_only(folder: Path, pdf: bytes, count: int) -> float:
    """Files a second of a loop that writes finished bytes in groups of 50, as durably as they can be: no program."""
    out = folder / "limit"
    out.mkdir()
    start = time.perf_counter()
    for first in range(0, count, 50):
        write_group(out, {f"{number}.pdf": (pdf,) for number in range(first, min(first + 50, count))})
    seconds = time.perf_counter() - start
    shutil.rmtree(out)
    return count / seconds


def disk(bench: Bench, rows: int, rounds: int) -> None:
    """The command against a loop that only writes, in turns; the disk's own work (deletions) is waited for first."""
    source = write_list(bench.here / "list.jsonl", bench.job, rows)
    bench.run(write_list(bench.here / "one.jsonl", bench.job, 1), keep=True)
    (path,) = (bench.folder / "out").glob("*.pdf")
    pdf = path.read_bytes()
    shutil.rmtree(bench.folder / "out")
    shares = []
    for _ in range(rounds):
        os.sync()
        limit = write_only(bench.folder, pdf, rows)
        os.sync()
        took = bench.run(source, "--jobs", "2")
        shares.append(took.rate / limit)
        print(f"  limit {limit:.0f}/s, batch {took.rate:.0f}/s: {shares[-1]:.2f}", flush=True)
    print(f"share of what the disk takes: {statistics.median(shares):.2f} ({len(pdf)} bytes a file)", flush=True)


def main(given: list[str] | None = None) -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--rows", type=int, default=100_000, help="of the longest list of `sizes`")
    parser.add_argument("--pair", type=int, default=20_000, help="rows of the lists that are made in turns")
    parser.add_argument("--mixed", type=int, default=400, help="rows of the list of `mix`")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=Path.cwd())
    parser.add_argument("--fast", type=Path, default=Path("/dev/shm"))
    chosen = parser.parse_args(given)
    parts = chosen.parts or PARTS
    with (
        tempfile.TemporaryDirectory(prefix=".scale-", dir=chosen.folder) as slow,
        tempfile.TemporaryDirectory(prefix=".scale-", dir=chosen.fast) as fast,
        tempfile.TemporaryDirectory() as here,
    ):
        job = new_job()
        on_disk = Bench(Path(here), Path(slow), job)
        in_memory = Bench(Path(here), Path(fast), job)
        for part in parts:
            print(f"# {part}", flush=True)
            if part == "sizes":
                sizes(on_disk, chosen.rows)
            elif part == "workers":
                workers(in_memory, chosen.pair, chosen.rounds)
            elif part == "dask":
                on_dask(in_memory, chosen.pair, chosen.rounds)
            elif part == "mix":
                mix(in_memory, chosen.mixed)
            else:
                disk(on_disk, min(chosen.pair, 5000), chosen.rounds)


if __name__ == "__main__":
    main()
