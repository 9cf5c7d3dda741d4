"""Fonts for stamped text, as PDF objects: a Type0 font, Identity-H, with ToUnicode (ISO 32000-1, 9.7)."""

from __future__ import annotations

import hashlib
import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import uharfbuzz as hb

from handouts.fonts.faces import (
    ARABIC,
    ARABIC_BOLD,
    BOLD,
    REGULAR,
    WEIGHT,
    font_file,
    hb_font,
    own_characters,
    tabular_figures,
)
from handouts.model.pdf_syntax import deflated_stream

_UNUSED_TABLES = ("GSUB", "GPOS", "GDEF", "STAT", "DSIG", "kern", "gasp", "meta", "name")
_UNUSED_IN_PDF = (*_UNUSED_TABLES, "cmap", "OS/2", "post")
"""Beside these, what a PDF that names glyphs by their numbers does not ask for (ISO 32000-1, 9.9)."""
NOT_A_LETTER = "\u200d"
"""ToUnicode of a glyph that has no character of its own; its text stands in an ActualText around it."""


@dataclass(frozen=True)
class FontProgram:
    """What the five objects of an embedded font hold. Widths and metrics in 1/1000 em."""

    name: str
    program: bytes
    widths: Mapping[int, int]
    texts: Mapping[int, str]
    bbox: tuple[int, int, int, int]
    ascent: int
    descent: int

    def widths_array(self) -> str:
        """The W entry: runs of neighbouring glyph numbers."""
        parts: list[str] = []
        previous = -2
        for gid in sorted(self.widths):
            if gid != previous + 1:
                parts.append(("] " if parts else "") + f"{gid} [")
            parts.append(f"{self.widths[gid]} ")
            previous = gid
        return "[" + "".join(parts) + "]]"

    def objects(self, first: int) -> list[tuple[int, bytes]]:
        """The five PDF objects, numbered from ``first``, which is the Type0 font."""
        box = " ".join(map(str, self.bbox))
        dicts = (
            f"<</Type/Font/Subtype/Type0/BaseFont/{self.name}/Encoding/Identity-H"
            f"/DescendantFonts[{first + 1} 0 R]/ToUnicode {first + 4} 0 R>>",
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{self.name}/CIDToGIDMap/Identity"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/FontDescriptor {first + 2} 0 R/DW 0/W{self.widths_array()}>>",
            f"<</Type/FontDescriptor/FontName/{self.name}/Flags 4/FontBBox[{box}]/ItalicAngle 0"
            f"/Ascent {self.ascent}/Descent {self.descent}/CapHeight 700/StemV 80/FontFile2 {first + 3} 0 R>>",
        )
        made = [(first + i, text.encode()) for i, text in enumerate(dicts)]
        made.append((first + 3, deflated_stream(b"/Length1 %d" % len(self.program), self.program)))
        made.append((first + 4, deflated_stream(b"", to_unicode(self.texts))))
        return made


def to_unicode(texts: Mapping[int, str]) -> bytes:
    """The ToUnicode CMap (ISO 32000-1, 9.10.3): glyph numbers and the text of each."""
    rows = [f"<{gid:04x}> <{text.encode('utf-16-be').hex()}>" for gid, text in sorted(texts.items())]
    blocks = [rows[i : i + 100] for i in range(0, len(rows), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


def program(index: int, glyphs: Mapping[int, str] | None = None, unused: Iterable[str] = _UNUSED_TABLES) -> FontProgram:
    """The font of an index of `slotfonts`, cut down to ``glyphs`` (number -> text; None: all), numbers kept, without
    the tables ``unused``.
    """
    font = hb_font(index)
    wanted = hb.SubsetInput()
    wanted.flags = hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NO_LAYOUT_CLOSURE
    own = own_characters(index)
    if glyphs is None:
        glyphs = own
    wanted.glyph_set.update(glyphs.keys())
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in unused)
    if font.face.has_var_data:
        wanted.pin_all_axes_to_default(font.face)
        if index in WEIGHT:
            wanted.pin_axis_location(font.face, "wght", WEIGHT[index])
    subset = hb.subset(font.face, wanted)
    data = subset.blob.data
    # ISO 32000-1, 9.6.4: a subset's name starts with six capitals; the same glyphs give the same letters
    total = zlib.crc32(repr(sorted(glyphs)).encode() + bytes([index]))
    tag = "".join(chr(65 + (total // 26**i) % 26) for i in range(6))
    name = font_file(index).name.partition(".")[0].partition("[")[0] + ("-Bold" if index in WEIGHT else "")
    extents = font.get_font_extents("ltr")
    widths = {gid: font.get_glyph_h_advance(gid) for gid in sorted({0, *glyphs})}
    texts = {gid: own.get(gid) or text or NOT_A_LETTER for gid, text in glyphs.items()}
    box = (-500, extents.descender, 1500, extents.ascender)
    return FontProgram(f"{tag}+{name}", data, widths, texts, box, extents.ascender, extents.descender)


WHOLE = (REGULAR, BOLD, ARABIC, ARABIC_BOLD)
"""The fonts that a stack may have whole, so that its sheets and slots share them: the body's, and where a sheet is in
Arabic letters those as well.
"""
_ARABIC_LETTERS = "".join(map(chr, (*range(0x0621, 0x063B), *range(0x0640, 0x0653), *range(0x0660, 0x066A)))) + "،؛؟ "
"""Of Arabic, with all forms that they take in a word. Further letters, of Persian or Urdu, are cut for whoever has
them.
"""


@lru_cache(maxsize=4)
def whole_font(index: int) -> FontProgram:
    """The body font with all that pages and slots show of it: a glyph a character, and figures of equal width. Of the
    Arabic font, the letters in every form that they take in a word.
    """
    if index in {REGULAR, BOLD}:
        return program(index, {**tabular_figures(index), **own_characters(index)})
    made = program(index, dict.fromkeys(_forms(index), ""), _UNUSED_IN_PDF)
    return replace(made, texts={gid: unicodedata.normalize("NFKC", text) for gid, text in made.texts.items()})


def _forms(index: int) -> Iterable[int]:
    """The glyphs that Arabic letters may become, without those of letters that are always set as two, their shape and
    their signs.
    """
    font = hb_font(index)
    wanted = hb.SubsetInput()
    wanted.flags = hb.SubsetFlags.RETAIN_GIDS
    wanted.unicode_set.update(map(ord, _ARABIC_LETTERS))
    reached = set(dict(hb.SubsetPlan(font.face, wanted).old_to_new_glyph_mapping))
    buffer = hb.Buffer()
    buffer.add_str(" ".join(_ARABIC_LETTERS))
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    shown = {glyph.codepoint for glyph in buffer.glyph_infos}
    return sorted(reached - ({font.get_nominal_glyph(ord(letter)) for letter in _ARABIC_LETTERS} - shown))


@lru_cache(maxsize=4)
def whole_font_id(index: int) -> str:
    """What tells a whole font from another version of it: 16 hexadecimal digits, from its file."""
    return hashlib.sha256(font_file(index).read_bytes()).hexdigest()[:16]


@lru_cache(maxsize=8)
def whole_font_objects(index: int, first: int) -> tuple[tuple[int, bytes], ...]:
    """The five objects of a whole font, numbered from ``first``; made once a process."""
    return tuple(whole_font(index).objects(first))
