"""Shapes: the smallest that holds a request's texts, of a few; and nothing is lost on the way to page 2."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.errors import RequestFault
from handouts.merge.flow import LEAST_STEP, Words, height_of
from handouts.merge.shapes import BELOW_NAME, note_box, paragraphs, plan_box, steps_box, visit_box, who_box
from handouts.model.shapes import NOTE_MORE, PLAN_LINES, PLAN_ROWS, STEPS, STEPS_MORE, PlanShape, Shape
from handouts.model.slots import slots

both = pytest.mark.parametrize("large", [False, True], ids=["standard", "large"])
STEP = ("Please bring all of the medicines that you take, in their boxes, and the diary of the last weeks. " * 3)[:200]
PROSE = ("We looked at your pictures together, and the small artery lies against the nerve on the left. " * 50)[:4000]


# ---------------------------------------------------------------- whose it is, and the visit


@both
def test_rows_begin_right_below_the_name_and_a_long_name_leaves_them_less_room(large: bool) -> None:
    rows = tuple(Words("November 22, 2026", "visit_date", "Visit") for _ in range(4))
    short, long = (who_box("Bartholomew " * times, rows, large=large) for times in (1, 12))
    name = slots(large=large)["name"]
    for box in (short, long):
        texts = dict(box.texts)
        end = height_of(texts["name"], name) - name.height
        assert texts["who.1"].top == pytest.approx(end)
    assert (short.room, long.room) == ((3 if large else 4), 8)


@both
def test_an_arabic_name_keeps_its_signs_off_the_rows_of_a_page_in_latin_letters(large: bool) -> None:
    rows = tuple(Words("November 22, 2026", "visit_date", "Visit") for _ in range(4))
    name = slots(large=large)["name"]
    for text in ("ليلى الحسيني", "ليلى بنت عبد الرحمن بن علي الحسيني الأندلسي"):
        box = who_box(text, rows, large=large)
        texts = dict(box.texts)
        assert texts["who.1"].top == height_of(texts["name"], name) - name.height + BELOW_NAME
        assert box.room <= 5, "and the box grows by a line at most"


def test_without_a_visit_there_are_no_lines() -> None:
    assert visit_box((), large=False).room == 0
    rows = tuple(Words("Clinic 2", "appointment.where") for _ in range(4))
    assert visit_box(rows, large=False).room == 4
    far = (*rows[:3], Words("The second house behind the church, on the third floor, at the end", "appointment.where"))
    assert visit_box(far, large=False).room == 9


def test_a_row_too_long_for_the_largest_box_is_refused_with_its_key_and_by_how_much() -> None:
    rows = (Words("Clinic " * 60, "appointment.where"), Words("Ann", "appointment.with"))
    with pytest.raises(
        RequestFault, match=r"'appointment.where' is too long for its place on the page by about \d+ li"
    ):
        visit_box(rows, large=False)


# ---------------------------------------------------------------- steps


@both
def test_one_or_two_steps_are_filled_up_to_three_with_lines_to_write_on(large: bool) -> None:
    box = steps_box(("Book your MRI",), large=large)
    assert box.room == STEPS[large][0] == 3 * LEAST_STEP[large]
    assert [(name, entry.write) for name, entry in box.texts] == [("step.1", False), ("step.2", True), ("step.3", True)]
    assert all(entry.box for _, entry in box.texts)


@both
def test_six_long_steps_go_on_to_page_2_and_none_is_cut(large: bool) -> None:
    steps = tuple(f"{number}. {STEP}"[:200] for number in range(6))
    box = steps_box(steps, large=large)
    assert box.room == STEPS[large][-1]
    assert box.more[0] in STEPS_MORE[large]
    assert ["".join(entry.lines) for _, entry in box.texts] == list(steps)
    names = [name for name, _ in box.texts]
    stay = sum(name.startswith("step.") for name in names)
    assert 1 <= stay < 6
    assert names == [f"step.{i}" for i in range(1, stay + 1)] + [f"steps_more.{i}" for i in range(1, 7 - stay)]


@settings(max_examples=80)
@given(
    lengths=st.lists(st.integers(1, 200), min_size=1, max_size=6),
    large=st.booleans(),
)
def test_steps_stay_within_their_area_and_do_not_overlap(lengths: list[int], large: bool) -> None:
    steps = tuple(f"{i}{STEP}"[:length].strip() for i, length in enumerate(lengths))
    box = steps_box(steps, large=large)
    table = slots(large=large, shape=Shape(4, 0, box.room, 0, sum(box.more)))
    bottom = {"step": 0.0, "steps_more": 0.0}
    for name, entry in box.texts:
        area = name.partition(".")[0]
        assert entry.top >= bottom[area]
        bottom[area] = entry.top + (LEAST_STEP[large] if entry.write else height_of(entry, table[name]))
        assert bottom[area] <= table[name].height + 0.01
    smaller = [height for height in STEPS[large] if height < box.room]
    assert not smaller or bottom["step"] > smaller[-1], "the smallest that holds them"


# ---------------------------------------------------------------- the note


@both
@pytest.mark.parametrize(("lines", "room"), [(1, 3), (3, 3), (4, 6), (6, 6)])
def test_a_short_note_stays_on_page_1(lines: int, room: int, large: bool) -> None:
    box = note_box("\n".join(["Ring us."] * lines), large=large)
    assert (box.room, box.more) == (room, ())
    assert [name for name, _ in box.texts] == ["note.1"]


@both
def test_a_longer_note_goes_wholly_on_to_page_2(large: bool) -> None:
    box = note_box("\n".join(["Ring us."] * 7), large=large)
    assert (box.room, box.more) == (0, (NOTE_MORE[large][0],))
    assert [name for name, _ in box.texts] == ["note_more.1"]


@both
@pytest.mark.parametrize("note", [PROSE, PROSE.replace("a", "я"), "شكرا لكم على الحضور إلى العيادة اليوم " * 90])
def test_four_thousand_characters_flow_through_areas_and_none_is_lost(note: str, large: bool) -> None:
    box = note_box(note, large=large)
    read = "".join(entry.text for _, entry in box.texts)
    assert read == note.strip()
    for (_, entry), room in zip(box.texts, box.more, strict=True):
        assert len(entry.lines) <= room
    assert set(box.more[:-1]) <= {NOTE_MORE[large][-1]}


def test_paragraphs_are_those_that_were_typed() -> None:
    assert paragraphs("\n Ring  us.\t\tSoon. \n\n\n\nThank you!\nZoë\n\n") == (
        "Ring us. Soon.",
        "",
        "Thank you!",
        "Zoë",
    )
    [(_, entry)] = note_box("Ring us.\n\nThank you!", large=False).texts
    assert entry.lines == ("Ring us.\n", "\n", "Thank you!")


@both
def test_a_note_of_too_many_lines_is_refused_by_how_much(large: bool) -> None:
    most = 6 * NOTE_MORE[large][-1]
    assert len(note_box("\n".join(["x"] * most), large=large).more) == 6
    with pytest.raises(RequestFault, match=r"'note' is too long for its place on the page by about 12 lines"):
        note_box("\n".join(["x"] * (most + 12)), large=large)


# ---------------------------------------------------------------- the plan


def row(number: int, remark: str = "", dose: str = "5 mg") -> tuple[tuple[str, Words], ...]:
    cells = [("name", "carbamazepine"), ("morning", dose), ("remark", remark)]
    return tuple((cell, Words(text, f"medicines.{number}.{cell}")) for cell, text in cells if text)


def test_a_plan_has_the_rows_and_lines_that_its_medicines_need() -> None:
    assert plan_box((), large=False) == ((), None)
    for count, rows in ((1, 4), (4, 4), (5, 8), (9, 12), (12, 12)):
        assert plan_box(tuple(map(row, range(count))), large=False)[1] == PlanShape(rows, PLAN_LINES[0])
    assert rows == PLAN_ROWS[False][-1]
    assert plan_box((row(1), row(2, "With food, and never before you drive a car")), large=False)[1] == PlanShape(4, 4)
    assert plan_box((row(1, "Stop at once and call us " * 5),), large=False)[1] == PlanShape(4, 8)


def test_a_cell_too_long_for_the_largest_row_is_refused_with_its_key() -> None:
    with pytest.raises(
        RequestFault, match=r"'medicines.2.remark' is too long for its place on the page by about \d+ li"
    ):
        plan_box((row(1), row(2, "Stop at once and call us " * 9)), large=False)


def test_in_large_print_each_time_of_day_has_its_line() -> None:
    cells = (("name", Words("Baclofen", "n")), ("when", Words("Morning: 5 mg\nNoon: 5 mg\nNight: 5 mg", "d")))
    texts, shape = plan_box((cells,), large=True)
    assert dict(texts)["plan.1.when"].lines == ("Morning: 5 mg\n", "Noon: 5 mg\n", "Night: 5 mg")
    assert shape == PlanShape(2, 4)
    for count, rows in ((2, 2), (3, 3), (4, 4), (5, 8), (12, 12)):
        several = tuple((("name", Words("Baclofen", "n")),) for _ in range(count))
        assert plan_box(several, large=True)[1] == PlanShape(rows, PLAN_LINES[0])


def test_every_time_of_a_medicine_in_arabic_runs_from_right_to_left():
    texts, _ = plan_box(
        ((("when", Words("الصباح: \u2068200 mg\u2069\nالمساء: \u2068200 mg\u2069", "medicines.1.dose")),),),
        large=True, rtl=True,
    )  # fmt: skip
    [(_, entry)] = texts
    assert entry.rtl == {0, 1}
