"""The order in which a line is drawn: the Unicode bidirectional algorithm (UAX 9), by python-bidi and rule N0.

python-bidi's own steps give levels, which shaping needs, but know neither paired brackets nor joiners; its other
half, in Rust, knows both and tells only the finished order. tests/fonts/test_direction.py holds the two together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from handouts.model.isolates import OPENING, PDI, without_isolates

RTL = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
_CLOSER = dict(zip("([{⁅⁽₍⸢⸤⸦⸨⹕⹗⹙⹛", ")]}⁆⁾₎⸣⸥⸧⸩⹖⹘⹚⹜", strict=True))
"""Of Unicode's BidiBrackets.txt, what a font of ours has."""
_DEEPEST = 63
"""Brackets open at once; beyond that none of the run is paired (BD16)."""
_STRONG = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
"""How a type counts for brackets: numbers as if they ran from right to left."""


_OBJECT = "\ufffc"
"""Stands for an isolate in the text around it: neutral, as rule X5c has it."""


def runs_right_to_left(text: str, *, within_rtl: bool = False) -> bool:
    """Whether a paragraph runs from right to left: its first letter says so (rules P2 and P3); ``within_rtl``: on a
    page that does, any letter that does, and whatever the program put together.
    """
    if text.isascii():
        return False
    if within_rtl and PDI in text:
        return True
    depth = 0
    for character in text:
        if character in OPENING or character == PDI:
            depth += 1 if character in OPENING else -1
            continue
        kind = unicodedata.bidirectional(character) if depth <= 0 else ""
        if kind in {"R", "AL"}:
            return True
        if kind == "L" and not within_rtl:
            return False
    return False


def split_directions(text: str, *, rtl: bool | None = None) -> list[tuple[bool, str]]:
    """Stretches in drawing order, each in the order of its characters, and whether it runs right to left.

    ``rtl``: whether the paragraph does, of which ``text`` may be only a line; None: ``text`` is all of it.
    """
    if not rtl and not any(unicodedata.bidirectional(character) in RTL for character in text):
        return [(False, without_isolates(text))]
    runs: list[tuple[int, str]] = []
    for level, character in _levels(text, runs_right_to_left(text) if rtl is None else rtl):
        if runs and runs[-1][0] == level and character and runs[-1][1]:
            runs[-1] = (level, runs[-1][1] + character)
        else:
            runs.append((level, character))
    for level in range(max((level for level, _ in runs), default=0), 0, -1):  # rule L2, on whole runs
        start = 0
        while start < len(runs):
            end = start
            while end < len(runs) and runs[end][0] >= level:
                end += 1
            if end > start:
                runs[start:end] = runs[start:end][::-1]
            start = max(end, start + 1)
    return [(level % 2 == 1, stretch) for level, stretch in runs if stretch]


def _levels(text: str, rtl: bool) -> Iterator[tuple[int, str]]:
    """The characters with their levels; an isolate's lie two above those around it or one, and "" parts them."""
    around, isolates = _cut(text)
    for item in _resolve(around, rtl):
        if item["ch"] != _OBJECT or not isolates:
            yield item["level"], item["ch"]
            continue
        own, inside = isolates.pop(0)
        own = runs_right_to_left(inside) if own is None else own
        yield int(rtl), ""
        yield from ((level + (2 if own == rtl or not own else 0), ch) for level, ch in _levels(inside, own))
        yield int(rtl), ""


def _cut(text: str) -> tuple[str, list[tuple[bool | None, str]]]:
    """``text`` with an object in place of each isolate, and these with their directions. What is not closed on this
    line goes to its end; what was opened on another is passed over.
    """
    around: list[str] = []
    isolates: list[tuple[bool | None, str]] = []
    depth = start = 0
    for place, character in enumerate(text):
        if character in OPENING:
            depth += 1
            if depth == 1:
                start = place + 1
                around.append(_OBJECT)
                isolates.append((OPENING[character], text[start:]))
        elif character == PDI:
            depth = max(0, depth - 1)
            if depth == 0 and isolates and start:
                isolates[-1] = (isolates[-1][0], text[start:place])
                start = 0
        elif depth == 0:
            around.append(character)
    return "".join(around), isolates


def _resolve(text: str, rtl: bool) -> list[dict[str, Any]]:
    """The characters with their levels, each as ``ch`` with the joiners that follow it."""
    from bidi import algorithm as bidi

    storage = bidi.get_empty_storage()
    storage["base_level"] = int(rtl)
    storage["base_dir"] = ("L", "R")[storage["base_level"]]
    bidi.get_embedding_levels(text, storage)
    storage["chars"] = _keep_joiners(storage["chars"])
    bidi.explicit_embed_and_overrides(storage)
    bidi.resolve_weak_types(storage)
    for run in storage["runs"]:
        _resolve_brackets(storage["chars"][run["start"] : run["start"] + run["length"]], run["sor"])
    bidi.resolve_neutral_types(storage, debug=False)
    bidi.resolve_implicit_levels(storage, debug=False)
    resolved: list[dict[str, Any]] = storage["chars"]
    return resolved


def _keep_joiners(characters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Joiners have no direction, and rule X9 takes them out; shaping needs them, so they go with the letter before."""
    kept: list[dict[str, Any]] = []
    for item in characters:
        if kept and item["ch"] in "\u200c\u200d":
            kept[-1]["ch"] += item["ch"]
        else:
            kept.append(item)
    return kept


def _resolve_brackets(characters: list[dict[str, Any]], before: str) -> None:
    """Rule N0 on one run; ``before``: the direction at its start."""
    for opener, closer in sorted(_pairs(characters)):
        own = "LR"[characters[opener]["level"] % 2]
        inside = set(_strong(characters[opener + 1 : closer]))
        if own in inside:
            direction = own
        elif inside:
            *_, last = before, *_strong(characters[:opener])
            direction = last if last in inside else own
        else:
            continue
        for place in (opener, closer):
            characters[place]["type"] = direction
            for item in characters[place + 1 :]:
                if item["orig"] != "NSM":
                    break
                item["type"] = direction


def _strong(characters: list[dict[str, Any]]) -> list[str]:
    return [_STRONG[item["type"]] for item in characters if item["type"] in _STRONG]


def _pairs(characters: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    """Places of brackets that belong together (BD16)."""
    found: list[tuple[int, int]] = []
    waiting: list[tuple[str, int]] = []
    for place, item in enumerate(characters):
        sign = item["ch"][0]
        if item["type"] != "ON":
            continue
        if sign in _CLOSER:
            if len(waiting) == _DEEPEST:
                return
            waiting.append((_CLOSER[sign], place))
        elif any(closer == sign for closer, _ in waiting):
            while waiting:
                closer, opener = waiting.pop()
                if closer == sign:
                    found.append((opener, place))
                    break
    yield from found
