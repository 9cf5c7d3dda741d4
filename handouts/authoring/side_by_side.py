"""`translate-sheet`: a text for somebody who translates it elsewhere: a PDF with two columns, and a file to fill in.

Both have the terms of the language's glossary that the text uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from handouts import paths
from handouts.authoring.new_language import blocks_of, is_kept, split, to_fill_in
from handouts.errors import ContentFault, Refused, RequestFault, nearest, quote_if_known
from handouts.load.collector import FROM
from handouts.load.files import read_text
from handouts.load.glossary import load_glossary
from handouts.load.language_files import GAP, gaps_in, original_of, without_comments
from handouts.load.library import clinic_ids, topic_ids, unknown
from handouts.load.progress import topic_names
from handouts.load.translation import digest_of_english
from handouts.load.translation_faults import translation_faults
from handouts.load.yamlfile import Unreadable, parse
from handouts.model.language import is_rtl, language_name


@dataclass(frozen=True)
class Pair:
    """A text: where it stands, its English, its translation, "" as long as there is none."""

    place: str
    english: str
    told: str


@dataclass(frozen=True)
class SheetToTranslate:
    """``name``: of both files, without their endings; ``suffix``: of the one to fill in; ``text``: what it holds."""

    name: str
    suffix: str
    pdf: bytes
    text: str


def sheet_to_translate(content: Path, topic: str, sheet: str, language: str) -> SheetToTranslate:
    """A topic's text in English and, as far as it is translated, in ``language``. RequestFault for one that isn't
    there; ContentFault for files that can't be read.
    """
    name = file_called(content, topic, sheet, language)
    english, told = _texts(content / original_of(name)), _texts(content / name)
    pairs = list(pairs_of(english, told))
    terms = _terms(content, language, " ".join(pair.english for pair in pairs))
    known = {place: text for place, text in told.items() if place in english and GAP not in text}
    if _prose_count(english) != _prose_count(told):
        known = {place: text for place, text in known.items() if place[0] != "prose"}
    text = to_fill_in(content, name, known)
    listed = "".join(f"# {term}: {wanted}\n" for term, wanted in terms.items())
    if listed:
        listed = f"# Terms that are said one way:\n{listed}"
        text = text.replace("---\n", f"---\n{listed}", 1) if name.endswith(".md") else f"{listed}{text}"
    stem = "-".join(filter(None, (topic, Path(sheet).stem, language)))
    return SheetToTranslate(stem, Path(name).suffix, _pdf(topic, name, language, pairs, terms), text)


_SHARED = ("words", "mail", "defaults", "practice")


def file_called(content: Path, topic: str, sheet: str, language: str) -> str:
    """The name of a topic's file in a language, of ``botox``, ``botox.md`` or ``medicines/baclofen``. RequestFault.

    Of no topic are the ``topic``s words, mail and defaults, and practice, whose ``sheet`` is a clinic.
    """
    if topic in _SHARED:
        return _shared(content, topic, sheet, language)
    if topic not in topic_ids(content):
        raise RequestFault(unknown("topic", topic, topic_ids(content)))
    base = f"topics/{topic}/{language}/"
    names = {name.removeprefix(base): name for name in topic_names(content, topic, language)}
    calls: dict[str, str] = {}
    for short, name in names.items():
        calls |= {short: name, short.rpartition(".")[0]: name}
        calls.setdefault(Path(short).stem, name)
    if sheet not in calls:
        hint = nearest(sheet, {Path(short).stem for short in names}, what="texts")
        raise RequestFault(f"{topic} has no text{quote_if_known(sheet, calls)}. {hint}")
    return calls[sheet]


def _shared(content: Path, kind: str, clinic: str, language: str) -> str:
    if kind == "practice":
        known = clinic_ids(content)
        if clinic not in known:
            raise RequestFault(unknown("clinic", clinic, known))
        return f"clinics/{clinic}/practice.{language}.md"
    return {
        "words": f"words/{language}.yaml",
        "mail": f"words/mail.{language}.yaml",
        "defaults": f"defaults/{language}.yaml",
    }[kind]


Texts = dict[tuple[str | int, ...], str]
"""The texts of a file by their place; those of its prose as ``("prose", 3)``."""


def _texts(path: Path) -> Texts:
    """Of a file; none where it isn't there. ContentFault."""
    if not path.exists():
        return {}
    try:
        text = read_text(path)
        head, prose = split(text) if path.suffix == ".md" else (text, "")
        found = dict(_leaves(parse(head, path.name).data or {}, ()))
    except Unreadable as error:
        raise ContentFault("The text can't be read. Fix this file:", faults=error.faults) from None
    except (OSError, ValueError):
        raise ContentFault(f"{path.name} can't be read as a text with its front matter.") from None
    blocks = blocks_of(without_comments(prose))
    return {**found, **{("prose", number): block for number, block in enumerate(blocks)}}


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        if path != (FROM,) and not is_kept(path, value):
            yield path, value
        return
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value or ()):
        yield from _leaves(item, (*path, key))


def _prose_count(texts: Texts) -> int:
    return sum(place[0] == "prose" for place in texts)


def pairs_of(english: Texts, told: Texts) -> Iterator[Pair]:
    """Each text beside its translation; prose block by block, as far as both go."""
    for place, text in english.items():
        if place[0] != "prose":
            at = " ".join(str(part + 1 if isinstance(part, int) else part) for part in place)
            yield Pair(at, text, told.get(place, ""))
    blocks = ([text for place, text in texts.items() if place[0] == "prose"] for texts in (english, told))
    for one, other in zip_longest(*blocks, fillvalue=""):
        yield Pair("", one, "" if GAP in other else other)


def _terms(content: Path, language: str, english: str) -> dict[str, str]:
    found = load_glossary(content, language)
    return {
        term: f"{wanted} ({' '.join(found.notes[term].split())})" if term in found.notes else wanted
        for term, wanted in found.settled.items()
        if re.search(rf"(?<!\w){re.escape(term)}(?!\w)", english, re.I)
    }


def _pdf(topic: str, name: str, language: str, pairs: list[Pair], terms: Mapping[str, str]) -> bytes:
    from handouts.typeset.html import environment
    from handouts.typeset.weasyprint import layout, write

    folder = paths.PROGRAM.templates / "translate"
    page = environment(folder).get_template("side-by-side.html.j2")
    html = page.render(
        topic=topic,
        file=name,
        language=language,
        language_name=language_name(language),
        direction="rtl" if is_rtl(language) else "ltr",
        pairs=pairs,
        terms=terms,
    )
    return write(layout(html, (folder / "side-by-side.css",)))


_FIRST_KEY = re.compile(r"(?m)^(?!#|---$|\s)(?=\S)|\Z")
"""Where the first key of a file begins, after its comments."""


def renewed(content: Path, topic: str, sheet: str, language: str) -> tuple[Path, str]:
    """A translation that says again what today's English says: its path, and its text with the new ``from``.

    RequestFault for one that isn't there; Refused while it has gaps, or where it is not behind; ContentFault where it
    does not hold what today's English does.
    """
    name = file_called(content, topic, sheet, language)
    path = content / name
    if not path.exists():
        raise RequestFault(f"{name} is not there yet. `new-language {language} {topic}` makes it, to fill in.")
    text, digest = read_text(path), digest_of_english(content, name)
    if gaps_in(text):
        raise Refused(f"{name} is not filled in yet: write over each {GAP} first.")
    about = [topic] if topic in topic_ids(content) else []
    faults = translation_faults(content, language, about, even_behind=[name])
    if wrong := [fault for fault in faults if fault.file == name and not fault.message.startswith(f"'{FROM}' ")]:
        raise ContentFault(f"{name} does not say what the English says today. Fix these, then try again:", faults=wrong)
    made, count = re.subn(rf"(?m)^{FROM}:.*$", f"{FROM}: {digest}", text, count=1)
    if count == 0:
        made = re.sub(_FIRST_KEY, f"{FROM}: {digest}\n", text, count=1)
    if made == text:
        raise Refused(f"{name} is made from today's English already.")
    return path, made
