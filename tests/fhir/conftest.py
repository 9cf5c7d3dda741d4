"""Whatever a test of this folder leaves aside, the desk can say why in Spanish: a new reason needs a translation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from handouts.desk.library_words import English, in_words
from handouts.desk.words import speak
from handouts.fhir.checking import NOT_READ, Aside


@pytest.fixture(autouse=True)
def _reasons_are_said_in_spanish(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    reasons: set[str] = set()
    made = Aside.__init__

    def noted(self: Aside, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        reasons.add(self.why)

    monkeypatch.setattr(Aside, "__init__", noted)
    yield
    speak("es")
    english = [why for why in reasons - {NOT_READ} if isinstance(in_words(f"Condition: {why}"), English)]
    speak("en")
    assert english == []
