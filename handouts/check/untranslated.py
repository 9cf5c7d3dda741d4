"""Texts of a translation that say what the English says in the same words: nobody has translated them, as a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from handouts.check.findings import Finding, Level
from handouts.errors import plural
from handouts.load.changes import texts_of_topic_file
from handouts.load.files import read_text
from handouts.load.glossary import Glossary
from handouts.load.language_files import original_of, without_comments
from handouts.load.texts import PROSE, Place, Placed, sentences_of, texts_in
from handouts.model.content import Library

_SHOWN = 3
_NO_WORDS = re.compile(
    r"\{[^{}\s]*\}|https?://\S+|\d+(?:[.,]\d+)*\s?(?:mg|g|mcg|mL|ml|L|cm|mm|kg|%|°C|°F)?(?!\w)|\b(?:MRI|CT|SPF|ICE)\b"
)
"""What is the same in many languages: names in braces, addresses, numbers with their units, a scan's short name."""


def untranslated_findings(library: Library, glossary: Glossary) -> Iterator[Finding]:
    """A notice for each file with texts that are the English ones, letter by letter, but for names: terms that the
    glossary has the same in both languages. Advice where they are single words, which may be the same by chance.
    """
    topic = library.topic
    content = topic.folder.parent.parent
    names = [term for term, told in glossary.settled.items() if term.casefold() == told.casefold()]
    for short in (*filter(topic.is_translation, topic.digests), f"words/mail.{library.language}.yaml"):
        name = short if short.startswith(("words/", "defaults/")) else f"topics/{topic.id}/{short}"
        found = list(_same(content, name, names))
        if found:
            shown = "; ".join(f"line {placed.line}: {placed.text}" for placed in found[:_SHOWN])
            more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            way_out = (
                f"{shown}{more}. A name that is the same belongs into glossary/{library.language}.yaml: NAME: NAME"
            )
            measured = f"{plural(len(found), 'text')} in English"
            level: Level = "notice" if any(" " in placed.text for placed in found) else "advice"
            yield Finding(level, name, "same as in English", measured, "translated", "", found[0].line, way_out)


def _same(content: Path, name: str, names: list[str]) -> Iterator[Placed]:
    english = {**_texts(content, original_of(name)), **texts_of_topic_file(content, name)}
    said = {
        _plain(one) for place, placed in english.items() if place[0] == PROSE for _, one in sentences_of(placed.text)
    }
    for place, placed in _texts(content, name).items():
        if place[0] == PROSE:
            found = ((more, one) for more, one in sentences_of(placed.text) if _plain(one) in said)
            yield from (Placed(one, placed.line + more) for more, one in found if _has_words(one, names))
        elif place in english and _plain(english[place].text) == _plain(placed.text) and _has_words(placed.text, names):
            yield placed


def _texts(content: Path, name: str) -> dict[Place, Placed]:
    path = content / name
    return texts_in(without_comments(read_text(path)), name) if path.exists() else {}


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _has_words(text: str, names: list[str]) -> bool:
    for known in names:
        text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", " ", text, flags=re.I)
    return re.search(r"[^\W\d_]{2}", _NO_WORDS.sub(" ", text)) is not None
