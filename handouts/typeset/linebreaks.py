"""Spaces at the ends of lines, where WeasyPrint 70 mistakes them, and lines that it lays out twice.

A text that fits its line but for the space at its end is broken after its first word, where more follows in another
element: a number in bold, a word with its source mark (`split_first_line()` in WeasyPrint's text/line_break.py looks
for an earlier break, and finds none). From right to left, a text that loses such a space is still drawn with it, and
its box is moved out of its line by as much.

From right to left, each line is also laid out twice: `get_next_linebox()` takes it to have moved, as it compares its
place with that of a line that has no width yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

SIGNS_PER_LINE = 4.0
"""A line has no more letters than this times its width by the size of its type, as WeasyPrint itself takes it."""
_WRAPS = frozenset({"normal", "pre-line"})


def mend_line_breaks() -> None:
    """Put three of WeasyPrint's functions into wrappers; `pyproject.toml` holds the version."""
    from weasyprint.layout import inline

    inline.avoid_collisions = _laying_out_once(inline.avoid_collisions)
    inline.split_first_line = _keeping_whole(inline.split_first_line)
    inline.remove_last_whitespace = _keeping_in_place(inline.remove_last_whitespace, inline.split_text_box)


def _laying_out_once(avoid: Any) -> Any:
    """``avoid``, but a line from right to left that nothing floats beside may be of any height where it is: only one
    higher than that is laid out again.
    """

    def avoid_collisions(context: Any, box: Any, containing_block: Any, outer: bool = True) -> Any:
        place = avoid(context, box, containing_block, outer)
        free = not outer and not context.excluded_shapes and containing_block.style["direction"] == "rtl"
        if free and box.height == 0:  # a line that is still to be laid out
            box.height = inf
        return place

    return avoid_collisions


def _keeping_whole(split: Any) -> Any:
    """``split``, but a text that fits without its last space is not split."""

    def split_first_line(text: str, style: Any, context: Any, width: float | None, *args: Any, **more: Any) -> Any:
        first = split(text, style, context, width, *args, **more)
        _, _, goes_on, *_ = first
        if goes_on is None or not text.endswith(" ") or not _may_fit(text, style, width):
            return first
        _, _, bare_goes_on, *_ = split(text.rstrip(" "), style, context, width, *args, **more)
        return first if bare_goes_on is not None else split(text, style, context, None, *args, **more)

    return split_first_line


def _keeping_in_place(remove: Any, split: Any) -> Any:
    """``remove``, but the last part of a line, which it makes narrower, is not moved with the others, and is drawn
    without its space.
    """

    def remove_last_whitespace(context: Any, line: Any) -> None:
        last = line.children[-1] if line.children else None
        before = last.position_x if last else 0.0
        remove(context, line)
        if last is None or last.position_x == before:
            return
        last.translate(dx=before - last.position_x, ignore_floats=True)
        while getattr(last, "children", ()):
            last = last.children[-1]
        if last.text:
            last.pango_layout = split(context, last, None, 0)[0].pango_layout

    return remove_last_whitespace


def _may_fit(text: str, style: Mapping[str, Any], width: float | None) -> bool:
    if width is None or style["white_space"] not in _WRAPS:
        return False
    return len(text) <= SIGNS_PER_LINE * width / float(style["font_size"])
