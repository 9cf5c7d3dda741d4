"""The release before and this one, in turns on one data folder: nothing is lost, and what can't be done is told.

A clinic updates one desk before the other, or goes back for a day. Both are run as processes, each with its own texts.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handouts.codes import parse_code
from tests.conftest import CONTENT, PATIENCE, ROOT, TOPIC, free_port
from tests.upgrade.clinic import set_up_mail

pytestmark = pytest.mark.heavy

BEFORE = "62e42f0"
"""The commit of the release before: it keeps version 1 of the record and of the outbox."""
PARTS = ("handouts", "content", "templates", "assets", "generate.py", "pyproject.toml")
GIVEN = ("--topic", TOPIC, "--option", "botox", "--allow-unapproved", "--jobs", "1")
MAILED = ("--yes", "--allow-unapproved")
NEWER = "made by a newer version of this program. Use that one."


@dataclass(frozen=True)
class Program:
    """One version of the program, with its texts and its typeset pages."""

    root: Path
    content: Path
    cache: Path


@dataclass
class Desk:
    """A data folder and a folder to work in, for both versions."""

    old: Program
    new: Program
    home: Path

    @property
    def data(self) -> Path:
        return self.home / "data" / "handouts"

    @property
    def here(self) -> Path:
        return self.home / "here"

    def run(self, program: Program, *args: str, code: int = 0) -> str:
        """What a command says; it has to end with ``code``, and never as a crash."""
        start = [sys.executable, str(program.root / "generate.py"), "--content", str(program.content)]
        surroundings = {"XDG_DATA_HOME": str(self.home / "data"), "XDG_CACHE_HOME": str(program.cache)}
        done = subprocess.run(
            [*start, "--today", "2026-11-22", *args],
            cwd=self.here,
            env=os.environ | surroundings | {"PYTHONPATH": str(program.root), "HANDOUTS_TESTING": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, f"{args}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def make(self, program: Program, name: str, code: int = 0) -> str:
        """Somebody's handout, NAME.pdf; its document code, or what was said instead."""
        patient = f"{{name: {name} Lindqvist, identifier: MRN {name}}}"
        (self.here / f"{name}.yaml").write_text(f"topic: {TOPIC}\noptions: [botox]\npatient: {patient}\n")
        told = self.run(program, "make", f"{name}.yaml", "-o", f"{name}.pdf", code=code)
        return told if code else str(self.events(program)[-1]["code"])

    def mail(self, program: Program, name: str) -> str:
        """Queue NAME.pdf."""
        return self.run(program, "email", f"{name}.pdf", "--to", f"{name}@patients.example", *MAILED)

    def events(self, program: Program) -> list[dict[str, Any]]:
        """The whole record, without what only later versions have in it."""
        told = self.run(program, "record", "export", "--format", "jsonl").splitlines()
        lines = [line for line in told if line.startswith("{")]  # the head is told beside them
        kept = ("seq", "at", "by", "what", "code", "channel", "message", "why", "made")
        return [{name: event.get(name) for name in kept} for event in map(json.loads, lines)]

    def messages(self, program: Program) -> list[tuple[str, str | None, str]]:
        """Number, code and state of each message."""
        lines = [line.split() for line in self.run(program, "outbox", "list").splitlines()]
        return [(line[0], parse_code(line[1]), line[2]) for line in lines if line[0].isdigit()]

    def work_of_the_old(self) -> None:
        """Every command that the old one would do something with is refused, in so many words."""
        (self.here / "list.csv").write_text("patient.name\nOtto Brandt\nPriya Rao\n")
        before = sorted(self.here.rglob("*"))
        pdf, code = next(iter(sorted(self.here.glob("*.pdf")))).name, str(self.events(self.new)[0]["code"])
        commands = (
            ("make", "ada.yaml", "-o", "more.pdf"),
            ("blank", TOPIC, "--option", "botox", "-o", "more.pdf"),
            ("batch", "list.csv", "-d", "list", *GIVEN),
            ("record", "list"),
            ("record", "find", "ada.yaml"),
            ("record", "purge", "--before", "2026-11-22", "--yes"),
            ("verify", pdf),
            ("void", code, "--why", "wrong side"),
            ("email", pdf, "--to", "other@patients.example", *MAILED),
        )
        for command in commands:
            assert NEWER in self.run(self.old, *command, code=8), command
        assert [path for path in sorted(self.here.rglob("*")) if path not in before and path.is_file()] == []


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The release before, out of this checkout's history."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not here, so the release before can't be had")
    packed = subprocess.run([git, "-C", str(ROOT), "archive", BEFORE, *PARTS], capture_output=True)
    if packed.returncode:
        pytest.skip(f"the release before, commit {BEFORE}, is not in the history of this folder")
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
        files.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    set_up_mail(folder / "content", free_port())
    return Program(folder, folder / "content", tmp_path_factory.mktemp("cache-before"))


@pytest.fixture
def desk(before: Program, cache_home: Path, tmp_path: Path) -> Desk:
    (tmp_path / "here").mkdir()
    content = Path(shutil.copytree(CONTENT, tmp_path / "content"))
    set_up_mail(content, free_port())
    return Desk(before, Program(ROOT, content, cache_home), tmp_path)


def test_the_new_one_goes_on_where_the_old_one_began_and_the_old_one_then_touches_nothing(desk: Desk):
    ada, ben = desk.make(desk.old, "ada"), desk.make(desk.old, "ben")
    desk.mail(desk.old, "ada")
    desk.run(desk.old, "void", ben, "--why", "wrong side")
    events, messages = desk.events(desk.old), desk.messages(desk.old)
    head = re.findall(r"[0-9]+-[0-9a-f]{64}", desk.run(desk.old, "record", "verify"))[-1]

    carla = desk.make(desk.new, "carla")
    desk.mail(desk.new, "carla")
    desk.run(desk.new, "void", ada, "--why", "wrong day")
    both, queued = desk.events(desk.new), desk.messages(desk.new)
    assert both[: len(events)] == events
    assert [event["what"] for event in both[len(events) :]] == ["made", "queued", "cancelled", "voided"]
    assert [state for _, _, state in messages] == ["queued"]
    assert [(code, state) for _, code, state in queued] == [(ada, "cancelled"), (carla, "queued")]

    desk.work_of_the_old()
    for command in (("outbox", "list"), ("outbox", "run"), ("outbox", "cancel", "2")):
        assert NEWER in desk.run(desk.old, *command, code=8), command

    assert (desk.events(desk.new), desk.messages(desk.new)) == (both, queued)
    desk.run(desk.new, "record", "verify", "--head", head)
    desk.run(desk.new, "verify", "carla.pdf")
    desk.run(desk.new, "verify", "ben.pdf", code=8)
    desk.run(desk.new, "make", "ben.yaml", "-o", "again.pdf", code=8)  # what the old one voided stays void
    assert "Nothing was queued" in desk.mail(desk.new, "carla")


def test_the_old_one_touches_nothing_in_a_folder_that_the_new_one_began(desk: Desk):
    ada = desk.make(desk.new, "ada")
    desk.work_of_the_old()
    desk.mail(desk.new, "ada")
    both, queued = desk.events(desk.new), desk.messages(desk.new)
    for command in (("outbox", "list"), ("outbox", "run"), ("outbox", "cancel", "1")):
        assert NEWER in desk.run(desk.old, *command, code=8), command
    assert (desk.events(desk.new), desk.messages(desk.new)) == (both, queued)
    assert [(code, state) for _, code, state in queued] == [(ada, "queued")]
    desk.run(desk.new, "record", "verify")
    desk.run(desk.new, "verify", "ada.pdf")


def test_a_look_by_the_new_one_is_enough_and_what_was_there_before_is_kept_beside(desk: Desk):
    ada = desk.make(desk.old, "ada")
    events = desk.events(desk.old)
    desk.run(desk.new, "verify", "ada.pdf")
    assert NEWER in desk.make(desk.old, "ben", code=8)
    assert desk.events(desk.new) == events
    assert [event["code"] for event in events] == [ada]
    assert [path.name for path in desk.data.glob("*-before-*")] == ["record-before-2.sqlite3"]
    desk.run(desk.new, "record", "verify")
