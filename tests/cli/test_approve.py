"""The command `approve`: every gate first, then the question, then what was recorded."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from handouts.check import Finding
from handouts.cli import approve as approving
from handouts.cli import cli
from handouts.load.library import load_library
from handouts.merge.approval import approval_state
from tests.authoring.test_approvals import fill_in
from tests.conftest import TODAY, TOPIC

Approve = Callable[..., Result]
LEFT_OUT = ("microvascular-decompression", "radiofrequency", "radiosurgery", "complementary")


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gates are measured elsewhere: here they hold."""
    monkeypatch.setattr(approving, "measure", lambda *_, **__: [Finding("notice", "x", "a gate", "owed")])


@pytest.fixture
def approve(content: Path) -> Approve:
    """Runs `approve` on a copy of the content whose safety fields are filled in."""
    fill_in(content)

    def run(*args: str, answer: str | None = None) -> Result:
        command = ["--content", str(content), "--today", str(TODAY), "approve", TOPIC, "--by", "Dr. A", *args]
        return CliRunner().invoke(cli, command, input=answer)

    return run


def recorded(content: Path) -> dict[str, str]:
    topic = load_library(content, TOPIC).topic
    return {name: approval.by for name, approval in topic.approvals.items()}


@pytest.mark.usefixtures("passing")
def test_it_records_and_prints_who_approved_which_digest_until_when(approve: Approve, content: Path):
    result = approve(answer="y\n")
    assert result.exit_code == 0, result.output
    topic = load_library(content, TOPIC).topic
    assert set(recorded(content)) == set(topic.digests)
    assert approval_state(topic, TODAY) == "approved"
    for name, digest in topic.digests.items():
        assert f"{name}: Dr. A approved {digest} until " in result.output
    assert "Not approved:" not in result.output


@pytest.mark.usefixtures("passing")
def test_one_file_is_approved_alone_and_what_is_still_missing_is_told(approve: Approve, content: Path):
    result = approve("botox", "--yes")
    assert result.exit_code == 0, result.output
    assert recorded(content) == {"en/botox.md": "Dr. A"}
    assert "Sheets that print from it: front, comparison, botox, questions  (--open shows them)" in result.output
    assert "topic.yaml (not approved)" in result.output
    assert "number mvd-relief" not in result.output


@pytest.mark.usefixtures("passing")
def test_a_no_at_the_question_records_nothing(approve: Approve, content: Path):
    result = approve(answer="n\n")
    assert result.exit_code == 8
    assert "number mvd-relief" in result.output
    assert recorded(content) == {}


@pytest.mark.parametrize("flags", [(), ("--yes",), ("botox", "--yes")], ids=" ".join)
def test_while_a_gate_fails_nothing_is_recorded_whatever_is_answered(
    approve: Approve, content: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...]
):
    failing = Finding("failure", f"{TOPIC}/en/botox.md: x", "reading grade", 9.1, "6 at most")
    monkeypatch.setattr(approving, "measure", lambda *_, **__: [failing])
    result = approve(*flags, answer="y\n")
    assert result.exit_code == 3
    assert "reading grade" in result.output
    assert "Nothing was recorded" in result.output
    assert recorded(content) == {}


@pytest.mark.usefixtures("passing")
def test_text_that_new_wrote_is_named_with_its_line_and_yes_does_not_help(approve: Approve, content: Path):
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text() + "\nWrite the answer here, in short plain lines.\n")
    result = approve("--yes")
    assert result.exit_code == 3
    line = path.read_text().split("\n").index("Write the answer here, in short plain lines.") + 1
    assert f"en/botox.md:{line}: says 'Write the answer here'" in result.output
    assert recorded(content) == {}
    assert approve("no-treatment", "--yes").exit_code == 0, "another file is finished"


@pytest.mark.usefixtures("passing")
def test_a_file_that_changes_while_the_pages_are_read_is_not_approved(
    approve: Approve, content: Path, monkeypatch: pytest.MonkeyPatch
):
    path = content / "topics" / TOPIC / "en" / "botox.md"

    def edit(*_: object, **__: object) -> bool:
        path.write_text(path.read_text() + "\nOne more word.\n")
        return True

    monkeypatch.setattr("click.confirm", edit)
    result = approve("botox")
    assert (result.exit_code, "en/botox.md changed in the meantime" in result.output) == (8, True)
    assert recorded(content) == {}


@pytest.mark.usefixtures("passing")
def test_what_somebody_else_approved_meanwhile_is_kept(
    approve: Approve, content: Path, monkeypatch: pytest.MonkeyPatch
):
    def other(*_: object, **__: object) -> bool:
        monkeypatch.undo()
        monkeypatch.setattr(approving, "measure", lambda *_, **__: [])
        monkeypatch.setenv("HANDOUTS_TESTING", "1")
        assert approve("no-treatment", "--yes", "--checked-by", "Dr. B").exit_code == 0
        return True

    monkeypatch.setattr("click.confirm", other)
    assert approve("botox").exit_code == 0
    assert recorded(content) == {"en/botox.md": "Dr. A", "en/no-treatment.md": "Dr. A"}


@pytest.mark.usefixtures("passing")
def test_open_shows_the_pages_before_the_question(
    approve: Approve, content: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    opened: list[bytes] = []
    monkeypatch.setattr("click.launch", lambda path: opened.append(Path(path).read_bytes()) or 0)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    result = approve("takeaways", "--open", answer="n\n")
    assert result.exit_code == 8
    [pdf] = opened
    assert pdf.startswith(b"%PDF-")
    assert "(--open shows them)" not in result.output
    assert recorded(content) == {}


def test_topics_shows_who_approved_which_file(content: Path, approve: Approve, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(approving, "measure", lambda *_, **__: [])
    approve("botox", "--yes", "--until", "2027-06-01", "--checked-by", "C. Dee")
    shown = CliRunner().invoke(cli, ["--content", str(content), "--today", str(TODAY), "topics", TOPIC]).output
    assert re.search(r"en/botox\.md +approved: by Dr\. A on 2026-11-22, until 2027-06-01, checked by C\. Dee", shown)
    assert re.search(r"topic\.yaml +not approved", shown)
    assert re.search(r"Approval: approved in part: 1 of \d+ files", shown)


@pytest.fixture
def small(content: Path) -> Path:
    """Content of a topic of three options: every gate is measured in seconds."""
    folder = content / "topics" / TOPIC
    text = (folder / "topic.yaml").read_text()
    for name in LEFT_OUT:
        text = re.sub(rf"(?m)^  - (\{{id: )?{name}\b.*\n", "", text)
        (folder / "en" / f"{name}.md").unlink(missing_ok=True)
    (folder / "topic.yaml").write_text(text)
    shutil.rmtree(content / "clinics" / "seaview-example")
    return content


@pytest.mark.heavy
def test_the_gates_of_check_are_those_that_approving_asks(small: Path, approve: Approve):
    path = small / "topics" / TOPIC / "en" / "botox.md"
    good = path.read_text()
    path.write_text(good + "\nThis is the best treatment that there is for anybody.\n")
    refused = approve("--yes")
    assert refused.exit_code == 3, refused.output
    assert "Failures" in refused.output
    assert recorded(small) == {}
    path.write_text(good)
    accepted = approve("--yes")
    assert accepted.exit_code == 0, accepted.output
