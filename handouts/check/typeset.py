"""Gates on typeset handouts: pages, words a page, type sizes, fonts, page 1, the file's tags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

from handouts.check.findings import Finding, Level, at_least, at_most
from handouts.check.sheets import MeasuredPage, embedded_fonts, measure_pages
from handouts.errors import ContentFault
from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.recorder import NullRecorder
from handouts.model.request import Format, Paper, Patient, Request
from handouts.pipeline import make
from handouts.typeset.cache import MasterCache

PAGES_FOR_TWO = 6
"""Two options in 12 pt, tool sheets not counted."""
WORDS_A_PAGE = 400
HALF = 50
"""Percent of a page: no page is emptier, but the last before the tool sheets."""
BODY = {"standard": 12.0, "large-print": 18.0}
"""Smallest size of body text, pt."""
LETTERING = {"standard": 9.5, "large-print": 14.25}
"""Smallest size of the words in drawings, as printed, pt."""
FRONT = {"standard": 1, "large-print": 2}
"""Pages that say why, what next and whom to call: one, and both sides of the first sheet in large print."""
OUR_FONTS = ("AtkinsonHyperlegible", "NotoSans")
_ROUNDING = 0.05
_KEY = b"any key will do for a check"
_OTHER: dict[Paper, Paper] = {"letter": "a4", "a4": "letter"}


@dataclass(frozen=True)
class Case:
    """One handout to typeset and measure."""

    options: tuple[str, ...]
    clinic: str
    format: Format = "standard"
    paper: Paper | None = None

    @property
    def where(self) -> str:
        """The place as findings name it."""
        looks = " ".join(filter(None, (self.clinic, self.format, self.paper)))
        return f"handouts, {looks}: {' + '.join(self.options)}"


def usual_cases(library: Library, clinics: Sequence[str]) -> list[Case]:
    """Singles, pairs, one triple and all; singles and all in large print; all on other paper, by other clinics."""
    order, own = library.topic.option_order, library.clinic.id
    chosen = [picked for size in (1, 2) for picked in combinations(order, size)]
    chosen += [picked for picked in (order[:3], order) if picked not in chosen]
    made = [Case(picked, own) for picked in dict.fromkeys(chosen)]
    made += [Case(picked, own, "large-print") for picked in dict.fromkeys([*combinations(order, 1), order])]
    made.append(Case(order, own, "standard", _OTHER[library.clinic.file.paper]))
    made += [Case(order, clinic) for clinic in clinics if clinic != own]
    return made


def all_cases(library: Library, clinics: Sequence[str]) -> list[Case]:
    """Every selection in both formats; by each other clinic, singles, pairs and all of them in both formats."""
    order, own = library.topic.option_order, library.clinic.id
    every = [picked for size in range(1, len(order) + 1) for picked in combinations(order, size)]
    formats: tuple[Format, ...] = ("standard", "large-print")
    made = [Case(picked, own, look) for look in formats for picked in every]
    others = [clinic for clinic in clinics if clinic != own]
    few = [picked for picked in every if len(picked) in {1, 2, len(order)}]
    made += [Case(picked, clinic, look) for clinic in others for look in formats for picked in few]
    return list(dict.fromkeys([*made, *usual_cases(library, clinics)]))


def typeset_findings(
    content: Path, topic: str, case: Case, today: date, masters: MasterCache | None = None
) -> list[Finding]:
    """Typeset one handout, or take it from ``masters``, and measure it. What can't be typeset is a failure;
    SystemMissing passes.
    """
    try:
        library = load_library(content, topic, case.clinic)
        request = Request(
            topic=topic,
            options=case.options,
            patient=Patient(name="A Patient"),
            format=case.format,
            paper=case.paper,
            visit_date=today,
        )
        edition = Edition(allow_unapproved=True)
        made = make(library, request, key=_KEY, today=today, recorder=NullRecorder(), cache=masters, edition=edition)
        urgent = merge(library, request, today).handout.urgent.label
    except ContentFault as error:
        return [Finding("failure", case.where, "can be typeset", error.message, "no fault")]
    return [*_pages(library, case, measure_pages(made.pdf), urgent), *_file(case.where, made.pdf)]


def _pages(library: Library, case: Case, found: list[MeasuredPage], urgent: str) -> Iterator[Finding]:
    where = case.where
    tools = [_is_tool(library, sheet) for sheet in found]
    read = [sheet for sheet, tool in zip(found, tools, strict=True) if not tool]
    if len(case.options) == 2 and case.format == "standard":
        yield at_most(where, "pages for two options", len(read), PAGES_FOR_TWO)
    else:
        yield Finding("ok", where, "pages", len(read))
    if case.format == "standard":
        mean = round(sum(sheet.words for sheet in read) / len(read))
        level: Level = "ok" if mean <= WORDS_A_PAGE else "advice"
        yield Finding(level, where, "words a page", mean, f"{WORDS_A_PAGE} to aim for")
    smallest = min(size for sheet in found for size in sheet.sizes)
    yield at_least(where, "smallest type, pt", smallest, BODY[case.format] - _ROUNDING)
    lettering = [size for sheet in found for size in sheet.lettering]
    if lettering:
        yield at_least(where, "smallest lettering in figures, pt", min(lettering), LETTERING[case.format])
    front = "".join(sheet.text for sheet in found[: FRONT[case.format]])
    if _squeezed(urgent) not in _squeezed(front):
        yield Finding(
            "failure", where, "front stands alone", "whom to call is not on it", f"{FRONT[case.format]} page(s)"
        )
    for sheet in read[:-1]:
        if sheet.filled < HALF:
            yield Finding("advice", where, f"page {found.index(sheet) + 1} filled, %", round(sheet.filled), HALF)


def _is_tool(library: Library, sheet: MeasuredPage) -> bool:
    """Whether a page is the diary: every day of the week stands on it."""
    return all(day in sheet.text for day in library.words.weekdays)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _file(where: str, pdf: bytes) -> Iterator[Finding]:
    fonts = embedded_fonts(pdf)
    wrong = [
        name for name, embedded in fonts.items() if not embedded or not name.replace("-", "").startswith(OUR_FONTS)
    ]
    if wrong:
        yield Finding("failure", where, "fonts", ", ".join(sorted(wrong)), "only the program's own, embedded")
    if can_validate():
        import page

        for profile, gate in (("ua1", "PDF/UA-1"), ("3a", "PDF/A-3a")):
            report = page.validate_pdf_bytes(pdf, profile=profile)
            if not report.is_compliant:
                yield Finding("failure", where, gate, str(report)[:200], "no failure")


def can_validate() -> bool:
    """Whether page-validation is there: the tests install it, the program does not need it."""
    return find_spec("page") is not None
