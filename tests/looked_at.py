"""Laid-out pages as an eye sees them: what stands alone, is torn, lies on other text; what a sheet holds, in order."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

PX = 0.75
"""A CSS px in pt."""
WHOLE = frozenset(
    {"card", "pair", "call-box", "further-box", "warning", "who", "visit-in", "hundred", "medicine", "drawing", "tr"}
    | {"help", "unknown", "field", "said-by", "steps", "first"}
)
"""Classes and tags of what stands on one page."""
TALLER = "goes-on"
"""The class of what may go on to the next page, since none can hold it."""
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "thead"})
FEW = 4
"""Lines: a page with fewer has drawings as well, or room to write."""
_CAP, _DESCENT = 0.66, 0.1
"""How high above its baseline a letter has ink, and how deep below it, by the size of its type."""


@dataclass(frozen=True)
class Item:
    """Something printed; measures in pt, from the page's upper left. ``chain``: the elements around it, outermost
    first; ``text``: "" for what is no text.
    """

    top: float
    bottom: float
    left: float
    right: float
    text: str
    chain: tuple[Any, ...]

    @property
    def heading(self) -> Any:
        """The heading or head of a table that it is a part of; None for all else."""
        return next((element for element in self.chain if element.tag in HEADINGS), None)

    def stands_in(self, name: str) -> bool:
        """Whether one of the elements around it has this class."""
        return any(name in _names(element) for element in self.chain)

    def covers(self, other: Item) -> bool:
        """Whether the ink of both can touch."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide > 1.5 and high > 0.8


def _names(element: Any) -> set[str]:
    return {*(element.get("class") or "").split(), element.tag}


def items_of(page: Any) -> list[Item]:
    """What is printed on a page of WeasyPrint's document, but for its margins."""
    return [item for box, chain in _walk(page._page_box, ()) if (item := _item(box, chain)) and item.right > item.left]


def _walk(box: Any, chain: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    from weasyprint.formatting_structure import boxes

    element = getattr(box, "element", None)
    if hasattr(element, "get") and (not chain or chain[-1] is not element):
        chain = (*chain, element)
    yield box, chain
    for child in getattr(box, "children", ()):
        if not isinstance(child, boxes.MarginBox):
            yield from _walk(child, chain)


def _item(box: Any, chain: tuple[Any, ...]) -> Item | None:
    from weasyprint.formatting_structure import boxes

    if isinstance(box, boxes.TextBox) and box.text.strip():
        line = box.position_y + box.baseline
        size = box.style["font_size"]
        top, bottom, width = line - _CAP * size, line + _DESCENT * size, box.width
    elif isinstance(box, boxes.ReplacedBox) or (
        isinstance(box, boxes.BlockBox) and chain and "write" in _names(chain[-1])
    ):
        top, bottom, width = box.position_y, box.position_y + box.margin_height(), box.margin_width()
    else:
        return None
    text = " ".join(box.text.split()) if isinstance(box, boxes.TextBox) else ""
    left = box.position_x
    return Item(*(value * PX for value in (top, bottom, left, left + width)), text, chain)


def flaws(document: Any) -> list[str]:
    """What nobody should get: empty pages, headings alone, torn boxes, text on text."""
    pages = [items_of(page) for page in document.pages]
    found = [flaw for number, items in enumerate(pages, 1) for flaw in _on_page(number, items)]
    return [*found, *_torn(document)]


def _on_page(number: int, items: Sequence[Item]) -> Iterator[str]:
    body = [item for item in items if item.heading is None]
    lines = {round(item.top) for item in body}
    written = any(item.stands_in("own") or item.stands_in("area") for item in items)
    drawn = any(not item.text for item in body)
    if not written and not drawn and len(lines) < FEW:
        yield f"page {number} has {len(lines)} lines below its heading"
    for heading in {item.heading: item for item in items if item.heading is not None}.values():
        top = min(item.top for item in items if item.heading is heading.heading)
        if not heading.stands_in("own") and not any(item.bottom > top + 1 for item in body):
            yield f"page {number} ends with a heading: {heading.text}"
    texts = sorted((item for item in items if item.text), key=lambda item: item.top)
    for at, one in enumerate(texts):
        for other in itertools.takewhile(lambda below, one=one: below.top < one.bottom, texts[at + 1 :]):  # type: ignore[misc]
            if one.covers(other):
                yield f"page {number}: {one.text!r} lies on {other.text!r}"


def _torn(document: Any) -> Iterator[str]:
    where: dict[int, tuple[Any, set[int]]] = {}
    for number, page in enumerate(document.pages, 1):
        for _, chain in _walk(page._page_box, ()):
            if chain and _names(chain[-1]) & WHOLE and not any(element.tag == "thead" for element in chain):
                where.setdefault(id(chain[-1]), (chain[-1], set()))[1].add(number)
    for element, pages in where.values():
        if len(pages) > 1 and TALLER not in _names(element):
            yield f"torn over {sorted(pages)}: {element.tag} {element.get('class')}"


@dataclass(frozen=True)
class Held:
    """What a sheet holds: its headings in order, by their level or by the name of their words; how many drawings."""

    headings: tuple[str, ...]
    drawings: int
    pages: int


def held(document: Any, named: dict[str, str]) -> Held:
    """What a layout holds. ``named``: names of headings that are in the words of the page, by `letters` of them."""
    headings: dict[int, str] = {}
    drawings: set[int] = set()
    for page in document.pages:
        for _, chain in _walk(page._page_box, ()):
            element = chain[-1] if chain else None
            if element is not None and element.tag in HEADINGS - {"thead"}:
                headings.setdefault(id(element), named.get(letters("".join(element.itertext())), element.tag))
            if element is not None and element.tag == "img" and "slot" not in _names(element):
                drawings.add(id(element))
    return Held(tuple(headings.values()), len(drawings), len(document.pages))


def letters(text: str) -> str:
    """A text without all but its letters and figures."""
    return re.sub(r"\W", "", text)
