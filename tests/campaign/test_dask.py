"""A campaign of faults on a Dask cluster: a list with hostile rows gives what processes give, and no log has a name."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from handouts.typeset.cache import SheetCache
from tests.batch.test_dask import Machines, running
from tests.runs import Batch, contents, person

pytest.importorskip("distributed")
pytestmark = pytest.mark.heavy

SEED = os.environ.get("CAMPAIGN_SEED", "1")
VARIANTS = range(int(os.environ.get("CAMPAIGN_VARIANTS", "2")))
ROWS = 40
SECRETS = ("Zebra", "Canary", "Quagga")
OTHER_SCRIPTS = ("王小明", "김철수", "முத்து", "გიორგი", "ኣበበ")
"""Names in scripts without a font."""


def hostile(chance: Random) -> dict[str, Any]:
    """What goes over some row's request: a fault, or what is unlucky and still a request."""
    long = "Zebra" * chance.randint(14, 40)
    names = [long, "Zeb\ufffdra", "Zeb\u202era", "Zebra\nCanary", "\u0301\u0308", "", "Zebra\x00", *OTHER_SCRIPTS]
    return chance.choice(
        [
            {"patient": {"name": chance.choice(names), "identifier": "Quagga"}},
            {"patient": {"name": f"Zebra {chance.choice(OTHER_SCRIPTS)}"}},
            {"patient": {"name": "Zebra Canary", "birth_date": chance.choice(["2099-01-01", "1066-10-14", "Quagga"])}},
            {"patient": "Zebra"},
            {"note": f"{long} {chance.choice(names)}"},
            {"next_steps": [long]},
            {"medicines": [{"name": long}]},
            {"clinician": chance.choice(names)},
            {"topic": "zebra"},
            {"options": ["botox", "zebra-canary"]},
            {"Zebra": "Canary"},
        ]
    )


def write_hostile(path: Path, chance: Random) -> Path:
    """A list in which about every second row is hostile, or no request at all."""
    broken = [b'{"patient": {"name": "Zebra', b'["Zebra"]', b'"Canary"']
    with path.open("wb") as file:
        for number in range(1, ROWS + 1):
            row = person(number) | (hostile(chance) if chance.random() < 0.5 else {})
            line = json.dumps(row).encode() if chance.random() < 0.95 else chance.choice(broken)
            file.write(line + b"\n")
    return path


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A scheduler with two workers, which log all there is."""
    with running(tmp_path_factory.mktemp("dask"), 2) as found:
        yield found


@pytest.mark.parametrize("chance", [pytest.param(Random(f"dask-{SEED}-{n}"), id=str(n)) for n in VARIANTS])
def test_hostile_rows_end_on_a_cluster_as_they_do_here_and_no_log_has_a_name(
    machines: Machines, sheets: SheetCache, tmp_path: Path, chance: Random
) -> None:
    source = write_hostile(tmp_path / "list.jsonl", chance)
    here = Batch(source, sheets.folder).run(tmp_path / "here")
    there = Batch(source, sheets.folder, flags=("--dask", machines.address)).run(tmp_path / "there")
    assert (here[0], there[0]) == (1, 1), here[2] + there[2]
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    report = (tmp_path / "there" / "report.csv").read_text(encoding="utf-8")
    assert 0 < len(list((tmp_path / "there").glob("*.pdf"))) < ROWS
    told = {"log": machines.told(), "report": report, "here": here[1] + here[2], "there": there[1] + there[2]}
    found = [(where, word) for where, text in told.items() for word in (*SECRETS, *OTHER_SCRIPTS) if word in text]
    assert found == []
    assert [where for where in ("here", "there") if "Traceback" in told[where]] == []
