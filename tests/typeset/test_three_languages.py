"""The pages of the languages that come with the program, measured: fields to fill in, heads, drawings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.request import Request
from handouts.typeset.html import style_sheets
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
