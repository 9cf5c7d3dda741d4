"""The day on this machine's clock."""

from __future__ import annotations

from datetime import date

from handouts.errors import SystemMissing

_LAST = 2999
"""Dates are reckoned years ahead, and Python's end with the year 9999."""


def read_today() -> date:
    """The clinic's own day. SystemMissing where the clock tells a year that can't be."""
    try:
        today = date.today()  # noqa: DTZ011  the clinic's own day
    except (ValueError, OverflowError, OSError):
        today = date.max
    return require_possible(today)


def require_possible(today: date) -> date:
    """``today``, unless it lies beyond every date that the program can reckon with. SystemMissing."""
    if today.year > _LAST:
        raise SystemMissing("The clock of this machine is wrong: it tells a year after 2999. Set it, then try again.")
    return today
