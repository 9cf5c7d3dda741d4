"""Texts of an area below each other, each with the lines that it needs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from handouts.fonts.fitting import TooLong, fit_text, refusing
from handouts.model.details import Entry
from handouts.model.slots import Slot

_NUMBERS = frozenset({"patient.identifier"})
"""Keys of texts whose zeros must not be taken for an O."""
LEAST_STEP = {False: 22, True: 36}
"""So high is a step at least, in pt, by whether print is large: a line to write on."""


@dataclass(frozen=True)
class Words:
    """One text on its way to a slot. ``key``: what staff call it; ``label``: stands before it, in the accent."""

    text: str
    key: str
    label: str = ""

    def __repr__(self) -> str:
        return f"Words({self.key})"  # the text may be a patient's name


def set_entry(words: Words, slot: Slot, top: float = 0) -> Entry:
    """The text with the lines that it needs, ``top`` below its area's head. RequestFault for a word too wide, or
    characters that no font has.
    """
    with refusing(words.key):
        fitted = fit_text(words.text, slot, flows=True)
    rtl = frozenset(range(len(fitted.lines)) if fitted.rtl else ())
    return Entry(fitted.lines, words.label, top, fitted.size, rtl, slashed=words.key in _NUMBERS)


def set_name(words: Words, slot: Slot) -> Entry:
    """The name: smaller rather than on more lines than its slot has, then on more. RequestFault as `set_entry`."""
    with refusing(words.key):
        try:
            fitted = fit_text(words.text, slot)
        except TooLong:
            fitted = fit_text(
                words.text, replace(slot, size=slot.floor, leading=slot.leading_at(slot.floor)), flows=True
            )
    return Entry(fitted.lines, size=fitted.size, rtl=frozenset(range(len(fitted.lines)) if fitted.rtl else ()))


def set_cell(words: Words, slot: Slot) -> Entry:
    """A cell of a table: in the lines that its slot has, or RequestFault."""
    with refusing(words.key):
        fitted = fit_text(words.text, slot)
    return Entry(fitted.lines, "", 0, fitted.size, frozenset(range(len(fitted.lines)) if fitted.rtl else ()))


def height_of(entry: Entry, slot: Slot) -> float:
    """Of its lines, in pt."""
    return len(entry.lines) * slot.leading_at(entry.size or slot.size)


def stack_rows(rows: Iterable[tuple[Words, Slot]], start: float = 0) -> tuple[tuple[Entry, ...], float]:
    """The rows below each other from ``start`` on, without gaps, and where the last one ends, in pt."""
    made: list[Entry] = []
    for words, slot in rows:
        made.append(set_entry(words, slot, start))
        start += height_of(made[-1], slot)
    return tuple(made), start


def stack_steps(steps: Sequence[Entry], slot: Slot, *, large: bool) -> tuple[tuple[Entry, ...], float]:
    """Steps below each other, each with a box to tick, and the height of it all in pt."""
    least = LEAST_STEP[large]
    made: list[Entry] = []
    top = bottom = 0.0
    for entry in steps:
        made.append(replace(entry, top=top, box=True))
        lines = height_of(entry, slot)
        bottom = top + (least if entry.write else lines)
        top += max(least, lines + least - slot.leading)
    return tuple(made), bottom
