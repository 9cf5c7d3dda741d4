"""What the library says, in the language of the staff: it raises and notes in English, which is translated here.

templates/desk/words/library.es.po has the library's sentences with their places, as ``{name} can't be read``; each is
also a pattern that finds it again in what was said, and the values that stood in its places. What is not found is shown
as it is, and marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from string import Formatter

from markupsafe import Markup

from handouts.desk.words import N_, Said, _, say_date, say_language, spoken, words_folder
from handouts.fhir.elements import READ
from handouts.model.language import ORIGINAL


class English(str):
    """A text in English on a page in another language: HTML marks it so, and JSON (`handouts.desk.app`)."""

    __slots__ = ()

    def __html__(self) -> Markup:
        return Markup('<span lang="en">{}</span>').format(str(self))


def in_words(text: str) -> str:
    """What the library said, in the language of the request; `English` where a part of it is not translated."""
    if spoken() == ORIGINAL or isinstance(text, Said | English) or not any(map(str.isalpha, text)):
        return text
    lines = [_line(line) for line in str(text).split("\n")]
    if all(line is not None for line in lines):
        return Said("\n".join(line or "" for line in lines))
    return English(text)


def around(sentence: str, **values: str) -> str:
    """A sentence of the desk's with something of the library in it: in English, where that is."""
    told = {name: in_words(value) for name, value in values.items()}
    return English(sentence % values) if any(isinstance(one, English) for one in told.values()) else _(sentence, **told)


def said_of(label: str, said: str) -> str:
    """What the library said of something, such as "is missing", behind its name in the language of the request."""
    if said.startswith(":"):  # what Pydantic says of a value
        return around("%(what)s: %(said)s", what=Said(label), said=said[1:].strip())
    if spoken() == ORIGINAL:
        return f"{label} {said}"
    whole = _sentences(f"{label} {said}", spoken())
    if whole is not None:
        return Said(whole)
    alone = _sentences(said, spoken())
    if alone is not None:
        return _("%(what)s: %(said)s", what=label, said=alone)
    quoted = _sentences(f"'{label}' {said}", spoken())  # as the library names a key
    return English(f"{label} {said}") if quoted is None else Said(quoted.replace(f"'{label}'", label))


_IN_FILE = re.compile(r"(\s*(?:[^\s:]+(?::\d+)?: )?)(.*)")
"""A line of a message: what it is indented by, and the file and line that it is about (`handouts.errors.Fault`)."""


_LONGEST = 3_000
"""Characters of a line of a message; longer ones, which have long values, are shown as they are. What a health record
tells has more than a thousand.
"""


def _line(line: str) -> str | None:
    found = _IN_FILE.fullmatch(line)
    if len(line) > _LONGEST or not found:
        return None
    if not line.strip():
        return line
    said = _sentences(line.strip(), spoken())
    if said is not None:
        return line.replace(line.strip(), said)
    said = _sentences(found[2].strip(), spoken())
    return None if said is None else found[1] + said


_ENDS = re.compile(r"(?<=[.?!:]) |(?=; )|(?=, such as )")
"""Where one message may end and another begin."""
_NEAR = 8
"""The first of several messages is looked for up to the eighth place where it may end."""
_MOST = 40
"""A text with more of these places is one message or none."""
_DEEPEST = 6
"""Messages in messages: no more than this."""


@lru_cache(maxsize=2048)  # a message holds nobody's details, and has the same pieces again and again
def _sentences(text: str, language: str, left: int = _DEEPEST) -> str | None:
    """One message of the library, or several one after the other; ``left``: how deep they may still go."""
    whole = _message(text, language, left)
    if whole is not None:
        return whole
    ends = list(_ENDS.finditer(text))
    for end in reversed(ends[:_NEAR] if len(ends) <= _MOST else ()):
        first = _message(text[: end.start()], language, left) if end.start() else None
        rest = _sentences(text[end.end() :], language, left) if first is not None else None
        if rest is not None:
            return f"{first}{end[0]}{rest}"
    return None


@lru_cache(maxsize=2048)
def _message(text: str, language: str, left: int) -> str | None:
    """One message; the library leaves out the full stop where more may follow, and a colon stands before a reason."""
    found = _found(text, language, left) or _word(text)
    if found is None and text.endswith((".", ":")):
        found = _found(text[:-1], language, left)
        return None if found is None else f"{found}{text[-1]}"
    return found


def _found(text: str, language: str, left: int) -> str | None:
    for one in _beginning(text[:1], language):
        found = one.match(text)
        if found and all(_value(found[name], language, left - 1) is not None for name in one.needed if found[name]):
            values = {name: _value(value, language, left - 1) or value for name, value in found.groupdict().items()}
            return _filled(one.said, values)
    return None


_BETWEEN = {"; ": "; ", " or ": N_(" or "), " and ": N_(" and "), ", ": ", "}
"""What joins several values, as the library and the desk write it."""
_DAY = re.compile(r"(?P<month>[A-Z][a-z]+) (?P<day>\d{1,2}), (?P<year>\d{4})")
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2}) (?P<month>[A-Z][a-z]+) (?P<year>\d{4})")
_CODE_WORD = re.compile(r"'[\w.-]+'|[\d.,]*\d")
"""What is the same in every language, as FHIR's types are: a word of a file, such as 'large-print', or a number."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


@lru_cache(maxsize=2048)
def _value(text: str, language: str, left: int) -> str | None:
    """What stood in a place, if it can be said in the language: a message, a word of the desk's own, a day, the name of
    a language, or several of these.
    """
    plain = text.strip(" :")
    if _CODE_WORD.fullmatch(plain) or plain in READ:
        return text
    if not left:
        return None
    parted = _several(plain, language, left) if "; " in plain else None  # else the place of the first takes the others
    said = parted or _sentences(plain, language, left) or _day(plain) or _language(plain)
    said = said or _several(plain, language, left)
    return text.replace(plain, said) if plain and said is not None else None


def _several(text: str, language: str, left: int) -> str | None:
    between = next((one for one in _BETWEEN if one in text), None)
    if between is None:
        return None
    values = []
    for piece in text.split(between):
        if not (value := _value(piece, language, left)):
            return None
        values.append(value)
    return _(_BETWEEN[between]).join(values)


_NAMED = re.compile(r"(?P<name>[A-Z][\w -]*?)(?P<tag> \([\w-]+\))?")
"""A language, as messages name it: Spanish, or Spanish (es)."""


SYSTEM = (
    N_("No space left on device"), N_("Permission denied"), N_("Operation not permitted"),
    N_("Read-only file system"), N_("No such file or directory"), N_("Disk quota exceeded"), N_("Input/output error"),
    N_("Is a directory"), N_("Not a directory"), N_("File exists"), N_("File name too long"), N_("Directory not empty"),
    N_("Connection refused"), N_("Connection reset by peer"), N_("Connection timed out"), N_("Broken pipe"),
    N_("No route to host"), N_("Network is unreachable"), N_("Too many open files"), N_("Cannot allocate memory"),
    N_("Device or resource busy"), N_("translation behind"),
)  # fmt: skip
"""What the system says (strerror), and a state that the library puts together."""


def _word(text: str) -> str | None:
    said = str(_(text)) if text and "%" not in text else text
    return said if said != text else None


def _day(text: str) -> str | None:
    found = _DAY.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    try:
        if _ISO.fullmatch(text):
            return say_date(date.fromisoformat(text))
        if not found:
            return None
        return say_date(date(int(found["year"]), _months().index(found["month"]) + 1, int(found["day"])))
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _months() -> list[str]:
    from babel.dates import get_month_names

    return list(get_month_names("wide", locale=ORIGINAL).values())


def _language(text: str) -> str | None:
    found = _NAMED.fullmatch(text)
    known = _tags().get(found["name"]) if found else None
    return f"{say_language(known).lower()}{found['tag'] or ''}" if found and known else None


@lru_cache(maxsize=1)
def _tags() -> dict[str, str]:
    """The tags of languages by their English names, as `handouts.model.language.language_name` gives them."""
    from babel import Locale

    return {str(name): tag for tag, name in Locale(ORIGINAL).languages.items()}


@dataclass(frozen=True)
class _Message:
    """``needed``: the places whose values have to be messages."""

    pattern: re.Pattern[str]
    said: str
    needed: tuple[str, ...]
    texts: tuple[str, ...]
    """What stands before, between and after the places."""

    def match(self, text: str) -> re.Match[str] | None:
        """The values in the places; a pattern is slow, so it is tried where all of its texts are there."""
        first, *between, last = self.texts
        if text.startswith(first) and text.endswith(last) and all(one in text for one in between):
            return self.pattern.fullmatch(text)
        return None


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
    return tuple(
        _Message(_pattern(message, _needed(said)), said, _needed(said), _texts(message)) for message, said in told
    )


@lru_cache(maxsize=256)
def _beginning(letter: str, language: str) -> tuple[_Message, ...]:
    """Those that may be what a text with this first letter says."""
    return tuple(one for one in _messages(language) if one.texts[0][:1] in {"", letter})


def _texts(message: str) -> tuple[str, ...]:
    """The texts around the places, first and last among them, which may be empty."""
    parts = list(Formatter().parse(message))
    texts = [text for text, *_place in parts]
    return (*texts, "") if len(parts) == 1 or parts[-1][1] is not None else tuple(texts)


def _needed(said: str) -> tuple[str, ...]:
    return tuple(name for _text, name, _spec, conversion in Formatter().parse(said) if name and conversion == "t")


_QUOTED = r" '[^']*'| of that name"
"""What `handouts.errors.quote_if_known` gives."""


_ONE_SENTENCE = r"(?:(?!(?<=\w{3})[.?!] [A-Z]).)*?"
"""A value: what stands behind a message is no part of it. A title has two letters, as in Dr. Lee."""


def _pattern(message: str, needed: Container[str]) -> re.Pattern[str]:
    """Finds a message whatever stands in its places; the same place twice stands for the same twice."""
    parts, seen = list[str](), set[str]()
    for text, name, *_rest in Formatter().parse(message):
        parts.append(re.escape(text))
        if name:
            what = _QUOTED if name.startswith("quote") else ".*?" if name in needed else _ONE_SENTENCE
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{what})")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)


def _filled(said: str, values: Mapping[str, str]) -> str:
    return "".join(text + (values[name] if name else "") for text, name, *_rest in Formatter().parse(said))
