"""Names that look alike are flagged, whichever comes first; names that don't are not."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.lists.lookalikes import find_lookalikes

NAMES = st.one_of(st.text(max_size=12), st.text("abcdeé -'", max_size=8))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maria Gonzalez", "Maria Gonzales"),
        ("Maria Gonzalez", "Maria Gonzalez"),
        ("Maria Gonzalez", "MARIA GONZALEZ"),
        ("Maria Gonzalez", "Gonzalez, Maria"),
        ("José García", "Jose Garcia"),
        ("Zoë O’Neill", "Zoe O'Neill"),
        ("Mary O'Brien", "Mary OBrien"),
        ("Anne-Marie Smith", "Anne Marie Smith"),
        ("Jon Smith", "John Smith"),
        ("Anna Smith", "Zanna Smith"),
        ("Amy Brown", "Emy Brown"),
        ("Li Wei", "Li Wen"),
        ("Ελένη Παπαδοπούλου", "Ελενη Παπαδοπουλου"),
        ("Ирина Ковалёва", "Ирина Ковалева"),
        ("محمد علي", "محمد غلي"),
        ("प्रिया शर्मा", "प्रिया वर्मा"),
    ],
)
def test_names_that_a_tired_person_takes_for_one_another_are_flagged(one: str, other: str) -> None:
    for names in ({3: one, 7: other}, {3: other, 7: one}):
        assert find_lookalikes({1: "Bartholomew Featherstonehaugh", **names, 9: "Q"}) == {3, 7}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maria Gonzalez", "Peter Schmidt"),
        ("Maria Lopez", "Marek Novotny"),
        ("John Smith", "Mary Jones"),
        ("Al", "Bo"),
        ("Li Wei", "Wu Min"),
        ("محمد علي", "प्रिया शर्मा"),
        ("Ann", "Annabelle"),
    ],
)
def test_names_that_have_little_in_common_are_not(one: str, other: str) -> None:
    assert find_lookalikes({1: one, 2: other}) == frozenset()


@given(one=NAMES, other=NAMES)
def test_it_does_not_matter_which_name_comes_first(one: str, other: str) -> None:
    assert find_lookalikes({1: one, 2: other}) == find_lookalikes({1: other, 2: one})


@given(name=NAMES, others=st.lists(NAMES, max_size=5))
def test_a_name_that_stands_twice_is_always_flagged(name: str, others: list[str]) -> None:
    names = dict(enumerate([name, *others, name]))
    assert {0, len(names) - 1} <= find_lookalikes(names)


@given(one=st.text("abcdefgh", min_size=4), other=st.text("mnopqrst", min_size=4))
def test_names_without_a_letter_in_common_are_never_flagged(one: str, other: str) -> None:
    assert find_lookalikes({1: one, 2: other}) == frozenset()


def _far_apart(count: int) -> dict[int, str]:
    chance = Random(1)
    return {i: "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=14)) for i in range(count)}


def test_near_neighbours_are_compared_wherever_they_stand_on_a_long_list() -> None:
    filling = _far_apart(1200)
    for at in (0, 499, 500, 999):
        names = {**filling, at: "Maria Gonzalez", at + 1: "Maria Gonzales"}
        assert {at, at + 1} <= find_lookalikes(names)


def test_the_same_name_is_flagged_however_far_apart() -> None:
    assert {1, 1100} <= find_lookalikes({**_far_apart(1200), 1: "Maria Gonzalez", 1100: "Gonzalez María"})
