"""Clinicians' prose as data: sections of blocks of inline runs. No markup survives into these types.

Where something stands in its file is for messages, and not in its repr, which tells what is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Run:
    """A stretch of text. ``cites`` holds source ids while loading and their printed numbers after merging."""

    text: str
    bold: bool = False
    number: str = ""
    """A reference as written, ``mvd-relief`` or ``mvd-relief.count`` or ``cite:miller-2012``; empty after merging."""
    cites: tuple[int, ...] = ()
    line: int = field(default=0, repr=False)
    """A reference's line in its file, for messages; 0 once it is resolved."""


Inline = tuple[Run, ...]


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    runs: Inline
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class Items:
    """A list, bulleted or numbered; each item is one paragraph."""

    items: tuple[Inline, ...]
    ordered: bool = False
    kind: Literal["list"] = "list"


@dataclass(frozen=True)
class Figure:
    """A drawing of the topic. ``name`` is the file's name without .svg."""

    name: str
    alt: str
    caption: Inline
    line: int = field(default=0, repr=False)
    kind: Literal["figure"] = "figure"


@dataclass(frozen=True)
class People:
    """A picture of 100 people. ``labels`` has one more entry than ``numbers``: the last is for the rest."""

    numbers: tuple[str, ...]
    labels: tuple[str, ...]
    caption: Inline
    line: int = field(default=0, repr=False)
    kind: Literal["people"] = "people"


Block = Paragraph | Items | Figure | People


@dataclass(frozen=True)
class Section:
    """The blocks under one ``##`` heading. ``heading`` is empty for text before the first."""

    heading: str
    blocks: tuple[Block, ...]
    line: int = field(default=0, repr=False)


def plain(runs: Inline) -> str:
    """The words of a run of inline text, without marks."""
    return "".join(run.text for run in runs)


def inlines(blocks: tuple[Block, ...]) -> list[Inline]:
    """Every inline text in blocks, in reading order, including captions but not alternative texts of pictures."""
    found: list[Inline] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            found.append(block.runs)
        elif isinstance(block, Items):
            found.extend(block.items)
        else:
            found.append(block.caption)
    return found
