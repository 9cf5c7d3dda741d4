"""The table of a patient's fields: what stands in it is everywhere, and what a request knows of a patient is in it."""

from __future__ import annotations

from typing import Any

import pytest

from handouts.cli import prompts
from handouts.errors import RequestFault
from handouts.lists.column_mapping import read_header
from handouts.load.layers import lay_over
from handouts.load.requests import build_request
from handouts.load.yamlfile import Parsed
from handouts.merge.details import details, selection
from handouts.merge.request_fingerprint import differing_keys, fingerprint_request
from handouts.model.content import Library
from handouts.model.details import Entry
from handouts.model.patient_fields import PATIENT_FIELDS, STAMPED, PatientField
from handouts.model.request import Appointment, Patient, Request
from handouts.model.request_paths import known_paths
from handouts.model.shapes import STEPS, Shape
from handouts.model.slots import slots
from tests.conftest import KEY, TOPIC

LEAST: dict[str, Any] = {"topic": TOPIC, "options": ["botox"], "patient": {"name": "Zed"}}
VALUES = {"patient.birth_date": "1961-04-09", "visit_date": "2026-11-22", "appointment.at": "2026-12-04T10:30"}
MAILED_ONLY = {"patient.email"}
"""What a request holds of a patient that stands on no page."""

every = pytest.mark.parametrize("field", PATIENT_FIELDS, ids=lambda field: field.name)
stamped = pytest.mark.parametrize("field", STAMPED.values(), ids=lambda field: field.name)


def request_with(field: PatientField, value: str = "") -> Request:
    over: Any = value or VALUES.get(field.key, f"A {field.name}")
    for part in reversed(field.key.split(".")):
        over = {part: over}
    if field.key.startswith("appointment."):
        over = lay_over({"appointment": {"at": "2026-12-04T10:30"}}, over)
    return build_request(Parsed(lay_over(LEAST, over), {}, "request.yaml"))


def test_all_that_a_request_knows_of_a_patient_is_in_the_table() -> None:
    known = {f"patient.{name}" for name in Patient.model_fields}
    known |= {f"appointment.{field.alias or name}" for name, field in Appointment.model_fields.items()}
    known |= {"clinician", "visit_date"}
    assert {field.key for field in PATIENT_FIELDS} == known - MAILED_ONLY
    assert len({field.name for field in PATIENT_FIELDS}) == len(PATIENT_FIELDS)


@every
def test_it_is_a_column_of_a_list(field: PatientField) -> None:
    assert field.key in known_paths()
    [column] = read_header([field.key], {}, {"topic", "options", "patient"}).columns
    assert column
    assert ".".join(column.path) == field.key


@every
def test_the_record_tells_that_it_was_changed(field: PatientField) -> None:
    one = request_with(field)
    other = request_with(field, {"1961-04-09": "1961-04-10"}.get(VALUES.get(field.key, ""), "") or _another(field))
    marks = [fingerprint_request(KEY, request, "CODE") for request in (one, other)]
    assert field.key in differing_keys(marks[0], marks[1])


def _another(field: PatientField) -> str:
    return {"visit_date": "2026-11-23", "appointment.at": "2026-12-05T11:00"}.get(field.key, "another")


@every
def test_it_is_in_the_details(field: PatientField, library: Library) -> None:
    request = request_with(field)
    told = {name: text for name, text in details(library.wording, request, "CODE").texts if isinstance(text, Entry)}
    shown = field if field.slot else STAMPED["name"]
    value = shown.text(shown.value(request), library.wording)
    assert any(text.text.endswith(value) and name.startswith(shown.slot) for name, text in told.items())
    without = details(library.wording, request_with(PATIENT_FIELDS[0], "Zed"), "CODE")
    assert tuple(told.items()) != tuple(item for item in without.texts if isinstance(item[1], Entry))


@stamped
def test_it_has_a_slot_and_a_label(field: PatientField, library: Library) -> None:
    rows = [other for other in STAMPED.values() if other.slot == field.slot]
    for large in (False, True):
        table = slots(large=large, shape=Shape(4, 5, STEPS[large][0]))
        assert field.slot in table or f"{field.slot}.{len(rows)}" in table
    assert field.name in library.words.page or field.name == "name"


@stamped
def test_what_it_says_does_not_decide_the_master(field: PatientField, library: Library) -> None:
    chosen = selection(library, request_with(field))
    assert chosen == selection(library, request_with(field, _another(field) if field.key not in VALUES else ""))
    without = selection(library, build_request(Parsed(LEAST, {}, "request.yaml")))
    assert (chosen == without) == (field.slot != "visit"), "a visit that is not given has lines to write on"


@stamped
def test_a_text_that_does_not_fit_is_named_as_the_staff_know_it(field: PatientField, library: Library) -> None:
    if field.key in VALUES:
        return  # a date always fits
    with pytest.raises(RequestFault, match=rf"'{field.key}' is too long"):
        details(library.wording, request_with(field, "W" * 200), "CODE")


def test_what_is_asked_at_the_terminal_is_what_the_table_has_of_the_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(question: str, **_: Any) -> str:
        asked.append(question)
        return "Zed" if question == PATIENT_FIELDS[0].question else ""

    monkeypatch.setattr(prompts.click, "prompt", answer)
    found = dict(prompts._patient())
    assert asked == [field.question for field in PATIENT_FIELDS if field.key.startswith("patient.")]
    assert {key for key, value in found.items() if value} == {"name"}
    assert build_request(Parsed({**LEAST, "patient": found}, {}, "the answers")).patient.name == "Zed"
