"""Today's patients: the day's appointments from the clinic's health record, each of which opens a new handout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Flask, abort, current_app, render_template, request

from handouts.desk.handout import form_page
from handouts.desk.library_words import English, in_words
from handouts.desk.state import Desk, desk_of
from handouts.desk.words import _
from handouts.errors import ContentFault, HandoutError
from handouts.fhir.fetching import fetch_appointments, fetch_patient
from handouts.fhir.listing import chart_notes, without_email
from handouts.fhir.reading import read_values
from handouts.fhir.schedule import Visitor, form_values, visitors
from handouts.fhir.server import Client
from handouts.fhir.settings import HealthRecord, health_record_of
from handouts.fhir.smart import SmartTokens
from handouts.fhir.suggest import suggest_one
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
        return Day(record.clinic, name, tuple(visitors(read_values(found), topic_files(desk.content), desk.today())))
    except HandoutError as fault:
        return Day(record.clinic, name, fault=fault.message)


@blueprint.post("/open")
def open_one() -> str:
    """A new handout with what the record suggests. The patient's id comes in the form, and stands in no address."""
    desk = desk_of(current_app)
    record = next((one for _name, one in health_records(desk) if one.clinic == request.form.get("clinic")), None)
    if record is None:
        abort(404)
    reading = read_values(fetch_patient(_client(record), request.form.get("patient", "")))
    found, chart = suggest_one(
        reading, topic_files(desk.content), {"clinic": record.clinic}, desk.today(), printed_languages(desk.content)
    )
    found = without_email(found, keep=True)
    coded = ", ".join(f"{key} {found.data[key]}" for key in found.by_code)
    notes = [
        *([_("A code of the record suggests %(what)s. Check it.", what=coded)] if coded else []),
        *([_("Check the topic: %(why)s.", why=in_words(found.conflict))] if found.conflict else []),
        *(_capitalized(in_words(one.why)) for one in found.questions),
        *(in_words(one) for one in found.notices),
        *(_("The record says: %(text)s", text=one.text) for one in found.beside),
        *(_("Ordered: %(what)s", what=one) for one in found.steps),
        *(in_words(one) for one in chart_notes(chart)),
    ]
    data = form_values(found) | {"clinic": record.clinic}
    return form_page({"replaces": "", "again": "", "data": data, "notes": notes})


def _capitalized(said: str) -> str:
    """What stands in a sentence elsewhere, as one of its own."""
    told = f"{said[:1].upper()}{said[1:]}."
    return English(told) if isinstance(said, English) else told


def has_health_records(app: Flask) -> bool:
    """Whether a clinic names a health record, as the content says when the desk starts."""
    return any(health_records(desk_of(app)))
