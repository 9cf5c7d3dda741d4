"""Pages of fixed geometry, drawn with ReportLab: run sheets and slips. What they have in common.

Names are drawn as outlines of the glyphs that the handout itself shows, so any script that a handout can hold stands
here as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import uharfbuzz as hb
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from handouts.fonts import shaping
from handouts.fonts.direction import runs_right_to_left
from handouts.fonts.faces import hb_font
from handouts.fonts.files import font_files
from handouts.model.request import PAPER_SIZES, Paper

_NON_ZERO = 1
"""ReportLab's number of the rule by which TrueType fills outlines (PDF's too): parts of a letter may overlap."""


def new_canvas(out: BinaryIO, paper: Paper, title: str) -> Canvas:
    """An empty page with our fonts registered as Body and Bold, no clock in the file. SystemMissing without fonts."""
    regular, bold, *_ = font_files()
    for name, path in (("Body", regular), ("Bold", bold)):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(path)))
    first: Any = "Body"  # ReportLab's stubs have it as a number
    canvas = Canvas(out, pagesize=PAPER_SIZES[paper], initialFontName=first, invariant=1)
    canvas.setTitle(title)
    return canvas


def draw_text(
    canvas: Canvas, text: str, x: float, y: float, room: float, size: float, *, bold: bool = False, rtl: bool = False
) -> None:
    """``text`` as outlines, ``size`` high, smaller where it would be wider than ``room``; ``rtl``: on a page that runs
    from right to left, where it ends ``room`` from ``x``. NoGlyph.
    """
    line = shaping.shape(text, bold=bold, rtl=runs_right_to_left(text, within_rtl=rtl) if rtl else None)
    scale = min(size, room * 1000 / max(line.width, 1)) / 1000
    canvas.saveState()
    canvas.translate(x + room - line.width * scale if rtl else x, y)
    canvas.scale(scale, scale)
    path, at = canvas.beginPath(), 0
    for glyph in line.glyphs:
        _outline(path, glyph, at + glyph.dx, glyph.dy)
        at += glyph.advance
    canvas.drawPath(path, stroke=0, fill=1, fillMode=_NON_ZERO)
    canvas.restoreState()


def _outline(path: Any, glyph: shaping.Glyph, x: int, y: int) -> None:
    """A glyph's outline in 1/1000 em; quadratic curves become cubic ones, which is all that PDF has."""
    here = (0.0, 0.0)

    def move(to_x: float, to_y: float, _: Any) -> None:
        nonlocal here
        here = (to_x, to_y)
        path.moveTo(x + to_x, y + to_y)

    def straight(to_x: float, to_y: float, _: Any) -> None:
        nonlocal here
        here = (to_x, to_y)
        path.lineTo(x + to_x, y + to_y)

    def curved(bend_x: float, bend_y: float, to_x: float, to_y: float, _: Any) -> None:
        nonlocal here
        points = [*_third(here, (bend_x, bend_y)), *_third((to_x, to_y), (bend_x, bend_y)), to_x, to_y]
        here = (to_x, to_y)
        path.curveTo(*(value + (x, y)[i % 2] for i, value in enumerate(points)))

    functions = hb.DrawFuncs()
    functions.set_move_to_func(move)
    functions.set_line_to_func(straight)
    functions.set_quadratic_to_func(curved)
    functions.set_close_path_func(lambda _: path.close())
    hb_font(glyph.font).draw_glyph(glyph.gid, functions, None)


def _third(end: tuple[float, float], bend: tuple[float, float]) -> Iterator[float]:
    """A cubic curve's handle: two thirds of the way from an end to the quadratic curve's handle."""
    return (one + (two - one) * 2 / 3 for one, two in zip(end, bend, strict=True))
