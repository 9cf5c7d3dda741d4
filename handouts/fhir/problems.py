"""Condition -> topic and side, by the topics' own codes. A code suggests, staff confirm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from handouts.errors import Why
from handouts.fhir.chart import Chart
from handouts.fhir.checking import Resource
from handouts.fhir.elements import codes, codings, obj, objs, text, words
from handouts.fhir.leniency import Say
from handouts.fhir.suggestion import Question, Suggestion
from handouts.model.topic_file import ICD_10, TopicFile

_ICD_10 = {
    "http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90",
    "http://hl7.org/fhir/sid/icd-10", "urn:oid:2.16.840.1.113883.6.3",
}  # fmt: skip
"""ICD-10-CM and WHO's ICD-10, whose shorter codes are headings in the first."""
_ACTIVE = {"active", "recurrence", "relapse"}
"""FHIR has the last two under the first."""
_STATES = _ACTIVE | {"inactive", "remission", "resolved"}
_PROOFS = {"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"}
"""FHIR's own codes. Those of other systems may stand beside them."""
_LEFT, _RIGHT, _BOTH = {"7771000"}, {"24028007"}, {"51440002"}
"""SNOMED CT's qualifiers of side, as FHIR's examples of bodySite have them."""
_LEFT_WORDS, _RIGHT_WORDS = re.compile(r"\bleft\b", re.I), re.compile(r"\bright\b", re.I)
_BOTH_WORDS = re.compile(r"\bbilateral\b|\bboth\b", re.I)


@dataclass(frozen=True)
class _Problem:
    topic: str
    side: str
    """"" where the record does not say one, ? where it contradicts itself."""
    sure: bool
    """Whether the record says that it is active and confirmed."""


def read_problems(
    chart: Chart, resources: list[Resource], topics: Mapping[str, TopicFile], given: Mapping[str, object]
) -> Suggestion:
    """Topic and side, or the questions about them; ``given``: what a request or flags say already."""
    known = _codes_of(topics)
    found = []
    for one in resources:
        if one.kind == "Condition":
            made = _problem(one, known, chart.lenient.add)
            if isinstance(made, str):
                chart.set_aside(one, made)
            else:
                found.append(made)
    sure = [one for one in found if one.sure]
    names = tuple(dict.fromkeys(one.topic for one in sure))
    topic = given.get("topic")
    data: dict[str, str] = {}
    asked: list[Question] = []
    conflict = ""
    if topic is None and len(names) == 1:
        topic = data["topic"] = names[0]
    elif topic is None:
        maybe = names or tuple(dict.fromkeys(one.topic for one in found))
        why = (
            f"diagnoses of {len(names)} topics are active" if names
            else "a diagnosis fits, but the record does not say that it is active and confirmed" if maybe
            else "no active, confirmed diagnosis has a code of a topic"
        )  # fmt: skip
        asked.append(Question("topic", why, maybe))
    elif names and topic not in names:
        conflict = "the record's diagnosis suggests another topic than the one that is given"
    if isinstance(topic, str) and topic in topics and topics[topic].sides and "side" not in given:
        side = _side([one for one in sure if one.topic == topic], topics[topic])
        if isinstance(side, Question):
            asked.append(side)
        else:
            data["side"] = side
    return Suggestion(data, tuple(asked), by_code=tuple(data), conflict=conflict)


def _side(problems: list[_Problem], file: TopicFile) -> str | Question:
    sides = {one.side for one in problems if one.side}
    if len(sides) == 1 and "?" not in sides:
        side = next(iter(sides))
        if side in file.sides:
            return side
        return Question("side", "the record says a side that the topic does not have", tuple(file.sides))
    if sides:
        return Question("side", "the codes and words of the record do not say one side", tuple(file.sides))
    return Question("side", "the record does not say the side", tuple(file.sides), needed=False)


def _codes_of(topics: Mapping[str, TopicFile]) -> Mapping[str, tuple[str, str]]:
    """Topic and side of each code, in small letters; a code of two topics says nothing."""
    found: dict[str, set[tuple[str, str]]] = {}
    for name, file in topics.items():
        for code, entry in file.codes.icd10cm.items():
            found.setdefault(code.casefold(), set()).add((name, (entry.side if entry and entry.side else "")))
    return {code: next(iter(said)) for code, said in found.items() if len(said) == 1}


def _problem(one: Resource, known: Mapping[str, tuple[str, str]], say: Say) -> _Problem | Why:
    """A problem of a topic; a text says why it is none."""
    status = codes(obj(one.data, "clinicalStatus")) & _STATES
    proof = codes(obj(one.data, "verificationStatus")) & _PROOFS
    if any(key.startswith("abatement") for key in one.data) or (status and not status <= _ACTIVE):
        return "not active"
    if proof and proof != {"confirmed"}:
        return "entered in error" if "entered-in-error" in proof else "not confirmed"
    told = dict.fromkeys(known[code] for code in _coded(obj(one.data, "code"), known, say))
    topics = {topic for topic, _ in told}
    if not topics:
        return "no topic has its code"
    if len(topics) > 1:
        return "its codes are of several topics"
    sides = {side for _, side in told if side} | set(_body_sides(one))
    side = "" if not sides else sides.pop() if len(sides) == 1 else "?"
    said = {side for text in words(obj(one.data, "code")) for side in _sides_in(text)}
    if said and (said != {side} or len(said) > 1):
        side = "?"  # words alone decide no side, but they contradict
    return _Problem(topics.pop(), side, bool(status) and bool(proof))


def _coded(concept: Mapping[str, object], known: Mapping[str, object], say: Say) -> Iterator[str]:
    """Those of a concept's codes that a topic has; the same diagnosis may be written in several systems."""
    for system, written, _ in codings(concept):
        code = written.upper()
        if re.fullmatch(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{1,4}", code) and (system in _ICD_10 or not system):
            code = f"{code[:3]}.{code[3:]}"
            if code.casefold() in known:
                say("no-dot")
        if not re.fullmatch(ICD_10, code) or code.casefold() not in known:
            continue
        if system in _ICD_10 or re.search(r"/icd-?10", system, re.I):
            yield code.casefold()
        elif not system:
            say("no-system")
            yield code.casefold()


def _body_sides(one: Resource) -> Iterator[str]:
    for site in objs(one.data, "bodySite"):
        coded = {code for _, code, _ in codings(site)}
        for numbers, side in ((_LEFT, "left"), (_RIGHT, "right"), (_BOTH, "both")):
            if coded & numbers:
                yield side
        for said in (text(site, "text"), *(display for *_, display in codings(site))):
            yield from _sides_in(said)


def _sides_in(said: str) -> set[str]:
    """The sides that a text names in whole words."""
    if _BOTH_WORDS.search(said):
        return {"both"}
    return {
        side for side, pattern in (("left", _LEFT_WORDS), ("right", _RIGHT_WORDS)) if pattern.search(said)
    }  # fmt: skip
