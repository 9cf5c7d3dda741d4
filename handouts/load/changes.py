"""What has changed in an English text since it was translated, sentence by sentence.

Behind the digest of the English file, a translation's ``from`` has a mark of each of its sentences: six hex digits of
its SHA-256. So a file alone says what changed, without the English of then (LANG-11).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from handouts.load.collector import Reader
from handouts.load.files import read_text
from handouts.load.known_files import OWN_WORDS
from handouts.load.language_files import original_of
from handouts.load.texts import Place, Placed, sentences_of, texts_in
from handouts.load.translated_words import phrases_to_translate
from handouts.load.translation import digest_of_english
from handouts.load.yamlfile import Unreadable
from handouts.model.content import Words
from handouts.model.language import ORIGINAL
from handouts.model.topic_file import TopicFile

_MARK = 6
"""Hex digits. Two sentences of a file of a hundred have the same in one of 3,000 files; a changed sentence has that of
an old one in one of 160,000 changes. That something changed is told by the whole digest."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of today's English: its file and line, and the place of its translation."""

    file: str
    line: int
    place: Place
    text: str

    @property
    def mark(self) -> str:
        """What a translation keeps of it."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:_MARK]


_WORDS = {"new": "", "moved": "(moved here) ", "cut": "(something was taken out here) "}


@dataclass(frozen=True)
class Change:
    """``new``: it says something else, or was not there; ``moved``: it stood elsewhere; ``cut``: next to it, something
    was taken out.
    """

    kind: Literal["new", "moved", "cut"]
    sentence: Sentence

    def __str__(self) -> str:
        where = f"{self.sentence.file}:{self.sentence.line}"
        return f"{where}: {_WORDS[self.kind]}{self.sentence.text}"


def origin_of(content: Path, name: str) -> str:
    """What ``from`` of a translation made today says: the digest of its English, and the mark of each sentence."""
    return " ".join([digest_of_english(content, name), *(one.mark for one in english_sentences(content, name))])


def changes_since(content: Path, name: str, made_from: str) -> list[Change] | None:
    """What has changed in the English of the translation ``name`` since its ``from``; None where that has no marks.

    Empty where no sentence has changed: only comments, the layout of the file, or names and numbers of the program's.
    """
    _, *before = made_from.split()
    today = english_sentences(content, name)
    if today and not before:
        return None
    return [one for one in _compared(before, today) if one.kind == "new" or one.sentence.place[0] != "phrases"]


def in_words(changed: Sequence[Change] | None) -> list[str]:
    """What has changed, as people are told of it, a line each."""
    if changed is None:
        return ["Which sentences is not known, since its 'from' has no marks of them: compare the whole text."]
    return [str(one) for one in changed] or ["No sentence: only comments, layout, or names and numbers."]


def _compared(before: Sequence[str], today: Sequence[Sentence]) -> Iterator[Change]:
    marks = [one.mark for one in today]
    more = Counter(marks) - Counter(before)
    matcher = SequenceMatcher(None, before, marks, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        yield from (Change("new" if more[one.mark] else "moved", one) for one in today[start:end])
        if last - first > end - start:
            yield from (Change("cut", one) for one in _around(today, start, end))


def _around(today: Sequence[Sentence], start: int, end: int) -> list[Sentence]:
    """The sentence before, and the one behind where it belongs to another text; those that are new are told already."""
    beside = [*today[max(start - 1, 0) : start], *today[end : end + 1]] if start == end else today[end : end + 1]
    return [one for one in beside if one.place != beside[0].place or one is beside[0]]


def english_sentences(content: Path, name: str) -> list[Sentence]:
    """Every sentence that a translation is made from today; a topic's words.yaml is made from topic.yaml, too.

    None of a file that can't be read: reading it tells why.
    """
    original = original_of(name)
    try:
        texts = texts_in(read_text(content / original), original)
    except (OSError, ValueError, Unreadable):
        texts = {}
    found = list(_sentences(original, texts))
    found += _sentences(f"{name.rpartition('/')[0].rpartition('/')[0]}/topic.yaml", texts_of_topic_file(content, name))
    return found


def _sentences(name: str, texts: Mapping[Place, Placed]) -> Iterator[Sentence]:
    for place, placed in texts.items():
        yield from (Sentence(name, placed.line + more, place, one) for more, one in sentences_of(placed.text))


def texts_of_topic_file(content: Path, name: str) -> dict[Place, Placed]:
    """What topic.yaml says in words, phrases and safety texts, by their places in a topic's words.yaml; nothing for any
    other file of a translation.
    """
    topic = name.split("/")[1] if name.startswith("topics/") and name.endswith(f"/{OWN_WORDS}") else ""
    if not topic:
        return {}
    reader, path = Reader(content), content / "topics" / topic / "topic.yaml"
    file = reader.model(TopicFile, path)
    if file is None:
        return {}
    words = Reader(content).model(Words, content / "words" / f"{ORIGINAL}.yaml")
    name = reader.name(path)
    found: dict[Place, Placed] = {}
    for place, phrase in phrases_to_translate(file, words.page if words else {}):
        found.setdefault(("phrases", phrase), Placed(phrase, reader.line(name, *place)))
    for key, field in file.safety.items():
        if field.text:
            found["safety", key] = Placed(field.text, reader.line(name, "safety", key, "text"))
    return found
