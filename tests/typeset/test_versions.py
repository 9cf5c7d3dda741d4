"""What decides how a page comes out is known by its version, and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from handouts import paths
from handouts.typeset import versions
from tests.conftest import ROOT


def test_versions_are_told_without_importing_weasyprint():
    script = "import sys; from handouts.typeset.versions import engine_versions as v; print(v()); "
    script += "assert 'weasyprint' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == versions.engine_versions()
    assert "weasyprint=70" in done.stdout
    for library in ("pango", "hb"):
        assert f"{library}_version_string=" in done.stdout


def test_a_library_that_is_not_there_has_no_version():
    assert versions._library_version("pango_version_string", ["libnowhere.so.0"]) == ""
    assert versions._library_version("no_such_function", ["libpango-1.0.so.0"]) == ""


@pytest.mark.parametrize("room", ["model", "load", "merge", "fonts", "typeset", "stamp", "."])
def test_a_change_of_code_that_decides_how_pages_come_out_makes_masters_anew(room: str, tmp_path: Path):
    package = Path(shutil.copytree(paths.PACKAGE, tmp_path / "handouts"))
    before = versions._own_code(package)
    some = package / "codes.py" if room == "." else next((package / room).glob("*.py"))
    some.write_text(some.read_text() + "# a comment\n")
    assert versions._own_code(package) != before


@pytest.mark.parametrize(
    "name", ["deliver/mail/smtp.py", "record/chain.py", "cli/make.py", "batch/run.py", "errors.py"]
)
def test_a_change_of_other_code_makes_no_master_anew(name: str, tmp_path: Path):
    package = Path(shutil.copytree(paths.PACKAGE, tmp_path / "handouts"))
    before = versions._own_code(package)
    (package / name).write_text((package / name).read_text() + "# a comment\n")
    assert versions._own_code(package) == before
