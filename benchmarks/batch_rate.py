"""Rows a second of the command `batch`, files and journal included: the whole process, as somebody would run it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.job import ROOT, Job
from handouts.model.request import Request


def has_batch() -> bool:
    """Does this checkout have the command?"""
    command = [sys.executable, str(ROOT / "generate.py"), "batch", "--help"]
    return subprocess.run(command, capture_output=True).returncode == 0


def batch_rate(job: Job, rows: int, jobs: int, folder: Path) -> float | None:
    """Rows a second with ``jobs`` workers, from the start of the process to its end; None where there is no `batch`.

    The master lies in a cache, from a run of one row that isn't timed. The files go into a fresh folder inside
    ``folder``, which is deleted afterwards.
    """
    if not has_batch():
        return None
    with tempfile.TemporaryDirectory(dir=folder, prefix=".batch-") as temporary:
        here = Path(temporary)
        (here / "key").write_bytes(b"k" * 32)
        _run(here, "warm", [job.request(0)], jobs)
        requests = [job.request(number) for number in range(rows)]
        start = time.perf_counter()
        _run(here, "timed", requests, jobs)
        return rows / (time.perf_counter() - start)


def _run(here: Path, name: str, requests: list[Request], jobs: int) -> None:
    lines = (request.model_dump_json(by_alias=True, exclude_none=True) + "\n" for request in requests)
    (here / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    command = [sys.executable, str(ROOT / "generate.py"), "batch", str(here / f"{name}.jsonl"), "-d", str(here / name)]
    command += ["--jobs", str(jobs), "--allow-unapproved", "--key-file", str(here / "key"), "--cache", str(here / "c")]
    env = os.environ | {"XDG_DATA_HOME": str(here / "data")}  # no made-up patients in anybody's record
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    if done.returncode or len(list((here / name).glob("*.pdf"))) != len(requests):
        raise RuntimeError(f"`batch` did not make every row:\n{done.stderr[-500:]}")
