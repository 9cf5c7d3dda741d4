"""A paragraph as lines: nothing is lost, no line is too wide, and no word is torn that may not be."""

from __future__ import annotations

import itertools
import time
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from handouts.fonts.direction import runs_right_to_left
from handouts.fonts.lines import TooWide, break_lines
from handouts.fonts.shaping import NoGlyph, shape
from tests.people import ARABIC, CYRILLIC, DEVANAGARI, GREEK, LATIN, VIETNAMESE

LETTERS = f"{LATIN}{GREEK}{CYRILLIC}{VIETNAMESE}{DEVANAGARI}ािीुूेैोौ्ंः\u0301\u0323"
SIGNS = "-/—–.,;:!?()«»“”'’%&=_#@+\u00a0\u200b\u00ad\u200c"
WORDS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=12),
    st.text(ARABIC, min_size=1, max_size=9),
    st.text(f"ab1{SIGNS}", min_size=1, max_size=8),
    st.text("Wm0./", min_size=20, max_size=60),
    st.just(""),
)
PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
SHORT = "Please ring us when the new drops have been used for a week."
HYPHENS = (
    "The risks are small, but they are real and that they may need a much longer look at your well-known medicines, "
    "and/or at last year's follow-up – as “we” said, 3-4 weeks (or 200 mg/day) are enough, it's 10 % at most, AVA."
)


@settings(max_examples=250)
@given(text=PARAGRAPHS, width=st.sampled_from([60, 144, 476]), size=st.sampled_from([11, 12, 18]), bold=st.booleans())
def test_lines_of_any_script_joined_are_the_text_and_none_is_too_wide(
    text: str, width: float, size: float, bold: bool
) -> None:
    try:
        lines = break_lines(text, width, size, bold=bold)
    except (TooWide, NoGlyph):
        assume(False)
    assert "".join(lines) == text
    rtl = runs_right_to_left(text)
    for line in lines:
        drawn = line.rstrip(" ")
        if drawn:
            assert shape(drawn, bold=bold, rtl=rtl).width * size / 1000 <= width + 0.01


@settings(max_examples=200)
@given(text=PARAGRAPHS)
def test_no_line_begins_with_a_mark_or_within_a_joined_word(text: str) -> None:
    try:
        lines = break_lines(text, 90, 12)
    except (TooWide, NoGlyph):
        assume(False)
    for before, line in itertools.pairwise(lines):
        assert unicodedata.category(line[0]) not in {"Mn", "Mc", "Me", "Cf"}
        if before[-1] != " ":
            assert not {unicodedata.bidirectional(character) for character in (before[-1], line[0])} & {"R", "AL"}
            assert unicodedata.combining(before[-1]) != 9, "a virama joins two letters"


def test_each_line_holds_as_many_words_as_it_can() -> None:
    lines = break_lines(f"{SHORT} {SHORT}", 200, 12)
    assert len(lines) == 4
    for line, after in itertools.pairwise(lines):
        assert shape(line + after.split(" ")[0]).width * 12 / 1000 > 200


def test_a_line_ends_at_a_space_or_after_a_hyphen_and_keeps_the_space() -> None:
    first, second = break_lines(HYPHENS, 510, 12)[:2]
    assert first.endswith("much longer look at your well-")
    assert second.startswith("known medicines, ")
    assert break_lines(SHORT * 2, 400, 12)[0][-1] == " "


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Take it for 3-4 weeks", "3-4"),
        ("You said: what now ?", "now ?"),
        ("The plan ( see below )", "( see"),
        ("The dose is 200\u00a0mg", "200\u00a0mg"),
        ("It costs about .5 or so", ".5"),
        ("A dose of about -dose", "-dose"),
    ],
)
def test_what_belongs_together_stays_together(text: str, whole: str) -> None:
    for width in range(30, 140):
        lines = break_lines(text, width, 12)
        if all(shape(word).width * 12 / 1000 < width for word in (whole, *text.split(" "))):
            assert any(whole in line for line in lines), (width, lines)


def test_a_web_address_is_broken_after_its_signs() -> None:
    lines = break_lines("See https://clinic.example/patients/leaflets/after-your-operation?side=left", 120, 12)
    assert all(line[-1] in "/.-?= " for line in lines[:-1])


def test_a_word_that_no_line_can_hold_is_broken_anywhere_unless_that_is_forbidden() -> None:
    assert len(break_lines("W" * 100, 196, 12)) > 5
    with pytest.raises(TooWide) as caught:
        break_lines("Ring us " + "W" * 100, 196, 12, tear=False)
    assert caught.value.over == pytest.approx(shape("W" * 100).width * 12 / 1000 - 196)


@pytest.mark.parametrize(
    "text", ["x" * 60, "-" * 50, "e\u0301" * 30, "q\u0323" * 30, "\u0915\u094d\u0937" * 20, "a\u200db" * 20]
)
def test_no_mark_loses_its_letter_where_a_word_is_broken(text: str) -> None:
    lines = break_lines(text, 60, 12)
    assert "".join(lines) == text
    assert len(lines) > 1
    assert not any(unicodedata.category(line[0]) in {"Mn", "Mc", "Me", "Cf"} for line in lines)
    assert not any(line[-1] in "\u094d\u200d" for line in lines)


def test_a_joined_word_wider_than_the_line_is_told_with_how_much() -> None:
    word = "مستشفياتكم" * 6
    with pytest.raises(TooWide) as caught:
        break_lines(f"شكرا {word}", 100, 12)
    assert caught.value.over == pytest.approx(shape(word).width * 12 / 1000 - 100, abs=0.01)


def test_characters_that_no_font_has_are_named() -> None:
    with pytest.raises(NoGlyph):
        break_lines("Ring 李 soon " * 9, 200, 12)


def test_latin_words_in_an_arabic_paragraph_stand_where_its_direction_wants_them() -> None:
    line = "MRI."
    assert [glyph.text for glyph in shape(line, rtl=True).glyphs] == [".", "M", "R", "I"]
    assert [glyph.text for glyph in shape(line).glyphs] == ["M", "R", "I", "."]


def test_plain_english_costs_little() -> None:
    texts = [f"{number} {HYPHENS}" for number in range(300)]
    break_lines(HYPHENS, 400, 12)
    start = time.process_time()
    for text in texts:
        break_lines(text, 400, 12)
    assert (time.process_time() - start) / len(texts) < 0.001, "seconds for a note of three lines"


@pytest.mark.parametrize("name", ["Maximiliana", "ليلى بنت عبد الرحمن"])
@pytest.mark.parametrize("code", ["7AN1-KM93-52T", "1YRM-Y35W-QMZ", "MRN-A17"])
def test_a_code_to_be_copied_stands_on_one_line(name: str, code: str) -> None:
    assert any(code in line for line in break_lines(f"{name}  •  {code}", 150, 18))
    assert break_lines("a well-known", 70, 18) == ("a well-", "known")
