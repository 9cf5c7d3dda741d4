"""Typeset sheets by their keys: in memory, on the disk, or just being made. Each is made once, whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future, wait

from handouts.batch.lru import LRU
from handouts.desk.workers import FIRST, LATER, SOON, Task, Workers
from handouts.model.content import Library
from handouts.model.handout import Handout
from handouts.model.typeset_sheet import TypesetSheet
from handouts.typeset.cache import SheetCache
from handouts.typeset.stack import StackPlan, sheet_called


class SheetStore:
    """What `handouts.typeset.stack.sheets_of` asks for sheets, and a way to have those made that are missing."""

    def __init__(self, workers: Workers, disk: SheetCache | None) -> None:
        self.workers, self.disk = workers, disk
        self._kept: LRU[str, TypesetSheet] = LRU()
        self._begun: dict[str, Future[TypesetSheet]] = {}
        self._ahead = set[Future[TypesetSheet]]()
        """Those that nobody waits for yet."""
        self._lock = threading.RLock()  # what is canceled ends within `_ask`

    def get(self, key: str) -> TypesetSheet | None:
        """The sheet, if it is there."""
        with self._lock:
            found = self._kept.recall(key)
        if found is None and self.disk and (found := self.disk.get(key)):
            self._keep(key, found)
        return found

    def put(self, key: str, sheet: TypesetSheet) -> None:
        """Keep it here, and on the disk."""
        self._keep(key, sheet)
        if self.disk:
            self.disk.put(key, sheet)

    def _keep(self, key: str, sheet: TypesetSheet) -> None:
        with self._lock:
            self._kept.keep(key, sheet)

    def missing(self, plan: StackPlan, names: Iterable[str] | None = None) -> list[str]:
        """The names of the sheets of ``plan`` that are not there; of ``names`` alone, if they are given."""
        wanted = None if names is None else set(names)
        return [name for name, key in plan.sheets if (wanted is None or name in wanted) and self.get(key) is None]

    def begin(self, library: Library, handout: Handout, plan: StackPlan, *, ahead: bool = False) -> None:
        """Have all that is missing made, page 1 first; ``ahead``: once nobody waits for anything else."""
        keys = dict(plan.sheets)
        for name in self.missing(plan):
            urgency = LATER if ahead else FIRST if name == "front" else SOON
            self._ask(keys[name], Task(*sheet_called(library, handout, name)), urgency)

    def _ask(self, key: str, task: Task, urgency: int) -> None:
        with self._lock:
            begun = self._begun.get(key)
            if begun and begun.done():  # it failed: once more
                begun = None
            if begun and (begun not in self._ahead or urgency == LATER or not begun.cancel()):
                return  # somebody waits for it, or it is being made
            future = self._begun[key] = self.workers.typeset(task, urgency)
            if urgency == LATER:
                self._ahead.add(future)
        future.add_done_callback(lambda done: self._end(key, done))

    def _end(self, key: str, done: Future[TypesetSheet]) -> None:
        failed = not done.cancelled() and done.exception() is not None
        if not failed and not done.cancelled():
            self.put(key, done.result())
        with self._lock:
            self._ahead.discard(done)
            if self._begun.get(key) is done and not failed:  # why it failed is told to whoever waits
                del self._begun[key]

    def wait_for(self, plan: StackPlan, names: Iterable[str], seconds: float | None = None) -> bool:
        """Whether the sheets ``names`` are there, after ``seconds`` at most. Raises what making them raised."""
        keys = dict(plan.sheets)
        with self._lock:
            begun = {self._begun[key]: key for name in names if (key := keys[name]) in self._begun}
        done, undone = wait(begun, seconds)
        for future in done:
            if not future.cancelled():
                self._keep(begun[future], future.result())  # its callback may not have run yet
        return not undone
