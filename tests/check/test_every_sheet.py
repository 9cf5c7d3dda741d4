"""Every sheet passes every gate on its pages, and is valid: what `check --all` looks at, one test for each.

In CI: each option and each pair of them, and whatever three choices (an option or none, format, paper, clinic) meet in
one sheet. Before a release: every selection.
"""

from __future__ import annotations

import itertools

import pytest

from handouts.check.typeset import Case, all_cases, can_validate, typeset_findings, usual_cases
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
    return [Case(tuple(itertools.compress(order, row)), clinic, form, paper) for *row, form, paper, clinic in rows]


IN_CI = list(dict.fromkeys([*usual_cases(LIBRARY, CLINICS), *_threes()]))
REST = [case for case in all_cases(LIBRARY, CLINICS) if case not in set(IN_CI)]


@pytest.mark.parametrize(
    "case",
    [
        *(pytest.param(case, marks=pytest.mark.heavy) for case in IN_CI),
        *(pytest.param(case, marks=pytest.mark.release) for case in REST),
    ],
    ids=lambda case: case.where.removeprefix("handouts, "),
)
def test_a_sheet_passes_every_gate(case: Case, sheets: SheetCache) -> None:
    assert can_validate()
    found = typeset_findings(CONTENT, TOPIC, case, TODAY, sheets)
    assert {item.gate for item in found} >= {"smallest type, pt"}
    assert [item for item in found if item.level == "failure"] == []


def test_every_option_and_every_pair_is_looked_at_in_ci() -> None:
    order = LIBRARY.topic.option_order
    looked_at = {case.options for case in IN_CI if (case.clinic, case.format) == (LIBRARY.clinic.id, "standard")}
    assert {*itertools.combinations(order, 1), *itertools.combinations(order, 2)} <= looked_at
    assert set(IN_CI) | set(REST) >= set(all_cases(LIBRARY, CLINICS))
