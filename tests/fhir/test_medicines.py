"""Which prescribed medicines the topic knows, and when name and number do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from handouts.fhir.medicines import names_in
from tests.fhir.records import RXNORM, TOPICS, Json, aside, asked, concept, condition, dosage, patient, prescription
from tests.fhir.records import suggested as _suggested

TN = condition("G50.0")


def suggested(*resources: Json) -> Any:
    return _suggested(patient(), TN, *resources)


def names(*resources: Json) -> list[str]:
    return [one["name"] for one in suggested(*resources).data.get("medicines", ())]


def coded(number: str, text: str = "", **more: Any) -> Json:
    return prescription(medicationCodeableConcept=concept(number, system=RXNORM, text=text), **more)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("carbamazepine 200 MG Oral Tablet", {"carbamazepine"}),
        ("CARBAMAZEPINE", {"carbamazepine"}),
        ("Tegretol XR 200 mg", {"carbamazepine"}),
        ("oxcarbazepine 300 MG", {"oxcarbazepine"}),
        ("Oxtellar XR", {"oxcarbazepine"}),
        ("oxtellar", set()),
        ("eslicarbazepine 400 MG", set()),
        ("carbamazepine-10,11-epoxide", set()),
        ("carbamazepines", set()),
        ("Lamictal 25 MG", {"lamotrigine"}),
        ("Lamisil 250 MG", set()),
        ("lamivudine", set()),
        ("gabapentin enacarbil", {"gabapentin"}),
        ("clonazePAM 0.5 mg", {"clonazepam"}),
        ("clonidine", set()),
        ("Neurontin/Lioresal", {"gabapentin", "baclofen"}),
        ("(carbamazepine)", {"carbamazepine"}),
    ],
)
def test_names_count_in_whole_words(line: str, found: set[str]) -> None:
    assert names_in(line, TOPICS) == found


def test_an_active_order_of_a_medicine_of_the_topic_is_taken() -> None:
    assert names(prescription("Tegretol 200 mg"), prescription("Lioresal")) == ["carbamazepine", "baclofen"]


def test_a_medicine_that_the_topic_does_not_have_is_set_aside() -> None:
    assert names(prescription("lisinopril 10 MG"), prescription("clonazepam 1 MG")) == []
    assert "MedicationRequest: the topic has no facts on it" in aside(patient(), TN, prescription("clonazepam"))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"status": "stopped"}, "not active"),
        ({"status": "on-hold"}, "not active"),
        ({"status": "entered-in-error"}, "not active"),
        ({"status": "draft"}, "not active"),
        ({"status": None}, "not active"),
        ({"intent": "proposal"}, "not an order"),
        ({"intent": "plan"}, "not an order"),
        ({"intent": "option"}, "not an order"),
        ({"intent": None}, "not an order"),
        ({"doNotPerform": True}, "it says that a medicine is not to be given"),
        ({"statusReason": {"text": "side effects"}}, "active, but with a reason for another state"),
        ({"reportedBoolean": True}, "reported by somebody, not prescribed here"),
        ({"reported": True}, "reported by somebody, not prescribed here"),
    ],
)
def test_what_is_no_active_order_is_set_aside(more: Json, why: str) -> None:
    assert names(prescription(**more)) == []
    assert f"MedicationRequest: {why}" in aside(patient(), TN, prescription(**more))


@pytest.mark.parametrize("intent", ["order", "original-order", "reflex-order", "filler-order", "instance-order"])
def test_every_kind_of_order_is_one(intent: str) -> None:
    assert names(prescription(intent=intent)) == ["carbamazepine"]


def test_name_and_ingredient_agree() -> None:
    assert names(coded("2002", "carbamazepine")) == ["carbamazepine"]


def test_the_number_of_a_product_says_nothing() -> None:
    assert names(coded("308979", "carbamazepine 200 MG Oral Tablet")) == ["carbamazepine"]


@pytest.mark.parametrize(
    "odd",
    [
        coded("32624", "carbamazepine"),
        coded("2002", "oxcarbazepine"),
        coded("2002", "Tablet 200 mg"),
        coded("2002"),
        coded("2598", "gabapentin"),
        prescription("Carbamazepine, then oxcarbazepine"),
        prescription("Stop carbamazepine"),
        prescription("no carbamazepine (allergy)"),
        prescription(medicationCodeableConcept={"text": "Tegretol", "coding": [{"display": "Trileptal"}]}),
    ],
)
def test_where_name_and_number_do_not_fit_staff_are_asked(odd: Json) -> None:
    found = suggested(odd)
    assert "medicines" not in found.data
    assert "medicines" in asked(found, needed=True)


def test_one_that_does_not_fit_keeps_no_other_from_being_taken() -> None:
    found = suggested(coded("32624", "carbamazepine"), prescription("baclofen 10 MG"))
    assert [one["name"] for one in found.data["medicines"]] == ["baclofen"]
    assert "medicines" in asked(found, needed=True)


def test_the_medicine_may_be_a_reference() -> None:
    inner = {"resourceType": "Medication", "id": "m", "code": concept("32624", system=RXNORM, text="Trileptal")}
    to = {"medicationCodeableConcept": None, "medicationReference": {"reference": "#m"}}
    assert names(prescription(contained=[inner], **to)) == ["oxcarbazepine"]
    beside = {**to, "medicationReference": {"reference": "Medication/m"}}
    assert names(inner, prescription(**beside)) == ["oxcarbazepine"]
    shown = {**to, "medicationReference": {"reference": "Medication/gone", "display": "Lamictal 25 MG"}}
    assert names(prescription(**shown)) == ["lamotrigine"]


def test_a_medicine_that_is_prescribed_twice_is_named_once_and_its_dose_left_to_a_person() -> None:
    twice = [prescription("Tegretol", dosage("MORN")), prescription("carbamazepine", dosage("NIGHT", value=400))]
    found = suggested(*twice)
    assert found.data["medicines"] == [{"name": "carbamazepine"}]
    assert [str(one) for one in found.questions if one.key == "medicines.1"] == [
        "'medicines.1': the dosage: it is prescribed more than once"
    ]


def test_a_medicine_whose_time_is_over_is_set_aside() -> None:
    over = prescription("Tegretol", dosage("MORN", repeat={"boundsPeriod": {"end": "2026-11-21"}}))
    assert names(over) == []
    assert names(over, prescription("carbamazepine", dosage("MORN"))) == ["carbamazepine"]


def test_without_a_topic_no_medicine_is_taken() -> None:
    found = _suggested(patient(), prescription())
    assert "medicines" not in found.data


def test_what_is_given_is_not_taken_from_the_record() -> None:
    given = {"medicines": [{"name": "gabapentin"}]}
    found = _suggested(patient(), TN, coded("32624", "carbamazepine"), prescription("baclofen"), given=given)
    assert "medicines" not in found.data
    assert "medicines" not in asked(found)
    assert not any(key.startswith("medicines.") for key in asked(found))


def test_no_name_of_a_medicine_or_text_of_a_dose_is_in_a_notice_or_question() -> None:
    found = suggested(prescription("Tegretol", {"text": "half a spoon, Xanthippe"}), coded("32624", "carbamazepine"))
    assert "Xanthippe" in found.beside[0].text
    assert "Xanthippe" not in repr(found.beside) + str(found.notices) + str([str(one) for one in found.questions])
    assert "egretol" not in str(found.notices) + str([str(one) for one in found.questions])
