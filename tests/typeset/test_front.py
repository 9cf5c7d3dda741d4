"""Page 1 holds as much as fits, whatever a request brings, and always says when to get help and whom to call."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import Any

import pypdfium2
import pytest

from handouts.check.sheets import measure_pages
from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.handout import Look
from handouts.model.prose import Run
from handouts.model.request import Request
from handouts.model.shapes import Shape
from handouts.model.sheets import CallGroup, Front
from handouts.model.slots import ALT
from handouts.typeset.front import (
    BLOCKS,
    CELL,
    MOST_AIR,
    NAME,
    PT,
    ROUND_HELP,
    Rung,
    _measure,
    choose_front,
    rung_of,
    split_calls,
)
from handouts.typeset.guard import require_in_place
from handouts.typeset.html import style_sheets
from handouts.typeset.weasyprint import layout, write
from tests.conftest import CONTENT, TODAY, TOPIC
from tests.reading_pdf import failures, page_texts, tags

ALL = ("medicines", "botox", "microvascular-decompression", "radiofrequency", "radiosurgery", "complementary",
       "no-treatment")  # fmt: skip
TWO, THREE = ALL[1:3], (*ALL[1:3], ALL[6])
VISIT = {"at": "2026-12-04T10:30", "with": "Dr. Cohen", "where": "Clinic 2"}
GABAPENTIN = [{"name": "Gabapentin", "dose": "300 mg", "times": ["morning"]}]
LONG_NOTE, LONG_STEPS = Shape(3, 4, 66, more_note=(40, 24)), Shape(3, 4, 220, more_steps=220)
NOTE = Shape(3, 4, 66, note=6)
CASES: dict[str, dict[str, Any]] = {
    "one": {"options": ALL[1:2]},
    "two": {"options": TWO},
    "three": {"options": THREE},
    "four": {"options": ALL[:4]},
    "seven": {"options": ALL},
    "seven, a note, long steps": {"options": ALL, "shape": Shape(8, 9, 220, note=6)},
    "medicines": {"options": ALL[:2], "medicines": GABAPENTIN},
    "note": {"options": TWO, "shape": NOTE},
    "long note": {"options": TWO, "shape": LONG_NOTE},
    "long steps": {"options": TWO, "shape": LONG_STEPS},
    "blank": {"options": TWO, "blank": True, "appointment": None},
    "blank seven": {"options": ALL, "blank": True, "appointment": None},
    "a4, right": {"options": TWO, "paper": "a4", "side": "right"},
    "another clinic": {"options": ALL[:3], "clinic": "seaview-example"},
}
LARGE: dict[str, dict[str, Any]] = {
    f"large {name}": {"format": "large-print", **CASES[name]}
    for name in ("one", "two", "seven", "medicines", "note", "blank", "another clinic")
}
LARGE["large long note"] = {"format": "large-print", "options": TWO, "shape": Shape(3, 4, 108, more_note=(24, 24, 8))}
LARGE["large long steps"] = {"format": "large-print", "options": TWO, "shape": Shape(8, 9, 360, more_steps=540)}
EVERY = CASES | LARGE
SMALLEST = {"standard": 9.5, "large-print": 18.0}


@cache
def _library(clinic: str | None = None) -> Library:
    return load_library(CONTENT, TOPIC, clinic)


def _front(
    *, clinic: str | None = None, blank: bool = False, shape: Shape | None = None, **over: Any
) -> tuple[Front, Look]:
    request = {"topic": TOPIC, "patient": {"name": "Maria Gonzalez"}, "side": "left", "appointment": VISIT, **over}
    handout = merge(_library(clinic), Request(**request), TODAY, Edition(blank=blank)).handout
    return (replace(handout.front, shape=shape) if shape else handout.front), handout.look


@cache
def _made(case: str) -> tuple[Front, Look, Rung, str, bytes]:
    front, look = _front(**EVERY[case])
    return front, look, *_typeset(front, look)


def _typeset(front: Front, look: Look) -> tuple[Rung, str, bytes]:
    words = _library().words
    page = choose_front(front, look, words)
    document = layout(page, style_sheets(front))
    require_in_place(document, front, look)
    return rung_of(front, look, words), page, write(document)


def _words(name: str) -> str:
    return _library().words.page[name]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _pages(case: str) -> list[str]:
    return [_one_line(text) for text in page_texts(_made(case)[4])]


# ---------------------------------------------------------------- what fits


def test_fronts_of_one_selection_are_measured_once_whatever_their_steps_and_note():
    front, look = _front(options=TWO)
    words = _library().words
    rung_of(front, look, words)
    before = _measure.cache_info().misses
    rungs = [
        rung_of(replace(front, shape=replace(front.shape, steps=steps, note=note)), look, words)
        for steps in (66, 132, 220)
        for note in (0, 3, 6)
    ]
    assert _measure.cache_info().misses == before
    assert len(set(rungs)) > 3  # and yet each holds what it has room for


@pytest.mark.parametrize(
    ("case", "rows"),
    [
        ("one", ("what", "works", "lasts", "harms", "living", "sure")),
        ("two", ("what", "works", "lasts", "harms")),
        ("three", ("works", "harms")),
        ("four", ()),
        ("seven", ()),
        ("blank", ("works", "lasts", "harms")),
        ("a4, right", ("what", "works", "lasts", "harms")),
        ("large two", ()),
    ],
)
def test_page_1_has_as_many_questions_as_fit(case: str, rows: tuple[str, ...]):
    assert _made(case)[2].rows == rows


def test_every_option_is_named_on_page_1_or_in_large_print_after_it():
    for case in EVERY:
        front, look, *_ = _made(case)
        found = " ".join(_pages(case)[: None if look.large else 1])
        assert all(option.name in found or option.short in found for option in front.options), case


def test_benefits_never_stand_on_page_1_without_the_harms():
    for case in CASES:
        rows = _made(case)[2].rows
        assert not rows or {"works", "harms"} <= set(rows)


def test_longer_answers_leave_room_for_fewer_questions():
    front, look = _front(options=TWO)
    said = (Run("A word or two more that nobody had thought of. " * 4),)
    rows = tuple(
        replace(row, cells=tuple(replace(cell, text=(*cell.text, *said)) for cell in row.cells))
        if row.name == "what"
        else row
        for row in front.rows
    )
    assert _typeset(replace(front, rows=rows), look)[0].rows == ("works", "lasts", "harms")
    wordy = tuple(replace(option, one_line=said * 2) for option in front.options)
    rung, _, pdf = _typeset(replace(front, options=wordy, rows=(), shape=LONG_STEPS), look)
    assert (rung.rows, rung.list) == ((), "bare")
    assert len(page_texts(pdf)) == 2


def test_a_note_leaves_page_1_before_the_table_does():
    front, look = _front(options=TWO)
    short = _typeset(replace(front, shape=Shape(3, 4, 66, note=3), calls=()), replace(look, paper="a4"))
    assert (short[0].rows, "note" in short[0].first) == (("what", "works", "lasts", "harms"), True)
    rung, _, pdf = _typeset(replace(front, shape=NOTE), look)
    assert (rung.rows, rung.first) == (("what", "works", "lasts", "harms"), BLOCKS - {"note"})
    first, second = map(_one_line, page_texts(pdf))
    assert _words("note_on_page_2") in first
    assert _words("note") in second


def test_the_heights_that_are_added_up_are_those_that_come_out():
    for case in CASES:
        front, _, rung, page, _ = _made(case)
        document = layout(page, style_sheets(front))
        body = _body(document.pages[0])
        ends = [part.position_y + part.margin_height() for part in body if part.element.get("id") != "help"]
        gap = document.pages[0].anchors["help"][1] - max(ends)
        assert gap * PT >= ROUND_HELP[False] - 0.5, case
        if (CELL if rung.rows else NAME) < rung.air < (CELL if rung.rows else NAME) + MOST_AIR:
            assert gap * PT == pytest.approx(ROUND_HELP[False], abs=1), case


def _body(page: Any) -> list[Any]:
    return list(page._page_box.children[0].children[0].children)


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("case", EVERY)
def test_when_to_get_help_stands_on_page_1_and_what_is_urgent_comes_first(case: str):
    front, look, _, page, _ = _made(case)
    first = _pages(case)[0]
    asked = [_words("get_help"), *(_one_line("".join(run.text for run in line)) for line in front.urgent)]
    asked += [_words("crisis_line")] if front.urgent else []
    asked += [*(field.label for field in front.urgent_fields), _words("call_us_at")]
    at = [page.index(text) for text in asked]
    assert at == sorted(at)
    assert all(text in first for text in (*asked, _words("in_an_emergency")))
    assert (_words("medicine_rule") in first) == front.medicines
    shown = _pages(case)[1 if look.large else 0]
    for group in front.calls:
        assert group.title in shown
        assert all(_one_line("".join(run.text for run in sign)) in shown for sign in group.signs)


def test_a_clinic_that_gave_its_numbers_has_them_printed_and_another_has_lines_to_write_on():
    for case in ("another clinic", "large another clinic"):
        clinic = _made(case)[1].clinic
        first = _pages(case)[0]
        assert clinic.phone
        assert clinic.crisis_line
        assert clinic.emergency_number
        assert all(text in first for text in (clinic.phone, clinic.crisis_line, clinic.emergency_number))
    help_box = _made("two")[3].partition('id="help"')[2]
    assert help_box.count('class="write"') == 2, "for the signs, and for Botox"
    assert 'class="field"' in help_box
    assert 'class="rule"' in help_box


def test_what_a_clinician_said_of_urgent_signs_takes_the_place_of_the_lines():
    front, look = _front(options=TWO)
    said = tuple(replace(field, text="Call the number above") for field in front.urgent_fields)
    _, page, pdf = _typeset(replace(front, urgent_fields=said), look)
    first = _one_line(page_texts(pdf)[0])
    assert all(f"{field.label}: Call the number above" in first for field in said)
    assert "lines-of" not in page


@pytest.mark.parametrize("kind", ["standard", "large-print"])
def test_long_words_of_a_clinician_on_all_that_is_urgent_still_leave_a_front(kind: str):
    front, look = _front(options=ALL, format=kind)
    said = tuple(
        replace(field, text="A swollen face or a rash with fever. Call at once. " * 2) for field in front.urgent_fields
    )
    rung, _, pdf = _typeset(replace(front, urgent_fields=said), look)
    pages = [_one_line(text) for text in page_texts(pdf)]
    assert f"{said[0].label}: A swollen face" in pages[0]
    assert all(any(f"{field.label}: A swollen face" in text for text in pages) for field in said)
    assert rung.urgent_after == look.large
    assert (_words("more_urgent_after") in pages[0]) == look.large, "page 1 says where the rest is"


def test_signs_are_a_line_each_up_to_three_groups_and_a_paragraph_a_group_from_four_on():
    help_box = _made("three")[3].partition('id="help"')[2]
    assert help_box.count("<li>") == sum(len(group.signs) for group in _made("three")[0].calls)
    front = _made("seven")[0]
    help_box = _made("seven")[3].partition('id="help"')[2]
    assert len(front.calls) > 3
    assert help_box.count('<p class="group">') == len(front.calls)
    assert "<li>" not in help_box


def test_signs_are_shared_out_over_two_columns_so_that_both_are_about_as_long():
    def group(signs: int, letters: int) -> CallGroup:
        return CallGroup("After it", ((Run("x" * letters),),) * signs)

    assert split_calls([]) == (0, 100)
    assert split_calls([group(3, 10)]) == (1, 100)
    assert split_calls([group(3, 10), group(3, 10)]) == (1, 50)
    assert split_calls([group(6, 10), group(3, 10), group(3, 10)])[0] == 1
    assert split_calls([group(2, 10), group(3, 30)])[1] < 50


# ---------------------------------------------------------------- the boxes


def test_a_blank_sheet_has_lines_to_write_on_and_no_slot_but_of_the_approval():
    for case in ("blank", "blank seven", "large blank"):
        page = _made(case)[3]
        assert page.count('class="todo"') == 3
        assert page.count('class="fill') == 5 + 4
        assert set(_slots(page)) <= {"approval_mark"}


def _slots(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split(f'alt="{ALT}')[1:]]


@pytest.mark.parametrize("case", [case for case in EVERY if "blank" not in case])
def test_every_slot_of_the_shape_stands_on_the_front_once(case: str):
    front, look, _, page, _ = _made(case)
    shape = front.shape
    wanted = {"name", *(f"who.{i}" for i in range(1, 5)), *(f"step.{i}" for i in range(1, 7))}
    wanted |= {f"visit.{i}" for i in range(1, 5)} if shape.visit else set()
    wanted |= {f"steps_more.{i}" for i in range(1, 7)} if shape.more_steps else set()
    wanted |= {"note.1"} if shape.note else set()
    wanted |= {f"note_more.{i}" for i, _ in enumerate(shape.more_note, 1)}
    wanted |= set() if look.large else {"approval_mark"}
    assert sorted(_slots(page)) == sorted(wanted)


def test_slots_of_one_area_lie_on_top_of_each_other():
    front, _, _, page, _ = _made("two")
    document = layout(page, style_sheets(front))
    places: dict[str, set[tuple[float, float]]] = {}
    for box in _images(document.pages[0]._page_box):
        area = box.element.get("alt").removeprefix(ALT).partition(".")[0]
        places.setdefault(area, set()).add((round(box.position_x, 1), round(box.position_y, 1)))
    assert {area: len(places[area]) for area in ("who", "visit", "step")} == {"who": 1, "visit": 1, "step": 1}


def _images(box: Any) -> list[Any]:
    found = [box] if getattr(box, "replacement", None) and ALT in (box.element.get("alt") or "") else []
    return found + [image for child in getattr(box, "children", ()) for image in _images(child)]


def test_a_visit_that_is_not_yet_known_has_lines_to_write_on():
    front, look = _front(options=TWO, appointment=None)
    page = _typeset(front, look)[1]
    assert page.count('class="fill') == 4
    assert "visit.1" not in page


@pytest.mark.parametrize(
    ("case", "pointer", "head"),
    [("long note", "note_on_page_2", "note"), ("long steps", "more_steps_on_page_2", "more_steps"),
     ("large long note", "calls_and_steps_on_page_2", "note"),
     ("large two", "calls_and_steps_on_page_2", "when_to_call"),
     ("large two", "calls_and_steps_on_page_2", "next_steps")],
)  # fmt: skip
def test_page_1_points_to_what_stands_after_it(case: str, pointer: str, head: str):
    first, *others = _pages(case)
    assert _words(pointer) in first
    assert _words(head) in " ".join(others)


@pytest.mark.parametrize("case", EVERY)
def test_page_1_says_of_nothing_that_it_is_on_page_2_where_it_is_not(case: str):
    first, *others = _pages(case)
    for pointer, head in (("note_on_page_2", "note"), ("visit_on_page_2", "appointment")):
        if _words(pointer) in first:
            assert _words(head) in others[0]


def test_the_side_is_told_in_words():
    assert "This is about your left side." in _pages("two")[0]
    assert "This is about your right side." in _pages("a4, right")[0]


def test_what_kind_of_sheet_it_is_stands_in_its_head():
    assert _words("after") in _pages("two")[0]
    assert _words("blank") in _pages("blank")[0]
    front, look = _front(options=TWO, stage="before")
    assert _words("before") in _typeset(front, look)[1]


# ---------------------------------------------------------------- every case


@pytest.mark.parametrize("case", EVERY)
def test_nothing_is_smaller_than_may_be_printed(case: str):
    _, look, _, _, pdf = _made(case)
    sizes = [size for page in measure_pages(pdf) for size in page.sizes]
    assert min(sizes) >= SMALLEST[look.format] - 0.05


@pytest.mark.parametrize("case", EVERY)
def test_page_1_is_full(case: str):
    document = pypdfium2.PdfDocument(_made(case)[4])
    try:
        picture = document[0].render(scale=0.5, grayscale=True).to_pil()
    finally:
        document.close()
    width, height = picture.size
    pixels = picture.tobytes()
    inked = [min(pixels[y * width : (y + 1) * width]) < 235 for y in range(height)]
    inside = inked[inked.index(True) : height - inked[::-1].index(True)]
    assert len(inside) > 0.8 * height
    gaps = [len(list(run)) for ink, run in groupby(inside) if not ink]
    assert max(gaps) <= height / 8


@pytest.mark.parametrize("case", CASES)
def test_in_standard_print_the_front_takes_a_second_page_only_where_page_1_says_so(case: str):
    _, _, rung, _, pdf = _made(case)
    assert len(page_texts(pdf)) == (2 if rung.pointers else 1) or case == "long note"


@pytest.mark.parametrize("case", ["one", "two", "seven", "long steps", "blank", "large medicines", "large blank"])
def test_a_screen_reader_is_told_what_is_what(case: str):
    pdf = _made(case)[4]
    told = failures(pdf, "ua1").splitlines()
    assert not [line for line in told if line.startswith("[") and "PDFUA1-ID" not in line], "binding adds the rest"
    kinds = [tag.kind for tag in tags(pdf)]
    assert kinds.count("H1") == 1
    if _made(case)[2].rows:
        assert kinds.count("Table") == 1


def test_steps_are_a_list_and_rows_of_whose_it_is_are_paragraphs():
    found = tags(_made("two")[4])
    at = {tag.alt: index for index, tag in enumerate(found) if (tag.alt or "").startswith(ALT)}
    assert [tag.kind for tag in found[at[f"{ALT}step.1"] - 2 : at[f"{ALT}step.1"]]] == ["LI", "LBody"]
    assert found[at[f"{ALT}who.2"] - 1].kind == "P"
