"""What was typed into the form -> a request, or part of one, with each fault at its field. Pure.

A field has the path of the request's key that it fills, such as patient.name or medicines.2.dose; lists count from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handouts.codes import parse_code
from handouts.errors import MOST_TOLD, RequestFault
from handouts.lists.typed import Unclear, UnclearTime, typed_day, typed_moment
from handouts.load.requests import build_request
from handouts.load.yamlfile import Parsed
from handouts.model.clinic import DateOrder
from handouts.model.edition import Edition
from handouts.model.request import Request
from handouts.record.event import check_line

Fields = Mapping[str, Sequence[str]]
"""The values of each field, as a browser's form gives them."""
Data = dict[str, Any]
_SINGLE = (
    "topic", "clinic", "language", "with_english", "format", "paper", "stage", "side", "clinician", "note",
    "patient.name", "patient.preferred_name", "patient.identifier", "patient.email",
)  # fmt: skip
_MANY = ("options", "sections")
_LABELS = {
    "topic": "Topic", "options": "Options", "patient": "Patient", "patient.name": "Name",
    "patient.preferred_name": "Called", "patient.identifier": "Number", "patient.birth_date": "Date of birth",
    "patient.email": "E-mail", "clinician": "Clinician", "visit_date": "Visit", "appointment": "Appointment",
    "appointment.at": "Appointment", "appointment.with": "With", "appointment.where": "Where", "note": "Note",
    "next_steps": "Next steps", "medicines": "Medicines", "replaces": "Replaces", "side": "Side",
    "sections": "Also about", "format": "Print", "paper": "Paper", "stage": "For reading", "language": "Language",
    "with_english": "English copy", "clinic": "Clinic",
}  # fmt: skip
PLACEHOLDER = "Name"
"""Stands on the preview where the name will, until one is typed."""
LEFT_OUT = "…"
"""Stands on the preview for a row in which something is wrong."""


@dataclass(frozen=True)
class FieldFault:
    """``field``: where it belongs, "" for the form as a whole."""

    field: str
    message: str


class FormFault(RequestFault):
    """What is wrong in a form, each at its field."""

    def __init__(self, fields: tuple[FieldFault, ...]) -> None:
        self.fields = fields
        super().__init__("Nothing was made yet. " + " ".join(fault.message for fault in fields))


@dataclass(frozen=True)
class Form:
    """``data``: the request as typed, dates read; ``left_out``: sheets that are not to be printed; ``faults``: of what
    could not even be read.
    """

    data: Data
    edition: Edition
    interpreter: str | None
    left_out: frozenset[str]
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
    interpreter = one(fields, "interpreter") or None
    try:
        interpreter = check_line(interpreter, "Interpreter") if interpreter else None
    except RequestFault as fault:
        more.append(FieldFault("interpreter", fault.message))
    return Form(data, edition, interpreter, frozenset(fields.get("left_out", ())), (*faults, *more))


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
        field = "appointment.time" if isinstance(why, UnclearTime) else "appointment.day"
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
            data = _lighter(data, told)
        if "topic" not in data:
            break
    return None, (*form.faults, *found)


_KEY = re.compile(r"'([a-z0-9_.]+)'")
_STARTS = {
    "options is missing": "options", "There is no option": "options", "There is no section": "sections",
    "There is no sheet": "sheets", "There is no topic": "topic", "There is no clinic": "clinic",
    "There are no texts in": "language",
}  # fmt: skip
_HAS_NO = re.compile(r"[a-z0-9-]+ has no (options|sections|side)\b")
_SHOWN_AT = {"appointment": "appointment.day", "appointment.at": "appointment.day", "patient": "patient.name"}


def field_faults(fault: RequestFault) -> tuple[FieldFault, ...]:
    """A library's fault, each part at its field: the key with which it begins, or what it says is not there."""
    messages = [one_fault.message for one_fault in fault.faults[:MOST_TOLD]] or [fault.message]
    return tuple(FieldFault(_field(message), in_words(message)) for message in messages)


def _field(message: str) -> str:
    for start, field in _STARTS.items():
        if message.startswith(start):
            return field
    if found := _HAS_NO.match(message):
        return found[1]
    if not (found := _KEY.match(message)):
        return ""
    parts = found[1].split(".")
    if parts[0] in _MANY:
        return parts[0]
    return _SHOWN_AT.get(found[1]) or ".".join(parts[:3])


def in_words(message: str) -> str:
    """The message with the form's own name for the field with which it begins."""
    plain = next((said for start, said in _SAID.items() if message.startswith(start)), "")
    if plain:
        return plain
    found = _KEY.match(message)
    return (_LABELS.get(found[1]) or _numbered(found[1])) + message[found.end() :] if found else message


_SAID = {"'patient' is missing": "Name is missing.", "options is missing": "Options: tick at least one."}
"""Where the library's sentence is about keys that the form does not show."""
_ROWS = {"next_steps": "Step", "medicines": "Medicine", "options": "Option", "sections": "Section"}


def _numbered(key: str) -> str:
    above, *rest = key.split(".")
    if rest and rest[0].isdigit():
        return " ".join([_ROWS.get(above, above), rest[0], *(part.replace("_", " ") for part in rest[1:])])
    return f"“{key}”"


def without(request: Request, faults: Iterable[FieldFault]) -> Request | None:
    """A request without what is wrong in it, to be looked at; None where it can't do without."""
    data = request.model_dump(mode="json", by_alias=True, exclude_none=True)
    try:
        return build_request(Parsed(_lighter(data, faults), {}, ""))
    except RequestFault:
        return None


def _lighter(data: Data, faults: Iterable[FieldFault]) -> Data:
    for fault in faults:
        data = _without(data, fault.field.split("."))
    return {**data, "patient": {"name": PLACEHOLDER, **data.get("patient", {})}}


def _without(data: Data, path: list[str]) -> Data:
    """``data`` without what a field filled. Rows keep their numbers: other faults name them."""
    above, held = path[0], data.get(path[0])
    if above in {"next_steps", "medicines"} and len(path) > 1 and isinstance(held, list):
        number, key = int(path[1]) - 1, path[2] if len(path) > 2 else "name"
        if above == "next_steps":
            row: Any = LEFT_OUT
        else:
            row = {**{one: value for one, value in held[number].items() if one != key}}
            row.setdefault("name", LEFT_OUT)
        return {**data, above: [*held[:number], row, *held[number + 1 :]]}
    if above == "patient" and isinstance(held, dict):
        gone = {"name", "preferred_name"} if path[1:] == ["name"] else set(path[1:])  # they are printed as one
        return {**data, above: {key: value for key, value in held.items() if key not in gone}}
    return {key: value for key, value in data.items() if key != above}
