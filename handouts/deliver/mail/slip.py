"""The slip: a patient's four words on paper, and how to open the file. Drawn with ReportLab. Pure.

One page a patient, so that no slip goes to another. It is given by hand, never sent.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from handouts.deliver.canvas import draw_text, new_canvas
from handouts.fonts.lines import break_lines
from handouts.model.isolates import isolated
from handouts.model.language import ORIGINAL, is_rtl
from handouts.model.mailwords import SlipWords
from handouts.model.request import PAPER_SIZES, Paper

_MARGIN = 54.0
_SIZES = (18.0, 16.0, 14.0)
"""Points, the largest that leaves a slip on its page: large print for whoever can't read the screen's."""
_LEAD = 1.35
_PHRASE = 34.0
"""Points of the four words, at most; less where they would leave their box."""


@dataclass(frozen=True)
class Slip:
    """One patient's. ``name`` is "" where nobody told it; ``code`` as it is printed on the handout; ``words``: in the
    patient's ``language``.
    """

    code: str
    passphrase: str
    clinic: str
    phone: str | None = None
    name: str = ""
    language: str = ORIGINAL
    words: SlipWords | None = None

    def __repr__(self) -> str:
        return f"Slip({self.code})"


def draw_slips(slips: Sequence[Slip], words: SlipWords, paper: Paper) -> bytes:
    """A PDF of one page a slip; ``words``: of those that bring none of their own. NoGlyph for a name that no font
    has (no handout holds such a name).
    """
    out = io.BytesIO()
    canvas = new_canvas(out, paper, words.heading)
    for slip in slips:
        said = slip.words or words
        _Page(canvas, PAPER_SIZES[paper], _fit(slip, said, paper), slip.language).draw(slip, said)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _fit(slip: Slip, words: SlipWords, paper: Paper) -> float:
    for size in _SIZES:
        trial = _Page(new_canvas(io.BytesIO(), paper, ""), PAPER_SIZES[paper], size, slip.language)
        trial.draw(slip, words)
        if trial.y >= _MARGIN:
            break
    return size


class _Page:
    def __init__(self, canvas: Canvas, page: tuple[float, float], size: float, language: str = ORIGINAL) -> None:
        self.canvas, (self.width, self.y), self.size = canvas, page, size
        self.rtl = is_rtl(language)
        self.y -= _MARGIN
        self.room = self.width - 2 * _MARGIN

    def draw(self, slip: Slip, words: SlipWords) -> None:
        size = self.size
        self._outlined(slip.clinic, size)
        self._down(size)
        self._text(words.heading, "Bold", 28)
        self._down(8)
        if slip.name:
            self._labelled(words.name, slip.name)
        self._labelled(words.code, slip.code)
        self._down(16)
        self._words(slip, words)
        for heading, steps in ((words.phone, words.on_phone), (words.computer, words.on_computer)):
            self._down(8)
            self._text(heading, "Bold", size + 2)
            for number, step in enumerate(steps, 1):
                self._text(step, "Body", size, mark=f"{isolated(str(number)) if self.rtl else number}.")
        self._down(10)
        for line in words.keep:
            self._text(line, "Body", size)
        if slip.phone:
            self._down(8)
            self._outlined(slip.phone, size + 4)

    def _words(self, slip: Slip, words: SlipWords) -> None:
        size, inside = self.size, self.room - 32
        phrase = min(_PHRASE, _PHRASE * inside / stringWidth(slip.passphrase, "Bold", _PHRASE))
        height = 2 * size + phrase + 44
        self.canvas.setLineWidth(1.5)
        self.canvas.roundRect(_MARGIN, self.y - height, self.room, height, 8)
        at = self.y - size - 8
        for text, font, points in ((words.words, "Body", size), (slip.passphrase, "Bold", phrase)):
            self._line(text, font, points, 16, at)
            at -= phrase + 10
        self._line(words.how_typed, "Body", size, 16, self.y - height + 12)
        self._down(height + 6)

    def _line(self, text: str, font: str, size: float, indent: float, y: float) -> None:
        """A line ``indent`` from where lines begin. ReportLab joins no letters: what runs from right to left is drawn
        as outlines.
        """
        if self.rtl and not text.isascii():
            draw_text(self.canvas, text, _MARGIN, y, self.room - indent, size, bold=font == "Bold", rtl=True)
            return
        self.canvas.setFont(font, size)
        if self.rtl:
            self.canvas.drawRightString(_MARGIN + self.room - indent, y, text)
        else:
            self.canvas.drawString(_MARGIN + indent, y, text)

    def _split(self, text: str, font: str, size: float, room: float) -> Sequence[str]:
        if not self.rtl:
            lines: list[str] = simpleSplit(text, font, size, room)
            return lines
        return [line.strip() for line in break_lines(text, room, size, bold=font == "Bold", rtl=True)]

    def _text(self, text: str, font: str, size: float, *, mark: str = "") -> None:
        indent = size * 1.6 if mark else 0.0
        for i, line in enumerate(self._split(text, font, size, self.room - indent)):
            self._down(size * _LEAD)
            if mark and i == 0:
                self._line(mark, font, size, 0, self.y)
            self._line(line, font, size, indent, self.y)

    def _labelled(self, label: str, text: str) -> None:
        self._down(self.size * 1.5)
        self._line(label, "Body", self.size, 0, self.y)
        left = _MARGIN if self.rtl else _MARGIN + 70
        draw_text(self.canvas, text, left, self.y, self.room - 70, self.size, bold=True, rtl=self.rtl)

    def _outlined(self, text: str, size: float) -> None:
        self._down(size)
        draw_text(self.canvas, text, _MARGIN, self.y, self.room, size, rtl=self.rtl)

    def _down(self, by: float) -> None:
        self.y -= by
