"""A row of a list as the rest of the program knows it: the keys and values of a request, or why there are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from handouts.errors import MOST_TOLD, HandoutError, first_few
from handouts.model.request_paths import known_paths


class CellError(ValueError):
    """What is wrong in one cell of a row; ``column`` counts from 0."""

    def __init__(self, column: int, why: str) -> None:
        super().__init__(why)
        self.column = column


@dataclass(frozen=True)
class Row:
    """One row: ``data``, or why it can't be read. ``at``: how far into the list it ends, in the list's own unit;
    ``order``: its time in a day's list, such as 10:30, which is no part of the request.
    """

    number: int
    data: Mapping[str, Any] | None
    fault: str = ""
    at: int = 0
    order: str = ""

    def __repr__(self) -> str:
        return f"Row({self.number})"  # a patient's details have no place in a log or traceback


@dataclass
class LeftOut:
    """Rows that are no patients, or that the list's map leaves out: the first few with the reason, and how many."""

    first: dict[int, str] = field(default_factory=dict)
    count: int = 0

    def add(self, number: int, why: str) -> None:
        """One more row."""
        self.count += 1
        if len(self.first) < MOST_TOLD:
            self.first[number] = why


@dataclass(frozen=True)
class Listing:
    """``rows`` can be walked through once. ``size``: what the last row's ``at`` will be; None where nobody knows."""

    rows: Iterator[Row]
    ignored: tuple[str, ...] = ()
    size: int | None = None
    close: Callable[[], None] = lambda: None
    """To be called when nobody reads on."""
    header_row: int | None = None
    """Of a list that is not in the program's own format."""
    summary: str = ""
    """What will be made of such a list, in one sentence, to be shown before."""
    notes: tuple[str, ...] = ()
    """What the staff should know of it."""
    left_out: LeftOut = field(default_factory=LeftOut)
    records: object = None
    """Of a table: the `handouts.lists.records.Records` that makes its rows."""


def checked(row: Row) -> Row:
    """``row``, or why nobody can tell whose it is: a line break in a name may part two patients."""
    broken = next((key for key in _line_breaks(row.data, "") if key != "note" and _known(key)), "")
    if not broken:
        return row
    why = f"'{broken}' holds a line break; write it on one line, and look for a quotation mark that is out of place"
    return Row(row.number, None, why, row.at)


def _line_breaks(value: Any, path: str) -> Iterator[str]:
    """The keys whose text goes over several lines, such as patient.name."""
    if isinstance(value, str):
        if re.search(r"[\r\n]", value.strip()):
            yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _line_breaks(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _line_breaks(item, f"{path}.{number}")


def _known(key: str) -> bool:
    """Whether ``key`` is one of a request's; others are refused later, and not even named."""
    return bool({re.sub(r"\.\d+\.", ".1.", key), re.sub(r"\.\d+$", "", key)} & known_paths().keys())


def one_line(error: HandoutError, name: str = "") -> str:
    """An error's faults, or its message, on one line; never with a file's ``name``, which may be a patient's."""
    text = "; ".join(first_few(map(str, error.faults))) or error.message
    return " ".join((text.replace(name, "the request") if name else text).split())
