"""Step 2, merge: ``Library + Request + today -> Handout``. Pure: keeps only what was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from handouts.errors import MOST_TOLD, Fault, RequestFault, nearest, quote_if_known
from handouts.merge.details import field_names, lines_of_note, paper_of
from handouts.merge.notes import paragraphs
from handouts.merge.notices import notices_about_choice, notices_about_text
from handouts.merge.references import Resolver
from handouts.model.content import Library, Topic
from handouts.model.document import GRID_ROWS
from handouts.model.edition import USUAL, Edition
from handouts.model.handout import (
    SIDE_BY_SIDE,
    Approval,
    CallGroup,
    Field,
    Handout,
    HandoutMedicine,
    HandoutOption,
    Layout,
    Row,
)
from handouts.model.prose import Inline, Items, Paragraph, Run, Section
from handouts.model.request import MOST_NEXT_STEPS, Prescribed, Request
from handouts.model.slots import NOTE

MOST_TAUGHT_BACK = 3
MOST_ASKED = 7
"""Lists hold seven items at most (STANDARDS: Words)."""


@dataclass(frozen=True)
class Merged:
    """A handout, and what the staff should know: about this choice, and about the text as a whole."""

    handout: Handout
    about_choice: tuple[str, ...]
    about_text: tuple[str, ...]

    @property
    def notices(self) -> tuple[str, ...]:
        """Both."""
        return self.about_choice + self.about_text


def merge(library: Library, request: Request, today: date, edition: Edition = USUAL) -> Merged:
    """Merge one request into a topic.

    RequestFault for an option that the topic does not have (an unknown medicine is a notice); ContentFault for a
    reference to what isn't there.
    """
    topic, words = library.topic, library.words
    chosen = _choose(topic, request)
    resolver = Resolver(topic)
    known = [item for item in request.medicines if _slug(item) in topic.medicines]
    tells_medicines = "medicines" in chosen
    layout: Layout = "table" if len(chosen) <= SIDE_BY_SIDE and request.format == "standard" else "cards"

    one_lines = {name: resolver.text(topic.options[name].head.one_line, topic.options[name].file) for name in chosen}
    grid = tuple(Row(words.grid[row], tuple(_cell(topic, name, row, resolver) for name in chosen)) for row in GRID_ROWS)
    heads = [(topic.options[name].file, topic.options[name].head) for name in chosen]
    next_steps = tuple((Run(step),) for step in request.next_steps) or _in_turn(
        [(file, head.next_steps) for file, head in heads], MOST_NEXT_STEPS, resolver
    )
    safety_known = topic.medicine_safety if known or request.medicines or tells_medicines else None
    calls = tuple(_calls(topic, chosen, known, safety_known is not None, resolver))
    overview = tuple(resolver.section(section, topic.overview.file) for section in topic.overview.sections)
    prescribed = tuple(_prescribe(topic, item, resolver) for item in request.medicines)
    told = {_slug(item) for item in known}
    others = [name for name in topic.medicines if name not in told] if tells_medicines else []
    medicines = tuple(_medicine(topic, name, resolver) for name in others)
    safety_sections = (
        tuple(resolver.section(section, safety_known.file) for section in safety_known.sections) if safety_known else ()
    )
    options = tuple(_option(topic, name, one_lines[name], resolver) for name in chosen)
    about, general = topic.overview.file, topic.overview.head
    ask = _in_turn([(about, general.ask), *((file, head.ask) for file, head in heads)], MOST_ASKED, resolver)
    prompts = [(about, general.teach_back), *((file, head.teach_back) for file, head in heads)]
    teach_back = _in_turn(prompts, MOST_TAUGHT_BACK, resolver)
    practice = _practice(library, resolver)  # before the list of sources: it may cite some
    stamped = () if edition.blank else lines_of_note(library, request)
    note = () if stamped else paragraphs(request.note)
    slots_left = iter(NOTE)
    handout = Handout(
        topic=topic.id,
        title=topic.overview.head.name,
        line=topic.overview.head.line,
        decision=topic.overview.head.decision,
        version=topic.file.version,
        published=topic.file.published,
        review_by=topic.file.review_by,
        update_policy=topic.file.update_policy,
        funding=topic.file.funding,
        approval=approval_state(topic, today),
        approved_by=topic.approval.by if topic.approval else None,
        good_until=min(topic.approval.until, topic.file.review_by) if topic.approval else None,
        clinic=library.clinic.file,
        clinic_folder=library.clinic.folder,
        logo=library.clinic.logo,
        language=request.language,
        format=request.format,
        paper=paper_of(library, request),
        stage=request.stage,
        side=request.side,
        blank=edition.blank,
        fields=field_names(library, request, edition),
        layout=layout,
        options=options,
        grid=grid,
        overview=overview,
        prescribed=prescribed,
        medicines=medicines,
        medicine_safety=safety_sections[0] if safety_sections else None,
        medicine_safety_sections=safety_sections,
        medicine_fields=tuple(_fields(topic, safety_known.head.safety)) if safety_known else (),
        urgent=next(iter(_fields(topic, ("urgent_signs",))), Field(words.page["urgent_signs"], None)),
        calls=calls,
        next_steps=next_steps,
        ask=ask,
        teach_back=teach_back,
        key_points=tuple(
            point
            for section in topic.takeaways.sections
            for point in _points(resolver.section(section, topic.takeaways.file))
        ),
        option_points=tuple(resolver.text(head.takeaway, file) for file, head in heads),
        sources=resolver.sources(),
        note=note,
        note_slots=tuple(tuple(islice(slots_left, len(lines))) for lines in stamped),
        diary=any(topic.entry(name).diary for name in chosen),
        practice=practice,
        sided=tuple(sorted(name for name, entry in topic.file.figures.items() if entry.sided)),
        pictures=tuple(resolver.pictures.items()),
        own_steps=bool(request.next_steps),
        personal=bool(note or request.medicines or request.next_steps),
    )
    resolver.raise_if_any()
    unknown = [item for item in request.medicines if item not in known]
    return Merged(
        handout,
        tuple(notices_about_choice(topic, chosen, unknown)),
        tuple(notices_about_text(topic, handout.approval, today)),
    )


def approval_state(topic: Topic, today: date) -> Approval:
    """Whether a clinician stands behind exactly this text today. Expired goes before all else."""
    approval = topic.approval
    if today > topic.file.review_by or (approval and approval.digest == topic.text_digest and today > approval.until):
        return "expired"
    if approval is None:
        return "not_approved"
    return "approved" if approval.digest == topic.text_digest else "changed"


def _choose(topic: Topic, request: Request) -> tuple[str, ...]:
    unknown = [name for name in request.options if name not in topic.option_order]
    faults = [
        Fault(
            "",
            0,
            f"There is no option{quote_if_known(name, topic.option_order)} in {topic.id}. "
            f"{nearest(name, topic.option_order, what='options')}",
        )
        for name in unknown[:MOST_TOLD]
    ]
    if faults:
        raise RequestFault("The request names options that the topic doesn't have:", faults=faults)
    return tuple(name for name in topic.option_order if name in request.options)


def _slug(item: Prescribed) -> str:
    """How the topic would call this medicine."""
    return "-".join(item.name.lower().split())


def _cell(topic: Topic, name: str, row: str, resolver: Resolver) -> Inline:
    document = topic.options[name]
    return resolver.text(getattr(document.head.grid, row), document.file)


def _in_turn(lists: Sequence[tuple[str, Sequence[str]]], most: int, resolver: Resolver) -> tuple[Inline, ...]:
    """The first of each file's list, then the second of each ..., each text once: fair to every option."""
    depth = max((len(items) for _, items in lists), default=0)
    turns: dict[str, str] = {}
    for i in range(depth):
        for file, items in lists:
            if i < len(items):
                turns.setdefault(items[i], file)
    return tuple(resolver.text(text, file) for text, file in list(turns.items())[:most])


def _points(section: Section) -> Iterable[Inline]:
    for block in section.blocks:
        if isinstance(block, Items):
            yield from block.items
        elif isinstance(block, Paragraph):
            yield block.runs


def _fields(topic: Topic, names: Iterable[str]) -> Iterable[Field]:
    for name in names:
        if name in topic.file.safety or name in topic.overview.head.safety:
            yield Field(topic.overview.head.safety.get(name, name.replace("_", " ")), topic.file.safety.get(name))


def _option(topic: Topic, name: str, one_line: Inline, resolver: Resolver) -> HandoutOption:
    document = topic.options[name]
    sections = tuple(resolver.section(section, document.file) for section in document.sections)
    head = document.head
    return HandoutOption(
        name, head.name, head.short, one_line, sections[:-1], sections[-1], tuple(_fields(topic, head.safety))
    )


def _medicine(topic: Topic, name: str, resolver: Resolver) -> HandoutMedicine:
    document = topic.medicines[name]
    return HandoutMedicine(
        document.head.name, tuple(resolver.section(section, document.file) for section in document.sections)
    )


def _prescribe(topic: Topic, item: Prescribed, resolver: Resolver) -> HandoutMedicine:
    name = _slug(item)
    told = _medicine(topic, name, resolver) if name in topic.medicines else HandoutMedicine(item.name, ())
    return replace(told, prescribed=True, dose=item.dose, times=item.times, remark=item.remark)


def _calls(
    topic: Topic, chosen: Sequence[str], known: Sequence[Prescribed], medicine_safety: bool, resolver: Resolver
) -> Iterable[CallGroup]:
    if medicine_safety and topic.medicine_safety:
        option = topic.options.get("medicines")
        told = topic.medicines if "medicines" in chosen else [_slug(item) for item in known]
        safety = topic.medicine_safety
        items = [(line, safety.file) for line in safety.head.call_us]
        for medicine in (topic.medicines[name] for name in told):
            items += [(line, medicine.file) for line in medicine.head.call_us]
        if option and "medicines" in chosen:
            items = [*((line, option.file) for line in option.head.call_us), *items]
        title = option.head.short if option else safety.head.name
        yield CallGroup(title, tuple(resolver.text(line, file) for line, file in dict(items).items()))
    for name in chosen:
        document = topic.options[name]
        if document.head.call_us and not (name == "medicines" and medicine_safety):
            calls = tuple(resolver.text(line, document.file) for line in document.head.call_us)
            yield CallGroup(document.head.short, calls)


def _practice(library: Library, resolver: Resolver) -> tuple[str, tuple[Section, ...]] | None:
    practice = library.clinic.practice
    if practice is None or not library.clinic.file.practice_page:
        return None
    return practice.head.name, tuple(resolver.section(section, practice.file) for section in practice.sections)
