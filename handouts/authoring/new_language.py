"""`new-language`: the files of a translation, with the English beside each place to fill in. Reads the English files.

A place is `handouts.load.language_files.GAP`; the English stands in a comment above it. What is a name and no word,
such as a number's, stands there already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from handouts.load.changes import origin_of
from handouts.load.collector import Reader
from handouts.load.files import read_text
from handouts.load.language_files import GAP, languages, original_of
from handouts.load.library import load_words
from handouts.load.progress import progress
from handouts.load.texts import PICTURE, PROSE, Place, blocks_of, is_kept, split
from handouts.load.translated_words import phrases_to_translate, safety_digest
from handouts.load.yamlfile import parse
from handouts.model.language import language_name
from handouts.model.topic_file import TopicFile

_PLAIN_KEY = re.compile(r"[A-Za-z][\w-]*")
Told = Mapping[Place, str]
"""What is translated already, by its place in the English file."""


def language_files(content: Path, language: str, topics: Iterable[str]) -> dict[str, str]:
    """The files that a language lacks, name in the content folder -> text to fill in."""
    names = [name for part in progress(content, language, topics) for name in part.files]
    made = {name: to_fill_in(content, name) for name in names if not (content / name).exists()}
    glossary = f"glossary/{language}.yaml"
    return made if (content / glossary).exists() else {**made, glossary: _glossary(content, language, topics)}


def to_fill_in(content: Path, name: str, told: Told | None = None, notes: Told | None = None) -> str:
    """The text of one file of a translation. ``told``: what to put into its places instead of gaps; "" for a block
    whose translation stands in a later one; ``notes``: what to say of a place, below its English.
    """
    told, notes = told or {}, notes or {}
    english = content / original_of(name)
    text = read_text(english) if english.exists() else ""
    first = text.partition("\n")[0]
    schema = f"{first}\n" if first.startswith("# yaml-language-server:") else ""
    origin = f"{schema}from: {origin_of(content, name)}\n"
    if name.endswith(".md"):
        head, prose = split(text)
        return f"---\n{origin}{_block(_data(head), told, notes)}---\n{_prose(prose, told, notes)}"
    more = _own_words(content, name, told, notes) if re.fullmatch(r"topics/[^/]+/[^/]+/words\.yaml", name) else ""
    return f"{origin}{_block(_data(text), told, notes)}{more}"


def _data(text: str) -> Any:
    return parse(text, "").data or {}


def _block(data: Mapping[str, Any], told: Told, notes: Told) -> str:
    return "".join(f"{line}\n" for line in _lines(data, (), told, notes))


def _lines(value: Any, path: Place, told: Told, notes: Told) -> Iterator[str]:
    """``value`` as YAML in block style, a gap for each text, its English above it."""
    indent = "  " * len(path)
    pairs = value.items() if isinstance(value, Mapping) else ((None, item) for item in value)
    for number, (key, item) in enumerate(pairs):
        place = (*path, number if key is None else key)
        start = f"{indent}-" if key is None else f"{indent}{key_of(key)}:"
        if item is None:
            yield start
        elif isinstance(item, str):
            if is_kept(place, item):
                yield f"{start} {item}"
            else:
                rows = [*item.split("\n"), *notes.get(place, "").split("\n")]
                yield from (f"{indent}# {row}" for row in rows if row)
                yield f"{start} {_quoted(told.get(place, GAP))}"
        elif not item:
            yield f"{start} {'{}' if isinstance(item, Mapping) else '[]'}"
        else:
            yield start
            yield from _lines(item, place, told, notes)


def key_of(key: str) -> str:
    """A key as YAML writes it."""
    return key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _prose(prose: str, told: Told, notes: Told) -> str:
    parts: list[str] = []
    above: list[str] = []
    for number, block in enumerate(blocks_of(prose)):
        place = (PROSE, number)
        above.append("\n".join(filter(None, (block.replace("-->", "->"), notes.get(place)))))
        if text := told.get(place, _with_gaps(block)):
            english, above = "\n\n".join(above), []
            parts.append(f"\n<!-- {english} -->\n{text}\n")
    return "".join(parts)


LINE_START = re.compile(r"(#+ |- |\d+\. |!\[)")
"""Before the first word of a line: of a heading, an entry of a list, a picture."""


def _with_gaps(block: str) -> str:
    """A heading, list, picture or paragraph with a gap for each text."""
    if picture := PICTURE.fullmatch(block.strip()):
        texts = picture[1].count(" / ") + 1 if picture[2].startswith("people:") else 1
        caption = f' "{GAP}"' if picture[3] else ""
        return f"![{' / '.join([GAP] * texts)}]({picture[2]}{caption})"
    made: list[str] = []
    for line in block.split("\n"):
        if start := LINE_START.match(line):
            made.append(f"{start[1]}{GAP}")
        elif not made or made[-1].startswith("#"):
            made.append(GAP)
    return "\n".join(made)


def _own_words(content: Path, name: str, told: Told, notes: Told) -> str:
    """What words.yaml holds in a translation alone: phrases, safety texts, masked terms."""
    folder = content / "topics" / name.split("/")[1]
    file = Reader(content).model(TopicFile, folder / "topic.yaml")
    if file is None:
        return ""
    page = load_words(content).page
    phrases = list(dict.fromkeys(phrase for _, phrase in phrases_to_translate(file, page)))
    lines = ["phrases:                # what topic.yaml says of its numbers"] if phrases else []
    lines += [f"  {_quoted(phrase)}: {_quoted(told.get(('phrases', phrase), GAP))}" for phrase in phrases]
    lines += _plurals(told)
    safety = {key: field.text for key, field in file.safety.items() if field.text}
    if safety:
        lines += [f"safety_from: {safety_digest(file)}", *_lines({"safety": safety}, (), told, notes)]
    if file.mask:
        lines += [
            "# terms that the text explains, as it writes them; in English: " + ", ".join(file.mask),
            f"mask: {_quoted([text for place, text in told.items() if place[0] == 'mask'])}",
        ]
    return "".join(f"{line}\n" for line in lines)


def _plurals(told: Told) -> Iterator[str]:
    """Those that a translation has already."""
    found: dict[str, dict[str, str]] = {}
    for place, text in told.items():
        if place[0] == "plurals":
            found.setdefault(str(place[1]), {})[str(place[2])] = text
    if found:
        yield f"plurals: {_quoted(found)}"


def _quoted(value: Any) -> str:
    """JSON, which YAML reads as well."""
    return json.dumps(value, ensure_ascii=False)


def _glossary(content: Path, language: str, topics: Iterable[str]) -> str:
    """The terms that other glossaries have, and those that the topics explain."""
    terms: dict[str, None] = {}
    for tag in languages(content):
        path = content / "glossary" / f"{tag}.yaml"
        data = parse(read_text(path), path.name).data if path.exists() else {}
        terms |= dict.fromkeys(data.get("terms") or {})
    for topic in topics:
        file = Reader(content).model(TopicFile, content / "topics" / topic / "topic.yaml")
        terms |= dict.fromkeys(file.mask if file else ())
    lines = ["# yaml-language-server: $schema=../schema/glossary.json"]
    lines += ["# How the texts speak to the reader, in English, for translators.", f'tone: "{GAP}"']
    lines += [f"# Terms that are said one way in {language_name(language)}. A gap that is left is no term.", "terms:"]
    lines += [f'  {json.dumps(term, ensure_ascii=False)}: "{GAP}"' for term in terms]
    lines += ["sides:                  # how the words for each side begin, such as left: [izquierd]"]
    return "\n".join([*lines, "  left: []", "  right: []", ""])
