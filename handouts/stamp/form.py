"""What a slot shows, as the content of its Form XObject (ISO 32000-1, 8.10). Pure; kept, for texts come again."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from handouts.fonts.faces import BOLD, REGULAR, own_characters
from handouts.model.details import Entry
from handouts.model.isolates import without_isolates
from handouts.model.pdf_syntax import stream, text_string
from handouts.model.slots import RUNNING, Slot
from handouts.stamp.fit import PADDING, DrawnLine, Fitted, Placed, fit, turned

_SHORT = 200
"""Bytes of content that are not worth compressing."""
_KERN = re.compile("[>]-?[0-9]+[<]")
Colors = tuple[tuple[str, tuple[float, float, float]], ...]


@dataclass(frozen=True, eq=False, repr=False)
class Form:
    """A form without its fonts' numbers. ``spoken``: its text as a PDF string; ``language``: what its element says of
    that, where it is not the page's; ``fonts``: those that it needs, by
    index; ``missing``: glyphs that the slot fonts lack, each with its font's index and text.
    """

    head: bytes
    content: bytes
    spoken: bytes
    language: bytes
    fonts: tuple[int, ...]
    missing: tuple[tuple[int, int, str], ...]
    lines: tuple[DrawnLine, ...]
    packed: bytes = b""
    """Its content compressed, where it is kept so."""

    def glyphs(self, font: int) -> Iterator[tuple[int, str]]:
        """The glyphs of a font that it shows, each with its text, or "" where the font says that itself."""
        for line in self.lines:
            if line.font == font:
                yield from ((int(gid, 16), "") for gid in re.findall("[0-9a-f]{4}", _KERN.sub("", line.run)))
            yield from ((glyph.gid, glyph.text) for glyph in line.glyphs if glyph.font == font)

    def stream(self, fonts: bytes) -> bytes:
        """The form as a stream object; ``fonts``: the entries of its font resources."""
        head = b"%b/Resources<</Font<<%b>>>>" % (self.head, fonts)
        return stream(head + b"/Filter/FlateDecode", self.packed) if self.packed else stream(head, self.content)


@lru_cache(maxsize=1024)
def make_form(value: str | Entry, slot: Slot, colors: Colors) -> Form:
    """The form of a slot with this text. RequestFault as `fit`."""
    fitted = fit(value, slot)
    lines = tuple([placed.line for placed in fitted.lines])
    content = "\n".join(_operators(fitted, turned(value, slot), colors)).encode()
    spoken = text_string(without_isolates(fitted.spoken))
    if not fitted.plain:
        content = b"/Span <</ActualText %b>> BDC\n%b\nEMC" % (spoken, content)
    fonts, missing = _fonts(lines)
    last, first = (fitted.lines[-1].y, fitted.lines[0].y) if lines else (0, 0)
    head = _head(slot, min(0, last - slot.size), max(slot.height, first + 1.5 * slot.size))
    language = b"/Lang(und)" if isinstance(value, Entry) and value.own else b""
    packed = zlib.compress(content, 6) if slot.rtl and len(content) > _SHORT else b""  # Arabic takes twice the room
    return Form(head, content, spoken, language, fonts, missing, lines, packed)


def _fonts(lines: Iterable[DrawnLine]) -> tuple[tuple[int, ...], tuple[tuple[int, int, str], ...]]:
    """The fonts that lines are set in, and the glyphs of these that the slot fonts lack."""
    fonts: set[int] = set()
    missing: dict[tuple[int, int], str] = {}
    for line in lines:
        if line.run:
            fonts.add(line.font)
        for glyph in line.glyphs:
            fonts.add(glyph.font)
            if glyph.font not in {REGULAR, BOLD} or glyph.gid not in own_characters(glyph.font):
                missing.setdefault((glyph.font, glyph.gid), glyph.text)
    return tuple(sorted(fonts)), tuple((*key, text) for key, text in missing.items())


@lru_cache(maxsize=1024)
def _head(slot: Slot, bottom: float, top: float) -> bytes:
    """Its dictionary. The box has room for ink beyond the slot: a tall accent, or a name that takes more lines."""
    left, right = -slot.size / 2, slot.width + slot.size / 2
    # a slot of the body is drawn by an image's matrix, which scales the unit square
    matrix = "" if slot.plain_name in RUNNING else f"/Matrix[{1 / slot.width:.7f} 0 0 {1 / slot.height:.7f} 0 0]"
    return f"/Type/XObject/Subtype/Form/BBox[{left:g} {bottom:.2f} {right:g} {top:.2f}]{matrix}".encode()


def _operators(fitted: Fitted, slot: Slot, colors: Colors) -> Iterable[str]:
    made: list[str] = []
    if fitted.box is not None:
        made += _tick_box(fitted.box, slot, colors)
    if fitted.rule is not None:
        made += _rule(fitted.rule, slot, colors)
    if slot.boxed and fitted.lines:
        made += _frame(fitted.lines[0], slot, colors)
    color = ""
    for line, x, y, size, wanted in fitted.lines:
        if wanted != color:
            color = wanted
            made.append(_paint(color, "rg", colors))
        made.append(f"BT\n1 0 0 1 {x:g} {y:g} Tm")
        if line.run:
            made.append(f"/F{line.font} {size:g} Tf\n[<{line.run}>] TJ")
        else:
            made += _glyph_runs(line, size)
        made.append("ET")
    return made


@lru_cache(maxsize=32)
def _paint(name: str, operator: str, colors: Colors) -> str:
    red, green, blue = dict(colors)[name]
    return f"{red:g} {green:g} {blue:g} {operator}"


def _tick_box(baseline: float, slot: Slot, colors: Colors) -> Iterator[str]:
    """A box to tick beside a line, as high as its letters and a little more."""
    side, line = slot.size * 0.95, slot.size / 11
    yield f"q\n{_paint('paper', 'rg', colors)}\n{_paint('ink', 'RG', colors)}\n{line:.2f} w"
    left = slot.width - side - line / 2 if slot.rtl else line / 2
    yield from _rounded(left, baseline + 0.34 * slot.size - side / 2, side, side, slot.size / 6)
    yield "B\nQ"


def _rule(baseline: float, slot: Slot, colors: Colors) -> Iterator[str]:
    """A line to write on."""
    y = baseline - 0.45 * slot.size
    yield f"q\n{_paint('ink', 'RG', colors)}\n{slot.size / 16:.2f} w"
    left, right = (0, slot.room) if slot.rtl else (slot.indent, slot.width)
    yield f"{left:g} {y:.2f} m\n{right:g} {y:.2f} l\nS\nQ"


def _frame(placed: Placed, slot: Slot, colors: Colors) -> Iterator[str]:
    """A rounded frame round a text, as high as the slot."""
    line, padding = slot.size / 11, PADDING * placed.size - slot.size / 22
    width = placed.line.width * placed.size / 1000 + 2 * padding
    yield f"q\n{_paint(slot.color, 'RG', colors)}\n{line:.2f} w"
    yield from _rounded(placed.x - padding, line / 2, width, slot.height - line, slot.size / 3)
    yield "S\nQ"


_ROUND = 0.448
"""How far a Bézier curve's control point is from the corner of a quarter circle, in radii."""


def _rounded(x: float, y: float, width: float, height: float, radius: float) -> Iterator[str]:
    """The path of a rectangle with round corners."""
    right, top, near = x + width, y + height, radius * _ROUND
    points = (
        ((x + radius, y), "m"),
        ((right - radius, y), "l"),
        ((right - near, y, right, y + near, right, y + radius), "c"),
        ((right, top - radius), "l"),
        ((right, top - near, right - near, top, right - radius, top), "c"),
        ((x + radius, top), "l"),
        ((x + near, top, x, top - near, x, top - radius), "c"),
        ((x, y + radius), "l"),
        ((x, y + near, x + near, y, x + radius, y), "c"),
    )
    for numbers, operator in points:
        yield " ".join([f"{number:.2f}" for number in numbers]) + f" {operator}"
    yield "h"


def _glyph_runs(line: DrawnLine, size: float) -> Iterable[str]:
    """Text-showing operators of one line (ISO 32000-1, 9.4.3): a run a font, kerning between glyph numbers."""
    font, rise = -1, 0
    row: list[str] = []
    pending = 0

    def flush() -> Iterable[str]:
        if row:
            yield "[" + "".join(row).replace("><", "") + "] TJ"
            row.clear()

    for glyph in line.glyphs:
        if glyph.font != font:
            yield from flush()
            font = glyph.font
            yield f"/F{font} {size:g} Tf"
        if glyph.dy != rise:
            yield from flush()
            rise = glyph.dy
            yield f"{rise * size / 1000:g} Ts"
        before = pending - glyph.dx
        if before:
            row.append(f"{before}")
        row.append(f"<{glyph.gid:04x}>")
        pending = glyph.dx + glyph.width - glyph.advance
    yield from flush()
    if rise:
        yield "0 Ts"
