"""Names on one list that a tired person could confuse."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from handouts.model.folding import fold_name

_ALIKE = 0.85
"""difflib's ratio of letters without accents: 0.93 for Maria Gonzalez and Maria Gonzales."""
_FEW = 3
"""Similar names differ in at most this many letters, and in length: a quick test before the slow one."""
_WITHIN = 500
"""Names further apart on the list than this are compared only for equality."""


def find_lookalikes(names: Mapping[int, str]) -> frozenset[int]:
    """The rows whose name equals or resembles another row's, ignoring accents, case and word order."""
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
    """A name without accents, in lower case; ``letters``: the set of its letters, one bit each (some share one)."""

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
    """Whether two texts share nearly all letters in the same order; short ones, all but one."""
    needed = min(_ALIKE, 1 - 1 / max(len(one), len(other), 4))
    one, other = sorted((one, other))  # difflib's ratio depends on which comes first
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= needed and matcher.ratio() >= needed
