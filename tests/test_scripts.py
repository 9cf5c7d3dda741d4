"""The scripts and the lists of packages: what a clean machine depends on."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.pdfprinter import not_fetched

ROOT = Path(__file__).parent.parent
SCRIPTS = [*sorted(p for p in (ROOT / "script").iterdir() if p.is_file()), ROOT / ".ci" / "run"]
PYTHON = "#!/usr/bin/env python3"
LAYERS = ["runtime", "test", "lint"]

# Put together here, so that this file does not hold what it forbids.
REGISTRY_WORDS = [
    "pypi" + ".org",
    "python" + "hosted",
    "index" + "-url",
    "extra" + "-index",
    "find" + "-links",
    "deb." + "debian",
    "security." + "debian",
    "archive." + "ubuntu",
    "registry." + "npmjs",
]


def of_scripts(scripts: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", scripts, ids=lambda p: p.relative_to(ROOT).as_posix())


script = of_scripts(SCRIPTS)
shell_script = of_scripts([path for path in SCRIPTS if not path.read_text().startswith(PYTHON)])
layer = pytest.mark.parametrize("layer", LAYERS)


def pins(layer: str) -> dict[str, list[str]]:
    """Each entry of a list, by package name: the text of the entry with its hashes."""
    text = (ROOT / "requirements" / f"{layer}.txt").read_text()
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    found: dict[str, list[str]] = {}
    for entry in entries:
        found.setdefault(canonicalize_name(requirement(entry).name), []).append(entry)
    return found


def requirement(entry: str) -> Requirement:
    return Requirement(entry.split("\\", 1)[0].strip())


def named_in_pyproject(layer: str) -> list[Requirement]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = pyproject["project"]["dependencies"] if layer == "runtime" else pyproject["dependency-groups"][layer]
    return [Requirement(name) for name in names]


@script
def test_every_script_can_be_started(path: Path) -> None:
    assert path.stat().st_mode & 0o111 == 0o111
    assert path.read_text().splitlines()[0] in {"#!/bin/sh", "#!/usr/bin/env bash", PYTHON}


@shell_script
def test_every_script_parses_in_the_shell_that_it_names(path: Path) -> None:
    shell = path.read_text().splitlines()[0].replace("/", " ").split()[-1]
    checked = subprocess.run([shell, "-n", path], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


@of_scripts([path for path in SCRIPTS if path.read_text().startswith(PYTHON)])
def test_every_script_in_python_parses(path: Path) -> None:
    compile(path.read_text(encoding="utf-8"), path, "exec")


@shell_script
def test_every_script_stops_at_the_first_fault(path: Path) -> None:
    assert re.search(r"^set -eu", path.read_text(), re.MULTILINE)


def test_no_file_names_where_packages_come_from() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nothing says which files belong to the project")
    words = [option for word in REGISTRY_WORDS for option in ("-e", word)]
    found = subprocess.run(["git", "grep", "-inIF", *words], cwd=ROOT, capture_output=True, text=True)
    assert found.stderr == ""
    assert found.stdout.splitlines() == []


@layer
def test_every_package_is_pinned_to_one_version_with_hashes(layer: str) -> None:
    entries = [entry for same_name in pins(layer).values() for entry in same_name]
    assert entries
    for entry in entries:
        assert re.fullmatch(r"==[\w.!+]+", str(requirement(entry).specifier)), entry.splitlines()[0]
        assert requirement(entry).url is None
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry.splitlines()[0]


@layer
def test_what_pyproject_names_is_pinned_at_a_version_it_allows(layer: str) -> None:
    pinned = pins(layer)
    for wanted in named_in_pyproject(layer):
        name = canonicalize_name(wanted.name)
        assert name in pinned, f"{name}: run script/lock"
        for entry in pinned[name]:
            version = str(requirement(entry).specifier).removeprefix("==")
            assert wanted.specifier.contains(version), f"{name} {version}: run script/lock"


def test_the_layers_agree_on_every_version_they_share() -> None:
    versions: dict[str, set[str]] = {}
    for layer in LAYERS:
        for name, entries in pins(layer).items():
            versions.setdefault(name, set()).update(str(requirement(entry).specifier) for entry in entries)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_what_only_developers_need_is_not_installed_with_the_program() -> None:
    runtime = {canonicalize_name(wanted.name) for wanted in named_in_pyproject("runtime")}
    for layer in ("test", "lint"):
        own = {canonicalize_name(wanted.name) for wanted in named_in_pyproject(layer)} - runtime
        assert own & pins("runtime").keys() <= {"pillow"}  # WeasyPrint and ReportLab bring Pillow themselves


def bootstrap(root: Path, *layers: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it from elsewhere, with nowhere to fetch packages from."""
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "CDPATH": "/usr", **environment}
    command = [root / "script" / "bootstrap", *layers]
    return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True)


def test_a_second_bootstrap_installs_nothing_and_says_nothing() -> None:
    layers = [layer for layer in LAYERS if (ROOT / ".venv" / f".installed-{layer}.txt").exists()]
    if "runtime" not in layers:
        pytest.skip("no finished .venv in this checkout: script/bootstrap makes one")
    before = {p: p.stat().st_mtime_ns for p in (ROOT / ".venv").rglob("*.dist-info")}
    again = bootstrap(ROOT, *layers)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert {p: p.stat().st_mtime_ns for p in (ROOT / ".venv").rglob("*.dist-info")} == before


def test_bootstrap_refuses_a_layer_that_does_not_exist() -> None:
    refused = bootstrap(ROOT, "everything")
    assert refused.returncode == 1
    assert "no such layer: everything" in refused.stderr
    assert "next: " in refused.stderr


def test_bootstrap_refuses_a_python_that_will_not_do(bare_checkout: Path) -> None:
    refused = bootstrap(bare_checkout, PYTHON="/bin/true")
    assert refused.returncode == 1
    assert "PYTHON=/bin/true" in refused.stderr
    assert not (bare_checkout / ".venv").exists()


@pytest.fixture
def bare_checkout(tmp_path: Path) -> Path:
    """The scripts and an empty list of packages, under a name that has spaces in it."""
    root = tmp_path / "a name with spaces"
    (root / "requirements").mkdir(parents=True)
    (root / "requirements" / "runtime.txt").write_text("# nothing\n")
    shutil.copytree(ROOT / "script", root / "script")
    return root


@pytest.mark.heavy
def test_bootstrap_makes_anew_what_was_interrupted_broken_or_outdated(bare_checkout: Path) -> None:
    venv = bare_checkout / ".venv"

    first = bootstrap(bare_checkout)
    assert (first.returncode, first.stdout) == (0, "")
    assert first.stderr.splitlines()[-1] == "bootstrap: ready"
    assert bootstrap(bare_checkout).stderr == ""

    def interrupt() -> None:
        (venv / ".unfinished").touch()

    def break_the_interpreter() -> None:
        (venv / "bin" / "python").unlink()
        (venv / "bin" / "python").symlink_to("/nonexistent")

    def change_the_list() -> None:
        (bare_checkout / "requirements" / "runtime.txt").write_text("# nothing else\n")

    for fault in (interrupt, break_the_interpreter, change_the_list):
        (venv / "left-over").touch()
        fault()
        mended = bootstrap(bare_checkout)
        assert mended.returncode == 0, mended.stderr
        assert "removing .venv" in mended.stderr
        assert not (venv / "left-over").exists()
        assert bootstrap(bare_checkout).stderr == "", fault.__name__


@pytest.mark.heavy
def test_bootstrap_fails_where_a_package_cannot_be_had_and_says_what_to_do(bare_checkout: Path) -> None:
    (bare_checkout / "requirements" / "runtime.txt").write_text("segno==1.6.6 --hash=sha256:" + "0" * 64 + "\n")
    for _ in range(2):  # nor does the second run take the unfinished work for done
        failed = bootstrap(bare_checkout)
        assert failed.returncode == 1
        assert "STOPPED: pip could not install requirements/runtime.txt" in failed.stderr
        assert "next: " in failed.stderr


def test_a_cups_that_is_there_is_left_as_it_is() -> None:
    if not_fetched():
        pytest.skip(not_fetched())
    again = subprocess.run([ROOT / "script" / "cups"], cwd="/", capture_output=True, text=True)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_ci_goes_on_without_cups() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert any(line.startswith("script/cups || echo ") for line in lines)


@pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium here: script/chromium installs it")
def test_a_chromium_that_is_there_is_left_as_it_is() -> None:
    again = subprocess.run([ROOT / "script" / "chromium"], cwd="/", capture_output=True, text=True)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_ci_goes_on_without_a_browser() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert any(line.startswith("script/chromium || echo ") for line in lines)


def test_ci_runs_what_is_slow_too_and_prints_the_tests_last() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert "set -euo pipefail" in lines, "a gate that fails ends the run"
    assert lines[-1] == "script/test --all --cov=handouts --cov-fail-under=95"


@pytest.mark.parametrize(
    ("given", "to_pytest"),
    [
        ([], "-n 2 --dist worksteal"),
        (["--all", "--cov=handouts"], "-n 2 --dist worksteal --all --cov=handouts"),
        (["--release"], "-n 2 --dist worksteal --release"),
        (["-x", "tests/merge"], "-x tests/merge"),
        (["--all", "-n", "4"], "--all -n 4"),
    ],
)
def test_two_workers_run_the_tests_unless_somebody_names_some(
    bare_checkout: Path, given: list[str], to_pytest: str
) -> None:
    (bare_checkout / "script" / "bootstrap").write_text("#!/bin/sh\n")
    python = bare_checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$*"\n')
    python.chmod(0o755)
    done = subprocess.run([bare_checkout / "script" / "test", *given], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"-m pytest {to_pytest}\n", "")


def test_a_quick_run_leaves_out_what_is_slow_and_only_a_release_has_everything() -> None:
    def collected(*given: str) -> set[str]:
        command = [sys.executable, "-m", "pytest", "--collect-only", *given, "tests/typeset/test_accessibility.py"]
        out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
        return {line for line in out.splitlines() if "::" in line}

    quick, most, every = collected(), collected("--all"), collected("--release")
    assert quick < most < every
    assert collected("-m", "release") == every - most
