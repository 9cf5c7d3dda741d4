"""What a handout is made from, fetched from the clinic's server. Reads only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from handouts.errors import RequestFault
from handouts.fhir.elements import RawResource
from handouts.fhir.server import Client, RecordFault, resources_in

NEEDED = ("Condition", "MedicationRequest")
"""Of a patient; without them too much would be missing, so a server has to give them."""
WELCOME = ("ServiceRequest", "Procedure", "CarePlan", "Appointment", "Encounter")
"""Of a patient, where the server has them."""
MOST_OF_A_DAY = 500
"""Appointments."""
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_REFERENCE = re.compile(r"([A-Z][A-Za-z]{1,40})/([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?")


def fetch_patient(client: Client, number: str) -> list[RawResource]:
    """A patient by the server's id, with what a handout is made from: by $everything, or by searches where the server
    has no such operation. RequestFault for what is no id; RecordFault.
    """
    if not _ID.fullmatch(number):
        raise RequestFault("That is no id of a patient on a FHIR server: letters, digits, - and . only.")
    kinds = ",".join(("Patient", *NEEDED, *WELCOME, "Practitioner", "Location"))
    try:
        found = client.search(f"Patient/{number}/$everything", _type=kinds)
    except RecordFault as fault:
        if fault.means in {"later", "lost", "ours"}:
            raise
        found = []
    if any(one.get("resourceType") == "Patient" and one.get("id") == number for one in found):
        return found
    return [client.read(f"Patient/{number}").resource, *of_patient(client, number)]


def of_patient(client: Client, number: str, kinds: Sequence[str] = (*NEEDED, *WELCOME)) -> list[RawResource]:
    """The resources of these kinds that belong to a patient, each once. RecordFault."""
    found = []
    for kind in kinds:
        try:
            found += client.search(kind, patient=f"Patient/{number}")
        except RecordFault as fault:
            if kind in NEEDED or fault.means in {"later", "lost", "ours"}:
                raise
    return _each_once(found)


def fetch_appointments(client: Client, day: date) -> list[RawResource]:
    """The appointments of a day with patients, practitioners and places. RecordFault; "refused" for far too many."""
    include = [f"Appointment:{one}" for one in ("patient", "practitioner", "location")]
    found = client.search("Appointment", date=day.isoformat(), _include=include, _count="100")
    there = [one for one in found if one.get("resourceType") == "Appointment"]
    if len(there) > MOST_OF_A_DAY:
        raise RecordFault(f"it has more than {MOST_OF_A_DAY} appointments on this day", "refused")
    return _each_once([*found, *_left_out(client, found)])


def fetch_day(
    client: Client, day: date, each: Callable[[int, int], object] = lambda _done, _all: None
) -> list[RawResource]:
    """The appointments of a day, and of each patient what a handout is made from. ``each`` hears how far it is.

    RecordFault.
    """
    found = fetch_appointments(client, day)
    numbers = [str(one["id"]) for one in found if one.get("resourceType") == "Patient" and _is_id(one.get("id"))]
    for place, number in enumerate(numbers):
        each(place, len(numbers))
        found += of_patient(client, number, NEEDED)
    return _each_once(found)


def find_patients(client: Client, system: str | None, value: str) -> list[RawResource]:
    """Patients with a record number. RecordFault."""
    token = f"{_escaped(system)}|{_escaped(value)}" if system else _escaped(value)
    page = client.read("Patient", identifier=token, _count="5").resource
    return [one for one in resources_in(page) if one.get("resourceType") == "Patient"]


def find_encounter(client: Client, patient: str, day: date) -> str | None:
    """The patient's encounter of a day, such as "Encounter/7"; None where the server knows none, or several.
    RecordFault for an answer that did not come.
    """
    try:
        page = client.read("Encounter", patient=patient, date=day.isoformat(), _count="10").resource
    except RecordFault as fault:
        if fault.means in {"later", "lost", "ours"}:
            raise
        return None
    held = [one for one in resources_in(page) if one.get("resourceType") == "Encounter" and _took_place(one)]
    return f"Encounter/{held[0]['id']}" if len(held) == 1 else None


def _took_place(encounter: RawResource) -> bool:
    return encounter.get("status") in {"arrived", "triaged", "in-progress", "onleave", "finished"}


def _left_out(client: Client, found: Sequence[RawResource]) -> Iterator[RawResource]:
    """What appointments name and the server did not send along, as some ignore _include."""
    there = {(str(one.get("resourceType")), str(one.get("id"))) for one in found}
    for kind, number in sorted(set(_named(client, found)) - there):
        try:
            yield client.read(f"{kind}/{number}").resource
        except RecordFault as fault:
            if fault.means in {"later", "lost", "ours"}:
                raise


def _named(client: Client, found: Sequence[RawResource]) -> Iterator[tuple[str, str]]:
    for one in found:
        participants = one.get("participant") if one.get("resourceType") == "Appointment" else None
        for participant in participants if isinstance(participants, list) else []:
            actor = participant.get("actor") if isinstance(participant, dict) else None
            reference = actor.get("reference") if isinstance(actor, dict) else None
            if not isinstance(reference, str):
                continue
            named = _REFERENCE.fullmatch(reference.removeprefix(client.endpoint.url("") + "/"))
            if named and named[1] in {"Patient", "Practitioner", "Location"}:
                yield named[1], named[2]


def _each_once(found: Sequence[RawResource]) -> list[RawResource]:
    kept = {(one.get("resourceType"), one.get("id") or id(one)): one for one in found}
    return list(kept.values())


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _escaped(text: str) -> str:
    """For a search: `,`, `|`, `$` and `\\` have a meaning there (FHIR R4, 3.1.1.5.6)."""
    return re.sub(r"([\\,|$])", r"\\\1", text)
