"""The comparison as a picture, drawn by ReportLab: how many times as long as ours each peer takes."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path

from reportlab.graphics import renderPDF, renderSVG
from reportlab.graphics.shapes import Circle, Drawing, Line, String
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from benchmarks.table import Row
from handouts.fonts.files import font_files

_INK, _OURS, _PEER, _GRID = (HexColor(code) for code in ("#17324d", "#0b6e8a", "#b4541a", "#d5dde1"))
_WIDTH, _LEFT, _RIGHT, _PITCH, _TOP = 720.0, 190.0, 120.0, 34.0, 46.0
_SIZE = 13


def draw(rows: Sequence[Row]) -> Drawing:
    """A point for each peer that was measured, ours at 1; each says its ratio."""
    shown = [(row.title, 1.0 if row.share is None else 1 / row.share) for row in rows if row.milliseconds]
    decades = max(1, math.ceil(math.log10(max(times for _, times in shown) * 1.2)))
    height = _TOP + _PITCH * len(shown) + 34
    drawing = Drawing(_WIDTH, height)
    span = _WIDTH - _LEFT - _RIGHT

    def across(times: float) -> float:
        return _LEFT + span * math.log10(times) / decades

    _say(
        drawing,
        8,
        height - 20,
        "Time for one more personal handout, ours = 1 (each step to the right: ten times)",
        _INK,
        bold=True,
    )
    for decade in range(decades + 1):
        x = across(10**decade)
        drawing.add(Line(x, 24, x, height - _TOP + 8, strokeColor=_GRID, strokeWidth=1))
        _say(drawing, x, 8, f"{10**decade:,}", _INK, anchor="middle")
    for i, (title, times) in enumerate(shown):
        y, ours = height - _TOP - _PITCH * (i + 0.5), i == 0
        color = _OURS if ours else _PEER
        _say(drawing, _LEFT - 14, y - 4, title, color if ours else _INK, anchor="end", bold=ours)
        drawing.add(Line(across(1), y, across(times), y, strokeColor=color, strokeWidth=2))
        drawing.add(Circle(across(times), y, 6, fillColor=color, strokeColor=None))
        _say(
            drawing,
            across(times) + 12,
            y - 4,
            "1" if ours else f"{times:,.0f} times" if times >= 2 else f"{times:.1f} times",
            color,
            bold=True,
        )
    return drawing


def _say(
    drawing: Drawing, x: float, y: float, text: str, color: Color, *, anchor: str = "start", bold: bool = False
) -> None:
    name = "Plot-Bold" if bold else "Plot"
    drawing.add(String(x, y, text, fontName=name, fontSize=_SIZE, fillColor=color, textAnchor=anchor))


def write_plot(rows: Sequence[Row], path: Path) -> None:
    """Write the picture as SVG, PDF or PNG, by the file's ending (PNG needs pypdfium2, which the tests bring)."""
    for name, font in zip(("Plot", "Plot-Bold"), font_files()[:2], strict=True):
        pdfmetrics.registerFont(TTFont(name, str(font)))
    drawing = draw(rows)
    if path.suffix == ".svg":
        svg = renderSVG.drawToString(drawing)
        path.write_text(svg.replace("Plot-Bold", "sans-serif").replace("Plot", "sans-serif"), encoding="utf-8")
        return
    pdf = renderPDF.drawToString(drawing)
    if path.suffix == ".pdf":
        path.write_bytes(pdf)
        return
    import pypdfium2

    out = io.BytesIO()
    pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().save(out, "PNG", optimize=True)
    path.write_bytes(out.getvalue())
