"""A typeset sheet: what can be put into any stack, and kept for ever."""

from __future__ import annotations

import contextlib
import struct
import zlib
from dataclasses import replace

import pytest

from handouts.errors import ContentFault
from handouts.fonts.embedding import whole_font_id
from handouts.fonts.faces import BOLD, REGULAR
from handouts.model.pdf_template import Template, template
from handouts.model.typeset_sheet import OUTSIDE, BadSheet, TypesetSheet
from handouts.typeset.sheet import make_sheet
from tests.sheets import BODIES, BOTOX, FRONT, SLOTS, sheet_of, slot_image, stacked, weasyprints


def shown(sheet: TypesetSheet) -> bytes:
    """All that the sheet draws, and all of its objects."""
    streams = [zlib.decompress(item.data) for item in sheet.streams if b"/FlateDecode" in item.head.text]
    return b"\n".join([sheet.objects.text, *(item.head.text for item in sheet.streams), *streams])


def test_its_bytes_are_the_sheet() -> None:
    for sheet in stacked():
        assert TypesetSheet.from_bytes(sheet.to_bytes()) == sheet


def test_the_same_sheet_has_the_same_bytes_whatever_was_made_before() -> None:
    once = sheet_of("front", FRONT).to_bytes()
    weasyprints.cache_clear()
    sheet_of("botox", BOTOX)
    assert sheet_of("front", FRONT).to_bytes() == once


def test_it_is_small_beside_what_weasyprint_wrote() -> None:
    for name, body in BODIES.items():
        assert len(sheet_of(name, body).to_bytes()) < len(weasyprints(body)) / 2.5


def test_a_sheet_that_is_cut_short_or_longer_is_told_apart() -> None:
    whole = stacked()[1].to_bytes()
    for length in (0, 5, 17, 18, 25, 40, len(whole) // 2, len(whole) - 1):
        with pytest.raises(BadSheet):
            TypesetSheet.from_bytes(whole[:length])
    with pytest.raises(BadSheet):
        TypesetSheet.from_bytes(whole + b"x")


def test_a_sheet_of_another_format_is_told_apart() -> None:
    whole = stacked()[1].to_bytes()
    with pytest.raises(BadSheet):
        TypesetSheet.from_bytes(whole.replace(b"sheet 1", b"sheet 2", 1))


@pytest.mark.parametrize("place", range(18, 3000, 97))
def test_a_damaged_sheet_is_told_apart_or_says_what_it_said(place: int) -> None:
    damaged = bytearray(stacked()[1].to_bytes())
    damaged[place] ^= 4
    with contextlib.suppress(BadSheet):
        assert TypesetSheet.from_bytes(bytes(damaged)).name == "botox"  # the data of streams is not looked at


def test_a_head_of_other_things_is_told_apart() -> None:
    for text in (b"{}", b"[]", b'{"name": "x"}', b'"x"', b"1", b"{"):
        packed = zlib.compress(struct.pack("<I", len(text)) + text + struct.pack("<I", 0))
        with pytest.raises(BadSheet):
            TypesetSheet.from_bytes(b"handouts sheet 1\n%d 0\n%b" % (len(packed), packed))


def test_what_only_looks_like_a_reference_stays_as_it_is() -> None:
    made = template(
        rb"<</K[5 0 R]/Alt(5 0 R \) 6 0 R %d)/B<feff50>/P 7 0 R/N/a%20b>>", lambda number: 0 if number == 5 else b"null"
    )
    assert made.gaps == (0,)
    assert made.filled([31]) == rb"<</K[31 0 R]/Alt(5 0 R \) 6 0 R %d)/B<feff50>/P null/N/a%20b>>"


def test_a_line_break_in_a_string_does_not_end_its_object() -> None:
    assert template(b"<</Alt(a\nb)>>", lambda _: 0).filled([]) == b"<</Alt(a\\nb)>>"


def test_each_gap_of_a_sheet_is_filled_by_one_of_its_values() -> None:
    for sheet in stacked():
        more = len(OUTSIDE) + len(sheet.pages) + len(sheet.slots) + len(sheet.links)
        values = list(range(sheet.count + sheet.keys + more))
        templates: list[Template] = [sheet.objects, sheet.parents, *(item.head for item in sheet.streams)]
        assert {gap for one in templates for gap in one.gaps} <= set(values)
        assert len(sheet.objects.filled(values).split(b"\n")) == sheet.lines


def test_a_slot_is_an_element_that_says_nothing_and_no_picture_is_left() -> None:
    sheet = stacked()[0]
    [slot] = sheet.slots
    lines = sheet.objects.text.split(b"\n")
    assert slot.slot == SLOTS["name"]
    assert [lines[span].endswith(b"/S/Span/ActualText()>>") for span in slot.spans] == [True]
    assert b"/Image" not in shown(sheet)
    assert b"slot:" not in shown(sheet)


def test_a_slot_shown_twice_has_two_elements() -> None:
    [slot] = sheet_of("x", f"<h1>Twice</h1><p>{slot_image('name')}</p><p>{slot_image('name')}</p>").slots
    assert len(slot.spans) == 2


def test_a_slot_that_does_not_exist_is_named() -> None:
    with pytest.raises(ContentFault, match="'code'"):
        make_sheet(weasyprints(f"<h1>X</h1><p>{slot_image('code')}</p>"), "x", {"name": SLOTS["name"]}, {})


def test_the_whole_body_fonts_take_the_place_of_subsets() -> None:
    sheet = sheet_of("x", "<h1>Only <span style='font-weight: normal'>Latin</span></h1><p class='tabular'>123</p>")
    assert sheet.fonts == (whole_font_id(REGULAR), whole_font_id(BOLD))
    assert b"/FontFile2" not in sheet.objects.text
    assert sheet_of("x", "<h1>Bold</h1>").fonts[1]


def test_other_fonts_stay_and_are_named_by_what_is_in_them() -> None:
    names = set()
    for text in ("Ελένη", "Δημήτρης"):
        objects = sheet_of("x", f"<h1>X</h1><p>{text}</p>").objects.text
        assert objects.count(b"/FontFile2") == 1
        start = objects.index(b"/FontName/") + 10
        names.add(objects[start : start + 16])
    assert len(names) == 2
    assert all(name[6:].startswith(b"+Noto-Sans") for name in names)


def test_a_letter_that_the_whole_font_lacks_keeps_its_subset() -> None:
    sheet = sheet_of("x", "<h1>X</h1><p>A\u0304\u0328</p>")
    assert sheet.fonts == ("", whole_font_id(BOLD))
    assert b"+Handouts-Legible" in sheet.objects.text


def test_a_sheet_in_another_language_says_so_at_its_top() -> None:
    sheet = stacked()[3]
    assert sheet.language == "de"
    assert sheet.objects.text.split(b"\n")[sheet.part].startswith(b"<</K[")
    assert b"/Lang(de)" in sheet.objects.text.split(b"\n")[sheet.part]


def test_names_of_places_do_not_leave_the_sheet() -> None:
    for sheet in stacked()[:2]:
        assert b"/Dest(" not in sheet.objects.text
        assert b"/Dest[%d 0 R/XYZ 54 " in sheet.objects.text


def test_a_sheet_can_not_be_changed() -> None:
    sheet = stacked()[0]
    assert replace(sheet, name="other") != sheet
    assert repr(sheet) == "TypesetSheet(front, 1 pages)"
