"""A translation that came back, or was brought up to date: compared with today's English, and then made from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from handouts.authoring.sheet_names import file_called
from handouts.authoring.side_by_side import FOR_PEOPLE, SHOWN
from handouts.authoring.tidying import Tidied, tidy
from handouts.errors import ContentFault, Fault, Refused, RequestFault
from handouts.load.changes import Change, changes_since, english_sentences, origin_of
from handouts.load.collector import FROM
from handouts.load.files import read_regular, read_text
from handouts.load.language_files import GAP, gaps_in
from handouts.load.library import topic_ids
from handouts.load.translated_words import safety_digest_of
from handouts.load.translation_faults import translation_faults

_STAMP = r"[0-9a-f]{64}(?:[\s#:]+[0-9a-f]{6}\b)*"
_FROM_LINE = re.compile(rf"(?m)^{FROM}:[^\S\n]*(?:{_STAMP})?.*$")
_FIRST_KEY = re.compile(r"(?m)^(?!#|---$|\s)(?=\S)|\Z")
"""Where the first key of a file begins, after its comments."""
_ZIP, _PDF, _RTF = b"PK\x03\x04", b"%PDF", b"{\\rtf"


@dataclass(frozen=True)
class TakenIn:
    """The ``path`` of a translation in the content folder and its new ``text``; ``changed``: what has changed in the
    English since it went out, None where that isn't known.
    """

    path: Path
    text: str
    changed: tuple[Change, ...] | None = ()


def renewed(content: Path, topic: str, sheet: str, language: str) -> TakenIn:
    """A translation that says again what today's English says, with the new ``from``.

    RequestFault for one that isn't there; Refused while it has gaps, or where it is not behind; ContentFault where it
    does not hold what today's English does.
    """
    name = file_called(content, topic, sheet, language)
    path = content / name
    if not path.exists():
        raise RequestFault(f"{name} is not there yet. `new-language {language} {topic}` makes it, to fill in.")
    text = read_text(path)
    if gaps_in(text):
        raise Refused(f"{name} is not filled in yet: write over each {GAP} first.")
    made = _made_from_today(content, name, text)
    _require_like_english(content, name, language, topic, {}, Tidied(text, range(1, text.count("\n") + 2)))
    if made == text:
        raise Refused(f"{name} is made from today's English already.")
    return TakenIn(path, made)


def taken_in(content: Path, topic: str, sheet: str, language: str, file: Path) -> TakenIn:
    """What somebody filled in elsewhere, as the file of the translation.

    RequestFault for a file that can't be read as text; ContentFault with the lines of what is not filled in, or not
    made like the English.
    """
    name = file_called(content, topic, sheet, language)
    known = {one for sentence in english_sentences(content, name) for one in re.findall(r"\{[^{}\s]+\}", sentence.text)}
    came = _text_of(file)
    tidied = tidy(came, markdown=name.endswith(".md"), references=known)
    shown = _shown(tidied.text)
    if faults := [*_unfilled(tidied, file.name), *_nothing_below(tidied, file.name, markdown=name.endswith(".md"))]:
        raise ContentFault("Not everything is translated. Fill these in, then try again:", faults=faults)
    lines = tidied.text.split("\n")
    kept = [number for number, line in enumerate(lines) if not line.startswith(FOR_PEOPLE.rstrip())]
    without = Tidied("\n".join(lines[number] for number in kept), [tidied.numbers[number] for number in kept])
    text = _with_origin(without.text.rstrip("\n") + "\n", shown)
    today = origin_of(content, name)
    if shown.partition(" ")[0] == today.partition(" ")[0]:
        text = _made_from_today(content, name, text)
        _require_like_english(content, name, language, topic, {name: text}, without, file.name)
        return TakenIn(content / name, text)
    changed = changes_since(content, name, shown)
    return TakenIn(content / name, text, None if changed is None else tuple(changed))


def _text_of(file: Path) -> str:
    """RequestFault for what is no plain text."""
    try:
        data = read_regular(file)
    except OSError as error:
        raise RequestFault(f"{file.name} can't be read: {error.strerror}.") from None
    kinds = {_ZIP: "a file of a word processor", _PDF: "a PDF", _RTF: "a file of a word processor"}
    for start, kind in kinds.items():
        if data.startswith(start):
            raise RequestFault(
                f"{file.name} is {kind}. In the program that it came from, save it as plain text (UTF-8)."
            )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RequestFault(
            f"{file.name}:{line}: is not UTF-8 text. Save it as plain text with the encoding UTF-8, then try again."
        ) from None


def _shown(text: str) -> str:
    """Which English the file showed: its digest and marks; "" where the lines that say it are gone."""
    head = text.partition("\n---\n")[0]
    found = re.search(rf"#:\s*{SHOWN}\s*({_STAMP})", head) or re.search(rf"(?m)^{FROM}:\s*({_STAMP})", head)
    return " ".join(re.findall(r"[0-9a-f]{64}|\b[0-9a-f]{6}\b", found[1])) if found else ""


def _unfilled(tidied: Tidied, name: str) -> Iterator[Fault]:
    for number in dict.fromkeys(gaps_in(tidied.text)):
        told = f"is not translated yet: write over {GAP}, or delete it where a text stands behind it"
        yield Fault(name, tidied.line(number), told)


def _nothing_below(tidied: Tidied, name: str, *, markdown: bool) -> Iterator[Fault]:
    """English in a comment that nothing stands below, or whose end is lost."""
    opened = below = 0
    for number, line in enumerate([*tidied.text.split("\n"), "<!--"] if markdown else (), 1):
        if line.startswith("<!--"):
            if opened:
                told = "the '-->' behind the English text is missing; write it there again"
                yield Fault(name, tidied.line(opened), told)
            elif below:
                told = "nothing stands below this English text: write its translation there, or delete the English"
                yield Fault(name, tidied.line(below), told)
            opened = number
        elif line.strip() and not opened:
            below = 0
        if opened and line.endswith("-->"):
            below, opened = opened, 0


def _with_origin(text: str, origin: str) -> str:
    text, count = _FROM_LINE.subn(f"{FROM}: {origin}", text, count=1)
    return text if count else re.sub(_FIRST_KEY, f"{FROM}: {origin}\n", text, count=1)


def _made_from_today(content: Path, name: str, text: str) -> str:
    """The text of a translation that says what today's English says: with the digests of today."""
    made = _with_origin(text, origin_of(content, name))
    return re.sub(r"(?m)^safety_from:.*$", lambda _: f"safety_from: {safety_digest_of(content, name)}", made, count=1)


def _require_like_english(
    content: Path, name: str, language: str, topic: str, instead: Mapping[str, str], came: Tidied, called: str = ""
) -> None:
    about = [topic] if topic in topic_ids(content) else []
    found = translation_faults(content, language, about, even_behind=[name], instead=instead)
    wrong = [
        replace(fault, file=called or fault.file, line=came.line(fault.line))
        for fault in found
        if fault.file == name and not fault.message.startswith(f"'{FROM}' ")
    ]
    if wrong:
        message = f"{name} does not say what the English says today. Fix these, then try again:"
        raise ContentFault(message, faults=wrong)
