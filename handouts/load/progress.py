"""How far a language is: which files a translation needs, which are missing, not filled in, or behind their English.

Asked of the files alone, so that it can be told of a translation that can't be loaded yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from handouts.load.changes import Change, changes_since, texts_of_topic_file
from handouts.load.collector import Reader
from handouts.load.files import read_text
from handouts.load.known_files import FIGURE_WORDS, OWN_WORDS, folders_with, topic_files
from handouts.load.language_files import GAP, gaps_in, languages, original_of
from handouts.load.texts import count_texts
from handouts.load.translated_words import phrases_to_translate
from handouts.load.translation import behind, safety_is_behind
from handouts.model.clinic import ClinicFile
from handouts.model.content import Words
from handouts.model.language import ORIGINAL
from handouts.model.topic_file import TopicFile

SHARED = "words and defaults"
"""What all handouts print from."""


@dataclass(frozen=True)
class Progress:
    """Of one part of a language, such as a topic. ``files``: all that it needs, by their names in the content folder;
    ``missing``: those that are not there, or not filled in; ``behind``: those whose English has changed since, each
    with what changed: no entry where no sentence did, None where that isn't known;
    ``gaps``: how many texts each file that is there, and not filled in, still lacks; ``to_do``: those and all texts of
    files that are not there.
    """

    part: str
    files: tuple[str, ...]
    missing: tuple[str, ...]
    behind: Mapping[str, Sequence[Change] | None]
    gaps: Mapping[str, int]
    to_do: Mapping[str, int]

    @property
    def there(self) -> int:
        """How many files are there, whole."""
        return len(self.files) - len(self.missing)


def progress(content: Path, language: str, topics: Iterable[str]) -> list[Progress]:
    """Of the words of all pages, of the clinics' own pages, and of each topic. ContentFault for an English file that
    can't be read.
    """
    parts = [(SHARED, shared_names(language)), *_clinics(content, language)]
    parts += [(topic, topic_names(content, topic, language)) for topic in topics]
    return [_progress(content, part, names) for part, names in parts if names]


def printed_languages(content: Path) -> list[str]:
    """The languages that something can be printed in, English first: one that has only begun is none yet."""
    topics = folders_with(content / "topics", "topic.yaml")
    return [tag for tag in languages(content) if tag == ORIGINAL or _is_printed(content, tag, topics)]


def languages_of_whole(content: Path, topic: str) -> list[str]:
    """The languages that a topic can be printed in, English first."""
    return [tag for tag in languages(content) if tag == ORIGINAL or _is_printed(content, tag, [topic])]


def _is_printed(content: Path, language: str, topics: Sequence[str]) -> bool:
    whole = {part.part for part in progress(content, language, topics) if not part.missing}
    return SHARED in whole and not whole.isdisjoint(topics)


def shared_names(language: str) -> list[str]:
    """The files that are no topic's and no clinic's."""
    return [f"defaults/{language}.yaml", f"words/{language}.yaml", f"words/mail.{language}.yaml"]


def topic_names(content: Path, topic: str, language: str) -> list[str]:
    """The files of a topic in a language, as its English has them; none for a topic.yaml that can't be read."""
    folder = content / "topics" / topic
    file = Reader(content).model(TopicFile, folder / "topic.yaml")
    if file is None:
        return []
    there = (path.relative_to(folder) for path in topic_files(folder, file, ORIGINAL))
    names = {path.relative_to(ORIGINAL).as_posix() for path in there if path.parts[0] == ORIGINAL}
    if any(phrases_to_translate(file, _page(content))) or any(field.text for field in file.safety.values()):
        names.add(OWN_WORDS)
    if file.figures:
        names.add(FIGURE_WORDS)
    return [f"topics/{topic}/{language}/{name}" for name in sorted(names)]


def _page(content: Path) -> Mapping[str, str]:
    """The words of the English page; none where they can't be read."""
    words = Reader(content).model(Words, content / "words" / f"{ORIGINAL}.yaml")
    return words.page if words else {}


def _clinics(content: Path, language: str) -> Iterator[tuple[str, list[str]]]:
    for path in sorted(content.glob("clinics/*/clinic.yaml")):
        file = Reader(content).model(ClinicFile, path)
        if file and file.practice_page:
            clinic = path.parent.name
            yield f"clinic {clinic}", [f"clinics/{clinic}/practice.{language}.md"]


def _progress(content: Path, part: str, names: list[str]) -> Progress:
    there = {name: text for name in names if (text := _text(content / name)) is not None}
    gaps = {name: len(gaps_in(text)) for name, text in there.items() if GAP in text}
    missing = tuple(name for name in names if name not in there or name in gaps)
    whole = {name: made_from(content, name) for name in there if name not in missing}
    changed = {name: changes_since(content, name, told) for name, told in whole.items() if is_behind(content, name)}
    to_do = {name: gaps[name] if name in gaps else _texts_of_english(content, name) for name in missing}
    return Progress(part, tuple(names), missing, changed, gaps, to_do)


def _texts_of_english(content: Path, name: str) -> int:
    """How many texts a translation will have."""
    own = len(texts_of_topic_file(content, name))
    return own + count_texts(_text(content / original_of(name)) or "", name)


def is_behind(content: Path, name: str) -> bool:
    """Whether the English of a translation has changed since; False where there is no translation."""
    told = made_from(content, name)
    if told and any(behind(content, {name: told})):
        return True
    return name.startswith("topics/") and name.endswith(f"/{OWN_WORDS}") and safety_is_behind(content, name)


def _text(path: Path) -> str | None:
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError):
        return None


def made_from(content: Path, name: str) -> str:
    """What a translation says in ``from``; "" where it says nothing, or isn't there."""
    reader = Reader(content)
    if name.endswith(".md"):
        reader.document(None, content / name)
    else:
        reader.parsed(content / name)
    return reader.made_from.get(name, "")
