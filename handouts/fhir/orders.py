"""ServiceRequest, Procedure, CarePlan -> options that may have been talked about, and texts that may be next steps.

None of them decides anything: what is ordered or planned is not what was talked about. Staff choose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from handouts.fhir.chart import Chart
from handouts.fhir.checking import Resource
from handouts.fhir.elements import codings, may_be_true, obj, objs, text, words
from handouts.fhir.suggestion import Question, Suggestion
from handouts.model.topic_file import TopicFile

ORDERS = {"order", "original-order", "reflex-order", "filler-order", "instance-order"}
"""Intents that are an order: FHIR has the others under the first."""
_PLANS = ORDERS | {"plan"}
_AHEAD = {"preparation", "in-progress"}
"""Of a Procedure: those that are not over."""
_OPEN = {"", "not-started", "scheduled", "in-progress"}
"""Of an activity of a plan."""
_LONGEST = 200
"""Characters of a line of a request."""


def read_orders(
    chart: Chart, resources: list[Resource], topic: TopicFile | None, given: Mapping[str, object]
) -> Suggestion:
    """A question about options, where the record's orders fit some, and steps to choose from."""
    concepts: list[Mapping[str, object]] = []
    steps: list[str] = []
    for one in resources:
        if why := _why_not(one):
            chart.set_aside(one, why)
        elif one.kind in {"ServiceRequest", "Procedure"}:
            concepts.append(obj(one.data, "code"))
            steps += _line(obj(one.data, "code")) if one.kind == "ServiceRequest" else ()
        elif one.kind == "CarePlan":
            for concept in _activities(one):
                concepts.append(concept)
                steps += _line(concept)
    options = fitting_options(concepts, topic)
    asked: tuple[Question, ...] = ()
    if topic and topic.options and "options" not in given:
        why = "the record has orders that fit an option" if options else "the record does not say what was talked about"
        asked = (Question("options", why, options),)
    return Suggestion(questions=asked, steps=tuple(dict.fromkeys(steps)))


def fitting_options(concepts: Iterable[Mapping[str, object]], topic: TopicFile | None) -> tuple[str, ...]:
    """The options of a topic that concepts name: by a code or a name of its ``treatments``, or by the option's own id
    in words, whole words alone.
    """
    if topic is None:
        return ()
    known = {
        option.id: {option.id.replace("-", " "), *map(str.casefold, topic.codes.treatments.get(option.id, ()))}
        for option in topic.options if option.kind == "treatment" and option.id != "no-treatment"
    }  # fmt: skip
    found: dict[str, None] = {}
    for concept in concepts:
        said = [*words(concept)]
        coded = {code.casefold() for _, code, _ in codings(concept)}
        for option, names in known.items():
            if coded & names or any(has_word(line, name) for line in said for name in names):
                found[option] = None
    return tuple(option for option in known if option in found)


def has_word(line: str, name: str) -> bool:
    """Whether a text has a name in whole words; a hyphen joins words to another one."""
    pattern = r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", name.strip())))
    return re.search(rf"(?<![\w-]){pattern}(?![\w-])", line, re.I) is not None


def _why_not(one: Resource) -> str:
    status, intent = text(one.data, "status"), text(one.data, "intent")
    if one.kind in {"ServiceRequest", "CarePlan"}:
        if may_be_true(one.data, "doNotPerform"):
            return "it says that something is not to be done"
        if status != "active":
            return "not active"
        if intent not in _PLANS:
            return "neither an order nor a plan"
    if one.kind == "Procedure" and status not in _AHEAD:
        return "done, or not to be done"
    return ""


def _activities(plan: Resource) -> Iterator[Mapping[str, object]]:
    """What a plan has ahead; what it refers to is read by itself."""
    for one in objs(plan.data, "activity"):
        detail = obj(one, "detail")
        if detail and text(detail, "status") in _OPEN and not may_be_true(detail, "doNotPerform"):
            code = obj(detail, "code")
            yield code if words(code) else {"text": text(detail, "description")}


def _line(concept: Mapping[str, object]) -> list[str]:
    return [line for line in words(concept)[:1] if len(line) <= _LONGEST]
