"""Sheets laid out in tests: as the program prints them, with the slots empty; and how full their pages are."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pypdfium2

from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.handout import Handout, Look
from handouts.model.language import ORIGINAL
from handouts.model.request import Request
from handouts.model.sheets import Front, SheetContent
from handouts.typeset.front import choose_front
from handouts.typeset.html import LARGE_MARGINS, MARGINS
from handouts.typeset.room import Laid, lay_out
from handouts.typeset.weasyprint import write
from tests.conftest import CONTENT, TODAY, TOPIC
from tests.reading_pdf import page_texts

FORMATS = ("standard", "large-print")
SMALLEST = {"standard": 9.5, "large-print": 18.0}
"""The smallest text, in pt (STANDARDS: Page)."""
DPI = 40


@cache
def library_of(clinic: str | None = None, topic: str = TOPIC, language: str = ORIGINAL) -> Library:
    """A topic, if not said otherwise that of the tests, with a clinic."""
    return load_library(CONTENT, topic, clinic, language)


def handout_of(clinic: str | None = None, *, blank: bool = False, **over: Any) -> Handout:
    """A merged handout; ``over``: keys of the request."""
    wanted = {"options": ["botox"], "patient": {"name": "A Patient"}, "topic": TOPIC, **over}
    request = Request(**wanted)
    library = library_of(clinic, request.topic, request.language)
    return merge(library, request, TODAY, Edition(blank=blank)).handout


def laid_out(sheet: SheetContent, look: Look, topic: str = TOPIC) -> tuple[Laid, bytes]:
    """A sheet's layout, and its PDF."""
    laid = lay_out(sheet, look, library_of(None, topic, look.language).words)
    return laid, write(laid.document)


def html_of(sheet: SheetContent, look: Look, library: Library) -> str:
    """A sheet's HTML, as it is printed, with its slots empty."""
    if isinstance(sheet, Front):
        return choose_front(sheet, look, library.words)
    return lay_out(sheet, look, library.words, drawings=library.topic.drawings).html


def squeezed(text: str) -> str:
    """A text without its spaces and marks, as it is found on a page wherever its lines break."""
    return re.sub(r"\W", "", text).lower()


def squeezed_pages(pdf: bytes) -> list[str]:
    """The text of each page, `squeezed`."""
    return [squeezed(text) for text in page_texts(pdf)]


def empty_shares(pdf: bytes, look: Look) -> list[float]:
    """How much of each page is empty between its last ink and its bottom margin, on the pixels."""
    margin = (LARGE_MARGINS if look.large else MARGINS["standard", look.paper])[0] * DPI / 72
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_empty_share(page.render(scale=DPI / 72, grayscale=True).to_pil(), margin) for page in document]
    finally:
        document.close()


def _empty_share(page: Any, margin: float) -> float:
    inside = page.crop((0, int(margin), page.width, int(page.height - margin)))
    ink = inside.point(lambda value: 255 if value < 200 else 0).getbbox()
    return 1 - (ink[3] / inside.height if ink else 0.0)
