"""A text -> lines of glyphs at their places in a slot. A text by itself is fitted; an `Entry` is laid out already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from handouts.fonts.direction import runs_right_to_left
from handouts.fonts.faces import BOLD, REGULAR
from handouts.fonts.files import SLASHED_ZERO
from handouts.fonts.fitting import fit_text, refusing
from handouts.fonts.shaping import Glyph, measure_pairs, shape
from handouts.model.details import Entry
from handouts.model.patient_fields import STAMPED
from handouts.model.slots import FOOTER, ColorName, Slot

_KEYS = {
    **{field.slot: field.key for field in STAMPED.values()},
    FOOTER: "patient.name",
    "plan_name": "patient.name",
}


class DrawnLine(NamedTuple):  # these two are made for each text of each patient: quicker than a frozen dataclass
    """A line of glyphs. ``width`` in 1/1000 em; ``plain``: glyphs say their own characters, in their order.

    ``run``: the operand of one TJ in font ``font`` (ISO 32000-1, 9.4.3), for text that needs no more; else ``glyphs``.
    """

    width: int
    plain: bool
    font: int
    run: str
    glyphs: tuple[Glyph, ...] = ()

    def __repr__(self) -> str:
        return "DrawnLine(...)"  # a patient's words do not belong in a log or traceback


class Placed(NamedTuple):
    """A line at its place: above the slot's foot and from its left edge, in pt."""

    line: DrawnLine
    x: float
    y: float
    size: float
    color: ColorName


@dataclass(frozen=True, eq=False, repr=False)
class Fitted:
    """All that a slot shows; ``spoken``: what is read. ``box``, ``rule``: the baseline beside which there is a box to
    tick, or on which there is a line to write.
    """

    lines: tuple[Placed, ...]
    spoken: str
    box: float | None = None
    rule: float | None = None

    @property
    def plain(self) -> bool:
        """Whether a reader finds the text in the glyphs as it is read."""
        return all(placed.line.plain for placed in self.lines)


def fit(value: str | Entry, slot: Slot) -> Fitted:
    """What stands in ``slot``. RequestFault when a text does not fit, or when no font has a character."""
    if isinstance(value, Entry):
        return _place(value, turned(value, slot))
    with refusing(_KEYS.get(slot.plain_name, slot.plain_name)):
        fitted = fit_text(value, slot)
    rtl = frozenset(range(len(fitted.lines)) if fitted.rtl else ())
    return _place(Entry(fitted.lines, size=fitted.size, rtl=rtl), slot)


def turned(value: str | Entry, slot: Slot) -> Slot:
    """``slot`` as a text stands in it: mirrored for one that starts at the other side than its page does."""
    return replace(slot, rtl=not slot.rtl) if isinstance(value, Entry) and value.turned else slot


def _place(entry: Entry, slot: Slot) -> Fitted:
    size = entry.size or slot.size
    first = slot.baseline(size, entry.top)
    leading = slot.leading_at(size)
    placed: list[Placed] = []
    if entry.label:
        label = draw_line(entry.label, bold=True, rtl=slot.rtl and runs_right_to_left(entry.label, within_rtl=True))
        x = slot.width - label.width * size / 1000 if slot.rtl else 0
        placed.append(Placed(label, x, first, size, "accent"))
    for i, text in enumerate(entry.lines):
        drawn = text.rstrip(" \n")  # the space that joins a line to the next is read, but not drawn
        if drawn:
            rtl = i in entry.rtl
            if slot.slashed or entry.slashed:
                drawn = drawn.replace("0", SLASHED_ZERO)
            line = draw_line(drawn, bold=slot.bold, rtl=rtl)
            x = slot.indent if slot.align == "start" and not slot.rtl else _start(line, slot, size, rtl)
            placed.append(Placed(line, x, first - i * leading, size, slot.color))
    return Fitted(tuple(placed), entry.text, first if entry.box else None, first if entry.write else None)


def _start(line: DrawnLine, slot: Slot, size: float, rtl: bool) -> float:
    """Where a line starts that may stand elsewhere than at the left. A frame takes its own padding."""
    padding = PADDING * size if slot.boxed else 0
    left, spare = 0 if slot.rtl else slot.indent, slot.room - line.width * size / 1000
    if slot.align == "center":
        return left + spare / 2
    at_right = rtl if slot.align == "text" else (slot.align == "end") != slot.rtl
    return left + (spare - padding if at_right else padding)


PADDING = 0.6
"""Between a text and its frame, in em."""


@lru_cache(maxsize=1024)
def draw_line(text: str, *, bold: bool, rtl: bool = False) -> DrawnLine:
    """``text`` as glyphs; ``rtl``: whether its paragraph runs from right to left. NoGlyph where no font has some."""
    pairs = None if rtl else measure_pairs(text, bold=bold)
    if pairs is None:
        line = shape(text, bold=bold, rtl=rtl)
        return DrawnLine(line.width, line.plain, -1, "", line.glyphs)
    width = sum([pair[0] for pair in pairs])
    return DrawnLine(width, True, BOLD if bold else REGULAR, "".join([pair[2] for pair in pairs]))
