"""Which topic and side a record's diagnoses suggest, and when nobody can know."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fhir.records import ICD, SNOMED, Json, aside, asked, concept, condition, patient, suggested


def of(*conditions: Json, **given: Any) -> tuple[Any, Any]:
    found = suggested(patient(), *conditions, given=given).data
    return found.get("topic"), found.get("side")


@pytest.mark.parametrize(
    ("code", "topic", "side"),
    [
        ("G51.31", "hemifacial-spasm", "right"),
        ("G51.32", "hemifacial-spasm", "left"),
        ("G51.33", "hemifacial-spasm", None),
        ("G51.39", "hemifacial-spasm", None),
        ("G51.3", "hemifacial-spasm", None),
        ("G50.0", "trigeminal-neuralgia", None),
    ],
)
def test_a_code_suggests_its_topic_and_side(code: str, topic: str, side: str | None) -> None:
    assert of(condition(code)) == (topic, side)


@pytest.mark.parametrize(
    "code", ["G51.0", "G51.4", "G50.1", "G50.8", "G50.9", "G51.30", "G52.1", "G24.5", "G51", "g51.32x"]
)
def test_neighbours_of_a_code_are_other_illnesses(code: str) -> None:
    assert of(condition(code)) == (None, None)
    assert "Condition: no topic has its code" in aside(patient(), condition(code))


@pytest.mark.parametrize(
    "system",
    ["http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10",
     "http://fhir.de/CodeSystem/bfarm/icd-10-gm"],
)  # fmt: skip
def test_the_code_counts_in_any_edition_of_icd_10(system: str) -> None:
    assert of(condition(code=concept("G50.0", system=system)))[0] == "trigeminal-neuralgia"


@pytest.mark.parametrize("system", [SNOMED, "http://hl7.org/fhir/sid/icd-9-cm", "http://vendor.example/codes"])
def test_the_same_letters_in_another_system_are_another_code(system: str) -> None:
    assert of(condition(code=concept("G50.0", system=system))) == (None, None)


def test_one_diagnosis_in_several_systems_is_one() -> None:
    both = {"coding": [*concept("31681005", system=SNOMED)["coding"], *concept("G50.0")["coding"]]}
    assert of(condition(code=both))[0] == "trigeminal-neuralgia"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"clinicalStatus": concept("resolved")}, "not active"),
        ({"clinicalStatus": concept("inactive")}, "not active"),
        ({"clinicalStatus": concept("remission")}, "not active"),
        ({"abatementDateTime": "2020-01-01"}, "not active"),
        ({"abatementString": "long ago"}, "not active"),
        ({"verificationStatus": concept("refuted")}, "not confirmed"),
        ({"verificationStatus": concept("provisional")}, "not confirmed"),
        ({"verificationStatus": concept("differential")}, "not confirmed"),
        ({"verificationStatus": concept("unconfirmed")}, "not confirmed"),
        ({"verificationStatus": concept("entered-in-error")}, "entered in error"),
    ],
)
def test_only_active_and_confirmed_diagnoses_count(more: Json, why: str) -> None:
    assert of(condition(**more)) == (None, None)
    assert f"Condition: {why}" in aside(patient(), condition(**more))


@pytest.mark.parametrize("state", ["active", "recurrence", "relapse"])
def test_a_diagnosis_that_came_back_is_active(state: str) -> None:
    assert of(condition(clinicalStatus=concept(state)))[0] == "hemifacial-spasm"


def test_a_status_may_be_coded_in_other_systems_too() -> None:
    more = {"coding": [*concept("confirmed")["coding"], *concept("410605003", system=SNOMED)["coding"]]}
    assert of(condition(verificationStatus=more))[0] == "hemifacial-spasm"
    alone = concept("410605003", system=SNOMED)
    assert "topic" in asked(suggested(patient(), condition(verificationStatus=alone)), needed=True)


@pytest.mark.parametrize("lacking", ["clinicalStatus", "verificationStatus"])
def test_a_diagnosis_that_does_not_say_whether_it_counts_is_asked(lacking: str) -> None:
    found = suggested(patient(), condition(**{lacking: None}))
    assert "topic" not in found.data
    question = next(one for one in found.questions if one.key == "topic")
    assert (question.choices, question.needed) == (("hemifacial-spasm",), True)


def test_two_topics_are_asked() -> None:
    found = suggested(patient(), condition("G51.31"), condition("G50.0"))
    assert "topic" not in found.data
    assert next(one for one in found.questions if one.key == "topic").choices == (
        "hemifacial-spasm",
        "trigeminal-neuralgia",
    )


def test_a_code_of_two_topics_in_one_diagnosis_says_nothing() -> None:
    odd = condition(code=concept("G51.31", "G50.0"))
    assert "Condition: its codes are of several topics" in aside(patient(), odd)


def site(*codes: str, text: str = "") -> Json:
    return {"bodySite": [concept(*codes, system=SNOMED, text=text)]}


@pytest.mark.parametrize(
    ("where", "side"),
    [
        (site("7771000"), "left"),
        (site("24028007"), "right"),
        (site("51440002"), "both"),
        (site(text="Left side of face"), "left"),
        (site(text="face, RIGHT"), "right"),
        (site(text="bright spot"), None),
        (site(text="Bilateral"), "both"),
    ],
)
def test_the_body_site_says_the_side_where_the_code_has_none(where: Json, side: str | None) -> None:
    assert of(condition("G50.0", **where))[1] == side


@pytest.mark.parametrize(
    "conditions",
    [
        [condition("G51.31"), condition("G51.32")],
        [condition("G51.31", **site("7771000"))],
        [condition("G51.31", code=concept("G51.31", text="Clonic hemifacial spasm, left"))],
        [condition("G51.33", code=concept("G51.33", text="Clonic hemifacial spasm, bilateral"))],
        [condition("G50.0", code=concept("G50.0", text="Left trigeminal neuralgia"))],
        [condition("G51.39", **site("51440002"))],
    ],
)
def test_two_sides_or_words_that_contradict_are_asked(conditions: list[Json]) -> None:
    found = suggested(patient(), *conditions)
    assert "side" not in found.data
    assert "side" in asked(found, needed=True)


def test_a_side_that_nobody_says_is_open_and_one_that_is_given_settled() -> None:
    assert "side" in asked(suggested(patient(), condition("G51.39")), needed=False)
    assert "side" not in asked(suggested(patient(), condition("G51.39"), given={"side": "left"}))


def test_several_notes_of_one_diagnosis_agree_where_one_says_the_side() -> None:
    assert of(condition("G51.39"), condition("G51.32")) == ("hemifacial-spasm", "left")


def test_a_topic_that_is_given_stands_and_what_the_record_says_otherwise_is_told() -> None:
    found = suggested(patient(), condition("G50.0"), given={"topic": "hemifacial-spasm"})
    assert "topic" not in found.data
    assert "another topic" in found.conflict
    assert not suggested(patient(), condition("G51.32"), given={"topic": "hemifacial-spasm"}).conflict


def test_what_comes_of_a_code_is_marked_for_staff_to_confirm() -> None:
    assert suggested(patient(), condition("G51.32")).by_code == ("topic", "side")


def test_a_code_in_small_letters_is_the_same() -> None:
    assert of(condition(code={"coding": [{"system": ICD, "code": "g51.32"}]})) == ("hemifacial-spasm", "left")
