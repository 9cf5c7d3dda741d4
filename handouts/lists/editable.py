"""A list in memory whose rows can be edited: each cell that a person changes is read again as the list is.

Nothing here knows what a handout is; a row is what the file says, what was typed instead, and what is wrong with it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from handouts.errors import RequestFault
from handouts.lists.cells import put, shown_at, typed
from handouts.lists.date_order import UndecidedDates
from handouts.lists.plan import ListSettings, Plan
from handouts.lists.records import Records
from handouts.lists.row import LeftOut, Listing, Row
from handouts.lists.rows import read_stream
from handouts.lists.tables import Line, texts
from handouts.lists.workbook import SeveralWorksheets
from handouts.model.clinic import DateOrder
from handouts.model.list_map import ORDER
from handouts.model.request_paths import BORN, NAME, is_path, known_paths

ALWAYS = (NAME, BORN, "patient.identifier", "patient.email")
"""Columns that are shown though the list has none: what every row may need."""
CHOSEN = frozenset(
    {"topic", "options", "sections", "sheets", "side", "stage", "format", "paper", "clinic", "language", "with_english"}
)
"""What is chosen rather than typed."""
CHOICE = "options"
"""The place of what words and codes say, and of what is chosen."""
_KEY = re.compile(r"'([a-z_.0-9]+)'")


@dataclass(frozen=True)
class CellFault:
    """``path``: the place of a request that it is about, "" for the row as a whole."""

    path: str
    why: str


@dataclass(frozen=True)
class Reading:
    """What a row says, with all that is wrong with its cells; ``order``: its time in a day's list."""

    data: Mapping[str, Any]
    order: str
    faults: tuple[CellFault, ...]

    def __repr__(self) -> str:
        return "Reading(...)"  # a patient's details have no place in a log or traceback


class EditableRow(Protocol):
    """A row as it stood in the file."""

    @property
    def number(self) -> int:
        """As the list has it."""
        ...

    @property
    def raw(self) -> tuple[str, ...]:
        """All its cells as text: by these it is known again."""
        ...

    def shown(self, path: str) -> str:
        """What the file has at a path, as it is written there."""
        ...

    def read(self, edits: Mapping[str, str], given: Set[str]) -> Reading:
        """What it says with ``edits``, texts by path, in the place of its own; ``given``: keys said elsewhere."""
        ...


@dataclass(frozen=True)
class EditableList:
    """All rows that are patients, and what the staff should know of the list, as a `Listing` has it."""

    rows: tuple[EditableRow, ...]
    paths: tuple[str, ...]
    """The columns to be shown: places of a request that are typed, in the order of the list."""
    summary: str
    notes: tuple[str, ...]
    left_out: LeftOut

    def __repr__(self) -> str:
        return f"EditableList({len(self.rows)} rows)"


_WORKBOOK = (b"PK", b"\xd0\xcf\x11\xe0")
"""How workbooks begin: zip, and what Excel wrote before."""
_LINES_A_ROW = 20
"""More lines of text than that no row has."""


def open_editable(data: bytes, settings: ListSettings, most: int) -> EditableList:
    """A list from its bytes. What a row should be about may be missing: it can be chosen afterwards.

    RequestFault for what is no list, and for more than ``most`` rows; SeveralWorksheets and UndecidedDates (of the same
    kind) where a person can answer.
    """
    if not data.startswith(_WORKBOOK) and data.count(b"\n") > _LINES_A_ROW * most:
        raise _too_many(most)  # before a minute is spent on reading them
    try:
        return _open(data, settings, most)
    except (SeveralWorksheets, UndecidedDates):
        raise
    except RequestFault:
        if {"topic", "options"} <= settings.given:
            raise
    return _open(data, replace(settings, given=settings.given | {"topic", "options"}), most)


def _open(data: bytes, settings: ListSettings, most: int) -> EditableList:
    listing = read_stream(io.BytesIO(data), settings, len(data))
    records = listing.records if isinstance(listing.records, Records) else None
    lines: dict[int, Line] = {}
    if records:
        records.kept = lines
    rows: list[EditableRow] = []
    for row in listing.rows:
        if len(rows) == most:
            raise _too_many(most)
        rows.append(_editable(row, records, lines, settings))
    return EditableList(
        tuple(rows), tuple(_columns(records, rows)), listing.summary or _summary(listing, len(rows)), listing.notes,
        listing.left_out,
    )  # fmt: skip


def _too_many(most: int) -> RequestFault:
    return RequestFault(
        f"The list has more than {most:,} rows, which are too many to look through on a screen. Make them with the "
        "command `batch` (docs/lists.md), or take the list apart."
    )


def _editable(row: Row, records: Records | None, lines: Mapping[int, Line], settings: ListSettings) -> EditableRow:
    if records and row.number in lines:
        return _TableRow(row.number, lines[row.number], records)
    return _DataRow(row.number, row.data, row.fault, settings.date_order, settings.today)


def _summary(listing: Listing, count: int) -> str:
    unused = f"; columns not used: {', '.join(listing.ignored)}" if listing.ignored else ""
    return f"{count:,} row{'' if count == 1 else 's'}{unused}"


def _columns(records: Records | None, rows: list[EditableRow]) -> Iterator[str]:
    if records:
        plan = records.plan
        found = [path for path, _ in sorted(plan.targets.items(), key=lambda pair: pair[1]) if path != ORDER]
    else:
        found = [path for path, many in known_paths().items() if not many and any(row.shown(path) for row in rows)]
    typed_ones = [path for path in found if is_path(path) and path not in CHOSEN]
    yield from dict.fromkeys((*ALWAYS, *typed_ones))


@dataclass(frozen=True)
class _TableRow:
    """A row of a table: edits go into its cells, and it is read as all rows are."""

    number: int
    line: Line
    records: Records

    def __repr__(self) -> str:
        return f"Row({self.number})"

    @property
    def raw(self) -> tuple[str, ...]:
        cells = [cell.strip() for cell in texts(self.line.cells)]
        while cells and not cells[-1]:
            cells.pop()
        return tuple(cells)

    @property
    def _plan(self) -> Plan:
        return self.records.plan

    def shown(self, path: str) -> str:
        said = texts(self.line.cells)
        columns = [number for number in self._plan.targets.get(path, ()) if number < len(said)]
        return " ".join(said[number].strip() for number in columns if said[number].strip())

    def read(self, edits: Mapping[str, str], given: Set[str]) -> Reading:
        cells = [*self.line.cells, *[""] * (len(self._plan.header.names) - len(self.line.cells))]
        faults: list[CellFault] = []
        beside: dict[str, str] = {}
        for path, text in edits.items():
            columns = self._plan.targets.get(path, ())
            told = _typed(path, text, self._name(path), self._order(columns), self.records.today, faults)
            for number in columns:
                cells[number] = ""
            if columns:
                cells[columns[0]] = told
            else:
                beside[path] = told
        row, found = self.records.with_given(given).examine(replace(self.line, cells=cells))
        known = {fault.path for fault in faults}
        faults += [CellFault(self._place(column), why) for column, why in found if self._place(column) not in known]
        if row and row.data is None:
            faults.append(fault_of(row.fault))
        data = dict(row.data or {}) if row else {}
        for path, text in beside.items():
            put(data, path, text)
        return Reading(data, row.order if row else "", tuple(faults))

    def _name(self, path: str) -> str:
        columns = self._plan.targets.get(path, ())
        return self._plan.name(columns[0]) if columns else path

    def _order(self, columns: tuple[int, ...]) -> DateOrder | None:
        """How a date that is typed here is meant: as the column's others are, or all of the list's, or the clinic's."""
        orders = self.records.orders
        own = next((orders[number] for number in columns if number in orders), None)
        all_of_list = set(orders.values())
        other = next(iter(all_of_list)) if len(all_of_list) == 1 else None
        return own or other or self._plan.date_order or self._plan.settings.date_order

    def _place(self, column: int | None) -> str:
        if column is None:
            return ""
        words = self._plan.words
        if column in {*words.values, *words.codes, *words.options}:
            return CHOICE
        return next((path for path, numbers in self._plan.targets.items() if column in numbers), "")


@dataclass(frozen=True)
class _DataRow:
    """A row whose keys are a request's already, or one that can't be read at all."""

    number: int
    data: Mapping[str, Any] | None
    fault: str
    order: DateOrder | None
    today: date

    def __repr__(self) -> str:
        return f"Row({self.number})"

    @property
    def raw(self) -> tuple[str, ...]:
        return (json.dumps(self.data, sort_keys=True, default=str),)

    def shown(self, path: str) -> str:
        return shown_at(self.data or {}, path)

    def read(self, edits: Mapping[str, str], given: Set[str]) -> Reading:
        del given
        if self.data is None:
            return Reading({}, "", (CellFault("", self.fault),))
        faults: list[CellFault] = []
        made = dict(self.data)
        for path, text in edits.items():
            put(made, path, _typed(path, text, path, self.order, self.today, faults))
        return Reading(made, "", tuple(faults))


def _typed(path: str, text: str, name: str, order: DateOrder | None, today: date, faults: list[CellFault]) -> str:
    try:
        return typed(path, text, name, order, today)
    except ValueError as error:
        faults.append(CellFault(path, str(error)))
        return ""


def fault_of(message: str) -> CellFault:
    """A message about a request at its place: as all of them, it begins with the key where it is about one."""
    found = _KEY.match(message)
    return CellFault(found[1] if found and is_path(found[1]) else "", message)
