"""Text -> lines of glyphs that fit a slot: smaller, on two lines, or refused; never cut."""

from __future__ import annotations

import math
from dataclasses import dataclass

from handouts.errors import RequestFault
from handouts.fonts.shaping import Line, NoGlyph, shape
from handouts.model.patient_fields import STAMPED
from handouts.model.slots import ASCENT, DESCENT, FOOTER, Slot

_LABELS = {**{name: field.key for name, field in STAMPED.items()}, FOOTER: "patient.name"}


@dataclass(frozen=True)
class Fitted:
    """Text as it goes into a slot: lines of glyphs, their size in pt, the baselines above the slot's foot in pt."""

    lines: tuple[Line, ...]
    size: float
    baselines: tuple[float, ...]


def fit(text: str, slot: Slot) -> Fitted:
    """Set ``text`` into ``slot``: at full size, smaller down to the floor, then on two lines where the slot allows.

    RequestFault when it still is too long, or when no font has a character.
    """
    try:
        whole = shape(text, bold=slot.bold)
        size = _size_for([whole], slot, slot.size, slot.height)
        one_line = Fitted((whole,), size, (_baseline(whole, size, DESCENT * slot.size, slot.height),))
        if size >= min(slot.floor * 1.4, slot.size) or (slot.lines == 1 and size >= slot.floor):
            return one_line
        if slot.lines == 2 and " " in text:
            upper, lower = (shape(half, bold=slot.bold) for half in _halves(text))
            pitch = slot.height / 2
            size_two = _size_for([upper, lower], slot, pitch / (ASCENT + DESCENT), pitch)
            if size_two >= max(size, slot.floor):
                feet = [_baseline(line, size_two, DESCENT * size_two, pitch) for line in (upper, lower)]
                return Fitted((upper, lower), size_two, (pitch + feet[0], feet[1]))
        if size >= slot.floor:
            return one_line
    except NoGlyph as error:
        raise RequestFault(
            f"'{_LABELS.get(slot.name, slot.name)}' holds characters that no font of the program has: {error.named()}. "
            "Write it in Latin letters, or make a blank sheet (`blank`) and write it in by hand."
        ) from None
    raise RequestFault(
        f"'{_LABELS.get(slot.name, slot.name)}' is too long for its place on the page. Shorten it, "
        "for example to the first and last name."
    )


def _size_for(lines: list[Line], slot: Slot, largest: float, height: float) -> float:
    """The largest size in pt, at most ``largest``, at which each line stays in the slot's width and in ``height``."""
    size = largest
    for line in lines:
        size = min(size, slot.width * 1000 / max(line.width, 1), height * 1000 / max(line.top - line.bottom, 1))
    return math.floor(size * 1000) / 1000


def _baseline(line: Line, size: float, preferred: float, height: float) -> float:
    """Of a line above its foot, in pt: ``preferred``, moved as far as its ink needs to stay within ``height``."""
    return min(max(preferred, -line.bottom * size / 1000), height - line.top * size / 1000)


def _halves(text: str) -> tuple[str, str]:
    """``text`` parted at the space nearest to its middle."""
    spaces = [i for i, character in enumerate(text) if character == " "]
    middle = min(spaces, key=lambda i: abs(i - len(text) / 2))
    return text[:middle], text[middle + 1 :]
