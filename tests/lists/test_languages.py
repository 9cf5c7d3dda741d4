"""The languages that lists name: by their names, codes and tags."""

from __future__ import annotations

import pytest

from handouts.lists.records import is_printed_in, language_of


@pytest.mark.parametrize(
    ("word", "tag"),
    [
        ("Spanish", "es"), ("español", "es"), ("SPA", "es"), ("es-MX", "es"), ("Spanish; Castilian", "es"),
        ("Arabic", "ar"), ("العربية", "ar"), ("English", "en"), ("en-US", "en"), ("French", "fr"),
        ("Haitian Creole", "ht"), ("Navajo", "nv"), ("pt-BR", "pt"),
    ],
)  # fmt: skip
def test_a_language_is_found_however_a_clinic_writes_it(word: str, tag: str) -> None:
    assert language_of(word) == tag


@pytest.mark.parametrize("word", ["Unknown", "declined", "zz", "12", ""])
def test_what_is_no_language_is_printed_in_none(word: str) -> None:
    assert not is_printed_in(word, {"en", "es", "ar"})
