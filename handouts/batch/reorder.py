"""Rows between reading and reporting. They end in any order, and are reported in the order of the list."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from handouts.batch.messages import Outcome
from handouts.lists.row import Row


@dataclass
class Tally:
    """Counts of what a run has done so far."""

    made: int = 0
    reused: int = 0
    failed: int = 0
    refused: int = 0
    pages: int = 0
    sheets: int = 0
    """That were typeset."""
    at: int = 0
    about_text: dict[str, None] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows that are done, successful or not."""
        return self.made + self.reused + self.failed + self.refused


class ReorderBuffer:
    """The rows that are read and not yet reported; ``tally`` counts those that have ended."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.order: dict[int, int] = {}
        self.rows: dict[int, Row] = {}
        self.pages: dict[int, int] = {}
        self.ready: list[tuple[int, int, Outcome]] = []
        self.read = self.told = 0

    def begin(self, row: Row, pages: int) -> None:
        """Add a ``row`` that was read; ``pages``: of its file, 0 if there is none yet."""
        self.order[row.number] = self.read
        self.rows[row.number] = row
        self.read += 1
        self.pages[row.number] = pages

    def end(self, outcome: Outcome, pages: int) -> None:
        """Note that a row has ended; ``pages``: of the file that was made."""
        tally, row, known = self.tally, self.rows.pop(outcome.number), self.pages.pop(outcome.number)
        tally.at = max(tally.at, row.at)
        tally.about_text.update(dict.fromkeys(outcome.about_text))
        if outcome.state == "failed":
            tally.failed += 1
        elif outcome.state == "refused":
            tally.refused += 1
        elif outcome.state == "made":
            tally.made += 1
            tally.pages += pages
        else:
            tally.reused += 1
            tally.pages += known
        heapq.heappush(self.ready, (self.order.pop(outcome.number), outcome.number, outcome.light()))

    def in_order(self) -> Iterator[Outcome]:
        """The rows that have ended and whose predecessors all have."""
        while self.ready and self.ready[0][0] == self.told:
            self.told += 1
            yield heapq.heappop(self.ready)[2]
