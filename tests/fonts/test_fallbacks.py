"""Only the fonts that a text is set in count for it."""

from __future__ import annotations

import pytest

from handouts.fonts.faces import ARABIC, BOLD, REGULAR, SANS
from handouts.fonts.fallbacks import fallback_digests, fonts_for
from handouts.fonts.files import font_files
from handouts.fonts.shaping import shape

TEXTS = {
    "Maria Gonzalez": (),
    "Zoë Łuk, Muñoz – “no”": (),
    "two\nlines\tand a tab\r": (),
    "Ξανθίππη": (SANS,),
    "Юлия": (SANS,),
    "Nguyễn": (SANS,),
    "نور حداد": (ARABIC,),
    "Юлия نور": (SANS, ARABIC),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_needs_the_fall_back_fonts_that_set_it(text: str) -> None:
    needed = tuple(font_files()[index] for index in TEXTS[text])
    assert fonts_for(text) == (*font_files()[:2], *needed)
    assert len(fallback_digests(text)) == len(needed)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("bold", [True, False])
def test_these_are_the_fonts_in_which_it_is_shaped(text: str, bold: bool) -> None:
    lines = [shape(line, bold=bold) for line in text.replace("\t", " ").splitlines()]
    used = {glyph.font for line in lines for glyph in line.glyphs} - {REGULAR, BOLD}
    assert len(used) == len(TEXTS[text])


def test_a_character_that_no_font_has_needs_none() -> None:
    assert fallback_digests("🙂 中") == ()
    assert fonts_for("🙂") == font_files()[:2]


def test_two_fonts_have_two_digests() -> None:
    assert len(set(fallback_digests("Юлия نور"))) == 2
    assert fallback_digests("Юлия نور")[0] == fallback_digests("Ξανθίππη")[0]
