"""The fonts of stamped text, as HarfBuzz has them: each by its index."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import uharfbuzz as hb

from handouts.fonts.files import SLASHED_ZERO, font_files

REGULAR, BOLD, SANS, ARABIC, SANS_BOLD, ARABIC_BOLD, HEBREW, HEBREW_BOLD = range(8)
"""The indices. All but the first two are variable files, each at two weights."""
_FILES = (0, 1, 2, 3, 2, 3, 4, 4)
WEIGHT = {SANS_BOLD: 700, ARABIC_BOLD: 700, HEBREW_BOLD: 700}


def font_file(index: int) -> Path:
    """Where the font of an index is."""
    return font_files()[_FILES[index]]


@cache
def hb_font(index: int) -> hb.Font:
    """The Harfbuzz font of an index, read once a process."""
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(font_file(index)))))
    if index in WEIGHT:
        font.set_variations({"wght": WEIGHT[index]})
    font.scale = (1000, 1000)  # every number here is in 1/1000 em
    return font


@cache
def own_characters(index: int) -> Mapping[int, str]:
    """Glyph number -> the first character that shows it: what a reader of the PDF takes a glyph for."""
    font = hb_font(index)
    found: dict[int, str] = {}
    for code in sorted(font.face.unicodes):
        gid = font.get_nominal_glyph(code)
        if gid and code >= 32 and code != 0xFEFF:
            found.setdefault(gid, "0" if chr(code) == SLASHED_ZERO else chr(code))
    return found


@lru_cache(maxsize=2)
def tabular_figures(index: int) -> Mapping[int, str]:
    """Glyph number -> figure, of the figures that `font-variant-numeric: tabular-nums` shows and no character has."""
    buffer = hb.Buffer()
    buffer.add_str("0123456789")
    buffer.guess_segment_properties()
    hb.shape(hb_font(index), buffer, {"tnum": True, "kern": False})
    glyphs = [info.codepoint for info in buffer.glyph_infos]
    own = own_characters(index)
    return {gid: figure for gid, figure in zip(glyphs, "0123456789", strict=True) if gid not in own}
