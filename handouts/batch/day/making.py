"""Chosen rows of a list on the screen -> finished handouts in memory, by the run that makes whole lists.

Nothing is given out yet, so nothing is in the record but what they are printed from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from handouts.batch.day.memory import RowKey
from handouts.batch.day.opened import OpenRow
from handouts.batch.journal import Record
from handouts.batch.messages import Outcome, RunSheetRow, Setup
from handouts.batch.pool import Pool
from handouts.batch.run import Run
from handouts.batch.sink import document_of, keep_source, record_of
from handouts.lists.row import Row
from handouts.model.master import Master
from handouts.model.origin import Origin
from handouts.model.recorder import Document, Recorder
from handouts.model.stack import Stack
from handouts.typeset.cache import SheetCache


@dataclass(frozen=True)
class MadeRow:
    """A finished handout of a row, not yet given out. The master is shared by all that have the same selection."""

    number: int
    key: RowKey
    master: Master
    update: bytes
    document: Document
    sheet: RunSheetRow

    def __repr__(self) -> str:
        return f"MadeRow({self.number})"

    @property
    def pdf(self) -> bytes:
        """The whole file."""
        return self.master.pdf + self.update

    @property
    def code(self) -> str:
        """The document's."""
        return self.document.code


class MemorySink:
    """Keeps finished rows; ``recorder`` keeps what they are printed from."""

    def __init__(self, recorder: Recorder, content: Path) -> None:
        self.recorder, self.content = recorder, content
        self.made: dict[int, tuple[Outcome, Master]] = {}

    def finished(self, number: int) -> Record | None:  # noqa: ARG002
        """Nothing is there before."""
        return None

    def keep_stack(self, origin: Origin, stack: Stack) -> None:
        """See `keep_source`."""
        keep_source(self.recorder, self.content, origin, stack)

    def keep(self, made: list[tuple[Outcome, Master]]) -> None:
        """In memory."""
        self.made |= {outcome.number: (outcome, master) for outcome, master in made}

    def forget(self, number: int) -> None:
        """Nothing is there."""


def make_rows(
    rows: Sequence[OpenRow],
    setup: Setup,
    pool: Pool,
    recorder: Recorder,
    cache: SheetCache | None,
    *,
    stopped: Callable[[], bool],
    tell: Callable[[int], object],
) -> tuple[list[MadeRow], dict[int, str]]:
    """The handouts of ``rows``, in their order, and why others could not be made, by number.

    ``stopped`` is asked before each row; ``tell`` hears how many are done. ContentFault when the content has changed
    since the list was checked; what `Run.outcomes` raises.
    """
    sink = MemorySink(recorder, Path(setup.content))
    faults: dict[int, str] = {}
    for done, outcome in enumerate(
        Run(replace(setup, dry_run=False), pool, sink, cache).outcomes(_until(rows, stopped)), 1
    ):
        if outcome.message:
            faults[outcome.number] = outcome.message
        tell(done)
    return [_made(row, *sink.made[row.number]) for row in rows if row.number in sink.made], faults


def _until(rows: Sequence[OpenRow], stopped: Callable[[], bool]) -> Iterator[Row]:
    for row in sorted(rows, key=lambda one: one.number):  # a run reports in the order of numbers
        if stopped():
            return
        yield row.row()


def _made(row: OpenRow, outcome: Outcome, master: Master) -> MadeRow:
    document = document_of(record_of(outcome, master), outcome)
    assert outcome.sheet  # noqa: S101  a made row has it
    return MadeRow(row.number, row.key, master, outcome.update, document, outcome.sheet)
