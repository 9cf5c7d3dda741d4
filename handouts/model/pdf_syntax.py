"""The PDF syntax that several modules write by hand (ISO 32000-1, 7.3): strings, streams, references. Pure.

Without pikepdf: stamping a handout must not wait for it. `handouts.typeset.pdf_objects` writes what pikepdf read.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable


def text_string(text: str) -> bytes:
    """A text string, UTF-16BE in hexadecimal (7.9.2.2)."""
    return b"<feff" + text.encode("utf-16-be").hex().encode() + b">"


def stream(entries: bytes, data: bytes) -> bytes:
    """A stream object; ``entries`` of its dictionary, without its length."""
    end = b"\r" if data.endswith(b"\r") else b"\n"  # CR LF would count as one end of line, and hide a byte of the data
    return b"<<%b/Length %d>>stream\n%b%bendstream" % (entries, len(data), data, end)


def deflated_stream(entries: bytes, data: bytes, level: int = 9) -> bytes:
    """A stream object whose data is compressed."""
    return stream(entries + b"/Filter/FlateDecode", zlib.compress(data, level))


def reference_to(number: int) -> bytes:
    """A reference to object ``number``."""
    return b"%d 0 R" % number


def references_to(numbers: Iterable[int]) -> bytes:
    """An array of references."""
    return b"[" + b" ".join(map(reference_to, numbers)) + b"]"


def rgb(ink: str) -> tuple[float, float, float]:
    """A colour such as #17324d as operators take it: red, green and blue, 0 to 1."""
    red, green, blue = (int(ink[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return round(red, 4), round(green, 4), round(blue, 4)
