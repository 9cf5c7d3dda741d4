"""Lines that have been broken already: a sheet is laid out several times, and most of its lines come out as before.

WeasyPrint 70 shapes each of them again: for the widths of a table's columns, for the line itself, and for both in the
next layout. That is a fifth of the time of a sheet in Arabic letters. What a line holds follows from its text, its
width and its style alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from typing import Any

_DECIDES = (
    "direction", "lang", "white_space", "overflow_wrap", "word_break", "word_spacing", "letter_spacing", "tab_size",
    "hyphens", "hyphenate_limit_chars", "hyphenate_limit_zone", "hyphenate_character", "text_decoration_line",
    "font_family", "font_size", "font_style", "font_weight", "font_stretch", "font_kerning", "font_language_override",
    "font_feature_settings", "font_variation_settings", "font_variant_alternates", "font_variant_caps",
    "font_variant_east_asian", "font_variant_ligatures", "font_variant_numeric", "font_variant_position",
)  # fmt: skip
"""What WeasyPrint asks of a style when it breaks a line."""
_kept: ContextVar[dict[Any, Any] | None] = ContextVar("_kept", default=None)


@contextmanager
def keeping_lines() -> Iterator[None]:
    """Meanwhile, no line is broken twice: for the layouts of one sheet, in one thread."""
    before = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(before)


def keep_lines() -> None:
    """Put WeasyPrint's function into a wrapper, in both modules that call it; `pyproject.toml` holds the version."""
    from weasyprint.layout import inline, preferred

    inline.split_first_line = preferred.split_first_line = _kept_lines(inline.split_first_line)


def _kept_lines(split: Any) -> Any:
    """``split``, but what it said before it says again. A line is drawn from its layout, so each has its own."""

    def split_first_line(text: str, style: Any, context: Any, *args: Any, **more: Any) -> Any:
        kept = _kept.get()
        if kept is None:
            return split(text, style, context, *args, **more)
        asked = (text, _decides(style), args, *more.items())
        if asked in kept:
            layout, *line = kept[asked]
            return copy(layout), *line
        kept[asked] = made = split(text, style, context, *args, **more)
        return made

    return split_first_line


def _decides(style: Any) -> str:
    """Of a style, all that decides; asked once, as it no longer changes when lines are broken."""
    told: str | None = getattr(style, "_decides_lines", None)
    if told is None:
        told = style._decides_lines = repr([style[name] for name in _DECIDES])
    return told
