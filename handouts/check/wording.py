"""Gates on words: reading grade, sentences, lists, numbers and claims in prose, dose notation, page 1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handouts.check.findings import Finding, at_most
from handouts.check.reading import measure
from handouts.load.known_files import LANGUAGE
from handouts.load.markdown import inline_text
from handouts.merge.references import Resolver
from handouts.model.base import Frozen
from handouts.model.content import Library
from handouts.model.document import HarmEntry, OptionHead
from handouts.model.doses import safe_dose
from handouts.model.prose import Inline, Items, People, Section, inlines, plain

GRADE, SENTENCE, LIST = 6.0, 20, 7
SELLING = re.compile(
    r"\b(?:definitive(?:ly)?|durable|higher success|one-size-fits-all|cur(?:e|es|ed|ing)|best|superior|miracle)\b", re.I
)
_FEW = "one|two|three|four|five|six|seven|eight|nine|ten"
ONE_IN = re.compile(
    rf"\b(?:\d[\d,]*|{_FEW}) (?:in|of) (?:every )?(?:\d|(?:{_FEW})\b)|\b(?:half|a (?:third|quarter)) of (?:the |all )?"
    r"(?:people|patients|those)\b",
    re.I,
)
"""Shares that readers misjudge: "1 in 8", "9 in 10", "half of people"; "page 1 of 9" is none."""
BY_HAND = re.compile(r"\b\d[\d,.]*\s*(?:%|per ?cent\b|out of \d)", re.I)
"""An outcome number typed by hand, looked for before references are put into words."""
CAPITALS = re.compile(r"\b[A-Z]{4,}\b")
DECIMAL = re.compile(r"\d\.\d")
SHARE = re.compile(r"\d\s*%|\bper ?cent\b", re.I)


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


def wording_findings(library: Library) -> list[Finding]:
    """Every gate on the words of a topic, its clinic's own page, and the fixed words of the page."""
    found = list(passages(library))
    mask = library.topic.file.mask
    files: dict[str, list[Passage]] = {}
    for passage in found:
        files.setdefault(passage.file, []).append(passage)
    made: list[Finding] = []
    for file, parts in files.items():
        made.append(_grade(file, "\n".join(part.text for part in parts), mask))
        for part in parts:
            made.extend(_judge(part, mask, selling="practice" not in file))
    topic = [part.text for part in found if "topics/" in part.file]
    made.append(_grade("all of it", "\n".join(topic), mask))
    return made


def _grade(where: str, text: str, mask: Iterable[str]) -> Finding:
    return at_most(where, "reading grade", round(measure(text, mask).grade, 2), GRADE)


def _judge(part: Passage, mask: tuple[str, ...], *, selling: bool) -> Iterator[Finding]:
    reading = measure(part.text, mask)
    if reading.words:
        yield _grade(part.where, part.text, mask)
        longest = at_most(part.where, "longest sentence", reading.longest, SENTENCE)
        place = part.where if longest.level == "ok" else f"{part.where} ({_short(reading.longest_sentence)})"
        yield Finding(longest.level, place, longest.gate, longest.measured, longest.limit)
    if part.items:
        yield at_most(part.where, "entries in a list", part.items, LIST)
    masked = {word.upper() for term in mask for word in term.split()}
    shouted = [word for word in CAPITALS.findall(part.text) if word not in masked]
    yield from _words_found(part.where, "block capitals", shouted)
    yield from _words_found(part.where, "'1 in x'", list(_shares(part.text)))
    yield from _words_found(part.where, "number typed by hand", [match[0] for match in BY_HAND.finditer(part.raw)])
    if selling:
        yield from _words_found(part.where, "selling words", SELLING.findall(part.text))
    for text in part.texts:
        try:
            safe_dose(text)
        except ValueError as error:
            yield Finding("failure", f"{part.where} ({_short(text)})", "dose notation", str(error), "none")
    if part.front:
        yield from _words_found(part.where, "decimals on page 1", DECIMAL.findall(part.text))
        yield from _words_found(part.where, "percentages on page 1", SHARE.findall(part.text))


def _shares(text: str) -> Iterator[str]:
    for match in ONE_IN.finditer(text):
        if not text[: match.start()].lower().endswith("page "):
            yield match[0]


def _words_found(where: str, gate: str, words: Iterable[str]) -> Iterator[Finding]:
    listed = list(dict.fromkeys(words))
    if listed:
        yield Finding("failure", where, gate, ", ".join(listed), "none")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def passages(library: Library) -> Iterator[Passage]:
    """Every text of the topic that a patient reads, in words. ContentFault for a reference that leads nowhere."""
    topic = library.topic
    resolver = Resolver(topic)
    practice = library.clinic.practice
    for document in (*topic.documents(), *([practice] if practice else [])):
        for section in document.sections:
            yield _section(section, document.file, resolver)
        yield from _head(document.head, document.file, resolver)
    resolver.raise_if_any()
    yield from _fixed_words(library)


def _section(section: Section, file: str, resolver: Resolver) -> Passage:
    raw = [plain(runs) for runs in inlines(section.blocks)]
    resolved = resolver.section(section, file)
    texts = [plain(runs) for runs in inlines(resolved.blocks)]
    labels = [label for block in section.blocks if isinstance(block, People) for label in block.labels]
    longest = max((len(block.items) for block in section.blocks if isinstance(block, Items)), default=0)
    return Passage(file, section.heading or "text", (*texts, *labels), "\n".join(raw), longest)


_ON_PAGE_1 = {"line", "decision", "decision_one", "one_line", "grid", "glance", "harms", "matters", "next_steps"}
_ON_PAGE_1 |= {"timetable", "call_us", "signs", "urgent"}


def _head(head: Frozen, file: str, resolver: Resolver) -> Iterator[Passage]:
    """The front matter: a passage for each list and for the grid, and one for the single lines."""
    single: list[str] = []
    for key in type(head).model_fields:
        value = getattr(head, key)
        if key in {"name", "short", "harm_labels"} or (key == "safety" and isinstance(value, tuple)) or not value:
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


def _fixed_words(library: Library) -> Iterator[Passage]:
    words, file = library.words, "words/en.yaml"
    yield Passage(file, "page", tuple(words.page.values()))
    own = library.topic.words
    headings = (*own.rows.values(), *own.headings.option, *own.headings.medicine)
    yield Passage(f"defaults/{LANGUAGE}.yaml", "headings", tuple(dict.fromkeys(headings)))
