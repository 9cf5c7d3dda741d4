"""Finished pages measured in tests by another reader (PDFium): how large the type is, and where there is ink."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

EDGE = 18.0
"""pt from the edge of the paper, where printers print nothing."""
MARK = 0.7
"""A source mark is at most this much as large as the text that it stands in."""
ROUNDING = 0.05
HAIR = 2
"""pt by which a letter may overhang the margin: a "j", a round bullet."""
WHITE = 250
"""Of 255: what is darker is ink."""


@dataclass(frozen=True)
class Letter:
    """A printed character, and its size in pt."""

    sign: str
    size: float


@dataclass(frozen=True)
class PrintedPage:
    """A page; measures in pt. ``letters``: with ink, in the order of the file; ``ink``: the box that holds all that is
    printed, from the page's upper left.
    """

    width: float
    height: float
    letters: tuple[Letter, ...]
    ink: tuple[float, float, float, float]

    def too_small(self, least: float) -> str:
        """What is set smaller than ``least`` pt, but source marks."""
        found, before = "", 0.0
        after = self._sizes_after()
        for letter, text_after in zip(self.letters, after, strict=True):
            if _may_be_mark(letter) and letter.size <= max(before, text_after, least) * MARK:
                continue
            before = letter.size
            if before < least - ROUNDING:
                found += letter.sign
        return found

    def _sizes_after(self) -> list[float]:
        """Of each letter, how large the next text is: from right to left a mark may stand before what it belongs to."""
        sizes, after = [], 0.0
        for letter in reversed(self.letters):
            sizes.append(after)
            if not _may_be_mark(letter):
                after = letter.size
        return sizes[::-1]

    def is_inside(self, margin: float) -> bool:
        """Whether nothing is beyond the margins at the sides, ``margin`` pt each, and nothing near head and foot."""
        left, top, right, bottom = self.ink
        at_sides = left >= margin - HAIR and right <= self.width - margin + HAIR
        return at_sides and top >= EDGE and bottom <= self.height - EDGE


def _may_be_mark(letter: Letter) -> bool:
    return letter.sign.isdigit() or letter.sign in ",،"


def printed_pages(pdf: bytes) -> list[PrintedPage]:
    """Every page of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [PrintedPage(*page.get_size(), tuple(_letters(page)), _ink(page)) for page in document]
    finally:
        document.close()


def _letters(page: pypdfium2.PdfPage) -> Iterator[Letter]:
    text = page.get_textpage()
    matrix = raw.FS_MATRIX()
    try:
        for index in range(text.count_chars()):
            sign = chr(raw.FPDFText_GetUnicode(text, index))
            box = text.get_charbox(index)
            if sign.isspace() or box[2] - box[0] < 0.1 or raw.FPDFText_IsGenerated(text, index) == 1:
                continue  # an ActualText spells a line in characters of no size
            raw.FPDFText_GetMatrix(text, index, ctypes.byref(matrix))
            scale = float((matrix.c**2 + matrix.d**2) ** 0.5)
            yield Letter(sign, scale * raw.FPDFText_GetFontSize(text, index))
    finally:
        text.close()


def _ink(page: pypdfium2.PdfPage) -> tuple[float, float, float, float]:
    picture = page.render(scale=2, grayscale=True).to_pil().convert("L").point(lambda value: 255 * (value < WHITE))
    left, top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
    return left / 2, top / 2, right / 2, bottom / 2
