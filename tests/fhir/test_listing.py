"""A record of several patients is a list; of one, a request."""

from __future__ import annotations

from typing import Any

import pytest

from handouts.errors import RequestFault
from handouts.fhir.listing import list_patients
from handouts.fhir.reading import read_file, read_values
from handouts.fhir.suggest import suggest_one
from handouts.lists.row import Listing, Row
from tests.conftest import ROOT, TODAY
from tests.fhir.records import (
    TOPICS,
    Json,
    appointment,
    bundle,
    condition,
    patient,
    prescription,
    reading,
    suggested,
    synthea,
)

GIVEN = {"options": ["botox"]}


def listing(*resources: Any, with_email: bool = False, **given: Any) -> Listing:
    return list_patients(reading(*resources), TOPICS, {**GIVEN, **given}, TODAY, with_email=with_email)


def rows(*resources: Any, **given: Any) -> list[Row]:
    return list(listing(*resources, **given).rows)


def two(*more: Json) -> list[Json]:
    return [patient("a", identifier=[]), patient("b", name=[{"text": "Anna Nagy"}], identifier=[]), *more]


def test_each_patient_is_a_row_with_what_is_about_them_alone() -> None:
    made = rows(*two(condition("G51.32", whose="b"), condition("G50.0", whose="a"),
                     prescription("Trileptal", whose="a"), prescription("Tegretol", whose="b")))  # fmt: skip
    assert [one.number for one in made] == [1, 2]
    first, second = (dict(one.data or {}) for one in made)
    assert (first["topic"], first["medicines"]) == ("trigeminal-neuralgia", [{"name": "oxcarbazepine"}])
    assert (second["topic"], second["side"], second["medicines"]) == (
        "hemifacial-spasm", "left", [{"name": "carbamazepine"}],
    )  # fmt: skip
    assert second["patient"]["name"] == "Anna Nagy"


@pytest.mark.parametrize(
    "resources",
    [
        two(),
        [patient("a"), condition(whose="elsewhere")],
        [condition(whose="a"), condition(whose="b")],
        [bundle(patient("a")), bundle(patient("b"))],
    ],
)
def test_two_patients_are_no_request(resources: list[Json]) -> None:
    with pytest.raises(RequestFault, match="is about 2 patients"):
        suggested(*resources)


def test_a_record_of_nobody_is_refused() -> None:
    for found in (lambda: suggested({"resourceType": "Observation"}), lambda: listing({"resourceType": "Observation"})):
        with pytest.raises(RequestFault, match="no patient in it"):
            found()


def test_what_a_row_leaves_open_is_its_fault_and_stops_no_other() -> None:
    first, second = rows(*two(condition("G51.31", whose="a"), condition("G51.32", whose="a"), condition(whose="b")))
    assert first.data is None
    assert first.fault == "'side': the codes and words of the record do not say one side"
    assert second.data is not None


def test_flags_fill_in_what_the_record_does_not_say_and_overrule_nothing() -> None:
    first, second = rows(*two(condition("G50.0", whose="b")), topic="hemifacial-spasm")
    assert first.data is not None
    assert "topic" not in first.data
    assert "another topic" in second.fault


def test_who_has_died_is_a_row_at_fault() -> None:
    (row,) = rows(patient(deceasedBoolean=True), topic="hemifacial-spasm")
    assert row.fault == "the record says that this patient has died"


def test_the_list_says_what_will_be_made_and_what_is_open_and_nothing_of_a_patient() -> None:
    found = listing(*two(condition("G51.39", whose="a"), condition(whose="b", verificationStatus=None)))
    told = " ".join((found.summary, *found.notes, *(one.fault for one in found.rows)))
    assert "2 patients" in found.summary
    assert "1 with a topic by diagnosis code" in found.summary
    assert "row 1: 'side': the record does not say the side" in found.notes
    assert not any(name in told for name in ("Quill", "Nagy", "1961"))


def test_the_time_of_a_visit_today_orders_the_rows() -> None:
    (row,) = rows(patient(), condition(), appointment("2026-11-22T08:15:00-05:00"))
    assert (row.order, (row.data or {})["visit_date"]) == ("08:15", "2026-11-22")


def test_the_address_is_taken_only_to_mail_to() -> None:
    who = patient(telecom=[{"system": "email", "value": "x@example.org"}])
    for wanted in (True, False):
        (row,) = listing(who, condition(), with_email=wanted).rows
        assert ("email" in (row.data or {})["patient"]) is wanted


def test_the_example_is_the_demos_patient() -> None:
    found, chart = suggest_one(read_file(ROOT / "examples" / "record.json"), TOPICS, {}, TODAY)
    assert found.data == {
        "topic": "hemifacial-spasm", "side": "left", "clinician": "Dr. Cohen", "visit_date": "2026-11-22",
        "patient": {"name": "Maria Gonzalez", "birth_date": "1961-04-09", "identifier": "MRN 00417"},
        "medicines": [{"name": "carbamazepine", "dose": "200 mg", "times": ["morning", "evening"]}],
        "appointment": {"at": "2026-12-04T10:30", "with": "Dr. Cohen", "where": "Clinic 2"},
    }  # fmt: skip
    assert (found.steps, [one.key for one in found.questions]) == (("Book your MRI",), ["options"])
    assert (chart.aside, chart.lenient) == ([], set())


def test_a_record_in_the_shape_of_synthea_is_read() -> None:
    found = suggested(*[one["resource"] for one in synthea(7)["entry"]], given={"topic": "hemifacial-spasm", **GIVEN})
    assert found.data["patient"] == {"name": "Abe7 Lee Frami7", "birth_date": "1957-03-17", "identifier": "MRN-7"}


@pytest.mark.parametrize("transaction", [True, False])
def test_many_records_in_the_shape_of_synthea_are_a_list(transaction: bool) -> None:
    records = [synthea(seed, transaction=transaction, facial=seed % 2 == 0) for seed in range(6)]
    found = list_patients(read_values(records), TOPICS, GIVEN, TODAY, with_email=False)
    made = list(found.rows)
    assert [one.data is not None for one in made] == [True, False] * 3
    first = dict(made[0].data or {})
    assert (first["topic"], first["side"], first["visit_date"]) == ("hemifacial-spasm", "right", "2026-11-22")
    assert first["clinician"] == "Dr. Luna0 Littel0"
    assert "medicines" not in first
    assert made[1].fault == "'topic': no active, confirmed diagnosis has a code of a topic"
    assert any("240 resources of types that are not read" in note for note in found.notes)
