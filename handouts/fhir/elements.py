"""Which elements of which resources are read; values in them, whatever shape they turn out to have. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

RawResource = dict[str, Any]
"""A resource as JSON has it, unchecked."""

READ: Mapping[str, frozenset[str]] = {
    kind: frozenset(names.split()) | {"resourceType", "id", "modifierExtension", "implicitRules"}
    for kind, names in {
        "Patient": "active identifier name telecom birthDate deceasedBoolean deceasedDateTime communication extension",
        "Condition": (
            "clinicalStatus verificationStatus code bodySite subject abatementDateTime abatementAge abatementPeriod "
            "abatementRange abatementString"
        ),
        "ServiceRequest": "status intent doNotPerform code subject",
        "Procedure": "status code subject",
        "CarePlan": "status intent subject activity",
        "MedicationRequest": (
            "contained status statusReason intent doNotPerform reportedBoolean medicationCodeableConcept "
            "medicationReference subject dosageInstruction"
        ),
        "Medication": "code status",
        "Appointment": "contained status start participant",
        "Practitioner": "identifier name",
        "Location": "identifier name",
        "Encounter": "contained status class subject participant period",
    }.items()
}
"""What nobody here reads can't be wrong: narratives, notes, most extensions."""
OF_A_PATIENT = {"Condition", "ServiceRequest", "Procedure", "CarePlan", "MedicationRequest", "Encounter", "Appointment"}

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def obj(value: Any, key: str) -> dict[str, Any]:
    """The object under a key; {} where there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def objs(value: Any, key: str) -> list[dict[str, Any]]:
    """The objects in the list under a key."""
    found = value.get(key) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(value: Any, key: str) -> str:
    """The text under a key on one line; "" where there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return " ".join(found.split()) if isinstance(found, str) else ""


def listed_texts(value: Any, key: str) -> list[str]:
    """The texts in the list under a key."""
    found = value.get(key) if isinstance(value, dict) else None
    return [" ".join(one.split()) for one in found if isinstance(one, str)] if isinstance(found, list) else []


def may_be_true(value: Any, key: str) -> bool:
    """Whether a yes-or-no element says yes, or something that nobody understands."""
    found = value.get(key) if isinstance(value, dict) else None
    return not (found is None or found is False or (isinstance(found, str) and found.casefold() == "false"))


def is_true(value: Any, key: str) -> bool:
    """Whether a yes-or-no element says yes."""
    found = value.get(key) if isinstance(value, dict) else None
    return found is True or (isinstance(found, str) and found.casefold() == "true")


def codings(concept: Any) -> list[tuple[str, str, str]]:
    """System, code and display of each coding."""
    return [(text(one, "system"), text(one, "code"), text(one, "display")) for one in objs(concept, "coding")]


def codes(concept: Any) -> set[str]:
    """The codes of a concept in small letters, whatever their system: of a value set that FHIR itself requires."""
    return {code.casefold() for _, code, _ in codings(concept) if code}


def words(concept: Any) -> list[str]:
    """What a concept says in words: its text, and the displays of its codings."""
    return list(dict.fromkeys(filter(None, (text(concept, "text"), *(display for *_, display in codings(concept))))))


def read_day(written: str) -> date | None:
    """A whole date; None for one without day or month, or of no calendar."""
    found = _DAY.fullmatch(written)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def wall_clock(written: str) -> datetime | None:
    """A moment on the clock of whoever wrote it, by its offset; None for a day alone and for what is no moment.

    A moment in UTC is None as well: it is on nobody's clock (`is_utc`).
    """
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:Z|[+-]\d\d:?\d\d)?", written)
    day = read_day(found[1]) if found else None
    if not found or not day or is_utc(written):
        return None
    try:
        return datetime.combine(day, time(int(found[2]), int(found[3])))
    except ValueError:
        return None


def is_utc(written: str) -> bool:
    """Whether a moment is written in UTC, as servers do that don't know the clinic's zone."""
    return re.search(r"T.*(?:Z|[+-]00:?00)$", written) is not None


def is_current(value: Any, today: date) -> bool:
    """Whether a name, a number or an address counts on ``today``, by its period; without one it does.

    A period that can't be read does not.
    """
    period = obj(value, "period")
    for key, sign in (("start", 1), ("end", -1)):
        written = text(period, key)[:10]
        if not written:
            continue
        if re.fullmatch(r"\d{4}(-\d\d)?", written):  # a year or a month: its parts are compared
            now = today.isoformat()[: len(written)]
        elif read_day(written):
            now = today.isoformat()
        else:
            return False
        if (now < written) if sign > 0 else (now > written):
            return False
    return True


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside ``value``, itself included. Bounded by the reader's depth."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)
