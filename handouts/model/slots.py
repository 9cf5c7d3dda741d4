"""The slots: where a patient's short details go. Their sizes, and their place in the HTML until they are filled.

In the HTML a slot is an ``<img>`` of fixed size whose picture is one pixel in a unique colour, so WeasyPrint writes
one Image XObject per slot, shared by every page that shows it. `handouts.typeset.master` swaps that for a Form
XObject.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from handouts.model.shapes import PlanShape, Shape

ALT = "slot:"
FOOTER = "footer"


@dataclass(frozen=True)
class Slot:
    name: str
    width: float
    height: float
    size: float = 12
    bold: bool = False


def slots(*, large: bool, shape: Shape | None = None, plan: PlanShape | None = None) -> Mapping[str, Slot]:
    made = {}
    line = 24 if large else 15

    def add(name, width, height, size=12):
        made[name] = Slot(name, width, height, size * (1.5 if large else 1))
    add("name", 400 if large else 196, 54 if large else 37, 15)
    add("approval_mark", 260 if large else 170, 24 if large else 17)
    add("approval_long", 432 if large else 504, 48 if large else 26, 10)
    add("code", 230 if large else 120, 23 if large else 13, 10)
    add("replaces", 230 if large else 120, 23 if large else 13, 10)
    if shape:
        for i in range(1, 5):
            add(f"who.{i}", 400 if large else 196, shape.who * line)
        for i in range(1, 5) if shape.visit else ():
            add(f"visit.{i}", 400 if large else 196, shape.visit * line)
        for i in range(1, 7):
            add(f"step.{i}", 432 if large else 276, shape.steps)
            if shape.more_steps:
                add(f"steps_more.{i}", 432 if large else 504, shape.more_steps)
        if shape.note:
            add("note.1", 408 if large else 476, shape.note * line)
        for i, lines in enumerate(shape.more_note, 1):
            add(f"note_more.{i}", 408 if large else 476, lines * line)
    if plan:
        height = plan.lines * (24 if large else 13)
        add("plan_name", 400, 24 if large else 16)
        for i in range(1, plan.rows + 1):
            if large:
                add(f"plan.{i}.name", 400, 24)
                add(f"plan.{i}.when", 400, 24 * 4)
                add(f"plan.{i}.remark", 400, height)
                continue
            add(f"plan.{i}.name", 104, height)
            for time in ("morning", "noon", "evening", "night"):
                add(f"plan.{i}.{time}", 60, height)
            add(f"plan.{i}.remark", 104, height)
    return made


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
