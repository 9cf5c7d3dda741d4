"""A resource as plain data -> one that can be used, checked against R4, or why it is left aside.

Nothing of what it says is in the reason.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from handouts.errors import Why
from handouts.fhir.elements import READ, objs, text, walk
from handouts.fhir.leniency import Say, reshaped, tidied
from handouts.fhir.reading import Entry

NOT_READ = "a type that is not read"
_ROUNDS = 12
"""Repairs that follow from each other; whatever needs more is left aside."""
_MAY_GO = {"telecom", "communication", "extension"}
"""Elements of a patient that are passed over where they don't fit. Whatever else does not fit sets the resource aside:
a status or a dose that is left out would turn what it says into something else.
"""


@dataclass(frozen=True)
class Aside:
    """A resource that is not used: its number in the file, its type, and why."""

    number: int
    kind: str
    why: str


@dataclass(frozen=True)
class Resource:
    """A resource that can be used: only elements that are read, in the shape of R4."""

    number: int
    kind: str
    data: Mapping[str, Any]
    url: str = ""
    contained: Mapping[str, Resource] = field(default_factory=dict)
    """By id."""

    def __repr__(self) -> str:
        return f"Resource({self.number}, {self.kind})"


def used(entry: Entry, say: Say) -> Resource | Aside:
    """What of an entry can be used, or why nothing can."""
    data = entry.data
    kind = data.get("resourceType") if isinstance(data, dict) else None
    kind = kind.strip() if isinstance(kind, str) else ""
    if kind not in READ:
        known = kind if kind.isascii() and kind.isalpha() and len(kind) < 40 else "resource"
        return Aside(entry.number, known or "resource", NOT_READ if kind else "it has no type")
    made = _checked(kind, data, say)
    if isinstance(made, str):
        return Aside(entry.number, kind, made)
    inside = dict(_contained(made, entry.number, say))
    made.pop("contained", None)
    return Resource(entry.number, kind, made, entry.url, inside)


def _contained(made: Mapping[str, Any], number: int, say: Say) -> Iterator[tuple[str, Resource]]:
    for one in objs(made, "contained"):
        name = text(one, "id").removeprefix("#")
        kind = text(one, "resourceType")
        if not kind:
            kind = _kind_by_place(made, name, one)
            say("contained")
        checked = _checked(kind, one, say) if kind in {"Medication", "Practitioner", "Location"} else "not read"
        if name and not isinstance(checked, str):
            yield name, Resource(number, kind, checked)


def _kind_by_place(made: Mapping[str, Any], name: str, inner: Mapping[str, Any]) -> str:
    """The type of a contained resource by the element that names it."""
    for place in walk({key: value for key, value in made.items() if key != "contained"}):
        for key, value in place.items():
            if isinstance(value, dict) and text(value, "reference") == f"#{name}":
                if key == "actor":
                    return "Location" if isinstance(inner.get("name"), str) else "Practitioner"
                return {"medicationReference": "Medication", "individual": "Practitioner"}.get(key, "")
    return ""


@cache
def _model(kind: str) -> type[BaseModel]:
    from fhir.resources.R4B import get_fhir_model_class  # half a second, and only for health records

    found: type[BaseModel] = get_fhir_model_class(kind)
    return found


def _checked(kind: str, data: Mapping[str, Any], say: Say) -> dict[str, Any] | Why:
    """What is read of a resource, in the shape of R4; a text says why it can't be used."""
    cut = copy.deepcopy({key: value for key, value in data.items() if key in _read(kind)})
    if not isinstance(cut.get("id", ""), str):
        cut["id"] = str(cut["id"])
        say("number")
    tidy = tidied(cut, say)
    if tidy.get("implicitRules") or any("modifierExtension" in one for one in walk(tidy)):
        return "it has an extension that may change what it says"
    made = reshaped(kind, {**tidy, "resourceType": kind}, say)
    contained = made.pop("contained", None)
    for _ in range(_ROUNDS):
        try:
            _model(kind).model_validate({key: made[key] for key in made if key not in {"id"}})
        except ValidationError as error:
            faults = [fault for fault in error.errors(include_url=False) if not _no_matter(made, fault, say)]
            if not faults:
                break
            why = next((why for why in (_repair(made, fault, say) for fault in faults) if why), "")
            if why:
                return why
        else:
            break
    else:
        return "it has too many faults"
    return {**made, "contained": contained} if contained else made


def _read(kind: str) -> frozenset[str]:
    older = {"MedicationRequest": {"medication", "reported"}, "Encounter": {"actualPeriod"}}
    return READ[kind] | older.get(kind, set())


def _no_matter(made: dict[str, Any], fault: Any, say: Say) -> bool:
    """Whether R4 asks for what nobody here needs. Whatever is needed is looked for where it is used."""
    path = _path(fault)
    nothing = bool(path) and _at(made, path) is None
    if fault["type"] == "missing" or nothing or "Any of one field value is expected" in fault["msg"]:
        say("missing")
        return True
    if path and path[-1] in {"start", "end", "birthDate"}:  # read by `elements`, which takes no other than it knows
        return isinstance(_at(made, path), str)
    return False


def _path(fault: Any) -> tuple[Any, ...]:
    return tuple(part for part in fault["loc"] if part != "root")


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _repair(made: dict[str, Any], fault: Any, say: Say) -> Why:
    """Put one fault right in place; why it can't be."""
    path = _path(fault)
    if not path:
        return "it is not as R4 has it"
    holder, key = _at(made, path[:-1]), path[-1]
    value = _at(made, path)
    if isinstance(holder, dict | list) and value is not None:
        if fault["type"] == "extra_forbidden" and isinstance(holder, dict):
            del holder[key]
            say("unknown")
            return ""
        if fault["type"] == "list_type" and not isinstance(value, list):
            holder[key] = [value]
            say("list")
            return ""
        if isinstance(value, list) and len(value) == 1 and fault["type"] != "list_type":
            holder[key] = value[0]
            say("single")
            return ""
        if fault["type"] == "string_type" and not isinstance(value, dict | list | bool):
            holder[key] = str(value)
            say("number")
            return ""
    if path[0] in _MAY_GO and made["resourceType"] == "Patient":
        made.pop(str(path[0]), None)
        say("unknown")
        return ""
    return f"its element {_dotted(path)} is not as R4 has it"


def _dotted(path: tuple[Any, ...]) -> str:
    """Where an element stands, by names that R4 has; nothing that somebody wrote."""
    return ".".join(str(part) for part in path if isinstance(part, str) and part.isalpha())[:60]
