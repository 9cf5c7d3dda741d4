"""Every text that a patient reads, in words, in passages that are read together.

Of the topic: prose, names, front matter, safety fields, words in and for drawings, rows, headings, diary, the words of
its numbers. Of a clinic: its page, the fields that are printed, and what its presets write into a handout. Sources are
left out: they are others' titles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handouts.errors import ContentFault, Fault
from handouts.load.collector import Reader
from handouts.load.known_files import FIGURE_WORDS, OWN_WORDS
from handouts.load.markdown import inline_text
from handouts.load.requests import load_preset
from handouts.merge.references import Resolver
from handouts.model.base import Frozen
from handouts.model.clinic import Clinic
from handouts.model.content import Library, Topic
from handouts.model.document import Document, HarmEntry, OptionHead
from handouts.model.language import ORIGINAL
from handouts.model.number_words import phrases_of
from handouts.model.prose import Figure, Inline, Items, People, Section, inlines, plain
from handouts.model.topic_words import OwnWords, TopicWords


@dataclass(frozen=True)
class Passage:
    """Texts that are read together. ``raw`` has its references still unresolved; ``front``: printed on page 1."""

    file: str
    part: str
    texts: tuple[str, ...]
    raw: str = ""
    items: int = 0
    """Entries of the longest list in it."""
    front: bool = False

    @property
    def where(self) -> str:
        """The place as findings name it."""
        return f"{self.file}: {self.part}"

    @property
    def text(self) -> str:
        """All texts, a line each."""
        return "\n".join(self.texts)


def topic_passages(library: Library) -> Iterator[Passage]:
    """The topic's texts, and the fixed words. ContentFault for a reference that leads nowhere."""
    topic = library.topic
    resolver = Resolver(topic)
    for document in topic.documents():
        yield from _document(document, resolver)
    resolver.raise_if_any()
    yield from _topic_file(topic)
    words = library.words
    yield Passage(f"words/{topic.language}.yaml", "page", (*words.page.values(), *words.times.values()))
    yield from _shared_words(topic)


def clinic_passages(clinic: Clinic, topic: Topic) -> Iterator[Passage]:
    """A clinic's texts. ContentFault for a preset that can't be used, or a reference that leads nowhere."""
    if clinic.practice:
        resolver = Resolver(topic)
        yield from _document(clinic.practice, resolver)
        resolver.raise_if_any()
    file = f"clinics/{clinic.id}/clinic.yaml"
    for part in ("name", "line", "address", "phone", "emergency_number", "crisis_line"):
        texts = tuple(_values(getattr(clinic.file, part)))
        if texts:
            yield Passage(file, part, texts, "\n".join(texts), front=True)
    yield from _presets(clinic, topic)


def _document(document: Document[Any], resolver: Resolver) -> Iterator[Passage]:
    for section in document.sections:
        yield _section(section, document.file, resolver)
    yield from _head(document.head, document.file, resolver)


def _section(section: Section, file: str, resolver: Resolver) -> Passage:
    raw = [plain(runs) for runs in inlines(section.blocks)]
    resolved = resolver.section(section, file)
    texts = [plain(runs) for runs in inlines(resolved.blocks)]
    labels = [label for block in section.blocks if isinstance(block, People) for label in block.labels]
    labels += [block.alt for block in section.blocks if isinstance(block, Figure)]
    labels = [section.heading, *labels] if section.heading else labels
    longest = max((len(block.items) for block in section.blocks if isinstance(block, Items)), default=0)
    return Passage(file, section.heading or "text", (*texts, *labels), "\n".join([*raw, *labels]), longest)


_ON_PAGE_1 = {"line", "decision", "decision_one", "one_line", "grid", "glance", "harms", "matters", "next_steps"}
_ON_PAGE_1 |= {"timetable", "call_us", "signs", "urgent"}


def _head(head: Frozen, file: str, resolver: Resolver) -> Iterator[Passage]:
    """The front matter: a passage for each list and for the grid, and one for the single lines."""
    single: list[str] = []
    for key in type(head).model_fields:
        value = getattr(head, key)
        if key == "harm_labels" or (key == "safety" and isinstance(value, tuple)) or not value:
            continue
        if isinstance(value, str):
            single.append(value)
            continue
        texts = [
            *_values(value),
            *(_values(head.harm_labels) if isinstance(head, OptionHead) and key == "harms" else []),
        ]
        if texts:
            items = len(value) if isinstance(value, tuple) else 0
            yield _resolve(file, key, texts, resolver, items=items, front=key in _ON_PAGE_1)
    if single:
        yield _resolve(file, "single lines", single, resolver, front=True)


def _values(value: Any) -> list[str]:
    if isinstance(value, HarmEntry):
        return [*value.names, *filter(None, [value.how_often])]
    if isinstance(value, Frozen):
        return [text for name in type(value).model_fields for text in _values(getattr(value, name))]
    if isinstance(value, str | None):
        return [value] if value else []
    return [text for item in (value.values() if isinstance(value, Mapping) else value) for text in _values(item)]


def _resolve(
    file: str, part: str, texts: list[str], resolver: Resolver, *, items: int = 0, front: bool = False
) -> Passage:
    words: list[Inline] = [resolver.runs(inline_text(text), file) for text in texts]
    raw = "\n".join(plain(inline_text(text)) for text in texts)
    return Passage(file, part, tuple(map(plain, words)), raw, items, front)


def _topic_file(topic: Topic) -> Iterator[Passage]:
    """What clinicians fill in, and the words of the drawings."""
    said, translated = topic.numbers, topic.language != ORIGINAL
    file = f"topics/{topic.id}/{topic.language}/{OWN_WORDS}" if translated else f"topics/{topic.id}/topic.yaml"
    for part in ("funding",) if translated else ("funding", "update_policy"):
        text = getattr(topic.file, part)
        if text:
            yield Passage(file, part, (text,), text)
    told = [said.phrase(phrase) for _, phrase in phrases_of(topic.file.numbers)]
    if told:
        yield Passage(file, "numbers", tuple(dict.fromkeys(told)), "\n".join(dict.fromkeys(told)))
    for name, field in topic.file.safety.items():
        if field.text:
            yield Passage(file, f"safety.{name}", tuple(field.text.split("\n")), field.text, front=field.urgent)
    for name, labels in topic.drawings.labels.items():
        words = tuple(labels.values())
        yield Passage(f"topics/{topic.id}/{topic.language}/{FIGURE_WORDS}", name, words, "\n".join(words))


def _shared_words(topic: Topic) -> Iterator[Passage]:
    """Rows, headings and diary: the topic's own, and those that it takes from the defaults."""
    path = topic.folder / topic.language / OWN_WORDS
    own = Reader(topic.folder).model(OwnWords, path) if path in topic.files else None
    told = _shared(topic.words)
    mine = _shared(own) if own else []
    for file, texts in (
        (f"topics/{topic.id}/{topic.language}/{OWN_WORDS}", mine),
        (f"defaults/{topic.language}.yaml", [text for text in told if text not in mine]),
    ):
        if texts:
            yield Passage(file, "shared words", tuple(texts), "\n".join(texts))


def _shared(words: TopicWords | OwnWords) -> list[str]:
    return list(dict.fromkeys([*_values(words.rows), *_values(words.headings), *_values(words.diary)]))


def _presets(clinic: Clinic, topic: Topic) -> Iterator[Passage]:
    folder = clinic.folder / "presets"
    for path in sorted(folder.glob("*.yaml")):
        preset = load_preset(clinic.folder.parent.parent, clinic.id, path.stem)
        if preset.get("topic") not in {None, topic.id}:
            continue
        file = f"clinics/{clinic.id}/presets/{path.name}"
        steps = tuple(preset.get("next_steps") or ())
        if steps:
            yield Passage(file, "next_steps", steps, "\n".join(steps), len(steps), front=True)
        note = preset.get("note")
        if note:
            yield Passage(file, "note", tuple(note.split("\n")), note)
        said = [entry[key] for entry in preset.get("medicines") or () for key in ("dose", "remark") if entry.get(key)]
        if said:
            yield Passage(file, "medicines", tuple(said), "\n".join(said))
        visit = preset.get("appointment") or {}
        met = [visit[key] for key in ("with", "where") if visit.get(key)]
        if met:
            yield Passage(file, "appointment", tuple(met), "\n".join(met), front=True)


def faults_of(error: ContentFault) -> Iterable[Fault]:
    """Each fault that ``error`` tells of, or the whole of it."""
    return error.faults or (Fault("", 0, error.message),)
