"""The pages of the languages that come with the program, measured: fields to fill in, heads, drawings."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from handouts.fonts.shaping import shape
from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.isolates import without_isolates
from handouts.model.request import Request
from handouts.paths import PROGRAM
from handouts.typeset import svg as figures
from handouts.typeset.fit import Fit
from handouts.typeset.guard import require_in_place
from handouts.typeset.html import context, style_sheets
from handouts.typeset.label_places import crowded
from handouts.typeset.lettering import labels, outside
from handouts.typeset.room import lay_out
from handouts.typeset.weasyprint import layout
from tests.conftest import CONTENT, TODAY, TOPIC
from tests.laid_out import html_of

LANGUAGES = ("en", "es", "ar")
LINES = {"rule", "write", "line"}
"""Classes of what there is to write on."""
LABELLED = {"fill", "by-hand", "us", "told"}
"""Classes of a label with a line to write on beside it."""
PX = 0.75


@cache
def library(language: str, topic: str = TOPIC) -> Library:
    return load_library(CONTENT, topic, language=language)


def boxes(box: Any) -> Iterator[Any]:
    yield box
    for child in getattr(box, "children", ()):
        yield from boxes(child)


def classes(box: Any) -> set[str]:
    element = getattr(box, "element", None)
    return set((element.get("class") or "").split()) if hasattr(element, "get") else set()


def is_text(box: Any) -> bool:
    return type(box).__name__ == "TextBox" and bool(box.text.strip())


def blank_pages(language: str, form: str) -> Iterator[Any]:
    """Each page's box of a front and of the medicines with lines to write on."""
    asked = Request.model_validate({
        "topic": TOPIC, "language": language, "format": form, "options": ["medicines", "no-treatment"],
        "patient": {"name": "A Patient"},
    })  # fmt: skip
    handout = merge(library(language), asked, TODAY, Edition(allow_unapproved=True, blank=True)).handout
    for name, sheet in handout.sheets():
        if name in {"front", "medicines"}:
            page = html_of(sheet, handout.look, library(language))
            yield from (one._page_box for one in layout(page, style_sheets(sheet)).pages)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["standard", "large-print"])
def test_a_line_to_write_on_stands_beside_its_label_and_touches_no_word(language: str, form: str) -> None:
    found = 0
    for page in blank_pages(language, form):
        for row in (box for box in boxes(page) if classes(box) & LABELLED):
            texts = [box for box in boxes(row) if is_text(box)]
            lines = [box for box in boxes(row) if classes(box) & LINES and box.border_bottom_width]
            for line in lines:
                found += 1
                left, right = line.border_box_x(), line.border_box_x() + line.border_width()
                foot = line.border_box_y() + line.border_height()
                last = texts[-1]
                assert last.position_y - 1 < foot < last.position_y + last.height + 12, last.text
                assert (right - left) * PX > 60, "there is room to write"
                for text in texts:
                    gap = max(left - text.position_x - text.width, text.position_x - right)
                    assert gap * PX > 1.4, text.text
                assert row.content_box_x() - 1 <= left
                assert right <= row.content_box_x() + row.width + 1
    assert found > 6


def drawings() -> Iterator[tuple[str, str, str]]:
    """Every drawing of every topic in every language, as it says its words."""
    for topic in sorted(path.name for path in (CONTENT / "topics").iterdir() if (path / "figures").is_dir()):
        for language in LANGUAGES:
            told = library(language, topic).topic.drawings
            for path in sorted((CONTENT / "topics" / topic / "figures").glob("*.svg")):
                yield topic, f"{path.stem} {language}", figures.say(figures.read(path), told.labels.get(path.stem, {}))


def test_no_words_of_a_drawing_touch_each_other_or_its_edge() -> None:
    touching = [(topic, name, one.text, other.text) for topic, name, svg in drawings()
                for one, other in crowded(svg)]  # fmt: skip
    assert touching == []
    cut = [(topic, name, label.text) for topic, name, svg in drawings() for label in outside(svg, -0.0055)]
    assert cut == []


def test_words_of_one_line_stay_on_one_line() -> None:
    told = library("ar").topic.drawings
    svg = figures.say(figures.read(told.file("medicines-day")), told.labels["medicines-day"])
    assert len(set(re.findall(r'id="label-(?:morning|noon|evening|night)"[^>]* y="([\d.]+)"', svg))) == 1


@pytest.mark.parametrize(("topic", "name", "first", "last"), [
    (TOPIC, "medicines-day", "morning", "night"), ("trigeminal-neuralgia", "pill-each-day", "day-1", "day-7"),
])  # fmt: skip
def test_time_passes_in_a_drawing_as_the_page_is_read(topic: str, name: str, first: str, last: str) -> None:
    for language, forwards in (("en", True), ("es", True), ("ar", False)):
        place = {label.id: label.box for label in labels(shown(language, topic, name)) if label.box}
        assert (place[f"label-{first}"][0] < place[f"label-{last}"][0]) == forwards
    assert "scale(-1 1)" in shown("ar", topic, name)
    assert "scale(-1 1)" not in shown("ar", TOPIC, "cushion"), "what is no timeline stays as it is"


def test_the_days_of_a_drawing_are_those_of_the_diary_in_its_order() -> None:
    svg = shown("ar", "trigeminal-neuralgia", "pill-each-day")
    days = sorted((label for label in labels(svg) if label.id.startswith("label-day-") and label.box),
                  key=lambda label: -label.box[0] if label.box else 0)  # fmt: skip
    names = library("ar").words.page["diary_days"].split()
    assert [day.text in name for day, name in zip(days, names, strict=True)] == [True] * 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_telephone_number_that_its_line_can_t_hold_goes_below_the_words(language: str) -> None:
    made = library(language)
    clinic = replace(made.clinic, file=made.clinic.file.model_copy(update={"phone": "+49 (0)228 555 010-0142"}))
    asked = Request.model_validate({
        "topic": TOPIC, "language": language, "options": ["medicines", "radiosurgery"],
        "patient": {"name": "A Patient"}, "medicines": [{"name": "gabapentin", "dose": "5 mg", "times": ["noon"]}],
    })  # fmt: skip
    handout = merge(replace(made, clinic=clinic), asked, TODAY, Edition(allow_unapproved=True)).handout
    document = layout(html_of(handout.front, handout.look, made), style_sheets(handout.front))
    require_in_place(document, handout.front, handout.look)
    us = next(box for box in boxes(document.pages[0]._page_box) if "us" in classes(box))
    told, number = (box for box in boxes(us) if is_text(box))
    assert number.position_y > told.position_y + told.height / 2


def shown(language: str, topic: str, name: str) -> str:
    """A drawing as a page shows it."""
    made = library(language, topic)
    asked = Request.model_validate({
        "topic": topic, "language": language, "options": ["medicines"], "patient": {"name": "A Patient"},
    })  # fmt: skip
    handout = merge(made, asked, TODAY, Edition(allow_unapproved=True)).handout
    there = context(handout.front, handout.look, made.words, PROGRAM, made.topic.drawings, Fit())["drawing"](name)
    return base64.b64decode(there.partition(",")[2]).decode()


def inks(page: Any) -> Iterator[tuple[Any, float, float]]:
    """Each printed text with the top and the bottom of its ink, in px."""
    for box in boxes(page):
        if is_text(box):
            size = box.style["font_size"]
            line = shape(without_isolates(box.text.strip()), bold=box.style["font_weight"] >= 600)
            base = box.position_y + box.baseline
            yield box, base - line.top * size / 1000, base - line.bottom * size / 1000


@pytest.mark.parametrize("topic", [TOPIC, "trigeminal-neuralgia", "going-home-after-brain-surgery"])
def test_an_arabic_title_touches_neither_the_rule_above_it_nor_what_stands_below(topic: str) -> None:
    options = {} if topic.startswith("going") else {"options": ["medicines", "microvascular-decompression"]}
    made = library("ar", topic)
    asked = Request.model_validate({"topic": topic, "language": "ar", "patient": {"name": "A Patient"}, **options})
    handout = merge(made, asked, TODAY, Edition(allow_unapproved=True)).handout
    for _, sheet in handout.sheets():
        page = layout(html_of(sheet, handout.look, made), style_sheets(sheet)).pages[0]._page_box
        [title] = [box for box in boxes(page) if box.element_tag == "h1" and type(box).__name__ == "BlockBox"]
        lines = [(top, bottom) for _, top, bottom in inks(title)]
        assert min(top for top, _ in lines) > title.padding_box_y(), "the rule above it"
        foot = max(bottom for _, bottom in lines)
        after = [top for box, top, bottom in inks(page)
                 if bottom > foot and box.position_x + box.width > title.position_x
                 and box.position_x < title.position_x + title.margin_width()]  # fmt: skip
        assert min(after) >= foot, "the next line"
        rules = [box.border_box_y() for box in boxes(page)
                 if getattr(box, "border_top_width", 0) and box.border_box_y() > title.border_box_y()]  # fmt: skip
        assert not [rule for rule in rules if foot - 12 < rule < foot + 1], "a rule through its signs"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["standard", "large-print"])
def test_lines_end_within_the_white_that_hides_them(language: str, form: str) -> None:
    """Where both end at one edge, a printer leaves the ends of lines that nobody should see."""
    asked = Request.model_validate({
        "topic": TOPIC, "language": language, "format": form, "paper": "a4", "options": ["medicines", "botox"],
        "patient": {"name": "A Patient"}, "note": "Rest. " * 300,
    })  # fmt: skip
    handout = merge(library(language), asked, TODAY, Edition(allow_unapproved=True)).handout
    found = 0
    for name, sheet in handout.sheets():
        if name not in {"front", "medicines", "questions"}:
            continue
        for page in layout(html_of(sheet, handout.look, library(language)), style_sheets(sheet)).pages:
            every = list(boxes(page._page_box))
            white = [box for box in every if "paper" in classes(box)]
            for lines in (box for box in every if classes(box) & {"ruled", "fill"} and box.style["z_index"] == -1):
                for paper in white:
                    found += 1
                    left, right = lines.border_box_x(), lines.border_box_x() + lines.border_width()
                    assert left - paper.border_box_x() > 0.5
                    assert paper.border_box_x() + paper.border_width() - right > 0.5
    assert found


def laid_out(language: str, sheet: str, *, topic: str = TOPIC, **asked: Any) -> Any:
    """WeasyPrint's document of a sheet as it is printed."""
    made = library(language, topic)
    given = {"topic": topic, "language": language, "patient": {"name": "A Patient"}, **asked}
    handout = merge(made, Request.model_validate(given), TODAY, Edition(allow_unapproved=True)).handout
    content = dict(handout.sheets())[sheet]
    return lay_out(content, handout.look, made.words, drawings=made.topic.drawings).document


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_of_two_medicines_has_their_cards_on_its_page(language: str) -> None:
    two = [{"name": "carbamazepine", "dose": "200 mg", "times": ["noon"]},
           {"name": "baclofen", "dose": "5 mg", "times": ["noon"]}]  # fmt: skip
    first = laid_out(language, "plan", options=["medicines", "botox"], medicines=two).pages[0]
    assert [box for box in boxes(first._page_box) if "card" in classes(box)], "else the page is half empty"


@pytest.mark.parametrize("form", ["standard", "large-print"])
def test_the_number_of_a_source_does_not_touch_it(form: str) -> None:
    options = ["medicines", "microvascular-decompression", "radiofrequency"]
    document = laid_out("ar", "questions", topic="trigeminal-neuralgia", options=options, format=form)
    gaps = []
    for source in (
        box
        for page in document.pages
        for box in boxes(page._page_box)
        if "source" in classes(box) and type(box).__name__ == "BlockBox"
    ):
        texts = [box for box in boxes(source) if is_text(box)]
        gaps.append((texts[1].position_x - texts[0].position_x - texts[0].width) * PX)
    assert len(gaps) > 20
    assert min(gaps) > 1.4


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_lines_for_own_questions_begin_below_their_head_and_end_above_the_foot(paper: str) -> None:
    options = ["medicines", "botox", "microvascular-decompression", "no-treatment"]
    page = laid_out("en", "questions", options=options, paper=paper).pages[-1]._page_box
    [fill] = [box for box in boxes(page) if "fill" in classes(box)]
    assert (fill.position_y - page.content_box_y()) * PX < 25
    shown = fill.content_box_y() + fill.height
    assert (page.content_box_y() + page.height - shown) * PX > 0.75, "no line shows beneath the colophon"


@pytest.mark.parametrize("language", ["es", "ar"])
def test_in_large_print_lines_for_and_against_are_of_one_length(language: str) -> None:
    document = laid_out(language, "botox", options=["botox"], format="large-print")
    views = [box for page in document.pages for box in boxes(page._page_box) if "views" in classes(box)]
    widths = {round(box.border_width()) for view in views for box in boxes(view) if "write" in classes(box)}
    assert len(widths) == 1


@pytest.mark.parametrize("topic", [TOPIC, "trigeminal-neuralgia"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_head_of_the_diary_touches_the_rules_beside_it(language: str, topic: str) -> None:
    page = laid_out(language, "diary", topic=topic, options=["medicines", "botox"][: 1 + (topic == TOPIC)]).pages[0]
    heads = [
        box
        for box in boxes(page._page_box)
        if box.element_tag == "th" and "ticks" in classes(box) and type(box).__name__ == "TableCellBox"
    ]
    assert heads
    for head in heads:
        for text in (box for box in boxes(head) if is_text(box)):
            left = text.position_x - head.border_box_x()
            right = head.border_box_x() + head.border_width() - text.position_x - text.width
            assert min(left, right) * PX > 1.4, text.text
