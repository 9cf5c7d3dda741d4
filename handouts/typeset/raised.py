"""Shorter pages where letters have signs set above and below them, one by one: such a page is half longer otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handouts.typeset.pdf_objects import compact

_LONG = re.compile(rb"(?<![\w.])-?\d+\.\d{4,}(?= [-\d.]+ Tm)|(?<![\w.])-?\d+\.\d{4,}(?= Tm)")
_STRING = re.compile(rb"<([0-9a-f]+)>")
_ESCAPED = re.compile(rb"[\\()\r]")
_PIECE = re.compile(rb"<([0-9a-f]*)>|(-?[\d.]+)")
_LEAST = 0.15
"""A rise below that, in px, is none: a twenty-fifth of a mm."""


def has_raised(data: bytes) -> bool:
    """Whether letters on a page have signs set apart: its content says how high (ISO 32000-1, 9.3.7)."""
    return b" Ts\n" in data


def join_raised(data: bytes) -> bytes:
    """A page's content with places and rises to a tenth of a px and kerning to a thousandth of an em, each rise said
    once, and in one operator what stands on one line (9.4.3).
    """
    return b"\n".join(_joined(data.split(b"\n")))


def in_few_bytes(data: bytes) -> bytes:
    """A page's content as QPDF wrote it, without spaces that mean nothing, and with strings as they are (7.3.4.2)."""
    return _STRING.sub(_literal, compact(data))


def _literal(found: re.Match[bytes]) -> bytes:
    told = bytes.fromhex(found[1].decode("ascii"))
    escaped = _ESCAPED.sub(lambda sign: b"\\r" if sign[0] == b"\r" else b"\\" + sign[0], told)
    return b"(%b)" % escaped


def _joined(lines: list[bytes]) -> Iterator[bytes]:
    rise = wanted = b"0"
    row: list[bytes] = []
    for line in lines:
        if line.endswith(b" Ts"):
            height = float(line[:-3])
            wanted = b"0" if abs(height) < _LEAST else b"%g" % round(height, 1)
            continue
        if line.endswith(b" Tm"):
            line = _LONG.sub(lambda found: b"%g" % round(float(found[0]), 1), line)
        shows = line.startswith(b"[") and line.endswith(b"] TJ")
        if row and (not shows or wanted != rise):
            yield from _shown(row)
            row = []
        if wanted != rise:
            yield wanted + b" Ts"
            rise = wanted
        if shows:
            row.append(line)
        else:
            yield line


def _shown(row: list[bytes]) -> Iterator[bytes]:
    """One operator for all that a row of them shows; none for nothing."""
    made: list[bytes] = []
    kern = 0.0
    for glyphs, number in _PIECE.findall(b"".join(row)):
        if number:
            kern += float(number)
        elif glyphs:
            if round(kern) or not made:
                made += [b"%d" % round(kern), glyphs]
            else:
                made[-1] += glyphs
            kern = 0.0
    told = [piece if i % 2 == 0 else b"<%b>" % piece for i, piece in enumerate(made)]
    if told[:1] == [b"0"]:
        told = told[1:]
    if round(kern):
        told.append(b"%d" % round(kern))
    if told:
        yield b"[%b] TJ" % b" ".join(told)
