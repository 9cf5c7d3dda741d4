"""The diary: four weeks to fill in, on one page; in large print a week a page."""

from __future__ import annotations

from time import process_time

import pytest

from handouts.check.sheets import measure_pages
from handouts.model.handout import Look
from handouts.model.sheets import Closing, Diary
from tests.laid_out import FORMATS, SMALLEST, empty_shares, handout_of, laid_out, library_of
from tests.reading_pdf import failures, page_texts, tags

PAPERS = ("letter", "a4")
DAYS = library_of().words.page["diary_days"].split()

COLUMNS = library_of().topic.words.diary.columns  # type: ignore[union-attr]


def _look(kind: str, paper: str = "letter"):
    return handout_of(format=kind, paper=paper).look


@pytest.mark.parametrize("paper", PAPERS)
def test_four_weeks_take_one_page(paper: str):
    laid, pdf = laid_out(Diary(COLUMNS), _look("standard", paper))
    (text,) = page_texts(pdf)
    assert laid.pages == 1
    assert {day: text.count(day) for day in DAYS} == dict.fromkeys(DAYS, 4)


@pytest.mark.parametrize("paper", PAPERS)
def test_large_print_has_a_week_a_page(paper: str):
    _, pdf = laid_out(Diary(COLUMNS), _look("large-print", paper))
    for number, text in enumerate(page_texts(pdf), 1):
        assert f"Week {number}" in text
        assert {day: text.count(day) for day in DAYS} == dict.fromkeys(DAYS, 1)
    assert number == 4


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("paper", PAPERS)
def test_every_page_is_filled(kind: str, paper: str):
    look = _look(kind, paper)
    assert max(empty_shares(laid_out(Diary(COLUMNS), look)[1], look)) < 0.1


@pytest.mark.parametrize("kind", FORMATS)
def test_each_day_is_the_head_of_its_row(kind: str):
    _, pdf = laid_out(Diary(COLUMNS), _look(kind))
    kinds = [tag.kind for tag in tags(pdf)]
    columns = 5 if kind == "standard" else 4 * 5  # in large print each of four tables has its own
    assert kinds.count("TH") == 28 + columns
    assert kinds.count("TD") == 28 * 4
    assert failures(pdf, "3a") == ""


@pytest.mark.parametrize("kind", FORMATS)
def test_boxes_to_tick_are_drawn_for_every_day(kind: str):
    laid, _ = laid_out(Diary(COLUMNS), _look(kind))
    drawn = laid.html.count("q-2%200-2%202z")
    assert drawn == 2 * 3 * (28 if kind == "standard" else 2 * 7)  # in large print for the first week, and the others


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_is_smaller_than_may_be_printed(kind: str):
    _, pdf = laid_out(Diary(COLUMNS), _look(kind))
    assert min(size for page in measure_pages(pdf) for size in page.sizes) >= SMALLEST[kind] - 0.05


def test_it_costs_less_than_twice_the_sheet_of_questions():
    """Some 0.1 s, where 250 cells with boxes took 0.5. By turns with another sheet, since machines differ."""
    handout = handout_of(options=["botox"])
    turns = [[_cost(sheet, handout.look) for sheet in (Diary(COLUMNS), handout.closing)] for _ in range(3)]
    diary, questions = (min(costs) for costs in zip(*turns, strict=True))
    assert diary < 2 * questions


def _cost(sheet: Diary | Closing, look: Look) -> float:
    start = process_time()
    laid_out(sheet, look)
    return process_time() - start
