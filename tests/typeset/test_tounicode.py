"""What a screen reader gets from a page's own text where several glyphs form one letter or are in another order."""

import io
import re
import unicodedata

import pikepdf
import pytest

from handouts.fonts.shaping import several_glyphs
from handouts.typeset.tounicode import repair_tounicode
from tests.conftest import MakeOf
from tests.reading_pdf import failures, page_texts

NOTES = {
    "an accent that no letter has of its own": "Quinn q\u0303 quick",
    "two accents on a letter": "Take ṩ\u0323 one",
    "Devanagari": "हिन्दी प्रिया शर्मा",
    "Vietnamese": "Nguyễn Thị Ánh",
    "Greek and Cyrillic": "Ελένη Дмитрий",
    "ligatures": "office fjord ffi fl",
}


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES)
def test_a_note_is_read_as_it_was_written(make_of: MakeOf, note: str):
    pdf = make_of(note=note).pdf
    assert unicodedata.normalize("NFC", note) in page_texts(pdf)[0]
    assert failures(pdf, "ua1") == ""
    assert failures(pdf, "3a") == ""


@pytest.mark.parametrize("note", ["شكرا لكم", "لا سلام", "مُحَمَّد"])
def test_right_to_left_text_is_told_in_the_order_in_which_it_is_read(make_of: MakeOf, note: str):
    # PDFium would do as a reader here, but turns an ActualText round as if it stood as drawn
    pdf = make_of(note=note).pdf
    told = b"/ActualText <feff%s>" % unicodedata.normalize("NFC", note).encode("utf-16-be").hex().encode()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert told in opened.pages[0].Contents.read_bytes().replace(b"\n", b" ")
    assert failures(pdf, "ua1") == ""
    assert failures(pdf, "3a") == ""


def test_a_letter_first_met_under_an_accent_is_still_itself_afterwards(make_of: MakeOf):
    pdf = make_of(note="\u1e8e\u0323 and q\u0303, then quick quiet Ya").pdf
    assert "then quick quiet Ya" in page_texts(pdf)[0]


def test_no_glyph_of_a_page_stands_for_nothing(make_of: MakeOf):
    with pikepdf.open(io.BytesIO(make_of(note=" ".join(NOTES.values())).pdf)) as pdf:
        maps = [
            font.ToUnicode.read_bytes()
            for font in pdf.objects
            if isinstance(font, pikepdf.Dictionary) and "/ToUnicode" in font
        ]
    assert len(maps) >= 4
    assert not [row for rows in maps for row in re.findall(rb"<[0-9a-f]{4}> <>", rows)]


def test_plain_english_keeps_the_maps_that_weasyprint_wrote(make_of: MakeOf):
    with pikepdf.open(io.BytesIO(make_of().pdf)) as pdf:
        before = [font.ToUnicode.objgen for font in pdf.objects if _is_font(font)]
        repair_tounicode(pdf)
        assert [font.ToUnicode.objgen for font in pdf.objects if _is_font(font)] == before


def _is_font(item: pikepdf.Object) -> bool:
    return isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" and "/ToUnicode" in item


@pytest.mark.parametrize(
    ("text", "several"),
    [("Call us.", False), ("5 °C – Ω", False), ("Thị", True), ("q\u0303", True), ("प्रिया", True), ("محمد", True)],
)
def test_text_that_may_take_several_glyphs_a_letter_is_told_from_text_that_does_not(text: str, several: bool):
    assert several_glyphs(text) is several
