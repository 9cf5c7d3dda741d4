"""Running out of memory is told before the libraries that set the type end the program."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from handouts.errors import SystemMissing
from handouts.typeset import memory
from tests.conftest import ROOT


@pytest.mark.parametrize("kilobytes", [85_000, 120_000, 150_000, 180_000, 210_000])
def test_a_limit_on_memory_ends_with_7_and_a_word_and_no_file(tmp_path: Path, kilobytes: int):
    out = tmp_path / "out.pdf"
    command = [
        sys.executable,
        str(ROOT / "generate.py"),
        "make",
        str(ROOT / "examples" / "request.yaml"),
        "-o",
        str(out),
    ]
    limited = f"ulimit -c 0; ulimit -v {kilobytes}; exec {shlex.join([*command, '--no-cache', '--allow-unapproved'])}"
    done = subprocess.run(["bash", "-c", limited], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, "not enough memory" in done.stderr) == (7, True), done.stderr
    assert not out.exists()


def test_a_machine_without_memory_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "_on_machine", lambda: 12.0)
    with pytest.raises(SystemMissing, match="12 MB are free, about 200 MB are needed"):
        memory.require_memory(memory.FIRST)


def test_where_the_system_tells_nothing_nothing_is_refused(monkeypatch: pytest.MonkeyPatch):
    def none(_: Path) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", none)
    memory.require_memory(10**9)
