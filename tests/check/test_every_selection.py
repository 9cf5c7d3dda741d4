"""Every sheet passes every gate on its pages, and is valid: what `check --all` looks at, one test for each.

In CI: the sheets of each option and each pair of them, of each medicine, and of whatever three choices (an option or
none, format, paper, clinic) meet in one handout. Before a release: those of every selection.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import settings

from handouts.check.typeset import Case, SheetCase, all_cases, can_validate, sheet_cases, sheet_findings, usual_cases
from handouts.load.library import clinic_ids, load_library
from handouts.model.request import Format, Paper
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, TODAY, TOPIC
from tests.rounds import covering

LIBRARY = load_library(CONTENT, TOPIC)
CLINICS = clinic_ids(CONTENT)
FORMATS: tuple[Format, ...] = ("standard", "large-print")
PAPERS: tuple[Paper, ...] = ("letter", "a4")


def _threes() -> list[Case]:
    order = LIBRARY.topic.option_order
    chosen = [picked for picked in itertools.product((True, False), repeat=len(order)) if any(picked)]
    rows = covering(((*row[0], *row[1:]) for row in itertools.product(chosen, FORMATS, PAPERS, CLINICS)), 3)
    return [
        Case(tuple(itertools.compress(order, row)), clinic, form, paper, "left") for *row, form, paper, clinic in rows
    ]


IN_CI = list(dict.fromkeys([*usual_cases(LIBRARY, CLINICS), *_threes()]))
REST = [case for case in all_cases(LIBRARY, CLINICS) if case not in set(IN_CI)]


def _sheets(cases: Iterable[Case]) -> list[SheetCase]:
    return sheet_cases(CONTENT, TOPIC, cases, TODAY)


NOW = _sheets(IN_CI)
RELEASE = settings.get_current_profile_name() == "release"  # to merge them all takes seconds
LATER = [asked for asked in _sheets([*IN_CI, *REST]) if asked not in set(NOW)] if RELEASE else []


@pytest.mark.parametrize(
    "asked",
    [
        *(pytest.param(asked, marks=pytest.mark.heavy) for asked in NOW),
        *(pytest.param(asked, marks=pytest.mark.release) for asked in LATER),
    ],
    ids=lambda asked: asked.where.removeprefix("sheets, "),
)
def test_a_sheet_passes_every_gate(asked: SheetCase, sheets: SheetCache) -> None:
    assert can_validate()
    found = sheet_findings(CONTENT, TOPIC, asked, TODAY, sheets)
    assert {item.gate for item in found} >= {"smallest type, pt", "body type, pt"}
    assert [item for item in found if item.level == "failure"] == []


def test_every_option_and_every_pair_is_looked_at_in_ci() -> None:
    order = LIBRARY.topic.option_order
    looked_at = {case.options for case in IN_CI if (case.clinic, case.format) == (LIBRARY.clinic.id, "standard")}
    assert {*itertools.combinations(order, 1), *itertools.combinations(order, 2)} <= looked_at
    assert set(IN_CI) | set(REST) >= set(all_cases(LIBRARY, CLINICS))
    assert {asked.sheet for asked in NOW} >= {*order, "front", "comparison", "plan", "condition", "questions", "diary"}
