"""Where pictures of 100 people may stand: none is lost without a word. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from handouts.errors import Fault
from handouts.model.document import Document
from handouts.model.prose import People


def people_without_a_place(document: Document[Any], harms: str | None) -> Iterator[Fault]:
    """A fault for each picture that no page would show. ``harms``: the heading of an option's harms; None for a file
    that is no option's.

    An option has room for one under that heading and for one under all others together (`handouts.merge.people`).
    """
    seen: set[bool] = set()
    for section in document.sections:
        for block in section.blocks:
            if not isinstance(block, People):
                continue
            under_harms = section.heading == harms
            if harms is None:
                told = "a picture of people is printed on an option's page alone; move it into an option's file"
                yield Fault(document.file, block.line, told)
            elif under_harms in seen:
                where = f"under '## {harms}'" if under_harms else f"outside of '## {harms}'"
                told = (
                    f"is a second picture of people {where}; one is printed. "
                    "Keep the more important, tell the other number in a sentence"
                )
                yield Fault(document.file, block.line, told)
            seen.add(under_harms)
