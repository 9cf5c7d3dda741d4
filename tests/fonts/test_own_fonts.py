"""The body fonts that come with the program: those that script/fonts makes, with a plain zero and a slashed one."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from handouts import paths
from handouts.fonts.embedding import program
from handouts.fonts.faces import BOLD, REGULAR, hb_font, own_characters
from handouts.fonts.files import SLASHED_ZERO
from handouts.model.details import Details, Entry
from handouts.stamp.stamp import stamp
from tests.conftest import ROOT
from tests.masters import front_master
from tests.reading_pdf import text_of


def test_the_fonts_are_those_that_the_script_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = runpy.run_path(str(ROOT / "script" / "fonts"))
    monkeypatch.setitem(script["main"].__globals__, "HERE", tmp_path)
    script["main"]()
    for made in sorted(tmp_path.iterdir()):
        assert made.read_bytes() == (paths.FONTS / made.name).read_bytes(), made.name


@pytest.mark.parametrize("index", [REGULAR, BOLD])
def test_both_zeros_are_read_as_a_zero(index: int) -> None:
    font = hb_font(index)
    plain, slashed = (font.get_nominal_glyph(ord(character)) for character in ("0", SLASHED_ZERO))
    assert plain != slashed
    assert {own_characters(index)[gid] for gid in (plain, slashed)} == {"0"}
    assert {program(index).texts[gid] for gid in (plain, slashed)} == {"0"}
    assert font.get_glyph_h_advance(plain) == font.get_glyph_h_advance(slashed)


def test_codes_and_record_numbers_have_the_slashed_one_and_are_read_as_they_are() -> None:
    texts = (("who.2", Entry(("MRN 00417",), "Record", slashed=True)), ("visit.2", Entry(("10:30 am",), "Time")))
    read = text_of(stamp(front_master(), Details(texts, "50V2-20WB-R0A"), "T"))
    assert all(text in read for text in ("MRN 00417", "10:30 am", "50V2-20WB-R0A"))
