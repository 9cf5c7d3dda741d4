"""A patient's details: what fills the slots, and which requests share a master whatever it says."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from handouts.errors import RequestFault
from handouts.load.library import load_library
from handouts.merge.details import details, plan_shape, selection, shape_of
from handouts.model.content import Library
from handouts.model.details import Details, Entry
from handouts.model.edition import Edition
from handouts.model.shapes import PlanShape, Shape
from handouts.model.slots import slots
from handouts.model.wording import Wording
from handouts.stamp.stamp import check_fit
from tests.choices import PATIENTS, REQUESTS
from tests.clinics import say
from tests.conftest import TOPIC, RequestOf

OWN = ("Book your MRI", "Call us")
"""A topic's own steps."""


def own(library: Library) -> Wording:
    """The words of the topic, with steps of its own."""
    return library.wording.told(steps=OWN)


def read(made: Details) -> dict[str, str]:
    """What is read of each slot."""
    return {name: text if isinstance(text, str) else text.text for name, text in made.texts}


def texts(library: Library, request_of: RequestOf, **over: Any) -> dict[str, str]:
    made = read(details(library.wording, request_of(**over), "CODE"))
    return {name: text for name, text in made.items() if not name.startswith("step.") and name != "code"}


def test_the_details_are_the_ones_that_the_request_has_without_gaps(library: Library, request_of: RequestOf) -> None:
    patient = {"name": "Zed Quux", "birth_date": "1961-04-09", "identifier": "MRN 00417"}
    assert texts(library, request_of, patient=patient, clinician="Dr. Wye", visit_date="2026-11-22") == {
        "name": "Zed Quux",
        "who.1": "Born April 9, 1961",
        "who.2": "Record MRN 00417",
        "who.3": "Visit November 22, 2026",
        "who.4": "You saw Dr. Wye",
    }
    assert texts(library, request_of, clinician="Dr. Wye") == {"name": "Maria Gonzalez", "who.1": "You saw Dr. Wye"}
    before = texts(library, request_of, clinician="Dr. Wye", stage="before")
    assert before["who.1"] == "With Dr. Wye", "nobody has seen the clinician yet"


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
    ("at", "day", "hour"),
    [
        ("2026-12-04T10:30", "Friday, December 4, 2026", "10:30 am"),
        ("2026-12-04T00:05", "Friday, December 4, 2026", "12:05 am"),
        ("2026-12-04T12:00", "Friday, December 4, 2026", "12:00 pm"),
        ("2026-12-05T23:59", "Saturday, December 5, 2026", "11:59 pm"),
        ("2028-02-29T13:00", "Tuesday, February 29, 2028", "1:00 pm"),
    ],
)
def test_an_appointment_is_said_as_people_say_it(
    library: Library, request_of: RequestOf, at: str, day: str, hour: str
) -> None:
    assert texts(library, request_of, appointment={"at": at, "with": "Dr. W", "where": "Room 2"}) == {
        "name": "Maria Gonzalez",
        "visit.1": day,
        "visit.2": f"Time {hour}",
        "visit.3": "With Dr. W",
        "visit.4": "Where Room 2",
    }
    assert "visit.3" not in texts(library, request_of, appointment={"at": at})


def test_the_steps_are_the_request_s_else_the_topic_s_own(library: Library, request_of: RequestOf) -> None:
    steps = read(details(own(library), request_of(), "CODE"))
    assert [steps[f"step.{i}"] for i in (1, 2, 3)] == [*OWN, ""]
    written = read(details(own(library), request_of(next_steps=["Rest"]), "CODE"))
    assert [written[f"step.{i}"] for i in (1, 2, 3)] == ["Rest", "", ""]


PILLS = [
    {"name": "Xylophonol", "times": ["noon"]},
    {"name": "carbamazepine", "dose": "200 mg", "times": ["morning", "night"], "remark": "With food"},
    {"name": "baclofen", "dose": "5 mg."},
    {"name": "botulin", "dose": "5 mg", "remark": "Not before you drive"},
]


def test_the_plan_says_what_to_take_when_in_the_order_of_the_request(library: Library, request_of: RequestOf) -> None:
    made = texts(library, request_of, medicines=PILLS)
    rows = [
        [made.get(f"plan.{i}.{cell}") for cell in ("name", "morning", "noon", "evening", "night", "remark")]
        for i in range(1, 5)
    ]
    assert rows == [
        ["Xylophonol", "–", "take it", "–", "–", None],
        ["Carbamazepine", "200 mg", "–", "–", "200 mg", "With food"],
        ["Baclofen", "–", "–", "–", "–", "5 mg."],
        ["botulin", "–", "–", "–", "–", "5 mg. Not before you drive"],
    ]
    assert made["plan_name"] == "Maria Gonzalez: my medicines by time of day"
    named = texts(library, request_of, medicines=PILLS, patient={"name": "سعاد"})["plan_name"]
    assert named == "\u2068سعاد\u2069: my medicines by time of day", "its name does not turn the title round"


def test_on_a_translated_page_a_line_ends_after_no_title_and_no_day(library: Library, request_of: RequestOf) -> None:
    request = request_of(clinician="Dra. Wye", next_steps=["Vea al Dr. Wye en 5 días"], note="Vea a la Dra. Wye")
    made = {language: read(details(replace(library.wording, language=language), request, "CODE"))
            for language in ("en", "es")}  # fmt: skip
    assert (made["es"]["who.1"], made["es"]["note.1"]) == ("You saw Dra.\u00a0Wye", "Vea a la Dra.\u00a0Wye")
    assert made["es"]["step.1"] == "Vea al Dr.\u00a0Wye en 5\u00a0días"
    assert "\u00a0" not in "".join(made["en"].values()), "a reprint has the lines of then"


def test_in_large_print_the_plan_has_a_line_for_each_time_of_day(library: Library, request_of: RequestOf) -> None:
    made = texts(library, request_of, medicines=PILLS, format="large-print")
    assert [made.get(f"plan.{i}.when") for i in (1, 2, 3)] == ["Noon: take it", "Morning: 200 mg\nNight: 200 mg", None]
    assert made["plan.4.remark"] == "5 mg. Not before you drive"


def test_a_replacement_names_the_code_that_it_replaces(library: Library, request_of: RequestOf) -> None:
    made = details(library.wording, request_of(), "CODE", Edition(replaces="K7QF3MDX9TW"))
    assert read(made)["replaces"] == "K7QF-3MDX-9TW"


def test_a_blank_sheet_holds_nobody_s_details_and_rows_to_write_on(library: Library, request_of: RequestOf) -> None:
    blank = Edition(blank=True)
    request = request_of(options=["medicines"], appointment={"at": "2026-12-04T10:30"}, clinician="Dr. Wye")
    made = read(details(own(library), request, "CODE", blank))
    assert {name for name in made if not name.startswith("step.")} == {"code", "footer"}
    assert made["footer"].startswith("For ____")
    assert shape_of(own(library), request, blank) == Shape(4, 0, 66)
    assert plan_shape(library.wording, request, blank) == PlanShape(4, 2)
    assert plan_shape(library.wording, request) is None


def test_all_texts_that_do_not_fit_are_told_at_once_by_their_keys(library: Library, request_of: RequestOf) -> None:
    over: dict[str, Any] = {
        "patient": {"name": "Wolfe " * 30, "identifier": "李"},
        "note": "x\n" * 600,
        "clinician": "W" * 200,
    }
    with pytest.raises(RequestFault) as caught:
        details(library.wording, request_of(**over), "CODE")
    told = caught.value.message
    assert "'patient.identifier' has characters" in told
    assert "'note' is too long for its place on the page by about 360 lines" in told
    assert "Wolfe" not in told
    with pytest.raises(RequestFault, match=r"^'note' is too long"):
        details(library.wording, request_of(note="x\n" * 600), "CODE")


def test_details_do_not_show_themselves_in_a_traceback(library: Library, request_of: RequestOf) -> None:
    assert "Maria" not in repr(details(library.wording, request_of(), "CODE"))


# ---------------------------------------------------------------- shapes and selections


@settings(max_examples=100)
@given(one=REQUESTS)
def test_whatever_fills_a_slot_has_one_in_the_shape_and_fits_it(
    library: Library, request_of: RequestOf, one: dict[str, Any]
) -> None:
    request = request_of(**one)
    table = slots(
        large=request.format == "large-print",
        shape=shape_of(own(library), request),
        plan=plan_shape(library.wording, request),
    )
    made = details(own(library), request, "CODE")
    assert {name for name, _ in made.texts} <= table.keys()
    check_fit(table, made)
    for name, entry in made.texts:
        if isinstance(entry, Entry):
            lines = max(len(entry.lines), 1) * table[name].leading_at(entry.size or table[name].size)
            assert entry.top + lines <= table[name].height + 0.01


@settings(max_examples=150)
@given(one=REQUESTS, other=REQUESTS, patient=PATIENTS)
def test_requests_of_one_selection_have_one_shape(
    library: Library, request_of: RequestOf, one: dict[str, Any], other: dict[str, Any], patient: dict[str, Any]
) -> None:
    first, second, third = request_of(**one), request_of(**other), request_of(**{**one, "patient": patient})
    for request in (second, third):
        if selection(library, first) == selection(library, request):
            assert shape_of(own(library), first) == shape_of(own(library), request)
            assert plan_shape(library.wording, first) == plan_shape(library.wording, request)


def test_what_is_written_for_one_patient_makes_no_selection(library: Library, request_of: RequestOf) -> None:
    def chosen(**over: Any) -> tuple[Hashable, ...]:
        return selection(library, request_of(**over))

    one = chosen(
        patient={"name": "A", "identifier": "1"},
        appointment={"at": "2026-12-04T10:30", "where": "Clinic 2"},
        next_steps=["Rest"],
        note="Ring us.",
        medicines=[{"name": "carbamazepine", "dose": "5 mg"}],
    )
    other: dict[str, Any] = {
        "patient": {"name": "B"},
        "clinician": "B",
        "appointment": {"at": "2026-12-05T11:30"},
        "next_steps": ["Call us", "Bring your diary"],
        "note": "شكرا لكم",
        "medicines": [{"name": "Carbamazepine", "times": ["noon"]}],
    }
    assert chosen(**other) == one
    assert chosen(**{**other, "medicines": [{"name": "baclofen"}]}) != one, "another medicine that the topic knows"
    assert chosen(**{**other, "medicines": [*other["medicines"], {"name": "Xylophonol"}]}) != one
    assert chosen(**{**other, "note": "Ring us.\n" * 5}) != one, "another shape"
    assert chosen(**{**other, "appointment": None}) != one, "lines to write on"
    assert chosen(**{**other, "sheets": ["front"]}) != one


def test_a_day_s_list_needs_a_handful_of_shapes(library: Library, request_of: RequestOf) -> None:
    shapes = {
        shape_of(
            library.wording,
            request_of(
                patient={"name": "Ann Lee " * (1 + number % 3)},
                clinician="Dr. Wye",
                next_steps=["Bring your diary to the next visit"],
                note="We talked about it. " * (number % 9) or None,
            ),
        )
        for number in range(90)
    }
    assert len(shapes) <= 3


@pytest.mark.parametrize(
    ("clinic", "order", "printed"),
    [
        ("cohen", "", "November 22, 2026"),
        ("cohen", "dmy", "22 November 2026"),
        ("seaview-example", "", "22 November 2026"),
    ],
)
def test_dates_are_written_as_the_clinics_country_writes_them(
    content: Path, request_of: RequestOf, clinic: str, order: str, printed: str
) -> None:
    if order:
        say(content, "date_order", order)
    library = load_library(content, TOPIC, clinic)
    assert texts(library, request_of, visit_date="2026-11-22")["who.1"] == f"Visit {printed}"
