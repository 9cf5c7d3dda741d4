"""The shapes of a sheet with slots: one of a few sizes of each box, so that few sheets hold everybody's texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Of the front. ``who``, ``visit``, ``note``: how many lines each box has, 0 for none of it; of a visit that is
    not given, lines to write on are printed. ``steps``: the height of the box in pt.

    What page 1 can't hold goes on to page 2: ``more_steps``, the height of the box in pt or 0; ``more_note``, the lines
    of each box.
    """

    who: int
    visit: int
    steps: float
    note: int = 0
    more_steps: float = 0
    more_note: tuple[int, ...] = ()


@dataclass(frozen=True)
class PlanShape:
    """Of the plan of medicines: how many rows it has, and how many lines each of them."""

    rows: int
    lines: int
