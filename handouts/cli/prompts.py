"""Questions at the terminal: a request, an address, confirmations."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import click

from handouts.cli import Context
from handouts.cli.mail_options import MailOptions
from handouts.cli.options import Recording, RequestData, user_name
from handouts.deliver.mail.address import Address, parse_address
from handouts.errors import ContentFault, Refused, escape_unprintable
from handouts.model.language import ORIGINAL, language_name

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from handouts.model.request import Request

Kind = Literal["line", "text", "day", "dose", "moment"]
"""The types of answers, matching the request's fields."""


@cache
def _adapter(kind: Kind) -> TypeAdapter[Any]:  # only used to validate
    from pydantic import TypeAdapter

    from handouts.model.base import Day, Line, Moment, Text
    from handouts.model.request import Dose

    return TypeAdapter({"line": Line, "text": Text, "day": Day, "dose": Dose, "moment": Moment}[kind])


def at_terminal() -> bool:
    """Whether a user can answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask_request(given: Context, known: RequestData) -> RequestData:
    """The answers as request keys; does not ask for what flags and preset already give (``known``)."""
    from handouts.load.layers import lay_over
    from handouts.load.library import clinic_ids, default_clinic, load_library, topic_ids
    from handouts.load.progress import languages_of_whole

    topic_id = known.get("topic") or _numbered("Topic", topic_ids(given.content))
    clinic = known.get("clinic") or _one("Clinic", clinic_ids(given.content), default_clinic(given.content))
    language = known.get("language") or _language(languages_of_whole(given.content, topic_id))
    library = load_library(given.content, topic_id, clinic)
    topic = library.topic
    clinicians = library.clinic.file.clinicians
    answers: RequestData = {"topic": topic_id, "clinic": clinic, "language": language}
    parts = "options" if topic.options else "sections"
    names = {name: topic.options[name].head.name for name in topic.option_order} or {
        entry.id: topic.sections[entry.id].head.name for entry in topic.file.sections if entry.optional
    }
    if names:
        answers[parts] = known.get(parts) or _some(parts.capitalize(), names, least=bool(topic.options))
    if not known.get("medicines"):
        answers["medicines"] = _medicines(list(topic.medicines), list(library.words.times))
    if topic.file.sides:
        sides = topic.file.sides
        answers["side"] = known.get("side") or _optional(f"Side ({', '.join(sides)}, or empty)", among=sides)
    answers["patient"] = dict(_patient())
    answers["clinician"] = known.get("clinician") or _optional("Clinician", default=next(iter(clinicians), None))
    answers["visit_date"] = known.get("visit_date") or _optional("Date of the visit", "day", default=str(given.today))
    if not known.get("note"):
        answers["note"] = _optional("A note for the patient (or empty)", "text")
    return lay_over({key: value for key, value in answers.items() if value}, known)


def _language(tags: Sequence[str]) -> str | None:
    """The patient's language, where the topic is in several; None for English, which an empty answer means."""
    if len(tags) == 1:
        return None
    asked = f"a number, or empty for {language_name(ORIGINAL)}"
    while True:
        picked = _some("The patient's language", {tag: language_name(tag) for tag in tags}, least=0, asked=asked)
        if len(picked) < 2:
            return picked[0] if picked and picked[0] != ORIGINAL else None
        click.echo("  One of them, please.")


def _patient() -> Iterator[tuple[str, str | None]]:
    """Ask for a patient's fields; only the name is required."""
    from handouts.model.patient_fields import PATIENT_FIELDS
    from handouts.model.request import Patient

    for field in PATIENT_FIELDS:
        place, _, key = field.key.partition(".")
        if place == "patient" and field.question:
            needed = Patient.model_fields[key].is_required()
            yield key, _ask(field.question, field.kind) if needed else _optional(field.question, field.kind)


def confirm(request: Request) -> None:
    """Show name, date of birth, side, options and another language to confirm. Refused when the answer is no."""
    patient = request.patient
    click.echo("\nPlease check:")
    click.echo(f"  Name           {patient.name}")
    click.echo(f"  Date of birth  {patient.birth_date or '-'}")
    click.echo(f"  Side           {request.side or '-'}")
    click.echo(f"  Options        {', '.join(request.options or request.sections) or '-'}")
    if request.language != ORIGINAL:
        click.echo(f"  Language       {language_name(request.language)}")
    if not click.confirm("Is all of this right?"):
        raise Refused("Nothing was made. Run the command again with the right details.")


def confirm_deletion(question: str) -> None:
    """Refused when the answer is no, or there is no terminal."""
    if not at_terminal():
        raise Refused("Nothing was deleted. Use --yes to confirm.")
    if not click.confirm(question):
        raise Refused("Nothing was deleted.")


def ask_address() -> Address:
    """The patient's address, typed twice. RequestFault for an invalid one."""
    return parse_address(click.prompt("The patient's e-mail address", confirmation_prompt="Again"), "the address")


def ask_who_warned(mail: MailOptions, record: Recording, question: str) -> str:
    """Who confirms that files may go unlocked. Refused without confirmation."""
    if not mail.warned and not (at_terminal() and click.confirm(question)):
        raise Refused("Nothing was queued. Warn the patient first, then use --warned, or leave out --no-encryption.")
    if not record.by and user_name() is None:
        raise click.UsageError("Use --by to name who confirms that the patient was warned.")
    return record.user


def ask_choice(question: str, names: Sequence[str], likely: Sequence[str] = (), *, needed: bool = True) -> str | None:
    """One of ``names``; the only ``likely`` one is the default. None for an empty answer, where none is ``needed``."""
    for name in likely:
        click.echo(f"  likely: {name}")
    default = likely[0] if len(likely) == 1 else None if needed else ""
    allowed = [*names, *([] if needed else [""])]
    answer = click.prompt(question, type=click.Choice(allowed), default=default, show_default=bool(default))
    return str(answer) or None


def ask_several(question: str, names: Sequence[str], *, least: int = 0) -> list[str]:
    """``least`` or more of ``names``, by number."""
    return _some(question, {name: escape_unprintable(name) for name in names}, least=least)


def ask_line(
    question: str, kind: Kind, *, needed: bool, default: str | None = None, numbered: Sequence[str] = ()
) -> str:
    """A line, or one of ``numbered`` by its number; "" only where none is ``needed``."""
    answer = _ask(question, kind, default or (None if needed else ""))
    return numbered[int(answer) - 1] if answer.isdecimal() and 0 < int(answer) <= len(numbered) else answer


def ask_medicines(known: Sequence[str]) -> list[RequestData]:
    """The medicines prescribed, with doses and times."""
    from typing import get_args

    from handouts.model.request import TimeOfDay

    return _medicines(known, get_args(TimeOfDay))


def ask_dosage(times: Sequence[str], so_far: Mapping[str, Any]) -> RequestData:
    """Dose, times and remark of a medicine; what is left empty stays as it is."""
    item: RequestData = {"dose": _optional("  Dose, such as 200 mg", "dose", default=so_far.get("dose"))}
    item["times"] = _pick(f"  Times ({', '.join(times)})", {time: time for time in times}, least=0)
    item["remark"] = _optional("  Remark, such as: With food", "dose", default=so_far.get("remark"))
    return {key: value for key, value in item.items() if value}


def _ask(question: str, kind: Kind, default: str | None = None) -> str:
    """An answer of the given ``kind``; asks again, saying why, until it is valid."""
    from pydantic import ValidationError

    while True:
        answer = str(click.prompt(question, default=default, show_default=bool(default))).strip()
        if not answer and default == "":
            return ""
        try:
            _adapter(kind).validate_python(answer)
        except ValidationError as error:
            click.echo(f"  This {error.errors()[0]['msg'].removeprefix('Value error, ')}.")
        else:
            return answer


def _optional(
    question: str, kind: Kind = "line", *, default: str | None = None, among: Sequence[str] = ()
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


def _numbered(question: str, names: Sequence[str]) -> str:
    """Pick one by its number or name; ContentFault where there is none."""
    if not names:
        raise ContentFault("The content folder holds no topic. `new TOPIC` starts one; --content names another folder.")
    if len(names) == 1:
        return names[0]
    while True:
        picked = _some(question, dict(zip(names, names, strict=True)), least=1, asked="a number")
        if len(picked) == 1:
            return picked[0]
        click.echo("  One of them, please.")


def _some(
    question: str, names: Mapping[str, str], *, least: int, asked: str = "numbers, separated by commas"
) -> list[str]:
    """Pick ``least`` or more by number or name, separated by commas."""
    listed = list(names)
    for i, name in enumerate(listed, 1):
        click.echo(f"  {i}  {names[name]}")
    numbers = {str(i): name for i, name in enumerate(listed, 1)}
    return _pick(f"{question} ({asked})", {**numbers, **{name: name for name in listed}}, least=least)


def _pick(question: str, known: Mapping[str, str], *, least: int) -> list[str]:
    while True:
        default = None if least else ""
        parts = str(click.prompt(question, default=default, show_default=False)).replace(",", " ").split()
        wrong = [part for part in parts if part not in known]
        if len(parts) >= least and not wrong:
            return list(dict.fromkeys(known[part] for part in parts))
        click.echo(f"  Not one of them: {', '.join(wrong) or 'nothing given'}.")


def _medicines(known: Sequence[str], times: Sequence[str]) -> list[RequestData]:
    found: list[RequestData] = []
    named = f" ({', '.join(known)}, or another)" if known else ""
    click.echo(f"Medicines prescribed{named}. Empty when done.")
    while True:
        name = _optional("  Medicine")
        if not name:
            return found
        item: RequestData = {"name": name, "dose": _optional("  Dose, such as 200 mg", "dose")}
        item["times"] = _pick(f"  Times ({', '.join(times)})", {time: time for time in times}, least=0)
        item["remark"] = _optional("  Remark, such as: With food", "dose")
        found.append({key: value for key, value in item.items() if value})
