"""One pass over a list: reads rows, writes finished files, keeps one journal. Only this parent writes.

Rows go to the pool in chunks. A worker that lacks a row's master answers "waiting"; the parent has each master bound
once, keeps it in memory, and hands the row out again with the master's stamp plan. The worker returns the update for a
patient's file; the parent writes master and update. Nothing grows with the list: reading ahead is bounded.

When a worker dies, the task at fault is unknown. Lost tasks are handed out again, one at a time: a task that kills a
worker while running alone is to blame; it is halved until it is a single row.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from handouts.batch.lru import LRU
from handouts.batch.messages import Bound, Chunk, Outcome, Setup
from handouts.batch.pool import Pool, fate, is_death
from handouts.batch.reorder import ReorderBuffer, Tally
from handouts.batch.sink import Sink
from handouts.batch.worker import bind_for, stamp_rows
from handouts.lists.row import Row
from handouts.model.master import Master
from handouts.model.typeset_sheet import TypesetSheet
from handouts.typeset.cache import SheetCache

CHUNK = 50
"""Rows per task. More would leave workers idle at the end of a morning's list; fewer cost more messages than work."""
LONG = 2000
"""Rows after which a list is long, and a task has `MANY`: fewer messages, and still short tasks."""
MANY = 100
AHEAD = 20
"""Chunks that may be read before the first row of them is done; more if the pool takes more at once."""
TRIES = 3
"""How often a single row is tried alone when workers die over it."""
PATIENCE = 5.0
"""Seconds without a result before asking the pool whether its workers are alive."""


@dataclass(frozen=True)
class _Rows:
    """A task: rows to stamp; ``masters``: keys of the masters whose stamp plans are sent along."""

    chunk: Chunk
    masters: tuple[str, ...] = ()
    tries: int = 0


@dataclass(frozen=True)
class _Binding:
    """A task: bind the master of a key, which ``row`` needs."""

    key: str
    row: Row
    tries: int = 0


class Run:
    """One run over a list. ``outcomes`` yields every row's outcome, in the order of the list."""

    def __init__(self, setup: Setup, pool: Pool, keeper: Sink, cache: SheetCache | None) -> None:
        self.setup, self.pool, self.keeper, self.cache = setup, pool, keeper, cache
        self.tally = Tally()
        self.under_way = ReorderBuffer(self.tally)
        self.masters: LRU[str, Master] = LRU()
        self.shared: LRU[str, Any] = LRU()
        self.hopeless: LRU[str, str] = LRU()
        self.waiting: dict[str, list[Row]] = {}
        self.again: deque[_Rows | _Binding] = deque()
        self.suspects: deque[_Rows | _Binding] = deque()
        self.tasks: dict[Future[Any], _Rows | _Binding] = {}
        self.ahead = MANY * max(AHEAD, 2 * pool.at_once)

    def outcomes(self, rows: Iterator[Row]) -> Iterator[Outcome]:
        """Work through ``rows``; yields each outcome, without its update, once all before it are done.

        OutputFault when the folder can't be written, SystemMissing without Pango, ContentFault when a worker has
        other content, HandOverFault when no workers are left.
        """
        more = True
        while more or self.again or self.suspects or self.tasks:
            more = self._hand_out(rows) and more
            if self.tasks:
                done = wait(self.tasks, timeout=PATIENCE, return_when=FIRST_COMPLETED).done
                if not done:
                    self.pool.look()
                self._take_back(done)
            yield from self.under_way.in_order()

    def _hand_out(self, rows: Iterator[Row]) -> bool:
        """Give the pool something to do; False at the end of the list."""
        if self.suspects:
            if not self.tasks:
                self._start(self.suspects.popleft())
            return True
        while len(self.tasks) < self.pool.at_once:
            if self.again:
                if not self._start(self.again.popleft()):
                    return True
            elif self.under_way.read - self.under_way.told >= self.ahead:
                return True
            else:
                chunk = self._next_chunk(rows)
                if not chunk.rows:
                    return False
                if not self._start(_Rows(chunk)):
                    return True
        return True

    def _next_chunk(self, rows: Iterator[Row]) -> Chunk:
        found = tuple(islice(rows, MANY if self.under_way.read >= LONG else CHUNK))
        known: dict[int, str] = {}
        for row in found:
            record = self.keeper.finished(row.number)
            if record:
                known[row.number] = record.fingerprint
            self.under_way.begin(row, record.pages if record else 0)
        return Chunk(found, known)

    def _start(self, task: _Rows | _Binding) -> bool:
        """Submit ``task``; False when the pool turns out to be dead, and everything has to be handed out again."""
        try:
            if isinstance(task, _Binding):
                future = self.pool.submit(bind_for, self.setup, task.row)
            else:
                stamp_plans = {
                    key: self._shared(master) for key in task.masters if (master := self.masters.recall(key))
                }
                future = self.pool.submit(stamp_rows, self.setup, task.chunk, stamp_plans)
        except BrokenExecutor:
            self.again.appendleft(task)
            self._recover()
            return False
        self.tasks[future] = task
        return True

    def _shared(self, master: Master) -> Any:
        key = master.file_id.hex()
        return self.shared.recall(key) or self.shared.keep(key, self.pool.share(master.stamp_plan()))

    def _take_back(self, done: Iterable[Future[Any]]) -> None:
        """Collect results, and write all their files together. Dead tasks are handled last."""
        made: list[tuple[Outcome, Master]] = []
        dead: list[Future[Any]] = []
        alone = len(self.tasks) == 1
        for future in done:
            error = fate(future)
            if error and is_death(error):
                dead.append(future)
                continue
            task = self.tasks.pop(future)
            if error:
                raise error
            if isinstance(task, _Binding):
                self._master_came(task, future.result())
            else:
                made += self._rows_came(future.result())
        if made:
            self.keeper.keep(made)
        for outcome, master in made:
            self._done(outcome, master.pages)
        if dead:
            self._after_death(dead, alone)

    def _after_death(self, dead: list[Future[Any]], alone: bool) -> None:
        lost = [self.tasks.pop(future) for future in dead]
        if alone:
            self.suspects.extendleft(reversed(list(self._blamed(lost[0]))))
        else:
            self.suspects.extend(lost)
        self._recover()

    def _recover(self) -> None:
        """Continue after a death; shared values may be lost, and with some pools all tasks are."""
        self.shared.clear()
        if self.pool.restart():
            self.suspects.extend(self.tasks.values())
            self.tasks.clear()

    def _blamed(self, task: _Rows | _Binding) -> Iterable[_Rows | _Binding]:
        """Split, retry or fail a task over which a worker died while it ran alone."""
        fault = (
            f"a worker died over this row, {TRIES} times; take it out of the list, and tell the program's maintainer"
        )
        if not isinstance(task, _Binding) and len(task.chunk.rows) > 1:
            middle = len(task.chunk.rows) // 2
            for part in (task.chunk.rows[:middle], task.chunk.rows[middle:]):
                yield replace(task, chunk=Chunk(part, task.chunk.known))
        elif task.tries + 1 < TRIES:
            yield replace(task, tries=task.tries + 1)
        elif isinstance(task, _Binding):
            self._without(task.key, fault)
        else:
            self._fail(task.chunk.rows, fault)

    def _rows_came(self, outcomes: list[Outcome]) -> Iterator[tuple[Outcome, Master]]:
        """Yield the rows that are made, with their masters; handle the others."""
        waiting: dict[str, list[Row]] = {}
        for outcome in outcomes:
            master = self.masters.recall(outcome.key) if outcome.state == "made" else None
            if master:
                yield outcome, master
            elif outcome.state in {"made", "waiting"}:
                waiting.setdefault(outcome.key, []).append(self.under_way.rows[outcome.number])
            else:
                self._done(outcome)
        for key, rows in waiting.items():
            self._wait_for(key, rows)

    def _wait_for(self, key: str, rows: list[Row]) -> None:
        """Hand ``rows`` out again with their stamp plan; have their master typeset if it isn't yet."""
        if key in self.hopeless:
            self._fail(rows, self.hopeless[key])
            return
        if key in self.waiting:
            self.waiting[key].extend(rows)
            return
        self.waiting[key] = rows
        found = self.masters.recall(key)
        if found:
            self._have(key, found)
        else:
            self.again.append(_Binding(key, rows[0]))

    def _master_came(self, task: _Binding, bound: Bound) -> None:
        if bound.master is None or bound.origin is None or bound.stack is None:
            self._without(task.key, bound.fault)
            return
        self.tally.sheets += len(bound.made)
        self.keeper.keep_stack(bound.origin, bound.stack)
        if self.cache:
            for key, data in bound.stack.sheets:
                if key in bound.made:
                    self.cache.put(key, TypesetSheet.from_bytes(data))
        self._have(task.key, bound.master)

    def _have(self, key: str, master: Master) -> None:
        self.masters.keep(key, master)
        rows = self.waiting.pop(key, [])
        for start in range(0, len(rows), CHUNK):
            self.again.appendleft(_Rows(Chunk(tuple(rows[start : start + CHUNK]), {}), (key,)))

    def _without(self, key: str, fault: str) -> None:
        """The master can't be made: its rows fail, and later ones too, at once."""
        self.hopeless.keep(key, fault)
        self._fail(self.waiting.pop(key, []), fault)

    def _fail(self, rows: Iterable[Row], message: str) -> None:
        for row in rows:
            self._done(Outcome(row.number, "failed", message=message))

    def _done(self, outcome: Outcome, pages: int = 0) -> None:
        if outcome.state in {"failed", "refused"}:
            self.keeper.forget(outcome.number)
        self.under_way.end(outcome, pages)
