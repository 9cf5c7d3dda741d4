"""Lines of glyphs as the operators of a content stream (ISO 32000-1, 9.4.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from handouts.fonts.shaping import Line


def show(line: Line, size: float, font_name: Callable[[int], str] = "F{}".format) -> str:
    """Text-showing operators, without BT and ET: a run a font, kerning between glyph numbers.

    ``size`` in pt; ``font_name``: what the resources call the font of an index.
    """
    return "\n".join(_runs(line, size, font_name))


def _runs(line: Line, size: float, font_name: Callable[[int], str]) -> Iterator[str]:
    font, rise, pending = -1, 0, 0
    row: list[str] = []

    def flush() -> Iterator[str]:
        if row:
            yield "[" + "".join(row).replace("><", "") + "] TJ"
            row.clear()

    for glyph in line.glyphs:
        if glyph.font != font:
            yield from flush()
            font = glyph.font
            yield f"/{font_name(font)} {size:g} Tf"
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
