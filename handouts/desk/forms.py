"""What was typed into the form -> a request, or part of one, with each fault at its field. Pure.

A field has the path of the request's key that it fills, such as patient.name or medicines.2.dose; lists count from 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handouts.codes import parse_code
from handouts.desk.typed import Unclear, typed_day, typed_moment
from handouts.errors import RequestFault
from handouts.load.requests import build_request
from handouts.load.yamlfile import Parsed
from handouts.model.clinic import DateOrder
from handouts.model.edition import Edition
from handouts.model.request import Request

Fields = Mapping[str, Sequence[str]]
"""The values of each field, as a browser's form gives them."""
Data = dict[str, Any]
_SINGLE = (
    "topic", "clinic", "language", "format", "paper", "stage", "side", "clinician", "note",
    "patient.name", "patient.preferred_name", "patient.identifier", "patient.email",
)  # fmt: skip
_MANY = ("options", "sections", "sheets")
_LABELS = {
    "topic": "Topic", "options": "Options", "patient": "Patient", "patient.name": "Name",
    "patient.preferred_name": "Called", "patient.identifier": "Number", "patient.birth_date": "Date of birth",
    "patient.email": "E-mail", "clinician": "Clinician", "visit_date": "Visit", "appointment": "Appointment",
    "appointment.at": "Appointment", "appointment.with": "With", "appointment.where": "Where", "note": "Note",
    "next_steps": "Next steps", "medicines": "Medicines", "replaces": "Replaces", "side": "Side",
}  # fmt: skip
PLACEHOLDER = "Name"
"""Stands on the preview where the name will, until one is typed."""


@dataclass(frozen=True)
class FieldFault:
    """``field``: where it belongs, "" for the form as a whole."""

    field: str
    message: str


@dataclass(frozen=True)
class Form:
    """``data``: the request as typed, dates read; ``faults``: of what could not even be read."""

    data: Data
    edition: Edition
    interpreter: str | None
    faults: tuple[FieldFault, ...]

    def __repr__(self) -> str:
        return "Form(...)"


def read_form(fields: Fields, *, order: DateOrder | None, today: date) -> Form:
    """The form as data; what is empty is left out."""
    faults: list[FieldFault] = []
    data: Data = {}
    for name in _SINGLE:
        if text := one(fields, name):
            _put(data, name, text)
    for name in _MANY:
        if chosen := [value for value in fields.get(name, ()) if value]:
            data[name] = chosen
    for name, birth in (("patient.birth_date", True), ("visit_date", False)):
        if text := one(fields, name):
            try:
                _put(data, name, typed_day(text, birth=birth, order=order, today=today))
            except Unclear as why:
                faults.append(FieldFault(name, f"{_LABELS[name]} {why}."))
    if steps := [text for number in range(1, 13) if (text := one(fields, f"next_steps.{number}"))]:
        data["next_steps"] = steps
    if medicines := [item for number in range(1, 33) if (item := _medicine(fields, number))]:
        data["medicines"] = medicines
    faults += _read_appointment(fields, data, order, today)
    edition, more = _edition(fields)
    return Form(data, edition, one(fields, "interpreter") or None, (*faults, *more))


def one(fields: Fields, name: str) -> str:
    """The first value of a field, without spaces around it; "" for none."""
    return (list(fields.get(name, ())) or [""])[0].strip()


def _put(data: Data, path: str, value: str) -> None:
    above, _, last = path.rpartition(".")
    (data.setdefault(above, {}) if above else data)[last] = value


def _medicine(fields: Fields, number: int) -> Data | None:
    item: Data = {key: text for key in ("name", "dose", "remark") if (text := one(fields, f"medicines.{number}.{key}"))}
    if times := [value for value in fields.get(f"medicines.{number}.times", ()) if value]:
        item["times"] = times
    return item if item.keys() - {"times"} else None


def _read_appointment(fields: Fields, data: Data, order: DateOrder | None, today: date) -> list[FieldFault]:
    day, clock = one(fields, "appointment.day"), one(fields, "appointment.time")
    rest = {key: text for key in ("with", "where") if (text := one(fields, f"appointment.{key}"))}
    if not (day or clock or rest):
        return []
    if not day:
        return [FieldFault("appointment.day", "Appointment has no day.")]
    try:
        data["appointment"] = {"at": typed_moment(day, clock, order=order, today=today), **rest}
    except Unclear as why:
        field = "appointment.time" if "time" in str(why) else "appointment.day"
        return [FieldFault(field, f"Appointment {why}.")]
    return []


def _edition(fields: Fields) -> tuple[Edition, list[FieldFault]]:
    text, faults = one(fields, "replaces"), list[FieldFault]()
    code = parse_code(text) if text else None
    if text and code is None:
        faults.append(FieldFault("replaces", "Replaces is no document code; a character is wrong or missing."))
    blank, anyway = one(fields, "blank") == "yes", one(fields, "allow_unapproved") == "yes"
    return Edition(blank=blank, replaces=code, allow_unapproved=anyway), faults


def to_request(form: Form) -> Request:
    """The request of a form without faults. RequestFault."""
    data = dict(form.data)
    if form.edition.blank:
        data["patient"] = {"name": "blank"}
    return build_request(Parsed(data, {}, ""))


def to_look_at(form: Form) -> tuple[Request | None, tuple[FieldFault, ...]]:
    """As much of a form as can be shown, and what is wrong with the rest; None where there is no topic yet."""
    data, found = dict(form.data), list[FieldFault]()
    if "topic" not in data:
        return None, form.faults
    patient = dict(data.get("patient", {}))
    blank = form.edition.blank
    data["patient"] = {"name": PLACEHOLDER, **patient} if not blank else {"name": "blank"}
    for _ in range(4):  # each round leaves out what the last one found
        try:
            return build_request(Parsed(data, {}, "")), (*form.faults, *found)
        except RequestFault as fault:
            told = field_faults(fault)
            found += told
            for one_fault in told:
                data = _without(data, one_fault.field)
            data.setdefault("patient", {}).setdefault("name", PLACEHOLDER)
    return None, (*form.faults, *found)


_KEY = re.compile(r"'([a-z0-9_.]+)'")


def field_faults(fault: RequestFault) -> tuple[FieldFault, ...]:
    """A library's fault, each part at its field: the first key that it names."""
    messages = [one_fault.message for one_fault in fault.faults] or [fault.message]
    return tuple(FieldFault(_field(message), _in_words(message)) for message in messages)


def _field(message: str) -> str:
    found = _KEY.search(message)
    if not found:
        return "options" if message.startswith("options ") else ""
    return {"appointment.at": "appointment.day"}.get(found[1], found[1])


def _in_words(message: str) -> str:
    """The message with the form's own names for what it names."""
    return _KEY.sub(lambda found: _LABELS.get(found[1]) or _numbered(found[1]), message, count=1)


def _numbered(key: str) -> str:
    parts = key.split(".")
    if len(parts) > 1 and parts[1].isdigit():
        what = {"next_steps": "Step", "medicines": "Medicine"}.get(parts[0], parts[0])
        return " ".join([what, parts[1], *(part.replace("_", " ") for part in parts[2:])])
    return f"“{key}”"


def _without(data: Data, field: str) -> Data:
    """``data`` without what a field filled."""
    if field.startswith("appointment"):
        return {key: value for key, value in data.items() if key != "appointment"}
    parts = field.split(".")
    kept = dict(data)
    if len(parts) == 1:
        kept.pop(parts[0], None)
    elif isinstance(kept.get(parts[0]), dict):
        kept[parts[0]] = {key: value for key, value in kept[parts[0]].items() if key != parts[1]}
    elif isinstance(kept.get(parts[0]), list) and parts[1].isdigit():
        items = list(kept[parts[0]])
        place = int(parts[1]) - 1
        if place < len(items):
            if len(parts) > 2 and isinstance(items[place], dict) and parts[2] != "name":
                items[place] = {key: value for key, value in items[place].items() if key != parts[2]}
            else:
                del items[place]
        kept[parts[0]] = items
    else:
        kept.pop(parts[0], None)
    return kept
