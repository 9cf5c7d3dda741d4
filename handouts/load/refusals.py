"""What is refused when something is made from a request, though the request can be read. Pure.

Reading (`handouts.load.requests`) takes whatever an earlier version took, so that `reprint` and `record find` still
know an old request. Making is stricter: `require_printable` stands in `handouts.pipeline.make` for one handout and in
`handouts.batch.worker` for the rows of a list. A new rule about what may be printed belongs here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from pydantic import BaseModel

from handouts.errors import Fault, RequestFault, count_problems
from handouts.model.characters import LOST, find_invisible, find_lone_mark, has_letter
from handouts.model.request import Request

EARLIEST = date(1900, 1, 1)
"""Nobody alive was born before; an earlier year is a slip of the keyboard, such as 0061."""
_AHEAD = timedelta(days=3653)
"""Visits are planned ten years ahead at most."""


def require_printable(request: Request, today: date) -> None:
    """RequestFault with everything in ``request`` that would print wrongly or not at all, no value of it repeated.

    Characters that can't be seen, letters that were lost, accents without a letter, a name without one, dates that
    can't be right on ``today``.
    """
    faults = [Fault("", 0, f"'{place}' {why}") for place, why in _wrong(request, today)]
    if faults:
        raise RequestFault(f"The request has {count_problems(faults)}:", faults=faults)


def _wrong(request: Request, today: date) -> Iterator[tuple[str, str]]:
    for place, text in _texts(request, ""):
        if why := _wrong_text(text):
            yield place, why
    if not has_letter(request.patient.name):
        yield "patient.name", "has no letter in it; type the name again by hand"
    born = request.patient.birth_date
    if born and born > today:
        yield "patient.birth_date", "lies in the future; check the year"
    for place, day in (
        ("patient.birth_date", born),
        ("visit_date", request.visit_date),
        ("appointment.at", request.appointment.at.date() if request.appointment else None),
    ):
        if day and day < EARLIEST:
            yield place, f"lies before {EARLIEST.year}; check the year"
        elif day and place != "patient.birth_date" and day - today > _AHEAD:
            yield place, "lies more than ten years ahead; check the year"


def _wrong_text(text: str) -> str:
    if LOST in text:
        return (
            f"holds U+{ord(LOST):04X}, which stands for a letter that was lost when a file was read in the wrong "
            "encoding; export the file again as UTF-8, or type the text again by hand"
        )
    if found := find_invisible(text):
        return f"holds {found}, a character that can't be seen; type the text again by hand"
    if found := find_lone_mark(text):
        return f"holds {found} without a letter under it; type the text again by hand"
    return ""


def _texts(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Every text of a request, and the key that it stands under, such as medicines.1.remark."""
    if isinstance(value, str):
        if not value.isascii():
            yield place, value
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            key = field.alias or name
            yield from _texts(getattr(value, name), f"{place}.{key}" if place else key)
    elif isinstance(value, tuple):
        for number, item in enumerate(value, 1):
            yield from _texts(item, f"{place}.{number}")
    else:
        assert value is None or isinstance(value, bool | date | datetime)  # noqa: S101  a new kind of value needs a look
