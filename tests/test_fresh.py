"""script/fresh with programs that only say what they were asked for: what it runs, what it leaves, how it ends."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from tests.conftest import PATIENCE, ROOT
from tests.desk.network_page import steps

BARE = {
    "id": "echo @ID@",
    "git": """case $1 in
        status) ;;
        -C) ;;
        clone) for to; do :; done; mkdir -p "$to" && cp -R script "$to" ;;
        *) exit 9 ;;
    esac""",
    "unshare": 'while [ "${1#--}" != "$1" ]; do shift; done; exec "$@"',
    "debootstrap": """echo "debootstrap $*" | sed 's# [^ ]*/root.*##' >>"@SAID@"
        for root; do case $root in */root) break ;; esac; done
        mkdir -p "$root/etc/apt/apt.conf.d" "$root/root"
        exit @MADE@""",
    "findmnt": "echo @GROUPS@",
    "mount": "exit 0",
    "chroot": """root=$1
        while [ "$1" != sh ]; do given="$given $1"; shift; done
        shift 4
        echo "$*" >>"@SAID@"
        echo "$given" >>"@SAID@.environment"
        case $1 in
            */demo) @DEMO@ ;;
            sh) cp "$root/root/$2" "@SAID@.steps" ;;
        esac
        exit @TEST@""",
}
"""Stands for a machine on which root may make a bare Debian."""
MINIMAL = "--variant=minbase --include=git"


TOOLS = "sh env true dirname mktemp mkdir rm rmdir find cp cat sed grep date install head tail sleep"


def _hear_all_signals() -> None:
    """Whoever started the tests may have some ignored (nohup), and a shell can't trap those."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@dataclass
class Bare:
    """Runs script/fresh with programs that only say what they were asked for."""

    folder: Path

    def start(
        self,
        *args: str,
        demo: str = "exit 0",
        test: int = 0,
        uid: int = 0,
        made: int = 0,
        without: str = "",
        groups: str | Path = "",
    ) -> Popen[str]:
        programs, self.temporary = self.folder / "programs", self.folder / "tmp"
        programs.mkdir()
        self.temporary.mkdir()
        for name in TOOLS.split():
            (programs / name).symlink_to(str(shutil.which(name)))
        for name, text in BARE.items():
            fields = {
                "SAID": self.folder / "said",
                "DEMO": demo,
                "TEST": test,
                "ID": uid,
                "MADE": made,
                "GROUPS": groups,
            }
            for field, value in fields.items():
                text = text.replace(f"@{field}@", str(value))
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        if without:
            (programs / without).unlink()
        given = {"PATH": str(programs), "TMPDIR": str(self.temporary), "HOME": str(self.folder), "SECRET": "x"}
        given |= {"PIP_TIMEOUT": "7 s", "https_proxy": "proxy.example"}
        command = [str(ROOT / "script" / "fresh"), *args]
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
        assert bare.said() == [f"debootstrap {MINIMAL} trixie", "script/demo", "script/test -k a name"]
        assert re.search(r"fresh: trixie: script/test: [0-9]+ s, exit status 0", done.stderr)
        assert list(bare.temporary.iterdir()) == []

    def test_debian_12_is_what_it_tries_unless_another_is_named(self, bare: Bare) -> None:
        assert bare.run("-x").returncode == 0
        assert bare.said()[0] == f"debootstrap {MINIMAL} bookworm"
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

    def test_for_the_desk_it_follows_the_first_four_steps_as_the_page_has_them(self, bare: Bare) -> None:
        bare.run("trixie", "--desk")
        assert bare.said() == ["debootstrap trixie", "sh steps"]
        page = "".join(commands for head, commands in steps().items() if re.match("[1-4]\\. ", head))
        followed = (bare.folder / "said.steps").read_text()
        assert followed == "set -eu\n" + page.replace("ADDRESS", "/srv/handouts.git")

    def test_steps_that_fail_end_it(self, bare: Bare) -> None:
        failed = bare.run("trixie", "--desk", test=7)
        assert (failed.returncode, "NOT TRIED" in failed.stderr) == (1, False), failed.stderr

    @pytest.mark.parametrize("groups", [False, True])
    def test_where_systemd_can_not_be_started_it_says_so_and_leaves_nothing(
        self, bare: Bare, tmp_path: Path, groups: bool
    ) -> None:
        (tmp_path / "groups").mkdir()
        refused = bare.run("--desk", groups=tmp_path / "groups" if groups else "")
        assert refused.returncode == 69, refused.stderr
        assert "NOT TRIED: systemd" in refused.stderr
        assert list(bare.temporary.iterdir()) == []


def test_ci_tries_a_bare_debian_and_says_when_it_did_not() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    assert 'script/fresh "$@" || status=$?' in text
    assert "on_a_bare_debian bookworm\non_a_bare_debian trixie --desk\n" in text
    assert "NOT tried" in text
