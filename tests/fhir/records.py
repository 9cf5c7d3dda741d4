"""Health records for tests: resources by hand, and whole records in the shape that Synthea gives them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from handouts.fhir.chart import Chart
from handouts.fhir.reading import Reading, read_bytes
from handouts.fhir.suggest import suggest_each, suggest_one
from handouts.fhir.suggestion import Suggestion
from handouts.load.codes import topic_files
from tests.conftest import CONTENT, TODAY

TOPICS = topic_files(CONTENT)
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
Json = dict[str, Any]


def patient(key: str = "p", /, **more: Any) -> Json:
    return {
        "resourceType": "Patient", "id": key, "birthDate": "1961-04-09",
        "name": [{"use": "official", "family": "Quill", "given": ["Xanthippe"]}],
        "identifier": [{"type": MR, "value": "00417"}], **more,
    }  # fmt: skip


def concept(*codes: str, system: str = ICD, text: str = "") -> Json:
    return {"coding": [{"system": system, "code": code} for code in codes], **({"text": text} if text else {})}


def about(name: str = "p") -> Json:
    return {"reference": f"Patient/{name}"}


def condition(written: str = "G51.32", /, whose: str = "p", **more: Any) -> Json:
    return {
        "resourceType": "Condition", "subject": about(whose), "code": concept(written),
        "clinicalStatus": {"coding": [{"code": "active"}]}, "verificationStatus": {"coding": [{"code": "confirmed"}]},
        **more,
    }  # fmt: skip


def prescription(
    text: str = "Carbamazepine 200 MG Oral Tablet", /, *dosages: Json, whose: str = "p", **more: Any
) -> Json:
    return {
        "resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": about(whose),
        "medicationCodeableConcept": {"text": text}, "dosageInstruction": list(dosages), **more,
    }  # fmt: skip


def dosage(*when: str, value: Any = 200, unit: str = "mg", repeat: Json | None = None, **more: Any) -> Json:
    return {
        "timing": {"repeat": {"when": list(when), **(repeat or {})}},
        "doseAndRate": [{"doseQuantity": {"value": value, "unit": unit}}], **more,
    }  # fmt: skip


def appointment(
    start: str = "2026-12-04T10:30:00-05:00", status: str = "booked", *, whose: str = "p", **more: Any
) -> Json:
    return {
        "resourceType": "Appointment", "status": status, "start": start, **more,
        "participant": [{"status": "accepted", "actor": about(whose)}, *more.get("participant", ())],
    }  # fmt: skip


def encounter(start: str = "2026-11-22T09:00:00-05:00", /, status: str = "in-progress", **more: Any) -> Json:
    return {
        "resourceType": "Encounter", "status": status, "class": {"code": "AMB"}, "subject": about(),
        "period": {"start": start}, **more,
    }  # fmt: skip


def bundle(*resources: Json, kind: str = "searchset", **more: Any) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": one} for one in resources], **more}


def reading(*resources: Any) -> Reading:
    return read_bytes(json.dumps(bundle(*resources)).encode())


def chart(*resources: Any) -> Chart:
    return Chart(reading(*resources))


def suggested(*resources: Any, given: Mapping[str, Any] | None = None, today: date = TODAY) -> Suggestion:
    """What a record of one patient suggests."""
    return suggest_one(reading(*resources), TOPICS, given or {}, today)[0]


def aside(*resources: Any, given: Mapping[str, Any] | None = None) -> list[str]:
    """Why resources were left aside, after everything was looked at."""
    found = suggest_each(reading(*resources), TOPICS, given or {}, TODAY)[1]
    return [f"{one.kind}: {one.why}" for one in found.aside]


def asked(found: Suggestion, *, needed: bool | None = None) -> list[str]:
    """The keys of what is left open."""
    return [one.key for one in found.questions if needed is None or one.needed is needed]


def synthea(seed: int, *, transaction: bool = True, results: int = 40, facial: bool = False) -> Json:
    """A patient's record in the shape of Synthea's FHIR R4 export: a transaction with urn:uuid addresses, practitioners
    by a search in place of a reference, names with numbers, diagnoses in SNOMED CT, many results.
    """

    def name(what: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} {what}"))

    whose = {"reference": f"urn:uuid:{name('patient')}"}
    doctor = {"reference": f"Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|99999{seed:05}",
              "display": f"Dr. Luna{seed} Littel{seed}"}  # fmt: skip
    active = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    made: list[tuple[str, Json]] = [
        ("patient", {
            "resourceType": "Patient", "id": name("patient"),
            "meta": {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]},
            "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Generated</div>'},
            "extension": [
                {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "extension": [
                    {"url": "ombCategory", "valueCoding": {"code": "2106-3", "display": "White"}},
                    {"url": "text", "valueString": "White"}]},
                {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "Ana1 B2"},
                {"url": "http://synthetichealth.github.io/synthea/disability-adjusted-life-years", "valueDecimal": 0.5},
            ],
            "identifier": [
                {"system": "https://github.com/synthetichealth/synthea", "value": name("patient")},
                {"type": {**MR, "text": "Medical Record Number"}, "system": "http://hospital.smarthealthit.org",
                 "value": f"MRN-{seed}"},
                {"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "SS"}]},
                 "system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-11-5543"},
            ],
            "name": [{"use": "official", "family": f"Frami{seed}", "given": [f"Abe{seed}", "Lee"], "prefix": ["Mr."]},
                     {"use": "maiden", "family": "Brekke496", "given": [f"Abe{seed}"], "prefix": ["Mrs."]}],
            "telecom": [{"system": "phone", "value": "555-555-0123", "use": "home"}],
            "gender": "male", "birthDate": f"19{50 + seed % 40}-03-17",
            "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en-US"}]}}],
        }),
        ("encounter", {
            "resourceType": "Encounter", "id": name("encounter"), "status": "finished", "class": {"code": "AMB"},
            "subject": whose, "participant": [{"individual": doctor, "type": [{"coding": [{"code": "PPRF"}]}]}],
            "period": {"start": "2026-11-22T08:10:00-05:00", "end": "2026-11-22T08:25:00-05:00"},
        }),
        ("problem", {
            "resourceType": "Condition", "id": name("problem"), "subject": whose,
            "clinicalStatus": {"coding": [{"system": active, "code": "active"}]},
            "verificationStatus": {"coding": [{"code": "confirmed"}]},
            "code": {"coding": [{"system": SNOMED, "code": "59621000", "display": "Essential hypertension (disorder)"}],
                     "text": "Essential hypertension (disorder)"},
            "onsetDateTime": "2009-09-24T04:05:37-05:00", "recordedDate": "2009-09-24T04:05:37-05:00",
        }),
        ("medicine", {
            "resourceType": "MedicationRequest", "id": name("medicine"), "status": "active", "intent": "order",
            "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "314076",
                "display": "lisinopril 10 MG Oral Tablet"}], "text": "lisinopril 10 MG Oral Tablet"},
            "subject": whose, "requester": doctor, "authoredOn": "2026-09-24T04:05:37-05:00",
            "dosageInstruction": [{"sequence": 1,
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}, "asNeededBoolean": False,
                "doseAndRate": [{"doseQuantity": {"value": 1}}]}],
        }),
        ("plan", {
            "resourceType": "CarePlan", "id": name("plan"), "status": "active", "intent": "order", "subject": whose,
            "activity": [{"detail": {"code": {"text": "Physical activity target light exercise"},
                                     "status": "in-progress", "location": {"display": "NIAGARA"}}}],
        }),
        ("done", {
            "resourceType": "Procedure", "id": name("done"), "status": "completed", "subject": whose,
            "code": {"coding": [{"system": SNOMED, "code": "430193006", "display": "Medication reconciliation"}]},
            "performedPeriod": {"start": "2026-11-22T08:10:00-05:00", "end": "2026-11-22T08:25:00-05:00"},
        }),
    ]  # fmt: skip
    if facial:
        made.append(("face", {
            "resourceType": "Condition", "id": name("face"), "subject": whose,
            "clinicalStatus": {"coding": [{"system": active, "code": "active"}]},
            "verificationStatus": {"coding": [{"code": "confirmed"}]}, "code": concept("G51.31"),
        }))  # fmt: skip
    made += [
        (f"result {number}", {
            "resourceType": "Observation", "id": name(f"result {number}"), "status": "final", "subject": whose,
            "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]},
            "valueQuantity": {"value": 171.4, "unit": "cm"},
        })
        for number in range(results)
    ]  # fmt: skip
    entries = [
        {"fullUrl": f"urn:uuid:{name(what)}", "resource": one,
         **({"request": {"method": "POST", "url": one["resourceType"]}} if transaction else {})}
        for what, one in made
    ]  # fmt: skip
    return {"resourceType": "Bundle", "type": "transaction" if transaction else "collection", "entry": entries}
