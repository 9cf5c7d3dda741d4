"""What there is to know of a topic at a glance: its dates, which file and sheet is approved, what is still empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from handouts.authoring.approvals import STRUCTURE, missing_safety
from handouts.authoring.preview import everything
from handouts.errors import HandoutError
from handouts.load.library import load_library, topic_ids
from handouts.load.yamlfile import parse
from handouts.merge.approval import file_states, printed_from, worst
from handouts.merge.merge import merge
from handouts.model.content import Library, Topic
from handouts.model.handout import Approval

_TITLES = {
    "front": "Front",
    "comparison": "Comparison",
    "plan": "Your medicines",
    "instructions": "Instructions",
    "questions": "Questions and sources",
    "diary": "Diary",
    "practice": "The practice's own page",
}


@dataclass(frozen=True)
class SheetState:
    """A sheet: its name as `--sheet` has it, its title in words, the files that it prints from, their worst state."""

    name: str
    title: str
    files: tuple[str, ...]
    state: Approval


@dataclass(frozen=True)
class EmptyField:
    """A safety field of topic.yaml that no clinician has filled in, the label that is printed before it, its line."""

    name: str
    label: str
    urgent: bool
    line: int


@dataclass(frozen=True)
class TopicSummary:
    """A topic that can be read. ``files``: the state of each source file; ``sheets``: of all that it can print."""

    id: str
    name: str
    version: str
    published: date
    review_by: date
    days_left: int
    """To the review; negative once it is overdue."""
    files: Mapping[str, Approval]
    sheets: tuple[SheetState, ...]
    empty: tuple[EmptyField, ...]

    def sheet(self, name: str) -> SheetState | None:
        """The sheet of that name, if there is one."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


@dataclass(frozen=True)
class UnreadableTopic:
    """A topic whose files have faults."""

    id: str
    error: HandoutError


def summaries(content: Path, today: date) -> list[TopicSummary | UnreadableTopic]:
    """Every topic of a content folder, by name of its folder."""
    return [_summary_or_fault(content, topic, today) for topic in topic_ids(content)]


def _summary_or_fault(content: Path, topic: str, today: date) -> TopicSummary | UnreadableTopic:
    try:
        return summarize(load_library(content, topic), today)
    except HandoutError as error:
        return UnreadableTopic(topic, error)


def summarize(library: Library, today: date) -> TopicSummary:
    """The topic of ``library`` on a day. ContentFault where its sheets can't be merged."""
    topic, states = library.topic, file_states(library.topic, today)
    return TopicSummary(
        id=topic.id,
        name=topic.overview.head.name,
        version=topic.file.version,
        published=topic.file.published,
        review_by=topic.file.review_by,
        days_left=(topic.file.review_by - today).days,
        files=states,
        sheets=tuple(_sheets(library, states, today)),
        empty=tuple(_empty(topic)),
    )


def _sheets(library: Library, states: Mapping[str, Approval], today: date) -> Iterator[SheetState]:
    handout = merge(library, everything(library), today).handout
    for name, sheet in handout.all_sheets():
        files = printed_from(library.topic, handout, sheet)
        yield SheetState(name, sheet_title(library.topic, name), files, worst(states[file] for file in files))


def sheet_title(topic: Topic, name: str) -> str:
    """A sheet's name in words: an option's own, else what the sheet is."""
    if name in topic.options:
        return topic.options[name].head.name
    return topic.overview.head.name if name == "condition" else _TITLES[name]


def _empty(topic: Topic) -> Iterator[EmptyField]:
    parsed = parse((topic.folder / STRUCTURE).read_text(encoding="utf-8"), STRUCTURE)
    for name in missing_safety(topic):
        label = topic.overview.head.safety.get(name, name)
        yield EmptyField(name, label, topic.file.safety[name].urgent, parsed.line(("safety", name)))
