"""Every sheet in every look, and fronts with all that staff may write: valid, inside the margins, large enough, full.

Measured on the finished file, what was stamped too. In CI each two choices meet in some sheet, before a release all do.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from handouts.load.library import clinic_ids, load_library
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.handout import Look
from handouts.model.recorder import NullRecorder
from handouts.model.request import PAPER_SIZES
from handouts.pipeline import make, prepare
from handouts.typeset.cache import SheetCache
from handouts.typeset.html import LARGE_MARGINS, MARGINS
from handouts.typeset.room import EMPTY
from tests.conftest import CONTENT, KEY, TODAY, TOPIC, RequestOf
from tests.laid_out import SMALLEST, empty_shares
from tests.measured import printed_pages
from tests.reading_pdf import failures
from tests.rounds import pairs_first
from tests.typeset.test_accessibility import ALL, FULL

FORMATS, PAPERS = ("standard", "large-print"), ("letter", "a4")
CLINICS = clinic_ids(CONTENT)
SIDES = (None, "left", "right")
SHEETS = ("front", "comparison", "plan", "condition", *ALL, "questions", "diary", "practice")
NUMBERS = (1, 2, 3, 7)
LONG_STEP = "Ring the clinic and ask for a visit on a day on which somebody can drive you home after the treatment."
TIMES = ["morning", "noon", "evening", "night"]
GIVEN: dict[str, dict[str, Any]] = {
    "nothing": {},
    "all fields": FULL,
    "six long steps": {"next_steps": [f"{number}. {LONG_STEP}" for number in range(1, 7)]},
    "12 medicines": {
        "medicines": [
            {"name": f"Medicine number {i}", "dose": "200 mg", "times": TIMES, "remark": "With food"} for i in range(12)
        ]
    },
    "a long note": {"note": ("We looked at your MRI together. Please bring the old pictures. " * 80)[:4000]},
    "a name from right to left": {"patient": {"name": "محمد بن عبد الله الخوارزمي"}},
}
"""What a front has to hold."""


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Library]:
    """The topic with each clinic; all of these have a page of the practice."""
    content = Path(shutil.copytree(CONTENT, tmp_path_factory.mktemp("every") / "content"))
    for clinic in CLINICS:
        folder = content / "clinics" / clinic
        text = (folder / "clinic.yaml").read_text(encoding="utf-8")
        (folder / "clinic.yaml").write_text(text.replace("practice_page: false", "practice_page: true"))
        if not (folder / "practice.en.md").exists():
            shutil.copy(CONTENT / "clinics" / "cohen" / "practice.en.md", folder)
    return cache(lambda clinic: load_library(content, TOPIC, clinic))


def _is_fit_to_print(pdf: bytes, look: Look, *, last: bool) -> None:
    """``last``: whether it may end its handout, so that its last page may be as empty as it is."""
    assert failures(pdf, "ua1") == ""
    assert failures(pdf, "3a") == ""
    side = LARGE_MARGINS[1] if look.large else MARGINS["standard", look.paper][1]
    for number, page in enumerate(printed_pages(pdf), 1):
        assert (page.width, page.height) == pytest.approx(PAPER_SIZES[look.paper], abs=0.1)
        assert page.letters
        assert page.is_inside(side), f"page {number}: {page.ink}"
        assert page.too_small(SMALLEST[look.format]) == "", f"page {number}"
    if not look.large:
        empty = empty_shares(pdf, look)
        assert max([0.0, *(empty[:-1] if last else empty)]) <= EMPTY, empty


@pytest.mark.parametrize(
    ("sheet", "form", "paper", "clinic", "side"),
    pairs_first(itertools.product(SHEETS, FORMATS, PAPERS, CLINICS, SIDES)),
)
def test_a_sheet_is_fit_to_print(
    sheet: str,
    form: str,
    paper: str,
    clinic: str,
    side: str | None,
    libraries: Callable[[str], Library],
    request_of: RequestOf,
    sheets: SheetCache,
) -> None:
    request = request_of(
        **{**FULL, "options": ALL, "format": form, "paper": paper, "clinic": clinic, "side": side, "sheets": [sheet]}
    )
    library = libraries(clinic)
    last = prepare(library, request, TODAY).handout.all_sheets()[-1][0]
    made = make(library, request, key=KEY, today=TODAY, recorder=NullRecorder(), cache=sheets)
    _is_fit_to_print(made.pdf, prepare(library, request, TODAY).handout.look, last=sheet == last)


@pytest.mark.parametrize(
    ("number", "given", "blank", "form", "paper", "clinic"),
    pairs_first(itertools.product(NUMBERS, GIVEN, (False, True), FORMATS, PAPERS, CLINICS)),
)
def test_a_front_is_fit_to_print(
    number: int,
    given: str,
    blank: bool,
    form: str,
    paper: str,
    clinic: str,
    libraries: Callable[[str], Library],
    request_of: RequestOf,
    sheets: SheetCache,
) -> None:
    over = {"options": ALL[:number], "format": form, "paper": paper, "clinic": clinic, "sheets": ["front"]}
    request = request_of(**GIVEN[given] | over)
    library, edition = libraries(clinic), Edition(blank=blank)
    made = make(library, request, key=KEY, today=TODAY, recorder=NullRecorder(), cache=sheets, edition=edition)
    _is_fit_to_print(made.pdf, prepare(library, request, TODAY, edition).handout.look, last=False)


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
@pytest.mark.parametrize(("form", "paper"), pairs_first(itertools.product(FORMATS, PAPERS)))
def test_a_comparison_of_any_number_is_fit_to_print(
    number: int, form: str, paper: str, library: Library, request_of: RequestOf, sheets: SheetCache
) -> None:
    request = request_of(options=ALL[:number], format=form, paper=paper, sheets=["comparison"])
    made = make(library, request, key=KEY, today=TODAY, recorder=NullRecorder(), cache=sheets)
    _is_fit_to_print(made.pdf, prepare(library, request, TODAY).handout.look, last=False)


@pytest.mark.heavy
@pytest.mark.parametrize("number", [1, 4, 5, 8, 9, 12])
@pytest.mark.parametrize("form", FORMATS)
def test_a_plan_of_any_number_of_medicines_is_fit_to_print(
    number: int, form: str, library: Library, request_of: RequestOf, sheets: SheetCache
) -> None:
    medicines = GIVEN["12 medicines"]["medicines"][:number]
    request = request_of(options=["medicines", "botox"], format=form, medicines=medicines, sheets=["plan"])
    made = make(library, request, key=KEY, today=TODAY, recorder=NullRecorder(), cache=sheets)
    _is_fit_to_print(made.pdf, prepare(library, request, TODAY).handout.look, last=False)


def test_every_sheet_that_there_is_is_among_them(libraries: Callable[[str], Library], request_of: RequestOf) -> None:
    request = request_of(**FULL | {"options": ALL, "clinic": CLINICS[0]})
    printed = [name for name, _ in prepare(libraries(CLINICS[0]), request, TODAY).handout.sheets()]
    assert printed == list(SHEETS)
