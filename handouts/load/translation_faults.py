"""What is wrong in the files of a translation that are filled in, though others are missing yet: told file by file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from handouts import paths
from handouts.errors import Fault
from handouts.load.collector import Reader
from handouts.load.language_files import language_of_file
from handouts.load.library import page_words, topic_ids
from handouts.load.parallel import unlike
from handouts.load.progress import progress
from handouts.load.topic import read_topic
from handouts.load.translation import behind
from handouts.model.content import Words
from handouts.model.document import TitleHead
from handouts.model.language import ORIGINAL
from handouts.model.mailwords import MailWords


def translation_faults(
    content: Path,
    language: str,
    topics: Iterable[str],
    *,
    even_behind: Collection[str] = (),
    instead: Mapping[str, str] | None = None,
) -> list[Fault]:
    """Every fault in the files of ``language`` that are filled in: those of all handouts, and those of ``topics``.

    A file whose English has changed is not compared with it, unless ``even_behind`` names it. ``instead``: texts to
    read in the place of files, by their names.
    """
    known = [topic for topic in topics if topic in topic_ids(content)]
    missing = {name for part in progress(content, language, known) for name in part.missing} - {*(instead or {})}
    found = {
        fault
        for topic in (None, *known)
        for fault in _faults(content, language, topic, even_behind, instead or {})
        if language_of_file(fault.file) == language and fault.file not in missing
    }
    return sorted(found)


def _faults(
    content: Path, language: str, topic: str | None, even_behind: Collection[str], instead: Mapping[str, str]
) -> Iterator[Fault]:
    original, translated = Reader(content), Reader(content, instead=instead)
    for reader, tag in ((original, ORIGINAL), (translated, language)):
        _read(reader, content, tag, topic)
    late = frozenset(behind(content, translated.made_from)).difference(even_behind)
    yield from translated.found
    yield from unlike(original, translated, late)


def _read(reader: Reader, content: Path, language: str, topic: str | None) -> None:
    """The words of the page and a topic; without one, messages and the clinics' own pages instead."""
    words = page_words(reader, content / "words" / f"{language}.yaml", paths.PROGRAM)
    if topic is not None:
        read_topic(reader, content, content / "topics" / topic, words or _stand_in(content), language)
        return
    reader.model(MailWords, content / "words" / f"mail.{language}.yaml")
    clinics = (path / f"practice.{language}.md" for path in sorted(content.glob("clinics/*")))
    for path in filter(reader.has, clinics):
        reader.document(TitleHead, path)


def _stand_in(content: Path) -> Words | None:
    """For words of the page that are missing: the English ones, which have the same keys, but for the headings that a
    sheet has to have letter by letter.
    """
    words = Reader(content).model(Words, content / "words" / f"{ORIGINAL}.yaml")
    if words is None:
        return None
    page = {key: text for key, text in words.page.items() if key not in {"do", "dont"}}
    return words.model_copy(update={"page": page})
