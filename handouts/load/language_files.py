"""The language of a file, by its name, and the languages that a content folder has.

``topics/TOPIC/es/``, ``words/es.yaml``, ``words/mail.es.yaml``, ``defaults/es.yaml``, ``glossary/es.yaml``,
``clinics/CLINIC/practice.es.md``: beside them the same in English, the original.
"""

from __future__ import annotations

import re
from pathlib import Path

from handouts.model.language import ORIGINAL

_TAG = r"([a-z]{2,3})"
LANGUAGE_FOLDER = re.compile(_TAG)
"""The name of a folder of texts."""
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
    tag = language_of_file(name)
    return re.sub(rf"(?<=[/.]){tag}(?=[/.])", ORIGINAL, name, count=1) if tag and is_translation(name) else name


def languages_of_topic(folder: Path) -> list[str]:
    """The languages that a topic's folder has texts in, English first."""
    found = {path.name for path in folder.iterdir() if path.is_dir() and LANGUAGE_FOLDER.fullmatch(path.name)}
    return sorted(found, key=lambda tag: (tag != ORIGINAL, tag))


def languages(content: Path) -> list[str]:
    """The languages that handouts can be asked for in: those with words of the page, English first."""
    found = {path.stem for path in (content / "words").glob("*.yaml") if LANGUAGE_FOLDER.fullmatch(path.stem)}
    return sorted(found, key=lambda tag: (tag != ORIGINAL, tag))
