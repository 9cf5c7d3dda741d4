"""The lines of a list as text, in whatever encoding a spreadsheet or practice system wrote it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from handouts.errors import RequestFault

_LONGEST = 1_000_000
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LOST = "\udcff"
"""Stands for a byte that fits no encoding, as in Python's surrogateescape; no request accepts it."""


class DecodedLines:
    """The lines of a stream, with a look at the first. ``passed``: how many bytes have gone by."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.passed = stream, 0
        self.first: bytes | None = None

    def peek(self) -> bytes:
        """The first line, as bytes. RequestFault when it can't be read."""
        if self.first is None:
            self.first = self._read()
        return self.first

    def texts(self) -> Iterator[str]:
        """Decoded lines, with their ends: UTF-8, Windows-1252, or UTF-16 with its mark. RequestFault.

        Bytes that don't fit become lone surrogates, which no request accepts: that row is at fault, not the list.
        """
        if self.peek().startswith(_WIDE):
            return self._wide()
        return self._narrow()

    def _raw(self) -> Iterator[bytes]:
        line = self.peek()
        while line:
            self.passed += len(line)
            yield line
            line = self._read()

    def _read(self) -> bytes:
        try:
            line = self.stream.readline(_LONGEST + 1)
        except OSError as error:
            raise RequestFault(f"The list can't be read on: {error.strerror}.") from None
        if len(line) > _LONGEST:
            raise RequestFault("A line of the list is longer than a million bytes; this is not a list of patients.")
        return line

    def _narrow(self) -> Iterator[str]:
        """The first line that is not plain ASCII tells UTF-8 from Windows-1252, for the rest as well.

        Text in Windows-1252 is next to never well-formed UTF-8. A line that is, after one that was not, shows that
        the first one was damaged, or that the list was put together from two: a guess could print a wrong name.
        """
        encoding = "utf-8" if self.peek().startswith(codecs.BOM_UTF8) else ""
        for i, raw in enumerate(self._raw()):
            line = raw.removeprefix(codecs.BOM_UTF8) if i == 0 else raw
            if line.isascii():
                yield line.decode("ascii")
                continue
            fits = _is_utf8(line)
            encoding = encoding or ("utf-8" if fits else "cp1252")
            yield line.decode("ascii" if fits and encoding == "cp1252" else encoding, "surrogateescape")

    def _wide(self) -> Iterator[str]:
        """The end of a line is two bytes here, and its first may be half of another character."""
        decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")
        begun: list[str] = []
        letters = 0
        for raw in self._raw():
            first, *others = decoder.decode(raw).split("\n")
            begun.append(first)
            letters += len(first)
            if letters > _LONGEST:
                raise RequestFault("A line of the list is longer than a million letters; this is no list of patients.")
            for text in others:
                yield "".join(begun) + "\n"
                begun, letters = [text], len(text)
        begun.append(_LOST if decoder.getstate()[0] else "")  # half a character at the end
        if any(begun):
            yield "".join(begun)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
