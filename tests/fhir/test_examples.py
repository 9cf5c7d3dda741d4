"""HL7's published examples: each is read without a crash, and used or set aside with a reason.

They are not in the repository (FHIR-13). `HANDOUTS_FHIR_EXAMPLES` names a folder with them, such as the unpacked
package hl7.fhir.r4.examples. The table below holds resources of the same shapes, so that every run looks at each kind.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from handouts.errors import RequestFault
from handouts.fhir.chart import Chart
from handouts.fhir.checking import NOT_READ
from handouts.fhir.elements import OF_A_PATIENT
from handouts.fhir.reading import read_file
from handouts.fhir.suggest import suggest
from tests.conftest import TODAY
from tests.fhir.records import SNOMED, TOPICS, Json, about, aside, concept, patient

FOLDER = os.environ.get("HANDOUTS_FHIR_EXAMPLES")

SHAPES: dict[str, tuple[Json, str]] = {
    "a medicine that is contained, completed, with bounds": (
        {"resourceType": "MedicationRequest", "id": "1", "status": "completed", "intent": "order", "subject": about(),
         "contained": [{"resourceType": "Medication", "id": "m", "code": concept("430127000", system=SNOMED)}],
         "medicationReference": {"reference": "#m"}, "statusReason": concept("altchoice"),
         "dosageInstruction": [{"sequence": 1, "asNeededBoolean": True, "timing": {"repeat": {
             "boundsPeriod": {"start": "2015-01-15", "end": "2015-01-20"}, "frequency": 1, "period": 6,
             "periodUnit": "h"}}}],
         "dispenseRequest": {"numberOfRepeatsAllowed": 1, "quantity": {"value": 30}},
         "substitution": {"allowedBoolean": True}, "eventHistory": [{"reference": "#author"}]},
        "not active"),
    "a problem without code, with stage and evidence": (
        {"resourceType": "Condition", "id": "2", "subject": about(), "stage": [{"summary": {"text": "1"}}],
         "verificationStatus": concept("confirmed"), "evidence": [{"detail": [{"display": "x"}]}]},
        "no topic has its code"),
    "an appointment that is a proposal, with slots and no participant's address": (
        {"resourceType": "Appointment", "id": "3", "status": "proposed", "slot": [{"reference": "Slot/x"}],
         "minutesDuration": 15, "requestedPeriod": [{"start": "2016-06-02", "end": "2016-06-09"}],
         "participant": [{"actor": about(), "required": "required", "status": "needs-action"},
                         {"type": [concept("ATND")], "required": "required", "status": "needs-action"}]},
        "not booked"),
    "a plan with goals, references and a narrative": (
        {"resourceType": "CarePlan", "id": "4", "status": "completed", "intent": "plan", "subject": about(),
         "text": {"status": "generated", "div": "<div/>"}, "contained": [{"resourceType": "Goal", "id": "g"}],
         "activity": [{"reference": {"reference": "#g"}}]},
        "not active"),
    "a procedure that is over, with performers and complications": (
        {"resourceType": "Procedure", "id": "5", "status": "completed", "subject": about(),
         "code": {"text": "Appendectomy"},
         "performer": [{"actor": {"reference": "Practitioner/x"}}], "performedDateTime": "2013-04-05"},
        "done, or not to be done"),
    "an encounter with history and hospitalization, of long ago": (
        {"resourceType": "Encounter", "id": "6", "status": "finished", "class": {"code": "IMP"}, "subject": about(),
         "statusHistory": [{"status": "arrived", "period": {"start": "2011-01-01"}}],
         "length": {"value": 56, "code": "min"},
         "period": {"start": "2011-01-01", "end": "2011-01-02"}},
        "not a visit of today"),
    "an order that forbids": (
        {"resourceType": "ServiceRequest", "id": "7", "status": "active", "intent": "order", "doNotPerform": True,
         "code": {"text": "Turning"}, "subject": about()},
        "it says that something is not to be done"),
    "a statement on a medicine": ({"resourceType": "MedicationStatement", "subject": about()}, NOT_READ),
    "a resource of another purpose": ({"resourceType": "StructureDefinition", "url": "http://x"}, NOT_READ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_a_resource_of_a_published_shape_is_set_aside_with_its_reason(name: str) -> None:
    one, why = SHAPES[name]
    assert f"{one['resourceType']}: {why}" in aside(patient(), one)


def outcome(path: Path) -> Counter[str]:
    """How many of a file's resources are used, and how many are set aside."""
    try:
        chart = Chart(read_file(path))
    except RequestFault:
        return Counter(refused=1)
    whole = len(chart.resources) + len(chart.aside)
    for resources in chart.charts().values():
        suggest(chart, resources, TOPICS, {"topic": "trigeminal-neuralgia"}, TODAY)
    left = {one.number for one in chart.aside}
    used: Any = [one for one in chart.resources if one.number not in left]
    assert whole == len(used) + len(left)
    assert all(one.why for one in chart.aside)
    clinical = [one for one in used if one.kind in OF_A_PATIENT]
    return Counter(used=len(used), aside=len(left), clinical=len(clinical))


@pytest.mark.skipif(FOLDER is None, reason="HANDOUTS_FHIR_EXAMPLES names no folder")
def test_every_published_example_is_used_or_set_aside() -> None:
    paths = sorted(Path(FOLDER or "").glob("*.json"))
    assert paths
    total = Counter[str]()
    for path in paths:
        total += outcome(path)
    assert total["used"]


def test_an_example_in_a_file_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "example.json"
    path.write_text(json.dumps(patient()), encoding="utf-8")
    assert outcome(path) == Counter(used=1)
    path.write_text("{}", encoding="utf-8")
    assert outcome(path) == Counter(refused=1)
