"""A cell of a row that is edited, and its place among a request's keys and values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from handouts.lists.dates import read_date
from handouts.lists.records import DATES
from handouts.lists.typed import Unclear, typed_day
from handouts.model.clinic import DateOrder
from handouts.model.request_paths import BORN, NEXT, known_paths


def typed(path: str, text: str, name: str, order: DateOrder | None, today: date) -> str:
    """``text`` as a cell would have it: dates as the program itself writes them, the rest as it is.

    ``name``: of the column; ``order``: how the list, or else the clinic, writes dates. ValueError for what is no date,
    and for one that can be read in two ways.
    """
    text = " ".join(text.split()) if path != "note" else text.strip()
    if path not in DATES or not text:
        return text
    try:
        day = typed_day(text, birth=path == BORN, order=order, today=today)
    except Unclear as why:
        raise ValueError(f"{name} {why}") from None
    if path != NEXT:
        return day
    clock = read_date(text).clock
    if clock is None:
        raise ValueError(f"{name} needs a day and a time, such as 4 Dec 2026 10:30")
    return f"{day}T{clock:%H:%M}"


def put(data: dict[str, Any], path: str, text: str) -> None:
    """Set what stands at a ``path`` of a request's data, such as patient.name; "" takes it away."""
    *above, last = path.split(".")
    inside = data
    for part in above:
        below = inside.get(part)
        inside[part] = dict(below) if isinstance(below, Mapping) else {}
        inside = inside[part]
    if not text:
        inside.pop(last, None)
    elif known_paths().get(path):
        inside[last] = [part.strip() for part in text.split(";") if part.strip()]
    else:
        inside[last] = text


def shown_at(data: Mapping[str, Any], path: str) -> str:
    """What stands at a path, as a cell would have it; "" for nothing."""
    found: Any = data
    for part in path.split("."):
        if isinstance(found, list) and part.isdigit():
            found = found[int(part) - 1] if 0 < int(part) <= len(found) else None
        else:
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, list):
        return "; ".join(map(str, found))
    return "" if found is None or isinstance(found, Mapping) else str(found)
