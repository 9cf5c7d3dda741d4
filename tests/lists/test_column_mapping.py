"""What each column of a list is: a key of a request, a mapped name, ignored, or a near miss, so refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.errors import RequestFault
from handouts.lists.column_mapping import ColumnMapping, check_mapping, read_header
from handouts.load.requests import build_request
from handouts.load.yamlfile import Parsed
from tests.conftest import REQUEST

GIVEN = ("topic", "options")


def header(*names: str, given: tuple[str, ...] = GIVEN, **mapped: str) -> ColumnMapping:
    return read_header(("patient.name", *names), mapped, given)


def told(*names: str, given: tuple[str, ...] = GIVEN, mapped: dict[str, str] | None = None) -> str:
    with pytest.raises(RequestFault) as caught:
        read_header(names, mapped or {}, given)
    return caught.value.message


EVERY = {
    "topic": "hemifacial-spasm",
    "options": "botox; radiofrequency ;",
    "patient.name": " Maria Gonzalez ",
    "patient.preferred_name": "Maria",
    "patient.identifier": "00417",
    "patient.birth_date": "1961-04-09",
    "patient.email": "maria@example.org",
    "clinic": "cohen",
    "language": "en",
    "format": "standard",
    "paper": "a4",
    "stage": "before",
    "side": "left",
    "clinician": "Dr. Cohen",
    "visit_date": "2026-11-22",
    "medicines.1.name": "carbamazepine",
    "medicines.1.dose": "200 mg",
    "medicines.1.times": "morning;evening",
    "medicines.1.remark": "With food",
    "medicines.2.name": "Baclofen",
    "next_steps": "Book your MRI; Call us",
    "appointment.at": "2026-12-04T10:30",
    "appointment.with": "Dr. Cohen",
    "appointment.where": "Clinic 2",
    "note": "One line\nand another",
}


def test_every_key_of_a_request_can_stand_in_a_column() -> None:
    data = read_header(tuple(EVERY), {}, ()).data(tuple(EVERY.values()))
    assert data == {
        "topic": "hemifacial-spasm",
        "options": ["botox", "radiofrequency"],
        "patient": {
            "name": "Maria Gonzalez",
            "preferred_name": "Maria",
            "identifier": "00417",
            "birth_date": "1961-04-09",
            "email": "maria@example.org",
        },
        "clinic": "cohen",
        "language": "en",
        "format": "standard",
        "paper": "a4",
        "stage": "before",
        "side": "left",
        "clinician": "Dr. Cohen",
        "visit_date": "2026-11-22",
        "medicines": [
            {"name": "carbamazepine", "dose": "200 mg", "times": ["morning", "evening"], "remark": "With food"},
            {"name": "Baclofen"},
        ],
        "next_steps": ["Book your MRI", "Call us"],
        "appointment": {"at": "2026-12-04T10:30", "with": "Dr. Cohen", "where": "Clinic 2"},
        "note": "One line\nand another",
    }
    assert build_request(Parsed(data, {}, "")).patient.identifier == "00417"


def test_names_of_columns_may_differ_in_case_and_space() -> None:
    assert read_header((" Patient.Name ", "NOTE"), {}, GIVEN).data(("Ann", "x")) == {
        "patient": {"name": "Ann"},
        "note": "x",
    }


def test_empty_cells_are_not_given() -> None:
    assert header("note", "options").data(("Ann", "  ", "")) == {"patient": {"name": "Ann"}}
    assert header("options").data(("Ann", " ; ")) == {"patient": {"name": "Ann"}, "options": []}


def test_medicines_may_stand_in_any_order_and_leave_gaps() -> None:
    found = header("medicines.3.name", "medicines.12.name", "medicines.1.name", "medicines.3.times")
    assert found.data(("Ann", "b", "c", "a", "noon"))["medicines"] == [
        {"name": "a"},
        {"name": "b", "times": ["noon"]},
        {"name": "c"},
    ]
    assert found.data(("Ann", "b", "", "", ""))["medicines"] == [{"name": "b"}]
    assert "medicines" not in found.data(("Ann", "", "", "", ""))


def test_a_medicine_without_a_name_is_told_by_its_own_number() -> None:
    with pytest.raises(ValueError, match=r"medicines\.3\.name is empty"):
        header("medicines.1.name", "medicines.3.dose").data(("Ann", "a", "200 mg"))


def test_foreign_names_are_mapped_and_an_empty_path_ignores() -> None:
    found = read_header(("Patient", "Phone", "Town"), {"patient ": " Patient.Name", "Phone": "", "Town": "note"}, GIVEN)
    assert found.data(("Ann", "555", "Bonn")) == {"patient": {"name": "Ann"}, "note": "Bonn"}
    assert found.ignored == (), "nobody needs to be told what they have just said"


def test_a_mapping_goes_before_a_columns_own_name() -> None:
    found = read_header(("note", "Name"), {"note": "", "Name": "patient.name"}, GIVEN)
    assert found.data(("secret", "Ann")) == {"patient": {"name": "Ann"}}


def test_other_columns_are_listed_once_and_ignored() -> None:
    found = header("Phone", "", "  ", "Postcode", "DOB")
    assert found.ignored == ("B", "E", "F"), "by letter: what stands there may be anything, a patient's name too"
    assert found.data(("Ann", "555", "a", "b", "c", "d")) == {"patient": {"name": "Ann"}}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Name", "patient.name"),
        ("patient_name", "patient.name"),
        ("Patient Name", "patient.name"),
        ("patinet.name", "patient.name"),
        ("birth date", "patient.birth_date"),
        ("Birthdate", "patient.birth_date"),
        ("identifer", "patient.identifier"),
        ("notes", "note"),
        ("option", "options"),
        ("Visit-Date", "visit_date"),
        ("medicine.1.name", "medicines.1.name"),
        ("medicines.1.tmies", "medicines.1.times"),
        ("appointment", "appointment.at"),
    ],
)  # fmt: skip
def test_a_near_miss_is_refused_with_what_was_meant(name: str, meant: str) -> None:
    message = told("patient.name", name)
    assert f"column '{name}': did you mean " in message
    assert f"{meant}? To leave it out, say --map '{name}='" in message
    assert read_header(("patient.name", name), {name: ""}, GIVEN).data(("Ann", "x")) == {"patient": {"name": "Ann"}}


def test_two_columns_for_the_same_thing_are_refused() -> None:
    assert "a second column for patient.name" in told("patient.name", "PATIENT.NAME")
    assert "a second column for note" in told("patient.name", "Remark 1", "note", mapped={"Remark 1": "note"})
    assert "a second column for patient.name" in told("Patient", "Patient", mapped={"Patient": "patient.name"})
    left_out = read_header(("patient.name", "X", "X"), {"X": ""}, GIVEN)
    assert left_out.data(("Ann", "a", "b")) == {"patient": {"name": "Ann"}}


def test_a_mapping_of_a_column_that_is_not_there_is_told() -> None:
    assert "--map names a column 'Phome' for note, which the list does not have" in told(
        "patient.name", "Phone", mapped={"Phome": "note", "Zebra": "side"}
    )


def test_a_mapping_to_what_no_request_has_is_told_with_the_nearest() -> None:
    check_mapping({"A": "", "B": "Patient.Name", "C": "medicines.7.dose"})
    with pytest.raises(RequestFault) as caught:
        check_mapping({"A": "patient.nmae", "B": "zzz", "C": "note", "D": "medicines.0.name"})
    assert "There is no key 'patient.nmae' in a request. Did you mean patient.name?" in caught.value.message
    assert "There is no key of that name in a request. Known: appointment.at, " in caught.value.message
    assert len(caught.value.faults) == 3


def test_what_every_request_needs_has_to_come_from_somewhere() -> None:
    message = told("note", given=())
    for name, flag in (("patient.name", ""), ("topic", " or --topic"), ("options", " or --option")):
        assert f"there is no column {name}{flag}. If yours has another name: --map 'Your name={name}'" in message
    assert "column topic" not in told("note", given=("topic", "options"))
    assert read_header(("patient.name", "topic", "options"), {}, ()).ignored == ()


def test_all_faults_of_the_names_are_told_at_once_and_odd_signs_are_shown_safely() -> None:
    message = told("patient.name", "note\x1b", "Name", "patient.name", mapped={"X": "note"})
    assert "\x1b" not in message
    assert all(part in message for part in ("note<U+001B>", "'Name'", "a second column", "of that name for note"))


@given(
    names=st.lists(st.text(max_size=12), max_size=6), mapped=st.dictionaries(st.text(max_size=6), st.text(max_size=6))
)
def test_any_names_are_columns_or_a_refusal(names: list[str], mapped: dict[str, str]) -> None:
    try:
        found = read_header(("patient.name", *names), mapped, GIVEN)
    except RequestFault:
        return
    assert len(found.columns) == 1 + len(names)


@given(cells=st.lists(st.text(max_size=8), max_size=len(EVERY)))
def test_any_cells_become_a_requests_keys_or_a_fault_without_them(cells: list[str]) -> None:
    columns = read_header(tuple(EVERY), {}, ())
    try:
        data: dict[str, Any] = columns.data(cells)
    except ValueError as error:
        assert "medicines." in str(error) or "not text" in str(error)  # noqa: PT017
        return
    assert set(data) <= {*REQUEST, *(path.split(".")[0] for path in EVERY)}
