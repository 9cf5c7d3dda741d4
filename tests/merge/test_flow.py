"""Texts of an area below each other: each has the lines that it needs, and none lies on another."""

from __future__ import annotations

import pytest

from handouts.errors import RequestFault
from handouts.merge.flow import Words, set_cell, set_entry, set_name, stack_rows, stack_steps
from handouts.model.details import Entry
from handouts.model.shapes import PlanShape, Shape
from handouts.model.slots import slots

FRONT = slots(large=False, shape=Shape(8, 9, 220, 6), plan=PlanShape(4, 2))
LARGE = slots(large=True, shape=Shape(8, 9, 360, 6), plan=PlanShape(4, 2))
LONG = "Dr. Bartholomew Featherstonehaugh of the clinic at the sea"


def test_rows_stand_below_each_other_as_far_as_each_needs() -> None:
    row = FRONT["who.1"]
    entries, end = stack_rows([(Words("Ann", "a", "Born"), row), (Words(LONG, "b"), row), (Words("Zed", "c"), row)], 3)
    assert [len(entry.lines) for entry in entries] == [1, 3, 1]
    assert [entry.top for entry in entries] == [3, 18, 63]
    assert end == 78
    assert entries[0].label == "Born"


def test_a_word_that_fits_in_a_smaller_size_is_not_torn() -> None:
    row = FRONT["who.1"]
    word = "W" * 15
    small = set_entry(Words(word, "a"), row)
    assert small.size == 11
    assert small.lines == (word,)
    assert set_entry(Words("W" * 40, "a"), row).size == 12, "it is torn all the same"


def test_large_print_never_shrinks() -> None:
    assert set_entry(Words("W" * 19, "a"), LARGE["who.1"]).size == 18


def test_a_name_takes_two_lines_before_it_shrinks_and_more_lines_only_in_the_smallest_size() -> None:
    def name(words: int) -> Entry:
        return set_name(Words(" ".join(["Bartholomew"] * words), "patient.name"), FRONT["name"])

    assert [(len(name(count).lines), name(count).size) for count in (1, 3, 4, 6)] == [
        (1, 15),
        (2, 15),
        (2, 15),
        (3, 12),
    ]


def test_steps_are_as_high_as_a_line_to_write_on_and_keep_apart() -> None:
    slot = FRONT["step.1"]
    steps = [set_entry(Words(text, "next_steps"), slot) for text in ("Call us", "Bring your diary " * 5, "Rest")]
    placed, height = stack_steps([*steps, Entry((), write=True)], slot, large=False)
    assert [len(entry.lines) for entry in placed] == [1, 2, 1, 0]
    assert [entry.top for entry in placed] == [0, 22, 59, 81]
    assert height == 103
    assert all(entry.box for entry in placed)


def test_a_cell_holds_no_more_lines_than_its_slot() -> None:
    cell = FRONT["plan.1.morning"]
    assert len(set_cell(Words("1 tablet of 200", "dose"), cell).lines) == 2
    with pytest.raises(
        RequestFault, match=r"'dose' is too long for its place on the page by about \d lines?\. Shorten"
    ):
        set_cell(Words("1 tablet of 200 mg with a glass of water", "dose"), cell)


def test_a_paragraph_from_right_to_left_is_marked_line_by_line() -> None:
    entry = set_entry(Words("شكرا لكم على الحضور إلى العيادة اليوم", "note"), FRONT["who.1"])
    assert entry.rtl == set(range(len(entry.lines)))
    assert set_entry(Words("Ring محمد", "note"), FRONT["who.1"]).rtl == frozenset()


@pytest.mark.parametrize(("text", "why"), [("李明", "Chinese"), ("مستشفياتكم" * 6, "wider than a line")])
def test_what_can_not_be_set_is_refused_by_its_key_and_not_shown(text: str, why: str) -> None:
    with pytest.raises(RequestFault) as caught:
        set_entry(Words(text, "clinician"), FRONT["who.1"])
    assert "'clinician'" in caught.value.message
    assert why in caught.value.message
    assert text not in caught.value.message


def test_no_text_shows_in_a_traceback() -> None:
    entry = set_entry(Words("Maria", "patient.name"), FRONT["who.1"])
    assert "Maria" not in repr((entry, Words("Maria", "patient.name")))
