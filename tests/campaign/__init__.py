"""The frame of the campaign of faults: a clinic to work in, commands as processes, and what every outcome must hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.conftest import CONTENT, KEY, ROOT, TOPIC

SECRETS = ("Zebra", "Canary", "Quagga")
"""What stands for a patient in every input; no message and no report may hold it."""
LONGEST_MESSAGE = 6_000
"""Characters: twenty faults and a sentence each."""
SECONDS = 120

LEAST: dict[str, Any] = {"topic": TOPIC, "options": ["botox"], "patient": {"name": "Zebra Canary"}}
"""The least that a request holds."""


def variants(name: str) -> Callable[[Any], Any]:
    """Parametrize a test with ``chance``: a seeded Random for each variant; ``name`` keeps tests apart."""
    seed, count = os.environ.get("CAMPAIGN_SEED", "1"), int(os.environ.get("CAMPAIGN_VARIANTS", "6"))
    seeds = [f"{name}-{seed}-{number}" for number in range(count)]
    return pytest.mark.parametrize("chance", [pytest.param(Random(one), id=one) for one in seeds])


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass
class Clinic:
    """A folder with a data folder, a cache and a key of its own, in which commands are run."""

    folder: Path
    cache: Path
    content: Path = CONTENT
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "key").write_bytes(KEY)
        (self.folder / "key").chmod(0o600)

    def write(self, name: str, data: bytes | str | Any) -> Path:
        """A file in the folder: bytes, text, or anything else as JSON."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(data, bytes | str):
            data = json.dumps(data, ensure_ascii=False)
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
        return path

    def run(self, *args: str, data: bytes | None = None, may_tell: bool = False) -> Outcome:
        """A command as a process of its own, on a fixed day. Whatever went in: no traceback, no exit code 70, an end,
        and nothing of a patient in what it says (``may_tell``: a command whose answer that is).
        """
        command = [sys.executable, str(ROOT / "generate.py"), "--content", str(self.content), "--today", "2026-11-22"]
        home = {"XDG_DATA_HOME": str(self.folder / "data"), "XDG_CACHE_HOME": str(self.cache)}
        done = subprocess.run(
            [*command, *args],
            cwd=self.folder,
            env=os.environ | home | self.environment,
            input=data if data is not None else b"",
            capture_output=True,
            timeout=SECONDS,
        )
        outcome = Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
        assert "Traceback" not in outcome.err, outcome.err
        assert outcome.code != 70, outcome.err
        assert len(outcome.err) < LONGEST_MESSAGE, outcome.err[:LONGEST_MESSAGE]
        if not may_tell:
            assert not [word for word in SECRETS if word in outcome.said], outcome.said
        return outcome

    def make(self, request: Any, *args: str) -> Outcome:
        """`make` of one request: data, text or bytes. The PDF is out.pdf."""
        name = self.write("request.json", request).name
        return self.run("make", name, "-o", "out.pdf", "--force", "--key-file", "key", "--allow-unapproved", *args)

    def batch(self, data: bytes | str | Any, *args: str, name: str = "list.csv") -> tuple[Outcome, str]:
        """`batch` of a list into the folder "list": how it ended, and its report."""
        path = self.write(name, data)
        given = ("--topic", TOPIC, "--option", "botox", "--allow-unapproved", "--key-file", "key", "--jobs", "1")
        outcome = self.run("batch", path.name, "-d", "list", *given, *args)
        report = self.folder / "list" / "report.csv"
        told = report.read_text(encoding="utf-8") if report.exists() else ""
        assert not [word for word in SECRETS if word in told], told
        return outcome, told

    def pdfs(self) -> list[Path]:
        """What `batch` has made."""
        return sorted((self.folder / "list").glob("*.pdf"))
