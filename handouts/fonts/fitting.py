"""A text for a slot: on as many lines as it may take, then smaller, or refused; never cut.

What is refused names the key of the request, never the text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from handouts.errors import RequestFault
from handouts.fonts.direction import runs_right_to_left
from handouts.fonts.lines import TooWide, break_lines
from handouts.fonts.shaping import NoGlyph
from handouts.model.isolates import isolate_numbers
from handouts.model.slots import Slot


@dataclass(frozen=True, repr=False)  # a patient's words do not belong in a traceback
class FittedText:
    """The lines of a paragraph, as `break_lines` has them, and the size of its type in pt."""

    lines: tuple[str, ...]
    size: float
    rtl: bool


class TooLong(Exception):
    """A text needs more lines than its place has: so many more."""

    def __init__(self, lines: float) -> None:
        self.lines = math.ceil(lines)
        super().__init__("a text is too long for its place")


def fit_text(text: str, slot: Slot, *, flows: bool = False) -> FittedText:
    """``text`` for ``slot`` in the largest size at which it fits without a torn word, else with one.

    ``flows``: it may take any number of lines, else those that the slot is high enough for. TooLong, TooWide, NoGlyph.
    """
    rtl = runs_right_to_left(text, within_rtl=slot.rtl)
    text = isolate_numbers(text) if rtl else text
    problem: Exception | None = None
    for tear in (False, True):
        for size in _sizes(slot):
            try:
                lines = break_lines(text, slot.room, size, bold=slot.bold, tear=tear, rtl=rtl)
            except TooWide as error:
                problem = error
                continue
            over = len(lines) - int((slot.height + 0.01) / slot.leading_at(size))
            if flows or over <= 0:
                return FittedText(lines, size, rtl)
            problem = TooLong(over)
    assert problem  # noqa: S101  there is a size at least
    raise problem


def _sizes(slot: Slot) -> Iterator[float]:
    size = slot.size
    while size > slot.floor:
        yield size
        size -= 1
    yield slot.floor


@contextmanager
def refusing(key: str) -> Iterator[None]:
    """RequestFault that names ``key`` for a text that does not fit, or that no font can set."""
    try:
        yield
    except TooLong as error:
        lines = "1 line" if error.lines == 1 else f"{error.lines:,} lines"
        raise RequestFault(f"'{key}' is too long for its place on the page by about {lines}. Shorten it.") from None
    except TooWide:
        raise RequestFault(
            f"'{key}' is too long for its place on the page: a word is wider than a line. Shorten it, "
            "or write it with spaces."
        ) from None
    except NoGlyph as error:
        raise RequestFault(
            f"'{key}' has characters that no font of the program has: {error.named()}. "
            "Write it in Latin letters, or make a blank sheet (`blank`) and write it in by hand."
        ) from None
