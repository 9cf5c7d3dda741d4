"""The order in which a line is drawn, held against cases written by hand and against another implementation."""

import unicodedata

import pytest
from bidi import get_display
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.fonts import direction
from handouts.fonts.direction import split_directions
from handouts.fonts.faces import ARABIC, REGULAR, SANS, hb_font
from handouts.fonts.shaping import shape

A, B, C = "\u05d0", "\u05d1", "\u05d2"
"""Three Hebrew letters: they run from right to left and, other than Arabic ones, never join."""


def drawn(text: str) -> str:
    """The characters of ``text`` from left to right, as they are drawn (without mirrored shapes)."""
    return "".join(stretch[::-1] if rtl else stretch for rtl, stretch in split_directions(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # UAX 9, rule N0: the direction of the line is found inside the pair
        (f"{A} ({B})", f"){B}( {A}"),
        (f"x ({A})", f"x ({A})"),
        (f"x ({A}) y", f"x ({A}) y"),
        (f"{A} (x)", f")x( {A}"),
        # only the other direction is inside: what stands before the pair decides
        (f"{A} x (y)", f"x (y) {A}"),
        (f"{A} x [y] {{z}}", f"x [y] {{z}} {A}"),
        (f"x {A} ({B})", f"x ){B}( {A}"),
        # nothing but neutrals inside: the pair goes with its surroundings
        (f"{A} (.) {B}", f"{B} ).( {A}"),
        # a bracket that is never closed, or closed by another, is no pair
        (f"x ({A}", f"x ({A}"),
        (f"x ({A}]", f"x ({A}]"),
        (f"{A} x (y]", f"]x (y {A}"),
        # pairs within pairs
        (f"x [{A} ({B})]", f"x [){B}( {A}]"),
        # numbers count as if they ran from right to left
        ("x (1) y", "x (1) y"),
        (f"{A} (1)", f")1( {A}"),
        # a mark on a bracket goes with it
        (f"{A} x (y)\u0301", f"x (y)\u0301 {A}"),
    ],
)
def test_brackets_close_on_the_side_on_which_they_are_read(text: str, expected: str):
    assert drawn(text) == expected


def test_a_name_with_brackets_is_drawn_with_each_pair_around_its_own_word():
    glyphs = shape("\u062f-\u0648, O'Brien [x] {y}").glyphs  # two Arabic letters that join nothing after them
    assert "".join(glyph.text for glyph in glyphs) == "O'Brien [x] {y} ,\u0648-\u062f"


_LETTERS = f"abz {A}{B}{C}\u0645\u062d\u0639 12\u0663 .,-+%:'/ \u0301()[]{{}}\u2045\u2046"


@given(st.text(st.sampled_from(_LETTERS), min_size=1, max_size=24).map(str.strip).filter(bool))
@settings(max_examples=500, deadline=None)
def test_every_line_is_drawn_as_another_implementation_draws_it(text: str):
    assert drawn(text) == get_display(text)


def test_brackets_beyond_sixty_three_deep_are_left_as_they_stand():
    deep = f"{A} x " + "(" * 70 + "y" + ")" * 70
    assert sorted(drawn(deep)) == sorted(deep)


def test_every_bracket_that_a_font_has_is_known():
    signs = {chr(code) for font in (REGULAR, SANS, ARABIC) for code in hb_font(font).face.unicodes}
    paired = {sign for sign in signs if unicodedata.category(sign) in {"Ps", "Pe"} and unicodedata.mirrored(sign)}
    assert paired == {*direction._CLOSER, *direction._CLOSER.values()}


def test_a_joiner_between_letters_is_kept_and_parts_them():
    parted, joined = "\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"
    assert split_directions(parted) == [(True, parted)]
    ya = [[glyph.gid for glyph in shape(text).glyphs if glyph.text == "\u06cc"] for text in (parted, joined)]
    assert ya[0] != ya[1], "the letter before it has the form that ends a word"
