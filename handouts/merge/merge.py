"""Step 2, merge: ``Library + Request + today -> Handout``. Pure: keeps only what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from handouts.errors import MOST_TOLD, Fault, RequestFault, nearest, quote_if_known
from handouts.merge import sheets
from handouts.merge.approval import approval_mark, approval_texts
from handouts.merge.details import medicine_slug, paper_of, plan_shape, shape_of
from handouts.merge.notices import notices_about_choice, notices_about_side, notices_about_text
from handouts.merge.references import Resolver
from handouts.model.content import Library, Topic
from handouts.model.document import Document, InstructionHead
from handouts.model.edition import USUAL, Edition
from handouts.model.handout import SHEETS, ApprovalMark, Handout, Look
from handouts.model.language import language_name
from handouts.model.prose import plain
from handouts.model.request import Request
from handouts.model.shapes import MOST_NEXT_STEPS
from handouts.model.sheets import Imprint
from handouts.model.wording import Wording


@dataclass(frozen=True)
class Merged:
    """A handout, the words that its patient's own texts are stamped with, and what the staff should know: about this
    choice, and about the text as a whole.
    """

    handout: Handout
    wording: Wording
    about_choice: tuple[str, ...]
    about_text: tuple[str, ...]

    @property
    def notices(self) -> tuple[str, ...]:
        """Both."""
        return self.about_choice + self.about_text


def merge(library: Library, request: Request, today: date, edition: Edition = USUAL) -> Merged:
    """Merge one request into a topic.

    RequestFault for an option or a sheet that the topic does not have (an unknown medicine is a notice) and for text
    that its place can't hold; ContentFault for a reference to what isn't there.
    """
    topic = library.topic
    _require_same_language(library, request)
    options = {name: topic.options[name] for name in _choose(topic, request)}
    _require_side(topic, request)
    prescribed = {medicine_slug(item) for item in request.medicines}
    chosen = sheets.Chosen(
        library,
        Resolver(topic),
        options,
        _sections(topic, request),
        known=tuple(name for name in topic.medicines if name in prescribed),
        unknown=bool(prescribed - topic.medicines.keys()),
    )
    wording = library.wording.told(steps=_own_steps(chosen))
    imprint = Imprint(
        topic.file.version, topic.file.published, topic.file.review_by, topic.file.update_policy, topic.file.funding
    )
    handout = Handout(
        topic=topic.id,
        look=_look(library, request),
        imprint=imprint,
        approval=ApprovalMark("not_approved"),  # until it is known what is printed
        front=sheets.front(chosen, request, shape_of(wording, request, edition), blank=edition.blank),
        comparison=sheets.comparison(chosen),
        medicines=sheets.medicines(chosen, plan_shape(wording, request, edition), blank=edition.blank),
        condition=sheets.condition(chosen),
        instructions=sheets.instructions(chosen),
        options=sheets.option_sheets(chosen),
        practice=sheets.practice(chosen),
        closing=sheets.closing(chosen, imprint, replaces=edition.replaces is not None),
        diary=sheets.diary(chosen),
        chosen=request.sheets or (),
    )
    chosen.resolver.raise_if_any()
    unknown = [item for item in request.medicines if medicine_slug(item) not in topic.medicines]
    handout = _print_only(handout, request, topic)
    mark = approval_mark(topic, handout, today)
    return Merged(
        replace(handout, approval=mark),
        wording.told(approval=approval_texts(library, mark)),
        tuple(notices_about_choice(topic, tuple(options), unknown)),
        (*notices_about_side(topic, handout), *notices_about_text(topic, mark, today)),
    )


def without_sources(handout: Handout) -> Handout:
    """A copy that stands behind the same in another language, whose colophon has the sources."""
    return replace(handout, closing=replace(handout.closing, sources=(), listed_before=True))


def _own_steps(chosen: sheets.Chosen) -> tuple[str, ...]:
    """The topic's own next steps, each once: those of all of it, then the first of each chosen part's, then the second
    of each ... No part goes without for the many steps of another.
    """
    parts: list[tuple[tuple[str, ...], str]] = [(chosen.topic.overview.head.next_steps, chosen.topic.overview.file)]
    parts += [(option.head.next_steps, option.file) for option in chosen.options.values()]
    parts += [(section.head.next_steps, section.file) for section in chosen.sections.values()]
    depth = max(len(steps) for steps, _ in parts)
    in_turn = {steps[i]: file for i in range(depth) for steps, file in parts if i < len(steps)}
    picked = list(islice(in_turn.items(), MOST_NEXT_STEPS))
    picked.sort(key=lambda step: step[0] not in chosen.topic.overview.head.next_steps)
    return tuple(plain(chosen.resolver.text(step, file)) for step, file in picked)


def _require_same_language(library: Library, request: Request) -> None:
    """RequestFault for a library that was read in another language: a handout is never half in one."""
    if request.language != library.language:
        asked, there = language_name(request.language), language_name(library.language)
        raise RequestFault(f"The request asks for {asked}, but the texts are {there}. Load them in its language.")


def _look(library: Library, request: Request) -> Look:
    return Look(
        title=library.topic.overview.head.name,
        clinic=library.clinic.file.printed_part(),
        logo=library.clinic.logo,
        language=library.language,
        format=request.format,
        paper=paper_of(library, request),
        side=request.side,
    )


def _choose(topic: Topic, request: Request) -> tuple[str, ...]:
    if topic.file.kind == "choice" and not request.options:
        raise RequestFault(f"options is missing: {topic.id} is a choice. {_all_of(topic.option_order)}")
    if topic.file.kind != "choice" and request.options:
        raise RequestFault(f"{topic.id} has no options: it is instructions. Leave options out; sections may be named.")
    _require_known("option", request.options, topic.option_order, topic)
    return tuple(name for name in topic.option_order if name in request.options)


def _sections(topic: Topic, request: Request) -> dict[str, Document[InstructionHead]]:
    """The sections of instructions to print: all but the optional ones that the request does not name."""
    if topic.file.kind == "choice" and request.sections:
        raise RequestFault(f"{topic.id} has no sections: it is a choice. Leave sections out.")
    _require_known("section", request.sections, tuple(topic.sections), topic)
    wanted = [entry.id for entry in topic.file.sections if not entry.optional or entry.id in request.sections]
    return {name: topic.sections[name] for name in wanted}


def _require_side(topic: Topic, request: Request) -> None:
    sides = topic.file.sides
    if request.side and request.side not in sides:
        known = f"It has {', '.join(sides)}." if sides else "Leave side out."
        raise RequestFault(f"{topic.id} has no side '{request.side}'. {known}")


def _all_of(names: Sequence[str]) -> str:
    return f"It has {', '.join(names)}."


def _require_known(kind: str, names: Sequence[str], known: Sequence[str], topic: Topic) -> None:
    faults = [
        Fault(
            "",
            0,
            f"There is no {kind}{quote_if_known(name, known)} in {topic.id}. {nearest(name, known, what=f'{kind}s')}",
        )
        for name in names
        if name not in known
    ][:MOST_TOLD]
    if faults:
        raise RequestFault(f"The request names {kind}s that the topic doesn't have:", faults=faults)


def _print_only(handout: Handout, request: Request, topic: Topic) -> Handout:
    """The handout with the sheets that the request asks for, all by default. RequestFault for one that it lacks."""
    names = [name for name, _ in handout.all_sheets()]
    asked: Sequence[str] = request.sheets or names
    known = (*SHEETS, *topic.option_order)
    faults = [
        Fault(
            "",
            0,
            f"There is no sheet{quote_if_known(name, known)} in this handout. {_sheets_hint(name, names, topic)}",
        )
        for name in asked
        if name not in names
    ]
    if faults:
        raise RequestFault("The request names sheets that this handout doesn't have:", faults=faults[:MOST_TOLD])
    return replace(handout, chosen=tuple(name for name in names if name in asked))


def _sheets_hint(name: str, names: Sequence[str], topic: Topic) -> str:
    if name in topic.option_order:
        return "That option was not chosen."
    if name in SHEETS:
        return "Nothing of this choice needs it."
    return nearest(name, names, what="sheets")
