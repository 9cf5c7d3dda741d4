"""A dosage becomes a dose and times of day only where all of it can be meant in one way."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from handouts.fhir.dosage import read_dosage
from tests.conftest import TODAY
from tests.fhir.records import Json, dosage


def times(*instructions: Json) -> Any:
    return read_dosage(list(instructions), TODAY).data.get("times")


def dose(**quantity: Any) -> Any:
    one = dosage("MORN", doseAndRate=[{"doseQuantity": quantity}])
    return read_dosage([one], TODAY).data.get("dose")


@pytest.mark.parametrize(
    ("when", "printed"),
    [
        (["MORN"], ["morning"]),
        (["EVE", "MORN"], ["morning", "evening"]),
        (["NOON"], ["noon"]),
        (["NIGHT"], ["night"]),
        (["HS"], ["night"]),
        (["MORN", "NOON", "EVE", "HS"], ["morning", "noon", "evening", "night"]),
        (["CM", "CV"], ["morning", "evening"]),
        (["ACM"], ["morning"]),
        (["PCD"], ["noon"]),
    ],
)
def test_events_that_name_one_time_of_day_are_it(when: list[str], printed: list[str]) -> None:
    assert times(dosage(*when)) == printed


@pytest.mark.parametrize(
    "when", ["AC", "PC", "C", "WAKE", "PHS", "AFT", "MORN.early", "EVE.late", "IMD", "morning", ""]
)
def test_other_events_are_left_to_a_person(when: str) -> None:
    assert times(dosage(when)) is None


@pytest.mark.parametrize(
    ("when", "remark"), [("ACM", "Before a meal"), ("PCV", "After a meal"), ("CD", "With a meal"), ("MORN", None)]
)
def test_a_meal_stands_in_the_remark(when: str, remark: str | None) -> None:
    assert read_dosage([dosage(when)], TODAY).data.get("remark") == remark


@pytest.mark.parametrize(
    ("one", "why"),
    [
        ({"text": "one daily"}, "no time of day"),
        ({"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}, "no time of day"),
        ({"timing": {"repeat": {"timeOfDay": ["08:00:00"]}}}, "no time of day"),
        ({"timing": {"code": {"coding": [{"code": "BID"}]}}}, "no time of day"),
        (dosage("MORN", asNeededBoolean=True), "only when needed"),
        (dosage("MORN", asNeededCodeableConcept={"text": "pain"}), "only when needed"),
        (dosage("MORN", repeat={"period": 2, "periodUnit": "d"}), "not taken every day"),
        (dosage("MORN", repeat={"period": 1, "periodUnit": "wk"}), "not taken every day"),
        (dosage("MORN", repeat={"dayOfWeek": ["mon"]}), "not taken every day"),
        (dosage("MORN", repeat={"offset": 30}), "not taken every day"),
        (dosage("MORN", repeat={"frequency": 3, "period": 1, "periodUnit": "d"}), "not taken every day"),
        (dosage("MORN", repeat={"frequency": 1, "frequencyMax": 2}), "not taken every day"),
        (dosage("MORN", repeat={"count": 10}), "not taken every day"),
        (dosage("MORN", repeat={"boundsDuration": {"value": 10, "unit": "d"}}), "limited time"),
        (dosage("MORN", repeat={"boundsPeriod": {"end": "2026-12-24"}}), "limited time"),
        (dosage("MORN", repeat={"boundsPeriod": {"start": "2026-12-24"}}), "begins later"),
        (dosage("MORN", repeat={"boundsPeriod": {"start": "2026"}}), "begins later"),
        (dosage("MORN", maxDosePerPeriod={"numerator": {"value": 2}}), "a limit"),
        (dosage("MORN", text="1 tablet in the morning if there is pain"), "its text says more"),
        (dosage("MORN", text="1 tablet in the morning, then 2"), "its text says more"),
        (dosage("MORN", patientInstruction="Stop with a rash"), "its text says more"),
        (dosage("MORN", additionalInstruction=[{"text": "Only when needed"}]), "its text says more"),
        (dosage("MORN", text="200 mg at bedtime"), "do not say the same"),
        (dosage("MORN", text="200 mg in the morning and at night"), "do not say the same"),
        (dosage("MORN", "EVE", text="2 tablets of 200 mg"), "do not say the same"),
        (dosage("MORN", text="400 mg daily"), "do not say the same"),
        (dosage("MORN", text="1200 mg daily"), "do not say the same"),
        (dosage("MORN", text="twice daily"), "do not say the same"),
        (dosage("MORN", text="half a tablet"), "do not say the same"),
        (dosage("MORN", "MORN"), "its times are none"),
        (dosage("ACM", "PCV"), "differently"),
        (dosage("ACM", "EVE"), "differently"),
    ],
)
def test_what_is_not_plain_is_left_to_a_person(one: Json, why: str) -> None:
    found = read_dosage([one], TODAY)
    assert found.data == {}
    assert why in found.why


@pytest.mark.parametrize(
    "said",
    [
        "Take 1 tablet (200 mg) by mouth twice daily, in the morning and in the evening",
        "200mg 2 times a day",
        "1 tablet with breakfast and dinner",
        "By mouth",
    ],
)
def test_a_text_that_says_the_same_is_no_hindrance(said: str) -> None:
    assert read_dosage([dosage("MORN", "EVE", text=said)], TODAY).data["times"] == ["morning", "evening"]


@pytest.mark.parametrize(
    "repeat",
    [
        {"period": 1, "periodUnit": "d"},
        {"frequency": 1, "period": 1, "periodUnit": "d"},
        {"frequency": 2, "period": "1.0", "periodUnit": "d"},
        {"boundsPeriod": {"start": "2026-11-22"}},
        {"boundsPeriod": {"start": "2026-01-01T08:00:00-05:00"}},
    ],
)
def test_every_day_may_be_said_in_several_ways(repeat: Json) -> None:
    assert times(dosage("MORN", "EVE", repeat=repeat)) == ["morning", "evening"]


def test_several_dosages_are_left_to_a_person_with_all_their_words() -> None:
    found = read_dosage([dosage("MORN", text="1 in the morning"), dosage("NIGHT", text="2 at night")], TODAY)
    assert (found.data, found.beside) == ({}, "1 in the morning; 2 at night")


def test_a_dosage_whose_time_is_over_is_told_apart() -> None:
    assert read_dosage([dosage("MORN", repeat={"boundsPeriod": {"end": "2026-11-21"}})], TODAY).over
    assert not read_dosage([dosage("MORN", repeat={"boundsPeriod": {"end": "2026-11-22"}})], TODAY).over


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (200, "mg", "200 mg"),
        ("200", "MG", "200 mg"),
        (Decimal("2.50"), "mg", "2.5 mg"),
        ("0.5", "mg", "0.5 mg"),
        (5.0, "mg", "5 mg"),
        (1200, "mg", "1,200 mg"),
        (1, "tablet", "1 tablet"),
        (2, "{tablet}", "2 tablets"),
        (10, "mL", "10 mL"),
        (50, "ug", "50 mcg"),
    ],
)
def test_an_amount_with_a_known_unit_is_written_safely(value: Any, unit: str, printed: str) -> None:
    assert dose(value=value, unit=unit) == printed


@pytest.mark.parametrize(
    "quantity",
    [
        {"value": 200},
        {"value": 200, "unit": "IU"},
        {"value": 200, "unit": "mg", "code": "g"},
        {"value": 0, "unit": "mg"},
        {"value": -1, "unit": "mg"},
        {"value": "1e999999", "unit": "mg"},
        {"value": "NaN", "unit": "mg"},
        {"value": True, "unit": "mg"},
        {"value": "two", "unit": "mg"},
        {"value": 0.33333333, "unit": "mg"},
        {"value": 10, "unit": "mg", "comparator": "<"},
    ],
)
def test_other_amounts_are_left_to_a_person(quantity: Json) -> None:
    assert dose(**quantity) is None


@pytest.mark.parametrize(
    "amounts",
    [
        [],
        [{"doseRange": {"low": {"value": 1, "unit": "mg"}}}],
        [{"doseQuantity": {"value": 1, "unit": "mg"}, "rateQuantity": {"value": 1}}],
        [{"doseQuantity": {"value": 1, "unit": "mg"}}, {"doseQuantity": {"value": 2, "unit": "mg"}}],
    ],
)
def test_ranges_rates_and_several_amounts_are_left_to_a_person(amounts: list[Json]) -> None:
    found = read_dosage([dosage("MORN", doseAndRate=amounts)], TODAY)
    assert found.data == {"times": ["morning"]}
    assert found.why == "its dose is not plain"


def test_what_is_said_beside_a_plain_dosage_stays_in_sight() -> None:
    found = read_dosage([dosage("MORN", additionalInstruction=[{"text": "With a full glass of water"}])], TODAY)
    assert found.data == {"dose": "200 mg", "times": ["morning"]}
    assert found.beside == "With a full glass of water"
    assert found.why
