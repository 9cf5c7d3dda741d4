"""What a health record brings, for make and batch: its options, what is asked at the terminal, what is refused."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.groups import Options, all_of
from handouts.cli.options import RequestData
from handouts.cli.prompts import (
    Kind,
    ask_choice,
    ask_dosage,
    ask_line,
    ask_medicines,
    ask_several,
    at_terminal,
    confirm,
)
from handouts.errors import Fault, Refused, escape_unprintable, plural
from handouts.model.patient_fields import PATIENT_FIELDS

if TYPE_CHECKING:
    from handouts.fhir.reading import Reading
    from handouts.fhir.suggestion import Question, Suggestion
    from handouts.lists.row import Listing
    from handouts.load.yamlfile import Parsed
    from handouts.model.request import Request
    from handouts.model.topic_file import TopicFile

_SERVER = click.option("--fhir-server", metavar="URL", help="The same from a FHIR server (docs/health-records.md).")
FHIR_FLAGS = all_of(
    click.option("--fhir", "fhir", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                 shell_complete=completing.files,
                 help="A file of the health record (FHIR R4: Bundle, resource or NDJSON); fills in what is not given."),
    _SERVER,
    click.option("--patient", metavar="ID", help="With --fhir-server: the server's own id of the patient."),
    click.option("--confirmed", is_flag=True,
                 help="What the codes of the health record suggest was checked; don't ask."),
)  # fmt: skip
LIST_FHIR_FLAGS = all_of(
    click.option("--fhir", "fhir", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                 shell_complete=completing.files,
                 help="In place of LIST: a file of the health record, a row a patient."),
    _SERVER,
    click.option("--day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
                 help="With --fhir-server: whose appointments. Default: today's."),
)  # fmt: skip


@dataclass(frozen=True)
class Record(Options):
    """`FHIR_FLAGS` or `LIST_FHIR_FLAGS`."""

    fhir: Path | None
    fhir_server: str | None
    patient: str | None = None
    confirmed: bool = False
    day: datetime | None = None

    @property
    def given(self) -> bool:
        """Whether anything comes from a health record."""
        return bool(self.fhir or self.fhir_server)

    def check(self, *, of_one: bool) -> None:
        """UsageError for flags that don't go together, or would have no effect. ``of_one``: for one patient."""
        if self.fhir and self.fhir_server:
            raise click.UsageError("--fhir and --fhir-server don't go together: a record comes from one of them.")
        if of_one and bool(self.fhir_server) != bool(self.patient):
            raise click.UsageError("--fhir-server and --patient need each other: use both, or neither.")
        if self.confirmed and not self.given:
            raise click.UsageError("--confirmed needs --fhir or --fhir-server: use both, or neither.")
        if self.day and not self.fhir_server:
            raise click.UsageError("--day needs --fhir-server: use both, or neither.")

    def read(self, given: Context, clinic: str | None, data: Path, day: date) -> Reading:
        """What a file holds, or the server of a clinic has of a patient or a day. RequestFault, RecordFault."""
        from handouts.fhir.fetching import fetch_day, fetch_patient
        from handouts.fhir.reading import read_file, read_values
        from handouts.fhir.settings import record_at
        from handouts.fhir.smart import SmartTokens
        from handouts.load.library import default_clinic, load_clinic

        if self.fhir:
            return read_file(self.fhir)
        clinic = clinic or default_clinic(given.content)
        server = record_at(str(self.fhir_server), clinic, load_clinic(given.content, clinic))
        client = SmartTokens(time.time, data).client(server)
        return read_values(fetch_patient(client, self.patient) if self.patient else fetch_day(client, day))


def build_from_record(
    given: Context, record: Record, parsed: Parsed | None, data: RequestData, folder: Path, *, by_mail: bool
) -> Request:
    """The request, with what it leaves open filled in from the record; at a terminal, the rest is asked.

    ``data``: of request, flags and preset; ``folder``: of this installation's keys. RecordFault, RequestFault,
    ContentFault; Refused without a terminal, where something is open or nobody has confirmed what a code suggests.
    """
    from handouts.fhir.listing import without_email
    from handouts.load import requests
    from handouts.load.codes import topic_files
    from handouts.load.layers import lay_over
    from handouts.load.yamlfile import Parsed

    reading, topics = record.read(given, data.get("clinic"), folder, given.today), topic_files(given.content)
    try:
        found, said = _settle(given, reading, topics, data)
        found = without_email(found, keep=by_mail)
        whole = lay_over(found.data, said)
        made = requests.build_request(replace(parsed, data=whole) if parsed else Parsed(whole, {}, "the health record"))
        if not record.confirmed:
            _confirm(found, made)
    except click.Abort:
        raise Refused("\nNothing was made.") from None
    return made


def open_record(given: Context, record: Record, defaults: RequestData, folder: Path, *, by_mail: bool) -> Listing:
    """The patients of the record as rows of a list. RequestFault, RecordFault."""
    from handouts.fhir.listing import list_patients
    from handouts.load.codes import topic_files
    from handouts.load.progress import printed_languages

    day = record.day.date() if record.day else given.today
    return list_patients(
        record.read(given, defaults.get("clinic"), folder, day),
        topic_files(given.content),
        defaults,
        day,
        with_email=by_mail,
        visit=day if record.fhir_server else None,
        languages=printed_languages(given.content),
    )


def _settle(
    given: Context, reading: Reading, topics: Mapping[str, TopicFile], data: RequestData
) -> tuple[Suggestion, RequestData]:
    """What the record suggests once all questions are answered, and what was said: ``data`` with the answers."""
    from handouts.fhir.suggest import suggest_one
    from handouts.load.progress import printed_languages

    said, asked, more = dict(data), set[str](), list[RequestData]()
    while True:
        found, chart = suggest_one(reading, topics, said, given.today, printed_languages(given.content))
        question = next((one for one in found.questions if one.key not in asked and not _of_dose(one)), None)
        if question is None or not at_terminal():
            break
        asked.add(question.key)
        answer = _answer(given, question, found, topics, said)
        if question.key == "medicines":
            more = answer or []
        else:
            _put(said, question.key, answer)
    _tell(found, chart)
    needed = [one for one in found.questions if one.needed and one.key not in asked]
    if needed:
        raise Refused(
            "The health record leaves open what a handout needs. Give it by flags or in a request, or run this at a "
            "terminal:",
            faults=[Fault("", 0, str(one)) for one in needed],
        )
    if at_terminal():
        found = _beside(found, more)
        steps = ask_several("Which of the record's orders become next steps", found.steps) if found.steps else []
        if steps:
            said["next_steps"] = steps
    return found, said


def _of_dose(question: Question) -> bool:
    """Whether it is about a dosage, which is asked last (`_beside`)."""
    return question.key.startswith("medicines.")


def _tell(found: Suggestion, chart: Any) -> None:
    from handouts.fhir.listing import chart_notes

    notes = [*chart_notes(chart), *found.notices]
    if found.conflict:
        notes.append(f"Check the topic: {found.conflict}.")
    notes += [f"{one}." for one in found.questions if not one.needed and not at_terminal()]
    if found.steps and not at_terminal():
        notes.append(f"The record has {plural(len(found.steps), 'order')} that may be next steps: give 'next_steps'.")
    for note in notes:
        click.echo(f"Note: {escape_unprintable(note)}", err=True)


def _confirm(found: Suggestion, made: Request) -> None:
    """Whether staff stand behind what the codes suggest. Refused when they don't, or nobody is there to ask."""
    told = ", ".join(f"{key} {found.data[key]}" for key in found.by_code)
    if at_terminal():
        if told:
            click.echo(f"A code of the record suggests: {told}.")
        confirm(made)
    elif told:
        raise Refused(
            f"A code of the health record suggests: {told}. Check it, then add --confirmed, or give it by a flag."
        )


def _answer(
    given: Context, question: Question, found: Suggestion, topics: Mapping[str, TopicFile], said: RequestData
) -> Any:
    """What a person at the terminal says; None for nothing."""
    from handouts.load.library import topic_ids

    click.echo(f"The record: {escape_unprintable(question.why)}.")
    file = topics.get(str(said.get("topic") or found.data.get("topic") or ""))
    if question.key == "topic":
        return ask_choice("Topic", topic_ids(given.content), question.choices)
    if question.key == "side":
        return ask_choice("Side", question.choices, needed=question.needed)
    if question.key == "options" and file:
        if question.choices:
            click.echo(f"  Its orders fit: {', '.join(question.choices)}")
        return ask_several("Options", [option.id for option in file.options], least=1)
    if question.key == "medicines" and file:
        for choice in question.choices:
            click.echo(f"  {escape_unprintable(choice)}")
        return ask_medicines(file.medicines)
    for number, choice in enumerate(question.choices, 1):
        click.echo(f"  {number}  {escape_unprintable(choice)}")
    for one in found.beside:
        if one.key == question.key:
            click.echo(f"  {escape_unprintable(one.text)}")
    return _line(question, str(given.today) if question.key == "visit_date" else None)


def _line(question: Question, default: str | None) -> str | None:
    kinds: dict[str, Kind] = {"patient.birth_date": "day", "visit_date": "day", "appointment.at": "moment"}
    known = {field.key: field.question for field in PATIENT_FIELDS}
    known["appointment.at"] = "Next visit, such as 2026-12-04T10:30 (or empty)"
    asked = f"  {known.get(question.key) or question.key}" + (", or a number from above" if question.choices else "")
    answer = ask_line(asked, kinds.get(question.key, "line"), needed=question.needed, default=default,
                      numbered=question.choices)  # fmt: skip
    return answer or None


def _put(said: RequestData, path: str, answer: Any) -> None:
    if answer in (None, "", []):
        return
    *above, key = path.split(".")
    for part in above:
        said[part] = dict(said.get(part) or {})
        said = said[part]
    said[key] = answer


def _beside(found: Suggestion, more: list[RequestData]) -> Suggestion:
    """The suggestion with doses and times that a person has typed, the record's own words in sight, and with ``more``
    medicines.
    """
    from handouts.model.request import TimeOfDay

    medicines = [dict(one) for one in found.data.get("medicines", ())]
    for number, one in enumerate(medicines, 1):
        key = f"medicines.{number}"
        if any(question.key == key for question in found.questions):
            said = "; ".join(said.text for said in found.beside if said.key == key) or "nothing of how to take it"
            click.echo(f"{one['name']}, the record says: {escape_unprintable(said)}")
            one.update(ask_dosage(get_args(TimeOfDay), one))
    medicines += more
    return replace(found, data={**found.data, "medicines": medicines}) if medicines else found
