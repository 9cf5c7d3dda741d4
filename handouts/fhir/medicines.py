"""MedicationRequest -> the medicines that a topic knows: by whole words of the name, RxNorm's ingredient as a check.

Records carry the numbers of products, which nobody here can turn into ingredients: the name counts, and a number that
is a known ingredient has to agree with it. Where they disagree, staff are asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from handouts.fhir.chart import Chart
from handouts.fhir.checking import Resource
from handouts.fhir.dosage import read_dosage
from handouts.fhir.elements import codings, may_be_true, obj, objs, text, words
from handouts.fhir.orders import ORDERS, has_word
from handouts.fhir.suggestion import Beside, Question, Suggestion
from handouts.model.shapes import MOST_MEDICINES
from handouts.model.topic_file import TopicFile

_RXNORM = {"http://www.nlm.nih.gov/research/umls/rxnorm", "urn:oid:2.16.840.1.113883.6.88"}
_NOT_IT = re.compile(r"\b(?:no|not|non|avoid|instead|except|without|stop|allerg\w*|metabolite)\b", re.I)
"""Words beside a name with which it may not be the medicine that is meant."""
_SEVERAL = "several"


def read_medicines(
    chart: Chart, resources: list[Resource], topics: Mapping[str, TopicFile], topic: TopicFile | None, today: date
) -> Suggestion:
    """The topic's medicines that are prescribed, with doses and times where they are plain."""
    found: list[tuple[str, Resource]] = []
    unclear: list[str] = []
    for one in resources:
        if one.kind != "MedicationRequest":
            continue
        if why := _why_not(one):
            chart.set_aside(one, why)
            continue
        lines, numbers = _said(chart, one)
        name = _which(lines, numbers, topics)
        if name == _SEVERAL:
            unclear.append("; ".join(dict.fromkeys(filter(None, lines))) or "a number alone")
        elif topic is None:
            chart.set_aside(one, "the topic is not known yet")
        elif name not in topic.medicines:
            chart.set_aside(one, "the topic has no facts on it")
        else:
            found.append((name, one))
    asked: list[Question] = []
    if unclear:
        many = "a medicine" if len(unclear) == 1 else f"{len(unclear)} medicines"
        asked.append(Question("medicines", f"name and number of {many} do not fit together", tuple(unclear)))
    data, beside, unplain = _listed(chart, found, today)
    asked += unplain
    if len(data) > MOST_MEDICINES:
        asked.append(Question("medicines", f"more than {MOST_MEDICINES} medicines of the topic are prescribed"))
        data = []
    return Suggestion({"medicines": data} if data else {}, tuple(asked), (), tuple(beside))


def _listed(
    chart: Chart, found: list[tuple[str, Resource]], today: date
) -> tuple[list[dict[str, Any]], list[Beside], list[Question]]:
    """The medicines, what the record says of those whose dosage is not plain, and a question for each of them."""
    counted = Counter(name for name, _ in found)
    data: list[dict[str, Any]] = []
    beside: list[Beside] = []
    asked: list[Question] = []
    for name, one in found:
        dose = read_dosage(objs(one.data, "dosageInstruction"), today)
        if dose.over:
            chart.set_aside(one, dose.why)
            counted[name] -= 1
            continue
        if any(item["name"] == name for item in data):
            continue
        number = len(data) + 1
        why = dose.why
        if counted[name] > 1:
            dose_data, why = {}, "it is prescribed more than once"
        else:
            dose_data = dict(dose.data)
        data.append({"name": name, **dose_data})
        if why:
            asked.append(Question(f"medicines.{number}", f"the dosage: {why}", needed=False))
            for other in (two for named, two in found if named == name):
                said = read_dosage(objs(other.data, "dosageInstruction"), today).beside
                if said:
                    beside.append(Beside(f"medicines.{number}", said))
    return data, beside, asked


def _why_not(one: Resource) -> str:
    data = one.data
    if may_be_true(data, "doNotPerform"):
        return "it says that a medicine is not to be given"
    if text(data, "status") != "active":
        return "not active"
    if text(data, "intent") not in ORDERS:
        return "not an order"
    if obj(data, "statusReason"):
        return "active, but with a reason for another state"
    if may_be_true(data, "reportedBoolean"):
        return "reported by somebody, not prescribed here"
    return ""


def _said(chart: Chart, one: Resource) -> tuple[list[str], set[str]]:
    """What a prescription calls its medicine, in words, and RxNorm's numbers of it."""
    concept = obj(one.data, "medicationCodeableConcept")
    reference = obj(one.data, "medicationReference")
    leads_to = chart.resolve(reference, one) if reference else None
    concepts = [concept, obj(leads_to.data, "code") if leads_to and leads_to.kind == "Medication" else {}]
    lines = [line for one in concepts for line in words(one)] + [text(reference, "display")]
    return lines, {code for one in concepts for system, code, _ in codings(one) if system in _RXNORM or not system}


def _which(lines: list[str], numbers: set[str], topics: Mapping[str, TopicFile]) -> str:
    """The medicine that is meant; "" for one that no topic knows, `_SEVERAL` where name and number disagree."""
    by_name = {name for line in lines for name in names_in(line, topics)}
    by_number = {
        name for file in topics.values() for name, number in file.codes.rxnorm.items() if str(number) in numbers
    }
    if len(by_name | by_number) > 1 or (by_number and not by_name):
        return _SEVERAL
    if by_name and any(_NOT_IT.search(line) for line in lines):
        return _SEVERAL
    return next(iter(by_name), "")


def names_in(line: str, topics: Mapping[str, TopicFile]) -> set[str]:
    """The medicines of all topics that a text names, by generic name or another of `codes.names`, in whole words."""
    return {
        name
        for file in topics.values()
        for name in file.medicines
        if any(has_word(line, word) for word in (name, *file.codes.names.get(name, ())))
    }
