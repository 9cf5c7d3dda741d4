"""The clinic's colours against WCAG 2."""

from __future__ import annotations

import pytest

from handouts.errors import ContentFault
from handouts.load.contrast import luminance, pairs, ratio, require_contrast, weak_pairs
from handouts.load.library import load_library
from handouts.model.clinic import Colors


def test_black_on_white_is_21_and_a_colour_on_itself_is_1():
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#0b6e8a", "#0b6e8a") == pytest.approx(1)


@pytest.mark.parametrize(
    ("color", "shown"), [("#767676", 4.54), ("#777777", 4.47), ("#ff0000", 3.99), ("#0000ff", 8.59)]
)
def test_the_ratio_on_white_is_the_published_one(color, shown):
    assert int(ratio(color, "#ffffff") * 100) / 100 == shown


def test_green_is_the_lightest_of_the_three():
    assert luminance("#00ff00") > luminance("#ff0000") > luminance("#0000ff")


def test_the_default_colours_are_readable():
    assert weak_pairs(Colors()) == ()
    assert len(pairs(Colors())) == 4


def test_a_pale_accent_is_named_with_what_it_has_and_what_it_needs():
    with pytest.raises(ContentFault) as caught:
        require_contrast(Colors(accent="#777777"))
    assert caught.value.exit_code == 3
    assert "colors.accent on white has a contrast of 4.47:1; text needs 4.5:1" in caught.value.message
    assert "colors.accent on colors.soft" in caught.value.message
    assert "colors.ink" not in caught.value.message


def test_a_dark_ground_behind_the_text_is_found():
    assert [pair.name for pair in weak_pairs(Colors(soft="#345678"))] == [
        "colors.ink on colors.soft",
        "colors.accent on colors.soft",
    ]


def test_a_clinic_whose_colours_are_too_weak_can_t_be_loaded(content):
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    clinic.write_text(clinic.read_text(encoding="utf-8").replace("#0b6e8a", "#8fc3d3"), encoding="utf-8")
    with pytest.raises(
        ContentFault, match=r"clinics/cohen/clinic\.yaml: colors\.accent on white has a contrast of 1\.\d\d"
    ):
        load_library(content, "hemifacial-spasm", "cohen")
