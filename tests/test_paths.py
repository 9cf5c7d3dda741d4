"""Where the program keeps things, for users of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from handouts import paths
from handouts.errors import SystemMissing


@pytest.mark.parametrize(
    ("folder", "variable"), [(paths.data_dir, "XDG_DATA_HOME"), (paths.cache_dir, "XDG_CACHE_HOME")]
)
def test_a_user_without_a_home_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Callable[[], Path], variable: str
):
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.delenv(variable)
    with pytest.raises(SystemMissing, match=f"set {variable}"):
        folder()
    monkeypatch.setenv(variable, str(tmp_path))
    assert folder() == tmp_path / "handouts"
