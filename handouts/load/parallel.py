"""Whether a translation says what its English says: the same keys, lists, references, ids, figures and numbers. Pure.

Only words may differ. What a program can't see, the meaning, is for whoever checks the translation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from handouts.errors import Fault, shown
from handouts.load.collector import FROM, Reader
from handouts.load.language_files import is_translation, original_of
from handouts.load.numerals import missing_numbers
from handouts.load.texts import is_name
from handouts.load.yamlfile import Parsed, Path
from handouts.model.prose import Block, Figure, Items, Paragraph, People, Section, inlines

_BRACES = re.compile(r"\{[^{}\s]*\}")
_OWN_KEYS = frozenset({FROM, "phrases", "plurals", "safety", "safety_from", "mask"})
"""Of a topic's words.yaml, what it holds in a translation alone."""


def unlike(original: Reader, translated: Reader, behind: Collection[str]) -> Iterator[Fault]:
    """A fault for each place where a translation that ``translated`` read is not made like its English file.

    Those that are ``behind`` were made like an English of before; they are marked, and not compared with today's.
    """
    for name, parsed in translated.yaml.items():
        english = original.yaml.get(original_of(name))
        if name in behind or not is_translation(name) or not isinstance(parsed.data, dict):
            continue
        own = _OWN_KEYS if name.endswith("/words.yaml") else {FROM, "quotes"} if name.startswith("words/") else {FROM}
        told = {key: value for key, value in parsed.data.items() if key not in own}
        if english is not None and isinstance(english.data, dict):
            yield from _unlike_data(english.data, told, (), parsed)
        elif name.endswith("/words.yaml"):
            yield from (_not_there(parsed, (key,)) for key in told)
    ticked = dict(_ticked(original, translated))
    for name, sections in translated.prose.items():
        if name not in behind and is_translation(name) and original_of(name) in original.prose:
            yield from unlike_prose(original.prose[original_of(name)], sections, name, ticked)


def _ticked(original: Reader, translated: Reader) -> Iterator[tuple[str, str]]:
    """The headings whose lists are printed with ticks or crosses: in English, and in the words of the translation."""
    for name, parsed in translated.yaml.items():
        english = original.yaml.get(original_of(name))
        if english and re.fullmatch(r"words/[a-z]+\.yaml", name):
            pages = (english.data.get("page"), parsed.data.get("page"))
            one, other = (page if isinstance(page, dict) else {} for page in pages)
            yield from ((one[key], other[key]) for key in ("do", "dont") if one.get(key) and other.get(key))


def _unlike_data(english: Any, told: Any, path: Path, parsed: Parsed) -> Iterator[Fault]:
    """Of plain data, at ``path``."""
    if isinstance(english, dict) and isinstance(told, dict):
        for key, value in english.items():
            if key in told:
                yield from _unlike_data(value, told[key], (*path, key), parsed)
            elif value is not None:
                yield Fault(parsed.file, parsed.line(path), f"{_named((*path, key))} is missing, which English has")
        yield from (_not_there(parsed, (*path, key)) for key in told if key not in english)
    elif isinstance(english, list) and isinstance(told, list):
        if len(english) != len(told):
            counts = f"has {len(told)} entries, and {len(english)} in English"
            yield Fault(parsed.file, parsed.line(path), f"{_named(path)} {counts}")
        else:
            for i, (one, other) in enumerate(zip(english, told, strict=True)):
                yield from _unlike_data(one, other, (*path, i), parsed)
    elif isinstance(english, str) and isinstance(told, str):
        yield from (
            Fault(parsed.file, parsed.line(path), f"{_named(path)} {wrong}")
            for wrong in _unlike_text(english, told, path)
        )
    elif type(english) is not type(told):
        yield Fault(parsed.file, parsed.line(path), f"{_named(path)} is not of the same kind as in English")


def _not_there(parsed: Parsed, path: Path) -> Fault:
    return Fault(parsed.file, parsed.line(path), f"{_named(path)} is not in English: translate only what is there")


def _unlike_text(english: str, told: str, path: Path) -> Iterator[str]:
    if is_name(path) and english != told:
        yield f"has to be '{shown(english)}', as in English: it is a name, not a word"
    if path[-1] == "diary_days" and len(english.split()) != len(told.split()):
        yield f"needs {len(english.split())} words, parted by spaces, as in English"
    yield from _unlike_references(_BRACES.findall(english), _BRACES.findall(told))
    yield from missing_numbers(english, told)


def _unlike_references(english: Sequence[str], told: Sequence[str]) -> Iterator[str]:
    one, other = Counter(english), Counter(told)
    lacks, more = list((one - other).elements()), list((other - one).elements())
    if lacks:
        yield f"lacks {', '.join(lacks)}, which English has"
    if more:
        yield f"has {', '.join(map(shown, more))}, which English has not"


def unlike_prose(
    english: Sequence[Section], told: Sequence[Section], file: str, ticked: Mapping[str, str]
) -> Iterator[Fault]:
    """A fault for each section that holds something else than the English one in its place. ``ticked``: English
    headings whose lists are printed with ticks or crosses, and how the translation's words have them.
    """
    if len(english) != len(told):
        line = told[min(len(english), len(told)) - 1].line if told else 0
        counts = f"has {len(told)} headings, and {len(english)} in English: the same ones, in the same order"
        yield Fault(file, line, counts)
        return
    for one, other in zip(english, told, strict=True):
        where = f"'## {shown(other.heading)}'" if other.heading else "the text"
        if other.heading != (wanted := ticked.get(one.heading, other.heading)):
            why = (
                f"{where} stands for '## {one.heading}': write '## {shown(wanted)}', as the words of the page have it, "
                "or no ticks or crosses are printed"
            )
            yield Fault(file, other.line, why)
        for wrong in (*_unlike_blocks(one, other), *_unlike_words(one, other)):
            yield Fault(file, other.line, f"{where} {wrong}")


def _unlike_blocks(english: Section, told: Section) -> Iterator[str]:
    """A translator may part a paragraph in two; lists and pictures stay as they are."""
    one, other = _shapes(english.blocks), _shapes(told.blocks)
    if one != other:
        yield f"holds {_list_of(other)}, and {_list_of(one)} in English"


def _shapes(blocks: Sequence[Block]) -> list[str]:
    return [_shape(block) for block in blocks if not isinstance(block, Paragraph)]


def _shape(block: Block) -> str:
    if isinstance(block, Items):
        return f"a numbered list of {len(block.items)}" if block.ordered else f"a list of {len(block.items)}"
    if isinstance(block, Figure):
        name = block.name
        return f"the figure {name} with a caption" if block.caption else f"the figure {name} without a caption"
    assert isinstance(block, People)  # noqa: S101  paragraphs are left out
    return f"the picture of {', '.join(block.numbers)} with {len(block.labels)} labels"


def _list_of(shapes: Sequence[str]) -> str:
    return " and ".join(shapes) or "no list or picture"


def _unlike_words(english: Section, told: Section) -> Iterator[str]:
    one, other = _references(english), _references(told)
    yield from _unlike_references(one, other)
    yield from missing_numbers(_words(english), _words(told))


def _references(section: Section) -> list[str]:
    return [f"{{{run.number}}}" for runs in inlines(section.blocks) for run in runs if run.number]


def _words(section: Section) -> str:
    """All that is printed of a section but its numbers from topic.yaml."""
    texts = [" ".join(run.text for run in runs) for runs in inlines(section.blocks)]
    texts += [block.alt for block in section.blocks if isinstance(block, Figure)]
    texts += [label for block in section.blocks if isinstance(block, People) for label in block.labels]
    return "\n".join([section.heading, *texts])


def _named(path: Path) -> str:
    return f"'{'.'.join(str(part + 1) if isinstance(part, int) else shown(part) for part in path)}'"


def unlike_phrases(phrases: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Phrases of topic.yaml's numbers whose translation lacks a number: the English phrase, and what is wrong."""
    for english, told in phrases.items():
        yield from ((english, wrong) for wrong in missing_numbers(english, told))
