"""Which row of a table names its columns: the first that names at least two known ones, or one by a request's own path.

A list that somebody made for this program has such paths, patient.name and the like: its first row is the header,
whatever else stands in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from handouts.errors import ContentFault, Fault, RequestFault
from handouts.lists import usual_names
from handouts.lists.tables import MOST_COLUMNS, Cell, Line
from handouts.load.list_maps import same_header
from handouts.model.list_map import ListMap, plain_name
from handouts.model.request_paths import is_path

MOST_ABOVE = 100
"""Rows, blank ones left out, among which the header is looked for."""
PLAIN_PATHS = frozenset({"topic", "options", "sections", "side"})
"""Paths of one word that no practice system has for something else, as it has "Note", "Format" or "Stage"."""


@dataclass(frozen=True)
class Header:
    """``row``: its number; ``names``: as written, "" for a column without one. ``map_name``: of the map it picked."""

    row: int
    names: tuple[str, ...]
    map: ListMap | None = None
    map_name: str = ""
    own: bool = False
    """Whether it has the program's own names, so that one that is nearly right is a mistake."""
    guessed: bool = False
    """Whether nothing says that it is a header but that it comes first."""


def fingerprint(names: Iterable[str]) -> str:
    """Of a header: the same whatever the order of its columns, their case and the spaces around them."""
    told = "\n".join(sorted(filter(None, map(plain_name, names))))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_own_path(name: str) -> bool:
    """Whether a column's name is a path that nobody would write by chance, such as patient.name."""
    plain = plain_name(name)
    return ("." in plain or "_" in plain) and is_path(plain)


def find_header(
    lines: Sequence[Line], maps: Mapping[str, ListMap], mapped: Mapping[str, str], *, guess: bool = True
) -> Header | None:
    """The header among the first rows; None where there is none. ``mapped``: columns that --map names.

    ``guess``: whether the first row is taken where nothing else is known, so that its faults can be told.
    """
    told = {plain_name(name) for name, path in mapped.items() if path}
    readable = [(line, _names(line.cells)) for line in lines if not line.fault]
    for line, names in readable:
        mark = fingerprint(names) if maps else ""
        fitting = [
            name for name, one in maps.items() if one.fingerprint == mark and one.header_row in {"auto", line.number}
        ]
        if len(fitting) > 1:
            faults = [Fault(f"lists/{name}.yaml", 0, same_header(fitting[0])) for name in fitting[1:]]
            raise ContentFault("The clinic has several maps for lists like this one:", faults=faults)
        if fitting:
            return _checked(Header(line.number, names, maps[fitting[0]], fitting[0]))
    for line, names in readable:
        if _is_header(names, told, line.cells):
            own = any(map(is_own_path, names)) or (bool(told) and any(is_path(plain_name(name)) for name in names))
            return _checked(Header(line.number, names, own=own))
    if readable and guess:
        line, names = readable[0]
        return _checked(Header(line.number, names, own=True, guessed=True))
    return None


def _names(cells: Sequence[Cell]) -> tuple[str, ...]:
    names = [cell if isinstance(cell, str) else "" for cell in cells]
    while names and not names[-1].strip():
        names.pop()
    return tuple(names)


def _checked(header: Header) -> Header:
    if len(header.names) > MOST_COLUMNS:
        raise RequestFault(f"The list has more than {MOST_COLUMNS:,} columns. Leave out those that are not needed.")
    return header


def _is_header(names: Sequence[str], mapped: frozenset[str] | set[str], cells: Sequence[Cell]) -> bool:
    if len(names) > MOST_COLUMNS * 10:
        return True  # told as such
    plain = [plain_name(name) for name in names]
    if any(is_own_path(name) or name in PLAIN_PATHS or name in mapped for name in plain):
        return True
    labels = [name.endswith(":") for name in plain if name]
    if any(labels) and not all(labels):
        return False  # "Provider: | Dr. Hart | Date: | 12/04/2026" stands above a header
    if any(not isinstance(cell, str) for cell in cells):
        return False
    return len({name for name in plain if usual_names.roles(name)}) >= 2
