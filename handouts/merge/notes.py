"""A clinician's note as lines, broken where WeasyPrint would break them, so that they are stamped (CONTENT-7).

This is for plain English only; WeasyPrint typesets all other notes, in pages of the patient's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from handouts.fonts.faces import REGULAR
from handouts.fonts.shaping import shape_from_pairs
from handouts.model.slots import NOTE, Slot, slots

_RUN = r"[^\W_]+"
_WORD = rf"""[("'“‘]*[#$€£]?{_RUN}(?:[-–—/'’.,:&@+=]{_RUN})*[%°]?[.,;:!?)"'”’…]*|[-–—&+=%]"""
_PLAIN = re.compile(f"(?:{_WORD})(?: (?:{_WORD}))*")
"""Words, numbers and punctuation in their usual order: here the rules below are all that UAX 14 says."""
_DISPUTED = re.compile(r"""[^\W\d_][.,:]\d|["'’”] \(""")
"""Where its versions, and so those of Pango, end a line differently: No.3, and a bracket after a quotation."""
_BREAK = re.compile(
    r"""
      [ ] (?<! — [ ] (?=—) )
    | (?<= [-/] ) (?= [^\W\d_] )          # well- known, and/ or; but 3-4
    | (?<= [–—] ) (?= [^\W_] ) | (?<= [^\W_] ) (?= — )
    | (?<= [^\W\d_] / ) (?= \d )
    """,
    re.VERBOSE,
)
"""Where a line may end, by UAX 14."""


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and not _DISPUTED.search(text)


def paragraphs(note: str | None) -> tuple[str, ...]:
    """The paragraphs of a note: one a line of what was typed."""
    return tuple(filter(None, (part.strip() for part in (note or "").split("\n"))))


@lru_cache(maxsize=64)
def note_lines(note: str, *, large: bool, a4: bool) -> tuple[tuple[str, ...], ...]:
    """The lines of each paragraph, in this format and on this paper; joined they are the paragraph again.

    () where the note has to be typeset: other than plain text, a word wider than the box, or more lines than slots.
    """
    slot = slots(large=large, a4=a4)[NOTE[0]]
    made: list[tuple[str, ...]] = []
    for part in paragraphs(note):
        lines = tuple(_break_lines(re.sub(" +", " ", part), slot))
        made.append(lines)
        if not lines or sum(map(len, made)) > len(NOTE):
            return ()
    return tuple(made)


def _break_lines(text: str, slot: Slot) -> Iterator[str]:
    """Lines of a paragraph, each as long as it can be; none when it is not plain or has a word too wide."""
    glyphs = shape_from_pairs(REGULAR, text)
    if glyphs is None or not _is_plain(text):
        return
    places = list(accumulate((glyph.advance for glyph in glyphs), initial=0))
    room = slot.width * 1000 / slot.size
    ends = [*(found.end() for found in _BREAK.finditer(text)), len(text)]
    # without the space at its end, which takes no room, and unkerned: how far the text up to each end is drawn
    drawn = [places[last] + glyphs[last].width for last in (len(text[:end].rstrip(" ")) - 1 for end in ends)]
    starts = [0, *ends]
    if any(place - places[start] > room for place, start in zip(drawn, starts, strict=False)):
        return
    start = 0
    for i, place in enumerate(drawn):
        if place - places[start] > room:
            yield text[start : starts[i]]
            start = starts[i]
    yield text[start:]
