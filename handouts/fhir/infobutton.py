"""An HL7 Infobutton request -> the topics that it asks for. Pure.

HL7 Version 3 Implementation Guide: Context-Aware Knowledge Retrieval (Infobutton), URL-Based, Release 4; the answer in
JSON is its Atom feed as MedlinePlus Connect writes it. Whatever else a request says of a patient is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from handouts.model.topic_file import TopicFile

System = Literal["icd10cm", "rxnorm", "snomed"]
Form = Literal["html", "json", "xml"]
SYSTEMS: Mapping[str, System] = {
    "2.16.840.1.113883.6.90": "icd10cm",
    "2.16.840.1.113883.6.3": "icd10cm",  # WHO's ICD-10, of which ICD-10-CM has the first characters
    "2.16.840.1.113883.6.88": "rxnorm",
    "2.16.840.1.113883.6.96": "snomed",
}
"""HL7's object identifiers of the code systems that topics know."""
_FORMS: Mapping[str, Form] = {
    "text/html": "html",
    "application/json": "json",
    "text/xml": "xml",
    "application/xml": "xml",
}
_CODE = re.compile(r"[A-Za-z0-9.]{1,20}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_MOST = 10
"""Codes of one request: the same thing in several code systems."""


@dataclass(frozen=True)
class Coded:
    """A code; ``system``: None where the request does not say, or names one that topics don't know."""

    code: str
    system: System | None
    named: bool
    """Whether it names a system at all."""


@dataclass(frozen=True)
class Asked:
    """What a request asks for. ``language``: of whoever is to read it, such as "es"; None where it is not said.

    ``for_staff``: the recipient is a clinician, not the patient.
    """

    codes: tuple[Coded, ...]
    language: str | None
    for_staff: bool
    form: Form

    def __repr__(self) -> str:
        return "Asked(...)"


@dataclass(frozen=True)
class Match:
    """A topic, and the side that the code says; ``medicine``: that it names one of the topic's medicines."""

    topic: str
    side: str | None = None
    medicine: str | None = None


def read_request(parameters: Mapping[str, Sequence[str]], accepts: str = "text/html") -> Asked:
    """``accepts``: the form that HTTP asks for, where ``knowledgeResponseType`` does not say. Never fails."""
    wanted = _first(parameters, "knowledgeResponseType").lower()
    language = _first(parameters, "informationRecipient.languageCode.c")
    return Asked(
        tuple(_codes(parameters)),
        language.lower() if _LANGUAGE.fullmatch(language) else None,
        _first(parameters, "informationRecipient").upper() in {"PROV", "HCP"},
        _FORMS.get(wanted, _FORMS.get(accepts, "html")),
    )


def matches(asked: Asked, topics: Mapping[str, TopicFile]) -> list[Match]:
    """The topics that have one of the codes, each once; those of a diagnosis before those of a medicine."""
    found: dict[str, Match] = {}
    for coded in asked.codes:
        for topic, file in topics.items():
            match = _of_diagnosis(coded, topic, file) or _of_medicine(coded, topic, file)
            if match and (topic not in found or (found[topic].medicine and not match.medicine)):
                found[topic] = match
    return sorted(found.values(), key=lambda match: match.medicine is not None)


def _of_diagnosis(coded: Coded, topic: str, file: TopicFile) -> Match | None:
    if coded.system not in {"icd10cm", None} or (coded.system is None and coded.named):
        return None
    for code, entry in file.codes.icd10cm.items():
        if _plain(code) == _plain(coded.code):
            return Match(topic, entry.side if entry else None)
    return None


def _of_medicine(coded: Coded, topic: str, file: TopicFile) -> Match | None:
    """Only where the request says that the code is one of RxNorm: any number may be one."""
    if coded.system != "rxnorm":
        return None
    for medicine, number in file.codes.rxnorm.items():
        if str(number) == coded.code:
            return Match(topic, medicine=medicine)
    return None


def _plain(code: str) -> str:
    """A code of ICD-10 without its dot, as some systems send it."""
    return code.replace(".", "").upper()


def _codes(parameters: Mapping[str, Sequence[str]]) -> list[Coded]:
    """``mainSearchCriteria.v.c`` with its ``.cs``, then ``.c1`` with ``.cs1`` and so on: one thing in several systems.

    Where the first is repeated, each is another thing, with the system at the same place.
    """
    found = []
    for suffix in ("", *(str(number) for number in range(1, _MOST))):
        codes = parameters.get(f"mainSearchCriteria.v.c{suffix}", ())
        systems = parameters.get(f"mainSearchCriteria.v.cs{suffix}", ())
        for place, code in enumerate(codes):
            system = systems[place].strip() if place < len(systems) else ""
            if _CODE.fullmatch(code.strip()):
                found.append(Coded(code.strip(), SYSTEMS.get(system), bool(system)))
    return found[:_MOST]


def _first(parameters: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(parameters.get(name, ())), "").strip()
