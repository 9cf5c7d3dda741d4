"""How much a run tries of what has no end, or a very far one: CI some, ``script/test --release`` all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings


def rounds(many: int, *, release: int) -> int:
    """So many, or as many as before a release."""
    return release if settings.get_current_profile_name() == "release" else many


def first(many: int, values: Iterable[Any]) -> list[Any]:
    """Parameters of a test: so many of ``values`` in every run that has the test, the others before a release."""
    return [
        value if number < many else pytest.param(value, marks=pytest.mark.release)
        for number, value in enumerate(values)
    ]
