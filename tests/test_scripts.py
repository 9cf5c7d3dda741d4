"""The scripts and the lists of packages: what a clean machine depends on."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import PATIENCE
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


BARE = {
    "id": "echo @ID@",
    "git": """case $1 in
        status) ;;
        clone) mkdir -p "$5" && cp -R script "$5" ;;
        *) exit 9 ;;
    esac""",
    "unshare": 'while [ "${1#--}" != "$1" ]; do shift; done; exec "$@"',
    "debootstrap": """echo "debootstrap $3" >>"@SAID@"
        mkdir -p "$4/etc/apt/apt.conf.d" "$4/root"
        exit @MADE@""",
    "mount": "exit 0",
    "chroot": """while [ "$1" != sh ]; do given="$given $1"; shift; done
        shift 4
        echo "$*" >>"@SAID@"
        echo "$given" >>"@SAID@.environment"
        case $1 in */demo) @DEMO@ ;; esac
        exit @TEST@""",
}
"""Stands for a machine on which root may make a bare Debian."""


TOOLS = "sh env true dirname mktemp mkdir rm cp cat sed grep date install tail sleep"


def _hear_all_signals() -> None:
    """Whoever started the tests may have some ignored (nohup), and a shell can't trap those."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@dataclass
class Bare:
    """Runs script/fresh with programs that only say what they were asked for."""

    folder: Path

    def start(
        self, *args: str, demo: str = "exit 0", test: int = 0, uid: int = 0, made: int = 0, without: str = ""
    ) -> Popen[str]:
        programs, self.temporary = self.folder / "programs", self.folder / "tmp"
        programs.mkdir()
        self.temporary.mkdir()
        for name in TOOLS.split():
            (programs / name).symlink_to(str(shutil.which(name)))
        for name, text in BARE.items():
            fields = {"SAID": self.folder / "said", "DEMO": demo, "TEST": test, "ID": uid, "MADE": made}
            for field, value in fields.items():
                text = text.replace(f"@{field}@", str(value))
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        if without:
            (programs / without).unlink()
        given = {"PATH": str(programs), "TMPDIR": str(self.temporary), "HOME": str(self.folder), "SECRET": "x"}
        given |= {"PIP_TIMEOUT": "7 s", "https_proxy": "proxy.example"}
        command = [ROOT / "script" / "fresh", *args]
        return Popen(command, cwd="/", env=given, stdout=PIPE, stderr=PIPE, text=True, preexec_fn=_hear_all_signals)

    def run(self, *args: str, **how: Any) -> subprocess.CompletedProcess[str]:
        with self.start(*args, **how) as started:
            out, err = started.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(args, started.returncode, out, err)

    def said(self) -> list[str]:
        return (self.folder / "said").read_text().splitlines() if (self.folder / "said").exists() else []


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    return Bare(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="Debian is made on Linux alone")
class TestFresh:
    def test_both_commands_run_in_the_release_that_is_named_and_nothing_stays(self, bare: Bare) -> None:
        done = bare.run("trixie", "-k", "a name")
        assert done.returncode == 0, done.stderr
        assert bare.said() == ["debootstrap trixie", "script/demo", "script/test -k a name"]
        assert re.search(r"fresh: trixie: script/test: [0-9]+ s, exit status 0", done.stderr)
        assert list(bare.temporary.iterdir()) == []

    def test_debian_12_is_what_it_tries_unless_another_is_named(self, bare: Bare) -> None:
        assert bare.run("-x").returncode == 0
        assert bare.said()[0] == "debootstrap bookworm"
        assert bare.said()[-1] == "script/test -x"

    def test_of_this_machine_only_what_reaches_packages_is_taken_along(self, bare: Bare) -> None:
        assert bare.run().returncode == 0
        for given in (bare.folder / "said.environment").read_text().splitlines():
            assert all(part in given for part in ("HOME=/root", "PIP_TIMEOUT=7 s", "https_proxy=proxy.example"))
            assert not any(name in given for name in ("SECRET", "TMPDIR"))

    def test_it_ends_with_what_the_tests_end_with(self, bare: Bare) -> None:
        assert bare.run(test=5).returncode == 5
        assert list(bare.temporary.iterdir()) == []

    def test_a_demo_that_fails_ends_it(self, bare: Bare) -> None:
        failed = bare.run(demo="exit 7")
        assert (failed.returncode, len(bare.said())) == (7, 2), failed.stderr

    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ({"uid": 1000}, "only root"),
            ({"without": "debootstrap"}, "apt-get install debootstrap"),
            ({"made": 1}, "could not make a bare bookworm"),
        ],
    )
    def test_where_no_debian_can_be_made_it_says_that_nothing_was_tried(
        self, bare: Bare, how: dict[str, Any], words: str
    ) -> None:
        refused = bare.run(**how)
        assert (refused.returncode, words in refused.stderr, "NOT TRIED" in refused.stderr) == (69, True, True)
        assert not any(line.startswith("script/") for line in bare.said())
        assert list(bare.temporary.iterdir()) == []

    def test_a_release_that_it_does_not_know_is_refused(self, bare: Bare) -> None:
        refused = bare.run("sarge")
        assert (refused.returncode, "name bookworm or trixie" in refused.stderr) == (2, True)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_stopped_in_the_midst_it_leaves_nothing(self, bare: Bare, number: signal.Signals) -> None:
        with bare.start(demo="echo begun; exec sleep 60") as started:
            assert started.stdout is not None
            assert started.stdout.readline() == "begun\n"
            started.send_signal(number)
            assert started.wait(PATIENCE) == 128 + number
            assert list(bare.temporary.iterdir()) == []


def test_ci_tries_a_bare_debian_and_says_when_it_did_not() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    assert "script/fresh bookworm || fresh=$?" in text
    assert "NOT tried" in text


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
