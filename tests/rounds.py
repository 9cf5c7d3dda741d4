"""How much a run tries of what has no end, or a very far one: CI some, ``script/test --release`` all."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import settings


def rounds(many: int, *, release: int) -> int:
    """So many, or as many as before a release."""
    return release if settings.get_current_profile_name() == "release" else many


def first(many: int, values: Iterable[Any]) -> list[Any]:
    """Parameters of a test: so many of ``values`` in every run that has the test, the others before a release."""
    return [
        value if number < many else pytest.param(value, marks=pytest.mark.release)
        for number, value in enumerate(values)
    ]


Row = tuple[Any, ...]


def covering(rows: Iterable[Row], strength: int = 2) -> list[Row]:
    """Some of ``rows`` in which every two values (or three, ...) that meet in any row meet as well.

    Always the row with most that is new, so the same ones each time. (Whatever two values do to each other shows in
    them: Kuhn, Kacker and Lei, Practical Combinatorial Testing, NIST SP 800-142.)
    """
    number: dict[Any, int] = {}
    meetings: dict[Row, int] = {}
    for row in rows:
        met = combinations(enumerate(row), strength)
        meetings[row] = sum(1 << number.setdefault(together, len(number)) for together in met)
    left, chosen = (1 << len(number)) - 1, []
    while left:
        best = max(meetings, key=lambda row: (meetings[row] & left).bit_count())
        chosen.append(best)
        left &= ~meetings[best]
    return chosen


def pairs_first(rows: Iterable[Row]) -> list[Any]:
    """Parameters of a test: rows in which all pairs of values meet in CI, all the others before a release."""
    every = list(rows)
    some = set(covering(every))
    return [pytest.param(*row, marks=pytest.mark.heavy if row in some else pytest.mark.release) for row in every]
