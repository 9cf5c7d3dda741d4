"""Each leniency is used where a server is sloppy, and the record reads as if it were not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handouts.fhir.chart import Chart
from handouts.fhir.leniency import LENIENCIES
from handouts.fhir.reading import read_bytes
from handouts.fhir.suggest import suggest
from tests.conftest import TODAY
from tests.fhir.records import (
    ICD,
    TOPICS,
    Json,
    about,
    appointment,
    bundle,
    concept,
    condition,
    dosage,
    encounter,
    patient,
    prescription,
)


def plain() -> list[Json]:
    """A record without any fault."""
    return [patient(), condition(), prescription("Carbamazepine", dosage("MORN")), appointment(), encounter()]


def changed(number: int, **more: Any) -> list[Json]:
    made = plain()
    made[number] = {key: value for key, value in {**made[number], **more}.items() if value is not ...}
    return made


CASES: dict[str, list[list[Json] | bytes]] = {
    "encoding": [b"\xef\xbb\xbf" + json.dumps(bundle(*plain()), indent=1).replace("\n", "\r\n").encode()],
    "array": [json.dumps(plain()).encode()],
    "empty": [changed(0, telecom=[], photo=None, name=[{**patient()["name"][0], "prefix": [], "text": ""}])],
    "spaces": [changed(0, name=[{"use": "official ", "family": "Quill  ", "given": [" Xanthippe"]}])],
    "contained": [changed(2, medicationCodeableConcept=..., medicationReference={"reference": "#m"},
                          contained=[{"id": "m", "code": {"text": "Carbamazepine"}}])],
    "list": [
        changed(0, name={"use": "official", "family": "Quill", "given": "Xanthippe"}),
        changed(0, identifier=patient()["identifier"][0]),
        changed(1, code={"coding": {"system": ICD, "code": "G51.32"}}),
        changed(2, dosageInstruction=dosage("MORN")),
    ],
    "single": [changed(1, code=[concept("G51.32")]), changed(1, subject=[about()])],
    "number": [changed(0, identifier=[{**patient()["identifier"][0], "value": "00417"}, {"value": 99}])],
    "decimal": [changed(2, dosageInstruction=[dosage("MORN", value="200.0")]),
                changed(2, dosageInstruction=[
                    dosage("MORN", repeat={"frequency": "1", "period": "1", "periodUnit": "d"})])],
    "unknown": [changed(0, name=[{**patient()["name"][0], "familyName": "Q"}]),
                changed(2, dosageInstruction=[dosage("MORN", vendorsOwn={"a": 1})])],
    "missing": [changed(4, **{"class": ...})],
    "case": [changed(2, status="Active", intent="ORDER")],
    "day": [changed(0, birthDate="1961-04-09T00:00:00Z"), changed(0, birthDate="19610409"),
            changed(0, birthDate="1961-04-09 00:00:00.000")],
    "moment": [changed(3, start="2026-12-04T10:30-05:00"), changed(3, start="2026-12-04 10:30:00"),
               changed(4, period={"start": "2026-11-22T09:00:00"})],
    "name": [changed(0, name=[{"use": "official", "family": ["Quill"], "given": ["Xanthippe"]}]),
             changed(0, name="Xanthippe Quill"), changed(0, name=["Xanthippe Quill"])],
    "stu3": [changed(1, clinicalStatus="active", verificationStatus="confirmed"),
             changed(2, dosageInstruction=[{"timing": {"repeat": {"when": ["MORN"]}},
                                            "doseQuantity": {"value": 200, "unit": "mg"}}])],
    "r5": [changed(2, medicationCodeableConcept=..., medication={"concept": {"text": "Carbamazepine"}}),
           changed(2, medicationCodeableConcept=..., medication={"reference": {"display": "Carbamazepine"}}),
           changed(4, period=..., actualPeriod={"start": "2026-11-22T09:00:00-05:00"}),
           changed(4, **{"class": [{"coding": [{"code": "AMB"}]}]}),
           changed(4, status="completed")],
    "no-system": [changed(1, code={"coding": [{"code": "G51.32"}]})],
    "no-dot": [changed(1, code=concept("G5132"))],
    "mrn": [changed(0, identifier=[{"system": "http://hospital.example.org/mrn", "value": "00417"}]),
            changed(0, identifier=[{"type": {"text": "MRN"}, "value": "00417"},
                                   {"type": {"text": "Fax"}, "value": "1"}])],
}  # fmt: skip


def looked_at(case: list[Json] | bytes) -> tuple[dict[str, Any], set[str], list[str]]:
    """What a record says, with which leniencies, and what was left aside."""
    chart = Chart(read_bytes(case if isinstance(case, bytes) else json.dumps(bundle(*case)).encode()))
    (resources,) = chart.charts().values()
    found = suggest(chart, resources, TOPICS, {}, TODAY)
    return dict(found.data), chart.lenient, [one.why for one in chart.aside]


EXPECTED = {
    "patient": {"name": "Xanthippe Quill", "birth_date": "1961-04-09", "identifier": "00417"},
    "topic": "hemifacial-spasm",
    "side": "left",
    "medicines": [{"name": "carbamazepine", "dose": "200 mg", "times": ["morning"]}],
    "visit_date": "2026-11-22",
    "appointment": {"at": "2026-12-04T10:30"},
}


def test_a_plain_record_needs_no_leniency() -> None:
    assert looked_at(plain()) == (EXPECTED, set(), [])


def test_every_leniency_has_a_case_a_reason_and_a_source() -> None:
    assert CASES.keys() == LENIENCIES.keys()
    assert all(one.what and one.why and one.source for one in LENIENCIES.values())


@pytest.mark.parametrize(
    ("name", "case"), [(name, case) for name, cases in CASES.items() for case in cases], ids=lambda one: str(one)[:20]
)
def test_a_sloppy_record_reads_as_a_plain_one(name: str, case: list[Json] | bytes) -> None:
    data, lenient, aside = looked_at(case)
    assert name in lenient
    assert (data, aside) == (EXPECTED, [])


@pytest.mark.parametrize(
    "case",
    [
        changed(2, medicationCodeableConcept=..., medication={"text": "Carbamazepine"}),
        changed(2, medicationCodeableConcept=..., medication={"reference": "Medication/x", "display": "Tegretol"}),
        changed(2, dosageInstruction=[dosage("MORN", asNeeded=False)]),
        changed(2, reported=False),
        changed(0, name={"use": "official", "family": ["Quill"], "given": ["Xanthippe"]}),
        [*plain(), {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": about(),
                    "code": {"concept": {"text": "MRI"}}}],
        [*plain(), {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": about(),
                    "activity": [{"plannedActivityReference": {"reference": "ServiceRequest/x"}}]}],
        changed(4, participant=[{"actor": {"reference": "Patient/p"}}]),
    ],
)  # fmt: skip
def test_other_shapes_of_older_and_newer_versions_read_the_same(case: list[Json]) -> None:
    data, lenient, aside = looked_at(case)
    assert lenient
    assert (data, aside) == (EXPECTED, [])


@pytest.mark.parametrize("how", [{"asNeeded": True}, {"asNeededFor": [{"text": "pain"}]}])
def test_a_medicine_that_is_taken_when_needed_is_so_in_r5_too(how: Json) -> None:
    data, lenient, _ = looked_at(changed(2, dosageInstruction=[dosage("MORN", **how)]))
    assert data["medicines"] == [{"name": "carbamazepine"}]
    assert "r5" in lenient


@pytest.mark.parametrize(
    "case",
    [
        changed(0, birthDate="1961-04-09T23:00:00Z"),
        changed(0, birthDate="1961-04"),
        changed(0, birthDate="04/09/1961"),
    ],
)
def test_a_date_of_birth_that_can_be_another_day_is_none(case: list[Json]) -> None:
    assert "birth_date" not in looked_at(case)[0].get("patient", {})


@pytest.mark.parametrize(
    "case",
    [
        changed(2, doNotPerform="yes"),
        changed(2, status=["active", "stopped"]),
        changed(2, modifierExtension=[{"url": "http://x/not", "valueBoolean": True}]),
        changed(2, dosageInstruction=[dosage("MORN", modifierExtension=[{"url": "http://x", "valueCode": "y"}])]),
        changed(2, implicitRules="http://x/rules"),
        changed(2, dosageInstruction=[dosage("MORN"), "every evening"]),
    ],
)
def test_what_may_turn_the_meaning_round_sets_the_resource_aside(case: list[Json]) -> None:
    data, _, aside = looked_at(case)
    assert "medicines" not in data
    assert len(aside) == 1


def test_a_reason_holds_nothing_that_somebody_wrote() -> None:
    odd = changed(2, dosageInstruction=[{"timing": "Xanthippe takes it"}])
    _, _, aside = looked_at(odd)
    assert "Xanthippe" not in str(aside)
