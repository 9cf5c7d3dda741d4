"""What the library says, in the language of the staff: it raises and notes in English, which is translated here.

templates/desk/words/library.es.po has the library's sentences with their places, as ``{name} can't be read``; each is
also a pattern that finds it again in what was said, and the values that stood in its places. What is not found is shown
as it is, and marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

from markupsafe import Markup

from handouts.desk.words import Said, _, spoken, words_folder
from handouts.model.language import ORIGINAL


class English(str):
    """A text in English on a page in another language: HTML marks it so, and JSON (`handouts.desk.app`)."""

    __slots__ = ()

    def __html__(self) -> Markup:
        return Markup('<span lang="en">{}</span>').format(str(self))


def in_words(text: str) -> str:
    """What the library said, in the language of the request; `English` where a part of it is not translated."""
    if spoken() == ORIGINAL or isinstance(text, Said | English):
        return text
    lines = [_line(line) for line in str(text).split("\n")]
    if all(line is not None for line in lines):
        return Said("\n".join(line or "" for line in lines))
    return English(text)


def said_of(label: str, said: str) -> str:
    """What the library said of something, such as "is missing", behind its name in the language of the request."""
    if spoken() == ORIGINAL:
        return f"{label} {said}"
    whole = _sentences(f"{label} {said}", spoken())
    if whole is not None:
        return Said(whole)
    alone = _sentences(said, spoken())
    return English(f"{label} {said}") if alone is None else _("%(what)s: %(said)s", what=label, said=alone)


def _line(line: str) -> str | None:
    indent = line[: len(line) - len(line.lstrip())]
    found = _sentences(line.strip(), spoken()) if line.strip() else ""
    return None if found is None else indent + found


def _sentences(text: str, language: str) -> str | None:
    """One message of the library, or several one after the other."""
    whole = _message(text, language)
    if whole is not None:
        return whole
    for end in reversed([found.start() + 1 for found in re.finditer(r"[.?!:] ", text)]):
        first = _message(text[:end], language)
        rest = _sentences(text[end + 1 :], language) if first is not None else None
        if rest is not None:
            return f"{first} {rest}"
    return None


def _message(text: str, language: str) -> str | None:
    """One message; the library leaves out the full stop where more may follow."""
    found = _found(text, language)
    if found is None and text.endswith("."):
        found = _found(text[:-1], language)
        return None if found is None else f"{found}."
    return found


def _found(text: str, language: str) -> str | None:
    for one in _messages(language):
        found = one.pattern.fullmatch(text)
        if found:
            values = {name: _sentences(value, language) or value for name, value in found.groupdict().items()}
            return _filled(one.said, values)
    return None


@dataclass(frozen=True)
class _Message:
    pattern: re.Pattern[str]
    said: str


@lru_cache(maxsize=16)
def _messages(language: str) -> tuple[_Message, ...]:
    """Those that are translated, the most telling first."""
    from babel.messages.pofile import read_po

    path = words_folder() / f"library.{language}.po"
    if not path.exists():
        return ()
    with path.open("rb") as file:
        told = [(str(one.id), str(one.string)) for one in read_po(file, locale=language) if one.id and one.string]
    told.sort(key=lambda pair: -sum(len(text) for text, *_place in Formatter().parse(pair[0])))
    return tuple(_Message(_pattern(message), said) for message, said in told)


def _pattern(message: str) -> re.Pattern[str]:
    """Finds a message whatever stands in its places; the same place twice stands for the same twice."""
    parts, seen = list[str](), set[str]()
    for text, name, *_rest in Formatter().parse(message):
        parts.append(re.escape(text))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)


def _filled(said: str, values: Mapping[str, str]) -> str:
    return "".join(text + (values[name] if name else "") for text, name, *_rest in Formatter().parse(said))
