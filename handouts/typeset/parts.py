"""An answer in parts: what has to stand together on a page, and the drawing that stands beside it."""

from __future__ import annotations

from dataclasses import dataclass

from handouts.model.prose import Block, Figure, Items, Paragraph

FEW = 2
"""So many blocks of words stand together whatever they are."""


@dataclass(frozen=True)
class Part:
    """Blocks that are never broken over pages, with the drawing that they speak of."""

    words: tuple[Block, ...]
    figure: Figure | None = None


def parts(blocks: tuple[Block, ...]) -> tuple[Part, ...]:
    """The blocks of an answer in parts: a paragraph keeps the list that it leads in and the drawing that follows.

    A short answer is one part. Even an empty one has a part, so that its question is printed.
    """
    made: list[Part] = []
    for block in blocks:
        last = made[-1] if made else None
        if isinstance(block, Figure):
            if last and not last.figure:
                made[-1] = Part(last.words, block)
            else:
                made.append(Part((), block))
        elif last and not last.figure and _leads_in(last, block):
            made[-1] = Part((*last.words, block))
        else:
            made.append(Part((block,)))
    words = tuple(block for part in made for block in part.words)
    figures = [part.figure for part in made if part.figure]
    if len(words) <= FEW and len(made) > 1 and not figures:
        return (Part(words),)
    return tuple(made) or (Part(()),)


def _leads_in(last: Part, block: Block) -> bool:
    return isinstance(block, Items) and isinstance(last.words[-1] if last.words else None, Paragraph)
