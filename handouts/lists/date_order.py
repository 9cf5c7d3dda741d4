"""Day or month first: decided for a whole column, never for a cell.

By the column's own values, where one of them fits a single order; else by another column of the same list that is
decided so; else by the setting. Where all that fails the list is refused: a wrong date of birth is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from handouts.errors import Fault, RequestFault
from handouts.lists import dates
from handouts.lists.dates import Written
from handouts.model.clinic import DateOrder

_WORDS: dict[DateOrder, str] = {"mdy": "month first", "dmy": "day first"}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


class UndecidedDates(RequestFault):
    """Nobody said whether day or month comes first."""


@dataclass
class DateColumn:
    """What a first look at a column's cells found; of the cells themselves only one that has two readings is kept."""

    name: str
    birth: bool
    proof: dict[DateOrder, int] | None = None
    """For each order, the first row that fits no other."""
    first_open: tuple[int, Written] | None = None
    """The first row that fits both."""
    foreign: bool = False
    """Whether a date is not written as the program itself writes it."""
    serials: int = 0
    dates: int = 0
    times: int = 0

    def look(self, row: int, written: Written, today: date) -> None:
        """Take in one cell."""
        self.dates += not written.fault
        self.foreign |= not written.iso and not written.fault
        self.serials += written.serial
        if written.either is None:
            return
        found = dates.fits(written, today, birth=self.birth)
        if len(found) == 1:
            self.proof = {found[0]: row, **(self.proof or {})}
        elif found and written.either[0] != written.either[1] and self.first_open is None:
            self.first_open = (row, written)

    @property
    def needs(self) -> bool:
        """Whether its dates depend on an order."""
        return self.first_open is not None or bool(self.proof)


@dataclass(frozen=True)
class Decided:
    """The order of each column that needs one, and what the staff should know of it."""

    orders: Mapping[int, DateOrder]
    notes: tuple[str, ...] = ()


def decide(
    columns: Mapping[int, DateColumn], *, of_map: DateOrder | None, of_clinic: DateOrder | None, today: date
) -> Decided:
    """RequestFault where the values contradict each other or the map, or where nothing decides."""
    _require_one_order(columns.values(), of_map)
    proven: dict[int, DateOrder] = {
        number: next(iter(column.proof)) for number, column in columns.items() if column.proof
    }
    orders: dict[int, DateOrder] = dict(proven)
    notes: list[str] = []
    for number, column in columns.items():
        if number in proven:
            if of_clinic and not of_map and of_clinic != proven[number]:
                notes.append(
                    f"'{column.name}' is written {_WORDS[proven[number]]}, unlike the clinic's date_order: its values "
                    "fit nothing else."
                )
            continue
        if not column.needs:
            continue
        neighbours = sorted(set(proven.values()))
        if len(neighbours) == 1:
            orders[number] = neighbours[0]
            other = next(columns[one].name for one in proven)
            notes.append(
                f"'{column.name}' could be read day first or month first; it is read {_WORDS[neighbours[0]]}, as "
                f"'{other}' of the same list is."
            )
        elif setting := of_map or of_clinic:
            orders[number] = setting
            notes.append(f"'{column.name}' is read {_WORDS[setting]}, as date_order says.")
    _require_decided(columns, orders, today)
    return Decided(orders, tuple(notes))


def _require_one_order(columns: Iterable[DateColumn], of_map: DateOrder | None) -> None:
    faults = []
    for column in columns:
        proof = column.proof or {}
        if len(proof) > 1:
            faults.append(
                f"in '{column.name}', row {proof['mdy']} can only be month first, row {proof['dmy']} only day first; "
                "put right the one that is wrong"
            )
        elif of_map and proof and of_map not in proof:
            order, row = next(iter(proof.items()))
            faults.append(
                f"in '{column.name}', row {row} can only be {_WORDS[order]}, but the list's map says {of_map}; put "
                "right the row, or date_order in the map"
            )
    if faults:
        raise RequestFault(
            "The list's dates can't be read in one order:", faults=[Fault("", 0, fault) for fault in faults]
        )


def _require_decided(columns: Mapping[int, DateColumn], orders: Mapping[int, DateOrder], today: date) -> None:
    undecided = [column for number, column in columns.items() if column.needs and number not in orders]
    told = [
        Fault("", 0, f"row {row}: '{column.name}' is {_reading(written, 'dmy', column, today)} or "
                     f"{_reading(written, 'mdy', column, today)}")
        for column in undecided if column.first_open for row, written in [column.first_open]
    ]  # fmt: skip
    if told:
        raise UndecidedDates(
            "The list's dates can be read in two ways, and nothing says which is right. Find out how the program that "
            "wrote the list writes dates, then put date_order: dmy (day first) or date_order: mdy (month first) into "
            "the list's map (`lists learn FILE` makes one) or into clinic.yaml:",
            faults=told,
        )


def _reading(written: Written, order: DateOrder, column: DateColumn, today: date) -> str:
    told = written.in_order(order)
    try:
        day = dates.day_of(told, birth=column.birth, today=today)
    except ValueError:
        return f"{told.day} {_MONTHS[told.month - 1]}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
