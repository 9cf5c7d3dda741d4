"""The run sheet: matches rows, codes and names, for the person at the printer. Drawn with ReportLab.

Names are drawn as outlines of the handout's own glyphs (LIST-8).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from handouts.deliver.canvas import draw_text, new_canvas
from handouts.model.request import PAPER_SIZES, Paper

_MARGIN, _STEP, _SIZE = 40.0, 17.0, 10.0
_TOP = 96.0
"""From the paper's edge to the first row, in pt."""
_NAME_WIDTH = 176.0
_COLUMNS = (
    ("", 0.0),
    ("Row", 20.0),
    ("Code", 58.0),
    ("Name", 150.0),
    ("Born", 334.0),
    ("Appointment", 398.0),
    ("Page", 500.0),
)
"""Column heads and positions, in pt from the margin; the first is a box to tick."""


@dataclass(frozen=True)
class Line:
    """One patient on the sheet. ``page``: where the handout starts in its volume, 0 without one."""

    row: int
    code: str
    name: str
    birth_date: str
    appointment: str
    page: int
    flagged: bool

    def __repr__(self) -> str:
        return f"Line({self.row})"


def run_sheet(lines: Sequence[Line], title: str, paper: Paper) -> bytes:
    """The sheet as PDF, with as many pages as needed; look-alike names are marked."""
    width, height = PAPER_SIZES[paper]
    out = io.BytesIO()
    canvas = new_canvas(out, paper, title.partition(":")[0])
    fit = int((height - _TOP - _MARGIN - 20) // _STEP)
    pages = [lines[start : start + fit] for start in range(0, len(lines), fit)] or [lines]
    for number, part in enumerate(pages, 1):
        _head(canvas, width, height, f"{title}, sheet {number} of {len(pages)}" if len(pages) > 1 else title)
        for i, line in enumerate(part):
            _draw(canvas, line, height - _TOP - i * _STEP, width - _MARGIN)
        _foot(canvas, any(line.flagged for line in part))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _head(canvas: Canvas, width: float, height: float, title: str) -> None:
    canvas.setFont("Bold", 15)
    canvas.drawString(_MARGIN, height - 46, title)
    canvas.setFont("Bold", 10)
    warning = "Patients' names: shred this sheet after use"
    canvas.rect(width - _MARGIN - 222, height - 52, 222, 20)
    canvas.drawCentredString(width - _MARGIN - 111, height - 45.5, warning)
    canvas.setFont("Bold", 9)
    for label, x in _COLUMNS:
        canvas.drawString(_MARGIN + x, height - _TOP + _STEP + 2, label)
    canvas.setLineWidth(0.8)
    canvas.line(_MARGIN, height - _TOP + _STEP - 3, width - _MARGIN, height - _TOP + _STEP - 3)


def _draw(canvas: Canvas, line: Line, y: float, right: float) -> None:
    at = [_MARGIN + x for _, x in _COLUMNS]
    canvas.setLineWidth(0.6)
    canvas.rect(at[0], y - 1.5, 9, 9)
    canvas.setFont("Body", _SIZE)
    canvas.drawString(at[1], y, str(line.row))
    canvas.drawString(at[2], y, line.code)
    mark = 12.0 if line.flagged else 0.0
    if line.flagged:
        canvas.setFont("Bold", 12)
        canvas.drawString(at[3] - 1, y, "!")
        canvas.setFont("Body", _SIZE)
    draw_text(canvas, line.name, at[3] + mark, y, _NAME_WIDTH - mark, _SIZE, bold=line.flagged)
    canvas.drawString(at[4], y, line.birth_date)
    canvas.drawString(at[5], y, line.appointment)
    canvas.drawString(at[6], y, str(line.page or ""))
    canvas.setLineWidth(0.25)
    canvas.line(at[0], y - 5, right, y - 5)


def _foot(canvas: Canvas, flagged: bool) -> None:
    canvas.setFont("Body", 9)
    text = "Tick each handout as it is put together with its patient."
    if flagged:
        text += "  ! = a name on this list looks much like it: compare the date of birth."
    canvas.drawString(_MARGIN, _MARGIN - 8, text)
