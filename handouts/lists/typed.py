"""Dates and times as people type them -> as a request holds them. Pure."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from handouts.lists.dates import IMPOSSIBLE, NO_DATE, NO_YEAR, ZONE, Written, day_of, fits, read_date, read_time
from handouts.model.clinic import DateOrder


class Unclear(ValueError):
    """What was typed can't be read, or has two readings; the message says what to type."""


class UnclearTime(Unclear):
    """Of a day and a time, the time."""


def typed_day(text: str, *, birth: bool, order: DateOrder | None, today: date) -> str:
    """A day as ISO 8601, such as 1961-04-09. ``order``: in which the clinic writes month and day, if it is known.

    Unclear for what is no day, and for 03/04/1961 where nobody knows the order.
    """
    if len(text) > LONGEST:
        raise Unclear(_EXPLAINED[NO_DATE])
    written = read_date(text)
    if written.either:
        written = written.in_order(_order(written, birth=birth, order=order, today=today))
    try:
        return day_of(written, birth=birth, today=today).isoformat()
    except ValueError as why:
        raise Unclear(_EXPLAINED.get(str(why), str(why).removeprefix("{column} "))) from None


def _order(written: Written, *, birth: bool, order: DateOrder | None, today: date) -> DateOrder:
    """In which order the two numbers are month and day. Unclear where both give a day, and nobody knows."""
    possible = fits(written, today, birth=birth)
    if len(possible) == 1:
        return possible[0]
    if order:
        return order
    readings: dict[date, DateOrder] = {}
    for one in possible:
        with suppress(ValueError):  # a birth in the future
            readings.setdefault(day_of(written.in_order(one), birth=birth, today=today), one)
    if len(readings) > 1:
        raise Unclear(f"may be {' or '.join(map(_in_words, readings))}: write the month as a word")
    return next(iter(readings.values()), "mdy")


LONGEST = 100
"""Characters of a date; what is longer is not looked at."""
_EXPLAINED = {
    NO_DATE: "can’t be read as a date: write it as April 9, 1961, or as 1961-04-09",
    NO_YEAR: "has no year",
    IMPOSSIBLE: "is a date that does not exist",
    ZONE: "names a time zone: leave it out",
}


def _in_words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def typed_moment(day: str, clock: str, *, order: DateOrder | None, today: date) -> str:
    """A day and a time as ISO 8601, such as 2026-12-04T10:30. Unclear; UnclearTime."""
    found = typed_day(day, birth=False, order=order, today=today)
    time = read_time(clock) if len(clock) <= LONGEST else None
    if time is None:
        raise UnclearTime("has no time that can be read: write it as 10:30 or 2 pm")
    return f"{found}T{time:%H:%M}"
