"""What all pages of a stack share: the lines in their margins, and where those stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handouts.model.clinic import Digits
from handouts.model.request import PAPER_SIZES, Format, Paper
from handouts.model.slots import APPROVALS, DESCENT, FOOTER, Slot


@dataclass(frozen=True)
class RunningSlot:
    """A slot in the margin of every page; ``x``, ``y``: its lower left corner, in pt from the page's."""

    slot: Slot
    x: float
    y: float


@dataclass(frozen=True)
class Frame:
    """``language``: of the whole; ``page_words``: as ("Page", "of"); ``keywords``: what the file says of its approval;
    ``colors``: what slots call each, and ``#rrggbb``; ``number_at``: where "Page 2 of 9" ends (on pages that run from
    right to left, where its ink begins), and its baseline, in pt; ``number_size`` in pt; ``rtl``: whether the pages run
    from right to left.
    """

    language: str
    page_words: tuple[str, str]
    keywords: str
    colors: Mapping[str, str]
    footer: RunningSlot
    approval: RunningSlot
    """The first of `APPROVALS`; the others stand where it does."""
    number_at: tuple[float, float]
    number_size: float
    rtl: bool = False
    digits: Digits = "latn"


_TEXT_WIDTH = 504.0
"""Of standard print on both papers, in pt."""
_LARGE_SIDE = 72.0
_TOP = {"standard": 54.0, "large-print": 72.0}
"""The margin above the text."""
_ABOVE_TEXT = 8.0
"""Between the running line and the text, as `padding-bottom` in templates/base.css."""
_EDGE = 18.0
"""Printers leave so much of a page's edge white."""


def frame(
    paper: Paper,
    print_format: Format,
    slots: Mapping[str, Slot],
    *,
    language: str,
    page_words: tuple[str, str],
    keywords: str,
    colors: Mapping[str, str],
    digits: Digits = "latn",
) -> Frame:
    """The margins of a paper and format; ``slots``: those of the format; ``colors``: ink, accent and paper.

    The approval is level with the title at the top left, in large print on a line of its own above it; "Page 2 of 9" is
    level with the footer's first line. On pages that run from right to left all of it is mirrored, as the slots say.
    """
    width, height = PAPER_SIZES[paper]
    side = _LARGE_SIDE if print_format == "large-print" else (width - _TEXT_WIDTH) / 2
    footer, approval = slots[FOOTER], slots[APPROVALS[0]]
    above = approval.leading if print_format == "large-print" else 0
    approval_at = height - _TOP[print_format] + _ABOVE_TEXT + DESCENT * approval.size + above
    left, right = round(side, 3), round(width - side, 3)
    return Frame(
        language,
        page_words,
        keywords,
        colors,
        footer=RunningSlot(footer, round(right - footer.width, 3) if footer.rtl else left, _EDGE),
        approval=RunningSlot(
            approval,
            left if approval.rtl else round(width - side - approval.width, 3),
            round(approval_at - approval.below_baseline, 3),
        ),
        number_at=(left if footer.rtl else right, round(_EDGE + footer.below_baseline, 3)),
        number_size=footer.size,
        rtl=footer.rtl,
        digits=digits,
    )
