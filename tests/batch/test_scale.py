"""Nothing grows with a list: neither the parent's memory nor a worker's."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import psutil
import pytest

from handouts.batch.messages import Bound
from handouts.batch.pool import InlinePool
from handouts.batch.run import Run
from handouts.batch.sink import NullSink
from handouts.batch.worker import bind_for
from handouts.lists.row import Row
from handouts.typeset.cache import SheetCache
from tests.lists import setup
from tests.runs import Batch, person, write_list

FEW, MANY = 300, 6000
GROWTH = 12_000_000
"""Bytes; 7 to 8.4 million were measured. Were all rows kept, so many more would take thirty million: what is appended
for one is five thousand.
"""


def peak(pid: int) -> int:
    """The most memory that a process has had so far (Linux keeps it), in bytes; 0 when it is gone."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) * 1024 if found else 0
    return 0


def peaks(batch: Batch, folder: Path) -> tuple[int, int]:
    """What the parent and its largest worker take at most while they make a list."""
    run = batch.start(folder)
    parent = worker = 0
    while run.poll() is None:
        parent = max(parent, peak(run.pid))
        with suppress(psutil.Error):
            worker = max([worker, *(peak(child.pid) for child in psutil.Process(run.pid).children())])
        time.sleep(0.02)
    _, err = run.communicate()
    assert run.returncode == 0, err
    return parent, worker


@pytest.mark.heavy
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak")
def test_twenty_times_as_many_rows_take_no_more_memory(tmp_path: Path, sheets: SheetCache) -> None:
    few = Batch(write_list(tmp_path / "few.jsonl", FEW), sheets.folder)
    many = Batch(write_list(tmp_path / "many.jsonl", MANY), sheets.folder)
    few.run(tmp_path / "warm")
    parent, worker = peaks(few, tmp_path / "few")
    parent_then, worker_then = peaks(many, tmp_path / "many")
    assert len(list((tmp_path / "many").glob("*.pdf"))) == MANY
    assert parent_then - parent < GROWTH
    assert worker_then - worker < GROWTH


def test_a_run_reads_no_further_ahead_than_it_may_and_forgets_rows_that_are_done(sheets: SheetCache) -> None:
    read = 0

    def rows() -> Any:
        nonlocal read
        for read in range(1, 8001):
            yield Row(read, None, "it is broken")

    run = Run(setup(), InlinePool(), NullSink(), sheets)
    way = run.under_way
    for outcome in run.outcomes(rows()):
        assert read - outcome.number <= run.ahead
        assert len(way.rows) + len(way.order) + len(way.ready) <= 3 * run.ahead
    assert (way.rows, way.order, way.pages, run.waiting, run.tasks) == ({}, {}, {}, {}, {})


def test_only_the_masters_and_sheets_that_were_used_last_are_kept(
    sheets: SheetCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handouts.batch.lru.KEPT", 3)
    bound: list[Bound] = []

    class Copying(InlinePool):
        """Binds for the first selection only, and gives a master of its own for each: typesetting takes long."""

        def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
            if work is bind_for:
                first = bound[0] if bound else super().submit(work, *values).result()
                assert first.master
                master = replace(first.master, file_id=len(bound).to_bytes(16, "big"))
                bound.append(replace(first, master=master, made=()))
                return super().submit(lambda *_: bound[-1])
            return super().submit(work, *values)

    run = Run(setup(), Copying(), NullSink(), sheets)
    choices = product(("letter", "a4"), ("standard", "large-print"), ("botox", "no-treatment", "radiofrequency"))
    rows = iter(
        Row(n, person(7 * n) | {"paper": paper, "format": form, "options": [option]})
        for n, (paper, form, option) in enumerate(choices, 1)
    )
    states = [outcome.state for outcome in run.outcomes(rows)]
    assert states == ["made"] * 12
    assert len(bound) == 12
    assert len(run.masters) == len(run.shared) == 3
