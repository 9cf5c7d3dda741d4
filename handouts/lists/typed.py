"""What a person types into a cell that is mended: read as the list is, and never with two readings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from handouts.lists import dates
from handouts.lists.date_order import DateColumn, reading
from handouts.lists.plan import BORN, NEXT
from handouts.lists.records import DATES
from handouts.model.clinic import DateOrder
from handouts.model.request_paths import known_paths


def typed(path: str, text: str, name: str, order: DateOrder | None, today: date) -> str:
    """``text`` as a cell would have it: dates as the program itself writes them, the rest as it is.

    ``name``: of the column; ``order``: how the list, or else the clinic, writes dates. ValueError for what is no date,
    and for one that can be read in two ways.
    """
    text = " ".join(text.split()) if path != "note" else text.strip()
    if path not in DATES or not text:
        return text
    found = _moment(path, text, name, order, today)
    return f"{found:%Y-%m-%dT%H:%M}" if path == NEXT else found.date().isoformat()


def _moment(path: str, text: str, name: str, order: DateOrder | None, today: date) -> datetime:
    written, birth = dates.read_date(text), path == BORN
    if written.either and written.either[0] != written.either[1] and order is None:
        fitting = dates.fits(written, today, birth=birth)
        if len(fitting) == 2:
            one, other = (reading(written, way, DateColumn(name, birth), today) for way in ("dmy", "mdy"))
            raise ValueError(f"'{name}' is {one} or {other}: write the month as a word, such as 9 Apr 1961")
        order = next(iter(fitting), None)
    told = written.in_order(order or "mdy")
    try:
        day = dates.day_of(told, birth=birth, today=today)
    except ValueError as error:
        raise ValueError(str(error).replace("{column}", name)) from None
    if path == NEXT and told.clock is None:
        raise ValueError(f"{name} needs a day and a time, such as 4 Dec 2026 10:30")
    clock = told.clock
    return datetime(day.year, day.month, day.day, clock.hour if clock else 0, clock.minute if clock else 0)  # noqa: DTZ001


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
