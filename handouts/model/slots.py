"""The slots: where a patient's short details go. Their sizes, and their place in the HTML until they are filled.

In the HTML a slot is an ``<img>`` of fixed size whose picture is one pixel in a unique colour, so WeasyPrint writes
one Image XObject per slot, shared by every page that shows it. `handouts.typeset.master` swaps that for a Form
XObject.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from handouts.model.patient_fields import STAMPED, Box

ASCENT, DESCENT = 0.95, 0.29
"""Of the body font, in em: a slot is exactly as high as its line of text."""
ALT = "slot:"
"""A slot's alternative text until it is filled starts with this."""
FOOTER = "furniture"
"""The slot at the foot of every page: name and code. It is not in the HTML."""
LARGE = 1.5
"""Large print: 18 pt where standard print has 12."""
NOTE = tuple(f"note.{number}" for number in range(1, 13))
"""The lines of a clinician's note. Why no more: CONTENT-7."""


@dataclass(frozen=True)
class Slot:
    """Sizes in pt. ``lines``: the most lines to use if one is too short; ``floor``: the smallest size."""

    name: str
    width: float
    size: float
    bold: bool = False
    lines: int = 1
    floor: float = 9.0

    @property
    def height(self) -> float:
        """One line of the body font, in pt."""
        return self.size * (ASCENT + DESCENT)


_BOXES = {
    **{name: field.box for name, field in STAMPED.items() if field.box},
    "code": Box(150, large=230),
    "replaces": Box(150, large=230),
    FOOTER: Box(360, 9.5, lines=2, floor=5.5, large=300),
    **dict.fromkeys(NOTE, Box(510, a4=493.276, large=410)),  # exactly as wide as the note's box in print.css
}


@cache
def slots(*, large: bool, a4: bool) -> Mapping[str, Slot]:
    """Every slot by name, in pt for this format and paper."""
    return {name: _slot(name, box, large=large, a4=a4) for name, box in _BOXES.items()}


def _slot(name: str, box: Box, *, large: bool, a4: bool) -> Slot:
    width, size = (box.a4 if a4 and box.a4 else box.width), box.size
    if large:
        width = box.large
        size = 13.0 if name == FOOTER else size * LARGE * (0.9 if name == "name" else 1)
    return Slot(name, width, size, box.bold, box.lines, box.floor)


def color(name: str) -> bytes:
    """The three bytes of a slot's one-pixel picture: red, green and blue."""
    return zlib.crc32(name.encode()).to_bytes(4, "big")[:3]


@cache
def picture(name: str) -> str:
    """A data URL of a one-pixel PNG unique to the slot ``name``."""
    raw = zlib.compress(b"\0" + color(name), 9)
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", raw) + _chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
