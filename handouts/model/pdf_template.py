"""PDF objects as bytes with gaps, so that they can be numbered again without being read again. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

_TOKEN = re.compile(rb"(\((?:\\.|[^\\()])*\)|<[0-9a-fA-F]+>)|(\d+) 0 R|(%)", re.DOTALL)
"""In what QPDF writes: a string, in which nothing is a reference; a reference; a sign that means a gap."""


@dataclass(frozen=True)
class Template:
    """``text`` with a gap (``%d``, ``%b``) for each of ``gaps``: which of a list of values goes there."""

    text: bytes
    gaps: tuple[int, ...] = ()

    def filled(self, values: Sequence[Any]) -> bytes:
        """The text with its gaps filled."""
        if not self.gaps:
            return self.text % ()
        found = itemgetter(*self.gaps)(values)
        return self.text % (found if len(self.gaps) > 1 else (found,))


def template(text: bytes, place_of: Callable[[int], int | bytes]) -> Template:
    """An object as QPDF writes it, its references as gaps.

    ``place_of``: the place among the values of what has a number in the text, or what stands for it whatever they are.
    """
    gaps: list[int] = []

    def replaced(found: re.Match[bytes]) -> bytes:
        string, number, percent = found.groups()
        if string:
            return bytes(string.replace(b"%", b"%%").replace(b"\n", b"\\n"))
        if percent:
            return b"%%"
        place = place_of(int(number))
        if isinstance(place, bytes):
            return place
        gaps.append(place)
        return b"%d 0 R"

    return Template(_TOKEN.sub(replaced, text), tuple(gaps))


def references(text: bytes) -> list[int]:
    """The numbers of what an object names."""
    return [int(number) for _, number, _ in _TOKEN.findall(text) if number]


def joined(parts: Sequence[Template], by: bytes = b"\n") -> Template:
    """Several one after the other."""
    return Template(by.join(part.text for part in parts), tuple(gap for part in parts for gap in part.gaps))
