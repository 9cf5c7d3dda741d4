"""Gates on typeset sheets: which are measured, their pages (`handouts.check.pages`), fonts, the file's tags.

Each sheet is measured by itself: its pages are the same in every stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Protocol

from handouts.check.findings import Finding
from handouts.check.pages import Kind, comes_with_the_program, labels_of, page_findings
from handouts.check.sheets import embedded_fonts, measure_pages
from handouts.errors import ContentFault
from handouts.load.library import clinic_ids, load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.language import ORIGINAL
from handouts.model.request import Format, Paper, Patient, Prescribed, Request, Side
from handouts.typeset.cache import SheetCache
from handouts.typeset.stack import bind_sheets, plan_stack, sheets_of

OUR_FONTS = ("HandoutsLegible", "NotoSans")
_FORMATS: tuple[Format, ...] = ("standard", "large-print")
_OTHER: dict[Paper, Paper] = {"letter": "a4", "a4": "letter"}


@dataclass(frozen=True)
class Case:
    """A handout whose sheets are measured."""

    options: tuple[str, ...]
    clinic: str
    format: Format = "standard"
    paper: Paper | None = None
    side: Side | None = None
    medicines: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    language: str = ORIGINAL

    def request(self, topic: str) -> Request:
        """What is asked for."""
        return Request(
            topic=topic,
            options=self.options,
            sections=self.sections,
            patient=Patient(name="A Patient"),
            clinic=self.clinic,
            format=self.format,
            paper=self.paper,
            side=self.side,
            language=self.language,
            medicines=tuple(Prescribed(name=name) for name in self.medicines),
        )


@dataclass(frozen=True)
class SheetCase:
    """One sheet of a case, by its name."""

    case: Case
    sheet: str

    @property
    def where(self) -> str:
        """The place as findings name it."""
        case = self.case
        looks = " ".join(filter(None, (case.clinic, case.format, case.paper, case.side)))
        looks += f" {case.language}" if case.language != ORIGINAL else ""
        chosen = " + ".join((*case.options, *case.sections, *case.medicines))
        return f"sheets, {looks}: {self.sheet}{f' ({chosen})' if chosen else ''}"


def usual_cases(library: Library, clinics: Sequence[str]) -> list[Case]:
    """Singles, pairs, one triple and all; singles and all in large print; all on other paper, by other clinics; each
    medicine alone, and all of them. Of instructions: none, each and all of the optional sections.
    """
    made = _usual(library, clinics) if library.topic.options else _usual_of_instructions(library, clinics)
    return _with_sides(library, made)


def _with_sides(library: Library, cases: Iterable[Case]) -> list[Case]:
    """``cases``, each once, with the topic's first side where they have none."""
    sides = library.topic.file.sides
    return list(dict.fromkeys(replace(case, side=case.side or sides[0]) if sides else case for case in cases))


def _usual_of_instructions(library: Library, clinics: Sequence[str]) -> list[Case]:
    own = library.clinic.id
    optional = tuple(entry.id for entry in library.topic.file.sections if entry.optional)
    chosen = dict.fromkeys([(), *((name,) for name in optional), optional])
    made = [Case((), own, look, sections=names) for look in _FORMATS for names in chosen]
    made += [Case((), own, paper=_OTHER[library.clinic.file.paper], sections=optional)]
    return made + [Case((), clinic, sections=optional) for clinic in clinics if clinic != own]


def _usual(library: Library, clinics: Sequence[str]) -> list[Case]:
    order, own, medicines = library.topic.option_order, library.clinic.id, tuple(library.topic.medicines)
    chosen = [picked for size in (1, 2) for picked in combinations(order, size)]
    chosen += [picked for picked in (order[:3], order) if picked not in chosen]
    made = [Case(picked, own) for picked in chosen]
    made += [Case(picked, own, "large-print") for picked in dict.fromkeys([*combinations(order, 1), order])]
    made += [Case(order, own, paper=_OTHER[library.clinic.file.paper])]
    made += [Case(order, own, side=side) for side in library.topic.file.sides[1:]]
    made += [Case(order, clinic) for clinic in clinics if clinic != own]
    picked = [(name,) for name in medicines] + ([medicines] if medicines else [])
    return made + [Case(order[-1:], own, medicines=some) for some in picked]


def all_cases(library: Library, clinics: Sequence[str]) -> list[Case]:
    """Every selection in both formats; all options and medicines by every clinic, on each paper, for each side."""
    if not library.topic.options:
        return usual_cases(library, clinics)
    order, own, medicines = library.topic.option_order, library.clinic.id, tuple(library.topic.medicines)
    every = [picked for size in range(1, len(order) + 1) for picked in combinations(order, size)]
    some = [picked for size in range(1, len(medicines) + 1) for picked in combinations(medicines, size)]
    made = [Case(picked, own, look) for look in _FORMATS for picked in every]
    made += [Case(order[-1:], own, look, medicines=picked) for look in _FORMATS for picked in some]
    for clinic in clinics:
        for look in _FORMATS:
            for paper in _OTHER:
                made += [
                    Case(order, clinic, look, paper, side, medicines) for side in library.topic.file.sides or (None,)
                ]
    return list(dict.fromkeys([*_with_sides(library, made), *usual_cases(library, clinics)]))


def sheets_to_measure(
    content: Path, topic: str, today: date, *, every: bool = False, language: str = ORIGINAL
) -> list[SheetCase]:
    """The sheets of the usual cases, or of ``every`` one. Faults as `load_library` raises them."""
    cases = (all_cases if every else usual_cases)(load_library(content, topic), clinic_ids(content))
    return sheet_cases(content, topic, [replace(case, language=language) for case in cases], today)


class Submit(Protocol):
    """Starts work in a process of its own, as `concurrent.futures.Executor.submit` does."""

    def __call__(self, work: Callable[..., list[Finding]], /, *values: object) -> Future[list[Finding]]:
        """What comes of ``work(*values)``."""


def measure_sheets(
    submit: Submit,
    content: Path,
    topic: str,
    asked: Sequence[SheetCase],
    today: date,
    cache: SheetCache | None,
    tell: Callable[[int], object],
) -> list[list[Finding]]:
    """What is found on each of the sheets ``asked``, in their order. Each is typeset by the process that ``submit``
    gives it to, since the engine can't be shared by threads.

    ``tell`` is called with the number of those that are done; what it raises, or a worker, ends the rest.
    """
    jobs = {submit(findings_in_worker, content, topic, sheet, today, cache): i for i, sheet in enumerate(asked)}
    found: dict[int, list[Finding]] = {}
    try:
        for job in as_completed(jobs):
            found[jobs[job]] = job.result()
            tell(len(found))
    except BaseException:
        for job in jobs:
            job.cancel()
        raise
    return [found[i] for i in range(len(asked))]


def sheet_cases(content: Path, topic: str, cases: Iterable[Case], today: date) -> list[SheetCase]:
    """Every sheet of ``cases``, each once. A case that can't be merged stands for itself."""
    found: dict[str, SheetCase] = {}
    libraries: dict[str, Library] = {}
    for case in cases:
        library = libraries.get(case.clinic) or load_library(content, topic, case.clinic, language=case.language)
        libraries[case.clinic] = library
        try:
            merged = merge(library, case.request(topic), today)
            plan = plan_stack(library, merged.handout, merged.wording)
        except ContentFault:
            found.setdefault(repr(case), SheetCase(case, "front"))
            continue
        for name, key in plan.sheets:
            found.setdefault(key, SheetCase(case, name))
    return list(found.values())


def findings_in_worker(
    content: Path, topic: str, asked: SheetCase, today: date, cache: SheetCache | None = None
) -> list[Finding]:
    """`sheet_findings` in a process that lives for one check: it reads the files once, not for each sheet."""
    return sheet_findings(content, topic, asked, today, cache, load=_load_once)


_load_once = lru_cache(load_library)


class LoadLibrary(Protocol):
    """Reads a topic and a clinic in a language, as `load_library` does."""

    def __call__(self, content: Path, topic: str, clinic: str | None, /, *, language: str) -> Library:
        """The library. Faults as `load_library` raises them."""


def sheet_findings(
    content: Path,
    topic: str,
    asked: SheetCase,
    today: date,
    cache: SheetCache | None = None,
    *,
    load: LoadLibrary = load_library,
) -> list[Finding]:
    """Typeset one sheet, or take it from ``cache``, and measure it. What can't be typeset is a failure; SystemMissing
    passes.
    """
    case = asked.case
    try:
        library = load(content, topic, case.clinic, language=case.language)
        request = case.request(topic).model_copy(update={"sheets": (asked.sheet,)})
        merged = merge(library, request, today)
        plan = plan_stack(library, merged.handout, merged.wording)
        sheets, _ = sheets_of(library, merged.handout, plan, cache)
        pdf = bind_sheets(sheets, plan.binding).pdf
    except ContentFault as error:
        return [Finding("failure", asked.where, "can be typeset", error.message, "no fault")]
    drawn = labels_of(dict(merged.handout.sheets())[asked.sheet], library.topic.drawings)
    notes = frozenset(library.words.page[name] for name in ("sources", "about"))
    kind = Kind(
        asked.sheet, asked.sheet in case.options, case.format, comes_with_the_program(content), notes, case.language
    )
    return [*page_findings(asked.where, kind, measure_pages(pdf), drawn), *_file(asked.where, pdf)]


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
