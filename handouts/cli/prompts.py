"""What is asked at the terminal: a request, whether it is right, whether to delete for good."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import click
from pydantic import TypeAdapter, ValidationError

from handouts.cli import Context
from handouts.errors import Refused
from handouts.load.layers import lay_over
from handouts.load.library import clinic_ids, default_clinic, load_library, topic_ids
from handouts.model.base import Day, Line, Text
from handouts.model.patient_fields import PATIENT_FIELDS
from handouts.model.request import Dose, Patient, Request, Side

_LINE: TypeAdapter[Any] = TypeAdapter(Line)
_TEXT: TypeAdapter[Any] = TypeAdapter(Text)
_DAY: TypeAdapter[Any] = TypeAdapter(Day)
_DOSE: TypeAdapter[Any] = TypeAdapter(Dose)


def at_terminal() -> bool:
    """Whether somebody can answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask_request(given: Context, known: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as a request's keys; what flags and preset gave already (``known``) is not asked."""
    topic_id = known.get("topic") or _one("Topic", topic_ids(given.content))
    clinic = known.get("clinic") or _one("Clinic", clinic_ids(given.content), default_clinic(given.content))
    library = load_library(given.content, topic_id, clinic)
    topic = library.topic
    clinicians = library.clinic.file.clinicians
    names = {name: topic.options[name].head.name for name in topic.option_order}
    answers: dict[str, Any] = {"topic": topic_id, "clinic": clinic}
    answers["options"] = known.get("options") or _some("Options", names)
    if not known.get("medicines"):
        answers["medicines"] = _medicines(list(topic.medicines), list(library.words.times))
    answers["side"] = known.get("side") or _optional("Side (left, right, or empty)", among=get_args(Side))
    answers["patient"] = dict(_patient())
    answers["clinician"] = known.get("clinician") or _optional("Clinician", default=next(iter(clinicians), None))
    answers["visit_date"] = known.get("visit_date") or _optional("Date of the visit", _DAY, default=str(given.today))
    if not known.get("note"):
        answers["note"] = _optional("A note for the patient (or empty)", _TEXT)
    return lay_over({key: value for key, value in answers.items() if value}, known)


def _patient() -> Iterator[tuple[str, str | None]]:
    """Asked of every patient; only the name has to be answered."""
    for field in PATIENT_FIELDS:
        place, _, key = field.key.partition(".")
        if place == "patient" and field.question:
            kind = TypeAdapter(field.kind)
            needed = Patient.model_fields[key].is_required()
            yield key, _ask(field.question, kind) if needed else _optional(field.question, kind)


def confirm(request: Request) -> None:
    """Show name, date of birth, side and options once more. Refused when the answer is no."""
    patient = request.patient
    click.echo("\nPlease check:")
    click.echo(f"  Name           {patient.name}")
    click.echo(f"  Date of birth  {patient.birth_date or '-'}")
    click.echo(f"  Side           {request.side or '-'}")
    click.echo(f"  Options        {', '.join(request.options)}")
    if not click.confirm("Is all of this right?"):
        raise Refused("Nothing was made. Run the command again with the right details.")


def confirm_deletion(question: str) -> None:
    """Refused when the answer is no, or nobody is there to answer."""
    if not at_terminal():
        raise Refused("Nothing was deleted. Say --yes if it is meant.")
    if not click.confirm(question):
        raise Refused("Nothing was deleted.")


def _ask(question: str, kind: TypeAdapter[Any], default: str | None = None) -> str:
    """An answer that ``kind`` accepts; asks again, saying why, until there is one."""
    while True:
        answer = str(click.prompt(question, default=default, show_default=bool(default))).strip()
        if not answer and default == "":
            return ""
        try:
            kind.validate_python(answer)
        except ValidationError as error:
            click.echo(f"  This {error.errors()[0]['msg'].removeprefix('Value error, ')}.")
        else:
            return answer


def _optional(
    question: str, kind: TypeAdapter[Any] = _LINE, *, default: str | None = None, among: Sequence[str] = ()
) -> str | None:
    while True:
        answer = _ask(question, kind, default or "")
        if not answer or not among or answer in among:
            return answer or None
        click.echo(f"  One of: {', '.join(among)}.")


def _one(question: str, names: Sequence[str], default: str | None = None) -> str:
    if len(names) == 1:
        return names[0]
    return str(click.prompt(question, type=click.Choice(list(names)), default=default))


def _some(question: str, names: Mapping[str, str]) -> list[str]:
    """Pick by number or name, separated by commas."""
    listed = list(names)
    for i, name in enumerate(listed, 1):
        click.echo(f"  {i}  {names[name]}")
    numbers = {str(i): name for i, name in enumerate(listed, 1)}
    return _pick(f"{question} (numbers, with commas)", {**numbers, **{name: name for name in listed}}, least=1)


def _pick(question: str, known: Mapping[str, str], *, least: int) -> list[str]:
    while True:
        default = None if least else ""
        parts = str(click.prompt(question, default=default, show_default=False)).replace(",", " ").split()
        wrong = [part for part in parts if part not in known]
        if len(parts) >= least and not wrong:
            return list(dict.fromkeys(known[part] for part in parts))
        click.echo(f"  Not one of them: {', '.join(wrong) or 'nothing given'}.")


def _medicines(known: Sequence[str], times: Sequence[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    click.echo(f"Medicines prescribed ({', '.join(known)}, or another). Empty when done.")
    while True:
        name = _optional("  Medicine")
        if not name:
            return found
        item: dict[str, Any] = {"name": name, "dose": _optional("  Dose, such as 200 mg", _DOSE)}
        item["times"] = _pick(f"  Times ({', '.join(times)})", {time: time for time in times}, least=0)
        item["remark"] = _optional("  Remark, such as: With food", _DOSE)
        found.append({key: value for key, value in item.items() if value})
