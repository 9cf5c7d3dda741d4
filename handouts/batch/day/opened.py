"""A list that is open on a screen: its rows in memory, mended and chosen for, each checked as `batch` checks it.

Nothing is made here, and nothing is written anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from handouts.batch.day.memory import DayMemory, RowKey
from handouts.batch.messages import Chunk, Outcome, Setup
from handouts.batch.worker import OtherContent, run_digest, stamp_rows
from handouts.deliver.mail.address import parse_address
from handouts.errors import HandoutError, RequestFault
from handouts.lists.cells import shown_at
from handouts.lists.lookalikes import find_lookalikes
from handouts.lists.mendable import ALWAYS, CHOICE, CHOSEN, CellFault, MendableList, MendableRow, Reading, fault_of
from handouts.lists.row import Row
from handouts.load.layers import lay_over
from handouts.load.requests import build_request, check_flags
from handouts.load.yamlfile import Parsed
from handouts.record.recorder import FolderRecorder

MOST_ROWS = 2000
"""Rows of a list on a screen: more than any clinic sees in a week."""
MOST_LETTERS = 2000
"""In a cell that is mended: more than fits on any page."""
EMAIL = ALWAYS[3]


def setup_for(content: Path, today: date, key: bytes, recorder: FolderRecorder, *, allow_unapproved: bool) -> Setup:
    """What all rows have in common, as the content and the record are now. ContentFault, OutputFault."""
    return Setup(
        content=str(content.resolve()),
        digest=run_digest(content),
        today=today,
        key=key,
        allow_unapproved=allow_unapproved,
        dry_run=True,
        withdrawn=recorder.withdrawn(),
        legacy_digests=recorder.legacy_digests(),
    )


@dataclass
class OpenRow:
    """A row on the screen: as it stood in the file, what was typed and chosen instead, and what is made of it."""

    source: MendableRow
    key: RowKey
    mends: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, Any] = field(default_factory=dict)
    reading: Reading = field(default_factory=lambda: Reading({}, "", ()))
    outcome: Outcome | None = None
    faults: tuple[CellFault, ...] = ()
    notes: tuple[CellFault, ...] = ()
    """What the staff should know, and can leave as it is."""

    def __repr__(self) -> str:
        return f"OpenRow({self.number})"  # a patient's details have no place in a log or traceback

    @property
    def number(self) -> int:
        """As the list has it."""
        return self.source.number

    @property
    def ready(self) -> bool:
        """Whether a handout can be made of it."""
        return not self.faults and self.outcome is not None

    @property
    def code(self) -> str:
        """The document's; "" while it can't be made."""
        return self.outcome.code if self.ready and self.outcome else ""

    @property
    def data(self) -> dict[str, Any]:
        """The keys of its request, as far as they can be told."""
        return lay_over(self.reading.data, self.chosen)

    def row(self) -> Row:
        """As the rest of the program takes it."""
        return Row(self.number, self.data, order=self.reading.order)

    def shown(self, path: str) -> str:
        """What stands in a cell: what was typed; what is printed, once it can be read; else what the file has."""
        if path in self.mends and any(fault.path == path for fault in self.faults):
            return self.mends[path]
        told = shown_at(self.data, path)
        return told or ("" if path in self.mends else self.source.shown(path))


class OpenedList:
    """All rows of a list, by their numbers."""

    def __init__(self, found: MendableList, memory: DayMemory, setup: Setup, renew: Callable[[], Setup]) -> None:
        """Every row is checked. ``renew`` is asked when the content was changed meanwhile. ContentFault."""
        self.found, self.setup, self.renew = found, setup, renew
        keys = memory.keys([row.raw for row in found.rows])
        self.rows = {row.number: OpenRow(row, key) for row, key in zip(found.rows, keys, strict=True)}
        self.check_all()

    def __repr__(self) -> str:
        return f"OpenedList({len(self.rows)} rows)"

    @property
    def paths(self) -> tuple[str, ...]:
        """Its columns, as places of a request."""
        return self.found.paths

    def row(self, number: int) -> OpenRow:
        """RequestFault where there is none of that number."""
        try:
            return self.rows[number]
        except KeyError:
            raise RequestFault("There is no such row in the list.") from None

    def ready(self, numbers: Iterable[int] | None = None) -> list[OpenRow]:
        """The rows of which handouts can be made, in the order of the list; of all of them, or of these."""
        wanted = None if numbers is None else set(numbers)
        return [row for row in self.rows.values() if row.ready and (wanted is None or row.number in wanted)]

    def mend(self, number: int, path: str, text: str | None) -> OpenRow:
        """Put a text in the place of what a cell says; None for what the file says. RequestFault for no such cell."""
        row = self.row(number)
        if path not in self.paths:
            raise RequestFault("There is no such cell in the list.")
        if text is not None and len(text) > MOST_LETTERS:
            raise RequestFault(f"The cell is too long: {MOST_LETTERS:,} characters at most.")
        before = None if text is None else " ".join(text.split())
        if before is None or (path not in row.mends and before == " ".join(row.shown(path).split())):
            row.mends.pop(path, None)
        else:
            row.mends[path] = text or ""
        self._check(row)
        self._compare()
        return row

    def choose(self, numbers: Iterable[int], chosen: Mapping[str, Any] | None) -> list[OpenRow]:
        """Choose topic, options, side and the like for rows, instead of what the list says; None for what it says.

        RequestFault for what no request has.
        """
        rows = [self.row(number) for number in numbers]
        if chosen is not None:
            if set(chosen) - CHOSEN:
                raise RequestFault("That can't be chosen for a row.")
            check_flags(chosen)
        for row in rows:
            row.chosen = dict(chosen) if chosen else {}
            self._check(row)
        self._compare()
        return rows

    def check_all(self, setup: Setup | None = None) -> None:
        """Check every row, with what the content and the record now say, if ``setup`` is given."""
        self.setup = setup or self.setup
        for row in self.rows.values():
            self._check(row)
        self._compare()

    def _check(self, row: OpenRow) -> None:
        row.reading = row.source.read(row.mends, set(row.chosen))
        faults = [fault for fault in row.reading.faults if not (fault.path == CHOICE and row.chosen)]
        seen = {fault.path for fault in faults}
        row.outcome = None
        if "" not in seen:  # else nobody knows what the rest of it says
            faults += [fault for fault in self._faults_of(row) if fault.path not in seen]
        row.faults = tuple(faults)

    def _faults_of(self, row: OpenRow) -> list[CellFault]:
        """What is wrong with the request, and with the handout; its outcome is kept where the cells can be read."""
        try:
            build_request(Parsed(row.data, {}, ""))
        except RequestFault as fault:
            return [fault_of(str(one)) for one in fault.faults] or [CellFault("", fault.message)]
        try:
            [row.outcome] = stamp_rows(self.setup, Chunk((row.row(),), {}), {})
        except OtherContent:
            self.setup = self.renew()
            [row.outcome] = stamp_rows(self.setup, Chunk((row.row(),), {}), {})
        return [fault_of(why) for why in row.outcome.faults or filter(None, [row.outcome.message])]

    def _compare(self) -> None:
        """What can only be told by looking at all rows."""
        alike = find_lookalikes({row.number: row.shown("patient.name") for row in self.rows.values()})
        first: dict[str, int] = {}
        for row in self.rows.values():
            row.notes = tuple(_notes(row, alike=row.number in alike, same_as=first.get(row.code)))
            if row.code:
                first.setdefault(row.code, row.number)


def _notes(row: OpenRow, *, alike: bool, same_as: int | None) -> Iterator[CellFault]:
    if same_as is not None:
        yield CellFault("", f"This is the same handout as that of row {same_as}.")
    elif alike:
        yield CellFault("patient.name", "Another name on this list is much like it: compare dates of birth.")
    if address := row.shown(EMAIL):
        try:
            parse_address(address)
        except HandoutError as fault:
            yield CellFault(EMAIL, f"It can't be mailed: {fault.message}")
    if row.ready and row.outcome:
        yield from (CellFault("", notice) for notice in row.outcome.notices)


def in_order(rows: Sequence[OpenRow]) -> list[OpenRow]:
    """By the times of a day's list, where it has them; else as they stand."""
    if not any(row.outcome and row.outcome.sheet and row.outcome.sheet.visit for row in rows):
        return list(rows)
    return sorted(rows, key=lambda row: (row.outcome and row.outcome.sheet and row.outcome.sheet.visit) or "9")
