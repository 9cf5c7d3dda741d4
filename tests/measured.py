"""Finished pages measured in tests by another reader (PDFium): how large the type is, and what stands where."""

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
HAIR = 1.5
"""pt by which a letter may overhang the margin: a "j", a round bullet."""


@dataclass(frozen=True)
class Letter:
    """A printed character: its size and its box on its page, in pt from the foot of the page and its left side."""

    sign: str
    size: float
    left: float
    bottom: float
    right: float
    top: float

    def __str__(self) -> str:
        return f"{self.sign!r} of {self.size:.1f} pt at {self.left:.0f}..{self.right:.0f}, {self.bottom:.0f}"


@dataclass(frozen=True)
class PrintedPage:
    """A page. ``letters``: with ink, in the order of the file; ``edge_is_white``: nothing is near the paper's edge."""

    width: float
    height: float
    letters: tuple[Letter, ...]
    edge_is_white: bool

    def smallest(self) -> float:
        """Size of the smallest type but source marks, in pt."""
        found, before = 1000.0, 0.0
        for letter in self.letters:
            if (letter.sign.isdigit() or letter.sign == ",") and letter.size <= before * MARK:
                continue
            before = letter.size
            found = min(found, before)
        return found

    def outside(self, margin: float) -> list[str]:
        """What stands beyond the margins at the sides, ``margin`` pt each, or within `EDGE` of head and foot."""
        return [
            str(letter)
            for letter in self.letters
            if letter.left < margin - HAIR
            or letter.right > self.width - margin + HAIR
            or letter.bottom < EDGE
            or letter.top > self.height - EDGE
        ]


def printed_pages(pdf: bytes) -> list[PrintedPage]:
    """Every page of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [PrintedPage(*page.get_size(), tuple(_letters(page)), _is_edge_white(page)) for page in document]
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
            yield Letter(sign, scale * raw.FPDFText_GetFontSize(text, index), *box)
    finally:
        text.close()


def _is_edge_white(page: pypdfium2.PdfPage) -> bool:
    picture = page.render(scale=1, grayscale=True).to_pil().convert("L").point(lambda value: 255 if value < 250 else 0)
    inner = (int(EDGE), int(EDGE), picture.width - int(EDGE), picture.height - int(EDGE))
    picture.paste(0, inner)
    return picture.getbbox() is None
