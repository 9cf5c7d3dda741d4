"""The lines of a list as text, in whatever encoding a spreadsheet or practice system wrote it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from handouts.errors import RequestFault

_LONGEST = 1_000_000
_MARKED = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_MARKED_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_LOST = "\udcff"
"""Stands for a byte that fits no encoding, as in Python's surrogateescape; no request accepts it."""


class DecodedLines:
    """The lines of a stream, with a look at the first. ``passed``: how many bytes have gone by."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.passed = stream, 0
        self.first: bytes | None = None

    def peek(self) -> bytes:
        """The first line, or its first million bytes. RequestFault when it can't be read."""
        if self.first is None:
            self.first = self._read()
        return self.first

    def texts(self) -> Iterator[str]:
        """Decoded lines, with their ends: UTF-8, Windows-1252, or UTF-16 with or without its mark. RequestFault.

        Bytes that don't fit become lone surrogates, which no request accepts: that row is at fault, not the list.
        """
        wide = self._wide_encoding()
        return self._wide(wide) if wide else self._narrow()

    def start(self) -> str:
        """The first characters, as far as they can be told."""
        first = self.peek()[:200].removeprefix(codecs.BOM_UTF8)
        return first.decode(self._wide_encoding() or "utf-8", "ignore").lstrip()

    def chunks(self) -> Iterator[str]:
        """The text in pieces of any length, for what has no lines: UTF-8 or UTF-16. RequestFault."""
        wide = self._wide_encoding()
        decoder = codecs.getincrementaldecoder(wide or "utf-8-sig")("replace" if wide else "surrogateescape")
        data = self.peek()
        while data:
            self.passed += len(data)
            yield decoder.decode(data)
            data = self._read()
        yield decoder.decode(b"", final=True)

    def _wide_encoding(self) -> str:
        """The encoding that has two bytes for each character, by its mark or by its zero bytes; "" for another."""
        first = self.peek()
        if first.startswith(_MARKED_32) or first[:3] == b"\0\0\0" or first[1:4] == b"\0\0\0":
            raise RequestFault("The list is UTF-32 text, which hardly any program reads. Save it as UTF-8.")
        if first[:2] in _MARKED:
            return _MARKED[first[:2]]
        even, odd = first[:200:2].count(0), first[1:200:2].count(0)  # the names of columns are plain ASCII
        if max(even, odd) * 4 < len(first[:200]) or not first:
            return ""
        return "utf-16-le" if odd > even else "utf-16-be"

    def _raw(self) -> Iterator[bytes]:
        line = self.peek()
        while line:
            if len(line) > _LONGEST:
                raise RequestFault("A line of the list is longer than a million bytes; this is not a list of patients.")
            self.passed += len(line)
            yield line
            line = self._read()

    def _read(self) -> bytes:
        try:
            return self.stream.readline(_LONGEST + 1)
        except OSError as error:
            raise RequestFault(f"The rest of the list can't be read: {error.strerror}.") from None

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

    def _wide(self, encoding: str) -> Iterator[str]:
        """The end of a line is two bytes here, and its first may be half of another character."""
        decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        begun: list[str] = []
        letters = 0
        for raw in self._raw():
            first, *others = decoder.decode(raw).split("\n")
            begun.append(first)
            letters += len(first)
            if letters > _LONGEST:
                raise RequestFault(
                    "A line of the list is longer than a million characters; this is not a list of patients."
                )
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
