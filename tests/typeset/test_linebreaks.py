"""Spaces at the ends of lines: a text that fits stays on its line, and from right to left no line leaves the edge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from handouts.typeset.weasyprint import layout

PAGE = """<html lang="{language}" dir="{direction}"><head><title>T</title><style>
@page {{ size: 600pt 600pt; margin: 0; font-family: "Handouts Legible" }}
body {{ margin: 0; width: {width}pt; font: 12pt/15pt "Handouts Legible", "Noto Sans Arabic"; direction: {direction} }}
.bound {{ white-space: nowrap }}
</style></head><body><p>{text}</p></body></html>"""
BOUND = 'resultados de su cirujano pueden ser <span class="bound">distintos.<sup>2</sup></span>'
BOLD = "<strong>2</strong>\u00a0pérdida de audición; <strong>1</strong>\u00a0debilidad en la cara"
ARABIC = 'نظرت في حالات سابقة. لا تقارن بين <span class="bound">الأرقام.<sup>8، 10</sup></span>'


def _lines(text: str, width: float, language: str = "es", direction: str = "ltr") -> list[Any]:
    page = PAGE.format(text=text, width=width, language=language, direction=direction)
    return list(_walk(layout(page, ()).pages[0]._page_box))


def _walk(box: Any) -> Iterator[Any]:
    if type(box).__name__ == "LineBox":
        yield box
    else:
        for child in getattr(box, "children", ()):
            yield from _walk(child)


def _text(box: Any) -> str:
    return box.text if hasattr(box, "text") else "".join(map(_text, getattr(box, "children", ())))


@pytest.mark.parametrize("text", [BOUND, BOLD], ids=["a word with its mark", "a number in bold"])
def test_a_line_is_as_full_as_its_width_allows(text: str):
    """Wider lines hold as much as narrower ones, or more."""
    first = [len(_text(_lines(text, width / 2)[0])) for width in range(240, 480)]
    assert first == sorted(first)


def test_from_right_to_left_every_line_begins_at_the_edge():
    for width in range(60, 200):
        for line in _lines(ARABIC, width, "ar", "rtl"):
            right = max(part.position_x + part.margin_width() for part in line.children)
            assert right == pytest.approx(600 / 0.75, abs=0.1), (width, _text(line))
