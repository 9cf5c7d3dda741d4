"""Objects into a file as they come, and the cross-reference stream at its end (ISO 32000-1, 7.5.8).

What binds sheets writes so, and what binds finished files.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from handouts.model.pdf_syntax import deflated_stream

_LEVEL = 6
"""Of compression, zlib's own middle."""


@dataclass(frozen=True)
class Closed:
    """What an update of the file has to know: where its table is, how many numbers are taken, its identifier."""

    startxref: int
    size: int
    identifier: bytes


class Writer:
    """A PDF that grows object by object; what is written is not kept in memory."""

    def __init__(self, out: BinaryIO) -> None:
        self.out, self.at = out, 0
        self.entries: list[bytes] = [_entry(0, 0, 65535)]
        self.digest = hashlib.sha256()
        self._put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def number(self, count: int = 1) -> int:
        """The first of ``count`` new object numbers."""
        first = len(self.entries)
        self.entries.extend([_entry(0, 0, 0)] * count)
        return first

    def add(self, number: int, text: bytes) -> None:
        """An object on its own."""
        self.entries[number] = _entry(1, self.at, 0)
        self._put(b"%d 0 obj\n%b\nendobj\n" % (number, text))

    def pack(self, objects: Sequence[tuple[int, bytes]]) -> None:
        """Objects that are no streams, together in an object stream (7.5.7)."""
        holder = self.number()
        index: list[int] = []
        at = 0
        for i, (number, text) in enumerate(objects):
            self.entries[number] = _entry(2, holder, i)
            index += (number, at)
            at += len(text) + 1
        head = " ".join(map(str, index)).encode() + b"\n"
        kind = b"/Type/ObjStm/N %d/First %d" % (len(objects), len(head))
        self.add(holder, deflated_stream(kind, head + b"\n".join(text for _, text in objects), _LEVEL))

    def close(self, root: int, info: int) -> Closed:
        """The table, and where it is. The file's identifier follows from its bytes: the same input, the same file."""
        table, start = self.number(), self.at
        self.entries[table] = _entry(1, start, 0)
        identifier = self.digest.digest()[:16]
        head = b"/Type/XRef/Size %d/Root %d 0 R/Info %d 0 R/W[1 4 2]/ID[<%b><%b>]" % (
            len(self.entries),
            root,
            info,
            identifier.hex().encode(),
            identifier.hex().encode(),
        )
        self._put(b"%d 0 obj\n%b\nendobj\n" % (table, deflated_stream(head, b"".join(self.entries), _LEVEL)))
        self._put(b"startxref\n%d\n%%%%EOF\n" % start)
        return Closed(start, len(self.entries), identifier)

    def _put(self, data: bytes) -> None:
        self.out.write(data)
        self.digest.update(data)
        self.at += len(data)


def _entry(kind: int, second: int, third: int) -> bytes:
    return struct.pack(">BIH", kind, second, third)
