"""The texts of a file of content, each by its place, and the sentences in them. Pure.

A text is a value of YAML, or what stands between two empty lines of Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handouts.load.yamlfile import Unreadable, parse

Place = tuple[str | int, ...]
"""Where a text stands: the keys that lead to it, or ``("prose", 3)``."""
PROSE = "prose"
_IDS = frozenset({"stays", "passes", "number"})
"""Keys of a harm whose values are the same in every language."""


@dataclass(frozen=True)
class Placed:
    """A text, and the line that it begins in."""

    text: str
    line: int


def texts_in(text: str, name: str) -> dict[Place, Placed]:
    """Every text of a file in its order, but names and numbers of the program's. ``name``: of the file.

    Unreadable, or ValueError for Markdown without front matter.
    """
    head, prose = split(text) if name.endswith(".md") else (text, "")
    first = 2 if name.endswith(".md") else 1
    parsed = parse(head, name, first_line=first)
    found = {path: Placed(value, parsed.line(path)) for path, value in _leaves(parsed.data or {}, ())}
    start = first + head.count("\n") + 1
    blocks = ((PROSE, number) for number in range(len(text)))
    return {**found, **{next(blocks): Placed(block, start + at) for at, block in _placed_blocks(prose)}}


def _leaves(value: Any, path: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        if not is_kept(path, value):
            yield path, value
        return
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value or ()):
        yield from _leaves(item, (*path, key))


def is_name(path: Place) -> bool:
    """Whether what stands at ``path`` of a text's front matter is a name, such as a number's, and not a word."""
    return (path[0] == "harms" and path[-1] in _IDS) or (path[0] == "safety" and isinstance(path[-1], int))


def is_kept(path: Place, value: str) -> bool:
    """Whether a value is a name or a yes: the same in every language."""
    return value in {"true", "false"} or is_name(path)


def split(text: str) -> tuple[str, str]:
    """The front matter of a Markdown file, and what comes below it. ValueError without one."""
    rows = text.split("\n")
    end = rows.index("---", 1)
    return "\n".join(rows[1:end]) + "\n", "\n".join(rows[end + 1 :])


def blocks_of(prose: str) -> list[str]:
    """What stands between empty lines."""
    return [block for _, block in _placed_blocks(prose)]


def _placed_blocks(prose: str) -> Iterator[tuple[int, str]]:
    """Each block, and how many lines stand before it."""
    for found in re.finditer(r"(?:^[^\S\n]*\S.*(?:\n|\Z))+", prose, re.M):
        yield prose.count("\n", 0, found.start()), found[0].rstrip("\n")


PICTURE = re.compile(r"!\[([^\]]*)\]\(([^\s)]+)(\s+\"[^\"]*\")?\)")
"""Its words, or labels with " / " between them; its name; its caption."""


def count_texts(text: str, name: str) -> int:
    """How many texts a file has to translate, entries of lists and words of pictures each; 0 for one that can't be
    read.
    """
    try:
        found = texts_in(text, name)
    except (ValueError, Unreadable):
        return 0
    return sum(_parts(one.text) if place[0] == PROSE else 1 for place, one in found.items() if place[0] not in _ORIGIN)


_ORIGIN = frozenset({"from", "safety_from"})


def _parts(block: str) -> int:
    if picture := PICTURE.fullmatch(block.strip()):
        labels = picture[1].count(" / ") + 1 if picture[2].startswith("people:") else 1
        return labels + bool(picture[3])
    return len(_lines_of(block))


_STARTS = re.compile(r"- |\d+\. |#|!\[")
_SENTENCE = re.compile(r"(?<=[^\d\s][.!?])\s+")


def sentences_of(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text, each on one line, and how many lines stand before it. A heading and an entry of a list
    are sentences of their own. A mark in a translation is made of each (LANG-11), so the rule has to stay as it is.
    """
    for number, part in _lines_of(text):
        yield from ((number, " ".join(one.split())) for one in _SENTENCE.split(part) if one.strip())


def _lines_of(text: str) -> list[tuple[int, str]]:
    """Headings, entries of lists and paragraphs, on one line each, and how many lines stand before them."""
    parts: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n")):
        if parts and not _STARTS.match(line) and not parts[-1][1].startswith("#"):
            parts[-1] = (parts[-1][0], f"{parts[-1][1]} {line}")
        else:
            parts.append((number, line))
    return parts
