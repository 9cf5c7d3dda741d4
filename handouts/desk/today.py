"""Today's patients: the day's appointments from the clinic's health record, each of which opens a new handout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import Blueprint, Flask, abort, current_app, render_template, request

from handouts.desk.handout import form_page
from handouts.desk.library_words import English, around, in_words
from handouts.desk.state import Desk, desk_of
from handouts.desk.words import N_, Said, _
from handouts.errors import ContentFault, HandoutError
from handouts.fhir.chart import Chart
from handouts.fhir.fetching import fetch_appointments, fetch_patient
from handouts.fhir.listing import chart_notes, without_email
from handouts.fhir.reading import read_values
from handouts.fhir.schedule import Visitor, form_values, visitors
from handouts.fhir.server import Client
from handouts.fhir.settings import HealthRecord, health_record_of
from handouts.fhir.smart import SmartTokens
from handouts.fhir.suggest import suggest_one
from handouts.fhir.suggestion import Suggestion
from handouts.load.codes import topic_files
from handouts.load.library import clinic_ids, load_clinic
from handouts.load.progress import printed_languages

blueprint = Blueprint("today", __name__, url_prefix="/today")


@dataclass(frozen=True)
class Day:
    """A clinic's appointments, or why there are none."""

    clinic: str
    name: str
    visitors: tuple[Visitor, ...] = ()
    fault: str = ""


def health_records(desk: Desk) -> Iterator[tuple[str, HealthRecord]]:
    """Clinics that name a health record, with their printed names."""
    for clinic in clinic_ids(desk.content):
        try:
            file = load_clinic(desk.content, clinic)
            if file.fhir.server:
                yield file.name, health_record_of(clinic, file)
        except ContentFault:  # told where the clinic is used
            continue


def _client(record: HealthRecord) -> Client:
    desk = desk_of(current_app)
    tokens: SmartTokens = current_app.extensions.setdefault("desk-tokens", SmartTokens(desk.now, desk.data))
    return tokens.client(record)


@blueprint.get("")
def show() -> str:
    """The appointments of today."""
    desk = desk_of(current_app)
    days = [_day(desk, name, record) for name, record in health_records(desk)]
    return render_template("today.html.j2", days=days, today=desk.today())


def _day(desk: Desk, name: str, record: HealthRecord) -> Day:
    try:
        found = fetch_appointments(_client(record), desk.today())
        if not found:
            return Day(record.clinic, name)
        found_today = visitors(read_values(found), topic_files(desk.content), desk.today())
        return Day(record.clinic, name, tuple(replace(one, fault=in_words(one.fault)) for one in found_today))
    except HandoutError as fault:
        return Day(record.clinic, name, fault=in_words(fault.message))


@blueprint.post("/open")
def open_one() -> str:
    """A new handout with what the record suggests. The patient's id comes in the form, and stands in no address."""
    desk = desk_of(current_app)
    record = next((one for _, one in health_records(desk) if one.clinic == request.form.get("clinic")), None)
    if record is None:
        abort(404)
    reading = read_values(fetch_patient(_client(record), request.form.get("patient", "")))
    found, chart = suggest_one(
        reading, topic_files(desk.content), {"clinic": record.clinic}, desk.today(), printed_languages(desk.content)
    )
    found = without_email(found, keep=True)
    data = form_values(found) | {"clinic": record.clinic}
    return form_page({"replaces": "", "again": "", "data": data, "notes": [*_notes(found, chart)]})


_CODED = {
    ("topic",): N_("A code of the record suggests the topic. Check it."),
    ("side",): N_("A code of the record suggests the side. Check it."),
    ("topic", "side"): N_("A code of the record suggests the topic and the side. Check them."),
}


def _notes(found: Suggestion, chart: Chart) -> Iterator[str]:
    """What the staff should know of what the record suggests, in their language; its own words stay as they are."""
    if found.by_code:
        yield _(_CODED[found.by_code])
    if found.conflict:
        yield around(N_("Check the topic: %(what)s."), what=found.conflict)
    yield from (_as_sentence(one.why) for one in found.questions)
    yield from map(in_words, found.notices)
    yield from (_("The record says: %(text)s", text=one.text) for one in found.beside)
    yield from (_("Ordered: %(text)s", text=one) for one in found.steps)
    yield from map(in_words, chart_notes(chart))


def _as_sentence(what: str) -> str:
    told = in_words(what)
    sentence = f"{told[:1].upper()}{told[1:]}."
    return English(sentence) if isinstance(told, English) else Said(sentence)


def has_health_records(app: Flask) -> bool:
    """Whether a clinic names a health record, as the content says when the desk starts."""
    return any(health_records(desk_of(app)))
