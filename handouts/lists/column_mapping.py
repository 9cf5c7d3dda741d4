"""A list's columns: which key of a request each of them fills. The names are the request's own paths."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from handouts.errors import Fault, RequestFault, quote_if_known, shown
from handouts.lists.tables import letter
from handouts.model.list_map import ORDER
from handouts.model.list_map import plain_name as _plain
from handouts.model.request_paths import NTH_MEDICINE, known_paths

_ALMOST = 0.8
"""How alike a column's name and a known one are when the first is taken for a typing mistake (difflib's ratio)."""
_LONG = 8
"""So many letters make the last part of a path telling: birthdate is birth_date, but Time is hardly times."""


@dataclass(frozen=True)
class Column:
    """A known column: its path in the request; ``many``: the cell is a list, separated by semicolons."""

    path: tuple[str, ...]
    many: bool


@dataclass(frozen=True)
class ColumnMapping:
    """The columns of a list in their order, None for one that is left out.

    ``ignored``: the letters that a spreadsheet has for those that nobody said to leave out. Not their names: without a
    header the first row may be a patient's.
    """

    columns: tuple[Column | None, ...]
    ignored: tuple[str, ...]
    names: tuple[str, ...] = ()
    """As the header has them, in small letters and without spaces around them."""

    def refilled(self, targets: Mapping[str, Sequence[int]]) -> ColumnMapping:
        """The same names with other columns: each path at the first of its own."""
        first = {numbers[0]: _column(path) for path, numbers in targets.items()}
        return replace(self, columns=tuple(first.get(number) for number in range(len(self.columns))))

    def is_list(self, number: int) -> bool:
        """Whether a column's cells hold several values."""
        column = self.columns[number]
        return column is not None and column.many

    def repeats_header(self, cells: Sequence[str]) -> bool:
        """Whether a row says again what the columns are called: of lists that were put together, or printed by page."""
        told = False
        for cell, name in zip(cells, self.names, strict=False):
            if cell.strip():
                if _plain(cell) != name:
                    return False
                told = True
        return told

    def is_other_header(self, cells: Sequence[str]) -> bool:
        """Whether a row names columns in another order, so that whatever follows would come out under wrong keys."""
        told = 0
        for cell in cells:
            if cell.strip():
                name = _plain(cell)
                if name not in self._known and not _column(name):
                    return False
                told += 1
        return told > 1 and not self.repeats_header(cells)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(name for name, column in zip(self.names, self.columns, strict=False) if column)

    def data(self, cells: Sequence[str]) -> dict[str, Any]:
        """One row's cells as a request's keys; empty cells are not given.

        ValueError for cells beyond the columns, bytes that are not in the list's encoding, medicines without a name.
        """
        if not _is_text("".join(cells)):
            raise ValueError("the row holds bytes that are not text in the list's encoding; save the list as UTF-8")
        if any(cell.strip() for cell in cells[len(self.columns) :]):
            raise ValueError("the row has more cells than the list has columns; look for a separator too many")
        made: dict[str, Any] = {}
        for column, cell in zip(self.columns, cells, strict=False):
            text = cell.strip()
            if column is None or not text:
                continue
            inside = made
            for part in column.path[:-1]:
                inside = inside.setdefault(part, {})
            inside[column.path[-1]] = _items(text) if column.many else text
        if "medicines" in made:
            made["medicines"] = list(_in_order(made["medicines"]))
        return made


def _is_text(cells: str) -> bool:
    """False where `lines` could not decode a byte."""
    try:
        cells.encode()
    except UnicodeEncodeError:
        return False
    return True


def _in_order(medicines: Mapping[str, Any]) -> Iterator[Any]:
    for number, item in sorted(medicines.items(), key=lambda pair: int(pair[0])):
        if "name" not in item:
            raise ValueError(f"medicines.{number}.name is empty, though other cells of that medicine are not")
        yield item


def _items(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def read_header(
    names: Sequence[str],
    mapped: Mapping[str, str],
    given: Iterable[str] = (),
    assigned: Mapping[int, str] | None = None,
    *,
    strict: bool = True,
) -> ColumnMapping:
    """What each column is, ``mapped`` naming foreign ones (an empty path: ignore it); ``given``: keys set elsewhere.

    ``assigned``: what is known of columns by other means, "" for one that is used together with another. Not
    ``strict``: the list is not in the program's own format, so all other columns are ignored, whatever they are called;
    what it lacks is told elsewhere, with what is made of the others.

    RequestFault, all at once, for a near miss of a known column, one that stands twice, a mapping of a column that
    isn't there or to a path that isn't one, and a list that can't give what every request needs.
    """
    faults: list[Fault] = []
    made: list[Column | None] = []
    ignored: list[str] = []
    foreign = {_plain(name): path for name, path in mapped.items()}
    absent = {_plain(name): name for name in mapped}
    for number, name in enumerate(names):
        absent.pop(_plain(name), None)
        path = foreign.get(_plain(name), (assigned or {}).get(number, name if strict or not _plain(name) else "?"))
        path = _plain(path)
        column = _column(path)
        mistake = _near_miss(name, path) if column is None and path not in {"", ORDER} else ""
        if column and column in made:
            mistake = f"a second column for {'.'.join(column.path)}; remove one of them"
        if mistake:
            faults.append(Fault("", 0, f"column '{shown(name)}': {mistake}"))
        if column is None and path not in {"", ORDER} and not mistake:
            ignored.append(letter(number))
        made.append(column)
    for name in absent.values():
        what = f"for {foreign[_plain(name)]}" if foreign[_plain(name)] else "to leave out"
        named = quote_if_known(name, map(_plain, names))
        faults.append(Fault("", 0, f"--map names a column{named} {what}, which the list does not have"))
    if strict and not faults:
        faults = [
            Fault("", 0, f"{message}. If yours has another name: --map 'Your name={name}'")
            for name, message in lacking({column.path for column in made if column}, set(given))
        ]
    if faults:
        raise RequestFault("The columns of the list can't be used. Fix its first row, or use --map:", faults=faults)
    return ColumnMapping(tuple(made), tuple(ignored), tuple(map(_plain, names)))


def check_mapping(mapped: Mapping[str, str]) -> None:
    """RequestFault for a mapping to what is not a path of a request."""
    wrong = [path for path in mapped.values() if _plain(path) not in {"", ORDER} and _column(_plain(path)) is None]
    if wrong:
        faults = [Fault("", 0, f"There is no key{_quoted(path)} in a request. {_closest(path)}") for path in wrong]
        raise RequestFault("--map names keys that no request has:", faults=faults)


def _quoted(path: str) -> str:
    return quote_if_known(path, known_paths())


def lacking(filled: Container[tuple[str, ...]], given: Container[str]) -> Iterator[tuple[str, str]]:
    """What every request needs, and neither a column nor a flag gives. Instructions have sections for options."""
    for path, flag in ((("patient", "name"), ""), (("topic",), " or --topic"), (("options",), " or --option")):
        instead = path == ("options",) and (("sections",) in filled or "sections" in given)
        if path not in filled and path[0] not in given and not instead:
            name = ".".join(path)
            yield name, f"there is no column {name}{flag}"


def _column(path: str) -> Column | None:
    many = known_paths().get(NTH_MEDICINE.sub("medicines.1.", path))
    return None if many is None else Column(tuple(path.split(".")), many)


def _near_miss(name: str, path: str) -> str:
    """What is wrong with a column whose name is almost a known one; "" for one that has nothing to do with them."""
    if len(path) > 60:
        return ""
    bare = re.sub(r"[\s_.-]+", "_", path)
    alike = {re.sub(r"[\s_.-]+", "_", known): known for known in known_paths()}
    last = {known.rsplit(".", 1)[-1]: known for known in reversed(list(known_paths())) if "." in known}
    almost = {name: known for name, known in last.items() if len(name) >= _LONG} | alike
    close = get_close_matches(bare, almost, n=1, cutoff=_ALMOST)
    found = alike.get(bare) or last.get(bare) or (almost[close[0]] if close else None)
    if not found:
        return ""
    return f"did you mean {found}? To leave it out, say --map '{shown(name.strip())}='"


def _closest(path: str) -> str:
    close = get_close_matches(path, known_paths(), n=1, cutoff=0.5)
    return f"Did you mean {close[0]}?" if close else f"Known: {', '.join(sorted(known_paths()))}."
