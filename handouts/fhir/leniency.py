"""Where real servers are sloppy: what is put right before a resource is looked at, each with its reason and source.

A repair never guesses: it takes what can be meant in one way only. Whatever else does not fit is left aside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Leniency:
    """``what`` is taken, as staff are told it (several of them with semicolons); ``why`` it is met; ``source``: where
    the rule or the habit is written down.
    """

    what: str
    why: str
    source: str


LENIENCIES: Mapping[str, Leniency] = {
    "encoding": Leniency("a byte order mark, UTF-16, any line ends", "exports from Windows", "RFC 8259, 8.1"),
    "array": Leniency("an array of resources for a Bundle", "scripts that collect resources", "none: habit"),
    "empty": Leniency("null, empty texts, objects and arrays are passed over", "serializers that write all keys",
                      "FHIR R4, JSON: arrays and objects are never empty"),
    "spaces": Leniency("white space around a text is cut off", "fields of fixed width", "FHIR R4, datatypes: string"),
    "contained": Leniency("a contained resource without its type has that of the place that names it",
                          "templates written by hand", "FHIR R4, references: contained"),
    "list": Leniency("one value where a list belongs, such as name.given", "XML turned into JSON",
                     "FHIR R4, JSON: repeating elements"),
    "single": Leniency("a list of one where one value belongs", "R5 shapes, such as Encounter.class", "FHIR R5"),
    "number": Leniency("a number where a text belongs, such as a record number", "databases with numbers as keys",
                       "FHIR R4, datatypes: string"),
    "decimal": Leniency("an amount or a frequency that is a text", "JSON of programs that keep decimals as texts",
                        "FHIR R4, JSON: numbers"),
    "unknown": Leniency("elements that R4 does not know are passed over", "vendors' own, and newer versions",
                        "FHIR R4, versions: unknown elements"),
    "missing": Leniency("an element that R4 requires and nobody here needs, such as Encounter.class", "US servers",
                        "FHIR R4, conformance: missing data"),
    "case": Leniency("codes of a status in capitals", "databases of old systems", "FHIR R4: codes have their case"),
    "day": Leniency("a date of birth with a time of midnight, or as 19610409", "databases with moments; HL7 v2",
                    "FHIR R4, datatypes: date; HL7 v2, DT"),
    "moment": Leniency("a moment without seconds or zone, or with a space for T", "databases",
                       "FHIR R4, datatypes: instant"),
    "name": Leniency("a name that is one text, or a family name that is a list", "DSTU2", "FHIR DSTU2, HumanName"),
    "stu3": Leniency("a status that is a code where R4 has a concept, or a dose outside doseAndRate", "STU3 servers",
                     "FHIR STU3, Condition, Dosage"),
    "r5": Leniency("concepts and references in one, R5's names of elements and states", "R5 servers",
                   "FHIR R5, MedicationRequest, Encounter"),
    "no-system": Leniency("a code without system, if a topic has it as ICD-10", "lists of problems",
                          "FHIR R4, Coding.system"),
    "no-dot": Leniency("a code of ICD-10-CM without its dot", "claims are sent without it",
                       "CMS, ICD-10-CM guidelines"),
    "mrn": Leniency("a record number without a type: text MRN, or a system that ends in mrn", "small systems",
                    "FHIR R4, v2-0203"),
}  # fmt: skip
"""All of them; `tests/fhir/test_leniency.py` has a case for each."""

Say = Callable[[str], None]
"""Hears the name of a leniency that was used."""


def tidied(value: Any, say: Say, *, top: bool = True) -> Any:  # JSON has any shape
    """``value`` without what is empty and without spaces around texts; None for nothing. Bounded by the reader's depth.

    What stands beside a simple value, under a key with an underscore, is passed over: nothing here reads it.
    """
    if isinstance(value, str):
        cut = value.strip()
        if cut != value:
            say("spaces")
        if not cut:
            say("empty")
        return cut or None
    if isinstance(value, dict):
        kept = {key: tidied(item, say, top=False) for key, item in value.items() if not key.startswith("_")}
    elif isinstance(value, list):
        kept = dict(enumerate(tidied(item, say, top=False) for item in value))
    else:
        if value is None:
            say("empty")
        return value
    full = {key: item for key, item in kept.items() if item is not None}
    if not full and not top and not any(str(key).startswith("_") for key in value):
        say("empty")
    if not full and not top:
        return None
    return full if isinstance(value, dict) else list(full.values())


def reshaped(kind: str, resource: dict[str, Any], say: Say) -> dict[str, Any]:
    """A resource of an older or newer version, or with odd dates, in R4's shape."""
    made = dict(resource)
    for key in ("status", "intent"):
        if isinstance(made.get(key), str) and made[key] != made[key].lower():
            made[key] = made[key].lower()
            say("case")
    if change := _SHAPES.get(kind):
        change(made, say)
    return {key: _moments(value, say, key) for key, value in made.items()}


_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?", re.I)
_MOMENTS = {"start", "end", "deceasedDateTime", "abatementDateTime"}


def _moments(value: Any, say: Say, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _moments(item, say, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_moments(item, say, key) for item in value]
    found = _MOMENT.fullmatch(value) if key in _MOMENTS and isinstance(value, str) else None
    if not found:
        return value
    day, clock, seconds, _, zone = found.groups()
    if not seconds or not zone or value[10] == " ":
        say("moment")
    return f"{day}T{clock}{seconds or ':00'}{(zone or '').upper()}"


def _patient(made: dict[str, Any], say: Say) -> None:
    born = made.get("birthDate")
    if isinstance(born, str):
        if found := re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ]00:00(:00(\.0+)?)?\s*(Z|[+-]\d\d:?\d\d)?", born):
            made["birthDate"] = found[1]
            say("day")
        elif found := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", born):
            made["birthDate"] = "-".join(found.groups())
            say("day")
    names(made, say)


def names(made: dict[str, Any], say: Say) -> None:
    """HumanName as one text, or with a list of family names."""
    if isinstance(made.get("name"), str):
        made["name"] = [{"text": made["name"]}]
        say("name")
    whole = made.get("name")
    listed = [whole] if isinstance(whole, dict) else whole if isinstance(whole, list) else []
    for number, one in enumerate(listed):
        if isinstance(one, str):
            listed[number] = {"text": one}
            say("name")
        elif isinstance(one, dict) and isinstance(one.get("family"), list):
            listed[number] = {**one, "family": " ".join(str(part) for part in one["family"])}
            say("name")
    if isinstance(whole, dict) and listed[0] is not whole:
        made["name"] = listed


def _condition(made: dict[str, Any], say: Say) -> None:
    for key in ("clinicalStatus", "verificationStatus"):
        if isinstance(made.get(key), str):
            made[key] = {"coding": [{"code": made[key].lower()}]}
            say("stu3")


def _concept(made: dict[str, Any], key: str, say: Say) -> None:
    """R5's concept or reference in one -> the concept."""
    value = made.get(key)
    if isinstance(value, dict) and isinstance(value.get("concept"), dict):
        made[key] = value["concept"]
        say("r5")


def _order(made: dict[str, Any], say: Say) -> None:
    _concept(made, "code", say)


def _medication_request(made: dict[str, Any], say: Say) -> None:
    one = made.pop("medication", None)
    if isinstance(one, dict):
        say("r5")
        if isinstance(one.get("concept"), dict):
            made.setdefault("medicationCodeableConcept", one["concept"])
        elif isinstance(one.get("reference"), dict):
            made.setdefault("medicationReference", one["reference"])
        elif "reference" in one:
            made.setdefault("medicationReference", one)
        else:
            made.setdefault("medicationCodeableConcept", one)
    if "reported" in made:
        made["reportedBoolean"] = made.pop("reported")
        say("r5")
    listed = made.get("dosageInstruction")
    if isinstance(listed, dict):
        listed = [listed]
        say("list")
    if isinstance(listed, list):
        made["dosageInstruction"] = [_dosage(dict(one), say) if isinstance(one, dict) else one for one in listed]


def _dosage(made: dict[str, Any], say: Say) -> dict[str, Any]:
    for key, ours in (("asNeeded", "asNeededBoolean"), ("asNeededFor", "asNeededCodeableConcept")):
        value = made.pop(key, None)
        if value is not None:
            made[ours] = value[0] if isinstance(value, list) else value
            say("r5")
    if "asNeededCodeableConcept" in made:
        made.pop("asNeededBoolean", None)
    outside = {key: made.pop(key) for key in ("doseQuantity", "doseRange", "doseSimpleQuantity") if key in made}
    if outside:
        if "doseSimpleQuantity" in outside:
            outside["doseQuantity"] = outside.pop("doseSimpleQuantity")
        made["doseAndRate"] = [outside]
        say("stu3")
    amounts = made.get("doseAndRate")
    for one in amounts if isinstance(amounts, list) else ():
        _numbers(one.get("doseQuantity") if isinstance(one, dict) else None, ("value",), say)
    timing = made.get("timing")
    _numbers(timing.get("repeat") if isinstance(timing, dict) else None, ("frequency", "period"), say)
    return made


def _numbers(holder: Any, keys: tuple[str, ...], say: Say) -> None:
    """Texts that are plain numbers -> numbers."""
    for key in keys if isinstance(holder, dict) else ():
        value = holder.get(key)
        if isinstance(value, str) and re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value):
            holder[key] = Decimal(value)
            say("decimal")


def _encounter(made: dict[str, Any], say: Say) -> None:
    if "actualPeriod" in made:
        made["period"] = made.pop("actualPeriod")
        say("r5")
    if made.get("status") in ("completed", "discharged"):  # which may be of any type
        made["status"] = "finished"
        say("r5")
    kind = made.get("class")
    if isinstance(kind, list):  # R5: concepts
        made.pop("class")
        say("r5")
    people = made.get("participant")
    for one in people if isinstance(people, list) else ():
        if isinstance(one, dict) and "actor" in one and "individual" not in one:
            one["individual"] = one.pop("actor")
            say("r5")


def _care_plan(made: dict[str, Any], say: Say) -> None:
    activities = made.get("activity")
    for one in activities if isinstance(activities, list) else ():
        if isinstance(one, dict) and "plannedActivityReference" in one:
            one["reference"] = one.pop("plannedActivityReference")
            say("r5")


_SHAPES: Mapping[str, Callable[[dict[str, Any], Say], None]] = {
    "Patient": _patient,
    "Practitioner": names,
    "Condition": _condition,
    "ServiceRequest": _order,
    "Procedure": _order,
    "MedicationRequest": _medication_request,
    "Encounter": _encounter,
    "CarePlan": _care_plan,
}
