"""The last look at laid-out pages, before anything of them is handed out: all text is where it belongs.

Nothing may stand beyond a page's margins or its own box, and whom to call stands on the first sheet: on page 1, in
large print on its two sides. Templates, clinics and staff may write what they like; this is measured on what came out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handouts.errors import ContentFault, Fault, RequestFault
from handouts.model.content import Library
from handouts.model.handout import Handout
from handouts.model.prose import plain

HELP = {"standard": frozenset({"whom", "calls"}), "large-print": frozenset({"whom"})}
"""Classes in the templates: whom to call, and when. In large print the second may go on after the first sheet."""
FRONT_PAGES = {"standard": 1, "large-print": 2}
"""How many pages the front may have: one, and both sides of the first sheet in large print."""
_SHORT_STEPS = 150
"""Characters: what three steps of a topic have. With no more than that, the page is too full without them."""
_ROUNDING, _OVERHANG = 1.0, 4.0
"""CSS px: beyond the margins of a page; beyond the border of a block, where a mark may hang half a letter out."""


class Misplaced(ContentFault):
    """Text of the content or the clinic is where it may not be. ``text``: as it stands there; "" for the help box."""

    def __init__(self, text: str, message: str) -> None:
        self.text = text
        super().__init__(message)


def require_in_place(document: Any, handout: Handout) -> None:
    """RequestFault that names the key, or Misplaced, where something of WeasyPrint's ``document`` is out of place."""
    pages = [page._page_box for page in document.pages]
    placed = [(page, found) for page in pages for found in _walk(page, page)]
    front = pages[: FRONT_PAGES[handout.format]]
    for name in HELP[handout.format]:
        on = [page for page, found in placed if name in found.classes]
        if not on or any(page not in front for page in on):
            _blame_front(handout)
    off = [found for page, found in placed if found.text and found.is_off(page)]
    if off:
        _blame_text(handout, off)


@dataclass(frozen=True)
class _Placed:
    """A box of the layout, and the block that has to hold it."""

    box: Any
    block: Any
    table: Any
    """The table that it stands in, or None."""
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


def _walk(box: Any, block: Any, table: Any = None) -> Iterator[_Placed]:
    from weasyprint.formatting_structure import boxes

    if isinstance(box, boxes.TextBox):
        text = " ".join(box.text.split())
    else:
        text = "a picture" if isinstance(box, boxes.ReplacedBox) else ""
    given = box.element.get("class") if hasattr(box.element, "get") else None
    yield _Placed(box, block, table, text, frozenset((given or "").split()))
    if isinstance(box, boxes.BlockContainerBox):
        block = box
    if isinstance(box, boxes.TableBox):
        table = box
    for child in getattr(box, "children", ()):
        if not child.is_outside_marker:
            yield from _walk(child, block, table)


def _is_margin(block: Any) -> bool:
    from weasyprint.formatting_structure import boxes

    return isinstance(block, boxes.MarginBox)


def _blame_text(handout: Handout, off: list[_Placed]) -> None:
    """The key of the request that is the cause. In a table that may be another text than the one that is pushed off."""
    written = dict(_of_the_request(handout))
    for found in off:
        beside = [other.text for other in _walk(found.table, found.block)] if found.table else []
        keys = [
            key for key, text in written.items() if found.text in text or any(part and part in text for part in beside)
        ]
        if keys:
            key = max(keys, key=lambda key: max(map(len, written[key].split()), default=0))
            raise RequestFault(
                f"'{key}' doesn't fit its place on the page. Shorten it, or write it by hand on the printed sheet."
            )
    text = off[0].text
    raise Misplaced(text, f"The text '{text[:60]}' doesn't fit its place on the page. Shorten it, or split the word.")


def _blame_front(handout: Handout) -> None:
    where = "page 1" if FRONT_PAGES[handout.format] == 1 else "the first two pages"
    if handout.own_steps and sum(len(plain(step)) for step in handout.next_steps) > _SHORT_STEPS:
        raise RequestFault(
            f"'next_steps' is too long: whom to call would no longer be on {where}. Shorten the steps, or move some "
            "of them into 'note'."
        )
    raise Misplaced(
        "",
        f"The text for {where} is too long: whom to call would no longer be there. Shorten 'one_line', 'next_steps' "
        "or 'call_us' of the options.",
    )


def _of_the_request(handout: Handout) -> Iterator[tuple[str, str]]:
    """What was written for this patient, by its key, with single spaces."""
    texts = [("note", " ".join(handout.note))]
    if handout.own_steps:
        texts.append(("next_steps", " ".join(map(plain, handout.next_steps))))
    for number, item in enumerate(handout.prescribed, 1):
        texts.append((f"medicines.{number}.name", item.name))
        texts += [(f"medicines.{number}.dose", item.dose or ""), (f"medicines.{number}.remark", item.remark or "")]
    return ((key, " ".join(text.split())) for key, text in texts)


def places_of(library: Library, handout: Handout, text: str) -> Iterator[Fault]:
    """The files that a misplaced text may come from; for "" those of page 1."""
    topic = library.topic
    options = [topic.options[option.id] for option in handout.options]
    if not text:
        yield from (Fault(document.file, 0, "is on page 1") for document in options)
        return
    named: list[tuple[str, object]] = [(document.file, document) for document in options]
    named += [(document.file, document) for document in (topic.overview, topic.takeaways)]
    named += [(document.file, document) for document in topic.medicines.values()]
    more = (topic.medicine_safety, library.clinic.practice)
    named += [(document.file, document) for document in more if document]
    named += [(f"{topic.id}/topic.yaml", topic.file), ("words/en.yaml", library.words)]
    named += [(f"clinics/{library.clinic.id}/clinic.yaml", library.clinic.file)]
    word = max(text.split(), key=len)
    yield from (Fault(file, 0, "holds it") for file, held in named if word in repr(held))
