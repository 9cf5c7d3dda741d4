"""What is typed becomes a request; each fault stands at its field, and what is right is shown all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.desk.forms import LEFT_OUT, PLACEHOLDER, FieldFault, Form, field_faults, read_form, to_look_at, to_request
from handouts.errors import RequestFault
from handouts.load.library import load_library
from handouts.model.clinic import DateOrder
from handouts.model.request import Request
from tests.conftest import CONTENT, TODAY, TOPIC
from tests.rounds import rounds

LEAST = {"topic": [TOPIC], "options": ["botox"], "patient.name": ["Xanthippe Quill"]}
EVERYTHING = {
    "topic": [TOPIC],
    "options": ["botox", "no-treatment"],
    "clinic": ["seaview-example"],
    "language": ["en"],
    "format": ["large-print"],
    "paper": ["a4"],
    "stage": ["before"],
    "side": ["left"],
    "clinician": ["Dr. Wye"],
    "visit_date": ["11/20/2026"],
    "note": ["Bring your glasses.\nAnd your pills."],
    "patient.name": ["  Xanthippe Quill "],
    "patient.preferred_name": ["Xan"],
    "patient.identifier": ["MRN 4711"],
    "patient.birth_date": ["April 9, 1961"],
    "patient.email": ["xan@example.org"],
    "next_steps.1": ["Read this"],
    "next_steps.2": [""],
    "next_steps.3": ["Call us"],
    "medicines.1.name": ["baclofen"],
    "medicines.1.dose": ["5 mg"],
    "medicines.1.times": ["morning", "night"],
    "medicines.2.name": [""],
    "medicines.3.name": ["aspirin"],
    "medicines.3.remark": ["with food"],
    "appointment.day": ["December 4, 2026"],
    "appointment.time": ["10:30"],
    "appointment.with": ["Dr. Zed"],
    "appointment.where": ["Room 2"],
    "interpreter": ["Ms.  Wye"],
    "replaces": ["fhk8-z5dw-14k"],
    "allow_unapproved": ["yes"],
    "left_out": ["diary"],
}


def read(fields: dict[str, Any], order: DateOrder | None = "mdy") -> Form:
    return read_form(fields, order=order, today=TODAY)


def looked_at(**over: str) -> tuple[Request | None, tuple[FieldFault, ...]]:
    return to_look_at(read(LEAST | {name.replace("__", "."): [value] for name, value in over.items()}))


def at(faults: tuple[FieldFault, ...]) -> list[str]:
    return [fault.field for fault in faults]


def test_every_field_fills_its_key():
    form = read(EVERYTHING)
    assert form.faults == ()
    made = json.loads(to_request(form).model_dump_json(by_alias=True, exclude_defaults=True))
    assert made == {
        "topic": TOPIC,
        "options": ["botox", "no-treatment"],
        "clinic": "seaview-example",
        "format": "large-print",
        "paper": "a4",
        "stage": "before",
        "side": "left",
        "clinician": "Dr. Wye",
        "visit_date": "2026-11-20",
        "note": "Bring your glasses.\nAnd your pills.",
        "patient": {
            "name": "Xanthippe Quill",
            "preferred_name": "Xan",
            "identifier": "MRN 4711",
            "birth_date": "1961-04-09",
            "email": "xan@example.org",
        },
        "next_steps": ["Read this", "Call us"],
        "medicines": [
            {"name": "baclofen", "dose": "5 mg", "times": ["morning", "night"]},
            {"name": "aspirin", "remark": "with food"},
        ],
        "appointment": {"at": "2026-12-04T10:30:00", "with": "Dr. Zed", "where": "Room 2"},
    }
    assert (form.interpreter, form.left_out) == ("Ms. Wye", {"diary"})
    assert (form.edition.replaces, form.edition.allow_unapproved, form.edition.blank) == ("FHK8Z5DW14K", True, False)


def test_an_empty_form_asks_for_nothing_yet():
    assert to_look_at(read({})) == (None, ())


def test_before_a_name_is_typed_the_preview_says_where_it_will_stand():
    request, faults = to_look_at(read({"topic": [TOPIC], "options": ["botox"]}))
    assert faults == ()
    assert request
    assert request.patient.name == PLACEHOLDER


def test_a_placeholder_is_never_made():
    assert to_request(read(LEAST)).patient.name == "Xanthippe Quill"
    with pytest.raises(Exception, match=r"patient"):
        to_request(read({"topic": [TOPIC], "options": ["botox"]}))


def test_a_blank_sheet_has_nobodys_name():
    form = read(LEAST | {"blank": ["yes"]})
    assert to_request(form).patient.name == "blank"
    request, _ = to_look_at(form)
    assert request
    assert request.patient.name == "blank"


def test_where_the_clinic_has_no_order_a_date_of_numbers_is_asked_about():
    form = read(LEAST | {"patient.birth_date": ["03/04/1961"]}, order=None)
    told = "Date of birth may be March 4, 1961 or April 3, 1961: write the month as a word."
    assert form.faults == (FieldFault("patient.birth_date", told),)


BAD = "Zebra\ud83d"
"""Half a character."""
WRONG = {
    "topic": ("topic", "Not A Topic"),
    "options": ("options", "Not An Option"),
    "clinic": ("clinic", "No Clinic!"),
    "format": ("format", "Zebra"),
    "paper": ("paper", "Zebra"),
    "stage": ("stage", "Zebra"),
    "side": ("side", "Zebra"),
    "language": ("language", "?"),
    "clinician": ("clinician", BAD),
    "visit_date": ("visit_date", "Zebra"),
    "note": ("note", BAD),
    "patient.name": ("patient.name", BAD),
    "patient.preferred_name": ("patient.preferred_name", BAD),
    "patient.identifier": ("patient.identifier", "Zebra\x07"),
    "patient.birth_date": ("patient.birth_date", "Zebra"),
    "patient.email": ("patient.email", BAD),
    "next_steps.1": ("next_steps.1", BAD),
    "medicines.1.name": ("medicines.1.name", BAD),
    "medicines.1.dose": ("medicines.1.name", "5 mg"),
    "medicines.1.remark": ("medicines.1.name", "at bedtime"),
    "appointment.day": ("appointment.day", "Zebra"),
    "appointment.time": ("appointment.day", "10:30"),
    "appointment.with": ("appointment.day", "Zebra"),
    "appointment.where": ("appointment.day", "Zebra"),
    "interpreter": ("interpreter", BAD),
    "replaces": ("replaces", "Zebra"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_stands_at_its_field_and_repeats_nothing(name: str):
    field, value = WRONG[name]
    _, faults = to_look_at(read(LEAST | {name: [value]}))
    assert at(faults) == [field]
    message = faults[0].message
    assert value not in message
    assert "Zebra" not in message
    assert name == field == "topic" or "'" not in message.partition(" ")[0]
    assert message.endswith((".", "!")) or len(message) > 10


@pytest.mark.parametrize("name", [name for name in WRONG if name not in {"topic", "options"}])
def test_what_is_right_is_shown_while_the_rest_is_wrong(name: str):
    _, value = WRONG[name]
    kept = {"patient.identifier": ["MRN 4711"]} if name != "patient.identifier" else {"clinician": ["Dr. Wye"]}
    request, faults = to_look_at(read(LEAST | kept | {name: [value]}))
    assert faults
    assert request
    if name != "patient.identifier":
        assert request.patient.identifier == "MRN 4711"
    if name != "patient.name":
        assert request.patient.name == "Xanthippe Quill"


def test_all_faults_are_told_at_once():
    fields = {name: [value] for name, (_, value) in WRONG.items() if name not in {"topic", "options"}}
    fields |= {"medicines.1.name": ["Zebra"], "appointment.day": ["Zebra"]}
    request, faults = to_look_at(read(LEAST | fields))
    assert request
    wanted = set(fields) - {f"medicines.1.{key}" for key in ("name", "dose", "remark")}
    wanted -= {"appointment.time", "appointment.with", "appointment.where"}
    assert set(at(faults)) == wanted


def test_a_row_with_a_fault_keeps_its_place_so_that_others_keep_theirs():
    form = read(LEAST | {
        "medicines.1.dose": ["5 mg"],
        "medicines.2.name": ["baclofen"],
        "medicines.2.dose": [".5 mg"],
        "medicines.3.name": ["aspirin"],
        "next_steps.1": [BAD],
        "next_steps.2": ["Call us"],
    })  # fmt: skip
    request, faults = to_look_at(form)
    assert set(at(faults)) == {"medicines.1.name", "medicines.2.dose", "next_steps.1"}
    assert request
    assert [item.name for item in request.medicines] == [LEFT_OUT, "baclofen", "aspirin"]
    assert [item.dose for item in request.medicines] == ["5 mg", None, None]
    assert request.next_steps == (LEFT_OUT, "Call us")


def test_times_alone_are_no_medicine_and_an_empty_row_is_none():
    form = read(LEAST | {"medicines.1.times": ["morning"], "next_steps.1": ["  "]})
    assert form.faults == ()
    assert "medicines" not in form.data
    assert "next_steps" not in form.data


def test_more_rows_than_there_may_be_are_told():
    many = {f"medicines.{number}.name": ["aspirin"] for number in range(1, 30)}
    many |= {f"next_steps.{number}": ["Call us"] for number in range(1, 12)}
    _, faults = to_look_at(read(LEAST | many))
    assert set(at(faults)) == {"medicines", "next_steps"}


@pytest.mark.parametrize(
    ("day", "clock", "field"),
    [("", "10:30", "day"), ("12/04/2026", "", "time"), ("12/04/2026", "noonish", "time"), ("someday", "10:30", "day"),
     ("2026-12-04T10:30Z", "10:30", "day")],
)  # fmt: skip
def test_of_an_appointment_the_part_is_named_that_is_wrong(day: str, clock: str, field: str):
    _, faults = looked_at(appointment__day=day, appointment__time=clock)
    assert at(faults) == [f"appointment.{field}"]


def test_hostile_fields_are_passed_over_or_refused():
    fields: dict[str, Any] = {
        "__proto__": ["x"],
        "patient": ["x"],
        "patient.name.x": ["x"],
        "sheets": ["front"],
        "medicines.99999999999999999999.name": ["x"],
        "next_steps.-1": ["x"],
        "": [""],
        "\ud83d": ["\ud83d"],
        **{f"field{number}": ["x"] * 50 for number in range(2000)},
    }
    request, faults = to_look_at(read(LEAST | fields))
    assert faults == ()
    assert request == to_request(read(LEAST))


@pytest.mark.parametrize("name", ["options", "sections", "left_out", "medicines.1.times", "patient.name", "topic"])
def test_thousands_of_values_are_answered_shortly(name: str):
    _, faults = to_look_at(read(LEAST | {name: [f"Zebra {number}" for number in range(20_000)]}))
    assert len(faults) <= 25
    assert all("Zebra" not in fault.message for fault in faults)


@pytest.mark.parametrize("name", ["note", "patient.name", "clinician", "next_steps.1", "medicines.1.dose", "replaces",
                                  "interpreter", "appointment.time", "visit_date", "topic"])  # fmt: skip
def test_a_huge_text_is_refused_at_its_field(name: str):
    _, faults = to_look_at(read(LEAST | {"medicines.1.name": ["aspirin"], name: ["Zebra " * 500_000]}))
    assert name in at(faults) or (name, at(faults)) == ("appointment.time", ["appointment.day"])
    assert sum(len(fault.message) for fault in faults) < 1000


NAMES = st.sampled_from([*EVERYTHING, "x", "patient", "medicines.2.times", "sections"])


@given(st.dictionaries(NAMES, st.lists(st.text(max_size=20), max_size=3)), st.sampled_from(["mdy", "dmy", None]))
@settings(max_examples=rounds(200, release=10_000))
def test_any_form_is_shown_or_told_where_it_is_wrong(fields: dict[str, list[str]], order: DateOrder | None):
    request, faults = to_look_at(read(LEAST | fields, order))
    assert request is not None or faults or not fields.get("topic", ["x"])[:1] or not fields["topic"][0].strip()
    for fault in faults:
        assert "{" not in fault.message


def test_a_language_without_texts_is_a_fault_of_its_field():
    with pytest.raises(RequestFault) as fault:
        load_library(CONTENT, TOPIC, None, "tl")
    (told,) = field_faults(fault.value)
    assert told.field == "language"
