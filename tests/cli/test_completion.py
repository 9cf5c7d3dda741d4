"""What the shell offers when someone presses Tab, from the program and in a real bash."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from handouts.cli import cli
from tests.conftest import PATIENCE, ROOT, TOPIC


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a request in it."""
    (tmp_path / "request.yaml").write_text("", encoding="utf-8")
    return tmp_path


def test_bash_completes_commands_options_topics_and_treatment_options() -> None:
    def completed(words: str) -> list[str]:
        env = {"_HANDOUTS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
        result = CliRunner(env=env).invoke(cli, prog_name="handouts")
        return [line.split(",", 1)[1] for line in result.output.splitlines()]

    assert {"make", "blank", "topics"} <= set(completed("handouts "))
    assert "--large-print" in completed("handouts make --l")
    assert completed("handouts make --topic hemi") == [TOPIC]
    assert completed("handouts make --option bo") == ["botox"]
    assert completed("handouts make --clinic s") == ["seaview-example"]
    assert completed("handouts make --preset su") == ["surgery-talk"]
    assert completed("handouts blank h") == [TOPIC]
    assert completed("handouts approve h") == [TOPIC]
    assert completed(f"handouts blank {TOPIC} --option radio") == ["radiofrequency", "radiosurgery"]


def test_tab_offers_the_options_of_the_topic_that_was_named_and_no_other(content: Path) -> None:
    (content / "topics" / "other").mkdir()
    topic = (content / "topics" / TOPIC / "topic.yaml").read_text(encoding="utf-8")
    other = topic.replace("- {id: botox,", "- {id: boxing,").replace("    botox: [", "    boxing: [")
    (content / "topics" / "other" / "topic.yaml").write_text(other, encoding="utf-8")

    def offered(words: str) -> str:
        env = {"_HANDOUTS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        return CliRunner(env=env).invoke(cli, prog_name="handouts").output

    start = f"handouts --content {content}"
    assert offered(f"{start} blank other --option bo") == "plain,boxing\n"
    assert offered(f"{start} make --option bo") == "plain,botox\nplain,boxing\n"


def test_tab_offers_sheets_and_of_the_options_those_that_were_chosen() -> None:
    def offered(words: str) -> list[str]:
        env = {"_HANDOUTS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        return CliRunner(env=env).invoke(cli, prog_name="handouts").output.replace("plain,", "").split()

    assert offered("handouts make --sheet fr") == ["front"]
    assert offered("handouts make --sheet p") == ["plan", "practice"]
    assert offered("handouts batch --sheet radio") == ["radiofrequency", "radiosurgery"]
    assert offered(f"handouts blank {TOPIC} --option radiosurgery --sheet r") == ["radiosurgery"]
    assert {"front", "comparison", "condition", "questions", "diary", "botox"} <= set(offered("handouts make --sheet "))


def _until(terminal: int, *ends: str) -> str:
    """What the terminal shows until one of ``ends`` is in it, or patience is over."""
    shown, deadline = "", time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not any(end in shown for end in ends):
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 4096).decode(errors="replace")
    return shown


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not here")
@pytest.mark.usefixtures("terminals")
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("handouts bl", "handouts blank "),
        ("handouts make --lar", "--large-print "),
        ("handouts make --option bo", "--option botox "),
        ("handouts make requ", "make request.yaml"),
    ],
)
def test_tab_completes_in_a_real_bash(here: Path, typed: str, shown: str) -> None:
    program = here / "handouts"
    program.write_text(f"#!{sys.executable}\nfrom handouts.cli import main\nmain()\n")
    program.chmod(0o755)
    env = {**os.environ, "PATH": f"{here}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "PS1": "$ ", "TERM": "dumb"}
    ours, theirs = os.openpty()
    with subprocess.Popen(
        ["bash", "--norc", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=here, start_new_session=True
    ) as bash:
        os.close(theirs)
        os.write(ours, b"eval \"$(_HANDOUTS_COMPLETE=bash_source handouts)\"; echo rea''dy\n")
        assert "ready" in _until(ours, "ready")
        os.write(ours, typed.encode() + b"\t")
        told = _until(ours, shown)
        bash.kill()
    os.close(ours)
    assert shown in told


@pytest.mark.parametrize("name", ["handouts", "generate.py"])
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_program_prints_what_a_shell_needs_to_complete(tmp_path: Path, name: str, shell: str) -> None:
    if shell == "bash" and not shutil.which("bash"):
        pytest.skip("bash is not here")
    program = tmp_path / name
    program.write_text(f"#!{sys.executable}\nfrom handouts.cli import main\nmain()\n")
    program.chmod(0o755)
    variable = {"handouts": "_HANDOUTS_COMPLETE", "generate.py": "_GENERATE_PY_COMPLETE"}[name]
    env = {**os.environ, variable: f"{shell}_source", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([str(program)], env=env, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert (
        f"{variable}={shell}_complete" in done.stdout or f"{variable}={shell}_complete".replace("=", " ") in done.stdout
    )


def test_the_help_says_how_to_turn_completion_on() -> None:
    assert "_HANDOUTS_COMPLETE=bash_source handouts" in CliRunner().invoke(cli, ["--help"]).output
