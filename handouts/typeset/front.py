"""Which front fits page 1: what of the options, the note and the steps stands there, and how full it is made.

All that page 1 may hold is laid out once in one column on a very tall page, part by part; whatever is chosen from it is
as high as its parts together, since these have no margins that collapse. So two layouts do for any number of rungs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import Literal

from handouts.model.content import Words
from handouts.model.handout import Look
from handouts.model.prose import plain
from handouts.model.request import PAPER_SIZES
from handouts.model.shapes import NOTE, STEPS
from handouts.model.sheets import CallGroup, Front
from handouts.paths import PROGRAM, Program
from handouts.typeset.html import LARGE_MARGINS, MARGINS, html, style_sheets
from handouts.typeset.weasyprint import layout

BLOCKS = frozenset({"line", "decision", "note", "steps", "visit"})
"""What may go on to page 2."""
PT = 0.75
"""A CSS px."""
TALL = 6000.0
"""pt: the page on which the parts are measured."""
ROUND_HELP = {False: 9.0, True: 12.0}
"""pt between the last part and the help box, by whether print is large."""
GAP = 10.0
"""pt above the steps and the visit in standard print, as in front.css."""
FIRST_LINE, LINE = 33.0, {False: 24.0, True: 36.0}
"""pt that "What matters most to you?" takes with one line to write on, and each further line."""
FURTHER_BAR = 80.0
"""pt in large print: the bar and the edges of the box for what else must not wait, after page 1."""
SLACK, MOST_LINES_AFTER = 12.0, 8
"""pt that stay empty on the last page of large print; the most lines that it has for what matters."""
CELL, NAME, MOST_AIR = 4.0, 3.0, 4.0
"""pt above and below an answer or a name, and the most that is added to it where room is left."""
SHARES, SIGNS_ACROSS = (40, 43, 46, 50, 54, 57, 60), 57
"""Shares of the width that a column of signs may have, in %; about how many characters are as wide as both."""
List = Literal["full", "short", "bare", "run-in", "timetable", "none"]
LISTS: tuple[List, ...] = ("full", "short", "bare", "run-in")
"""Names of options with a line each; their short names with a line; names alone, two on a line; one after the other."""
SHORT_NOTE = 3
"""Lines of a note that stays on page 1, whatever the options leave there; a longer one goes before the table does."""
FEW_GROUPS = 3
"""So many groups of signs have one sign a line, more are a paragraph each."""
TABLES: Mapping[int, tuple[tuple[str, ...], ...]] = {
    1: (
        ("what", "suits", "works", "lasts", "harms", "living", "sure"),
        ("what", "works", "lasts", "harms", "living", "sure"),
        ("what", "works", "lasts", "harms"),
        ("works", "lasts", "harms"),
        ("works", "harms"),
    ),
    2: (("what", "works", "lasts", "harms"), ("works", "lasts", "harms"), ("works", "harms")),
    3: (("what", "works", "lasts", "harms"), ("what", "works", "harms"), ("works", "harms")),
}
"""The rows of the table for so many options, the fullest first. With more of them, or less room, their names stand
there with a line each, and else their names."""


@dataclass(frozen=True)
class Rung:
    """What stands on page 1. ``rows``: of the table, () for a list of names; ``list``: how that is, or of
    instructions the timetable; ``first``: which of
    `BLOCKS`; ``pointers``: words that say what is on page 2.

    ``ticks``, ``lines``: of "What matters most to you?", its choices and lines to write on; ``matters_after``: the
    lines, where it fills the last page instead; ``writes``: lines for signs that must not wait; ``calls``: how many
    groups of signs stand in the first of two columns, and its share of the width in %; ``air``: pt above and below an
    answer or a name, 0 for the least; ``measured``: all that there may be, below each other.
    """

    rows: tuple[str, ...] = ()
    list: List = "full"
    first: frozenset[str] = BLOCKS
    pointers: tuple[str, ...] = ()
    ticks: bool = False
    lines: int = 0
    writes: int = 4
    calls: tuple[int, int] = (1, 50)
    air: float = 0
    two_pages: bool = False
    matters_after: int | None = None
    measured: bool = False
    urgent_after: bool = False
    """Whether all but the first of the clinic's urgent fields stand after page 1: in large print, if they don't fit."""
    more_after: bool = False
    """Of large print: whether the note, steps or the visit stand after page 1, somewhere behind when to call us."""


def choose_front(front: Front, look: Look, words: Words, program: Program = PROGRAM) -> str:
    """The HTML of the fullest front whose first page holds all that belongs there.

    Where none does, that with the least on it: `handouts.typeset.guard` tells. ContentFault as `html`.
    """
    return html(front, look, words, program, rung=rung_of(front, look, words, program))


def rung_of(front: Front, look: Look, words: Words, program: Program = PROGRAM) -> Rung:
    """What the first page holds."""
    least = Rung(writes=_writes(front, look), calls=split_calls(front.calls))
    rows = tuple(row.name for row in front.rows) if len(front.options) in TABLES and not look.large else ()
    all_of_it = replace(least, rows=rows, pointers=("note_on_page_2",), ticks=True, measured=True)
    heights = _heights(front, look, all_of_it, words, program)
    room = _room(look)
    rungs = _large(front) if look.large else _standard(front)
    for rung in (replace(rung, writes=least.writes, calls=least.calls) for rung in rungs):
        left = room - _used(rung, heights, front, look)
        if left >= 0:
            return _fill(rung, left, heights, front, look)
    return rung


def _heights(front: Front, look: Look, rung: Rung, words: Words, program: Program) -> Mapping[str, float]:
    """The height of every part, in pt. Steps and note are measured at one size: the fronts of a day's list differ in
    their shapes more than in all else, and share that layout.
    """
    shape, line = front.shape, 24 if look.large else 15
    same = replace(shape, steps=STEPS[look.large][0], note=NOTE[1], more_steps=0, more_note=())
    page = html(replace(front, shape=same), look, words, program, rung=rung)
    heights = {**_measure(page, style_sheets(front, program), PAPER_SIZES[look.paper][0])}
    if not front.blank:
        heights["steps"] += shape.steps - same.steps
    note = heights.pop("note") + (shape.note - same.note) * line
    return heights | {"note": note} if shape.note else heights


def _room(look: Look) -> float:
    """The height of page 1 within its margins, in pt."""
    margin = (LARGE_MARGINS if look.large else MARGINS["standard", look.paper])[0]
    return PAPER_SIZES[look.paper][1] - 2 * margin


def _writes(front: Front, look: Look) -> int:
    """Lines to write on for the first of what must not wait: fewer where there is more of it."""
    more = len(front.urgent_fields) > 1
    if look.large:
        return 1 if front.urgent or more else 2
    return 1 if more else 2 if front.urgent else 4


def split_calls(groups: Sequence[CallGroup]) -> tuple[int, int]:
    """How many groups stand in the first of two columns, and its share of the width in %: about the fewest lines."""
    if len(groups) < 2:
        return len(groups), 100
    many = len(groups) > FEW_GROUPS

    def lines(way: tuple[int, int]) -> float:
        half, share = way
        return max(_lines(groups[:half], share, many), _lines(groups[half:], 100 - share, many))

    ways = [(half, share) for half in range(1, len(groups)) for share in SHARES]
    return min(ways, key=lambda way: (lines(way), abs(way[1] - 50)))


def _lines(groups: Sequence[CallGroup], share: float, many: bool) -> float:
    """About how many lines these take on ``share`` percent of the width."""
    across = share / 100 * SIGNS_ACROSS
    if many:
        texts = [" ".join([group.title, *(f"{plain(sign)} •" for sign in group.signs)]) for group in groups]
        return sum(ceil(len(text) / across) for text in texts) + len(groups) / 3
    texts = [text for group in groups for text in (group.title, *(f"• {plain(sign)}" for sign in group.signs))]
    return sum(ceil(len(text) / across) for text in texts) + len(groups) / 3


@lru_cache(maxsize=32)
def _measure(page: str, sheets: tuple[Path, ...], width: float) -> Mapping[str, float]:
    """The height of every part with an id, in pt; of the table ("glance") without its rows,
    of the top without what it may lose."""
    tall = f"<style>@page {{ size: {width:g}pt {TALL:g}pt }}</style></head>"
    document = layout(page.replace("</head>", tall, 1), sheets)
    heights = {name: (bottom - top) * PT for name, (_, top, _, bottom) in document.pages[0].anchors.items()}
    if "glance" in heights:
        heights["glance"] -= sum(height for name, height in heights.items() if name.startswith("row-"))
    heights["top"] -= heights.get("line", 0) + heights.get("decision", 0)
    return heights


def _standard(front: Front) -> Iterator[Rung]:
    """The fullest first: a table without the note before the note without a table; last of all go the steps."""
    tables = [Rung(rows=rows) for rows in _tables(front)]
    later = BLOCKS - {"note"}
    kinds = lists_of(front)
    lists = [Rung(list=how) for how in kinds]
    if 0 < front.shape.note <= SHORT_NOTE:
        yield from (_placed(rung, front, BLOCKS) for rung in (*tables, *lists))
    for rungs in (tables[:2], tables[2:], *([rung] for rung in lists)):
        if front.shape.note and rungs != tables[2:]:
            yield from (_placed(rung, front, BLOCKS) for rung in rungs)
        yield from (_placed(rung, front, later) for rung in rungs)
    for first in (later - {"steps"}, BLOCKS - {"note", "steps", "visit"}):
        yield from (_placed(Rung(list=how), front, first) for how in kinds)


def _tables(front: Front) -> Iterator[tuple[str, ...]]:
    """The rows of the table, the fullest first. A topic's own rows leave from the last on."""
    there = tuple(row.name for row in front.rows)
    usual = TABLES.get(len(front.options), ())
    if {"works", "harms"} <= set(there):
        yield from (tuple(name for name in there if name in rows) for rows in usual)
    else:
        yield from (there[: len(there) - less] for less in range(len(usual)) if len(there) > less)


def lists_of(front: Front) -> tuple[List, ...]:
    """What may stand in place of the table, the fullest first."""
    return LISTS if front.options else ("timetable", "none") if front.timetable else ("none",)


def _large(front: Front) -> Iterator[Rung]:
    """What comes next stands on page 1 before the decision does, which page 2 has with the options."""
    both = ({"line", "decision"}, {"line"})
    later = [{"line", "steps", "visit"}, *({*told, what} for what in ("steps", "visit") for told in both), *both, set()]
    for first in (BLOCKS, BLOCKS - {"note"}, *later):
        yield _placed(Rung(two_pages=True), front, frozenset(first), large=True)
    if len(front.urgent_fields) > 1:
        yield _placed(Rung(two_pages=True, urgent_after=True), front, frozenset(), large=True)


def _placed(rung: Rung, front: Front, first: frozenset[str], *, large: bool = False) -> Rung:
    """``rung`` with these blocks on page 1, and words there for what page 2 has. In large print the help box says that
    there is more: which page has it is not known, since when to call us comes first.
    """
    shape = front.shape
    later = [
        ("note_on_page_2", bool(shape.more_note) if not shape.note else "note" not in first),
        ("rest_of_note_on_page_2", bool(shape.note and shape.more_note) and "note" in first),
        ("steps_and_visit_on_page_2", not first & {"steps", "visit"}),
        ("steps_on_page_2", "steps" not in first and "visit" in first),
        ("visit_on_page_2", "visit" not in first and "steps" in first),
        ("more_steps_on_page_2", bool(shape.more_steps) and "steps" in first),
    ]
    pointers = tuple(name for name, needed in later if needed)
    if large:
        return replace(rung, first=first, more_after=bool(pointers))
    return replace(rung, first=first, pointers=pointers, two_pages=rung.two_pages or bool(pointers))


def _used(rung: Rung, heights: Mapping[str, float], front: Front, look: Look) -> float:
    """The height that the parts of page 1 take, and the least distance to the help box, in pt."""
    names = ["head", "top", "help"]
    if look.large:
        later = heights["further"] if rung.urgent_after else 0
        parts = sum(heights[name] for name in [*names, *(rung.first & heights.keys())])
        return parts - later + ROUND_HELP[True]
    pointers = heights["pointer"] + (len(rung.pointers) - 1) * 15 if rung.pointers else 0
    names += ["glance", *(f"row-{name}" for name in rung.rows)] if rung.rows else [rung.list]
    names = [name for name in names if name != "none"]
    names += ["note"] if front.shape.note and "note" in rung.first else []
    steps = heights["steps"] + GAP if "steps" in rung.first else 0
    visit = heights["visit"] + GAP if "visit" in rung.first else 0
    return sum(heights[name] for name in names) + max(steps + pointers, visit) + ROUND_HELP[False]


def _fill(rung: Rung, left: float, heights: Mapping[str, float], front: Front, look: Look) -> Rung:
    """``rung`` with what fills ``left`` pt: what matters most, then air in the table."""
    ticks, line = heights["matters"], LINE[look.large]
    if front.matters and left >= ticks:
        lines = int((left - ticks) // line)
        rung, left = replace(rung, ticks=True, lines=lines), left - ticks - lines * line
    elif look.large:
        return replace(rung, matters_after=_lines_after(rung, heights, front, look)) if front.matters else rung
    elif left >= FIRST_LINE:
        lines = int((left - FIRST_LINE) // line)
        rung, left = replace(rung, lines=1 + lines), left - FIRST_LINE - lines * line
    named = len(front.options or front.timetable)
    rows = len(rung.rows) or ceil(named / {"bare": 2, "run-in": named}.get(rung.list, 1)) or 1
    return replace(rung, air=round((CELL if rung.rows else NAME) + min(left / 2 / rows, MOST_AIR), 3))


def _lines_after(rung: Rung, heights: Mapping[str, float], front: Front, look: Look) -> int | None:
    """How many lines fill the last page of large print below what it has; None where there is no room for any."""
    shape, room, line = front.shape, _room(look), LINE[True] * 24 / 36
    notes = (shape.note,) if shape.note and "note" not in rung.first else ()
    whole = [heights["calls"], *([heights["further"] + FURTHER_BAR] if rung.urgent_after else [])]
    whole += [*(heights[name] for name in ("steps", "visit") if name not in rung.first)]
    whole += [heights["steps"] + shape.more_steps - shape.steps] if shape.more_steps else []
    names = heights[lists_of(front)[0]] if lists_of(front)[0] != "none" else 0
    names += 0 if {"line", "decision"} <= rung.first else 4 * line
    down = 0.0
    for part in whole:
        down = part if down + part > room else down + part
    down += names
    if down > room:  # names go on on the next page; what would be cut goes there whole
        down += names / max(1, len(front.options or front.timetable)) - room
    for part in (lines * line + 2 * line for lines in (*notes, *shape.more_note)):
        down = part if down + part > room else down + part
    lines = int((room - down - SLACK - heights["matters"]) // LINE[True])
    return min(lines, MOST_LINES_AFTER) if lines >= 0 else None
