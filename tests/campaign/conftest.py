"""What every area of the campaign shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaign import Clinic


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of the campaign is heavy, whether its author thought of it or not."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.heavy)


@pytest.fixture(scope="session")
def campaign_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Typeset sheets that all commands of a campaign share; no patient's data."""
    return tmp_path_factory.mktemp("campaign-cache")


@pytest.fixture
def clinic(tmp_path: Path, campaign_cache: Path) -> Clinic:
    """A clinic of its own for each test."""
    return Clinic(tmp_path / "clinic", campaign_cache)
