"""What a slot shows, as the content of its Form XObject (ISO 32000-1, 8.10). Pure; kept, for texts come again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from handouts.fonts.faces import BOLD, REGULAR, own_characters
from handouts.model.details import Entry
from handouts.model.pdf_syntax import stream, text_string
from handouts.model.slots import RUNNING, ColorName, Slot
from handouts.stamp.fit import PADDING, DrawnLine, Fitted, Placed, fit, fonts_of

_KERN = re.compile("[>]-?[0-9]+[<]")
Colors = tuple[tuple[str, tuple[float, float, float]], ...]


@dataclass(frozen=True, eq=False)
class Form:
    """A form without its fonts' numbers. ``spoken``: its text as a PDF string; ``fonts``: those that it needs, by
    index; ``missing``: glyphs that the slot fonts lack, each with its font's index and text.
    """

    head: bytes
    content: bytes
    spoken: bytes
    fonts: tuple[int, ...]
    missing: tuple[tuple[int, int, str], ...]
    lines: tuple[DrawnLine, ...]

    def glyphs(self, font: int) -> Iterator[tuple[int, str]]:
        """The glyphs of a font that it shows, each with its text, or "" where the font says that itself."""
        for line in self.lines:
            if line.font == font:
                yield from ((int(gid, 16), "") for gid in re.findall("[0-9a-f]{4}", _KERN.sub("", line.run)))
            yield from ((glyph.gid, glyph.text) for glyph in line.glyphs if glyph.font == font)

    def stream(self, numbers: Mapping[int, int]) -> bytes:
        """The form as a stream object; ``numbers``: of the fonts' objects, by index."""
        fonts = "".join([f"/F{index} {numbers[index]} 0 R" for index in self.fonts])
        return stream(b"%b/Resources<</Font<<%b>>>>" % (self.head, fonts.encode()), self.content)


@lru_cache(maxsize=4096)
def make_form(value: str | Entry, slot: Slot, colors: Colors) -> Form:
    """The form of a slot with this text. RequestFault as `fit`."""
    fitted = fit(value, slot)
    content = "\n".join(_operators(fitted, slot, dict(colors))).encode()
    spoken = text_string(fitted.spoken)
    if not fitted.plain:
        content = b"/Span <</ActualText %b>> BDC\n%b\nEMC" % (spoken, content)
    glyphs = [glyph for placed in fitted.lines for glyph in placed.line.glyphs]
    held = {index: own_characters(index) for index in (REGULAR, BOLD)} if glyphs else {}
    missing = {(glyph.font, glyph.gid): glyph.text for glyph in glyphs if glyph.gid not in held.get(glyph.font, ())}
    fonts = tuple(sorted(fonts_of(fitted)))
    lines = tuple(placed.line for placed in fitted.lines)
    return Form(_head(fitted, slot), content, spoken, fonts, tuple((*key, text) for key, text in missing.items()), lines)


def _head(fitted: Fitted, slot: Slot) -> bytes:
    """Its dictionary. The box has room for ink beyond the slot: a tall accent, or a name that takes more lines."""
    baselines = [placed.y for placed in fitted.lines]
    bottom = min(0, min(baselines, default=0) - slot.size)
    top = max(slot.height, max(baselines, default=0) + 1.5 * slot.size)
    left, right = -slot.size / 2, slot.width + slot.size / 2
    # a slot of the body is drawn by an image's matrix, which scales the unit square
    matrix = "" if slot.name in RUNNING else f"/Matrix[{1 / slot.width:.7f} 0 0 {1 / slot.height:.7f} 0 0]"
    return f"/Type/XObject/Subtype/Form/BBox[{left:g} {bottom:.2f} {right:g} {top:.2f}]{matrix}".encode()


def _operators(fitted: Fitted, slot: Slot, colors: Mapping[str, tuple[float, float, float]]) -> Iterator[str]:
    if fitted.box is not None:
        yield from _tick_box(fitted.box, slot, colors)
    if fitted.rule is not None:
        yield from _rule(fitted.rule, slot, colors)
    if slot.boxed and fitted.lines:
        yield from _frame(fitted.lines[0], slot, colors)
    color: ColorName | None = None
    for placed in fitted.lines:
        if placed.color != color:
            color = placed.color
            yield _paint(colors[color], "rg")
        yield f"BT\n1 0 0 1 {_number(placed.x)} {_number(placed.y)} Tm"
        if placed.line.run:
            yield f"/F{placed.line.font} {_number(placed.size)} Tf\n[<{placed.line.run}>] TJ\nET"
        else:
            yield from _glyph_runs(placed.line, placed.size)
            yield "ET"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _paint(color: tuple[float, float, float], operator: str) -> str:
    red, green, blue = color
    return f"{red:g} {green:g} {blue:g} {operator}"


def _tick_box(baseline: float, slot: Slot, colors: Mapping[str, tuple[float, float, float]]) -> Iterator[str]:
    """A box to tick beside a line, as high as its letters and a little more."""
    side, line = slot.size * 0.95, slot.size / 11
    yield f"q\n{_paint(colors['paper'], 'rg')}\n{_paint(colors['ink'], 'RG')}\n{line:.2f} w"
    yield from _rounded(line / 2, baseline + 0.34 * slot.size - side / 2, side, side, slot.size / 6)
    yield "B\nQ"


def _rule(baseline: float, slot: Slot, colors: Mapping[str, tuple[float, float, float]]) -> Iterator[str]:
    """A line to write on."""
    y = baseline - 0.45 * slot.size
    yield f"q\n{_paint(colors['ink'], 'RG')}\n{slot.size / 16:.2f} w"
    yield f"{slot.indent:g} {y:.2f} m\n{slot.width:g} {y:.2f} l\nS\nQ"


def _frame(placed: Placed, slot: Slot, colors: Mapping[str, tuple[float, float, float]]) -> Iterator[str]:
    """A rounded frame round a text, as high as the slot."""
    line, padding = slot.size / 11, PADDING * placed.size - slot.size / 22
    width = placed.line.width * placed.size / 1000 + 2 * padding
    yield f"q\n{_paint(colors[slot.color], 'RG')}\n{line:.2f} w"
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
        yield " ".join(map(_number, numbers)) + f" {operator}"
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
