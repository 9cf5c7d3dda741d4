"""`approve`: who stands behind exactly which text."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from handouts import paths
from handouts.authoring.approvals import (
    approval_of,
    missing_safety,
    require_writable,
    to_look_at,
    write_approval,
    write_text,
)
from handouts.cli import cli
from handouts.errors import ContentFault, OutputFault, Refused
from handouts.load.library import load_library
from handouts.merge.merge import approval_state
from handouts.model.content import Topic
from tests.conftest import TOPIC

DAY = date(2026, 11, 23)


@pytest.fixture
def filled(content: Path) -> Path:
    """Content whose safety fields a clinician has filled in."""
    path = content / "topics" / TOPIC / "topic.yaml"
    text = path.read_text()
    for name in missing_safety(_topic(content)):
        text = re.sub(rf"(?m)^  {name}:.*$", f"  {name}: Ask us.", text)
    path.write_text(text)
    return content


def _topic(content: Path) -> Topic:
    return load_library(content, TOPIC).topic


def _run(content: Path, *args: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--content", str(content), "--today", str(DAY), *args], input=answer)


def test_it_refuses_while_safety_fields_are_empty_and_names_them(content: Path):
    assert "driving" in missing_safety(_topic(content))
    result = _run(content, "approve", TOPIC, "--by", "Dr. A", "--yes")
    assert result.exit_code == 8
    assert "urgent_signs" in result.output
    assert not (content / "topics" / TOPIC / "approval.yaml").exists()


def test_an_approval_holds_for_exactly_this_text(filled: Path):
    assert _run(filled, "approve", TOPIC, "--by", "Dr. A", "--yes").exit_code == 0
    topic = _topic(filled)
    assert topic.approval is not None
    assert (topic.approval.by, topic.approval.on) == ("Dr. A", DAY)
    assert approval_state(topic, DAY) == "approved"
    option = filled / "topics" / TOPIC / "en" / "botox.md"
    option.write_text(option.read_text() + "\nOne more word.\n")
    assert approval_state(_topic(filled), DAY) == "changed"


def test_it_ends_after_its_last_day(filled: Path):
    until = DAY + timedelta(days=30)
    write_approval(_topic(filled), approval_of(_topic(filled), "Dr. A", DAY, until))
    assert approval_state(_topic(filled), until) == "approved"
    assert approval_state(_topic(filled), until + timedelta(days=1)) == "expired"


def test_by_default_it_holds_a_year_but_not_past_the_review(filled: Path):
    topic = _topic(filled)
    assert approval_of(topic, "Dr. A", DAY, None).until == min(DAY + timedelta(days=365), topic.file.review_by)


@pytest.mark.parametrize("until", [DAY - timedelta(days=1), DAY + timedelta(days=3 * 365 + 1)])
def test_a_date_that_has_passed_or_lies_too_far_ahead_is_refused(filled: Path, until: date):
    with pytest.raises(Refused):
        approval_of(_topic(filled), "Dr. A", DAY, until)


def test_a_name_that_cannot_be_printed_is_refused(filled: Path):
    with pytest.raises(ContentFault, match="by"):
        approval_of(_topic(filled), "Dr.\u202e A", DAY, None)


def test_a_name_with_quotes_and_colons_is_kept_as_it_is(filled: Path):
    name = 'Dr. "Ada": Müller #1'
    write_approval(_topic(filled), approval_of(_topic(filled), name, DAY, None))
    approval = _topic(filled).approval
    assert approval is not None
    assert approval.by == name


def test_the_approver_is_shown_what_to_look_at(filled: Path):
    lines = "\n".join(to_look_at(_topic(filled)))
    assert "number mvd-relief: 91 out of 100 people, from Miller" in lines
    assert "figure cushion" in lines
    assert "Ask us." in lines
    write_approval(_topic(filled), approval_of(_topic(filled), "Dr. A", DAY, None))
    option = filled / "topics" / TOPIC / "en" / "botox.md"
    option.write_text(option.read_text() + "\nOne more word.\n")
    assert "what has changed since Dr. A approved it" in "\n".join(to_look_at(_topic(filled)))


def test_a_no_at_the_question_records_nothing(filled: Path):
    result = _run(filled, "approve", TOPIC, "--by", "Dr. A", answer="n\n")
    assert result.exit_code == 8
    assert "number mvd-relief" in result.output
    assert _topic(filled).approval is None


def test_an_installed_program_does_not_write_into_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(paths, "is_installed", lambda: True)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    with pytest.raises(OutputFault, match="--content"):
        require_writable(tmp_path / "content")
    require_writable(tmp_path.parent)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputFault, match="can't be written"):
        write_text(tmp_path / "file" / "approval.yaml", "x")
