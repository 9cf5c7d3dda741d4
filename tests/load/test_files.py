"""Files of content: regular ones only, and no more of one than a page could hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from handouts.errors import ContentFault
from handouts.load.files import read_regular, read_text
from handouts.load.library import load_library
from tests.conftest import ROOT, TOPIC


def test_a_file_is_read_whole_also_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert read_regular(tmp_path / "b") == b"x" * 3_000_000
    assert read_regular(tmp_path / "b", 3_000_000)


def test_text_has_one_kind_of_line_end_and_no_mark(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfa\r\nb\rc\n")
    assert read_text(tmp_path / "a") == (tmp_path / "a").read_text(encoding="utf-8-sig") == "a\nb\nc\n"


def test_what_is_too_large_is_refused_also_where_its_size_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3_000_001)
    with pytest.raises(OSError, match="larger than 2 MB"):
        read_regular(tmp_path / "a", 3_000_000)
    with pytest.raises(OSError, match="larger than 0 MB"):
        read_regular(Path("/proc/self/status"), 10)


def test_a_pipe_a_device_or_a_folder_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="a pipe or a device"):
            read_regular(path)
    with pytest.raises(IsADirectoryError):
        read_regular(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        f"topics/{TOPIC}/topic.yaml",
        f"topics/{TOPIC}/en/overview.md",
        f"topics/{TOPIC}/approvals.yaml",
        "clinics/cohen/clinic.yaml",
        "clinics/cohen/logo.svg",
        "words/en.yaml",
    ],
)
@pytest.mark.parametrize("what", ["pipe", "device"])
def test_content_that_is_no_file_is_a_fault_that_names_it(content: Path, name: str, what: str) -> None:
    (content / name).unlink(missing_ok=True)
    if what == "pipe":
        os.mkfifo(content / name)
    else:
        (content / name).symlink_to("/dev/zero")
    with pytest.raises(ContentFault, match=Path(name).name.replace(".", r"\.")):
        load_library(content, TOPIC)


def test_a_preset_that_is_a_pipe_is_told_by_the_command_and_holds_nobody_up(content: Path) -> None:
    presets = content / "clinics/cohen/presets"
    presets.mkdir(exist_ok=True)
    os.mkfifo(presets / "usual.yaml")
    command = [sys.executable, "generate.py", "--content", str(content), "make", "examples/request.yaml"]
    done = subprocess.run(
        [*command, "--preset", "usual"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3, done.stderr
    assert "usual.yaml: can't be read: it is a pipe or a device" in done.stderr
