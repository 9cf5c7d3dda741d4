"""Gates on the pages of a sheet: type sizes, how many there are, how full they are. Each says what to do, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from handouts import paths
from handouts.check.findings import Finding, Level, at_least, at_most
from handouts.check.sheets import MeasuredPage
from handouts.model.content import Drawings
from handouts.model.language import ORIGINAL
from handouts.model.request import Format
from handouts.model.sheets import SheetContent, figures_of
from handouts.typeset import svg as figures
from handouts.typeset.lettering import labels

SMALLEST = {"standard": 9.5, "large-print": 18.0}
"""Smallest type on a page, the words in drawings included, pt (STANDARDS: Page)."""
BODY = {"standard": 12.0, "large-print": 18.0}
"""Of the text that most of a page is set in, pt."""
EMPTY = 40
"""Percent of a page, measured from the last ink: no page is emptier, but the last of a handout."""
OPTION_PAGES = 2
_LAST = frozenset({"questions", "diary", "practice"})
"""Sheets that may end a handout."""
_ROUNDING = 0.05
_FILES = {
    "comparison": "grid in the options' files",
    "plan": "en/medicine-safety.md and en/medicines/",
    "condition": "en/overview.md",
    "instructions": "en/overview.md and the files of its sections",
    "questions": "en/takeaways.md, and ask and teach_back in the other files",
    "practice": "the clinic's practice.en.md",
}
"""Where the text of a sheet is; of an option's, in its own file."""


@dataclass(frozen=True)
class Kind:
    """A sheet's name, whether it is an option's, its format; ``ours``: of a topic that comes with the program."""

    sheet: str
    of_option: bool
    format: Format
    ours: bool
    notes: frozenset[str] = frozenset()
    """The headings at which the colophon begins, which is no body text: it may be as small as all else."""
    language: str = ORIGINAL

    @property
    def translated(self) -> bool:
        """Whether it is a translation: where that is longer than the English, its sheet grows by a page."""
        return self.language != ORIGINAL

    def file(self, name: str) -> str:
        """A file of the topic's texts, as messages call it."""
        return name.replace(f"{ORIGINAL}/", f"{self.language}/").replace(f".{ORIGINAL}.", f".{self.language}.")


def comes_with_the_program(content: Path) -> bool:
    """Whether this is the program's own content folder: its pages have to be full, others' only should be."""
    return content.resolve() == (paths.ROOT / "content").resolve()


def labels_of(sheet: SheetContent, drawings: Drawings) -> Mapping[str, str]:
    """Which drawing of a sheet says these words."""
    told: dict[str, str] = {}
    for name in figures_of(sheet):
        said = figures.say(figures.read(drawings.file(name)), drawings.labels.get(name, {}))
        told |= {label.text: f"figures/{name}.svg" for label in labels(said)}
    return told


def page_findings(where: str, kind: Kind, found: Sequence[MeasuredPage], drawn: Mapping[str, str]) -> Iterator[Finding]:
    """What is measured on the pages of a sheet. ``drawn``: as `labels_of` has it."""
    yield from _type(where, kind, found, drawn)
    if kind.of_option and kind.format == "standard":
        pages = at_most(where, "pages of an option", len(found), OPTION_PAGES + kind.translated)
        file = kind.file(f"{ORIGINAL}/{kind.sheet}.md")
        way_out = f"'{kind.sheet}' takes {len(found)} pages: shorten {file}, or show a drawing less"
        yield replace(pages, way_out=way_out)
    else:
        yield Finding("ok", where, "pages", len(found))
    for number, page in enumerate(found[:-1] if kind.sheet in _LAST else found, 1):
        empty = round(page.empty)
        yield Finding(
            _level(kind, empty),
            f"{where} page {number}",
            "empty, %",
            empty,
            f"{EMPTY} at most",
            way_out=f"page {number} of '{kind.sheet}' is {empty} % empty: {_fill(kind, number, len(found))}",
        )


def _level(kind: Kind, empty: int) -> Level:
    if empty <= EMPTY:
        return "ok"
    if kind.format != "standard" or kind.translated:
        return "advice"
    return "failure" if kind.ours else "notice"


def _fill(kind: Kind, number: int, pages: int) -> str:
    """What an author can do about an empty page."""
    usual = f"{ORIGINAL}/{kind.sheet}.md" if kind.of_option else _FILES.get(kind.sheet, "what is printed on it")
    file = kind.file(usual)
    if number < pages:
        return f"what follows did not fit below it; shorten that, or put it earlier ({file})"
    if number == 1:
        return f"there is room for more, if readers need more; else leave it ({file})"
    return f"shorten the text so that it ends on page {number - 1}, or add what readers need ({file})"


def _type(where: str, kind: Kind, found: Sequence[MeasuredPage], drawn: Mapping[str, str]) -> Iterator[Finding]:
    """The smallest type, and where it is; the size of the most."""
    pieces = [piece for page in found for piece in zip(page.pieces, page.sizes, strict=True)]
    text = [size for _, size in takewhile(lambda piece: piece[0] not in kind.notes, pieces)]
    sizes = [(size, number, words, False) for number, page in enumerate(found, 1) for size, words in _said(page)]
    sizes += [(size, number, words, True) for number, page in enumerate(found, 1) for size, words in _drawn(page)]
    if not sizes:
        return
    size, number, words, in_drawing = min(sizes, key=lambda one: one[0])
    least = at_least(f"{where} page {number}", "smallest type, pt", size, SMALLEST[kind.format] - _ROUNDING)
    place = drawn.get(words.strip(), "a drawing") if in_drawing else ""
    told = f"set '{words.strip()}' in {place} larger" if place else "no text sets its size: a bug in the program"
    yield replace(least, sentence="" if least.level == "ok" else words, way_out=told)
    if text:
        yield at_least(where, "body type, pt", max(set(text), key=text.count), BODY[kind.format] - _ROUNDING)


def _said(page: MeasuredPage) -> Iterator[tuple[float, str]]:
    for at, size in enumerate(page.sizes):
        yield size, page.pieces[at] if at < len(page.pieces) else ""


def _drawn(page: MeasuredPage) -> Iterator[tuple[float, str]]:
    for at, size in enumerate(page.lettering):
        yield size, page.labels[at] if at < len(page.labels) else ""
