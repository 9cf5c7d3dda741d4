"""An answer in parts: what has to stand together on a page, and the drawing that stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from handouts.model.prose import Block, Figure, Items, Paragraph

FEW = 2
"""So many blocks stand together whatever they are."""


@dataclass(frozen=True)
class Part:
    """Blocks that are never broken over pages, with the drawing that they speak of; ``after``: what follows it."""

    words: tuple[Block, ...]
    figure: Figure | None = None
    after: tuple[Block, ...] = ()


def parts(blocks: tuple[Block, ...]) -> tuple[Part, ...]:
    """The blocks of an answer in parts: a paragraph keeps the list that it leads in, a drawing the words before it.

    A single paragraph after the last drawing stands beside it too. Even an empty answer has a part, so that its
    question is printed.
    """
    made: list[Part] = []
    words: list[Block] = []
    for block in blocks:
        if isinstance(block, Figure):
            *before, beside = _grouped(words) or [()]
            made += [Part(group) for group in before]
            made.append(Part(beside, block))
            words = []
        else:
            words.append(block)
    if made and len(words) == 1:
        made[-1] = replace(made[-1], after=tuple(words))
    else:
        made += [Part(group) for group in _grouped(words)]
    return tuple(made) or (Part(()),)


def _grouped(words: list[Block]) -> list[tuple[Block, ...]]:
    return [tuple(words)] if 0 < len(words) <= FEW else list(_lead_ins(words))


def _lead_ins(words: list[Block]) -> Iterator[tuple[Block, ...]]:
    """Each paragraph with the list after it; what begins with a list has it alone."""
    group: list[Block] = []
    for block in words:
        if group and not (isinstance(block, Items) and isinstance(group[-1], Paragraph)):
            yield tuple(group)
            group = []
        group.append(block)
    if group:
        yield tuple(group)
