"""A finished file parted again: the master's bytes, and what `handouts.stamp.stamp` appended for one patient."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

_TEXT = re.compile(rb"/ActualText ?(<[0-9a-f]*>)")
_TABLE = re.compile(rb"(\d+) 0 obj\n<</Type/XRef/[^>]*?/Prev (\d+)/W\[1 4 2\]/Index\[([0-9 ]+)\]")
_END = re.compile(rb"startxref\n(\d+)\n%%EOF\n\Z")


@dataclass(frozen=True)
class Finished:
    """``changed``: the master's objects as they are for the patient, by number; ``extra``: new ones, fonts that the
    master lacks.
    """

    body: bytes
    changed: Mapping[int, bytes]
    extra: Mapping[int, bytes]

    def __repr__(self) -> str:
        return "Finished(...)"

    def text(self, element: int) -> bytes:
        """What a structure element says, as PDF syntax: nothing where its slot is empty."""
        return _found(_TEXT, self.changed[element])[1] if element in self.changed else b"()"


def split_update(pdf: bytes) -> Finished:
    """Part a file that `handouts.stamp.stamp` made. ValueError for any other."""
    start = int(_found(_END, pdf[-60:])[1])
    table = _found(_TABLE, pdf[start : start + 4000])
    end = b"startxref\n%d\n%%%%EOF\n" % int(table[2])
    length = pdf.index(end) + len(end)
    objects = _appended(pdf, start, [int(word) for word in table[3].split()[::2]])
    first_new = int(table[1])  # new objects are numbered up to the table; the master's own table stands before them
    while first_new - 1 in objects:
        first_new -= 1
    return Finished(
        body=pdf[:length],
        changed={number: text for number, text in objects.items() if number < first_new},
        extra={number: text for number, text in objects.items() if number >= first_new},
    )


def _appended(pdf: bytes, start: int, numbers: list[int]) -> dict[int, bytes]:
    """The objects between the master's end and the table, by number: their text without "obj" and "endobj"."""
    rows = pdf[pdf.index(b"stream\n", start) + 7 :]
    offsets = [struct.unpack_from(">BIH", rows, i * 7)[1] for i in range(len(numbers))]
    ends = dict(zip(sorted(offsets), [*sorted(offsets)[1:], len(pdf)], strict=True))
    made: dict[int, bytes] = {}
    for number, offset in zip(numbers, offsets, strict=True):
        if offset != start:
            text = pdf[offset : ends[offset]]
            made[number] = text[text.index(b"obj\n") + 4 : text.rindex(b"\nendobj")]
    return made


def _found(pattern: re.Pattern[bytes], data: bytes) -> re.Match[bytes]:
    found = pattern.search(data)
    if not found:
        raise ValueError("not a file that this program made")
    return found
