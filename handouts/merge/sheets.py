"""What stands on each sheet of the stack. Part of step 2, merge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from handouts.merge.cells import Option, comparison_rows, glance_rows, harms_of
from handouts.merge.references import Resolver
from handouts.model.content import Library, SafetyText, Topic
from handouts.model.document import Document, MedicineHead
from handouts.model.handout import (
    CallGroup,
    Closing,
    Comparison,
    Condition,
    Diary,
    Field,
    Front,
    Imprint,
    Medicine,
    Medicines,
    OptionName,
    OptionSheet,
    Picture,
    Practice,
    Questions,
)
from handouts.model.prose import Inline, Items, Paragraph, People, Section
from handouts.model.request import Request
from handouts.model.shapes import PlanShape, Shape

MOST_POINTS = 7
"""Lists hold seven items at most (STANDARDS: Words)."""
FEW = 3
"""So many options have two questions and two teach-back prompts each, more have one."""


@dataclass(frozen=True)
class Chosen:
    """What a request picks. ``known``: ids of the prescribed medicines that the topic has, in its order."""

    library: Library
    resolver: Resolver
    options: Mapping[str, Option]
    known: tuple[str, ...]
    unknown: bool
    """Whether medicines were prescribed that the topic does not have."""

    @property
    def topic(self) -> Topic:
        """The topic."""
        return self.library.topic

    @property
    def tells_medicines(self) -> bool:
        """Whether the option of medicines was chosen."""
        return "medicines" in self.options

    @property
    def has_medicines(self) -> bool:
        """Whether the handout says anything of medicines."""
        return bool(self.known or self.unknown or self.tells_medicines)


def front(chosen: Chosen, request: Request, shape: Shape, *, blank: bool) -> Front:
    """Page 1."""
    topic, words, resolver = chosen.topic, chosen.library.words, chosen.resolver
    options = list(chosen.options.values())
    rows = (glance_rows if len(options) > 1 else comparison_rows)(options, resolver, words)
    told = tuple(topic.medicines) if chosen.tells_medicines else chosen.known
    urgent = [(line, topic.medicines[name].file) for name in told for line in topic.medicines[name].head.urgent]
    return Front(
        line=topic.overview.head.line,
        decision=_decision(topic, alone=len(options) == 1),
        stage=request.stage,
        blank=blank,
        side=words.page[f"your_{request.side}_side"] if request.side else "",
        options=option_names(chosen),
        rows=rows,
        matters=topic.overview.head.matters,
        urgent=tuple(resolver.text(line, file) for line, file in urgent),
        urgent_fields=tuple(_urgent_fields(chosen)),
        medicines=chosen.has_medicines,
        calls=tuple(_calls(chosen, told)),
        shape=shape,
    )


def _decision(topic: Topic, *, alone: bool) -> str:
    head = topic.overview.head
    return head.decision_one if alone and head.decision_one else head.decision


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
    rows = comparison_rows(list(chosen.options.values()), chosen.resolver, chosen.library.words)
    return Comparison(option_names(chosen), rows, chosen.topic.overview.head.matters)


def condition(chosen: Chosen) -> Condition:
    """What the patient has."""
    overview = chosen.topic.overview
    return Condition(tuple(chosen.resolver.section(section, overview.file) for section in overview.sections))


def option_sheets(chosen: Chosen) -> tuple[OptionSheet, ...]:
    """A sheet for each chosen option."""
    return tuple(
        _option_sheet(chosen, name, option)
        for name, option in zip(option_names(chosen), chosen.options.values(), strict=True)
    )


def _option_sheet(chosen: Chosen, name: OptionName, option: Option) -> OptionSheet:
    resolver, words = chosen.resolver, chosen.library.words
    sections = tuple(resolver.section(section, option.file) for section in option.sections)
    headings = [section.heading for section in sections]
    return OptionSheet(
        name=name,
        sections=tuple(_without_people(section) for section in sections),
        harms=harms_of(option, resolver, words) if option.head.harms else None,
        harms_at=headings.index(words.grid["harms"]) if words.grid["harms"] in headings else -1,
        benefit=_people(option, words.grid["works"], resolver),
        lasting_harm=_people(option, words.grid["harms"], resolver),
        fields=tuple(fields(chosen.topic, option.head.safety, urgent=False)),
    )


def _people(option: Option, heading: str, resolver: Resolver) -> Picture | None:
    """The picture of people in the section of a heading."""
    for section in option.sections:
        for block in section.blocks:
            if section.heading == heading and isinstance(block, People):
                return resolver.picture(block, option.file)
    return None


def _without_people(section: Section) -> Section:
    return replace(section, blocks=tuple(block for block in section.blocks if not isinstance(block, People)))


def medicines(chosen: Chosen, plan: PlanShape | None, *, blank: bool) -> Medicines | None:
    """The plan, and the cards of the medicines prescribed, and of all others if that option was chosen."""
    topic, resolver, safety = chosen.topic, chosen.resolver, chosen.topic.medicine_safety
    if not chosen.has_medicines:
        return None
    others = [name for name in topic.medicines if name not in chosen.known] if chosen.tells_medicines else []
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
    """Four weeks to fill in, where one of the options asks for it."""
    return Diary() if any(chosen.topic.entry(name).diary for name in chosen.options) else None


def practice(chosen: Chosen) -> Practice | None:
    """The practice's own words, if its page is switched on."""
    own = chosen.library.clinic.practice
    if own is None or not chosen.library.clinic.file.practice_page:
        return None
    sections = tuple(chosen.resolver.section(section, own.file) for section in own.sections)
    return Practice(own.head.name, sections)


def _urgent_fields(chosen: Chosen) -> Iterator[Field]:
    """The fields for page 1: those that belong to no sheet, then the urgent ones of what is on the handout."""
    topic, safety = chosen.topic, chosen.topic.medicine_safety
    owned = {name for document in topic.options.values() for name in document.head.safety}
    owned |= set(safety.head.safety) if safety else set()
    told = [*safety.head.safety] if safety and chosen.has_medicines else []
    told += [name for option in chosen.options.values() for name in option.head.safety]
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
    topic, resolver, safety = chosen.topic, chosen.resolver, chosen.topic.medicine_safety
    if chosen.has_medicines and safety:
        signs = [(line, safety.file) for line in safety.head.call_us.signs]
        signs += [(line, topic.medicines[name].file) for name in told for line in topic.medicines[name].head.signs]
        yield CallGroup(
            safety.head.call_us.when, tuple(resolver.text(line, file) for line, file in dict(signs).items())
        )
    for option in chosen.options.values():
        if option.head.call_us:
            signs = [(line, option.file) for line in option.head.call_us.signs]
            yield CallGroup(option.head.call_us.when, tuple(resolver.text(line, file) for line, file in signs))
