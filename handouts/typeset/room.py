"""How a sheet fills its pages: on as few as its text allows, with larger drawings and lines to write on where there is
room. Each choice is laid out and measured; nothing here guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import ceil
from typing import Any

from handouts.model.content import Drawings, Words
from handouts.model.handout import SIDE_BY_SIDE, Look
from handouts.model.language import ORIGINAL
from handouts.model.request import PAPER_SIZES
from handouts.model.sheets import Closing, Comparison, Diary, Medicines, OptionSheet, Practice, SheetContent, figures_of
from handouts.paths import PROGRAM, Program
from handouts.typeset.fit import ROOMY, TIGHT, Fit
from handouts.typeset.html import LARGE_MARGINS, MARGINS, html, style_sheets
from handouts.typeset.weasyprint import layout

END = "end"
"""The id of the empty element that ends a sheet: where it comes to lie says how much room is left."""
NOTES, CUT_OUT, BEFORE, CARD = "notes", "cut-out", "before", "card-"
"""The ids of what the plan of medicines has for notes, of what is cut out, and of what to tell us before the first
dose; how those of the cards begin.
"""
TEACH_BACK = "teach-back"
"""The id of what stands before one's own questions, which go to another page with the sources, if need be."""
_UNTORN = frozenset({CUT_OUT, TEACH_BACK})
"""Beside the cards, what another page follows where there is room left."""
PX = 0.75
"""WeasyPrint measures in CSS pixels: this many pt."""
EMPTY = 0.4
"""The share of a page that may stay empty, but of the last one of a handout (STANDARDS: Page)."""
LEAST_LINES, MOST_LINES = {False: 2, True: 1}, 6
"""The fewest lines to write on for what speaks for an option, and against it, by whether print is large; the most."""
MOST_SAVED = 0.25
"""No tighter fit takes less than this share off a sheet's length: one that would have to is not laid out."""
FULL = 0.2
"""The share of a comparison's last page that may stay empty without rows of the patient's own."""
NEARLY = 0.9
"""How near to `EMPTY` a page comes by lines to write on."""
OWN_ROW, MOST_ROWS = 29.0, 3
"""What a row for the patient's own words takes in the table of what matters, in pt, and the most of them but
where it takes more to fill the page."""
LINE, HEAD = {False: 24.0, True: 72.0}, {False: 36.0, True: 110.0}
"""What such lines take, and what stands above the first, in pt: in large print those for it stand above those against.
"""


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

    @cache  # the same may be tried twice
    def laid(fit: Fit) -> Laid:
        page = html(sheet, look, words, program, fit=fit, drawings=drawings)
        document = layout(page, style_sheets(sheet, program))
        return Laid(page, document, room_left(document, look))

    if isinstance(sheet, Diary):  # its template fills the page by itself
        return laid(Fit())
    if isinstance(sheet, Closing):
        return _closing(laid, look)
    if isinstance(sheet, Practice):
        return _fewest_pages(laid, [Fit(), Fit(tight=True)], look)[1]
    if isinstance(sheet, Medicines):
        return _medicines(laid, look)
    if isinstance(sheet, Comparison):
        return _compared(laid, len(sheet.options), look)
    scales = (ROOMY, TIGHT) if any(figures_of(sheet)) and not look.large else (TIGHT,)
    fits = [*map(Fit, scales), Fit(tight=True)]
    if isinstance(sheet, OptionSheet):
        return _with_lines(laid, fits, look)
    return _fewest_pages(laid, _ever_tighter(laid, fits), look)[1]


def _closing(laid: Callable[[Fit], Laid], look: Look) -> Laid:
    """The closing sheet, whose template fills its last page; with more space, where the page before is too empty."""
    made = laid(Fit())
    if look.large or _emptiest(made.document, look) <= EMPTY:
        return made
    loose = laid(Fit(loose=True))
    return loose if loose.pages == made.pages else made


def _medicines(laid: Callable[[Fit], Laid], look: Look) -> Laid:
    """The medicines, with room for notes but where that would stand on a page of its own."""
    fit, made = _cards(laid, Fit(), look)
    if fit.taller or sum(CUT_OUT in page.anchors for page in made.document.pages) > 1:
        tight, other = _cards(laid, Fit(tight=True), look)
        fit, made = (tight, other) if other.pages < made.pages else (fit, made)
    fit, made = _fuller(laid, fit, made, look)
    notes = made.document.pages[-1].anchors.get(NOTES)
    alone = made.pages > 1 and notes is not None and notes[1] * PX < _margin(look) + LINE[False]
    return laid(replace(fit, notes=False)) if alone else made


def _fuller(laid: Callable[[Fit], Laid], fit: Fit, made: Laid, look: Look) -> tuple[Fit, Laid]:
    """The cards side by side, or across, where two that have to stay side by side leave a page too empty."""
    if look.large:
        return fit, made
    tried = [(fit, made)]
    ways = [replace(fit, across="prescribed"), replace(fit, across="all")]
    ways += [replace(one, tight=True) for one in ways]
    for wanted in (*ways, replace(fit, loose=True)):
        if _emptiest(tried[-1][1].document, look) <= EMPTY:
            break
        tried.append(_cards(laid, wanted, look))
    return min(tried, key=lambda one: (max(EMPTY, _emptiest(one[1].document, look)), one[1].pages))


def _emptiest(document: Any, look: Look) -> float:
    """The greatest share of a page that is empty since what comes next has no room there, and is not torn."""
    shares = [0.0]
    for page in document.pages[:-1]:
        if BEFORE in page.anchors:
            break
        ends = [box[3] * PX for name, box in page.anchors.items() if name in _UNTORN or name.startswith(CARD)]
        shares += [1 - (max(ends) - _margin(look)) / room(look)] if ends else []
    return max(shares)


def _cards(laid: Callable[[Fit], Laid], fit: Fit, look: Look) -> tuple[Fit, Laid]:
    """The cards of medicines; one that no page can hold begins where there is room, and goes on."""
    made = laid(fit)
    taller = _taller(made.document, look)
    if not taller:
        return fit, made
    fit = replace(fit, taller=taller)
    return fit, laid(fit)


def _taller(document: Any, look: Look) -> frozenset[str]:
    """The ids of what stands on two pages or more, and is taller than one."""
    heights: dict[str, list[float]] = {}
    for page in document.pages:
        for name, (_, top, _, bottom) in page.anchors.items():
            heights.setdefault(name, []).append((bottom - top) * PX)
    heights.pop(CUT_OUT, None)  # it goes on from row to row anyway
    return frozenset(name for name, parts in heights.items() if len(parts) > 1 and sum(parts) > room(look))


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
    return _filled(laid, fit, min(max(MOST_ROWS, needed), int(best.left // row)), best.pages) or best


def _forms(options: int, look: Look) -> list[Fit]:
    """What to try for a comparison, best first. Three columns leave no room for a table of what matters but on a
    second page. In a translation, which is longer, what matters takes that page rather than vanish.
    """
    if look.large:
        return [Fit()]
    boxes, without = Fit(tight=True, matters="boxes"), Fit(tight=True, matters="")
    translated = look.language != ORIGINAL
    if options > SIDE_BY_SIDE:
        return [Fit(), Fit(matters="boxes"), boxes if translated else Fit(matters="")]
    forms = [boxes, without, Fit()] if options == SIDE_BY_SIDE else [Fit(), Fit(tight=True), boxes, without]
    return [form for form in forms if form.matters or not translated]


def _fewest_pages(
    laid: Callable[[Fit], Laid],
    fits: Iterable[Fit],
    look: Look,
    enough: float = 0.0,
    saved: float = MOST_SAVED,
    spare: float = 0.0,
) -> tuple[Fit, Laid]:
    """The first of ``fits`` that takes one page, or else, of those that take the fewest, the one whose last page is the
    least too empty; one that leaves no more than the share ``enough`` of it empty will do too. Once a tighter fit would
    have to take more than the share ``saved`` off the length to need fewer pages, none is tried. Of two with as many
    pages, one that leaves ``spare`` pt for what follows comes first.
    """
    tried: list[tuple[Fit, Laid]] = []
    for fit in fits:
        last = laid(fit)
        tried.append((fit, last))
        if (last.pages == 1 and last.left >= spare) or last.left < enough * room(look):
            return fit, last
        shorter = (last.pages - last.left / room(look)) * (1 - saved)
        if last.left >= spare and last.left and shorter > last.pages - 1:
            break
    empty = EMPTY * room(look)
    return min(tried, key=lambda one: (one[1].pages, one[1].left < spare, max(0.0, one[1].left - empty)))


def _ever_tighter(
    laid: Callable[[Fit], Laid], fits: Sequence[Fit], spare: float = 0.0, *, longer: bool = False
) -> Iterator[Fit]:
    """``fits``, but none between the first and the last where the last is of no use: it saves no page, or one that the
    sheet takes again for what follows (``longer``). What is between takes no less room.
    """
    first, *between, last = fits
    yield first
    roomy, tight = laid(first), laid(last)
    again = longer and 1 < tight.pages == roomy.pages - 1 and tight.left < spare
    if roomy.left < spare or not (again or tight.pages == roomy.pages):
        yield from between
    yield last


def _with_lines(laid: Callable[[Fit], Laid], fits: Sequence[Fit], look: Look) -> Laid:
    """An option with lines to write on, as many as its last page has room for and as keep it from being too empty.

    Where there is no room it has none, but a translation of several pages, longer than the English, takes one more.
    """
    line, head, least = LINE[look.large], HEAD[look.large], LEAST_LINES[look.large]

    def with_lines(fit: Fit, left: float, pages: int) -> Laid | None:
        needed = (left - NEARLY * EMPTY * room(look)) / line
        lines = int(min((left - head) // line, max(MOST_LINES, ceil(needed))))
        return _filled(laid, fit, lines, pages) if lines >= least else None

    spare, translated = head + least * line, look.language != ORIGINAL
    fit, best = _fewest_pages(laid, _ever_tighter(laid, fits, spare, longer=translated), look, spare=spare)
    filled = with_lines(fit, best.left, best.pages)
    if filled is None and best.pages > 1 and translated:
        pages = best.pages + 1
        tried = ((one, laid(one)) for one in dict.fromkeys((fits[0], fit)))
        lefts = ((one, made.left if made.pages == pages else room(look)) for one, made in tried if made.pages <= pages)
        filled = next(filter(None, (with_lines(one, left, pages) for one, left in lefts)), None)
    return filled or best


def _filled(laid: Callable[[Fit], Laid], fit: Fit, lines: int, pages: int) -> Laid | None:
    """The sheet with so many lines to write on, or as many fewer as ``pages`` hold; None where they hold none."""
    for number in range(lines, 0, -1):
        filled = laid(replace(fit, lines=number))
        if filled.pages <= pages:
            return filled
    return None


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
