"""Appointment, Encounter -> the next visit, the day of this one, the clinician.

A moment counts on the clock of whoever wrote it, by its offset. One in UTC is on nobody's clock: it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from handouts.fhir.chart import Chart
from handouts.fhir.checking import Resource
from handouts.fhir.elements import codes, is_utc, obj, objs, read_day, text, wall_clock
from handouts.fhir.patient import whole_name
from handouts.fhir.suggestion import Beside, Question, Suggestion

_BOOKED = {"booked"}
_TODAY = {"booked", "arrived", "checked-in", "fulfilled"}
_OFF = {"cancelled", "noshow", "entered-in-error"}
_NOW, _DONE = {"arrived", "triaged", "in-progress"}, {"finished"}
_CLINICIANS = ({"atnd"}, {"pprf"})
"""v3 ParticipationType of the clinician who is seen: attender, else primary performer."""


def read_visits(chart: Chart, resources: list[Resource], today: date) -> Suggestion:
    """Visit date, clinician, next appointment; questions where the record doesn't say on which day they are here."""
    planned = [one for one in resources if one.kind == "Appointment"]
    encounters = [one for one in resources if one.kind == "Encounter"]
    data: dict[str, Any] = {}
    asked: list[Question] = []
    beside: list[Beside] = []
    order = ""
    now = _this_visit(chart, encounters, today)
    if now:
        data["visit_date"] = today.isoformat()
    if len(now) == 1 and (who := _clinician(chart, now[0])):
        data["clinician"] = who
    for one in planned:
        moment = wall_clock(text(one.data, "start"))
        if moment and moment.date() == today and text(one.data, "status") in _TODAY:
            data["visit_date"] = today.isoformat()
            order = order or f"{moment:%H:%M}"
            if "clinician" not in data and (seen := _who(chart, one, "Practitioner")):
                data["clinician"] = seen
    if "visit_date" not in data:
        asked.append(Question("visit_date", "the record has no visit of today on the clinic's clock", needed=False))
    following = _next(chart, planned, today)
    if isinstance(following, Resource):
        data["appointment"] = _appointment(chart, following)
    elif following:
        asked.append(
            Question("appointment.at", "the next visit is written in UTC, not on the clinic's clock", needed=False)
        )
        beside.append(Beside("appointment.at", following))
    off = bool(planned) and all(text(one.data, "status") in _OFF for one in planned)
    return Suggestion(data, tuple(asked), (), tuple(beside), order=order, called_off=off)


def _this_visit(chart: Chart, encounters: list[Resource], today: date) -> list[Resource]:
    """Those in progress that began today, else the last that ended today."""
    now, done = [], []
    for one in encounters:
        status, period = text(one.data, "status"), obj(one.data, "period")
        began, ended = _day(text(period, "start")), _day(text(period, "end"))
        if status in _NOW and began == today:
            now.append(one)
        elif status in _DONE and (ended or began) == today:
            done.append((text(period, "end"), one))
        else:
            chart.set_aside(one, "not a visit of today" if status in _NOW | _DONE else "not in progress, nor finished")
    return now or ([max(done, key=lambda pair: pair[0])[1]] if done else [])


def _day(written: str) -> date | None:
    moment = wall_clock(written)
    return moment.date() if moment else read_day(written)


def _next(chart: Chart, planned: list[Resource], today: date) -> Resource | str | None:
    """The first that is booked after today; a text where the first may be one in UTC."""
    ahead: list[tuple[datetime, Resource]] = []
    in_utc: list[str] = []
    for one in planned:
        status, start = text(one.data, "status"), text(one.data, "start")
        moment = wall_clock(start)
        if status not in _BOOKED:
            chart.set_aside(one, "not booked")
        elif is_utc(start):
            day = read_day(start[:10])
            if day and day > today:
                in_utc.append(start)
            else:
                chart.set_aside(one, "of today by UTC, or not ahead")
        elif moment is None:
            chart.set_aside(one, "its start is not a day and time")
        elif moment.date() > today:
            ahead.append((moment, one))
        elif moment.date() < today:
            chart.set_aside(one, "not ahead")
    if in_utc:
        return min(in_utc)
    return min(ahead, key=lambda pair: pair[0])[1] if ahead else None


def _appointment(chart: Chart, one: Resource) -> dict[str, Any]:
    moment = wall_clock(text(one.data, "start"))
    assert moment  # noqa: S101  `_next` looked
    data = {
        "at": f"{moment:%Y-%m-%dT%H:%M}",
        "with": _who(chart, one, "Practitioner"),
        "where": _who(chart, one, "Location"),
    }
    return {key: value for key, value in data.items() if value}


def _who(chart: Chart, one: Resource, kind: str) -> str:
    """The name of the only participant of a type who hasn't declined; "" for none, or several."""
    found: dict[str, None] = {}
    for participant in objs(one.data, "participant"):
        actor = obj(participant, "actor")
        leads_to = chart.resolve(actor, one)
        type_of = leads_to.kind if leads_to else _type_of(actor)
        if type_of == kind and text(participant, "status") != "declined":
            found[_named(actor, leads_to)] = None
    found.pop("", None)
    return next(iter(found)) if len(found) == 1 else ""


def _type_of(reference: Mapping[str, Any]) -> str:
    to, search, _ = text(reference, "reference").partition("?")
    return text(reference, "type") or to.split("/")[-1 if search else -2 :][0]


def _named(reference: Mapping[str, Any], leads_to: Resource | None) -> str:
    """The name of whom or what a reference leads to: its own, else what the reference shows."""
    if leads_to and leads_to.kind == "Location":
        return text(leads_to.data, "name") or text(reference, "display")
    if leads_to and leads_to.kind == "Practitioner":
        names = objs(leads_to.data, "name")
        first = next((one for use in ("official", "usual", "") for one in names if text(one, "use") == use), {})
        return whole_name(first, prefix=True) or text(reference, "display")
    return text(reference, "display")


def _clinician(chart: Chart, encounter: Resource) -> str:
    """The name of the attender, else of the primary performer, else of the only one."""
    people = list(_people(chart, encounter))
    for wanted in (*_CLINICIANS, set()):
        told = dict.fromkeys(name for roles, name in people if not wanted or roles & wanted)
        if told:
            return next(iter(told)) if len(told) == 1 else ""
    return ""


def _people(chart: Chart, encounter: Resource) -> Iterator[tuple[set[str], str]]:
    for one in objs(encounter.data, "participant"):
        who = obj(one, "individual")
        leads_to = chart.resolve(who, encounter)
        kind = leads_to.kind if leads_to else _type_of(who)
        name = _named(who, leads_to) if kind in {"Practitioner", "PractitionerRole", ""} else ""
        if name:
            yield {code for role in objs(one, "type") for code in codes(role)}, name
