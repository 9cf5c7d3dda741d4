"""Random requests in tests: few values per key, so that two requests often agree in some and differ in others."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.conftest import TOPIC


def _some(*values: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


def _keys(needed: dict[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({**needed, **optional}).map(
        lambda made: {key: value for key, value in made.items() if value is not None or key in needed}
    )


NAME = st.sampled_from(["Maria Gonzalez", "Ελένη"])
PATIENTS = _keys(
    {"name": NAME},
    preferred_name=_some("Maria", "Mia"),
    identifier=_some("1", "01"),
    birth_date=_some("1961-04-09", "1961-09-04"),
    email=_some("a@example.org", "b@example.org"),
)
MEDICINES = _keys(
    {"name": st.sampled_from(["carbamazepine", "Baclofen", "Xylophonol"])},
    dose=_some("200 mg", "100 mg"),
    times=_some(["morning"], ["morning", "night"]),
    remark=_some("With food", "At meals"),
)
VISITS = _keys(
    {"at": st.sampled_from(["2026-12-04T10:30", "2026-12-04T15:00"])},
    **{"with": _some("Dr. Cohen", "Nurse A")},
    where=_some("Clinic 1", "Clinic 2"),
)
REQUESTS = _keys(
    {"topic": st.just(TOPIC), "options": st.sampled_from([["botox"], ["no-treatment"], ["botox", "no-treatment"],
     ["no-treatment", "botox"], ["medicines"]]), "patient": PATIENTS},
    format=_some("standard", "large-print"),
    paper=_some("letter", "a4"),
    stage=_some("before", "after"),
    side=_some("left", "right"),
    clinician=_some("Dr. Cohen", "Dr. X"),
    visit_date=_some("2026-11-22", "2026-11-23"),
    medicines=st.none() | st.lists(MEDICINES, max_size=2),
    next_steps=_some([], ["Book your MRI"], ["Book your MRI", "Call us"]),
    appointment=st.none() | VISITS,
    note=_some("Call us.", "Call us.\nSoon."),
)  # fmt: skip
"""What stands in a request's file. An absent key and one that holds its default are the same request."""
