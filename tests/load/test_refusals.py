"""What is refused when something is made, and still read when it was made before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from handouts.errors import RequestFault
from handouts.load.refusals import require_printable
from tests.conftest import TODAY, MakeOf, RequestOf

Refusal = Callable[..., str]


@pytest.fixture
def refusal(request_of: RequestOf) -> Refusal:
    """Why a request is not printed; it can be read all the same. "" where it is printed."""

    def told(**over: Any) -> str:
        request = request_of(**over)
        try:
            require_printable(request, TODAY)
        except RequestFault as error:
            return error.message
        return ""

    return told


INVISIBLE = {
    "zero width space": "\u200b",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "combining grapheme joiner": "\u034f",
    "hangul filler": "\u3164",
    "variation selector-16": "\ufe0f",
    "tag latin small letter a": "\U000e0061",
    "zero width joiner": "\u200d",
    "zero width non-joiner": "\u200c",
    "invisible separator": "\u2063",
    "braille pattern blank": "\u2800",
}


@pytest.mark.parametrize(("called", "sign"), INVISIBLE.items(), ids=INVISIBLE)
def test_a_character_that_nobody_can_see_is_refused_by_its_number(refusal: Refusal, called: str, sign: str) -> None:
    for place, over in (
        ("patient.name", {"patient": {"name": f"Zeb{sign}ra"}}),
        ("note", {"note": f"Call\nZeb{sign}ra"}),
        ("next_steps.2", {"next_steps": ["a", f"Zeb{sign}ra"]}),
        ("medicines.1.remark", {"medicines": [{"name": "a", "remark": f"Zeb{sign}ra"}]}),
        ("appointment.with", {"appointment": {"at": "2026-12-04T10:30", "with": f"Zeb{sign}ra"}}),
    ):
        message = refusal(**over)
        assert f"'{place}' holds U+{ord(sign):04X} ({called})" in message
        assert "Zeb" not in message


@pytest.mark.parametrize(
    "name", ["علی\u200cرضا", "می\u064e\u200cخواه", "محمد\u200cرضا", "लक्\u200dष्मी", "र\u094d\u200dया"], ids=ascii
)
def test_joiners_that_a_name_needs_are_printed(refusal: Refusal, name: str) -> None:
    assert refusal(patient={"name": name}) == ""


@pytest.mark.parametrize("name", ["\u200cعلی", "علی\u200c", "علی\u200c\u200cرضا", "क\u200dष", "Zeb\u200dra"], ids=ascii)
def test_joiners_that_join_nothing_are_refused(refusal: Refusal, name: str) -> None:
    assert "which" not in refusal(patient={"name": name})
    assert "a character that can't be seen" in refusal(patient={"name": name})


def test_a_letter_that_was_lost_is_refused_with_the_encoding_to_use(refusal: Refusal) -> None:
    message = refusal(patient={"name": "Mar\ufffda", "identifier": "\ufffd1"}, note="\ufffd")
    assert message.startswith("The request has 3 problems:")
    assert message.count("export the file again as UTF-8") == 3


@pytest.mark.parametrize("name", ["\u0301\u0301", "\u0941", ".", "- '", "\u0301Maria", "Maria \u0301a"], ids=ascii)
def test_a_name_that_would_print_a_speck_is_refused(refusal: Refusal, name: str) -> None:
    message = refusal(patient={"name": name})
    assert "'patient.name' has no letter" in message or "without a letter under it" in message


@pytest.mark.parametrize("name", ["Zoe\u0308", "B", "हिन्दी", "Nguyễn Văn Ánh", "O’Brien-Smith", "2", "משה"])
def test_names_with_accents_and_vowel_signs_are_printed(refusal: Refusal, name: str) -> None:
    assert refusal(patient={"name": name}) == ""


@pytest.mark.parametrize(
    ("born", "why"),
    [
        (TODAY, ""),
        (TODAY + timedelta(1), "lies in the future"),
        (date(2061, 4, 9), "lies in the future"),
        (date(1900, 1, 1), ""),
        (date(1899, 12, 31), "lies before 1900"),
        (date(61, 4, 9), "lies before 1900"),
    ],
)
def test_a_birth_date_that_can_not_be_is_refused(refusal: Refusal, born: date, why: str) -> None:
    message = refusal(patient={"name": "x", "birth_date": born})
    assert (f"'patient.birth_date' {why}; check the year" in message) if why else message == ""
    assert str(born.year) not in message.replace("before 1900", "")


def test_other_dates_that_can_not_be_are_refused_too(refusal: Refusal) -> None:
    assert "'visit_date' lies before 1900" in refusal(visit_date="0026-11-22")
    assert "'visit_date' lies more than ten years ahead" in refusal(visit_date="2062-11-22")
    assert "'appointment.at' lies before 1900" in refusal(appointment={"at": "0026-12-04T10:30"})
    assert "'appointment.at' lies more than ten years ahead" in refusal(appointment={"at": "9999-12-04T10:30"})


def test_all_that_is_refused_is_told_together(make_of: MakeOf) -> None:
    with pytest.raises(RequestFault, match="has 2 problems"):
        make_of(patient={"name": "Zeb\u00adra", "birth_date": "1890-02-03"})
