"""Whatever a file holds: a record is read or refused with a reason, quickly, and nothing of it is told."""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.errors import RequestFault
from handouts.fhir.chart import Chart
from handouts.fhir.elements import READ
from handouts.fhir.listing import list_patients
from handouts.fhir.reading import read_bytes
from tests.conftest import TODAY
from tests.fhir.records import (
    TOPICS,
    Json,
    about,
    appointment,
    bundle,
    condition,
    dosage,
    encounter,
    patient,
    prescription,
    reading,
    synthea,
)
from tests.rounds import rounds

MARK = "Xanthippequill"
"""A text that stands wherever a patient's own words can stand."""
RECORD = [
    patient(name=[{"use": "official", "text": MARK, "family": MARK, "given": [MARK]}], telecom=[{"value": MARK}]),
    condition(text=MARK, note=[{"text": MARK}]),
    prescription(f"Carbamazepine {MARK}", dosage("MORN", text=MARK)),
    appointment(participant=[{"status": "accepted", "actor": {"reference": "Practitioner/x", "display": MARK}}]),
    encounter(participant=[{"individual": {"display": MARK}}]),
    {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": about(),
     "code": {"text": MARK}},
    {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": about(),
     "activity": [{"detail": {"description": MARK}}]},
]  # fmt: skip
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just(MARK) | st.text(max_size=8)
    | st.sampled_from(["Patient/p", "#m", "urn:uuid:1", "Patient?identifier=|", "/", "active", "2026-11-22", "T", "-"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["coding", "code", "reference", "text", "value", "period", "start", "x", MARK]),
                      inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


PLACES = places(RECORD)[1:]


def told_of(data: bytes) -> str:
    """All that anybody is told of a file."""
    try:
        found = list_patients(read_bytes(data), TOPICS, {"options": ["botox"]}, TODAY, with_email=True)
    except RequestFault as error:
        return str(error)
    return " ".join((found.summary, *found.notes, *(row.fault for row in found.rows), repr(found.rows)))


@settings(max_examples=rounds(60, release=400))
@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=4))
def test_a_record_with_anything_in_any_place_is_read_or_set_aside(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    made: Any = copy.deepcopy(RECORD)
    for path, value in changes:
        at = made
        try:
            for part in path[:-1]:
                at = at[part]
            at[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    assert MARK not in told_of(json.dumps(bundle(*made)).encode())


@settings(max_examples=rounds(60, release=400))
@given(st.sampled_from(sorted(READ)), st.dictionaries(st.sampled_from(sorted(set().union(*READ.values()))), ODD))
def test_a_resource_of_anything_is_no_crash(kind: str, elements: Json) -> None:
    told_of(json.dumps(bundle(patient(), {**elements, "resourceType": kind})).encode())


@settings(max_examples=rounds(40, release=300))
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_of_any_kind_are_no_crash(data: bytes) -> None:
    told_of(data)


@settings(max_examples=rounds(40, release=300))
@given(st.integers(0, 4000), st.integers(0, 255))
def test_a_file_that_was_cut_or_has_a_wrong_byte_is_no_crash(at: int, byte: int) -> None:
    whole = json.dumps(bundle(*RECORD)).encode()
    assert MARK not in told_of(whole[:at])
    spoiled = bytearray(whole)
    spoiled[at % len(whole)] = byte
    assert MARK not in told_of(bytes(spoiled))


@pytest.mark.parametrize("depth", [10, 59, 61, 900, 100_000])
def test_a_record_may_be_as_deep_as_it_likes(depth: int) -> None:
    deep = b'{"resourceType": "Patient", "name": ' + b'{"a": ' * depth + b"1" + b"}" * depth + b"}"
    told_of(deep)


def test_contained_resources_that_contain_and_name_each_other_are_no_crash() -> None:
    inner = {"resourceType": "Medication", "id": "m", "contained": [{"id": "m"}], "code": {"text": "Carbamazepine"}}
    odd = prescription(
        medicationCodeableConcept=None, medicationReference={"reference": "#m"}, contained=[inner, inner]
    )
    found = Chart(reading(patient(), odd))
    assert found.of("MedicationRequest")


def test_a_large_record_takes_seconds_and_not_minutes() -> None:
    records = [synthea(seed, results=400) for seed in range(25)]
    data = "\n".join(map(json.dumps, records)).encode()
    start = time.process_time()
    told = told_of(data)
    assert "10,000 resources of types that are not read" in told.replace("10000", "10,000")
    assert time.process_time() - start < 20


def test_a_thousand_references_to_one_identifier_are_no_square() -> None:
    whose = {"reference": "Patient?identifier=http://x|7"}
    many = [condition(subject=whose, id=str(number)) for number in range(1500)]
    start = time.process_time()
    told_of(json.dumps(bundle(patient(identifier=[{"system": "http://x", "value": "7"}]), *many)).encode())
    assert time.process_time() - start < 20
