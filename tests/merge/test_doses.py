"""Dose notation: what has led to errors is refused with its safe form; safe forms pass."""

from __future__ import annotations

import pytest

from handouts.errors import RequestFault
from handouts.model.doses import safe_dose
from tests.conftest import RequestOf


@pytest.mark.parametrize(
    ("written", "safe"),
    [
        (".5 mg", "0.5 mg"),
        ("half or .25 mg", "leading zero"),
        ("5.0 mg", "no trailing zero"),
        ("2.50 mg", "no trailing zero"),
        ("1.000 mg", "no trailing zero"),
        ("1000 mg", "1,000 mg"),
        ("10000 units", "a comma"),
        ("10mg", "10 mg"),
        ("200 mg for 3d", "a space"),
        ("10 U", "unit"),
        ("10U", "unit"),
        ("10 u.", "unit"),
        ("5 IU", "unit"),
        ("5 i.u.", "unit"),
        ("200 mg QD", "daily"),
        ("200 mg q.d.", "daily"),
        ("200 mg OD", "daily"),
        ("200 mg o.d.", "daily"),
        ("200 mg QOD", "every other day"),
        ("200 mg q.o.d.", "every other day"),
        ("50 µg", "mcg"),
        ("50 \u03bcg", "mcg"),
        ("50 ug", "mcg"),
        ("50 ng", "nanogram"),
        ("5 cc", "mL"),
        ("5 ml", "mL"),
        ("200 mg HS", "bedtime"),
        ("200 mg qhs", "bedtime"),
        ("200 mg qn", "every night"),
        ("200 mg BID", "times a day"),
        ("200 mg b.i.d.", "times a day"),
        ("200 mg tid", "times a day"),
        ("200 mg qid", "times a day"),
        ("200 mg BIW", "times a week"),
        ("200 mg t.i.w.", "times a week"),
        ("200 mg po", "by mouth"),
        ("200 mg per os", "by mouth"),
        ("200 mg UD", "as directed"),
        ("200 mg prn", "when you need it"),
        ("10 mg SC", "under the skin"),
        ("10 mg sub q", "under the skin"),
        ("2 drops AU", "which ear or eye"),
        ("2 drops OS", "which ear or eye"),
        ("D/C after a week", "discharge or stop"),
        ("ss tablet", "one half"),
        ("> 200 mg", "more than"),
        ("<200 mg", "less than"),
        ("100/200 mg", "per"),
        ("200 mg/day", "per"),
        ("1/2 tablet", "per"),
        ("1\u20442 tablet", "per"),
        ("2 mg & 4 mg", "and"),
        ("2 mg + 4 mg", "and"),
        ("2 mg @ night", "at"),
        ("½ tablet", "one half"),
        ("⅓ tablet", "one half"),
        ("200 mg x3 days", "how many days"),
        ("dose ↑ slowly", "arrows"),
        ("#3", "words"),
    ],
)
def test_error_prone_notation_is_refused_with_its_safe_form(written: str, safe: str) -> None:
    with pytest.raises(ValueError, match="is easy to misread") as caught:
        safe_dose(written)
    assert safe in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "0.5 mg",
        "200 mg",
        "1,000 mg",
        "12.5 mg",
        "10.5 mL",
        "1 to 2 tablets",
        "half a tablet",
        "twice a day",
        "as needed",
        "As needed, but call us first",
        "10 units under the skin",
        "50 mcg",
        "0.25 mg at bedtime",
        "200 mg every other day",
        "us",
        "Do not stop it; call us",
        "With food",
        "Until 2026-12-01",
        "From the 1st day to the 22nd",
        "Ask a nurse to add it",
        "biding",
        "2.05 mg",
        "0.125 mg",
    ],
)
def test_safe_notation_passes_unchanged(written: str) -> None:
    assert safe_dose(written) == written


def test_every_mistake_of_one_dose_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="leading zero") as caught:
        safe_dose(".5mg QD")
    assert "between number and unit" in str(caught.value)
    assert "daily" in str(caught.value)


@pytest.mark.parametrize("key", ["dose", "remark"])
def test_a_request_with_such_a_dose_is_refused_where_it_stands(request_of: RequestOf, key: str) -> None:
    with pytest.raises(RequestFault) as caught:
        request_of(medicines=[{"name": "baclofen"}, {"name": "gabapentin", key: "5.0 mg"}])
    assert f"'medicines.2.{key}' is easy to misread; write no trailing zero: 5 mg, not 5.0 mg" in caught.value.message
