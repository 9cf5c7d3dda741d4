"""The appointments of a day as a list for the screen: when, who, with whom. Reads only what `fetching` has brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from handouts.fhir.chart import Chart
from handouts.fhir.checking import Resource
from handouts.fhir.elements import text
from handouts.fhir.reading import Reading
from handouts.fhir.suggest import suggest
from handouts.fhir.suggestion import Suggestion
from handouts.model.topic_file import TopicFile


@dataclass(frozen=True)
class Visitor:
    """A patient who has an appointment. ``number``: the server's id; ``at``: on the clinic's clock, "" if not known.

    ``fault``: why nothing may be made for this one.
    """

    number: str
    name: str
    at: str
    clinician: str = ""
    fault: str = ""

    def __repr__(self) -> str:
        return "Visitor(...)"


def visitors(reading: Reading, topics: Mapping[str, TopicFile], day: date) -> list[Visitor]:
    """Who comes on a day, by time; those whose visit does not take place are left out."""
    chart = Chart(reading)
    found = []
    for resources in chart.charts().values():
        patient = next((one for one in resources if one.kind == "Patient"), None)
        number = text(patient.data, "id") if patient else ""
        said = suggest(chart, resources, topics, {"visit_date": day.isoformat()}, day)
        if number and not said.called_off:
            found.append(_visitor(number, said, _time(resources, day)))
    return sorted(found, key=lambda one: (one.at or "99", one.name))


def _visitor(number: str, said: Suggestion, at: str) -> Visitor:
    who = said.data.get("patient", {})
    name = str(who.get("name", "")) if isinstance(who, Mapping) else ""
    return Visitor(number, name, said.order or at, str(said.data.get("clinician", "")), said.fault)


def _time(resources: list[Resource], day: date) -> str:
    """The first visit on this day by this machine's clock, where the server writes it in UTC."""
    times = []
    for one in resources:
        if one.kind == "Appointment":
            try:
                moment = datetime.fromisoformat(text(one.data, "start").replace("Z", "+00:00"))
            except ValueError:
                continue
            moment = moment.astimezone() if moment.tzinfo else moment
            times += [f"{moment:%H:%M}"] if moment.date() == day else []
    return min(times, default="")


def form_values(said: Suggestion) -> dict[str, Any]:
    """What a record suggests, by the names of the form's fields."""
    values: dict[str, Any] = {}
    for key, value in said.data.items():
        if isinstance(value, Mapping):
            values |= {f"{key}.{inner}": one for inner, one in value.items()}
        else:
            values[key] = value
    at = values.pop("appointment.at", None)
    if isinstance(at, str) and "T" in at:
        values["appointment.day"], _, values["appointment.time"] = at.partition("T")
    return values
