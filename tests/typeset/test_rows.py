"""Rows of question and answer: what belongs to one answer starts at one edge, however tight the sheet is set."""

from __future__ import annotations

import pypdfium2

from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.request import Request
from handouts.typeset.room import lay_out
from handouts.typeset.weasyprint import write
from tests.conftest import CONTENT, TODAY

HOME = "going-home-after-brain-surgery"


def start_of(page: pypdfium2.PdfPage, text: str) -> float:
    """Where a text starts, in pt from the left."""
    words = page.get_textpage()
    found = words.search(text).get_next()
    assert found, text
    return float(words.get_charbox(found[0])[0])


def test_a_second_field_stands_below_the_first_in_instructions_as_well():
    library = load_library(CONTENT, HOME)
    handout = merge(library, Request(topic=HOME, patient={"name": "A"}), TODAY).handout  # type: ignore[arg-type]
    assert handout.instructions
    laid = lay_out(handout.instructions, handout.look, library.words, drawings=library.topic.drawings)
    assert "tight" in laid.html, "this sheet is set tight; try another"
    for page in pypdfium2.PdfDocument(write(laid.document)):
        if "When you may work and fly" in page.get_textpage().get_text_range():
            first, second = (start_of(page, text) for text in ("When you may drive", "When you may work and fly"))
            assert abs(first - second) < 0.5
            return
    raise AssertionError("the fields are on no page together")
