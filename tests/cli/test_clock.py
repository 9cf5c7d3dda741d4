"""A clock that tells a year that can't be."""

from __future__ import annotations

from datetime import date

import pytest
from click.testing import CliRunner

from handouts.cli import cli, clock


@pytest.mark.parametrize("error", [ValueError("year 10000 is out of range"), OverflowError(), OSError(75, "too large")])
def test_a_clock_beyond_the_year_9999_is_told(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    class Broken(date):
        @classmethod
        def today(cls) -> date:
            raise error

    monkeypatch.setattr(clock, "date", Broken)
    for command in (["topics"], ["--today", "2026-11-22", "topics"]):
        result = CliRunner().invoke(cli, command)
        assert result.exit_code == 7
        assert "The clock of this machine is wrong" in result.stderr


@pytest.mark.parametrize("day", ["9999-12-31", "3000-01-01"])
def test_a_day_beyond_all_reckoning_is_told(day: str) -> None:
    result = CliRunner().invoke(cli, ["--today", day, "topics"])
    assert result.exit_code == 7
