"""The headings that every file of a kind has, in their order: all that differs in a file, at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher, get_close_matches

from handouts.errors import Fault, shown
from handouts.model.prose import Items, Section


def misplaced_headings(sections: Sequence[Section], wanted: Sequence[str], file: str) -> Iterator[Fault]:
    """A fault for each heading that is missing, out of order, or none of ``wanted``.

    IPDAS: every option answers the same questions in the same order. What stands twice is told where prose is read.
    """
    order = ", ".join(f"'## {heading}'" for heading in wanted)
    there = list(dict.fromkeys(section.heading for section in sections))
    lines = {section.heading: section.line for section in reversed(sections)}
    left = [heading for heading in wanted if heading not in there]
    for heading in there:
        if not heading:
            yield Fault(file, lines[heading], f"text stands before the first heading; move it below '## {wanted[0]}'")
        elif heading not in wanted:
            close = get_close_matches(heading[:100], left, n=1, cutoff=0.5)
            hint = f"Write '## {close[0]}'" if close else f"The headings of such a file are {order}"
            left = [other for other in left if other not in close]
            yield Fault(file, lines[heading], f"'## {shown(heading)}' is no heading of this kind of file. {hint}.")
    for heading in left:
        message = f"the heading '## {heading}' is missing; it belongs {_place(heading, wanted)}"
        yield Fault(file, _line_after(heading, wanted, sections), message)
    yield from _out_of_order([heading for heading in there if heading in wanted], wanted, lines, file)


def misshaped_lists(sections: Sequence[Section], do: str, dont: str, file: str) -> Iterator[Fault]:
    """A fault for each heading that is nearly ``do`` or ``dont``, and for each of them without a list under it: ticks
    and crosses are printed before the lines of those lists alone.
    """
    for section in sections:
        if section.heading in {do, dont}:
            if section.blocks and not any(isinstance(block, Items) for block in section.blocks):
                message = f"'## {section.heading}' needs a list under it: begin each of its lines with '- '"
                yield Fault(file, section.line, message)
            continue
        letters = _letters(section.heading)
        close = get_close_matches(letters, [_letters(dont)], cutoff=0.85)
        meant = dont if close else do if letters.removesuffix("s") == _letters(do) else ""
        if meant:
            hint = f"Did you mean '## {meant}'?"
            yield Fault(file, section.line, f"'## {shown(section.heading)}' prints no ticks or crosses. {hint}")


def _letters(heading: str) -> str:
    return re.sub(r"\W", "", heading.casefold())


def _out_of_order(there: list[str], wanted: Sequence[str], lines: dict[str, int], file: str) -> Iterator[Fault]:
    right = [heading for heading in wanted if heading in there]
    blocks = SequenceMatcher(None, there, right, autojunk=False).get_matching_blocks()
    kept = {there[block.a + i] for block in blocks for i in range(block.size)}
    for heading in there:
        if heading not in kept:
            yield Fault(file, lines[heading], f"'## {heading}' is out of order; it belongs {_place(heading, wanted)}")


def _place(heading: str, wanted: Sequence[str]) -> str:
    at = wanted.index(heading)
    return f"after the text under '## {wanted[at - 1]}'" if at else "first"


def _line_after(heading: str, wanted: Sequence[str], sections: Sequence[Section]) -> int:
    """Where the next of the headings stands that are there: the missing one belongs before it."""
    later = wanted[wanted.index(heading) + 1 :]
    lines = {section.heading: section.line for section in sections}
    return next((lines[other] for other in later if other in lines), 0)
