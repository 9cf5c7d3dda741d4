"""The slots: where one patient's texts and the day's marks go. Their sizes, and their place in the HTML until then.

In the HTML a slot is an ``<img>`` of fixed size whose picture is one pixel in a unique colour, so WeasyPrint writes
one Image XObject per slot, shared by every page that shows it. Making the master swaps that for a Form XObject.

Slots of one *area* (all rows of whose it is, of the visit, all steps) are each as large as the area and lie on top of
each other; every text has its own place in it.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

from handouts.model.patient_fields import STAMPED
from handouts.model.shapes import MOST_MEDICINES, MOST_WRITTEN_STEPS, PlanShape, Shape

ASCENT, DESCENT = 0.95, 0.29
"""Of the body font, in em."""
ALT = "slot:"
"""A slot's alternative text until it is filled starts with this."""
FOOTER = "footer"
"""The slot at the foot of every page: name and code."""
APPROVALS = ("approval", "approval_2", "approval_3", "approval_4", "approval_5", "approval_6")
"""The slots of the running line's mark: one for each text that it can have. A sheet's pages show one of them."""
RUNNING = (FOOTER, *APPROVALS)
"""On pages, outside of its HTML: drawn at their own size, not by an image's matrix."""
IN_ENGLISH = "en:"
"""Before the names of slots in an English copy behind a translation: it says the same details in its own words."""
TIMES = ("morning", "noon", "evening", "night")
"""The columns of a plan of medicines."""
_ROWS = Counter(field.slot for field in STAMPED.values())
ColorName = Literal["ink", "accent", "paper"]
Align = Literal["start", "end", "center", "text"]
"""``text``: at the side where the paragraph's own script starts."""


@dataclass(frozen=True)
class Slot:
    """Sizes in pt. ``leading``: from line to line at ``size``; ``lines``: the most at that size; ``floor``: the
    smallest size; ``indent``: where the text starts, after a label or a box to tick; ``boxed``: text has a frame;
    ``slashed``: zeros that can't be taken for an O; ``rtl``: the page runs from right to left, so text starts at the
    right.
    """

    name: str
    width: float
    height: float
    size: float
    leading: float
    bold: bool = False
    lines: int = 1
    floor: float = 9.5
    color: ColorName = "ink"
    align: Align = "start"
    indent: float = 0
    boxed: bool = False
    slashed: bool = False
    rtl: bool = False

    @property
    def plain_name(self) -> str:
        """Its name, in an English copy too."""
        return self.name.removeprefix(IN_ENGLISH)

    def __hash__(self) -> int:
        return hash((self.name, self.width, self.height, self.size))  # hashed for each text of each patient

    @property
    def room(self) -> float:
        """The width of a line of text."""
        return self.width - self.indent

    def leading_at(self, size: float) -> float:
        """From line to line where the text is set smaller."""
        return self.leading * size / self.size

    def baseline(self, size: float, down: float = 0) -> float:
        """Above the slot's foot, of a line that starts ``down`` below its head: centred in its leading, as a browser
        does it.
        """
        return self.height - down - (self.leading_at(size) + (ASCENT - DESCENT) * size) / 2

    @property
    def below_baseline(self) -> float:
        """How far the slot of one line reaches below its baseline: what `vertical-align` needs."""
        return self.baseline(self.size)


@lru_cache(maxsize=256)
def slots(
    *, large: bool, shape: Shape | None = None, plan: PlanShape | None = None, rtl: bool = False
) -> Mapping[str, Slot]:
    """Every slot by name, in this format; those of a front and of a plan only with their shapes, which give heights.
    ``rtl``: of pages that run from right to left.
    """
    made = [*_single(large, rtl)]
    if shape:
        made += _areas(large, shape)
    if plan:
        made += _stacked_plan(plan) if large else _plan(plan)
    return {slot.name: replace(slot, rtl=True) if rtl else slot for slot in made}


def _single(large: bool, rtl: bool) -> Iterator[Slot]:
    more = (3 if large else 2) if rtl else 0  # below the letters of a large line in Arabic
    if large:
        yield Slot("name", 400, 54 + 2 * more, 22, 27 + more, bold=True, lines=2, floor=18)
        small, line, long = 18.0, 22.5, 4
        yield Slot("approval_mark", 330, 34, 18, 34, bold=True, floor=18, align="end", boxed=True)
        yield Slot("plan_name", 400, 48, 18, 24, bold=True, lines=2, floor=18)
    else:
        yield Slot("name", 196, 36 + 2 * more, 15, 18 + more, bold=True, lines=2, floor=12)
        small, line, long = 10.0, 12.4, 2
        yield Slot("approval_mark", 220, 20, 10.5, 20, bold=True, align="end", boxed=True)
        yield Slot("plan_name", 400, 30, 12, 15, bold=True, lines=2, floor=11)
    floor = 18 if large else 9.5
    yield Slot(FOOTER, 330 if large else 360, 2 * line, small, line, lines=2, floor=floor, slashed=True)
    for name in APPROVALS:
        yield Slot(name, 432 if large else 230, line, small, line, floor=floor, align="end")
    yield Slot("approval_long", 432 if large else 504, long * line, small, line, lines=long, floor=floor)
    for name in ("code", "replaces"):
        yield Slot(name, 230 if large else 150, line, small, line, floor=floor, slashed=True)


def _areas(large: bool, shape: Shape) -> Iterator[Slot]:
    size, leading, floor = (18, 24, 18) if large else (12, 15, 11)
    side, label, tick = (400, 90, 31) if large else (196, 52, 21)
    for i in range(1, _ROWS["who"] + 1):
        yield Slot(f"who.{i}", side, shape.who * leading, size, leading, lines=shape.who, floor=floor, indent=label)
    for i in range(1, _ROWS["visit"] + 1 if shape.visit else 1):
        height, indent = shape.visit * leading, 0 if i == 1 else label
        yield Slot(f"visit.{i}", side, height, size, leading, True, shape.visit, floor, indent=indent)
    for i in range(1, MOST_WRITTEN_STEPS + 1):
        for name, width, height in (
            ("step", 432 if large else 276, shape.steps),
            ("steps_more", 432 if large else 504, shape.more_steps),
        ):
            if height:
                lines = height // leading
                yield Slot(f"{name}.{i}", width, height, size, leading, lines=lines, floor=floor, indent=tick)
    width = 408 if large else 476
    notes = {"note.1": shape.note} if shape.note else {}
    notes |= {f"note_more.{i}": lines for i, lines in enumerate(shape.more_note, 1)}
    for name, lines in notes.items():
        yield Slot(name, width, lines * leading, size, leading, lines=lines, floor=floor, align="text")


def _plan(plan: PlanShape) -> Iterator[Slot]:
    for i in range(1, min(plan.rows, MOST_MEDICINES) + 1):
        for cell in ("name", *TIMES, "remark"):
            at_time = cell in TIMES
            yield Slot(
                f"plan.{i}.{cell}",
                60 if at_time else 104,
                plan.lines * 13,
                12,
                13,
                bold=cell != "remark",
                lines=plan.lines,
                floor=11,
                align="center" if at_time else "start",
            )


_STACKED = {2: (1, 2, 1), 4: (2, 4, 2), 8: (6, 8, 6)}
"""In large print the cells of a row stand below each other: lines of the name, of the times of day, of the remark."""


def _stacked_plan(plan: PlanShape) -> Iterator[Slot]:
    for i in range(1, min(plan.rows, MOST_MEDICINES) + 1):
        for cell, lines in zip(("name", "when", "remark"), _STACKED[plan.lines], strict=True):
            name = f"plan.{i}.{cell}"
            yield Slot(name, 400, lines * 24, 18, 24, bold=cell != "remark", lines=lines, floor=18)


def color(name: str) -> bytes:
    """The three bytes of a slot's one-pixel picture: red, green and blue."""
    return zlib.crc32(name.encode()).to_bytes(4, "big")[:3]


@cache
def picture(name: str) -> str:
    """A data URL of a one-pixel PNG unique to the slot ``name``."""
    raw = zlib.compress(b"\0" + color(name), 9)
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", raw) + _chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
