"""Lines that were broken before are not broken again, and come out as they did."""

from __future__ import annotations

from typing import Any

import pytest
from weasyprint.layout import inline

from handouts.typeset.kept_lines import keeping_lines
from handouts.typeset.weasyprint import layout, write
from tests.typeset.test_linebreaks import ARABIC, BOLD, BOUND, PAGE

TEXTS = pytest.mark.parametrize(
    ("text", "language", "direction"), [(BOUND, "es", "ltr"), (BOLD, "es", "ltr"), (ARABIC, "ar", "rtl")]
)


def _page(text: str, language: str, direction: str, width: float = 150, style: str = "") -> str:
    page = PAGE.format(text=f"{text} {text}", width=width, language=language, direction=direction)
    return page.replace("</style>", f"{style}</style>")


@TEXTS
def test_a_page_that_is_laid_out_again_is_the_same(text: str, language: str, direction: str):
    page = _page(text, language, direction)
    fresh = write(layout(page, ()))
    with keeping_lines():
        assert write(layout(page, ())) == fresh
        assert write(layout(page, ())) == fresh


@TEXTS
def test_a_line_of_another_width_or_style_is_broken_anew(text: str, language: str, direction: str):
    others = [_page(text, language, direction, 90), _page(text, language, direction, 150, "p { font-weight: bold }")]
    fresh = [write(layout(page, ())) for page in others]
    with keeping_lines():
        layout(_page(text, language, direction), ())
        assert [write(layout(page, ())) for page in others] == fresh


def test_the_second_layout_of_a_sheet_shapes_no_line(monkeypatch: pytest.MonkeyPatch):
    from weasyprint.text.line_break import Layout

    asked: list[str] = []
    set_text = Layout.set_text

    def counted(self: Any, text: str, justify: bool = False) -> Any:
        asked.append(text)
        return set_text(self, text, justify)

    monkeypatch.setattr(Layout, "set_text", counted)
    page = _page(BOUND, "es", "ltr")
    with keeping_lines():
        layout(page, ())
        assert asked
        asked.clear()
        layout(page, ())
    assert asked == []


def test_a_line_from_right_to_left_is_laid_out_once(monkeypatch: pytest.MonkeyPatch):
    lines: list[Any] = []
    split = inline.split_inline_box

    def counted(context: Any, box: Any, *args: Any, **more: Any) -> Any:
        made = split(context, box, *args, **more)
        if type(box).__name__ == "LineBox":
            lines.append(made[0])
        return made

    monkeypatch.setattr(inline, "split_inline_box", counted)
    page = layout(_page(ARABIC, "ar", "rtl"), ()).pages[0]._page_box
    drawn = [box for box in page.descendants() if type(box).__name__ == "LineBox"]
    assert len(drawn) > 3
    assert len(lines) == len(drawn)
