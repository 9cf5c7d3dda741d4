"""Whether a clinician stands behind what is printed. Part of step 2, merge.

Each source file has an approval of its own; a sheet is approved when all files that it prints from are (APPROVE-1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from handouts.load.known_files import FIGURE_WORDS
from handouts.model.content import Library, Topic
from handouts.model.details import ApprovalTexts
from handouts.model.document import Document
from handouts.model.handout import Approval, ApprovalMark, Handout
from handouts.model.isolates import apart
from handouts.model.language import comma, is_rtl
from handouts.model.sheets import (
    Closing,
    Comparison,
    Condition,
    Front,
    Instructions,
    Medicines,
    OptionSheet,
    SheetContent,
    figures_of,
)

WORST: tuple[Approval, ...] = (
    "expired", "translation_behind", "translation_not_checked", "not_approved", "changed", "approved",
)  # fmt: skip
"""Of what a sheet prints from, the first of these that is met is the sheet's: a date that has passed is refused."""
PRACTICE = "practice"
"""The sheet in the practice's own words."""
MOST_NAMED = 2
"""So many who approved are named; the colophon has two lines for it."""


def file_states(topic: Topic, today: date) -> Mapping[str, Approval]:
    """Whether a clinician stands behind each source file, as it is, today."""
    return {name: _file_state(topic, name, today) for name in topic.digests}


def _file_state(topic: Topic, name: str, today: date) -> Approval:
    approval = topic.approvals.get(name)
    if today > topic.file.review_by or (_holds(topic, name) and approval and today > approval.until):
        return "expired"
    if name in topic.behind:
        return "translation_behind"
    if approval is None:
        return "translation_not_checked" if topic.is_translation(name) else "not_approved"
    return "approved" if _holds(topic, name) else "changed"


def _holds(topic: Topic, name: str) -> bool:
    """Whether a file's approval is of its present bytes."""
    approval = topic.approvals.get(name)
    return approval is not None and approval.digest == topic.digests[name]


def approval_state(topic: Topic, today: date) -> Approval:
    """Of the whole topic: that of its worst file."""
    return worst(file_states(topic, today).values())


def worst(states: Iterable[Approval]) -> Approval:
    """The one that counts for all."""
    return min(states, key=WORST.index)


def printed_from(topic: Topic, handout: Handout, sheet: SheetContent) -> tuple[str, ...]:
    """The names of the source files that a sheet prints from, in the order of `Topic.digests`.

    topic.yaml and the fixed words are printed everywhere, and so counts whatever belongs to no sheet of its own. The
    topic's name in the running line does not count, nor do the clinic's own files.
    """
    own = {*_texts(topic, sheet, handout)}
    drawn = [f"figures/{name}.svg" for name in figures_of(sheet)]
    elsewhere = {_name(topic, document) for document in topic.documents()}
    return tuple(
        name
        for name in topic.digests
        if name in own
        or name in drawn
        or (drawn and name.endswith(f"/{FIGURE_WORDS}"))
        or not (name in elsewhere or name.startswith("figures/") or name.endswith(f"/{FIGURE_WORDS}"))
    )


def _texts(topic: Topic, sheet: SheetContent, handout: Handout) -> Iterable[str]:
    """The Markdown files of a sheet."""
    options = [topic.options[option.id] for option in handout.front.options]
    sections = [topic.sections[part.id] for part in handout.instructions.parts] if handout.instructions else []
    documents: list[Document[Any] | None] = []
    if isinstance(sheet, Front):
        documents = [topic.overview, *options, *sections, *_told(topic, handout)]
    elif isinstance(sheet, Comparison):
        documents = [topic.overview, *options]
    elif isinstance(sheet, Condition):
        documents = [topic.overview]
    elif isinstance(sheet, Instructions):
        documents = [topic.overview, *sections]
    elif isinstance(sheet, OptionSheet):
        documents = [topic.options[sheet.name.id], *_labels(topic, sheet)]
    elif isinstance(sheet, Medicines):
        documents = [*_told(topic, handout), *_labels(topic, sheet)]
    elif isinstance(sheet, Closing):
        documents = [topic.overview, topic.takeaways, *options]
    return [_name(topic, document) for document in documents if document]


def _told(topic: Topic, handout: Handout) -> list[Document[Any] | None]:
    """The files on the medicines of the handout; the front has their signs."""
    found = handout.medicines
    if found is None:
        return []
    return [topic.medicine_safety, *(topic.medicines[one.id] for one in (*found.prescribed, *found.others))]


def _labels(topic: Topic, sheet: OptionSheet | Medicines) -> list[Document[Any] | None]:
    """overview.md, if the sheet has fields of the clinician: it has their labels."""
    return [topic.overview] if sheet.fields else []


def _name(topic: Topic, document: Document[Any]) -> str:
    """A file as approvals call it."""
    return document.file.removeprefix(f"topics/{topic.id}/")


def approval_mark(topic: Topic, handout: Handout, today: date) -> ApprovalMark:
    """Who stands behind the sheets that are to be printed."""
    states = file_states(topic, today)
    files = [(name, printed_from(topic, handout, sheet)) for name, sheet in handout.sheets()]
    used = {name for _, names in files for name in names}
    held = [name for name in topic.digests if name in used and _holds(topic, name) and name not in topic.behind]
    holding = [topic.approvals[name] for name in held]
    checkers = (topic.approvals[name].checked_by for name in held if topic.is_translation(name))
    last_days = [topic.file.review_by, *(approval.until for approval in holding)]
    sheets = tuple((sheet, worst(states[name] for name in names)) for sheet, names in files)
    return ApprovalMark(
        state=worst(state for _, state in sheets),
        by=tuple(dict.fromkeys(approval.by for approval in holding)),
        checked_by=tuple(dict.fromkeys(filter(None, checkers))),
        good_until=min(last_days) if holding else None,
        sheets=sheets,
        waiting=tuple((name, states[name]) for name in topic.digests if name in used and states[name] != "approved"),
    )


def approval_texts(library: Library, mark: ApprovalMark) -> ApprovalTexts:
    """How the pages say it."""
    words = library.words.page
    states = dict(mark.sheets)
    front = states.get("front", mark.state)
    version = f"{words['version']} {library.topic.file.version}"
    running = [f"{version} · {words['not_approved' if state == 'changed' else state]}" for state in states.values()]
    own = [name == PRACTICE for name in states]  # the clinic's own words, which no approval of a topic covers
    told = tuple(words["practice"] if mine else text for mine, text in zip(own, running, strict=True))
    if mark.state == "approved":
        sentence = f"{words['approved_by']} {_names(mark.by, words, library.language)}."
        if mark.checked_by:
            sentence += f" {words['translation_checked_by']} {_names(mark.checked_by, words, library.language)}."
    else:
        sentence = words[f"{mark.state}_long" if mark.same else f"some_{mark.state}"]
    return ApprovalTexts(
        told,
        "" if front == "approved" else words[front],
        sentence,
    )


def _names(by: tuple[str, ...], words: Mapping[str, str], language: str) -> str:
    """ "Dr. X", "Dr. X and Dr. Y", "Dr. X, Dr. Y and others"."""
    names = [apart(name, rtl=is_rtl(language)) for name in by]
    if len(names) > MOST_NAMED:
        named = f"{comma(language)} ".join(names[:MOST_NAMED])
        return f"{named} {words['and_others']}"
    return f" {words['and']} ".join(names)
