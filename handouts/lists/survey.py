"""A first look at all rows of a list: how many there are, what is left out, how its dates are written.

It keeps flags and counts, no cell but one date that has two readings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from handouts.errors import MOST_TOLD
from handouts.lists import dates
from handouts.lists.date_order import DateColumn
from handouts.lists.plan import Plan, told_columns, unused
from handouts.lists.records import DATES, is_printed_in, why_left_out
from handouts.lists.row import LeftOut
from handouts.lists.tables import Cell, Line, Table, is_blank, letter, texts
from handouts.lists.words import absence, unknown_codes
from handouts.model.list_map import ORDER
from handouts.model.request_paths import BORN, NAME, NEXT, VISIT


@dataclass
class Survey:
    """What was found. ``columns``: those of dates, by number; ``seen``: what the staff are told of, how often."""

    rows: int = 0
    left_out: LeftOut = field(default_factory=LeftOut)
    columns: dict[int, DateColumn] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    padded: set[int] = field(default_factory=set)
    """Lengths of record numbers that begin with zeros."""
    plain: set[int] = field(default_factory=set)
    """Lengths of the others."""
    codes: dict[int, str] = field(default_factory=dict)
    """Of the first rows whose diagnosis codes no topic has, though a flag says the topic: these codes."""
    gone: dict[int, list[int]] = field(default_factory=dict)
    """Columns that are not used, in which words such as "cancelled" stand, and the first rows in which they do."""

    def date_columns(self, plan: Plan) -> dict[int, DateColumn]:
        """Those whose order has to be decided. In the program's own format dates that can't be told apart stay."""
        wanted = {number for path in DATES for number in plan.targets.get(path, ())[:1]}
        found = {number: column for number, column in self.columns.items() if number in wanted}
        return {n: one for n, one in found.items() if len(one.proof or {}) == 1} if plan.own else found


def is_gone(word: str) -> bool:
    """Whether a word says that a visit does not take place."""
    return absence(word) != ""


def survey(table: Table, plan: Plan, today: date) -> Survey:
    """Look through the whole table once."""
    found = Survey()
    for path in (*DATES, ORDER):
        for number in plan.targets.get(path, ())[:1]:
            found.columns[number] = DateColumn(plan.name(number), path == BORN)
    lookout = _Lookout(plan, found, today)
    for line in body(table, plan):
        why = "" if line.fault or plan.own else why_left_out(plan, line)
        if why:
            found.left_out.add(line.number, why)
            continue
        found.rows += 1
        if not line.fault:
            lookout.look(line)
    return found


def body(table: Table, plan: Plan) -> Iterator[Line]:
    """The lines below the header."""
    return (line for line in table.lines() if line.number > plan.header.row)


class _Lookout:
    def __init__(self, plan: Plan, found: Survey, today: date) -> None:
        self.plan, self.found, self.today = plan, found, today
        self.identifiers = plan.targets.get("patient.identifier", ())
        self.names = plan.targets.get(NAME, ())
        self.idle = [number for number, name in enumerate(plan.header.names) if number not in plan.used]

    def look(self, line: Line) -> None:
        """Take in one line that will be a row."""
        cells, found = [*line.cells, *[""] * (len(self.plan.header.names) - len(line.cells))], self.found
        for number, column in found.columns.items():
            if not is_blank(cells[number]):
                column.times += dates.read_time(cells[number]) is not None
                column.look(line.number, dates.read_date(cells[number]), self.today)
        if self.plan.own:
            return
        said = texts(cells)
        for number in self.identifiers:
            found.seen["number"] += isinstance(cells[number], int | float)
            if said[number].isdigit():
                lengths = found.padded if said[number].startswith("0") else found.plain
                lengths.add(len(said[number]))
        found.seen["comma"] += len(self.names) == 1 and "," in said[self.names[0]]
        for number in self.plan.targets.get("language", ()):
            found.seen["language"] += bool(said[number].strip()) and not is_printed_in(
                said[number], self.plan.settings.languages
            )
        for number in self.plan.targets.get(NEXT, ())[:1]:
            found.seen["next"] += bool(said[number].strip()) and not self._has_time(cells)
        if (
            "topic" in self.plan.settings.given
            and len(found.codes) <= MOST_TOLD
            and (codes := unknown_codes(self.plan, said))
        ):
            found.codes[line.number] = codes
        for number in self.idle:
            if said[number] and is_gone(said[number]) and len(rows := found.gone.setdefault(number, [])) <= MOST_TOLD:
                rows.append(line.number)

    def _has_time(self, cells: Sequence[Cell]) -> bool:
        first, *rest = self.plan.targets[NEXT]
        times = [dates.read_date(cells[first]).clock, *(dates.read_time(cells[number]) for number in rest)]
        return any(times)


def settle(plan: Plan, found: Survey) -> Plan:
    """The plan, once it is known whether a column such as "Start" holds days or times."""
    targets = dict(plan.targets)
    visit, order = targets.get(VISIT), targets.get(ORDER)
    if visit and len(visit) == 1 and not plan.header.map:
        column = found.columns[visit[0]]
        if column.times and not column.dates:  # "Start" may be a day or a time
            del targets[VISIT]
            targets.setdefault(ORDER, visit)
    elif order and not visit and not plan.header.map:
        column = found.columns[order[0]]
        if column.dates and column.dates >= column.times - column.serials:
            targets[VISIT] = order
    return plan if targets == plan.targets else replace(plan, targets=targets, columns=plan.columns.refilled(targets))


def summary(plan: Plan, found: Survey) -> str:
    """What will be made of the list, in one sentence."""
    parts = [f"{found.rows:,} row{'' if found.rows == 1 else 's'}", *told_columns(plan)]
    left = unused(plan)
    if left:
        some = ", ".join(left[:20]) + (" ..." if len(left) > 20 else "")
        parts.append(f"{len(left)} column{'' if len(left) == 1 else 's'} left out ({some})")
    by = f" (map {plan.header.map_name})" if plan.header.map else ""
    return f"{'; '.join(parts)}{by}"


def notes(plan: Plan, found: Survey) -> Iterator[str]:
    """What the staff should know, without any patient's details."""
    seen = found.seen
    for number in plan.targets.get("patient.identifier", ()):
        if seen["number"]:
            yield (
                f"'{plan.name(number)}' holds numbers ({seen['number']:,}): if they began with zeros, these are lost. "
                "Make the column text where the list comes from."
            )
        elif found.padded and found.plain and min(found.plain) < max(found.padded):
            yield f"'{plan.name(number)}': some numbers begin with zeros and others are shorter; compare them."
    if seen["comma"] and plan.name_order == "as-written":
        yield (
            f"Names with a comma ({seen['comma']:,}) are printed as written. Where they are 'Last, First', "
            "name_order: last-first in the list's map turns them."
        )
    if seen["language"]:
        yield f"{seen['language']:,} row(s) name a language that nothing is printed in yet; it is left out of them."
    if seen["next"]:
        yield f"{seen['next']:,} row(s) have a next visit without a time of day; it is left out of them."
    if found.codes:
        name, some = plan.name(next(iter(plan.words.codes))), list(found.codes.items())
        told = "; ".join(f"row {number} has {codes}" for number, codes in some[:MOST_TOLD])
        more = "; and more" if len(some) > MOST_TOLD else ""
        yield (
            f"'{name}' holds codes that no topic has, and these rows take the topic of the flag or preset. Check"
            f" them: {told}{more}."
        )
    for number in plan.targets.get("note", ()):
        yield f"'{plan.name(number)}' is printed word by word. See that the office wrote it for the patient."
    for column in found.columns.values():
        if column.serials:
            yield f"'{column.name}': {column.serials:,} date(s) are a spreadsheet's numbers, read as days since 1900."
    for number, rows in sorted(found.gone.items()):
        told = ", ".join(map(str, rows[:MOST_TOLD])) + (" and more" if len(rows) > MOST_TOLD else "")
        yield (
            f"Column {letter(number)} ('{plan.name(number)}') may say which visits are cancelled (row {told}), and is "
            "not used. `lists learn` makes a map that leaves such rows out."
        )
