"""What a command imports before it does anything: whoever waits for `--help` waits for that alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, ROOT, TOPIC

REQUEST = f"topic: {TOPIC}\noptions: [botox]\npatient: {{name: Xanthippe Quill}}\n"
_IMPORTED = """
import atexit, json, sys
bare = set(sys.modules)
atexit.register(lambda: print(json.dumps(sorted(set(sys.modules) - bare)), file=sys.stderr))
from handouts.cli import main
main()
"""
READING = {"pydantic", "yaml", "markdown_it", "uharfbuzz"}
"""What reads content and a request, and shapes a name."""
TYPESETTING = {"weasyprint", "jinja2", "pikepdf", "fontTools", "segno"}
OTHERS = {
    "reportlab",
    "smtplib",
    "keyring",
    "multiprocessing",
    "distributed",
    "requests",
    "authlib",
    "icalendar",
    "fhir",
}
HEAVY = READING | TYPESETTING | OTHERS | {"sqlite3"}


def imported(*args: str) -> set[str]:
    """Modules that a command imported, standard output left aside."""
    run = [sys.executable, "-c", _IMPORTED, *args]
    done = subprocess.run(run, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def roots(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("args", [("--help",), ("make", "--help"), ("batch", "--help"), ("cache", "info")])
def test_help_imports_nothing_that_a_handout_needs(args: tuple[str, ...]):
    found = imported(*args)
    assert roots(found) & HEAVY == set()
    others = {name for name in found if name.partition(".")[0] != "handouts"}
    assert len(others) < 100, "click, the command line and little else"


def test_looking_at_the_outbox_imports_sqlite_and_no_engine(data: Path):
    assert roots(imported("outbox", "list", "--data", str(data))) & HEAVY == {"sqlite3"}


@pytest.mark.usefixtures("here")
def test_making_from_the_cache_imports_nothing_that_typesets(sheets: SheetCache, tmp_path: Path, data: Path):
    (tmp_path / "key").write_bytes(KEY)
    kept = ("--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder), "--data", str(data))
    make = ("--today", "2026-11-22", "make", "request.yaml", *kept)
    imported(*make, "-o", "1.pdf")
    again = imported(*make, "-o", "2.pdf")
    assert roots(again) & HEAVY == READING | {"sqlite3"}
