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
from dataclasses import dataclass, replace
from functools import cache

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


_STANDARD = {
    slot.name: slot
    for slot in (
        Slot("name", 500, 21, bold=True, lines=2),
        Slot("birth_date", 178, 12),
        Slot("identifier", 178, 12, lines=1, floor=8),
        Slot("visit_date", 178, 12),
        Slot("clinician", 178, 12, floor=8),
        Slot("appointment_date", 166, 12, bold=True),
        Slot("appointment_time", 128, 12),
        Slot("appointment_with", 128, 12, lines=2, floor=6),
        Slot("appointment_where", 128, 12, lines=2, floor=6),
        Slot("code", 150, 12),
        Slot("replaces", 150, 12),
        Slot(FOOTER, 360, 9.5, lines=2, floor=5.5),
        *(Slot(name, 510, 12) for name in NOTE),  # exactly as wide as the note's box in print.css
    )
}
_A4 = {"name": 480.0, **dict.fromkeys(NOTE, 493.276)}
_LARGE = {"name": 430.0, "appointment_with": 260.0, "appointment_where": 260.0, FOOTER: 300.0} | (
    {"code": 230.0, "replaces": 230.0} | dict.fromkeys(NOTE, 410.0)
)


@cache
def slots(*, large: bool, a4: bool) -> Mapping[str, Slot]:
    """Every slot by name, in pt for this format and paper."""
    if large:
        return {name: _enlarged(slot) for name, slot in _STANDARD.items()}
    widths = _A4 if a4 else {}
    return {name: replace(slot, width=widths.get(name, slot.width)) for name, slot in _STANDARD.items()}


def _enlarged(slot: Slot) -> Slot:
    grown = 13.0 if slot.name == FOOTER else slot.size * LARGE * (0.9 if slot.name == "name" else 1)
    return replace(slot, width=_LARGE.get(slot.name, 290.0), size=grown)


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
