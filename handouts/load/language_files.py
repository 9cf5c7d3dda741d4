"""The language of a file, by its name, and the languages that a content folder has.

``topics/TOPIC/es/``, ``words/es.yaml``, ``words/mail.es.yaml``, ``defaults/es.yaml``, ``glossary/es.yaml``,
``clinics/CLINIC/practice.es.md``: beside them the same in English, the original.
"""

from __future__ import annotations

import re
from pathlib import Path

from handouts.model.language import ORIGINAL, is_language

_TAG = r"([a-z]{2,3})"
_NAMED = re.compile(
    rf"topics/[^/]+/{_TAG}/.+\.(?:md|yaml)|words/(?:mail\.)?{_TAG}\.yaml|defaults/{_TAG}\.yaml|glossary/{_TAG}\.yaml"
    rf"|clinics/[^/]+/practice\.{_TAG}\.md"
)


def language_of_file(name: str) -> str | None:
    """The language of a file, by its name in the content folder; None where it is for all languages."""
    found = _NAMED.fullmatch(name)
    return next((tag for tag in found.groups() if tag), None) if found else None


def is_translation(name: str) -> bool:
    """Whether a file says what another says in English. A glossary belongs to its language alone."""
    return language_of_file(name) not in {None, ORIGINAL} and not name.startswith("glossary/")


def original_of(name: str) -> str:
    """The name of the English file that a translation was made from; the name itself for any other file."""
    found = _NAMED.fullmatch(name)
    if found is None or not found.lastindex or not is_translation(name):
        return name
    start, end = found.span(found.lastindex)
    return f"{name[:start]}{ORIGINAL}{name[end:]}"


GAP = "____"
"""Stands in a translation where a text has not been written yet."""
_COMMENT = re.compile(r"<!--.*?-->", re.S)


def gaps_in(text: str) -> list[int]:
    """The line of each gap in a file of a translation."""
    return [number for number, line in enumerate(text.split("\n"), 1) for _ in range(line.count(GAP))]


def without_comments(prose: str) -> str:
    """Markdown without its comments, in which the English text may stand beside a translation; lines stay lines."""
    return _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), prose)


def languages_of_topic(folder: Path) -> list[str]:
    """The languages that a topic's folder has texts in, English first."""
    found = {path.name for path in folder.iterdir() if path.is_dir() and is_language(path.name)}
    return sorted(found, key=lambda tag: (tag != ORIGINAL, tag))


def languages(content: Path) -> list[str]:
    """The languages of the texts in a content folder, English first."""
    found = {path.stem for path in (content / "words").glob("*.yaml") if is_language(path.stem)}
    found |= {tag for folder in content.glob("topics/*") if folder.is_dir() for tag in languages_of_topic(folder)}
    return sorted(found, key=lambda tag: (tag != ORIGINAL, tag))
