"""Whether the words in a drawing keep clear of each other; and those from right to left a little apart.

Their letters have signs above and below, so that lines that fit English touch. Nothing moves from side to side: what a
label names is drawn beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations
from math import inf

from handouts.typeset.lettering import Box, Label, labels

BESIDE, APART, EDGE = 0.3, 0.04, 0.1
"""The least between two words beside each other, two lines, and a line and the drawing's edge, in em."""
_ROUNDS = 4


def crowded(svg: str) -> list[tuple[Label, Label]]:
    """The labels whose ink touches, or nearly."""
    placed = [(label, label.box) for label in labels(svg) if label.box]
    return [
        (one, other)
        for (one, here), (other, there) in combinations(placed, 2)
        if _between(here, there, 0) < BESIDE * min(one.size, other.size) and _between(here, there, 1) < 0
    ]


def _between(one: Box, other: Box, axis: int) -> float:
    """How far two boxes are apart, from side to side (0) or up and down (1); below 0 where they overlap."""
    return max(one[axis] - other[axis + 2], other[axis] - one[axis + 2])


@lru_cache(maxsize=64)
def moves(svg: str, height: float, lines: tuple[tuple[str, float], ...]) -> Mapping[str, float]:
    """How far down labels have to move, in the units of a drawing so high. ``lines``: the y of each id; those on
    one line stay on one.
    """
    on = dict(lines)
    rows: dict[float, list[tuple[str, Box, float]]] = {}
    for label in labels(svg):
        if label.box and label.id in on:
            rows.setdefault(on[label.id], []).append((label.id, label.box, label.size))
    down = dict.fromkeys(sorted(rows), 0.0)
    for _ in range(_ROUNDS):
        for upper, lower in combinations(down, 2):
            pairs = [_needed(one, other, APART * size) for _, one, size in rows[upper] for _, other, _ in rows[lower]]
            need = max(pairs) + down[upper] - down[lower]
            if need > 0:
                down[upper] -= need / 2
                down[lower] += need / 2
        for y, row in rows.items():
            least = max(EDGE * size - box[1] for _, box, size in row)
            most = min(height - EDGE * size - box[3] for _, box, size in row)
            down[y] = max(least, min(down[y], most))
    return {name: down[y] for y, row in rows.items() for name, _, _ in row}


def _needed(upper: Box, lower: Box, apart: float) -> float:
    """How much farther from each other two lines have to be; below 0 for no farther, or where one is beside the
    other.
    """
    return -inf if _between(upper, lower, 0) > 0 else apart - (lower[1] - upper[3])
