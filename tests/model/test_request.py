"""A request's own limits: how much staff may write, and the form of what they choose."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from handouts.model.request import Request
from handouts.model.request_paths import known_paths
from handouts.model.shapes import MOST_MEDICINES, MOST_WRITTEN_STEPS
from tests.conftest import REQUEST


def request(**over: Any) -> Request:
    return Request.model_validate({**REQUEST, **over})


def test_six_steps_may_be_written_and_no_more() -> None:
    assert MOST_WRITTEN_STEPS == 6
    assert len(request(next_steps=["Rest"] * 6).next_steps) == 6
    with pytest.raises(ValidationError, match="next_steps"):
        request(next_steps=["Rest"] * 7)


def test_a_plan_holds_twelve_medicines() -> None:
    assert MOST_MEDICINES == 12
    with pytest.raises(ValidationError, match="medicines"):
        request(medicines=[{"name": "baclofen"}] * 13)


def test_sheets_are_named_each_once_and_without_any_all_are_printed() -> None:
    assert request().sheets == ()
    assert request(sheets=["front", "microvascular-decompression"]).sheets == ("front", "microvascular-decompression")
    for wrong in (["front", "front"], ["Front page"], "front"):
        with pytest.raises(ValidationError, match="sheets"):
            request(sheets=wrong)
    assert known_paths()["sheets"], "a column of a list may hold several"
