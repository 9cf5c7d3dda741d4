"""What keeps its direction within a text that runs the other way."""

from __future__ import annotations

import pytest

from handouts.fonts.direction import runs_right_to_left, split_directions
from handouts.model.isolates import isolate_numbers, isolated, without_isolates

ARABIC = "رقم"


def drawn(text: str) -> str:
    """What an eye meets from left to right, in a paragraph from right to left."""
    return "".join(part[::-1] if backwards else part for backwards, part in split_directions(text, rtl=True))


LEFT_TO_RIGHT = (
    "(555) 010-0100",
    "555-0100",
    "+1 555 010 0100",
    "1HK8-Z5DW-14K",
    "MRN-00417",
    "HLA-B*15:02",
    "2026-11-22",
    "https://clinic.example/a?b=1",
    "doi.org/10.1000/182",
    "desk@clinic.example",
)


@pytest.mark.parametrize("told", LEFT_TO_RIGHT)
def test_numbers_codes_and_addresses_are_read_from_left_to_right(told):
    text = isolate_numbers(f"{ARABIC} {told} {ARABIC}")
    assert told.replace(" ", "\u00a0") in drawn(text)
    assert without_isolates(text).replace("\u00a0", " ") == f"{ARABIC} {told} {ARABIC}"


@pytest.mark.parametrize("told", ["3 و 6", "2026", "1.0", "10:30", "1,000", "100 شخص، 91"])
def test_plain_figures_are_left_alone(told):
    assert isolate_numbers(f"{ARABIC} {told}") == f"{ARABIC} {told}"


def test_a_name_keeps_its_direction_and_moves_nothing_around_it():
    assert drawn(f"{isolated('Maria Gonzalez')} • {isolated('1HK8-Z5DW')}") == "1HK8-Z5DW • Maria Gonzalez"
    assert drawn(f"{isolated('أحمد')} • {isolated('1HK8')}") == f"1HK8 • {'أحمد'[::-1]}"
    assert isolated("") == ""


def test_an_isolate_says_nothing_of_the_paragraph_around_it():
    assert not runs_right_to_left(f"Dr. {isolated('أحمد')}")
    assert runs_right_to_left(f"{isolated('Cohen')} طبيب")
    assert runs_right_to_left("Botox بعد", within_rtl=True)
    assert not runs_right_to_left("Botox بعد")


def test_an_isolate_that_goes_on_on_the_next_line_is_no_stumbling_block():
    first, second = f"{ARABIC} \u2066John", f"Smith\u2069 {ARABIC}"
    assert drawn(first) == f"John {ARABIC[::-1]}"
    assert drawn(second) == f"{ARABIC[::-1]} Smith"
