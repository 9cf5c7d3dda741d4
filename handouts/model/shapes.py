"""The shape of a front and of a plan of medicines: how much room each box has. Few values, so that many requests share
one (a day's list needs a handful).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_NEXT_STEPS = 3
"""Of a topic's own (CDC index: few calls to action)."""
MOST_WRITTEN_STEPS = 6
"""That staff may write for one patient."""
MOST_MEDICINES = 12
WHO: Mapping[bool, tuple[int, ...]] = {False: (4, 5, 8), True: (3, 4, 5, 8)}
"""Lines, by whether print is large; in standard print four lines are no higher than the text beside them."""
VISIT = (0, 4, 5, 9)
NOTE = (0, 3, 6)
"""Lines. A longer note goes on to page 2, whole."""
STEPS: Mapping[bool, tuple[int, ...]] = {False: (66, 132, 220), True: (108, 216, 360)}
"""Heights in pt, by whether print is large."""
STEPS_MORE: Mapping[bool, tuple[int, ...]] = {False: (66, 132, 220), True: (108, 216, 360, 540)}
NOTE_MORE: Mapping[bool, tuple[int, ...]] = {False: (12, 24, 40), True: (8, 16, 24)}
"""Lines of an area; a note that needs more has several of the largest."""
MOST_AREAS = 6
PLAN_ROWS: Mapping[bool, tuple[int, ...]] = {False: (4, 8, 12), True: (2, 3, 4, 8, 12)}
"""Rows of the plan to cut out, by whether print is large: four of its rows fill a page."""
PLAN_LINES = (2, 4, 8)


@dataclass(frozen=True)
class Shape:
    """The room on a front. ``who``, ``visit``, ``note``: lines; ``steps``, ``more_steps``: heights in pt, the second of
    what goes on to page 2, or 0; ``more_note``: lines of each area of a note on page 2, () if it is on page 1.

    ``visit`` is 0 where there is none: lines to write on are printed.
    """

    who: int
    visit: int
    steps: int
    note: int = 0
    more_steps: int = 0
    more_note: tuple[int, ...] = ()

    @staticmethod
    def least(*, large: bool) -> Shape:
        """Of a handout without any detail."""
        return Shape(WHO[large][0], VISIT[0], STEPS[large][0])


@dataclass(frozen=True)
class PlanShape:
    """The room in a plan of medicines: its rows, and the lines that a row has."""

    rows: int
    lines: int
