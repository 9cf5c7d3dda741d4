"""What holds events together: keyed hashes, each over the one before (REC-9). Pure.

Without the key nobody can change, add, move or remove an event so that the rest still fits. The *head*, a separate
hash over the last event, shows whether the end was cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handouts.errors import RequestFault
from handouts.keyed_hash import keyed_hash
from handouts.record.event import canonical

START = "0" * 64
"""Stands for the event before the first."""


@dataclass(frozen=True)
class Link:
    """An event's place in the chain: its number, and its hash in hex."""

    seq: int
    mac: str


@dataclass(frozen=True)
class Anchor:
    """Where a chain begins after a purge: the last purged event; ``count``: how many were purged with it."""

    last: Link
    count: int

    def __str__(self) -> str:
        return f"{self.last.seq} {self.count} {self.last.mac}"

    @staticmethod
    def read(text: str) -> Anchor:
        """What `str` wrote. ValueError for anything else."""
        seq, count, mac = text.split(" ")
        return Anchor(Link(int(seq), mac), int(count))


def mac_of(key: bytes, values: Mapping[str, Any], before: str) -> str:
    """The hash of an event's columns and of the event before it."""
    return keyed_hash(key, "event", before, canonical(values))


def head_of(key: bytes, last: Link) -> str:
    """The hash that marks the end of the chain."""
    return keyed_hash(key, "head", str(last.seq), last.mac)


def format_head(seq: int, head: str) -> str:
    """A head in the form that people keep elsewhere."""
    return f"{seq}-{head}"


def read_head(text: str) -> tuple[int, str]:
    """What `format_head` wrote. RequestFault for anything else."""
    seq, sign, head = text.strip().partition("-")
    if not (sign and seq.isascii() and seq.isdigit() and len(head) == 64 and set(head) <= set("0123456789abcdef")):
        raise RequestFault("--head takes what `record export --head` printed: a number, a hyphen, 64 characters.")
    return int(seq), head


def faults(key: bytes, rows: Iterable[Mapping[str, Any]], begin: Link) -> Iterator[str]:
    """What is wrong with ``rows``, which should follow ``begin`` without a gap; in order, as sentences."""
    before = begin
    for row in rows:
        seq = row["seq"]
        if seq != before.seq + 1:
            yield f"{_missing(before.seq + 1, seq - 1)}; event {seq} comes after event {before.seq}"
        elif row["mac"] != mac_of(key, row, before.mac):
            yield f"event {seq} is not as it was written"
        before = Link(seq, row["mac"])


def _missing(first: int, last: int) -> str:
    return f"event {first} is missing" if first == last else f"events {first} to {last} are missing"
