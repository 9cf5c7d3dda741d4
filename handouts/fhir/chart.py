"""Resources that can be used -> a chart: what their references lead to, whose they are, what was set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from handouts.errors import RequestFault, plural
from handouts.fhir.checking import NOT_READ, Aside, Resource, used
from handouts.fhir.elements import OF_A_PATIENT, READ, obj, objs, text
from handouts.fhir.reading import Reading


class Chart:
    """The resources of one reading. ``aside``: those that can't be used; more are found when they are looked at."""

    def __init__(self, reading: Reading) -> None:
        self.notices = reading.notices
        self.lenient = set(reading.lenient)
        self.resources: list[Resource] = []
        self.aside: list[Aside] = []
        seen: dict[str, Resource] = {}
        for entry in reading.entries:
            made = used(entry, self.lenient.add)
            if isinstance(made, Aside):
                self.aside.append(made)
            elif (name := made.url or _name(made)) and name in seen:
                self._again(seen[name], made)
            else:
                seen[name] = made
                self.resources.append(made)
        self._by_url = {one.url: one for one in self.resources if one.url}
        self._by_name: dict[str, list[Resource]] = {}
        for one in self.resources:
            self._by_name.setdefault(_name(one), []).append(one)
        self._by_value: dict[str, list[Resource]] = {}
        for one in self.resources:
            for value in {text(other, "value") for other in objs(one.data, "identifier")} - {""}:
                self._by_value.setdefault(value, []).append(one)

    def _again(self, first: Resource, made: Resource) -> None:
        """A resource that stands twice counts once; two versions of one, of which nobody knows the newer, not at all.

        RequestFault for a patient: what is about which of the two would be a guess.
        """
        if (made.kind, made.data, made.contained) == (first.kind, first.data, first.contained):
            self.set_aside(made, "the same resource a second time")
            return
        if "Patient" in {made.kind, first.kind}:
            raise RequestFault("Two entries of the health record have one id, and are about different patients.")
        for one in (made, first):
            self.set_aside(one, "it stands twice, in two versions")
        self.resources = [one for one in self.resources if one is not first]

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
            system, _, value = unquote(search).rpartition("|")
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
        return f"at {to}" if to and not to.startswith("#") else ""  # an id of its own means nothing elsewhere

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
    for (kind, why), count in counted.items():
        yield f"{kind}: {why} ({count:,})" if count > 1 else f"{kind}: {why}"
    if other := sum(one.why == NOT_READ for one in aside):
        yield f"{plural(other, 'resource')} of types that are not read"


def _name(resource: Resource) -> str:
    return f"{resource.kind}/{text(resource.data, 'id')}" if text(resource.data, "id") else ""
