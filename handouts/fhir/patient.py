"""Patient -> name, birth date, record number, language, interpreter, e-mail address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from handouts.fhir.checking import Resource
from handouts.fhir.elements import codes, codings, is_current, is_true, listed_texts, obj, objs, read_day, text, words
from handouts.fhir.leniency import Say
from handouts.fhir.suggestion import Question, Suggestion, together

_USES = ("official", "usual", "")
"""Which name is taken: the first of these that the record has. Never one that is temp, old, maiden or anonymous."""
_GENERATIONS = re.compile(r"(?:jr|sr|jnr|snr|junior|senior|[ivx]{1,4}|[2-9](?:nd|rd|th))\.?", re.I)
_MR = {"http://terminology.hl7.org/CodeSystem/v2-0203", "http://hl7.org/fhir/v2/0203", ""}
_NEEDED = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
_NEEDED_US = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-interpreter-needed"
_YES = "373066001"
"""SNOMED CT's "Yes", as US Core has it."""


def read_patient(patient: Resource | None, today: date, languages: Sequence[str], say: Say) -> Suggestion:
    """What the record says of the patient; ``languages``: those in which something can be printed.

    A fault where nothing may be made: the record says that the patient has died, or that the entry is not in use.
    """
    if patient is None:
        return Suggestion(questions=(Question("patient.name", "the record's Patient is not here"),))
    data = patient.data
    if "active" in data and not is_true(data, "active"):
        return Suggestion(fault="the record marks this patient's entry as not in use; look for the one in its place")
    if is_true(data, "deceasedBoolean") or data.get("deceasedBoolean") is True or text(data, "deceasedDateTime"):
        return Suggestion(fault="the record says that this patient has died")
    return together(
        (_name(data, today), _birth_date(data, today), _record_number(data, today, say),
         _language(data, languages), _interpreter(data), _email(data, today))
    )  # fmt: skip


def whole_name(name: Mapping[str, Any], *, prefix: bool = False) -> str:
    """A HumanName as it is printed: given names, family name, and Jr., Sr., III ...; titles only with ``prefix``.

    In the order of its text where that has the same words, such as the family name first. Without parts, the text.
    """
    parts = [*listed_texts(name, "given"), text(name, "family")]
    said = text(name, "text")
    made = " ".join(filter(None, parts))
    if not text(name, "family") and said:
        return said
    if said and sorted(said.casefold().split()) == sorted(made.casefold().split()):
        made = said
    after = [one for one in listed_texts(name, "suffix") if _GENERATIONS.fullmatch(one)]
    before = listed_texts(name, "prefix") if prefix else []
    return " ".join(filter(None, (*before, made, *after)))


def _name(data: Mapping[str, Any], today: date) -> Suggestion:
    names = [one for one in objs(data, "name") if is_current(one, today)]
    for use in _USES:
        found = [one for one in names if text(one, "use") == use]
        told = tuple(dict.fromkeys(filter(None, map(whole_name, found))))
        if len(told) == 1:
            said = {"name": told[0]} | _preferred(found[0], names)
            return Suggestion({"patient": said})
        if told:
            return _asked("patient.name", f"the record has {len(told)} {use or 'other'} names of today", told)
    return _asked("patient.name", "the record has no official or usual name of today")


def _preferred(taken: Mapping[str, Any], names: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the patient likes to be called: a nickname, or the first of the usual given names beside an official one."""
    for use in ("nickname", "usual"):
        for one in names:
            given = listed_texts(one, "given")
            called = (text(one, "text") if use == "nickname" else "") or next(iter(given), "")
            if text(one, "use") == use and one is not taken and called:
                return {} if called in listed_texts(taken, "given") else {"preferred_name": called}
    return {}


def _birth_date(data: Mapping[str, Any], today: date) -> Suggestion:
    written = text(data, "birthDate")
    day = read_day(written)
    if day and day <= today:
        return Suggestion({"patient": {"birth_date": written}})
    why = (
        "the date of birth lies in the future" if day
        else "the date of birth is not a whole date" if written
        else "the date of birth is not in the record"
    )  # fmt: skip
    return Suggestion(questions=(Question("patient.birth_date", why, needed=bool(written)),))


def _record_number(data: Mapping[str, Any], today: date, say: Say) -> Suggestion:
    known = [one for one in objs(data, "identifier") if text(one, "use") != "old" and is_current(one, today)]
    found = [one for one in known if any(
        code == "MR" and system in _MR for system, code, _ in codings(obj(one, "type"))
    )]  # fmt: skip
    if not found:
        found = [one for one in known if _is_mrn(one)]
        if found:
            say("mrn")
    told = tuple(dict.fromkeys(text(one, "value") for one in found if text(one, "value")))
    if len(told) == 1:
        return Suggestion({"patient": {"identifier": told[0]}})
    if told:
        return _asked("patient.identifier", f"the record has {len(told)} record numbers", told)
    return Suggestion(questions=(Question("patient.identifier", "the record has no record number", needed=False),))


def _is_mrn(identifier: Mapping[str, Any]) -> bool:
    said = {one.casefold() for one in words(obj(identifier, "type"))}
    if said & {"mrn", "mr", "medical record number"}:
        return True
    kinds = {code for _, code, _ in codings(obj(identifier, "type"))}
    return not said and not kinds and re.search(r"(?:^|[/:#_.-])mrn/?$", text(identifier, "system"), re.I) is not None


def _language(data: Mapping[str, Any], languages: Sequence[str]) -> Suggestion:
    spoken = objs(data, "communication")
    chosen = [one for one in spoken if is_true(one, "preferred")] or spoken
    told = dict.fromkeys(code for one in chosen for code in (_tag(obj(one, "language")),) if code)
    if len(told) > 1:
        notice = "The record names several languages and prefers none of them. Give 'language', if it is not English."
        return Suggestion(notices=(notice,))
    language = next(iter(told), "")
    if not language:
        said = bool(spoken)
        notice = "The record names the patient's language in words alone. Give 'language', if it is not English."
        return Suggestion(notices=(notice,) if said else ())
    if language in languages:
        return Suggestion({} if language == languages[0] else {"language": language})
    return Suggestion(notices=(f"The record's preferred language is '{language}', in which nothing is printed.",))


def _tag(concept: Mapping[str, Any]) -> str:
    """The language of a BCP 47 tag, such as es for es-MX; "" for none."""
    for _, code, _ in codings(concept):
        if found := re.fullmatch(r"([a-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*", code, re.I):
            return found[1].lower()
    return ""


def _interpreter(data: Mapping[str, Any]) -> Suggestion:
    for one in objs(data, "extension"):
        if (text(one, "url") == _NEEDED and is_true(one, "valueBoolean")) or (
            text(one, "url") == _NEEDED_US
            and _YES in {text(obj(one, "valueCoding"), "code"), *codes(obj(one, "valueCodeableConcept"))}
        ):
            notice = "The record says that the patient needs an interpreter. Say with --interpreter who interpreted."
            return Suggestion(notices=(notice,))
    return Suggestion()


def _email(data: Mapping[str, Any], today: date) -> Suggestion:
    """The address of the lowest rank, else of home, else the only one. Those of contacts are not the patient's."""
    found = [
        one for one in objs(data, "telecom")
        if text(one, "system").casefold() == "email" and text(one, "use") != "old" and is_current(one, today)
        and text(one, "value")
    ]  # fmt: skip
    ranked = [one for one in found if isinstance(one.get("rank"), int)]
    lowest = min((one["rank"] for one in ranked), default=None)
    sieves: tuple[Callable[[Mapping[str, Any]], bool], ...] = (
        lambda one: lowest is not None and one.get("rank") == lowest,
        lambda one: text(one, "use") == "home",
        lambda _: True,
    )
    for sieve in sieves:
        told = tuple(dict.fromkeys(text(one, "value").removeprefix("mailto:") for one in found if sieve(one)))
        if len(told) == 1:
            return Suggestion({"patient": {"email": told[0]}})
        if told:
            question = Question("patient.email", f"the record has {len(told)} addresses", told, needed=False)
            return Suggestion(questions=(question,))
    return Suggestion()


def _asked(key: str, why: str, choices: tuple[str, ...] = ()) -> Suggestion:
    return Suggestion(questions=(Question(key, why, choices),))
