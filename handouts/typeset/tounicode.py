"""What the glyphs of a page's own text stand for, repaired where WeasyPrint's maps can't say it (STAMP-6).

WeasyPrint notes one text per glyph, from the first place where it meets the glyph. An empty entry thus stays with a
common letter for the rest of the document.
"""

from __future__ import annotations

import re
import unicodedata

from pikepdf import Dictionary, Name, Pdf

from handouts.fonts.embedding import NOT_A_LETTER, to_unicode
from handouts.fonts.faces import ARABIC, ARABIC_BOLD, BOLD, HEBREW, REGULAR, SANS, hb_font, own_characters

_FAMILIES = (
    ("NotoSansArabicBold", ARABIC_BOLD),
    ("NotoSansArabic", ARABIC),
    ("NotoSans", SANS),
    ("OpenSans", HEBREW),
    ("HandoutsLegibleBold", BOLD),
    ("HandoutsLegible", REGULAR),
)
_ROW = re.compile(r"^<([0-9a-f]{4})> <([0-9a-f]*)>$", re.M)
_FORMS = frozenset(map(chr, (*range(0xFB00, 0xFE00), *range(0xFE70, 0xFF00))))
"""Unicode's presentation forms: ligatures, and Arabic letters as they look in a word. What is read is the letters."""


def repair_tounicode(pdf: Pdf) -> None:
    """Give each glyph of the fonts in an opened file the character that it has in the font, where it has one."""
    for font in pdf.objects:
        if isinstance(font, Dictionary) and font.get("/Type") == Name.Font and "/ToUnicode" in font:
            written = {
                int(gid, 16): bytes.fromhex(text).decode("utf-16-be")
                for gid, text in _ROW.findall(font.ToUnicode.read_bytes().decode("ascii"))
            }
            index = font_index(str(font.BaseFont))
            right = {gid: _repair(index, gid, text) for gid, text in written.items()}
            if right != written:
                font.ToUnicode = pdf.make_stream(to_unicode(right))


def font_index(name: str) -> int:
    """The font of `handouts.fonts.faces` that WeasyPrint embedded under ``name``, such as /ABCDEF+Noto-Sans-Bold."""
    plain = name.partition("+")[2].replace("-", "")
    return next(index for start, index in _FAMILIES if plain.startswith(start))


def _repair(index: int, gid: int, written: str) -> str:
    """Of a glyph: what was written where that is a character of its own, else the font's character for it."""
    own = own_characters(index).get(gid)
    if own is None:
        return written or NOT_A_LETTER
    if len(written) == 1 and hb_font(index).get_nominal_glyph(ord(written)) == gid:
        return written
    return unicodedata.normalize("NFKC", own) if own in _FORMS else own
