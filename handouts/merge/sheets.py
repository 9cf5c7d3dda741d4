"""What stands on each sheet of the stack. Part of step 2, merge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handouts.merge.cells import Option, comparison_rows, glance_rows, harms_of
from handouts.merge.people import people_of, without_people
from handouts.merge.references import Resolver
from handouts.model.content import Library, Topic
from handouts.model.document import HARMS, Day, Document, InstructionHead, MedicineHead, OptionHead
from handouts.model.prose import Inline, Items, Paragraph, Section
from handouts.model.request import Request
from handouts.model.shapes import PlanShape, Shape
from handouts.model.sheets import (
    CallGroup,
    Closing,
    Comparison,
    Condition,
    DayLine,
    Diary,
    Field,
    Front,
    Imprint,
    Instruction,
    Instructions,
    Medicine,
    Medicines,
    OptionName,
    OptionSheet,
    Practice,
    Questions,
)
from handouts.model.topic_file import SafetyText

FEW = 3
"""So many options have two questions and two teach-back prompts each, more have one."""


SIDES = {"left": "your_left_side", "right": "your_right_side", "both": "your_both_sides"}
"""The words for a side."""


@dataclass(frozen=True)
class Chosen:
    """What a request picks. ``known``: ids of the prescribed medicines that the topic has, in its order."""

    library: Library
    resolver: Resolver
    options: Mapping[str, Option]
    sections: Mapping[str, Document[InstructionHead]]
    known: tuple[str, ...]
    unknown: bool
    """Whether medicines were prescribed that the topic does not have."""

    @property
    def topic(self) -> Topic:
        """The topic."""
        return self.library.topic

    @property
    def told(self) -> tuple[str, ...]:
        """The medicines that it tells of: those prescribed, and all of the options chosen."""
        offered = {name for option in self.options for name in self.topic.entry(option).medicines}
        return tuple(name for name in self.topic.medicines if name in offered or name in self.known)

    @property
    def has_medicines(self) -> bool:
        """Whether the handout says anything of medicines."""
        return bool(self.told or self.unknown)


def front(chosen: Chosen, request: Request, shape: Shape, *, blank: bool) -> Front:
    """Page 1."""
    topic, words, resolver = chosen.topic, chosen.library.words, chosen.resolver
    options = list(chosen.options.values())
    rows = (glance_rows if len(options) > 1 else comparison_rows)(options, topic, resolver, words) if options else ()
    told = chosen.told
    days = topic.overview.head.timetable if request.format == "standard" else ()  # its own sheet comes right after
    urgent = {line: topic.medicines[name].file for name in told for line in topic.medicines[name].head.urgent}
    return Front(
        line=topic.overview.head.line,
        decision=_decision(topic, alone=len(options) == 1),
        stage=request.stage,
        blank=blank,
        side=words.page[SIDES[request.side]] if request.side else "",
        options=option_names(chosen),
        rows=rows,
        matters=topic.overview.head.matters,
        urgent=tuple(resolver.text(line, file) for line, file in urgent.items()),
        urgent_fields=tuple(_urgent_fields(chosen)) or (Field(words.page["urgent_signs"], None),),
        medicines=chosen.has_medicines,
        calls=tuple(_calls(chosen, told)),
        timetable=_timetable(days, topic.overview.file, resolver),
        shape=shape,
    )


def _timetable(days: Iterable[Day], file: str, resolver: Resolver) -> tuple[DayLine, ...]:
    return tuple(DayLine(day.when, resolver.text(day.what, file)) for day in days)


def _decision(topic: Topic, *, alone: bool) -> str:
    head = topic.overview.head
    return head.decision_one if alone and head.decision_one else head.decision or ""


def option_names(chosen: Chosen) -> tuple[OptionName, ...]:
    """How the chosen options are called."""
    return tuple(
        OptionName(name, option.head.name, option.head.short, chosen.resolver.text(option.head.one_line, option.file))
        for name, option in chosen.options.items()
    )


def comparison(chosen: Chosen) -> Comparison | None:
    """The options side by side; None for one alone."""
    if len(chosen.options) < 2:
        return None
    rows = comparison_rows(list(chosen.options.values()), chosen.topic, chosen.resolver, chosen.library.words)
    return Comparison(option_names(chosen), rows, chosen.topic.overview.head.matters)


def condition(chosen: Chosen) -> Condition | None:
    """What the patient has. Instructions begin with it."""
    return Condition(_resolved(chosen.topic.overview, chosen.resolver)) if chosen.topic.options else None


def _resolved(document: Document[Any], resolver: Resolver) -> tuple[Section, ...]:
    return tuple(resolver.section(section, document.file) for section in document.sections)


def instructions(chosen: Chosen) -> Instructions | None:
    """What to do, section by section in the author's order; None for a choice."""
    topic, resolver = chosen.topic, chosen.resolver
    if topic.options:
        return None
    head, file = topic.overview.head, topic.overview.file
    return Instructions(
        heading=head.heading or "",
        line=head.line,
        timetable=_timetable(head.timetable, file, resolver),
        before=_resolved(topic.overview, resolver),
        parts=tuple(_instruction(chosen, name, document) for name, document in chosen.sections.items()),
        checklist=_texts([(file, head.checklist)], resolver),
    )


def _instruction(chosen: Chosen, name: str, document: Document[InstructionHead]) -> Instruction:
    head, resolver = document.head, chosen.resolver
    return Instruction(
        id=name,
        name=head.name,
        timetable=_timetable(head.timetable, document.file, resolver),
        sections=_resolved(document, resolver),
        checklist=_texts([(document.file, head.checklist)], resolver),
        fields=tuple(fields(chosen.topic, head.safety, urgent=False)),
    )


def option_sheets(chosen: Chosen) -> tuple[OptionSheet, ...]:
    """A sheet for each chosen option."""
    return tuple(
        _option_sheet(chosen, name, option)
        for name, option in zip(option_names(chosen), chosen.options.values(), strict=True)
    )


def _option_sheet(chosen: Chosen, name: OptionName, option: Option) -> OptionSheet:
    resolver, words, rows = chosen.resolver, chosen.library.words, chosen.topic.words.rows
    sections = _resolved(option, resolver)
    headings = [section.heading for section in sections]
    return OptionSheet(
        name=name,
        sections=tuple(without_people(section) for section in sections),
        harms=harms_of(option, resolver, words) if option.head.harms else None,
        harms_at=headings.index(rows[HARMS]) if rows.get(HARMS) in headings else -1,
        people=people_of(option, rows, resolver, words.page),
        fields=tuple(fields(chosen.topic, option.head.safety, urgent=False)),
    )


def medicines(chosen: Chosen, plan: PlanShape | None, *, blank: bool) -> Medicines | None:
    """The plan, and the cards of the medicines prescribed, and of all others if that option was chosen."""
    topic, resolver, safety = chosen.topic, chosen.resolver, chosen.topic.medicine_safety
    if not chosen.has_medicines:
        return None
    others = [name for name in chosen.told if name not in chosen.known]
    return Medicines(
        plan=plan,
        blank=blank,
        prescribed=tuple(_medicine(name, topic.medicines[name], resolver) for name in chosen.known),
        unknown=chosen.unknown,
        others=tuple(_medicine(name, topic.medicines[name], resolver) for name in others),
        safety=tuple(resolver.section(section, safety.file) for section in safety.sections) if safety else (),
        fields=tuple(fields(topic, safety.head.safety, urgent=False)) if safety else (),
    )


def _medicine(name: str, document: Document[MedicineHead], resolver: Resolver) -> Medicine:
    *sections, warning = (resolver.section(section, document.file) for section in document.sections)
    return Medicine(name, document.head.name, warning, tuple(sections))


def closing(chosen: Chosen, imprint: Imprint, *, replaces: bool) -> Closing:
    """Key points, questions and the colophon. Made last: it lists the sources that the other sheets cite."""
    topic, resolver = chosen.topic, chosen.resolver
    each = 2 if len(chosen.options) <= FEW else 1
    general = topic.overview.head
    points = [point for section in topic.takeaways.sections for point in _points(section, topic, resolver)]
    takeaways = [(option.head.takeaway, option.file) for option in chosen.options.values()]
    return Closing(
        key_points=(*points, *(resolver.text(text, file) for text, file in takeaways)),
        questions=tuple(_questions(chosen, each)),
        teach_back=_texts([(topic.overview.file, general.teach_back), *_prompts(chosen)], resolver),
        sources=resolver.sources(),
        imprint=imprint,
        replaces=replaces,
    )


def _prompts(chosen: Chosen) -> Iterator[tuple[str, Sequence[str]]]:
    return ((option.file, option.head.teach_back[:1]) for option in chosen.options.values())


def _questions(chosen: Chosen, each: int) -> Iterator[Questions]:
    overview = chosen.topic.overview
    yield Questions("", _texts([(overview.file, overview.head.ask)], chosen.resolver))
    for option in chosen.options.values():
        yield Questions(option.head.name, _texts([(option.file, option.head.ask[:each])], chosen.resolver))


def _texts(lists: Iterable[tuple[str, Sequence[str]]], resolver: Resolver) -> tuple[Inline, ...]:
    return tuple(resolver.text(text, file) for file, texts in lists for text in texts)


def _points(section: Section, topic: Topic, resolver: Resolver) -> Iterator[Inline]:
    for block in resolver.section(section, topic.takeaways.file).blocks:
        if isinstance(block, Items):
            yield from block.items
        elif isinstance(block, Paragraph):
            yield block.runs


def diary(chosen: Chosen) -> Diary | None:
    """Four weeks to fill in, where one of the options asks for it, or the instructions do."""
    topic = chosen.topic
    asked = topic.file.diary or any(topic.entry(name).diary for name in chosen.options)
    return Diary(topic.words.diary.columns) if asked and topic.words.diary else None


def practice(chosen: Chosen) -> Practice | None:
    """The practice's own words, if its page is switched on."""
    own = chosen.library.clinic.practice
    if own is None or not chosen.library.clinic.file.practice_page:
        return None
    sections = tuple(chosen.resolver.section(section, own.file) for section in own.sections)
    return Practice(own.head.name, compared=len(chosen.options) > 1, sections=sections)


def _urgent_fields(chosen: Chosen) -> Iterator[Field]:
    """The fields for page 1: those that belong to no sheet, then the urgent ones of what is on the handout."""
    topic, safety = chosen.topic, chosen.topic.medicine_safety
    parts: list[Document[OptionHead] | Document[InstructionHead]] = [*topic.options.values(), *topic.sections.values()]
    owned = {name for document in parts for name in document.head.safety}
    owned |= set(safety.head.safety) if safety else set()
    told = [*safety.head.safety] if safety and chosen.has_medicines else []
    told += [name for option in chosen.options.values() for name in option.head.safety]
    told += [name for section in chosen.sections.values() for name in section.head.safety]
    known = dict.fromkeys((*topic.file.safety, *topic.overview.head.safety))
    yield from fields(topic, (name for name in known if name not in owned))
    yield from fields(topic, dict.fromkeys(told), urgent=True)


def fields(topic: Topic, names: Iterable[str], *, urgent: bool | None = None) -> Iterator[Field]:
    """A clinician's fields by name: what they say, or None for a line to write on. ``urgent``: only those, or the
    others.
    """
    for name in names:
        found = topic.file.safety.get(name, SafetyText())
        if urgent in {None, found.urgent} and (name in topic.file.safety or name in topic.overview.head.safety):
            yield Field(topic.overview.head.safety.get(name, name.replace("_", " ")), found.text)


def _calls(chosen: Chosen, told: Sequence[str]) -> Iterator[CallGroup]:
    """When to call, and the signs. What counts at the same time stands together, and what several say, once."""
    topic, safety = chosen.topic, chosen.topic.medicine_safety
    groups: list[tuple[str, Sequence[str], str]] = []
    if chosen.has_medicines and safety:
        when = safety.head.call_us.when
        groups.append((when, safety.head.call_us.signs, safety.file))
        groups += [(when, topic.medicines[name].head.signs, topic.medicines[name].file) for name in told]
    calls = [(option.head.call_us, option.file) for option in chosen.options.values() if option.head.call_us]
    calls += [(group, topic.overview.file) for group in topic.overview.head.call_us]
    calls += [(group, section.file) for section in chosen.sections.values() for group in section.head.call_us]
    groups += [(group.when, group.signs, file) for group, file in calls]
    signs: dict[str, dict[str, str]] = {}
    for when, lines, file in groups:
        for line in lines:
            signs.setdefault(when, {}).setdefault(line, file)
    for when, found in signs.items():
        yield CallGroup(when, tuple(chosen.resolver.text(line, file) for line, file in found.items()))
