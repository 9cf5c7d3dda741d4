"""Gates on what stands in topic.yaml and clinic.yaml: numbers, sources, dates, and what a clinician still owes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from handouts.check.findings import Finding, at_least
from handouts.load.contrast import pairs
from handouts.load.known_files import OLD_APPROVAL
from handouts.load.markdown import inline_text
from handouts.merge.approval import file_states
from handouts.merge.notices import REVIEW_NOTICE
from handouts.model.base import Frozen
from handouts.model.clinic import Clinic
from handouts.model.content import Library, Topic
from handouts.model.prose import Figure, People, inlines

RARE = 10
"""Out of 1,000: what is at least as common counts out of 100 (IPDAS: one denominator)."""


def topic_facts(library: Library, today: date) -> list[Finding]:
    """Numbers, sources, review date, approval and the fields that only a clinician can fill in."""
    topic = library.topic
    return [
        *_parts(topic),
        *_numbers(topic),
        *_sources(library),
        *_dates(topic, today),
        *_missing_from_clinician(topic, today),
    ]


def clinic_facts(clinic: Clinic) -> list[Finding]:
    """Contrast of the clinic's colours, and the contacts that print a line to write on."""
    file = f"clinics/{clinic.id}/clinic.yaml"
    made = [
        at_least(f"{file}: {pair.name}", "contrast", round(pair.ratio, 2), pair.needed)
        for pair in pairs(clinic.file.colors)
    ]
    for name in ("address", "phone", "emergency_number", "crisis_line"):
        if not getattr(clinic.file, name):
            made.append(
                Finding("notice", f"{file}: {name}", "for the practice to fill in", "empty", "a line to write on")
            )
    return made


def _parts(topic: Topic) -> Iterator[Finding]:
    """IPDAS: equal detail for each option. The model asks for the rest of the parts already."""
    for document in topic.options.values():
        for part in ("ask", "teach_back", "next_steps"):
            if not getattr(document.head, part):
                yield Finding("failure", f"{document.file}: {part}", "parts of an option", "empty", "1 at least")


def _numbers(topic: Topic) -> Iterator[Finding]:
    used, drawn = references(topic)
    for name, number in topic.file.numbers.items():
        where = f"{topic.id}/topic.yaml: {name}"
        if number.out_of and not number.over:
            yield Finding("failure", where, "time that a number covers", "no 'over'", "over: about 3 years")
        if number.out_of == 1000 and number.count >= RARE:
            yield Finding(
                "failure", where, "one denominator", f"{number.count} out of 1,000", "out of 100 unless very rare"
            )
        if name not in used and name not in drawn:
            yield Finding("advice", where, "unused number", "never printed", "use it or delete it")
        elif number.picture and name not in drawn:
            yield Finding("advice", where, "picture of people", "marked, never drawn", "draw it or drop picture: true")
    counts = {number.out_of for number in topic.file.numbers.values() if number.out_of}
    shown = " and ".join(f"{count:,}" for count in sorted(counts)) or "no numbers"
    yield Finding("ok", f"{topic.id}/topic.yaml", "denominators", shown, "100; 1,000 for the very rare")


def references(topic: Topic) -> tuple[set[str], set[str]]:
    """Names that prose refers to (numbers, and sources as "cite:NAME"), and numbers drawn as people."""
    used: set[str] = set()
    drawn: set[str] = set()
    for document in topic.documents():
        for section in document.sections:
            for runs in inlines(section.blocks):
                used.update(run.number.partition(".")[0] for run in runs if run.number)
            drawn.update(name for block in section.blocks if isinstance(block, People) for name in block.numbers)
        for text in strings(document.head):
            used.update(run.number.partition(".")[0] for run in inline_text(text) if run.number)
        used.update(name for entry in getattr(document.head, "harms", ()) for name in entry.numbers)
    return used, drawn


def figures_used(topic: Topic) -> dict[str, list[tuple[str, Figure]]]:
    """Where each drawing stands: its file and the figure as it was read."""
    found: dict[str, list[tuple[str, Figure]]] = {}
    for document in topic.documents():
        for section in document.sections:
            for block in section.blocks:
                if isinstance(block, Figure):
                    found.setdefault(block.name, []).append((document.file, block))
    return found


def strings(value: Any) -> Iterable[str]:
    """Every text in a front matter, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Frozen):
        for name in type(value).model_fields:
            yield from strings(getattr(value, name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item)


def _sources(library: Library) -> Iterator[Finding]:
    topic = library.topic
    used, drawn = references(topic)
    practice = library.clinic.practice
    if practice:
        runs = [run for section in practice.sections for text in inlines(section.blocks) for run in text]
        used = used | {run.number for run in runs if run.number}
    cited = {name.removeprefix("cite:") for name in used if name.startswith("cite:")}
    cited |= {number.source for name, number in topic.file.numbers.items() if name in used or name in drawn}
    for name, source in topic.file.sources.items():
        if name not in cited and not source.always:
            yield Finding(
                "notice", f"{topic.id}/topic.yaml: {name}", "unused source", "never cited", "cite it or delete it"
            )


def _dates(topic: Topic, today: date) -> Iterator[Finding]:
    where = f"{topic.id}/topic.yaml: review_by"
    left = (topic.file.review_by - today).days
    if left < 0:
        yield Finding("failure", where, "days to the review", left, "0 at least")
    elif left <= REVIEW_NOTICE.days:
        yield Finding("notice", where, "days to the review", left, f"notice from {REVIEW_NOTICE.days}")
    else:
        yield Finding("ok", where, "days to the review", left, "0 at least")


def _approvals(topic: Topic, today: date) -> Iterator[Finding]:
    """One for the topic where all files are in one state, else one for each that is not approved."""
    states = file_states(topic, today)
    where, told = f"{topic.id}/approvals.yaml", {name: state.replace("_", " ") for name, state in states.items()}
    if len(set(told.values())) == 1:
        told = {"": next(iter(told.values()))}
    for name, state in told.items():
        if state != "approved":
            at = f"{where}: {name}" if name else where
            yield Finding("notice", at, "approval", state, f"approve {topic.id} {name}".rstrip())
    if (topic.folder / OLD_APPROVAL).exists():
        limit = f"approve {topic.id} replaces it by approvals.yaml"
        yield Finding("notice", f"{topic.id}/{OLD_APPROVAL}", "form of before", "one for all files", limit)


def _missing_from_clinician(topic: Topic, today: date) -> Iterator[Finding]:
    yield from _approvals(topic, today)
    file = f"{topic.id}/topic.yaml"
    if not topic.file.funding:
        yield Finding("notice", f"{file}: funding", "for a clinician to fill in", "empty", "who paid for this text")
    for name, field in topic.file.safety.items():
        if not field.text:
            where = "a line to write on, on page 1" if field.urgent else "a line to write on"
            yield Finding("notice", f"{file}: safety.{name}", "for a clinician to fill in", "empty", where)
