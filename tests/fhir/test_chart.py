"""What references lead to, whose a resource is, and what is set aside."""

from __future__ import annotations

from typing import Any

import pytest

from handouts.errors import RequestFault
from handouts.fhir.chart import Chart, told_aside
from handouts.fhir.reading import read_bytes, read_values
from tests.fhir.records import Json, about, aside, bundle, chart, condition, patient, prescription


def entries(*pairs: tuple[str, Json], kind: str = "collection") -> Chart:
    whole = bundle(kind=kind)
    whole["entry"] = [{"fullUrl": url, "resource": one} for url, one in pairs]
    return Chart(read_values([whole]))


def subject(found: Chart) -> str:
    return found.whose(found.of("Condition")[0])


def test_a_reference_is_found_by_type_and_id_with_any_version() -> None:
    for to in ("Patient/p", "Patient/p/_history/3"):
        assert subject(chart(patient(), condition(subject={"reference": to}))) == "patient 1"


def test_a_reference_is_found_by_its_full_address() -> None:
    for url in ("urn:uuid:1f", "http://a.example/fhir/Patient/p", "https://a.example/Patient/p"):
        found = entries((url, patient("other")), ("", condition(subject={"reference": url})))
        assert subject(found) == "patient 1"


def test_a_relative_reference_belongs_to_the_server_of_its_owner() -> None:
    found = entries(
        ("http://a.example/Patient/p", patient()),
        ("http://b.example/Patient/p", patient()),
        ("http://b.example/Condition/c", {**condition(), "id": "c"}),
    )
    assert subject(found) == "patient 2"


def test_a_reference_that_may_be_two_things_is_none() -> None:
    found = entries(
        ("http://a.example/Patient/p", patient()), ("http://b.example/Patient/p", patient()), ("", condition())
    )
    assert subject(found) == "at Patient/p"


def test_an_absolute_reference_does_not_mean_another_servers_resource() -> None:
    found = entries(
        ("http://a.example/Patient/p", patient()), ("", condition(subject={"reference": "http://b.example/Patient/p"}))
    )
    assert subject(found) == "at http://b.example/Patient/p"


def test_a_reference_may_be_a_search_or_an_identifier() -> None:
    who = patient(identifier=[{"system": "http://x/mrn", "value": "7"}])
    for to in (
        {"reference": "Patient?identifier=http://x/mrn|7"},
        {"reference": "Patient?identifier=http://x/mrn%7C7"},
        {"identifier": {"system": "http://x/mrn", "value": "7"}},
    ):
        assert subject(chart(who, condition(subject=to))) == "patient 1"


def test_a_urn_leads_to_an_id_where_nothing_has_an_address() -> None:
    assert subject(chart(patient("1f"), condition(subject={"reference": "urn:uuid:1f"}))) == "patient 1"


def test_a_contained_resource_belongs_to_its_owner_alone() -> None:
    inner = {"resourceType": "Medication", "id": "m", "code": {"text": "Carbamazepine"}}
    to = {"medicationCodeableConcept": None, "medicationReference": {"reference": "#m"}}
    found = chart(patient(), prescription(contained=[inner], **to), prescription(**to))
    first, second = found.of("MedicationRequest")
    assert [bool(found.resolve({"reference": "#m"}, one)) for one in (first, second)] == [True, False]


def test_references_in_circles_are_followed_once() -> None:
    rounds = [
        {"resourceType": "CarePlan", "id": name, "status": "active", "intent": "plan", "subject": about(),
         "partOf": [{"reference": f"CarePlan/{other}"}],
         "activity": [{"reference": {"reference": f"CarePlan/{other}"}}]}
        for name, other in (("a", "b"), ("b", "a"), ("c", "c"))
    ]  # fmt: skip
    found = chart(patient(), *rounds, condition(subject={"reference": "Condition/x"}, id="x"))
    assert len(found.charts()["patient 1"]) == 4


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (17, "resource: it has no type"),
        ([], "resource: it has no type"),
        ({"resourceType": ["Patient"]}, "resource: it has no type"),
        ({"resourceType": "Observation"}, "Observation: a type that is not read"),
        ({"resourceType": "Xanthippe Quill"}, "resource: a type that is not read"),
        (condition(subject=None), "Condition: it does not say which patient it is about"),
        (
            condition(subject={"reference": "Condition/9"}, id="9"),
            "Condition: it does not say which patient it is about",
        ),
        (condition(subject="Patient/p"), "Condition: its element subject is not as R4 has it"),
        (patient(), "Patient: the same resource a second time"),
        (patient("q", name=[{"given": [{"first": "A"}]}]), "Patient: its element name.given is not as R4 has it"),
    ],
)
def test_what_can_not_be_used_is_set_aside_with_a_reason(odd: Any, why: str) -> None:
    assert why in aside(patient(), odd)


def test_what_was_left_aside_is_told_by_type_and_number() -> None:
    found = chart(patient(), *[{"resourceType": "Observation", "status": "final"}] * 3, condition(subject=None),
                  condition(subject=None))  # fmt: skip
    found.charts()
    assert list(told_aside(found.aside)) == [
        "Condition: it does not say which patient it is about (2)",
        "3 resources of types that are not read",
    ]


def test_an_element_that_prints_nothing_by_itself_costs_no_patient() -> None:
    found = chart(patient(telecom=["555-0123"], communication=[{"language": 3}]))
    assert found.of("Patient")
    assert "unknown" in found.lenient


def test_a_resource_a_second_time_is_looked_at_once() -> None:
    data = {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1", "resource": patient()}] * 2}
    assert len(Chart(read_values([data])).of("Patient")) == 1


def test_two_patients_of_one_id_are_refused() -> None:
    with pytest.raises(RequestFault, match="about different patients"):
        chart(patient("1"), patient("1", birthDate="1970-01-01"), condition(whose="1"))


def test_of_two_versions_of_one_prescription_neither_counts() -> None:
    two = [prescription(id="m"), prescription(id="m", status="stopped")]
    assert not chart(patient(), *two).of("MedicationRequest")
    assert aside(patient(), *two) == ["MedicationRequest: it stands twice, in two versions"] * 2


def test_a_contained_patient_of_one_resource_is_not_that_of_another() -> None:
    inner = [prescription(subject={"reference": "#who"}, contained=[patient("who")]) for _ in range(2)]
    found = chart(*inner)
    assert found.charts() == {}


def test_no_value_shows_in_a_repr() -> None:
    found = chart(patient(), condition())
    assert "Quill" not in repr(found.resources) + repr(found.aside)


def test_a_text_that_holds_json_is_no_object() -> None:
    # fhir.resources would read it
    odd = condition(code='{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G51.32"}]}')
    assert "Condition: no topic has its code" in aside(patient(), odd)


def test_half_a_character_is_no_crash() -> None:
    read = read_bytes(b'{"resourceType": "Patient", "name": [{"family": "\\ud800"}]}')
    assert [one.why for one in Chart(read).aside] == ["its element name.family is not as R4 has it"]
