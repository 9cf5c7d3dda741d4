"""The same name, however it is typed, is the same text; another name is another."""

import unicodedata

import pytest

from handouts.model.folding import fold_name

OBRIEN = "Zoë O'Brien-Smith"


@pytest.mark.parametrize(
    "typed",
    [
        *(OBRIEN.replace("'", sign) for sign in "’‘ʼʻ´`′＇ˈꞌ"),
        *(OBRIEN.replace("-", sign) for sign in "‐‑‒–—−－"),
        *(OBRIEN.replace(" ", sign) for sign in ("  ", "\u00a0", "\u2009", "\t", " \u3000 ")),
        *(OBRIEN.replace("B", f"{sign}B") for sign in "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\ufe0f\u061c"),
        unicodedata.normalize("NFD", OBRIEN),
        unicodedata.normalize("NFKD", OBRIEN).upper(),
        OBRIEN.upper(),
        f"  {OBRIEN.lower()} ",
        "Zoë O' Brien - Smith",
        "Ｚoë O'Brien-Smith",
    ],
)
def test_a_name_is_one_however_it_is_typed(typed: str):
    assert fold_name(typed) == "zoë o'brien-smith"


@pytest.mark.parametrize("other", ["Zoe O'Brien-Smith", "Zoë OBrien-Smith", "Zoë O'Brien Smith", "Zoë O'Brian-Smith"])
def test_letters_accents_and_words_still_tell_people_apart(other: str):
    assert fold_name(other) != fold_name(OBRIEN)


@pytest.mark.parametrize("name", ["Straße", "ΣΊΣΥΦΟΣ", "می‌خواهم", "Nguyễn", "İpek", "O\u02bcNeill", "-", "'"])
def test_a_folded_name_stays_as_it_is(name: str):
    assert fold_name(fold_name(name)) == fold_name(name)
