"""Fonts as PDF objects: what a reader needs to draw a glyph, measure it, and say which letter it is."""

import io
import re

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from handouts.fonts.embedding import program, to_unicode
from handouts.fonts.faces import ARABIC_BOLD, BOLD, REGULAR, SANS, SANS_BOLD
from handouts.fonts.shaping import shape
from handouts.model.pdf_syntax import deflated_stream, stream

EVERY = [REGULAR, BOLD, SANS, SANS_BOLD, ARABIC_BOLD]
SAMPLE = {REGULAR: "Zoë", BOLD: "Zoë", SANS: "Ελέ", SANS_BOLD: "Ελέ", ARABIC_BOLD: "محمد"}


def _glyphs(index: int) -> dict[int, str]:
    return {
        glyph.gid: glyph.text for glyph in shape(SAMPLE[index], bold=index in {BOLD, SANS_BOLD, ARABIC_BOLD}).glyphs
    }


@pytest.mark.parametrize("index", EVERY)
def test_the_font_inside_draws_the_glyphs_in_use_as_wide_as_it_says(index: int):
    made = program(index, _glyphs(index))
    font = TTFont(io.BytesIO(made.program))
    names = font.getGlyphOrder()
    for gid in _glyphs(index):
        assert font["hmtx"][names[gid]][0] == pytest.approx(made.widths[gid], abs=1)
        assert font["glyf"][names[gid]].numberOfContours != 0
    assert not {"GSUB", "GPOS", "fvar", "gvar"} & set(font.keys()), "one weight, and shaping is done already"


def test_bold_greek_is_heavier_than_plain_greek():
    plain, bold = (program(index, _glyphs(index)) for index in (SANS, SANS_BOLD))
    assert bold.widths.keys() == plain.widths.keys()
    assert sum(bold.widths.values()) > sum(plain.widths.values())
    assert plain.name.endswith("+NotoSans")
    assert bold.name.endswith("+NotoSans-Bold")


def test_every_glyph_has_a_text_and_none_is_nought():
    text = to_unicode(program(ARABIC_BOLD, {**_glyphs(ARABIC_BOLD), 900: ""}).texts).decode()
    rows = re.findall(r"<([0-9a-f]{4})> <([0-9a-f]+)>", text.split("endcodespacerange")[1])
    assert len(rows) == len(_glyphs(ARABIC_BOLD)) + 1
    assert all(int(code, 16) for _, code in rows), "page-validation refuses U+0000"


def test_the_character_map_lists_at_most_a_hundred_a_block():
    counts = [int(n) for n in re.findall(rb"(\d+) beginbfchar", to_unicode(program(REGULAR).texts))]
    assert max(counts) == 100
    assert sum(counts) == len(program(REGULAR).texts)


def test_the_widths_array_is_what_it_was_made_from():
    made = program(SANS, _glyphs(SANS))
    read: dict[int, int] = {}
    items = list(pikepdf.Object.parse(made.widths_array().encode()))
    for first, widths in zip(items[::2], items[1::2], strict=True):
        read |= {int(first) + i: int(width) for i, width in enumerate(widths)}
    assert read == dict(made.widths)


def test_the_objects_of_a_font_refer_to_each_other_by_number():
    objects = dict(program(SANS, _glyphs(SANS)).objects(70))
    assert list(objects) == [70, 71, 72, 73, 74]
    referred = {int(number) for data in objects.values() for number in re.findall(rb" ?(\d+) 0 R", data)}
    assert referred == {71, 72, 73, 74}


def test_a_stream_tells_its_length():
    assert stream(b"/X 1", b"abc") == b"<</X 1/Length 3>>stream\nabc\nendstream"
    assert b"/Filter/FlateDecode" in deflated_stream(b"", b"abc" * 50)


def test_a_stream_that_ends_in_cr_is_not_followed_by_lf():
    assert stream(b"", b"ab\r").endswith(b"ab\r\rendstream"), "CR LF would read as one end of line"
