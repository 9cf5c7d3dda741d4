"""Pages of a PDF as PNG pictures, by pypdfium2, one at a time: PDFium can't be shared by threads."""

from __future__ import annotations

import io
import threading

import pypdfium2

MOST = 2400
"""Pixels: the widest picture."""
_ONE_AT_A_TIME = threading.Lock()


def page_picture(pdf: bytes, number: int, width: int) -> bytes:
    """Page ``number`` (from 1) as a PNG, ``width`` pixels wide, but at most `MOST`. IndexError for no such page."""
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            if not 1 <= number <= len(document):
                raise IndexError(number)
            page = document[number - 1]
            scale = max(16, min(width, MOST)) / page.get_width()
            picture = page.render(scale=scale, rev_byteorder=True).to_pil()
        finally:
            document.close()
    kept = io.BytesIO()
    picture.convert("RGB").save(kept, "PNG", compress_level=1)
    return kept.getvalue()


def page_texts(pdf: bytes) -> tuple[str, ...]:
    """What stands on each page, in the order in which it is drawn."""
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return tuple(page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document)
        finally:
            document.close()
