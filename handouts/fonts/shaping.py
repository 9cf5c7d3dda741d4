"""Text -> positioned glyphs, kerned and joined as a page's other text is. Harfbuzz does the work.

Each character goes to the first of `handouts.fonts.files.FAMILIES` that has it; `handouts.fonts.direction` orders what
runs from right to left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

import uharfbuzz as hb

from handouts.fonts.direction import RTL, split_directions
from handouts.fonts.faces import (
    ARABIC,
    ARABIC_BOLD,
    BOLD,
    HEBREW,
    HEBREW_BOLD,
    REGULAR,
    SANS,
    SANS_BOLD,
    hb_font,
    own_characters,
)
from handouts.fonts.files import SLASHED_ZERO

_TRIED = {False: (REGULAR, SANS, ARABIC, HEBREW), True: (BOLD, SANS_BOLD, ARABIC_BOLD, HEBREW_BOLD)}


class NoGlyph(Exception):
    """No shipped font has these characters."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        super().__init__("no font has a character")

    def named(self) -> str:
        """Their scripts for a message, such as "Tamil": the characters themselves may be a patient's name."""
        from fontTools import unicodedata as scripts  # its tables are large, and few runs need them

        found = {scripts.script_name(scripts.script(character), default="") for character in self.characters}
        return ", ".join(sorted({_CALLED.get(name, name) for name in found}))


_CALLED = {
    "Han": "Chinese (Han)",
    "Common": "emoji or signs",
    "Inherited": "accents",
    "Unknown": "unknown",
    "": "unknown",
}
"""What staff would call some of Unicode's scripts."""


@dataclass(frozen=True)
class Glyph:
    """A glyph of font ``font`` with its place, in 1/1000 em. ``text``: the characters it stands for, or ""."""

    font: int
    gid: int
    advance: int
    dx: int
    dy: int
    width: int
    """The font's own advance, before kerning."""
    text: str


@dataclass(frozen=True)
class Line:
    """Glyphs in drawing order; ``width``, ``top`` and ``bottom`` (the ink) in 1/1000 em."""

    glyphs: tuple[Glyph, ...]
    width: int
    top: int
    bottom: int
    plain: bool
    """True when glyphs stand in the order of the text, each for its own character: no ActualText needed."""


def several_glyphs(text: str) -> bool:
    """Whether a letter of ``text`` may take several glyphs, or they stand in another order than is read."""
    return not text.isascii() and any(
        unicodedata.category(character)[0] == "M" or unicodedata.bidirectional(character) in RTL
        for character in unicodedata.normalize("NFD", text)
    )


@lru_cache(maxsize=2)
def _simple_characters(index: int) -> frozenset[str]:
    """Characters of a body font that stand alone: no marks, nothing from right to left."""
    return frozenset([SLASHED_ZERO]) | frozenset(
        character
        for character in own_characters(index).values()
        if unicodedata.category(character)[0] in "LNPS" or character == " "
    )


@lru_cache(maxsize=1 << 15)
def _before(index: int, first: str, second: str) -> Glyph:
    """The glyph of ``first`` as it stands before ``second``."""
    return _shape_run(index, first + second, rtl=False)[0]


class Pairs(dict[str, tuple[int, int, str]]):
    """For each letter of a body font and the one after it, or a last letter alone: how far the letter moves on, how
    wide it is unkerned, both in 1/1000 em, and its part of a TJ operand (ISO 32000-1, 9.4.3).
    """

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index

    def __missing__(self, pair: str) -> tuple[int, int, str]:
        glyph = _before(self.index, pair[0], pair[1:])
        kern = glyph.width - glyph.advance
        made = glyph.advance, glyph.width, f"{glyph.gid:04x}>{kern}<" if kern else f"{glyph.gid:04x}"
        self[pair] = made
        return made


_PAIRS = {index: Pairs(index) for index in (REGULAR, BOLD)}


@lru_cache(maxsize=256)
def measure_pairs(text: str, *, bold: bool) -> tuple[tuple[int, int, str], ...] | None:
    """What `Pairs` has of each letter of ``text``, if it is simple; else None: HarfBuzz has to set it.

    Kept for a while: a text is measured first, and drawn soon after.
    """
    index = BOLD if bold else REGULAR
    if not _simple_characters(index).issuperset(text):
        return None
    pairs = _PAIRS[index]
    return tuple([pairs[text[i : i + 2]] for i in range(len(text))])


def shape_from_pairs(index: int, text: str) -> list[Glyph] | None:
    """``text`` set from known pairs: the body fonts kern two letters at a time and join none. None for other text.

    One glyph a letter. A name costs a tenth of what HarfBuzz takes; tests/fonts/test_shaping.py
    holds it against HarfBuzz.
    """
    if not _simple_characters(index).issuperset(text):
        return None
    return [_before(index, first, second) for first, second in zip_longest(text, text[1:], fillvalue="")]


@lru_cache(maxsize=1 << 12)
def _ink(index: int, gid: int) -> tuple[int, int]:
    """Top and bottom of a glyph, in 1/1000 em above the baseline."""
    extents = hb_font(index).get_glyph_extents(gid)
    if not extents or not extents.height:
        return 0, 0
    return extents.y_bearing, extents.y_bearing + extents.height


def _font_for(character: str, *, bold: bool) -> int | None:
    for index in _TRIED[bold]:
        if hb_font(index).get_nominal_glyph(ord(character)):
            return index
    return None


def _font_runs(text: str, *, bold: bool) -> Iterator[tuple[int, str]]:
    """Stretches of ``text`` that one font can set; marks stay with the letter that they sit on."""
    missing: list[str] = []
    run, run_font = "", -1
    for character in text:
        if (
            run
            and run_font >= 0
            and _joins(character, run_font)
            and hb_font(run_font).get_nominal_glyph(ord(character))
        ):
            font: int | None = run_font
        elif run and character in {"\u200c", "\u200d"}:
            font = run_font
        else:
            font = _font_for(character, bold=bold)
        if font is None:
            missing.append(character)
            continue
        if run and font != run_font and unicodedata.combining(character):
            # a mark whose letter's font lacks it: move both to a font that has the mark
            base, run = run[-1], run[:-1]
            if run:
                yield run_font, run
            run, run_font = base + character, font
            if not hb_font(font).get_nominal_glyph(ord(base)):
                missing.append(base + character)
        elif run and font != run_font:
            yield run_font, run
            run, run_font = character, font
        else:
            run, run_font = run + character, font
    if missing:
        raise NoGlyph("".join(dict.fromkeys(missing)))
    if run:
        yield run_font, run


def _joins(character: str, font: int) -> bool:
    """Whether a character is set in the font of the letter before it. Figures and signs beside Arabic letters are not:
    the page around sets them in the body font.
    """
    if unicodedata.category(character) in {"Mn", "Mc", "Me", "Zs"}:
        return True
    return font not in {ARABIC, ARABIC_BOLD} and (unicodedata.category(character) == "Nd" or character in "-'’.,()")


def _shape_run(font: int, text: str, *, rtl: bool) -> list[Glyph]:
    face_font = hb_font(font)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if rtl else "ltr"
    hb.shape(face_font, buffer)
    clusters = sorted({info.cluster for info in buffer.glyph_infos})
    ends = dict(zip(clusters, [*clusters[1:], len(text)], strict=True))
    seen: set[int] = set()
    made: list[Glyph] = []
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        stands_for = "" if info.cluster in seen else text[info.cluster : ends[info.cluster]].replace(SLASHED_ZERO, "0")
        seen.add(info.cluster)
        width = face_font.get_glyph_h_advance(info.codepoint)
        made.append(Glyph(font, info.codepoint, place.x_advance, place.x_offset, place.y_offset, width, stands_for))
    return made


@lru_cache(maxsize=512)
def shape(text: str, *, bold: bool = False, rtl: bool | None = None) -> Line:
    """Set ``text`` on one line; ``rtl``: as in `split_directions`. NoGlyph names the characters that no shipped font
    has.
    """
    glyphs = None if rtl else shape_from_pairs(BOLD if bold else REGULAR, text)
    rtl_seen = False
    if glyphs is None:
        glyphs, rtl_seen = _shape_cached(text, bold=bold, rtl=rtl)
    top = bottom = 0
    for glyph in glyphs:
        highest, lowest = _ink(glyph.font, glyph.gid)
        top = max(top, glyph.dy + highest)
        bottom = min(bottom, glyph.dy + lowest)
    plain = not rtl_seen and all(own_characters(glyph.font).get(glyph.gid) == glyph.text for glyph in glyphs)
    return Line(tuple(glyphs), sum(glyph.advance for glyph in glyphs), top, bottom, plain)


def _shape_cached(text: str, *, bold: bool, rtl: bool | None) -> tuple[list[Glyph], bool]:
    """HarfBuzz's glyphs in drawing order, and whether some of the text runs from right to left."""
    glyphs: list[Glyph] = []
    rtl_seen = False
    for backwards, stretch in split_directions(text, rtl=rtl):
        runs = list(_font_runs(stretch, bold=bold))
        rtl_seen |= backwards
        for font, run in reversed(runs) if backwards else runs:
            glyphs.extend(_shape_run(font, run, rtl=backwards))
    return glyphs, rtl_seen
