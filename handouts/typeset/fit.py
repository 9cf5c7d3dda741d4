"""What a sheet's template may be told so that its pages come out full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TIGHT, ROOMY = 0.36, 0.42
"""A unit of a drawing in pt: one scale for all drawings of a sheet. At the smaller one, lettering of 26.4 units is
9.5 pt high; a drawing whose words are smaller in it is printed larger, as far as its column allows.
"""
LETTERING = {False: 9.5, True: 18.0}
"""The least type in pt, by whether print is large (STANDARDS: Page)."""
WIDEST = 212.0
"""pt: of a drawing beside its text."""
ROUNDING = 0.05
"""pt: a width is rounded to a tenth, and no word may come out smaller for it."""
LARGE_ROOM, LARGE_TIGHT = (432.0, 300.0), 230.0
"""The most that a drawing fills in large print: the width of its lines, and a height that leaves its words a place;
the height where rows stand closer, if its own words stay large enough.
"""


@dataclass(frozen=True)
class Fit:
    """``scale`` of the drawings; ``tight``, ``loose``: less or more space in rows; ``lines`` to write on: for and
    against an option, or what else matters; ``notes``: whether the plan has room for some; ``matters``: the form of
    "What matters most to you?", left out where empty; ``across``: the medicines whose cards take
    the width of the page, not half of it; ``taller``: the ids of the boxes that no page can hold.
    """

    scale: float = TIGHT
    tight: bool = False
    loose: bool = False
    lines: int = 0
    notes: bool = True
    matters: Literal["table", "boxes", ""] = "table"
    across: Literal["", "prescribed", "all"] = ""
    taller: frozenset[str] = frozenset()

    def width(self, size: tuple[float, float], *, large: bool, least: float = 0) -> float:
        """How wide a drawing of ``size`` is printed, in pt; ``least``: the size of its smallest word, 0 without any.

        Nothing here may shrink words below what can be read.
        """
        width, height = size
        tallest = LARGE_TIGHT if self.tight else LARGE_ROOM[1]
        usual = min(LARGE_ROOM[0], tallest * width / height) if large else width * self.scale
        needed = LETTERING[large] * width / least if least else 0
        return round(max(usual, min(needed + ROUNDING, LARGE_ROOM[0] if large else WIDEST)), 1)
