"""The room that a request's texts need on the front and in the plan of medicines: the smallest shape that holds them,
and every text at its place in it. Pure, and kept: texts come again and again in a day's list.

``rtl`` everywhere: whether the page runs from right to left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from handouts.fonts.fitting import TooLong, fit_text, refusing
from handouts.merge.flow import Words, set_cell, set_entry, set_name, stack_rows, stack_steps
from handouts.model.details import Entry
from handouts.model.shapes import (
    MOST_AREAS,
    MOST_NEXT_STEPS,
    NOTE,
    NOTE_MORE,
    PLAN_LINES,
    PLAN_ROWS,
    STEPS,
    STEPS_MORE,
    VISIT,
    WHO,
    PlanShape,
    Shape,
)
from handouts.model.slots import Slot, slots

Texts = tuple[tuple[str, Entry], ...]
"""Slots' names and what stands in them."""


BELOW_NAME = 3.0
"""pt between a name in Arabic letters and the rows below it, on a page whose lines are set for Latin ones."""


@dataclass(frozen=True)
class Box:
    """What stands in a box, and the room that it takes on page 1 and after it, as `Shape` has them."""

    texts: Texts
    room: int
    more: tuple[int, ...] = ()


def _largest(*, large: bool, rtl: bool) -> Mapping[str, Slot]:
    """Every slot with the most room that it can have."""
    shape = Shape(WHO[large][-1], VISIT[-1], STEPS[large][-1], NOTE[-1], STEPS_MORE[large][-1])
    return slots(large=large, shape=shape, plan=PlanShape(PLAN_ROWS[large][-1], PLAN_LINES[-1]), rtl=rtl)


def _smallest(sizes: Sequence[int], need: float, unit: float, key: str) -> int:
    """The first of ``sizes`` that holds ``need``; else RequestFault that names ``key``. ``unit``: a line."""
    for size in sizes:
        if need <= size + 0.01:
            return size
    with refusing(key):
        raise TooLong((need - sizes[-1]) / unit)
    raise AssertionError  # pragma: no cover


@lru_cache(maxsize=64)
def who_box(name: str, rows: tuple[Words, ...], *, large: bool, rtl: bool = False) -> Box:
    """Whose it is: the name, and its rows right below, wherever its last line ends; ``room``: lines of the rows."""
    table = _largest(large=large, rtl=rtl)
    slot, row = table["name"], table["who.1"]
    entry = set_name(Words(name, "patient.name"), slot)
    start = len(entry.lines) * slot.leading_at(entry.size) - slot.height
    if entry.rtl and not rtl:
        start += BELOW_NAME  # of letters that reach further down than the page's own
    entries, end = stack_rows(((words, row) for words in rows), start)
    longest = _longest((Words(name, "patient.name"), *rows), (entry, *entries))
    return Box((("name", entry), *_numbered("who", entries)), _smallest(WHO[large], end / row.leading, 1, longest))


def _longest(rows: Iterable[Words], entries: Iterable[Entry]) -> str:
    """The key of the text with the most lines."""
    return max(zip(rows, entries, strict=True), key=lambda both: len(both[1].lines))[0].key


@lru_cache(maxsize=64)
def visit_box(rows: tuple[Words, ...], *, large: bool, rtl: bool = False) -> Box:
    """The next visit, the date first; without any, no lines."""
    if not rows:
        return Box((), VISIT[0])
    table = _largest(large=large, rtl=rtl)
    entries, end = stack_rows((words, table[f"visit.{i}"]) for i, words in enumerate(rows, 1))
    lines = _smallest(VISIT[1:], end / table["visit.1"].leading, 1, _longest(rows, entries))
    return Box(_numbered("visit", entries), lines)


@lru_cache(maxsize=256)
def steps_box(steps: tuple[str, ...], *, large: bool, rtl: bool = False) -> Box:
    """The next steps, filled up with empty ones: the first that fit on page 1, the others go on to page 2. Where all of
    them run the other way than the page, so does the list.
    """
    slot = _largest(large=large, rtl=rtl)["step.1"]
    entries = [set_entry(Words(text, "next_steps"), slot) for text in steps]
    turned = bool(steps) and all(bool(entry.rtl) != rtl for entry in entries)  # boxes stay in one column
    entries += [Entry((), box=True, write=True)] * (MOST_NEXT_STEPS - len(steps))
    entries = [replace(entry, turned=turned) for entry in entries]
    sizes = STEPS[large]
    for stay in range(len(entries), 0, -1):
        here, height = stack_steps(entries[:stay], slot, large=large)
        if height <= sizes[-1]:
            break
    room = _smallest(sizes, height, slot.leading, "next_steps")
    texts = _numbered("step", here)
    rest = steps[stay:]
    if not rest:
        return Box(texts, room)
    wide = _largest(large=large, rtl=rtl)["steps_more.1"]
    others = [replace(set_entry(Words(text, "next_steps"), wide), turned=turned) for text in rest]
    there, height = stack_steps(others, wide, large=large)
    more = _smallest(STEPS_MORE[large], height, wide.leading, "next_steps")
    return Box(texts + _numbered("steps_more", there), room, (more,))


@lru_cache(maxsize=64)
def note_box(note: str, *, large: bool, rtl: bool = False) -> Box:
    """The note: on page 1 if it is short; else on page 2, in one area or several."""
    slot = _largest(large=large, rtl=rtl)["note.1"]
    slot = replace(slot, floor=slot.size)  # all in one size: a word wider than a line is torn instead
    lines: list[tuple[str, bool]] = []
    with refusing("note"):
        for part in paragraphs(note):
            fitted = fit_text(part, slot, flows=True)
            lines += ((line, fitted.rtl) for line in fitted.lines[:-1])
            lines.append((fitted.lines[-1] + "\n", fitted.rtl))
    if not lines:
        return Box((), NOTE[0])
    lines[-1] = (lines[-1][0].removesuffix("\n"), lines[-1][1])
    if len(lines) <= NOTE[-1]:
        return Box((("note.1", _note_entry(lines)),), next(room for room in NOTE if len(lines) <= room))
    areas = _areas(len(lines), NOTE_MORE[large])
    texts: list[tuple[str, Entry]] = []
    for i, room in enumerate(areas, 1):
        texts.append((f"note_more.{i}", _note_entry(lines[:room])))
        lines = lines[room:]
    return Box(tuple(texts), NOTE[0], areas)


def _areas(lines: int, sizes: Sequence[int]) -> tuple[int, ...]:
    """The areas that hold so many lines. RequestFault for more than there may be."""
    full, rest = divmod(lines, sizes[-1])
    areas = (sizes[-1],) * full + ((next(size for size in sizes if rest <= size),) if rest else ())
    if len(areas) > MOST_AREAS:
        with refusing("note"):
            raise TooLong(lines - MOST_AREAS * sizes[-1])
    return areas


def paragraphs(note: str) -> tuple[str, ...]:
    """A note as it was typed: a paragraph a line, and "" for one or more empty lines between two of them."""
    made: list[str] = []
    for line in note.split("\n"):
        part = re.sub("[ \t]+", " ", line).strip(" ")
        if part or (made and made[-1]):
            made.append(part)
    return tuple(made[:-1] if made and not made[-1] else made)


def _note_entry(lines: Sequence[tuple[str, bool]]) -> Entry:
    return Entry(tuple(line for line, _ in lines), rtl=frozenset(i for i, (_, rtl) in enumerate(lines) if rtl))


def _numbered(area: str, entries: Iterable[Entry]) -> Texts:
    return tuple((f"{area}.{i}", entry) for i, entry in enumerate(entries, 1))


PlanRow = tuple[tuple[str, Words], ...]
"""The cells of a medicine that have text, by the last part of their slots' names."""


@lru_cache(maxsize=256)
def plan_box(rows: tuple[PlanRow, ...], *, large: bool, rtl: bool = False) -> tuple[Texts, PlanShape | None]:
    """The plan of medicines, in the order of ``rows``; no shape without any."""
    if not rows:
        return (), None
    widest = _largest(large=large, rtl=rtl)
    texts = [
        (name, _set_lines(words, widest[name]))
        for i, row in enumerate(rows, 1)
        for name, words in ((f"plan.{i}.{cell}", words) for cell, words in row)
    ]
    count = next(count for count in PLAN_ROWS[large] if len(rows) <= count)
    for lines in PLAN_LINES:
        shape = PlanShape(count, lines)
        room = slots(large=large, plan=shape)
        if all(len(entry.lines) <= room[name].lines for name, entry in texts):
            return tuple(texts), shape
    raise AssertionError  # pragma: no cover  each has been set in the largest


def _set_lines(words: Words, slot: Slot) -> Entry:
    """A cell, each line of whose text is a paragraph. RequestFault where its slot can't hold them."""
    parts = words.text.split("\n")
    if len(parts) == 1:
        return set_cell(words, slot)
    entries = [set_entry(replace(words, text=part), slot) for part in parts]
    lines = [line for entry in entries for line in (*entry.lines[:-1], entry.lines[-1] + "\n")]
    if len(lines) > slot.lines:
        with refusing(words.key):
            raise TooLong(len(lines) - slot.lines)
    sides = [bool(entry.rtl) for entry in entries for _ in entry.lines]
    return Entry(
        (*lines[:-1], lines[-1].removesuffix("\n")),
        size=min(entry.size for entry in entries),
        rtl=frozenset(i for i, backwards in enumerate(sides) if backwards),
    )
