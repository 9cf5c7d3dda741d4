"""Text as glyphs: kerned, joined, in the order in which it is drawn."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.fonts import shaping
from handouts.fonts.embedding import program
from handouts.fonts.faces import ARABIC, BOLD, REGULAR, SANS, own_characters
from handouts.fonts.shaping import NoGlyph, shape


def _fonts(text: str) -> list[int]:
    return sorted({glyph.font for glyph in shape(text).glyphs})


def test_latin_text_is_set_in_the_body_font():
    assert _fonts("Renée O’Neill") == [REGULAR]
    assert {glyph.font for glyph in shape("Renée", bold=True).glyphs} == {BOLD}


def test_pairs_are_kerned():
    together = shape("AVA").width
    apart = sum(shape(letter).width for letter in "AVA")
    assert together < apart


@pytest.mark.parametrize(
    ("text", "font"), [("Ελένη", SANS), ("Дмитрий", SANS), ("प्रिया", SANS), ("محمد", ARABIC), ("ễ", SANS)]
)
def test_what_the_body_font_lacks_goes_to_the_next_that_has_it(text: str, font: int):
    assert _fonts(text) == [font]


def test_arabic_is_drawn_from_right_to_left_and_joined():
    line = shape("محمد")
    assert [glyph.text for glyph in line.glyphs] == ["د", "م", "ح", "م"]
    alone = {shape(letter).glyphs[0].gid for letter in "محمد"}
    assert {glyph.gid for glyph in line.glyphs} != alone, "letters in a word have other shapes than alone"
    assert not line.plain


def test_latin_and_arabic_stand_in_the_order_in_which_people_read_them():
    assert "".join(glyph.text for glyph in shape("Jo محمد 12").glyphs) == "Jo 12 دمحم"


def test_devanagari_joins_letters_into_one_sign():
    assert len(shape("क्ष").glyphs) < 3
    assert not shape("क्ष").plain


def test_a_mark_stays_with_its_letter():
    assert len(_fonts("q\u0323a")) in {1, 2}
    glyphs = shape("q\u0323").glyphs
    assert len({glyph.font for glyph in glyphs}) == 1


def test_characters_that_no_font_has_are_named_once_each():
    with pytest.raises(NoGlyph) as caught:
        shape("李明 李")
    assert caught.value.characters == "李明"


def test_an_embedded_font_keeps_its_glyph_numbers_and_names_every_character():
    glyph = shape("A").glyphs[0]
    whole = program(REGULAR)
    assert whole.widths[glyph.gid] == glyph.width
    assert whole.texts[glyph.gid] == "A"
    assert "\0" not in "".join(whole.texts.values())


def test_a_cut_down_font_is_small_and_named_by_its_glyphs():
    glyphs = {glyph.gid: glyph.text for glyph in shape("Ελένη").glyphs}
    cut = program(SANS, glyphs)
    assert len(cut.program) < 20_000
    assert cut.name[6] == "+"
    assert cut.name == program(SANS, dict(reversed(glyphs.items()))).name
    assert cut.name != program(SANS, {**glyphs, 40: "E"}).name


def test_the_widths_array_lists_runs_of_neighbours():
    assert program(REGULAR, {3: " "}).widths_array().startswith("[0 [")


@pytest.mark.parametrize("font", [REGULAR, BOLD])
def test_simple_text_set_from_pairs_is_what_harfbuzz_sets(font: int):
    letters = sorted(shaping._simple_characters(font))
    assert {"a", "Z", "é", "’", "0", " ", "•"} <= set(letters)
    words = st.text(st.sampled_from(letters), min_size=1, max_size=30)

    @settings(max_examples=300)
    @given(words)
    def same(text: str) -> None:
        assert shaping.shape_from_pairs(font, text) == shaping._shape_run(font, text, rtl=False)

    same()


@pytest.mark.parametrize("text", ["Ελένη", "e\u0301", "محمد", "A\u00a0B"])
def test_text_that_is_not_simple_goes_to_harfbuzz(text: str):
    assert shaping.shape_from_pairs(REGULAR, text) is None


@pytest.mark.parametrize("text", ["अअअआईइ", "ΑΒΓ"])
def test_a_glyph_that_a_reader_would_take_for_another_letter_makes_its_line_not_plain(text: str):
    line = shape(text)
    read = "".join(own_characters(glyph.font).get(glyph.gid, "") for glyph in line.glyphs)
    assert line.plain == (read == text)


def test_one_glyph_for_two_letters_keeps_its_own_letter_in_a_cut_font():
    long_i = shape("ईइ").glyphs
    made = program(SANS, {glyph.gid: "X" for glyph in long_i})
    short_i = shape("इ").glyphs[0].gid
    assert made.texts[short_i] == "इ"


@pytest.mark.parametrize(
    ("name", "script"),
    [("王小明", "Chinese (Han)"), ("김 철수", "Hangul"), ("முத்து", "Tamil"), ("გიორგი", "Georgian"),
     ("さくら", "Hiragana"), ("Zebra 😀", "emoji or signs"), ("አበበ", "Ethiopic"),
     ("สมชาย", "Thai"), ("Ann ᱟ王", "Chinese (Han), Ol Chiki")],
)  # fmt: skip
def test_of_letters_that_no_font_has_only_the_script_is_told(name, script):
    with pytest.raises(NoGlyph) as caught:
        shape(name)
    assert caught.value.named() == script
    assert not any(letter in f"{caught.value} {caught.value.named()}" for letter in name if not letter.isascii())
