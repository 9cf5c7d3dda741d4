"""The last look at a laid-out sheet, before anything of it is handed out: all text is where it belongs.

Nothing may stand beyond a page's margins or its own box, and the front has its help box on page 1; in large print, when
to call us is on its second side. Templates, clinics and clinicians may write what they like; this is measured on what
came out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handouts.errors import ContentFault, Fault
from handouts.model.content import Library
from handouts.model.handout import Look
from handouts.model.sheets import Front, SheetContent

HELP = {"standard": {"help": 1, "whom": 1}, "large-print": {"help": 1, "whom": 2}}
"""Classes in the templates, and on which page of the front they stand: what must not wait; when to call us."""
_PX = 0.75
"""A CSS px in pt."""
_HEIGHT = re.compile(r"height:\s*([\d.]+)pt")
_ROUNDING, _OVERHANG = 1.0, 4.0
"""CSS px: beyond the margins of a page; beyond the border of a block, where a mark may hang half a letter out."""


class Misplaced(ContentFault):
    """Text of the content or the clinic is where it may not be. ``text``: as it stands there; "" for the help box."""

    def __init__(self, text: str, message: str) -> None:
        self.text = text
        super().__init__(message)


def require_in_place(document: Any, sheet: SheetContent, look: Look) -> None:
    """Misplaced, where something of WeasyPrint's ``document``, which shows ``sheet``, is out of place."""
    pages = [page._page_box for page in document.pages]
    placed = [(number, page, found) for number, page in enumerate(pages, 1) for found in _walk(page, page)]
    if isinstance(sheet, Front):
        for name, wanted in HELP[look.format].items():
            if {number for number, _, found in placed if name in found.classes} != {wanted}:
                raise _front_is_full(wanted)
        _require_apart([found for number, _, found in placed if number == 1])
    for _, _, found in placed:
        _require_height(found.box)
    off = [found for _, page, found in placed if found.text and found.is_off(page)]
    if off:
        text = off[0].text
        raise Misplaced(
            text, f"The text '{text[:60]}' doesn't fit its place on the page. Shorten it, or split the word."
        )


@dataclass(frozen=True)
class _Placed:
    """A box of the layout, and the block that has to hold it."""

    box: Any
    block: Any
    text: str
    """What stands there; "a picture" for a picture; "" for a box that only holds others."""
    classes: frozenset[str]

    def is_off(self, page: Any) -> bool:
        """Whether some of it is beyond its block, on the right or left, or beyond the margins of its page."""
        box, block = self.box, self.block
        left, top = box.position_x, box.position_y
        right, bottom = left + box.margin_width(), top + box.margin_height()
        start, end = block.border_box_x(), block.border_box_x() + block.border_width()
        if left < start - _OVERHANG or right > end + _OVERHANG:
            return True
        if left < page.margin_left - _ROUNDING or right > page.margin_left + page.width + _ROUNDING:
            return True
        first, last = (
            (0, page.margin_height()) if _is_margin(block) else (page.margin_top, page.margin_top + page.height)
        )
        return bool(top < first - _ROUNDING or bottom > last + _ROUNDING)


def _walk(box: Any, block: Any) -> Iterator[_Placed]:
    from weasyprint.formatting_structure import boxes

    if isinstance(box, boxes.TextBox):
        text = " ".join(box.text.split())
    else:
        text = "a picture" if isinstance(box, boxes.ReplacedBox) else ""
    given = box.element.get("class") if hasattr(box.element, "get") else None
    yield _Placed(box, block, text, frozenset((given or "").split()))
    if isinstance(box, boxes.BlockContainerBox):
        block = box
    for child in getattr(box, "children", ()):
        if not child.is_outside_marker:
            yield from _walk(child, block)


def _require_height(box: Any) -> None:
    """A head that says how high it is, as the diary's does: its boxes to tick are one picture for all rows below."""
    element: Any = getattr(box, "element", None)
    style = element.get("style") if getattr(element, "tag", "") == "tr" else None
    given = _HEIGHT.search(style or "")
    if given and box.height > float(given[1]) / _PX + _ROUNDING:
        heads = [cell for cell in element if cell.get("scope") == "col"]
        text = max((" ".join("".join(cell.itertext()).split()) for cell in heads), key=len, default="")
        if not text:
            return
        raise Misplaced(text, f"The text '{text[:60]}' is too long for the head of its column. Shorten it.")


def _is_margin(block: Any) -> bool:
    from weasyprint.formatting_structure import boxes

    return isinstance(block, boxes.MarginBox)


def _require_apart(placed: list[_Placed]) -> None:
    """The help box stands at the foot of page 1, whatever comes before it: so it may hide something."""
    box = next(found.box for found in placed if "help" in found.classes)
    inside = {id(found.box) for found in _walk(box, box)}
    for found in placed:
        bottom = found.box.position_y + found.box.margin_height() if found.text else 0
        if bottom > box.border_box_y() + _ROUNDING and id(found.box) not in inside and not _is_margin(found.block):
            raise _front_is_full(1)


def _front_is_full(number: int) -> Misplaced:
    return Misplaced(
        "",
        f"The text for page {number} is too long: whom to call has no room there. Shorten 'line', 'decision' or "
        "'call_us', or the clinic's own words on what is urgent.",
    )


def places_of(library: Library, name: str, text: str) -> Iterator[Fault]:
    """The files that a misplaced text may come from, of the sheet called ``name``; for "" those of the front."""
    topic = library.topic
    if not text:
        files = [topic.overview.file, *(document.file for document in topic.options.values())]
        files += [topic.medicine_safety.file] if topic.medicine_safety else []
        yield from (Fault(file, 0, "is on the front") for file in files)
        return
    named: list[tuple[str, object]] = [(document.file, document) for document in topic.options.values()]
    if name in topic.options:
        named = [(topic.options[name].file, topic.options[name])]
    named += [(document.file, document) for document in (topic.overview, topic.takeaways)]
    named += [(document.file, document) for document in topic.medicines.values()]
    more = (topic.medicine_safety, library.clinic.practice)
    named += [(document.file, document) for document in more if document]
    named += [(f"{topic.id}/topic.yaml", topic.file), (f"words/{library.language}.yaml", library.words)]
    named += [(f"clinics/{library.clinic.id}/clinic.yaml", library.clinic.file)]
    word = max(text.split(), key=len)
    yield from (Fault(file, 0, "holds it") for file, held in named if word in repr(held))
