"""The sheet of medicines: the plan to cut out, a card for each with its warning under the name, what to ask first."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from handouts.check.sheets import measure_pages
from handouts.model.handout import Look
from handouts.model.prose import Paragraph, Run, Section, inlines, plain
from handouts.model.shapes import PLAN_LINES, PLAN_ROWS, PlanShape
from handouts.model.sheets import Medicine, Medicines
from handouts.typeset.room import EMPTY
from tests.laid_out import (
    FORMATS,
    SMALLEST,
    empty_shares,
    handout_of,
    laid_out,
    library_of,
    squeezed,
    squeezed_pages,
)
from tests.reading_pdf import failures, tags

NAMES = tuple(library_of().topic.medicines)
WORDS = library_of().words.page
NUMBERS = [*range(len(NAMES) + 1)]


@cache
def _sheet(
    prescribed: int, *, others: bool = False, unknown: bool = False, kind: str = "standard", **over: object
) -> tuple[Medicines, Look]:
    medicines = [{"name": name, "dose": "200 mg", "times": ["morning"]} for name in NAMES[:prescribed]]
    if unknown:
        medicines.append({"name": "Xylophonol", "dose": "1", "times": ["noon"]})
    options = ["medicines"] if others else ["botox"]
    handout = handout_of(options=options, format=kind, medicines=medicines, **over)
    assert handout.medicines
    return handout.medicines, handout.look


def _words_of(medicine: Medicine) -> list[str]:
    sections = (medicine.warning, *medicine.sections)
    return [squeezed(plain(text)) for section in sections for text in inlines(section.blocks)]


def _shapes(prescribed: int) -> list[PlanShape]:
    return [PlanShape(rows, lines) for rows in PLAN_ROWS[False] if rows >= prescribed for lines in PLAN_LINES]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("prescribed", [1, 2, 3])
def test_the_warning_stands_right_under_the_name(prescribed: int, kind: str):
    sheet, look = _sheet(prescribed, others=True, kind=kind)
    laid, _ = laid_out(sheet, look)
    for medicine in (*sheet.prescribed, *sheet.others):
        after = laid.html.split(f'<h3 class="its-name">{medicine.name}</h3>')[1]
        assert after.lstrip().startswith('<div class="warning">')
        assert after.index(medicine.warning.heading) < after.index(medicine.sections[0].heading)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("prescribed", NUMBERS)
def test_a_card_stands_on_one_page(prescribed: int, kind: str):
    sheet, look = _sheet(prescribed, others=True, kind=kind)
    pages = squeezed_pages(laid_out(sheet, look)[1])
    for medicine in (*sheet.prescribed, *sheet.others):
        whole = [squeezed(medicine.name), *_words_of(medicine)]
        assert any(all(text in page for text in whole) for page in pages), medicine.name


@pytest.mark.parametrize("paper", ["letter", "a4"])
@pytest.mark.parametrize("others", [False, True])
@pytest.mark.parametrize("prescribed", NUMBERS)
def test_no_page_is_more_than_two_fifths_empty(prescribed: int, others: bool, paper: str):
    if not (prescribed or others):
        return
    sheet, look = _sheet(prescribed, others=others, paper=paper)
    for shape in _shapes(prescribed) if prescribed else [None]:
        shares = empty_shares(laid_out(replace(sheet, plan=shape), look)[1], look)
        assert max(shares) <= EMPTY, shape


@pytest.mark.parametrize("paper", ["letter", "a4"])
@pytest.mark.parametrize("option", ["medicines", "no-treatment"])
@pytest.mark.parametrize("prescribed", [1, 2, 3, 4, 5])
def test_cards_of_which_two_fill_a_page_stand_across_rather_than_leave_one_half_empty(
    prescribed: int, option: str, paper: str
):
    topic = "trigeminal-neuralgia"
    names = [*library_of(None, topic).topic.medicines][:prescribed]
    medicines = [{"name": name, "dose": "200 mg", "times": ["morning"]} for name in names]
    handout = handout_of(topic=topic, options=[option], paper=paper, medicines=medicines)
    assert handout.medicines
    _, pdf = laid_out(handout.medicines, handout.look, topic)
    assert max(empty_shares(pdf, handout.look)[:-1]) <= EMPTY


@pytest.mark.parametrize("prescribed", [0, 2])
def test_no_level_of_headings_is_skipped(prescribed: int):
    sheet, look = _sheet(prescribed, others=True)
    _, pdf = laid_out(sheet, look)
    levels = [int(tag.kind[1]) for tag in tags(pdf) if re.fullmatch(r"H\d", tag.kind)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("prescribed", [1, 2])
def test_what_was_prescribed_takes_two_pages(prescribed: int):
    sheet, look = _sheet(prescribed)
    assert laid_out(sheet, look)[0].pages == 2


def test_twelve_rows_are_a_table_with_a_slot_in_each_cell():
    sheet, look = _sheet(1)
    laid, pdf = laid_out(replace(sheet, plan=PlanShape(12, 2)), look)
    for number in range(1, 13):
        assert '<th scope="row" class="name"><img class="slot" src="' in laid.html
        for cell in ("name", "morning", "noon", "evening", "night", "remark"):
            assert laid.html.count(f'alt="slot:plan.{number}.{cell}"') == 1
    assert [tag.kind for tag in tags(pdf)].count("TD") == 12 * 5
    assert "slot:plan_name" in laid.html


@pytest.mark.parametrize("language", ["en", "es", "ar"])
@pytest.mark.parametrize("prescribed", [1, 2, 3, 4])
def test_what_is_cut_out_in_large_print_stands_on_one_page_up_to_four_medicines(prescribed: int, language: str):
    medicines = [{"name": name, "dose": "200 mg", "times": ["morning", "evening"]} for name in NAMES * 2]
    handout = handout_of(language=language, format="large-print", medicines=medicines[:prescribed])
    assert handout.medicines
    laid, _ = laid_out(handout.medicines, handout.look)
    assert ["cut-out" in page.anchors for page in laid.document.pages].count(True) == 1
    assert laid.html.count('<div class="medicine">') == prescribed + (prescribed == 1)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_plan_longer_than_a_page_is_continued_and_no_row_is_split(kind: str):
    sheet, look = _sheet(1, kind=kind)
    laid, pdf = laid_out(replace(sheet, plan=PlanShape(12, 8)), look)
    heads = [squeezed(WORDS["medicine"]) in page for page in squeezed_pages(pdf)]
    assert laid.pages >= 3
    assert kind == "large-print" or heads[:2] == [True, True]  # the head of the table stands on each of its pages
    assert failures(pdf, "3a") == ""


@pytest.mark.parametrize("kind", FORMATS)
def test_a_blank_plan_has_lines_in_place_of_slots(kind: str):
    sheet, look = _sheet(2, kind=kind, blank=True)
    laid, _ = laid_out(replace(sheet, plan=PlanShape(4, 2)), look)
    assert sheet.blank
    assert "<img" not in laid.html
    assert WORDS["plan_name"] in laid.html
    assert laid.html.count('class="by-hand"') + laid.html.count("by-hand title") >= 4


@pytest.mark.parametrize(("prescribed", "word"), [(1, "some_unknown"), (0, "unknown_medicines")])
def test_a_medicine_without_facts_is_named_as_such(prescribed: int, word: str):
    sheet, look = _sheet(prescribed, unknown=True)
    assert WORDS[word] in laid_out(sheet, look)[0].html
    assert WORDS[word] not in laid_out(*_sheet(2))[0].html


def test_without_a_plan_the_sheet_is_about_the_medicines_for_this():
    sheet, look = _sheet(0, others=True)
    html = laid_out(sheet, look)[0].html
    assert f"<h1>{WORDS['the_medicines']}</h1>" in html
    assert "cut-out" not in html.partition("</style>")[2]


def test_others_are_headed_as_such_beside_what_was_prescribed():
    html = laid_out(*_sheet(1, others=True))[0].html
    assert html.index(WORDS["facts_on_each"]) < html.index(f"<h2>{WORDS['other_medicines']}</h2>")


def test_the_plan_has_the_clinics_telephone_or_a_line():
    sheet, look = _sheet(1)
    assert look.clinic.phone is None
    plan = laid_out(sheet, look)[0].html.partition("</section>")[0]
    assert '<div class="call"><div class="by-hand">' in plan
    known = replace(look, clinic=look.clinic.model_copy(update={"phone": "020 7946 0123"}))
    assert "020 7946 0123" in laid_out(sheet, known)[0].html.partition("</section>")[0]


def test_what_the_clinic_answers_stands_in_place_of_the_line():
    sheet, look = _sheet(1)
    told = replace(sheet.fields[0], text="Never stop by yourself.")
    lines = laid_out(sheet, look)[0].html.count('class="write"')
    html = laid_out(replace(sheet, fields=(told, *sheet.fields[1:])), look)[0].html
    assert "Never stop by yourself." in html
    assert html.count('class="write"') == lines - 1


@pytest.mark.parametrize("kind", FORMATS)
def test_long_texts_are_printed_whole(kind: str):
    sheet, look = _sheet(2, kind=kind)
    words = " ".join(f"word{number}" for number in range(60))
    long = Section("What is it usually for?", (Paragraph((Run(words),)),))
    first = replace(sheet.prescribed[0], sections=(long, *sheet.prescribed[0].sections[1:]))
    pages = squeezed_pages(laid_out(replace(sheet, prescribed=(first, *sheet.prescribed[1:])), look)[1])
    assert any(squeezed(words) in page and squeezed(first.warning.heading) in page for page in pages)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("blank", [False, True])
def test_nothing_is_smaller_than_may_be_printed_and_nothing_is_wrong_with_the_file(kind: str, blank: bool):
    sheet, look = _sheet(3, others=True, unknown=True, kind=kind, blank=blank)
    _, pdf = laid_out(sheet, look)
    assert min(size for page in measure_pages(pdf) for size in page.sizes) >= SMALLEST[kind] - 0.05
    assert failures(pdf, "3a") == ""


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("prescribed", [0, 1])
def test_no_level_of_headings_is_left_out_whether_something_was_prescribed_or_not(prescribed: int, kind: str):
    sheet, look = _sheet(prescribed, others=True, kind=kind)
    levels = [int(tag.kind[1]) for tag in tags(laid_out(sheet, look)[1]) if tag.kind in {"H1", "H2", "H3", "H4"}]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_in_large_print_a_plan_of_two_medicines_is_cut_out_of_one_page(paper: str):
    sheet, look = _sheet(2, kind="large-print", paper=paper)
    _, pdf = laid_out(replace(sheet, plan=PlanShape(PLAN_ROWS[True][0], PLAN_LINES[0])), look)
    first = squeezed_pages(pdf)[0]
    assert squeezed(WORDS["medicine_rule"]) in first
