"""A patient's details: the texts for the slots, and which requests share a master whatever these say."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pytest
from hypothesis import given, settings

from handouts.merge.details import details, selection
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.edition import Edition
from tests.choices import PATIENTS, REQUESTS
from tests.conftest import TODAY, RequestOf


def texts(library: Library, request_of: RequestOf, **over: object) -> dict[str, str]:
    return dict(details(library.wording, request_of(**over), "CODE").texts)


def test_the_details_are_the_ones_that_the_request_has_and_the_handout_only_names_them(
    library: Library, request_of: RequestOf
) -> None:
    over = {
        "patient": {"name": "Zed Quux", "birth_date": "1961-04-09", "identifier": "MRN 00417"},
        "clinician": "Dr. Wye",
        "visit_date": "2026-11-22",
    }
    assert texts(library, request_of, **over) == {
        "name": "Zed Quux",
        "birth_date": "April 9, 1961",
        "identifier": "MRN 00417",
        "visit_date": "November 22, 2026",
        "clinician": "Dr. Wye",
    }
    made = merge(library, request_of(**over), TODAY).handout
    assert made.fields == ("name", "birth_date", "identifier", "visit_date", "clinician")
    assert not any(text in repr(made) for text in ("Zed", "Quux", "00417", "Wye", "1961"))
    other = request_of(
        patient={"name": "A", "birth_date": "2000-01-01", "identifier": "1"}, clinician="B", visit_date="2020-01-01"
    )
    assert made == merge(library, other, TODAY).handout


@pytest.mark.parametrize(
    ("name", "preferred", "printed"),
    [
        ("Maria Gonzalez", "Maria", "Maria Gonzalez"),
        ("Maria Gonzalez", "maria", "Maria Gonzalez"),
        ("Mary Ann Smith", "Mary Ann", "Mary Ann Smith"),
        ("Maria Gonzalez", "Mia", "Maria Gonzalez (Mia)"),
        ("Annabel Lee", "Anna", "Annabel Lee (Anna)"),
    ],
)
def test_a_preferred_name_is_added_where_it_is_another(
    library: Library, request_of: RequestOf, name: str, preferred: str, printed: str
) -> None:
    assert texts(library, request_of, patient={"name": name, "preferred_name": preferred})["name"] == printed


@pytest.mark.parametrize(
    ("at", "printed"),
    [
        ("2026-12-04T10:30", "Friday, December 4, 2026, 10:30 am"),
        ("2026-12-04T00:05", "Friday, December 4, 2026, 12:05 am"),
        ("2026-12-04T12:00", "Friday, December 4, 2026, 12:00 pm"),
        ("2026-12-05T23:59", "Saturday, December 5, 2026, 11:59 pm"),
        ("2028-02-29T13:00", "Tuesday, February 29, 2028, 1:00 pm"),
    ],
)
def test_an_appointment_is_said_as_people_say_it(
    library: Library, request_of: RequestOf, at: str, printed: str
) -> None:
    assert texts(library, request_of, appointment={"at": at, "with": "Dr. W", "where": "Room 2"}) == {
        "name": "Maria Gonzalez",
        "appointment_date": printed.rsplit(", ", 1)[0],
        "appointment_time": printed.rsplit(", ", 1)[1],
        "appointment_with": "Dr. W",
        "appointment_where": "Room 2",
    }
    assert "appointment_with" not in texts(library, request_of, appointment={"at": at})


def test_a_blank_sheet_has_every_field_to_write_on_and_nobodys_details(library: Library, request_of: RequestOf) -> None:
    made = merge(library, request_of(), TODAY, Edition(blank=True)).handout
    assert made.blank
    assert set(made.fields) == {
        "name", "birth_date", "identifier", "visit_date", "clinician",
        "appointment_date", "appointment_time", "appointment_with", "appointment_where",
    }  # fmt: skip
    assert details(library.wording, request_of(), "CODE", Edition(blank=True)).texts == ()


def test_details_do_not_show_themselves_in_a_traceback(library: Library, request_of: RequestOf) -> None:
    assert "Maria" not in repr(details(library.wording, request_of(), "CODE"))


@settings(max_examples=150)
@given(one=REQUESTS, other=REQUESTS, patient=PATIENTS)
def test_requests_of_one_selection_have_one_handout(
    library: Library, request_of: RequestOf, one: dict[str, Any], other: dict[str, Any], patient: dict[str, Any]
) -> None:
    first, second, third = request_of(**one), request_of(**other), request_of(**{**one, "patient": patient})
    for request in (second, third):
        alike = merge(library, first, TODAY) == merge(library, request, TODAY)
        assert alike or selection(library, first) != selection(library, request)


def test_details_alone_make_no_selection_but_which_there_are_does(library: Library, request_of: RequestOf) -> None:
    def chosen(**over: Any) -> tuple[Hashable, ...]:
        return selection(library, request_of(**over))

    one = chosen(patient={"name": "A", "identifier": "1"}, clinician="A", appointment={"at": "2026-12-04T10:30"})
    other = chosen(patient={"name": "B", "identifier": "2"}, clinician="B", appointment={"at": "2026-12-05T11:30"})
    assert one == other
    assert chosen(patient={"name": "B", "identifier": "2"}, clinician="B") != other
    at_place = {"at": "2026-12-05T11:30", "where": "Clinic 2"}
    assert chosen(appointment=at_place) != chosen(appointment={"at": "2026-12-05T11:30"})
