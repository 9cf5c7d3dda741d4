"""`translate-sheet`: a text for somebody who translates it elsewhere: a PDF with two columns, and a file to fill in.

Both say how to go about it, have the terms of the language's glossary that the text uses, and mark what has changed in
the English since it was translated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path

from handouts.authoring.new_language import LINE_START, to_fill_in
from handouts.authoring.sheet_names import file_called
from handouts.authoring.translators_pdf import Pair, how_to, typeset_pairs
from handouts.errors import ContentFault
from handouts.load.changes import Change, changes_since, origin_of, texts_of_topic_file
from handouts.load.files import read_text
from handouts.load.glossary import Glossary, load_glossary
from handouts.load.language_files import GAP, original_of, without_comments
from handouts.load.progress import is_behind, made_from
from handouts.load.texts import PROSE, Place, sentences_of, texts_in
from handouts.load.yamlfile import Unreadable
from handouts.model.language import ORIGINAL

FOR_PEOPLE = "#: "
"""Begins a line of a file to fill in that is not for content: taking the file in leaves it out."""
SHOWN = "english:"
"""Such a line says which English the file shows."""
Texts = Mapping[Place, str]
"""The texts of a file by their place."""


@dataclass(frozen=True)
class SheetToTranslate:
    """``name``: of both files, without their endings; ``suffix``: of the one to fill in; ``text``: what it holds."""

    name: str
    suffix: str
    pdf: bytes
    text: str


@dataclass(frozen=True)
class Unit:
    """A text, or texts that belong together, with its translation, "" where there is none; ``group``: the list or
    section that it is part of.
    """

    places: tuple[Place, ...]
    english: str
    told: str
    group: Place


def sheet_to_translate(content: Path, topic: str, sheet: str, language: str) -> SheetToTranslate:
    """A topic's text in English and, as far as it is translated, in ``language``. RequestFault for one that isn't
    there; ContentFault for files that can't be read.
    """
    name = file_called(content, topic, sheet, language)
    english = read_texts(content, original_of(name))
    english = {**english, **{place: one.text for place, one in texts_of_topic_file(content, name).items()}}
    before = read_texts(content, name)
    units = _with_headings(list(units_of(english, before)), _headings(content, name, language))
    late = is_behind(content, name)
    changed = (changes_since(content, name, made_from(content, name)) if late else None) or []
    redo = _to_redo(units, changed, before)
    unknown = late and not made_from(content, name).count(" ")
    glossary = load_glossary(content, language)
    terms = _terms(glossary, " ".join(unit.english for unit in units))
    told = how_to(language, glossary.tone, behind=late, unknown=unknown, terms=bool(terms))
    text = _with_head(_filled_in(content, name, units, redo, before), _head(content, name, told, terms))
    if late:
        text = re.sub(r"(?m)^from:.*$", f"from: {made_from(content, name)}", text, count=1)
    pairs = [_pair(unit, redo.get(unit, ())) for unit in units]
    stem = "-".join(filter(None, (topic, Path(sheet).stem, language)))
    return SheetToTranslate(stem, Path(name).suffix, typeset_pairs(name, language, told, terms, pairs), text)


def read_texts(content: Path, name: str) -> Texts:
    """The texts of a file; none where it isn't there. ContentFault."""
    path = content / name
    if not path.exists():
        return {}
    try:
        text = read_text(path)
        found = texts_in(without_comments(text) if name.endswith(".md") else text, name)
    except Unreadable as error:
        raise ContentFault("The text can't be read. Fix this file:", faults=error.faults) from None
    except (OSError, ValueError):
        raise ContentFault(f"{name} can't be read as a text with its front matter.") from None
    return {place: placed.text for place, placed in found.items() if place not in {("from",), ("safety_from",)}}


def units_of(english: Texts, told: Texts) -> Iterator[Unit]:
    """Each text beside its translation. Prose goes section by section, and block by block where a section has as many
    in both; else it stays whole.
    """
    for place, text in english.items():
        if place[0] != PROSE:
            yield Unit((place,), text, told.get(place, ""), _list_of(place))
    one, other = _sections(english), _sections(told)
    if len(one) != len(other):
        one, other = [[block for part in one for block in part]], [[block for part in other for block in part]]
    for number, (here, there) in enumerate(zip(one, other, strict=True)):
        yield from _section_units(here, [text for _, text in there], (PROSE, number))


def _headings(content: Path, name: str, language: str) -> dict[str, str]:
    """Headings that a sheet needs letter by letter: in English, and as the words of the language have them."""
    topic = name.split("/")[1] if name.startswith("topics/") else ""
    files = ["words/{}.yaml", "defaults/{}.yaml", *([f"topics/{topic}/{{}}/words.yaml"] if topic else [])]
    found: dict[str, str] = {}
    for file in files:
        told = read_texts(content, file.format(language))
        for place, text in read_texts(content, file.format(ORIGINAL)).items():
            wanted = place[0] == "headings" or place in {("page", "do"), ("page", "dont")}
            if wanted and GAP not in told.get(place, GAP):
                found[f"## {text}"] = f"## {told[place]}"
    return found


def _with_headings(units: Sequence[Unit], known: Mapping[str, str]) -> list[Unit]:
    """Filled in where nobody has translated them on the sheet yet."""
    return [
        replace(unit, told=known[unit.english]) if unit.english in known and unit.told in {"", f"## {GAP}"} else unit
        for unit in units
    ]


def _sections(texts: Texts) -> list[list[tuple[Place, str]]]:
    blocks = [(place, text) for place, text in texts.items() if place[0] == PROSE]
    starts = [number for number, (_, text) in enumerate(blocks) if number == 0 or text.startswith("#")]
    return [blocks[start:end] for start, end in pairwise([*starts, len(blocks)])]


def _section_units(english: Sequence[tuple[Place, str]], told: Sequence[str], group: Place) -> Iterator[Unit]:
    if len(english) == len(told):
        yield from (Unit((place,), text, there, group) for (place, text), there in zip(english, told, strict=True))
        return
    if english and english[0][1].startswith("#") and told and told[0].startswith("#"):
        yield Unit((english[0][0],), english[0][1], told[0], group)
        english, told = english[1:], told[1:]
    if not told:
        yield from (Unit((place,), text, "", group) for place, text in english)
    elif english:
        texts = "\n\n".join(text for _, text in english)
        yield Unit(tuple(place for place, _ in english), texts, "\n\n".join(told), group)


def _to_redo(units: Sequence[Unit], changed: Sequence[Change], told: Texts) -> dict[Unit, tuple[str, ...]]:
    """What to look at in each text whose English has changed. Where entries of a list or texts of a section were added
    and taken out, or are as many no longer, the old ones may stand beside others: then it is all of them.
    """
    here = {unit: [one for one in changed if one.sentence.place in unit.places] for unit in units}
    kinds: dict[Place, set[str]] = {}
    for unit, those in here.items():
        kinds.setdefault(unit.group, set()).update(change.kind for change in those)
    english = Counter(unit.group for unit in units)
    before = Counter(_list_of(place) for place in told)
    apart = {
        group
        for group, found in kinds.items()
        if len(found) > 1 or (changed and isinstance(group[-1], str) and before[group] not in {0, english[group]})
    }
    return {
        unit: (*_what(unit, those), *(["Something was added or taken out near it: look whether it fits"] * (not those)))
        for unit, those in here.items()
        if those or unit.group in apart
    }


def _list_of(place: Place) -> Place:
    """The list that a text is an entry of; its own place without one."""
    ends = [end for end, part in enumerate(place) if isinstance(part, int)]
    return place[: ends[-1]] if ends and place[0] != PROSE else place


def _pair(unit: Unit, changes: Sequence[str]) -> Pair:
    place = unit.places[0]
    where = "" if place[0] == PROSE else " ".join(str(part + 1 if isinstance(part, int) else part) for part in place)
    return Pair(where, unit.english, "" if GAP in unit.told else unit.told, tuple(changes))


_OF_ONE = {"new": "New or changed", "moved": "Stood elsewhere", "cut": "Something was taken out beside"}
_OF_ALL = {
    "new": "All of it is new or changed",
    "moved": "It stood elsewhere",
    "cut": "Something was taken out beside it",
}


def _what(unit: Unit, changed: Sequence[Change]) -> Iterator[str]:
    """Which sentences of a text to look at."""
    if changed and [one.sentence.text for one in changed] == [text for _, text in sentences_of(unit.english)]:
        yield _OF_ALL[changed[0].kind]
        return
    for kind, those in groupby(changed, key=lambda change: change.kind):
        sentences = " ".join(change.sentence.text for change in those)
        yield f"{_OF_ONE[kind]}: {sentences}"


def _filled_in(
    content: Path, name: str, units: Sequence[Unit], redo: Mapping[Unit, Sequence[str]], before: Texts
) -> str:
    """The file with what is translated already; a text whose English has changed begins with a gap."""
    told = {place: text for place, text in before.items() if place[0] in {"plurals", "mask"}}
    notes: dict[Place, str] = {}
    for unit in units:
        if not unit.told or GAP in unit.told:
            continue
        here = redo.get(unit, ())
        told |= dict.fromkeys(unit.places, "")
        told[unit.places[-1]] = _opened(unit.told) if here else unit.told
        if here:
            notes[unit.places[-1]] = "\n".join(f"CHANGED. {line}" for line in here)
    return to_fill_in(content, name, told, notes)


def _opened(text: str) -> str:
    """A translation with a gap before its first word."""
    found = LINE_START.match(text)
    start = found.end() if found else 0
    return f"{text[:start]}{GAP} {text[start:]}"


def _head(content: Path, name: str, told: Sequence[str], terms: Mapping[str, str]) -> list[str]:
    lines = [*told, *(["Terms that are said one way:"] if terms else [])]
    lines += [f"  {term}: {wanted}" for term, wanted in terms.items()]
    return [*lines, "", f"{SHOWN} {origin_of(content, name)}"]


def _with_head(text: str, lines: Sequence[str]) -> str:
    """Lines for people, before the first key."""
    head = "".join(f"{FOR_PEOPLE}{line}".rstrip() + "\n" for line in lines)
    return re.sub(r"(?m)^from:", lambda _: f"{head}from:", text, count=1)


def _terms(glossary: Glossary, english: str) -> dict[str, str]:
    return {
        term: f"{wanted} ({' '.join(glossary.notes[term].split())})" if term in glossary.notes else wanted
        for term, wanted in glossary.settled.items()
        if re.search(rf"(?<!\w){re.escape(term)}(?!\w)", english, re.I)
    }
