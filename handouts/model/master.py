"""A typeset handout with empty slots, and how it travels as bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

from handouts.model.slots import Slot

_MAGIC = b"handouts master 1\n"


class BadMaster(Exception):
    """The bytes are not a complete master."""


@dataclass(frozen=True)
class Patch:
    """An object whose bytes are the same for everyone, except one text in the middle."""

    number: int
    before: bytes
    after: bytes


@dataclass(frozen=True)
class SlotLocation:
    """One slot in the file: the Form XObject to fill, and the structure elements with the same ActualText."""

    slot: Slot
    form: int
    spans: tuple[Patch, ...]


@dataclass(frozen=True)
class StampPlan:
    """A master without its bytes: all that stamping needs, small enough to travel with every few rows (LIST-1)."""

    length: int
    """Of the master's bytes: where each patient's update begins."""
    startxref: int
    size: int
    root: int
    file_id: bytes
    pages: int
    fonts: tuple[int, ...]
    """Object numbers of the whole fonts: regular and bold, and those for Arabic letters where the stack has them."""
    info: Patch
    metadata: Patch
    colors: tuple[tuple[str, tuple[float, float, float]], ...]
    """Red, green and blue of each colour that a slot names."""
    places: tuple[SlotLocation, ...]

    def __repr__(self) -> str:
        return f"StampPlan({self.pages} pages)"  # the rest does not belong in a log of many machines


@dataclass(frozen=True)
class Master(StampPlan):
    """``pdf`` is a complete file with empty slots. What differs for each patient is appended (STAMP-1)."""

    pdf: bytes

    def __repr__(self) -> str:
        return f"Master({self.pages} pages, {len(self.pdf)} bytes)"

    def stamp_plan(self) -> StampPlan:
        """The same without the bytes."""
        return StampPlan(**{item.name: getattr(self, item.name) for item in fields(StampPlan)})

    def to_bytes(self) -> bytes:
        """The master for a cache: a line, the length of the head, the head as JSON, the PDF."""
        head = json.dumps(_plain(self), separators=(",", ":")).encode()
        return b"%s%d\n%s%s" % (_MAGIC, len(head), head, self.pdf)

    @staticmethod
    def from_bytes(data: bytes) -> Master:
        """The master that `to_bytes` wrote. BadMaster when it is not one."""
        try:
            if not data.startswith(_MAGIC):
                raise ValueError
            length, _, rest = data[len(_MAGIC) :].partition(b"\n")
            head = json.loads(rest[: int(length)])
            return _master(head, rest[int(length) :])
        except (ValueError, KeyError, TypeError) as error:
            raise BadMaster(type(error).__name__) from None


def _plain(master: Master) -> dict[str, Any]:
    return {
        "startxref": master.startxref,
        "size": master.size,
        "root": master.root,
        "file_id": master.file_id.hex(),
        "pages": master.pages,
        "fonts": master.fonts,
        "info": _patch(master.info),
        "metadata": _patch(master.metadata),
        "colors": master.colors,
        "places": [
            {
                "slot": vars(place.slot),
                "form": place.form,
                "spans": [_patch(span) for span in place.spans],
            }
            for place in master.places
        ],
        "length": master.length,
    }


def _patch(patch: Patch) -> list[Any]:
    return [patch.number, patch.before.decode("latin-1"), patch.after.decode("latin-1")]


def _read_patch(item: list[Any]) -> Patch:
    number, before, after = item
    return Patch(int(number), before.encode("latin-1"), after.encode("latin-1"))


def _master(head: dict[str, Any], pdf: bytes) -> Master:
    if len(pdf) != head["length"] or not pdf.startswith(b"%PDF-"):
        raise ValueError
    return Master(
        pdf=pdf,
        length=len(pdf),
        startxref=head["startxref"],
        size=head["size"],
        root=head["root"],
        file_id=bytes.fromhex(head["file_id"]),
        pages=head["pages"],
        fonts=tuple(map(int, head["fonts"])),
        info=_read_patch(head["info"]),
        metadata=_read_patch(head["metadata"]),
        colors=tuple((name, (red, green, blue)) for name, (red, green, blue) in head["colors"]),
        places=tuple(
            SlotLocation(
                Slot(**item["slot"]),
                item["form"],
                tuple(map(_read_patch, item["spans"])),
            )
            for item in head["places"]
        ),
    )
