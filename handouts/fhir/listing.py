"""A health record of several patients -> a list: a row a patient, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from handouts.errors import first_few, plural
from handouts.fhir.chart import Chart, told_aside
from handouts.fhir.leniency import LENIENCIES
from handouts.fhir.reading import Reading
from handouts.fhir.suggest import Given, suggest_each
from handouts.fhir.suggestion import Suggestion
from handouts.lists.row import LeftOut, Listing, Row, checked
from handouts.model.language import ORIGINAL
from handouts.model.topic_file import TopicFile


def list_patients(
    reading: Reading,
    topics: Mapping[str, TopicFile],
    given: Given,
    today: date,
    *,
    with_email: bool,
    visit: date | None = None,
    languages: Sequence[str] = (ORIGINAL,),
) -> Listing:
    """The rows of a record, in its order; ``given``: what flags and a preset say for all of them. ``visit``: of whose
    appointments it is a list; those that don't take place are left out.

    A row whose record leaves something open that it needs, or says another topic than ``given``, is at fault; the rest
    of what is open is told in notes. RequestFault where the record is about nobody.
    """
    on = {"visit_date": visit.isoformat()} if visit and "visit_date" not in given else {}
    found, chart = suggest_each(reading, topics, {**given, **on}, today, languages)
    out = LeftOut()
    rows = []
    for number, one in enumerate(found, 1):
        if visit and one.called_off:
            out.add(number, "the visit does not take place")
        else:
            rows.append(_row(number, replace(one, data={**one.data, **on}), with_email=with_email))
    notes = (*chart_notes(chart), *first_few(_notes(found, frozenset(row.number for row in rows))))
    return Listing(iter(rows), size=len(found), summary=_summary(found), notes=notes, left_out=out)


def _row(number: int, found: Suggestion, *, with_email: bool) -> Row:
    faults = [found.fault] if found.fault else [str(one) for one in found.questions if one.needed]
    faults += [found.conflict] if found.conflict and not found.fault else []
    if faults:
        return Row(number, None, "; ".join(faults), number)
    return replace(checked(Row(number, without_email(found, keep=with_email).data, at=number)), order=found.order)


def without_email(found: Suggestion, *, keep: bool) -> Suggestion:
    """The same without the patient's address, unless it is to be mailed to: what nobody needs is not taken."""
    patient = found.data.get("patient", {})
    if keep or "email" not in patient:
        return found
    return replace(found, data={**found.data, "patient": {key: patient[key] for key in patient if key != "email"}})


def _summary(found: list[Suggestion]) -> str:
    coded = sum("topic" in one.by_code for one in found)
    return (
        f"{plural(len(found), 'patient')} in the health record; {coded} with a topic by diagnosis code, "
        "to be confirmed by you"
    )


def _notes(found: list[Suggestion], rows: frozenset[int]) -> Iterator[str]:
    for number, one in enumerate(found, 1):
        if one.fault or number not in rows:
            continue
        yield from (f"row {number}: {notice}" for notice in one.notices)
        yield from (f"row {number}: {question}" for question in one.questions if not question.needed)


def chart_notes(chart: Chart) -> Iterator[str]:
    """What the staff should know of the record as a whole: what was left aside, and what was read leniently."""
    yield from chart.notices
    aside = "; ".join(first_few(told_aside(chart.aside)))
    if aside:
        yield f"Left aside from the health record: {aside}."
    lenient = "; ".join(LENIENCIES[name].what for name in LENIENCIES if name in chart.lenient)
    if lenient:
        yield f"Read leniently: {lenient}."
