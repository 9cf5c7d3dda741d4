"""Same input, same bytes; and a cached master costs no typesetting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

REQUEST = "topic: hemifacial-spasm\noptions: [botox, no-treatment]\npatient: {name: Maria Gonzalez}\n"


def _make(folder: Path, name: str, *more: str, seed: str = "0") -> bytes:
    (folder / "request.yaml").write_text(REQUEST)
    (folder / "key").write_bytes(b"k" * 32)
    command = [sys.executable, str(ROOT / "generate.py"), "--today", "2026-11-22", "make", "request.yaml", "-o", name]
    command += ["--key-file", "key", *more]
    env = os.environ | {"PYTHONHASHSEED": seed, "XDG_CACHE_HOME": str(folder / "home")}
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)
    return (folder / name).read_bytes()


@pytest.fixture
def cold(tmp_path: Path) -> bytes:
    return _make(tmp_path, "cold.pdf", "--no-cache")


def test_another_process_with_another_hash_seed_makes_the_same_bytes(cold: bytes, tmp_path: Path):
    assert _make(tmp_path, "again.pdf", "--no-cache", seed="4711") == cold


def test_a_cached_master_gives_the_same_bytes_as_a_fresh_one(cold: bytes, tmp_path: Path):
    assert _make(tmp_path, "first.pdf", "--cache", "cache") == cold
    assert _make(tmp_path, "second.pdf", "--cache", "cache", seed="1") == cold


def test_with_a_cached_master_weasyprint_is_not_imported(tmp_path: Path):
    _make(tmp_path, "first.pdf", "--cache", "cache")
    script = (
        "import sys; from handouts.cli import cli\n"
        "cli(['--today', '2026-11-22', 'make', 'request.yaml', '-o', 'second.pdf', '--key-file', 'key', '--cache', "
        "'cache'], standalone_mode=False)\n"
        "print(sorted(name for name in ('weasyprint', 'pikepdf', 'reportlab', 'jinja2') if name in sys.modules))"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=env, check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
