"""Dates and times as people type them -> as a request holds them. Pure."""

from __future__ import annotations

from datetime import date

from handouts.lists.dates import day_of, fits, read_date, read_time
from handouts.model.clinic import DateOrder


class Unclear(ValueError):
    """What was typed can't be read, or has two readings; the message says what to type."""


def typed_day(text: str, *, birth: bool, order: DateOrder | None, today: date) -> str:
    """A day as ISO 8601, such as 1961-04-09. ``order``: in which the clinic writes month and day, if it is known.

    Unclear for what is no day, and for 03/04/1961 where nobody knows the order.
    """
    written = read_date(text)
    if written.either:
        possible = fits(written, today, birth=birth)
        if len(possible) == 1:
            written = written.in_order(possible[0])
        elif order:
            written = written.in_order(order)
        else:
            readings = [_in_words(day_of(written.in_order(one), birth=birth, today=today)) for one in possible]
            if readings:
                raise Unclear(f"may be {' or '.join(readings)}: write the month as a word")
    try:
        return day_of(written, birth=birth, today=today).isoformat()
    except ValueError as why:
        raise Unclear(_EXPLAINED.get(str(why), str(why).removeprefix("{column} "))) from None


_EXPLAINED = {
    "{column} holds no date that can be read": "can’t be read as a date: write it as April 9, 1961, or as 1961-04-09",
    "the year is missing in {column}": "has no year",
    "{column} holds a date that does not exist": "is a date that does not exist",
}


def _in_words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def typed_moment(day: str, clock: str, *, order: DateOrder | None, today: date) -> str:
    """A day and a time as ISO 8601, such as 2026-12-04T10:30. Unclear."""
    found = typed_day(day, birth=False, order=order, today=today)
    time = read_time(clock)
    if time is None:
        raise Unclear("has no time that can be read: write it as 10:30 or 2 pm")
    return f"{found}T{time:%H:%M}"
