"""A paragraph as lines, in any script that a font covers. Pure.

A line ends at a space or after a sign, where UAX 14 lets it; within a word only if no line can hold the word, and then
never between a mark and its letter, nor between joined letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from handouts.fonts.direction import runs_right_to_left
from handouts.fonts.shaping import measure_pairs, shape

_BREAK = re.compile(
    r"""
      [ ]+ (?<! [(\[{«‹][ ] ) (?! [ ] | [)\]}»›!?;:…،؛؟।॥] | [.,](?!\d) )  # a sign alone stays with its word
    | (?<= \w[-‐/] ) (?= [^\W\d_] )      # well- known, and/ or; but 3-4
    | (?<= \w[–—] ) (?= \w ) | (?<= \w ) (?= — )
    | (?<= [^\W\d_]/ ) (?= \d )
    | (?<= \u200b ) (?= [^ ] )
    """,
    re.VERBOSE,
)
_CODE = re.compile(r"(?<![\w-])(?=[A-Z0-9-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)+(?![\w-])")
"""Such as a document code or a record number: copied by hand, so never on two lines where one can hold it."""
_SIGNS = frozenset("/?&=_.,:;@#%+~-")
"""After these a word that no line can hold is broken first, such as a web address."""
_ROUNDING = 0.001


class TooWide(Exception):
    """A word that must not be broken is wider than a line, by ``over`` pt."""

    def __init__(self, over: float) -> None:
        self.over = over
        super().__init__("a word is wider than a line")


@dataclass(frozen=True)
class _End:
    """Where a line may end: what is drawn ends at ``drawn``, the next line begins at ``next``."""

    drawn: int
    next: int


@lru_cache(maxsize=1024)
def break_lines(
    text: str, width_pt: float, size: float, *, bold: bool = False, tear: bool = True, rtl: bool | None = None
) -> tuple[str, ...]:
    """The lines of a paragraph, each as long as it can be, for a font size in pt; joined they are ``text``.

    A line keeps the space that joins it to the next: read, but not drawn. ``tear``: a word that no line can hold may
    be broken anywhere. ``rtl``: whether the paragraph runs from right to left; None: its first letter says so.
    TooWide for a word that may not be broken; NoGlyph for characters that no font has.
    """
    room = width_pt * 1000 / size + _ROUNDING
    pairs = measure_pairs(text, bold=bold)
    if pairs is None:
        width = _measure_shaped(text, bold=bold, rtl=runs_right_to_left(text) if rtl is None else rtl)
    elif sum([pair[0] for pair in pairs]) <= room:
        return (text,)
    else:
        places = list(accumulate((advance for advance, _, _ in pairs), initial=0))
        drawn = [place + unkerned for place, (_, unkerned, _) in zip(places, pairs, strict=False)]

        def width(start: int, end: int) -> float:
            return drawn[end - 1] - places[start] if end > start else 0

    whole = len(text.rstrip(" "))
    if width(0, whole) <= room:
        return (text,)
    try:
        ends = list(_ends(text, whole, width, room, tear=tear))
    except TooWide as error:
        raise TooWide(error.over * size / 1000) from None
    return tuple(_fill(text, ends, width, room))


def _measure_shaped(text: str, *, bold: bool, rtl: bool) -> Callable[[int, int], float]:
    def width(start: int, end: int) -> float:
        return shape(text[start:end], bold=bold, rtl=rtl).width if end > start else 0

    return width


def _ends(text: str, whole: int, width: Callable[[int, int], float], room: float, *, tear: bool) -> Iterator[_End]:
    """Where lines may end, the end of the text last; what stands between two of them fits a line. TooWide in 1/1000
    em.
    """
    start = 0
    codes = [found.span() for found in _CODE.finditer(text)] if "-" in text else []
    for end in (*(_End(*found.span()) for found in _BREAK.finditer(text, 0, whole)), _End(whole, len(text))):
        if end.next < len(text) and not _may_part(text[end.next - 1], text[end.next]):
            continue
        if any(first < end.next < last for first, last in codes):
            continue
        if width(start, end.drawn) > room:
            for cut in _cuts(text, start, end.drawn, width, room, tear=tear):
                yield _End(cut, cut)
        yield end
        start = end.next


def _cuts(
    text: str, start: int, end: int, width: Callable[[int, int], float], room: float, *, tear: bool
) -> Iterator[int]:
    """Where a word that is too wide may be broken: after its signs, and anywhere in what is too wide even so."""
    inside = [i for i in range(start + 1, end) if _may_tear(text[i - 1], text[i])]
    signs = [i for i in inside if text[i - 1] in _SIGNS and text[i] not in _SIGNS]
    for first, last in pairwise((start, *signs, end)):
        over = width(first, last) - room
        if over > 0:
            pieces = [first, *(i for i in inside if first < i < last), last]
            over = over if not tear else max(width(a, b) for a, b in pairwise(pieces)) - room
            if over > 0:
                raise TooWide(over)
            yield from pieces[1:-1]
        if last < end:
            yield last


def _fill(text: str, ends: list[_End], width: Callable[[int, int], float], room: float) -> Iterator[str]:
    """Lines, each up to the last end that it can hold."""
    start = place = 0
    while place < len(ends):
        last = place
        while last + 1 < len(ends) and width(start, ends[last + 1].drawn) <= room:
            last += 1
        yield text[start : ends[last].next]
        start, place = ends[last].next, last + 1


def _may_part(before: str, after: str) -> bool:
    """Whether a line may end between two characters where a sign or a space lets it."""
    return unicodedata.category(after) not in {"Mn", "Mc", "Me", "Cf"} and before != "\u200d"


def _may_tear(before: str, after: str) -> bool:
    """Whether a word may be broken between two characters: no mark loses its letter, no joined letters are torn."""
    if before.isascii() and after.isascii():
        return True
    joined = {unicodedata.bidirectional(before), unicodedata.bidirectional(after)} & {"R", "AL"}
    virama, hidden = unicodedata.combining(before) == 9, unicodedata.category(before) == "Cf"
    return not (joined or virama or hidden) and _may_part(before, after)
