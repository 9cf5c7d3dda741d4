"""What a health record brings, for make and batch: its options, what is asked at the terminal, what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.options import Options, RequestData, all_of
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

if TYPE_CHECKING:
    from handouts.fhir.reading import Reading
    from handouts.fhir.suggestion import Question, Suggestion
    from handouts.lists.row import Listing
    from handouts.load.yamlfile import Parsed
    from handouts.model.request import Request
    from handouts.model.topic_file import TopicFile

FHIR_FLAGS = all_of(
    click.option("--fhir", "fhir", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                 shell_complete=completing.files,
                 help="A file of the health record (FHIR R4: Bundle, resource or NDJSON); fills in what is not given."),
    click.option("--confirmed", is_flag=True,
                 help="With --fhir: what the record's codes suggest was checked; don't ask."),
)  # fmt: skip
LIST_FHIR_FLAG = click.option("--fhir", "fhir", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                              shell_complete=completing.files,
                              help="In place of LIST: a file of the health record, a row a patient.")  # fmt: skip


@dataclass(frozen=True)
class Record(Options):
    """`FHIR_FLAGS`."""

    fhir: Path | None
    confirmed: bool = False

    @property
    def given(self) -> bool:
        """Whether anything comes from a health record."""
        return self.fhir is not None

    def check(self) -> None:
        """UsageError for a flag that would have no effect."""
        if self.confirmed and not self.given:
            raise click.UsageError("--confirmed needs --fhir: use both, or neither.")

    def read(self) -> Reading:
        """What the record holds. RequestFault."""
        from handouts.fhir.reading import read_file

        assert self.fhir  # noqa: S101  asked for only where something is given
        return read_file(self.fhir)


def build_from_record(
    given: Context, record: Record, parsed: Parsed | None, data: RequestData, *, by_mail: bool
) -> Request:
    """The request, with what it leaves open filled in from the record; at a terminal, the rest is asked.

    ``data``: of request, flags and preset. RequestFault, ContentFault; Refused without a terminal, where something is
    open or nobody has confirmed what a code suggests.
    """
    from handouts.fhir.listing import without_email
    from handouts.load import requests
    from handouts.load.codes import topic_files
    from handouts.load.layers import lay_over
    from handouts.load.yamlfile import Parsed

    reading, topics = record.read(), topic_files(given.content)
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


def open_record(given: Context, record: Record, defaults: RequestData, *, by_mail: bool) -> Listing:
    """The patients of the record as rows of a list. RequestFault."""
    from handouts.fhir.listing import list_patients
    from handouts.load.codes import topic_files
    from handouts.load.progress import printed_languages

    return list_patients(
        record.read(),
        topic_files(given.content),
        defaults,
        given.today,
        with_email=by_mail,
        languages=printed_languages(given.content),
    )


def _settle(
    given: Context, reading: Reading, topics: Mapping[str, TopicFile], data: RequestData
) -> tuple[Suggestion, RequestData]:
    """What the record suggests once all questions are answered, and what was said: ``data`` with the answers."""
    from handouts.fhir.suggest import suggest_one
    from handouts.load.progress import printed_languages

    said, asked = dict(data), set[str]()
    while True:
        found, chart = suggest_one(reading, topics, said, given.today, printed_languages(given.content))
        question = next((one for one in found.questions if one.key not in asked), None)
        if question is None or not at_terminal():
            break
        asked.add(question.key)
        _put(said, question.key, _answer(given, question, found, topics, said))
    _tell(found, chart)
    needed = [one for one in found.questions if one.needed]
    if needed:
        raise Refused(
            "The health record leaves open what a handout needs. Give it by flags or in a request, or run this at a "
            "terminal:",
            faults=[Fault("", 0, str(one)) for one in needed],
        )
    if at_terminal():
        found = _beside(found)
        steps = ask_several("Which of the record's orders become next steps", found.steps) if found.steps else []
        if steps:
            said["next_steps"] = steps
    return found, said


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
        return ask_medicines(file.medicines)
    for number, choice in enumerate(question.choices, 1):
        click.echo(f"  {number}  {escape_unprintable(choice)}")
    for one in found.beside:
        if one.key == question.key:
            click.echo(f"  {escape_unprintable(one.text)}")
    return _line(question, str(given.today) if question.key == "visit_date" else None)


def _line(question: Question, default: str | None) -> str | None:
    kinds: dict[str, Kind] = {"patient.birth_date": "day", "visit_date": "day", "appointment.at": "moment"}
    asked = f"  '{question.key}'" + (" (a number, or in words)" if question.choices else "")
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


def _beside(found: Suggestion) -> Suggestion:
    """The suggestion with doses and times that a person has typed, the record's own words in sight."""
    from handouts.model.request import TimeOfDay

    medicines = [dict(one) for one in found.data.get("medicines", ())]
    for number, one in enumerate(medicines, 1):
        texts = [said.text for said in found.beside if said.key == f"medicines.{number}"]
        if texts:
            click.echo(f"{one['name']}, the record says: {escape_unprintable('; '.join(texts))}")
            one.update(ask_dosage(get_args(TimeOfDay), one))
    return replace(found, data={**found.data, "medicines": medicines}) if medicines else found
