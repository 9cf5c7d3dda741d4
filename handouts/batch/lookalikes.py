"""Names on one list that a tired person could take for one another."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from handouts.model.folding import fold_name

_ALIKE = 0.85
"""difflib's ratio, over letters without accents: Maria Gonzalez and Maria Gonzales have 0.93."""
_FEW = 3
"""Alike names differ in no more letters than this, nor in length: a quick look before the long one."""
_WITHIN = 500
"""Names further apart on the list than this are compared only for being the same."""


def find_lookalikes(names: Mapping[int, str]) -> frozenset[int]:
    """The rows whose name is the same as, or looks like, another row's; accents, case and the order of words aside."""
    looks = [_look(row, name) for row, name in names.items()]
    same: dict[str, list[int]] = defaultdict(list)
    for look in looks:
        same[look.sorted].append(look.row)
    found = {row for rows in same.values() if len(rows) > 1 for row in rows}
    for i, one in enumerate(looks):
        for other in _almost(one, looks[i + 1 : i + 1 + _WITHIN]):
            found |= {one.row, other.row}
    return frozenset(found)


@dataclass(frozen=True)
class _Look:
    """A name without accents, small; ``letters``: which there are, a bit each (some share one)."""

    row: int
    written: str
    sorted: str
    letters: int


def _look(row: int, name: str) -> _Look:
    letters = (character for character in unicodedata.normalize("NFKD", fold_name(name)))
    kept = "".join(" " if character in " -,'." else character for character in letters if not _mark(character))
    words = kept.split()
    bits = 0
    for character in "".join(words):
        bits |= 1 << ord(character) % 61
    return _Look(row, "".join(words), " ".join(sorted(words)), bits)


def _mark(character: str) -> bool:
    return unicodedata.category(character) == "Mn"


def _almost(one: _Look, others: Sequence[_Look]) -> Iterator[_Look]:
    letters, length = one.letters, len(one.written)
    for other in others:
        quick = (letters ^ other.letters).bit_count() <= _FEW and abs(length - len(other.written)) <= _FEW
        if quick and (_close(one.written, other.written) or _close(one.sorted, other.sorted)):
            yield other


def _close(one: str, other: str) -> bool:
    """Whether two texts have nearly all letters in the same order; of short ones, all but one."""
    needed = min(_ALIKE, 1 - 1 / max(len(one), len(other), 4))
    one, other = sorted((one, other))  # difflib's ratio depends on which comes first
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= needed and matcher.ratio() >= needed
