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
from handouts.desk.library_words import in_words, said_of
from handouts.desk.words import N_, _
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
    "topic": N_("Topic"), "options": N_("Options"), "patient": N_("Patient"), "patient.name": N_("Name"),
    "patient.preferred_name": N_("Called"), "patient.identifier": N_("Number"),
    "patient.birth_date": N_("Date of birth"), "patient.email": N_("E-mail"), "clinician": N_("Clinician"),
    "visit_date": N_("Visit"), "appointment": N_("Appointment"), "appointment.at": N_("Appointment"),
    "appointment.with": N_("With"), "appointment.where": N_("Where"), "note": N_("Note"),
    "next_steps": N_("Next steps"), "medicines": N_("Medicines"), "replaces": N_("Replaces"), "side": N_("Side"),
    "sections": N_("Also about"), "format": N_("Print"), "paper": N_("Paper"), "stage": N_("For reading"),
    "language": N_("Language"), "with_english": N_("English copy"), "clinic": N_("Clinic"),
}  # fmt: skip
PLACEHOLDER = N_("Name")
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
        super().__init__(" ".join(["Nothing was made yet.", *(fault.message for fault in fields)]))


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
                faults.append(FieldFault(name, said_of(_(_LABELS[name]), f"{why}.")))
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
        return [FieldFault("appointment.day", _("Appointment has no day."))]
    try:
        data["appointment"] = {"at": typed_moment(day, clock, order=order, today=today), **rest}
    except Unclear as why:
        field = "appointment.time" if isinstance(why, UnclearTime) else "appointment.day"
        return [FieldFault(field, said_of(_("Appointment"), f"{why}."))]
    return []


def _edition(fields: Fields) -> tuple[Edition, list[FieldFault]]:
    text, faults = one(fields, "replaces"), list[FieldFault]()
    code = parse_code(text) if text else None
    if text and code is None:
        faults.append(FieldFault("replaces", _("Replaces is no document code; a character is wrong or missing.")))
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
    data["patient"] = {"name": _(PLACEHOLDER), **patient} if not blank else {"name": "blank"}
    for _round in range(4):  # each round leaves out what the last one found
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
    return tuple(FieldFault(_field(message), with_label(message)) for message in messages)


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


def with_label(message: str) -> str:
    """The message with the form's own name for the field with which it begins, in the language of the staff."""
    plain = next((said for start, said in _SAID.items() if message.startswith(start)), "")
    if plain:
        return _(plain)
    found = _KEY.match(message)
    return said_of(_label(found[1]), message[found.end() :].lstrip()) if found else in_words(message)


_SAID = {"'patient' is missing": N_("Name is missing."), "options is missing": N_("Options: tick at least one.")}
"""Where the library's sentence is about keys that the form does not show."""
_ROWS = {
    "next_steps": N_("Step %(number)s"), "medicines": N_("Medicine %(number)s"), "options": N_("Option %(number)s"),
    "sections": N_("Section %(number)s"),
}  # fmt: skip
_CELLS = {"name": N_("name"), "dose": N_("dose"), "times": N_("times"), "remark": N_("remark")}


def _label(key: str) -> str:
    if key in _LABELS:
        return _(_LABELS[key])
    above, *rest = key.split(".")
    if above in _ROWS and rest and rest[0].isdigit():
        return " ".join([_(_ROWS[above], number=rest[0]), *(_(_CELLS.get(part, part)) for part in rest[1:])])
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
    return {**data, "patient": {"name": _(PLACEHOLDER), **data.get("patient", {})}}


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
