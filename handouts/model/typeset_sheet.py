"""A typeset sheet, ready to be bound with others, and how it travels as bytes: to a cache, and to the archive.

Its objects are templates. What fills them is a list of values, in this order (`TypesetSheet.values`): the numbers of
the sheet's own objects; its keys in the parent tree; what belongs to the stack (`OUTSIDE`); then, one each, the numbers
of its pages' numbers ("Page 2 of 9"), of its slots' forms, and of the pages that its links to other sheets lead to.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from handouts.model.pdf_template import Template
from handouts.model.slots import Slot

_MAGIC = b"handouts sheet 1\n"
"""The number is that of the format. A program that reads another one has to go on reading this one: see the archive."""
OUTSIDE = ("document", "pages", "regular", "bold", "other", "running", "footer", "approval", "arabic", "arabic_bold")
"""What belongs to the stack: the root of the tags and of the pages; the whole body fonts, and one for page words in
another script; the content that is the same on every page, and its two forms; the whole fonts for Arabic letters.
"""
_OUTSIDE_BEFORE = 8
"""So many of them a sheet has that says nothing of it: it was made when there were no more."""


class BadSheet(Exception):
    """The bytes are not a complete sheet."""


@dataclass(frozen=True)
class SheetStream:
    """``head``: its dictionary without the length; ``data`` as it stands in the file."""

    head: Template
    data: bytes

    def __repr__(self) -> str:
        return f"SheetStream({len(self.data)} bytes)"


@dataclass(frozen=True)
class SheetPage:
    """``number``: of its object; ``annotations``: of their array, if it has one, and of its items; sizes in pt."""

    number: int
    width: float
    height: float
    array: int | None
    annotations: tuple[int, ...]


@dataclass(frozen=True)
class SheetAnnotation:
    """``element``: the structure element that it belongs to; ``key``: which of the sheet's keys is its own."""

    number: int
    element: int
    key: int


@dataclass(frozen=True)
class SheetLink:
    """A link to another sheet: its annotation, its object reference, and its element as ``plain`` text."""

    target: str
    annotation: int
    reference: int
    element: int
    plain: Template


@dataclass(frozen=True)
class SheetSlot:
    """A slot, and the structure elements that say its text. Each of these ends with an empty ActualText."""

    slot: Slot
    spans: tuple[int, ...]


@dataclass(frozen=True)
class Bookmark:
    """``page``: which of the sheet's pages; ``x``, ``y``: the place there, in pt from the lower left."""

    title: str
    page: int
    x: float
    y: float
    children: tuple[Bookmark, ...] = ()


@dataclass(frozen=True)
class TypesetSheet:
    """One sheet. Its own objects are numbered from 0: first those of ``objects``, one a line, then ``streams``."""

    name: str
    """What links to it say after "sheet:"."""
    language: str
    objects: Template
    lines: int
    """How many objects there are in ``objects``."""
    streams: tuple[SheetStream, ...]
    parents: Template
    """The pages' part of the parent tree: keys, and arrays of elements."""
    pages: tuple[SheetPage, ...]
    annotations: tuple[SheetAnnotation, ...]
    part: int
    """The element at the top."""
    slots: tuple[SheetSlot, ...]
    links: tuple[SheetLink, ...]
    bookmarks: tuple[Bookmark, ...]
    fonts: tuple[str, ...]
    """Which whole fonts it was made for, in the order of `handouts.fonts.embedding.WHOLE`: "" for one that it does not
    use; those for Arabic letters only where it uses one.
    """
    color_profile: int
    """The stream of the output intent's profile."""
    outside: int = len(OUTSIDE)
    """How many of `OUTSIDE` its templates have places for."""

    def __repr__(self) -> str:
        return f"TypesetSheet({self.name}, {len(self.pages)} pages)"

    @property
    def count(self) -> int:
        """How many objects are its own."""
        return self.lines + len(self.streams)

    @property
    def keys(self) -> int:
        """How many keys it has in the parent tree."""
        return len(self.pages) + len(self.annotations)

    def values(
        self,
        own: Sequence[int],
        first_key: int,
        outside: Sequence[int],
        page_numbers: Sequence[int],
        forms: Sequence[int],
        targets: Sequence[int],
    ) -> list[int]:
        """What fills its templates, in their order."""
        return [
            *own, *range(first_key, first_key + self.keys), *outside[:self.outside], *page_numbers, *forms, *targets
        ]  # fmt: skip

    def to_bytes(self) -> bytes:
        """A line, a line of lengths, the rest as JSON with the texts after it (compressed), the streams' data."""
        texts = _Texts()
        head = json.dumps(_plain(self, texts), separators=(",", ":"), sort_keys=True).encode()
        packed = zlib.compress(struct.pack("<I", len(head)) + head + texts.packed(), 9)
        data = b"".join(stream.data for stream in self.streams)
        return b"%b%d %d\n%b%b" % (_MAGIC, len(packed), len(data), packed, data)

    @staticmethod
    def from_bytes(data: bytes) -> TypesetSheet:
        """The sheet that `to_bytes` wrote. BadSheet when it is not one, or of another format."""
        try:
            if not data.startswith(_MAGIC):
                raise ValueError
            end = data.index(b"\n", len(_MAGIC))
            packed, rest = map(int, data[len(_MAGIC) : end].split(b" "))
            start = end + 1 + packed
            if len(data) != start + rest:
                raise ValueError
            plain = zlib.decompress(data[end + 1 : start])
            (length,) = struct.unpack_from("<I", plain)
            head = json.loads(plain[4 : 4 + length])
            return _sheet(head, _Reader(plain[4 + length :]), _Reader(data[start:]))
        except (ValueError, LookupError, TypeError, AttributeError, struct.error, zlib.error) as error:
            raise BadSheet(type(error).__name__) from None


class _Texts:
    """Templates laid one after the other; the JSON says only how long each is."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.gaps: list[int] = []

    def add(self, item: Template) -> list[int]:
        self.parts.append(item.text)
        self.gaps += item.gaps
        return [len(item.text), len(item.gaps)]

    def packed(self) -> bytes:
        return struct.pack(f"<I{len(self.gaps)}I", len(self.gaps), *self.gaps) + b"".join(self.parts)


class _Reader:
    """Takes bytes off the front. ValueError when there are none left."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, length: int) -> bytes:
        start, self.at = self.at, self.at + length
        if length < 0 or self.at > len(self.data):
            raise ValueError
        return self.data[start : self.at]


def _plain(sheet: TypesetSheet, texts: _Texts) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "language": sheet.language,
        "lines": sheet.lines,
        "objects": texts.add(sheet.objects),
        "parents": texts.add(sheet.parents),
        "streams": [[*texts.add(stream.head), len(stream.data)] for stream in sheet.streams],
        "links": [[link.target, _numbers(link), texts.add(link.plain)] for link in sheet.links],
        "pages": [[page.number, page.width, page.height, page.array, page.annotations] for page in sheet.pages],
        "annotations": [[item.number, item.element, item.key] for item in sheet.annotations],
        "part": sheet.part,
        "slots": [[vars(item.slot), item.spans] for item in sheet.slots],
        "bookmarks": _plain_bookmarks(sheet.bookmarks),
        "fonts": sheet.fonts,
        "color_profile": sheet.color_profile,
        "outside": sheet.outside,
    }


def _numbers(link: SheetLink) -> tuple[int, int, int]:
    return link.annotation, link.reference, link.element


def _plain_bookmarks(bookmarks: Iterable[Bookmark]) -> list[Any]:
    return [[mark.title, mark.page, mark.x, mark.y, _plain_bookmarks(mark.children)] for mark in bookmarks]


def _sheet(head: dict[str, Any], texts: _Reader, data: _Reader) -> TypesetSheet:
    (count,) = struct.unpack("<I", texts.take(4))
    gaps = struct.unpack(f"<{count}I", texts.take(4 * count))
    used = 0

    def read(length: int, filled: int) -> Template:
        nonlocal used
        start, used = used, used + filled
        return Template(texts.take(length), gaps[start:used])

    sheet = TypesetSheet(
        name=head["name"],
        language=head["language"],
        objects=read(*head["objects"]),
        lines=head["lines"],
        parents=read(*head["parents"]),
        streams=tuple(SheetStream(read(*item[:2]), data.take(item[2])) for item in head["streams"]),
        links=tuple(
            SheetLink(to, annotation, reference, element, read(*plain))
            for to, (annotation, reference, element), plain in head["links"]
        ),
        pages=tuple(
            SheetPage(number, width, height, array, tuple(annotations))
            for number, width, height, array, annotations in head["pages"]
        ),
        annotations=tuple(SheetAnnotation(*item) for item in head["annotations"]),
        part=head["part"],
        slots=tuple(SheetSlot(Slot(**slot), tuple(spans)) for slot, spans in head["slots"]),
        bookmarks=_bookmarks(head["bookmarks"]),
        fonts=tuple(head["fonts"]),
        color_profile=head["color_profile"],
        outside=head.get("outside", _OUTSIDE_BEFORE),
    )
    if used != count or texts.at != len(texts.data) or data.at != len(data.data):
        raise ValueError
    return sheet


def _bookmarks(rows: Iterable[list[Any]]) -> tuple[Bookmark, ...]:
    return tuple(Bookmark(title, page, x, y, _bookmarks(children)) for title, page, x, y, children in rows)
