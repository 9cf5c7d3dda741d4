"""How a sheet fills its pages: on as few as its text allows, with larger drawings and lines to write on where there is
room. Each choice is laid out and measured; nothing here guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from handouts.model.content import Drawings, Words
from handouts.model.handout import SIDE_BY_SIDE, Look
from handouts.model.request import PAPER_SIZES
from handouts.model.sheets import Closing, Comparison, Diary, Medicines, OptionSheet, Practice, SheetContent, figures_of
from handouts.paths import PROGRAM, Program
from handouts.typeset.fit import ROOMY, TIGHT, Fit
from handouts.typeset.html import LARGE_MARGINS, MARGINS, html, style_sheets
from handouts.typeset.weasyprint import layout

END = "end"
"""The id of the empty element that ends a sheet: where it comes to lie says how much room is left."""
NOTES = "notes"
"""The id of what the plan of medicines has for notes."""
PX = 0.75
"""WeasyPrint measures in CSS pixels: this many pt."""
EMPTY = 0.4
"""The share of a page that may stay empty, but of the last one of a handout (STANDARDS: Page)."""
MOST_LINES = 6
"""The most lines to write on for what speaks for an option, and against it."""
MOST_SAVED = 0.25
"""No tighter fit takes less than this share off a sheet's length: one that would have to is not laid out."""
FULL = 0.2
"""The share of a comparison's last page that may stay empty without rows of the patient's own."""
NEARLY = 0.9
"""How near to `EMPTY` a page comes by lines to write on."""
OWN_ROW, MOST_ROWS = 29.0, 3
"""What a row for the patient's own words takes in the table of what matters, in pt, and the most of them but
where it takes more to fill the page."""
LINE, HEAD = 24.0, 36.0
"""What such a line takes, and what stands above the first, in pt; large print half as much again."""


@dataclass(frozen=True)
class Laid:
    """A sheet's HTML and its layout, WeasyPrint's Document; ``left``: what its last page leaves empty, in pt."""

    html: str
    document: Any
    left: float

    @property
    def pages(self) -> int:
        """How many pages it takes."""
        return len(self.document.pages)


def lay_out(
    sheet: SheetContent, look: Look, words: Words, program: Program = PROGRAM, *, drawings: Drawings | None = None
) -> Laid:
    """A sheet as it is printed. ContentFault as `html` and `layout` raise it."""

    def laid(fit: Fit) -> Laid:
        page = html(sheet, look, words, program, fit=fit, drawings=drawings)
        document = layout(page, style_sheets(sheet, program))
        return Laid(page, document, room_left(document, look))

    if isinstance(sheet, Closing | Diary | Practice):  # their templates fill the pages by themselves
        return laid(Fit())
    if isinstance(sheet, Medicines):
        return _without_a_page_of_notes(laid, look)
    if isinstance(sheet, Comparison):
        return _compared(laid, len(sheet.options), look)
    scales = (ROOMY, TIGHT) if any(figures_of(sheet)) and not look.large else (TIGHT,)
    fit, best = _fewest_pages(laid, [*map(Fit, scales), Fit(tight=True)], look)
    return _with_lines(laid, fit, best, look) if isinstance(sheet, OptionSheet) else best


def _without_a_page_of_notes(laid: Callable[[Fit], Laid], look: Look) -> Laid:
    """The medicines, with room for notes but where that would stand on a page of its own."""
    with_notes = laid(Fit())
    notes = with_notes.document.pages[-1].anchors.get(NOTES)
    alone = with_notes.pages > 1 and notes is not None and notes[1] * PX < _margin(look) + LINE
    return laid(Fit(notes=False)) if alone else with_notes


def _compared(laid: Callable[[Fit], Laid], options: int, look: Look) -> Laid:
    """A comparison; with rows for what else matters and more space, where it leaves its last page too empty."""
    fit, best = _fewest_pages(laid, _forms(options, look), look, enough=EMPTY, saved=1)
    if fit.matters != "table" or best.left < FULL * room(look):
        return best
    row = OWN_ROW * _larger(look)
    if best.left - MOST_ROWS * row > EMPTY * room(look):
        loose = laid(replace(fit, loose=True))
        if loose.pages == best.pages:
            fit, best = replace(fit, loose=True), loose
    needed = ceil((best.left - NEARLY * EMPTY * room(look)) / row)
    return _filled(laid, fit, best, min(max(MOST_ROWS, needed), int(best.left // row)))


def _forms(options: int, look: Look) -> list[Fit]:
    """What to try for a comparison, best first. Three columns leave no room for a table of what matters but on a
    second page.
    """
    if look.large:
        return [Fit()]
    if options > SIDE_BY_SIDE:
        return [Fit(), Fit(matters="boxes"), Fit(matters="")]
    tight = [Fit(tight=True, matters="boxes"), Fit(tight=True, matters="")]
    return [*tight, Fit()] if options == SIDE_BY_SIDE else [Fit(), Fit(tight=True), *tight]


def _fewest_pages(
    laid: Callable[[Fit], Laid], fits: Iterable[Fit], look: Look, enough: float = 0.0, saved: float = MOST_SAVED
) -> tuple[Fit, Laid]:
    """The first of ``fits`` that takes one page, or else, of those that take the fewest, the one whose last page is the
    least too empty; one that leaves no more than the share ``enough`` of it empty will do too. Once a tighter fit would
    have to take more than the share ``saved`` off the length to need fewer pages, none is tried.
    """
    tried: list[tuple[Fit, Laid]] = []
    for fit in fits:
        last = laid(fit)
        tried.append((fit, last))
        if last.pages == 1 or last.left < enough * room(look):
            return fit, last
        if last.left and (last.pages - last.left / room(look)) * (1 - saved) > last.pages - 1:
            break
    return min(tried, key=lambda one: (one[1].pages, max(0.0, one[1].left - EMPTY * room(look))))


def _with_lines(laid: Callable[[Fit], Laid], fit: Fit, best: Laid, look: Look) -> Laid:
    """``best`` with lines to write on, as many as its last page has room for and as keep it from being too empty."""
    line, head = LINE * _larger(look), HEAD * _larger(look)
    needed = (best.left - NEARLY * EMPTY * room(look)) / line
    lines = int(min((best.left - head) // line, max(MOST_LINES, ceil(needed))))
    return _filled(laid, fit, best, lines) if lines > 1 else best


def _filled(laid: Callable[[Fit], Laid], fit: Fit, best: Laid, lines: int) -> Laid:
    """``best`` with so many lines to write on, or as many fewer as it takes to need no further page."""
    for number in range(lines, 0, -1):
        filled = laid(replace(fit, lines=number))
        if filled.pages == best.pages:
            return filled
    return best


def _larger(look: Look) -> float:
    return 1.5 if look.large else 1.0


def room(look: Look) -> float:
    """How high a page is between its margins, in pt."""
    return PAPER_SIZES[look.paper][1] - 2 * _margin(look)


def _margin(look: Look) -> float:
    return LARGE_MARGINS[0] if look.large else MARGINS["standard", look.paper][0]


def room_left(document: Any, look: Look) -> float:
    """What the last page of a layout leaves empty above its bottom margin, in pt; 0 for a sheet that has no end."""
    end = document.pages[-1].anchors.get(END)
    return max(0.0, PAPER_SIZES[look.paper][1] - _margin(look) - end[1] * PX) if end else 0.0
