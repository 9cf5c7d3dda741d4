"""A part of all combinations that is as good as all of them wherever two or three values do something together."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from tests.rounds import covering, first, pairs_first

FACTORS = ("abcdef", "xy", "12", "+-")


@pytest.mark.parametrize("strength", [1, 2, 3])
def test_whatever_meets_in_any_row_meets_in_a_chosen_one(strength: int) -> None:
    rows = list(product(*FACTORS))
    chosen = covering(rows, strength)
    assert set(chosen) <= set(rows)
    for places in combinations(range(len(FACTORS)), strength):
        for values in product(*(FACTORS[place] for place in places)):
            assert any(tuple(row[place] for place in places) == values for row in chosen), values


def test_they_are_few() -> None:
    assert len(covering(product(*FACTORS))) == 12, "six times two: fewer can not be"
    assert len(covering(product("ab", repeat=10))) <= 10


def test_what_can_not_be_is_never_chosen_and_asks_for_nothing() -> None:
    rows = [row for row in product("ab", repeat=4) if "b" in row]
    assert ("a",) * 4 not in covering(rows)
    assert len(covering(rows)) < len(rows)


def test_the_others_are_kept_for_a_release() -> None:
    marks = [param.marks[0].name for param in pairs_first(product(*FACTORS))]
    assert (marks.count("heavy"), marks.count("release")) == (12, 36)
    assert [getattr(item, "marks", ()) == () for item in first(2, "abc")] == [True, True, False]
