"""A request: what it accepts, and how its text is made fit to print."""

from __future__ import annotations

import json
import time
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from handouts.errors import RequestFault
from handouts.load.requests import parse_request
from handouts.model.request import Appointment, Patient, Request
from tests.conftest import RequestOf


def test_only_topic_options_and_name_are_needed(request_of: RequestOf) -> None:
    request = request_of()
    assert (request.format, request.stage, request.language, request.paper) == ("standard", "after", "en", None)


@pytest.mark.parametrize(
    "written",
    ["1961", "19610409", "86400", "1.5", "09.04.1961", "04/09/1961", "1961-4-9", "1961-04-09T00:00", "٢٠٢٦-٠١-٠١"],
)
def test_a_date_in_another_form_is_refused_not_guessed(request_of: RequestOf, written: str) -> None:
    with pytest.raises(RequestFault, match=r"'patient\.birth_date' must be a date, such as 2026-11-22"):
        request_of(patient={"name": "x", "birth_date": written})


@pytest.mark.parametrize(
    "written", ["2026-12-04", "20261204", "1764844200", "10:30", "2026-12-04T10:30Z", "2026-12-04T10:30+01:00"]
)
def test_an_appointment_needs_day_and_time_on_the_clinics_own_clock(request_of: RequestOf, written: str) -> None:
    with pytest.raises(RequestFault, match=r"'appointment\.at' must be a date and time"):
        request_of(appointment={"at": written})


@pytest.mark.parametrize("written", ["2026-12-04T10:30", "2026-12-04 10:30", "2026-12-04T10:30:00"])
def test_an_appointment_is_read_with_t_or_blank(request_of: RequestOf, written: str) -> None:
    appointment = request_of(appointment={"at": written, "with": "Dr. Cohen"}).appointment
    assert appointment == Appointment(at=datetime(2026, 12, 4, 10, 30), **{"with": "Dr. Cohen"})  # noqa: DTZ001


def test_dates_given_as_dates_are_taken_as_they_are() -> None:
    assert Patient(name="x", birth_date=date(1961, 4, 9)).birth_date == date(1961, 4, 9)


def test_an_empty_key_counts_as_not_given(request_of: RequestOf) -> None:
    assert request_of(paper=None, medicines=None, note=None) == request_of()


def test_a_name_is_folded_to_one_line_and_composed(request_of: RequestOf) -> None:
    name = request_of(patient={"name": "  Zoe\u0308 \n\t van\u00a0Dam "}).patient.name
    assert name == "Zoë van Dam"


@pytest.mark.parametrize(
    "bad",
    ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\u200f", "\ufeff", "\ue000", "\uffff"],
)
@pytest.mark.parametrize("key", ["clinician", "note"])
def test_characters_that_cannot_be_printed_are_refused_by_their_number(
    request_of: RequestOf, key: str, bad: str
) -> None:
    with pytest.raises(RequestFault) as caught:
        request_of(**{key: f"Zebra {bad}Zebra"})
    assert f"'{key}' holds the character U+{ord(bad):04X}" in caught.value.message
    assert "Zebra" not in caught.value.message


@pytest.mark.parametrize("blank", ["", "   ", "\u00a0", "\n"])
def test_a_name_of_nothing_is_refused(request_of: RequestOf, blank: str) -> None:
    with pytest.raises(RequestFault, match=r"patient\.name"):
        request_of(patient={"name": blank})


def test_a_long_text_is_refused_and_not_cut(request_of: RequestOf) -> None:
    with pytest.raises(RequestFault, match=r"'patient\.name' is too long: 200 characters at most"):
        request_of(patient={"name": "x" * 10_000})
    with pytest.raises(RequestFault, match=r"'note' is too long: 4000 characters at most"):
        request_of(note="x" * 4001)


def test_a_note_keeps_its_lines_and_loses_its_edges(request_of: RequestOf) -> None:
    assert request_of(note="\r\none  \r\ntwo\rthree\n\n").note == "one\ntwo\nthree"


@pytest.mark.parametrize("slug", ["../etc", "a/b", "a b", "A", "-a", "a-", "a--b", "a\n", "é", ".", "a" * 61, "a\\b"])
def test_a_name_of_a_topic_is_safe_in_a_path(request_of: RequestOf, slug: str) -> None:
    if slug == "a\n":  # the edges are stripped before
        assert request_of(topic=slug).topic == "a"
        return
    with pytest.raises(RequestFault, match="'topic'"):
        request_of(topic=slug)


def test_a_time_of_day_is_named_once(request_of: RequestOf) -> None:
    with pytest.raises(
        RequestFault, match=r"'medicines\.1\.times' says the same thing twice: number 2 is number 1 again"
    ):
        request_of(medicines=[{"name": "x", "times": ["morning", "morning"]}])


def test_a_request_can_not_be_changed(request_of: RequestOf) -> None:
    with pytest.raises(ValidationError):
        request_of().topic = "other"


def test_a_validation_error_made_by_python_code_hides_its_input_too() -> None:
    with pytest.raises(ValidationError) as caught:
        Request.model_validate({"topic": "t", "options": ["o"], "patient": {"name": "x", "birth_date": "Zebra"}})
    assert "Zebra" not in str(caught.value)


NAME = "Zebra Canary"


def refused(**over: Any) -> str:
    request = {"topic": "hemifacial-spasm", "options": ["botox"], "patient": {"name": "X"}, **over}
    with pytest.raises(RequestFault) as caught:
        parse_request(json.dumps(request), "r.json")
    return caught.value.message


@pytest.mark.parametrize(
    "over",
    [
        {NAME: 1},
        {"patient": {"name": "X", NAME: "y"}},
        {"medicines": [{"name": "X", NAME: "y"}]},
        {"options": ["zebra-canary", "zebra-canary"]},
        {"format": NAME},
        {"language": NAME},
        {"medicines": [{"name": "X", "times": [NAME, NAME]}]},
        {"topic": NAME},
        {"patient": NAME},
        {"visit_date": NAME},
    ],
    ids=str,
)
def test_what_could_be_a_name_is_not_repeated_where_a_key_or_choice_should_be(over: dict[str, Any]) -> None:
    message = refused(**over)
    assert "ebra" not in message
    assert message.startswith("The request has ")


def test_a_name_that_stands_twice_as_a_key_is_not_repeated() -> None:
    with pytest.raises(RequestFault) as caught:
        parse_request(f"topic: a\n{NAME}: 1\n{NAME}: 2\n", "r.yaml")
    assert (
        caught.value.message == "The request can't be read:\n  r.yaml:3: repeats the key of line 2; keep one of the two"
    )


def test_where_an_unknown_key_stands_and_which_are_known_is_told() -> None:
    assert "r.json:1: unknown key in 'patient'. Known keys here: birth_date, email, " in refused(
        patient={"name": "X", NAME: 1}
    )


def test_thousands_of_faults_are_told_in_a_few_lines_and_in_no_time() -> None:
    began = time.process_time()
    assert len(refused(**{f"Zebra {i}": 1 for i in range(20_000)})) < 300
    rows = "\n".join(f"Zebra {i}: 1" for i in range(20_000))
    with pytest.raises(RequestFault) as caught:
        parse_request(f"topic: a\noptions: [b]\npatient: {{name: X}}\n{rows}", "r.yaml")
    assert caught.value.message.startswith("The request has 20,000 problems:\n  r.yaml:4: unknown key. Known keys")
    assert caught.value.message.endswith("\n  and 19,980 more")
    assert len(caught.value.message) < 10_000
    message = refused(options=[f"zebra-{i % 10_000}" for i in range(20_000)])
    assert len(message) < 300
    assert time.process_time() - began < 20
