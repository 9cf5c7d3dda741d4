"""A chart -> what it suggests for a request, for one patient or for each of several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from handouts.errors import RequestFault
from handouts.fhir.chart import Chart
from handouts.fhir.checking import Resource
from handouts.fhir.medicines import read_medicines
from handouts.fhir.orders import read_orders
from handouts.fhir.patient import read_patient
from handouts.fhir.problems import read_problems
from handouts.fhir.reading import Reading
from handouts.fhir.suggestion import Suggestion, together
from handouts.fhir.visits import read_visits
from handouts.model.language import ORIGINAL
from handouts.model.topic_file import TopicFile

Given = Mapping[str, Any]
"""Keys and values of a request that somebody has said already: a request, flags, answers. They are not asked again."""


def suggest_one(
    reading: Reading,
    topics: Mapping[str, TopicFile],
    given: Given,
    today: date,
    languages: Sequence[str] = (ORIGINAL,),
) -> tuple[Suggestion, Chart]:
    """What a record of one patient suggests, and the chart with what of it was left aside. ``languages``: those that
    something can be printed in, English first.

    RequestFault where it is about several patients, or about none, or nothing may be made for this one.
    """
    chart = Chart(reading)
    charts = chart.charts()
    if len(charts) > 1:
        raise RequestFault(
            f"The health record is about {len(charts)} patients; `make` makes one handout. Ask for one patient, or use "
            "`batch --fhir` for all of them."
        )
    if not charts:
        raise RequestFault("The health record has no patient in it: no Patient, and nothing that names one.")
    found = suggest(chart, next(iter(charts.values())), topics, given, today, languages)
    if found.fault:
        raise RequestFault(f"Nothing was made: {found.fault}.")
    return found, chart


def suggest_each(
    reading: Reading,
    topics: Mapping[str, TopicFile],
    given: Given,
    today: date,
    languages: Sequence[str] = (ORIGINAL,),
) -> tuple[list[Suggestion], Chart]:
    """What it suggests for each patient, in the order of the file, and the chart with what was left aside.

    RequestFault where it is about none.
    """
    chart = Chart(reading)
    charts = chart.charts()
    if not charts:
        raise RequestFault("The health record has no patient in it: no Patient, and nothing that names one.")
    return [suggest(chart, resources, topics, given, today, languages) for resources in charts.values()], chart


def suggest(
    chart: Chart,
    resources: list[Resource],
    topics: Mapping[str, TopicFile],
    given: Given,
    today: date,
    languages: Sequence[str] = (ORIGINAL,),
) -> Suggestion:
    """What the resources of one patient suggest; nothing for keys that are given."""
    patient = next((one for one in resources if one.kind == "Patient"), None)
    who = read_patient(patient, today, languages, chart.lenient.add)
    if who.fault:
        return who
    problems = read_problems(chart, resources, topics, given)
    name = given.get("topic") or problems.data.get("topic")
    topic = topics.get(name) if isinstance(name, str) else None
    parts = (
        who,
        problems,
        read_orders(chart, resources, topic, given),
        read_medicines(chart, resources, topics, topic, today),
        read_visits(chart, resources, today),
    )
    return _open(together(parts), given)


def _open(found: Suggestion, given: Given) -> Suggestion:
    """Only what is not given yet: of data, of questions, and of texts beside."""
    data = dict(_not_given(found.data, given))
    questions = tuple(one for one in found.questions if not is_given(given, one.key))
    beside = tuple(one for one in found.beside if not is_given(given, one.key.partition(".")[0]))
    steps = () if is_given(given, "next_steps") else found.steps
    by_code = tuple(key for key in found.by_code if key in data)
    return replace(found, data=data, questions=questions, beside=beside, steps=steps, by_code=by_code)


def _not_given(data: Mapping[str, Any], given: Given) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        said = given.get(key)
        if said in (None, "", [], ()):
            yield key, value
        elif isinstance(value, Mapping) and isinstance(said, Mapping):
            rest = dict(_not_given(value, said))
            if rest and not (key == "appointment" and "at" in said):  # whom and where belong to its own time
                yield key, rest


def is_given(given: Given, path: str) -> bool:
    """Whether a key such as patient.name has a value; one above it counts, unless it holds keys itself."""
    value: Any = given
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return value not in (None, "", [], ())
        value = value.get(part)
    return value not in (None, "", [], (), {})
