"""Resources as plain data -> a chart: those that can be used, checked against R4, and what their references lead to.

A resource that can't be used is left aside with a reason; nothing of what it says is in the reason.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from handouts.errors import plural
from handouts.fhir.elements import OF_A_PATIENT, READ, obj, objs, text, walk
from handouts.fhir.leniency import Say, reshaped, tidied
from handouts.fhir.reading import Entry, Reading

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


class Chart:
    """The resources of one reading. ``aside``: those that can't be used; more are found when they are looked at."""

    def __init__(self, reading: Reading) -> None:
        self.notices = reading.notices
        self.lenient = set(reading.lenient)
        self.resources: list[Resource] = []
        self.aside: list[Aside] = []
        seen: set[str] = set()
        for entry in reading.entries:
            made = _used(entry, self.lenient.add)
            if isinstance(made, Aside):
                self.aside.append(made)
            elif (name := made.url or _name(made)) and name in seen:
                self.aside.append(Aside(made.number, made.kind, "the same resource a second time"))
            else:
                seen.add(name)
                self.resources.append(made)
        self._by_url = {one.url: one for one in self.resources if one.url}
        self._by_name: dict[str, list[Resource]] = {}
        for one in self.resources:
            self._by_name.setdefault(_name(one), []).append(one)
        self._by_value: dict[str, list[Resource]] = {}
        for one in self.resources:
            for value in {text(other, "value") for other in objs(one.data, "identifier")} - {""}:
                self._by_value.setdefault(value, []).append(one)

    def of(self, kind: str) -> list[Resource]:
        """All of a type, in the order of the file."""
        return [one for one in self.resources if one.kind == kind]

    def resolve(self, reference: Any, owner: Resource) -> Resource | None:
        """What a Reference leads to; None where it isn't here, or may be one of several.

        Contained, by full address, relative to the address of its owner, by type and id, or by an identifier.
        """
        to = text(reference, "reference").partition("/_history/")[0]
        if to.startswith("#"):
            return owner.contained.get(to[1:])
        if not to:
            whose = obj(reference, "identifier")
            return self._by_identifier(text(reference, "type"), text(whose, "system"), text(whose, "value"))
        if to in self._by_url:
            return self._by_url[to]
        kind, sign, search = to.partition("?identifier=")
        if sign:
            system, _, value = search.rpartition("|")
            return self._by_identifier(kind.rpartition("/")[2], system, value)
        if to.startswith(("urn:uuid:", "urn:oid:")):
            found = [one for kind in READ for one in self._by_name.get(f"{kind}/{to[9:]}", ()) if not one.url]
            return found[0] if len(found) == 1 else None
        name = "/".join(to.split("/")[-2:])
        if "://" not in to:
            base = owner.url.removesuffix(f"/{_name(owner)}") if owner.url.endswith(_name(owner)) else ""
            if base and f"{base}/{to}" in self._by_url:
                return self._by_url[f"{base}/{to}"]
            found = self._by_name.get(name, [])
        else:
            found = [one for one in self._by_name.get(name, ()) if not one.url]
        return found[0] if len(found) == 1 else None

    def _by_identifier(self, kind: str, system: str, value: str) -> Resource | None:
        found = [
            one for one in self._by_value.get(value, ()) if kind in {"", one.kind} and any(
                text(other, "value") == value and (not system or text(other, "system") == system)
                for other in objs(one.data, "identifier")
            )
        ]  # fmt: skip
        return found[0] if len(found) == 1 else None

    def whose(self, resource: Resource) -> str:
        """Which patient a resource is about, as a key that is the same for all of one patient; "" if it doesn't say.

        ``patient 3`` where that Patient is here, else where its reference points.
        """
        if resource.kind == "Patient":
            return f"patient {resource.number}"
        if resource.kind == "Appointment":
            actors = [obj(one, "actor") for one in objs(resource.data, "participant")]
            keys = {key for key in (self._key(one, resource, "Patient") for one in actors) if key}
            return keys.pop() if len(keys) == 1 else ""
        return self._key(obj(resource.data, "subject"), resource, "")

    def _key(self, reference: Mapping[str, Any], owner: Resource, kind: str) -> str:
        found = self.resolve(reference, owner)
        if found:
            return f"patient {found.number}" if found.kind == "Patient" else ("" if kind else "no patient")
        to = text(reference, "reference").partition("/_history/")[0]
        if kind and kind not in {text(reference, "type"), *to.replace("?", "/").split("/")}:
            return ""
        return f"at {to}" if to else ""

    def charts(self) -> Mapping[str, list[Resource]]:
        """What is about each patient, by the key of `whose`, in the order of the file."""
        found: dict[str, list[Resource]] = {self.whose(one): [one] for one in self.of("Patient")}
        for one in self.resources:
            if one.kind in OF_A_PATIENT:
                key = self.whose(one)
                if key in {"", "no patient"}:
                    self.set_aside(one, "it does not say which patient it is about")
                else:
                    found.setdefault(key, []).append(one)
        return found

    def set_aside(self, resource: Resource, why: str) -> None:
        """Say why a resource is not used."""
        self.aside.append(Aside(resource.number, resource.kind, why))


def told_aside(aside: Iterable[Aside]) -> Iterator[str]:
    """What was left aside, by type and reason, with how many: nothing of a patient."""
    counted = Counter((one.kind, one.why) for one in aside if one.why != NOT_READ)
    yield from (f"{kind}: {why}" + (f" ({count:,})" if count > 1 else "") for (kind, why), count in counted.items())
    if other := sum(one.why == NOT_READ for one in aside):
        yield f"{plural(other, 'resource')} of types that are not read"


def _name(resource: Resource) -> str:
    return f"{resource.kind}/{text(resource.data, 'id')}" if text(resource.data, "id") else ""


def _used(entry: Entry, say: Say) -> Resource | Aside:
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


def _checked(kind: str, data: Mapping[str, Any], say: Say) -> dict[str, Any] | str:
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


def _repair(made: dict[str, Any], fault: Any, say: Say) -> str:
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
