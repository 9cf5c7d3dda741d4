"""The house stays in order: few rooms, imports one way, clock and screen outside, a cache key that covers the page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from handouts import paths
from handouts.typeset.versions import PAGE_ROOMS
from tests.conftest import ROOT

LEVELS = (
    ("errors",),
    ("paths", "atomic"),
    ("model",),
    ("keyed_hash",),
    ("fonts", "codes"),
    ("load",),
    ("keys", "lists", "merge", "stamp", "typeset"),
    ("sqlitefile", "datafolder", "https", "keyring"),
    ("fhir",),
    ("deliver", "authoring"),
    ("pipeline",),
    ("record", "check"),
    ("batch", "doctor"),
    ("desk",),
    ("cli",),
)
"""From what everything stands on to what nothing else may use. A room uses those on levels below its own."""
SHARED = {"errors", "paths", "atomic", "keyed_hash"}
"""What the rooms of a page may use though the cache key leaves it out: messages, where files lie, how they are written,
and hashes, which no page shows. The files themselves are in the key.
"""
PRINTS = {"print", "input", "echo", "secho", "prompt", "confirm", "getpass"}
CLOCK = {"time", "time_ns", "now", "today", "utcnow", "localtime", "gmtime", "ctime"}
STOPWATCH = {"monotonic", "perf_counter", "sleep"}
WAIT = {
    "atomic.py",
    "batch/cluster.py",
    "deliver/mail/client.py",
    "deliver/mail/consent.py",
    "deliver/mail/smtp.py",
    "desk/connections.py",
    "desk/making.py",
    "sqlitefile.py",
}
"""Edge modules that wait for a disk or for other machines, and so look at how long it takes."""

FILES = sorted(path.relative_to(paths.PACKAGE) for path in paths.PACKAGE.rglob("*.py"))
TREES = {path: ast.parse((paths.PACKAGE / path).read_text(encoding="utf-8")) for path in FILES}
BELOW_CLI = [path for path in FILES if path.parts[0] != "cli"]


def room(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def name(path: Path) -> str:
    return ".".join(("handouts", *path.with_suffix("").parts)).removesuffix(".__init__")


MODULES = {name(path): path for path in FILES}


def imports(path: Path) -> Iterator[tuple[int, Path]]:
    """Modules of ours that a module imports, wherever it does so, with the line."""
    for node in ast.walk(TREES[path]):
        named: list[str] = []
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            named = [f"{node.module}.{alias.name}" for alias in node.names]
        for one in named:
            if one.split(".")[0] == "handouts":
                assert isinstance(node, ast.Import | ast.ImportFrom)
                yield node.lineno, MODULES[one if one in MODULES else one.rpartition(".")[0]]


def calls(path: Path) -> Iterator[tuple[int, str, str]]:
    """What a module calls or hands on by name: the line, what stands before the dot, and the name."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.lineno, node.value.id, node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, "", node.func.id


def test_a_newcomer_sees_the_house_at_a_glance() -> None:
    entries = [path for path in paths.PACKAGE.iterdir() if not path.name.startswith(("_", "."))]
    assert len([path for path in entries if path.is_dir()]) <= 15
    assert len([path for path in entries if path.suffix == ".py"]) <= 12
    assert {room(path) for path in FILES} - {"__init__"} == {one for level in LEVELS for one in level}


@pytest.mark.parametrize("path", [path for path in FILES if len(path.parts) > 1 and path.stem == "__init__"], ids=str)
def test_a_room_lists_its_modules(path: Path) -> None:
    heads = re.findall(r"^- (`\w+`(?:, `\w+`)*) ", ast.get_docstring(TREES[path]) or "", re.M)
    listed = [one for head in heads for one in re.findall(r"\w+", head)]
    here = len(path.parts)
    there = {Path(one.parts[here - 1]).stem for one in FILES if one.is_relative_to(path.parent)} - {"__init__"}
    assert sorted(listed) == sorted(there)


def test_contributing_shows_the_house_as_it_is() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = page.split("handouts/  ")[1].split("\ncontent/")[0]
    shown = re.findall(r"^  ([\w./]+)", block, re.M)
    there = [entry for entry in paths.PACKAGE.iterdir() if not entry.name.startswith(("_", "."))]
    assert sorted(shown) == sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in there)
    order = re.findall(r"^cli( ->.*(?:\n.*->.*)*)", page, re.M)
    assert [re.findall(r"\w+", level) for level in f"cli{order[0]}".split("->")] == [list(one) for one in LEVELS[::-1]]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_point_one_way(path: Path) -> None:
    level = {one: number for number, rooms in enumerate(LEVELS) for one in rooms} | {"__init__": len(LEVELS)}
    for line, used in imports(path):
        if room(used) not in {room(path), "__init__"}:
            assert level[room(used)] < level[room(path)], f"{path}:{line} uses {used}, which stands above it"


def test_below_the_command_line_no_module_needs_itself() -> None:
    TopologicalSorter({path: {used for _, used in imports(path)} for path in BELOW_CLI}).prepare()


@pytest.mark.parametrize("path", BELOW_CLI, ids=str)
def test_below_the_command_line_nothing_prints_or_looks_at_the_clock(path: Path) -> None:
    for line, owner, called in calls(path):
        place = f"{path}:{line} {owner}.{called}"
        assert not (called in PRINTS and owner in {"", "click", "getpass"}), place
        assert not (owner == "sys" and called in {"stdout", "stderr", "stdin"}), place
        assert not (called in CLOCK and owner in {"time", "datetime", "date"}), place
        assert not (called in STOPWATCH and owner == "time" and path.as_posix() not in WAIT), place


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] in PAGE_ROOMS], ids=str)
def test_the_cache_key_covers_what_decides_how_a_page_comes_out(path: Path) -> None:
    for line, used in imports(path):
        if used != Path("__init__.py"):
            assert used.parts[0] in PAGE_ROOMS or room(used) in SHARED, f"{path}:{line} uses {used}"
