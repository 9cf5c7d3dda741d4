"""What the form offers: topics, options, presets, printers. Values for templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handouts.desk.state import Desk
from handouts.errors import HandoutError
from handouts.load.library import clinic_ids, default_clinic, load_clinic, topic_ids
from handouts.load.progress import printed_languages
from handouts.merge.references import Resolver
from handouts.model.content import Topic
from handouts.model.language import language_name
from handouts.model.prose import plain


@dataclass(frozen=True)
class Option:
    """``line``: what it is, in a sentence; ``steps``: next steps that it suggests; ``kind``: option or section."""

    id: str
    name: str
    line: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """What the form asks about one topic."""

    id: str
    name: str
    kind: str
    options: tuple[Option, ...]
    sections: tuple[Option, ...]
    sides: tuple[tuple[str, str], ...]
    """Values and words; none where the topic has no side."""
    medicines: tuple[str, ...]
    steps: tuple[str, ...]


def topics(desk: Desk) -> list[tuple[str, str]]:
    """Ids and names of the topics that can be read, by name."""
    found: list[tuple[str, str]] = []
    for name in topic_ids(desk.content):
        try:
            found.append((name, desk.library(name).topic.overview.head.name))
        except HandoutError:  # the library screen tells what is wrong with it
            continue
    return sorted(found, key=lambda item: item[1].casefold())


def clinics(desk: Desk) -> list[tuple[str, str]]:
    """Ids and names of the clinics, the usual one first."""
    usual = default_clinic(desk.content)
    found = [(name, load_clinic(desk.content, name).name) for name in clinic_ids(desk.content)]
    return sorted(found, key=lambda item: item[0] != usual)


def clinicians(desk: Desk) -> list[str]:
    """The clinicians of all clinics, those of the usual one first."""
    found = [name for clinic, _ in clinics(desk) for name in load_clinic(desk.content, clinic).clinicians]
    return list(dict.fromkeys(found))


def last_typed(desk: Desk) -> dict[str, str]:
    """Clinician and visit of the last handout; at first today, and the clinic's clinician if it has only one."""
    if desk.last:
        return desk.last
    usual = load_clinic(desk.content).clinicians
    today = desk.today()
    return {"clinician": usual[0] if len(usual) == 1 else "", "visit_date": f"{today:%B} {today.day}, {today.year}"}


def languages(desk: Desk) -> list[tuple[str, str]]:
    """Tags and names of the languages that handouts can be printed in, English first."""
    return [(tag, language_name(tag)) for tag in printed_languages(desk.content)]


def presets(desk: Desk) -> list[tuple[str, str]]:
    """The clinic and the name of each preset."""
    folders = sorted((desk.content / "clinics").glob("*/presets/*.yaml"))
    return [(path.parent.parent.name, path.stem) for path in folders]


def choices_of(topic: Topic, printed: Topic | None = None) -> Choices:
    """What the form asks about a topic. ``printed``: the topic in the language of the handout, for its next steps."""
    resolver, printed = Resolver(topic), printed or topic
    patients = Resolver(printed)

    def said(texts: tuple[str, ...], file: str) -> tuple[str, ...]:
        return tuple(plain(patients.text(text, file)) for text in texts)

    options = tuple(
        Option(
            name,
            option.head.name,
            plain(resolver.text(option.head.one_line, option.file)),
            said(printed.options[name].head.next_steps, printed.options[name].file),
        )
        for name, option in topic.options.items()
    )
    optional = {entry.id for entry in topic.file.sections if entry.optional}
    sections = tuple(
        Option(name, section.head.name, "", said(printed.sections[name].head.next_steps, printed.sections[name].file))
        for name, section in topic.sections.items()
        if name in optional
    )
    overview = topic.overview
    return Choices(
        topic.id, overview.head.name, topic.file.kind, options, sections, _sides(topic),
        tuple(document.head.name for document in topic.medicines.values()),
        said(printed.overview.head.next_steps, printed.overview.file),
    )  # fmt: skip


def _sides(topic: Topic) -> tuple[tuple[str, str], ...]:
    known = topic.file.sides
    return (("", "not stated"), *((side, side) for side in known)) if known else ()


def printers(clinic: str | None, desk: Desk) -> dict[str, Any]:
    """The printers by name with their state, the clinic's usual one first; ``why`` there are none."""
    from handouts.deliver.printing.messages import describe_printer
    from handouts.deliver.printing.scheduler import Scheduler

    try:
        scheduler = Scheduler()
        found, usual = scheduler.printers(), load_clinic(desk.content, clinic).print.printer or scheduler.default()
    except HandoutError as fault:
        return {"printers": [], "why": fault.message}
    rows = [{"name": one.name, "state": describe_printer(one)} for one in found]
    rows.sort(key=lambda row: row["name"] != (usual or "").partition("/")[0])
    return {"printers": rows, "why": "" if rows else "No printer is set up on this machine."}
