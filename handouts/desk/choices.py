"""What the form offers: topics, options, presets, printers. Values for templates."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handouts.desk.library_words import in_words
from handouts.desk.state import Desk
from handouts.desk.words import N_, _, say_date, say_language, spoken
from handouts.errors import HandoutError
from handouts.load.library import clinic_ids, default_clinic, load_clinic, topic_ids
from handouts.load.progress import printed_languages
from handouts.merge.references import Resolver
from handouts.model.content import Topic
from handouts.model.language import ORIGINAL
from handouts.model.prose import plain
from handouts.model.request import Side


@dataclass(frozen=True)
class Option:
    """``line``: what it is, in a sentence; ``steps``: next steps that it suggests; ``kind``: option or section."""

    id: str
    name: str
    line: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """What the form asks about one topic. ``tongue``: the language of the names."""

    id: str
    name: str
    kind: str
    options: tuple[Option, ...]
    sections: tuple[Option, ...]
    sides: tuple[tuple[str, str], ...]
    """Values and words; none where the topic has no side."""
    medicines: tuple[str, ...]
    steps: tuple[str, ...]
    tongue: str


def topics(desk: Desk) -> list[tuple[str, str]]:
    """Ids and names of the topics that can be read, by name."""
    return [(name, shown) for name, shown, _tongue in topic_names(desk)]


def topic_names(desk: Desk) -> list[tuple[str, str, str]]:
    """The same, and the language of each name."""
    found: list[tuple[str, str, str]] = []
    for name in topic_ids(desk.content):
        try:
            desk.library(name)
        except HandoutError:  # the library screen tells what is wrong with it
            continue
        topic = topic_for_staff(desk, name)
        found.append((name, topic.overview.head.name, topic.language))
    return sorted(found, key=lambda item: item[1].casefold())


def topic_for_staff(desk: Desk, name: str) -> Topic:
    """A topic whose names and lines the staff read: in their language where it is translated, else in English."""
    if spoken() != ORIGINAL:
        with contextlib.suppress(HandoutError):
            return desk.library(name, language=spoken()).topic
    return desk.library(name).topic


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
    return {"clinician": usual[0] if len(usual) == 1 else "", "visit_date": say_date(today)}


def languages(desk: Desk) -> list[tuple[str, str]]:
    """Tags and names of the languages that handouts can be printed in, English first."""
    return [(tag, say_language(tag)) for tag in printed_languages(desk.content)]


def presets(desk: Desk) -> list[tuple[str, str]]:
    """The clinic and the name of each preset."""
    folders = sorted((desk.content / "clinics").glob("*/presets/*.yaml"))
    return [(path.parent.parent.name, path.stem) for path in folders]


def choices_of(topic: Topic, printed: Topic | None = None, read: Topic | None = None) -> Choices:
    """What the form asks about a topic. ``printed``: the topic in the language of the handout, for its next steps;
    ``read``: in the language of the staff, for its names.
    """
    printed, read = printed or topic, read or topic
    resolver = Resolver(read)
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
        for name, option in read.options.items()
    )
    optional = {entry.id for entry in topic.file.sections if entry.optional}
    sections = tuple(
        Option(name, section.head.name, "", said(printed.sections[name].head.next_steps, printed.sections[name].file))
        for name, section in read.sections.items()
        if name in optional
    )
    return Choices(
        topic.id, read.overview.head.name, topic.file.kind, options, sections, _sides(topic),
        tuple(document.head.name for document in topic.medicines.values()),
        said(printed.overview.head.next_steps, printed.overview.file), read.language,
    )  # fmt: skip


def _sides(topic: Topic) -> tuple[tuple[str, str], ...]:
    known = topic.file.sides
    return (("", _("not stated")), *((side, _(_SIDES[side])) for side in known)) if known else ()


_SIDES: Mapping[Side, str] = {"left": N_("left"), "right": N_("right"), "both": N_("both sides")}


def printers(clinic: str | None, desk: Desk) -> dict[str, Any]:
    """The printers by name with their state, the clinic's usual one first; ``why`` there are none."""
    from handouts.deliver.printing.messages import describe_printer
    from handouts.deliver.printing.scheduler import Scheduler

    try:
        scheduler = Scheduler()
        found, usual = scheduler.printers(), load_clinic(desk.content, clinic).print.printer or scheduler.default()
    except HandoutError as fault:
        return {"printers": [], "why": in_words(fault.message)}
    rows = [{"name": one.name, "state": in_words(describe_printer(one))} for one in found]
    rows.sort(key=lambda row: row["name"] != (usual or "").partition("/")[0])
    return {"printers": rows, "why": "" if rows else _("No printer is set up on this machine.")}
