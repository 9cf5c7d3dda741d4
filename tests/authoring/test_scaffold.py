"""`new TOPIC`: a skeleton that can be filled in."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from handouts.cli import cli
from handouts.load.library import load_library
from handouts.load.requests import parse_request
from handouts.merge.merge import merge
from tests.reading_pdf import text_of

DAY = date(2026, 11, 23)


def _run(content: Path, *args: str) -> Result:
    return CliRunner().invoke(cli, ["--content", str(content), "--today", str(DAY), *args])


def test_a_new_topic_loads_and_makes_a_handout(content: Path):
    result = _run(content, "new", "back-pain")
    assert result.exit_code == 0, result.output
    library = load_library(content, "back-pain")
    text = "topic: back-pain\noptions: [first-option, no-treatment]\npatient: {name: A B}"
    handout = merge(library, parse_request(text, "r"), DAY).handout
    assert handout.look.title == "Back pain"
    assert [option.short for option in handout.front.options] == ["First option", "No treatment"]
    assert [name for name, _ in handout.sheets()] == [
        "front", "comparison", "plan", "condition", "first-option", "no-treatment", "questions",
    ]  # fmt: skip


def test_a_new_topic_becomes_a_pdf_with_its_medicine(content: Path, tmp_path: Path):
    _run(content, "new", "back-pain")
    request = tmp_path / "request.yaml"
    request.write_text(
        "topic: back-pain\noptions: [first-option, no-treatment]\npatient: {name: A B}\n"
        "medicines: [{name: first-medicine, times: [noon]}]\n"
    )
    result = _run(content, "make", str(request), "-o", str(tmp_path / "new.pdf"))
    assert result.exit_code == 0, result.output
    text = text_of((tmp_path / "new.pdf").read_bytes())
    for words in ("Back pain", "Write one sign a line", "First medicine", "Write the answer here"):
        assert words in text


def test_a_new_topic_passes_check_but_for_notices(content: Path):
    _run(content, "new", "back-pain")
    result = _run(content, "check", "back-pain")
    assert result.exit_code == 0, result.output
    assert "0 failures" in result.output
    assert _run(content, "check", "back-pain", "--text-only", "--strict").exit_code == 3


def test_its_files_say_what_belongs_where(content: Path):
    _run(content, "new", "back-pain")
    text = (content / "topics" / "back-pain" / "topic.yaml").read_text()
    assert text.count("#") > 12


def test_a_topic_that_is_there_is_kept(content: Path):
    before = (content / "topics" / "hemifacial-spasm" / "topic.yaml").read_text()
    assert _run(content, "new", "hemifacial-spasm").exit_code == 8
    assert (content / "topics" / "hemifacial-spasm" / "topic.yaml").read_text() == before


@pytest.mark.parametrize("name", ["../escape", "Big", "a b", "a--b", "", "x" * 61])
def test_a_name_that_could_not_be_a_folder_is_refused(content: Path, name: str):
    before = sorted(content.rglob("*"))
    assert _run(content, "new", name).exit_code == 4
    assert sorted(content.rglob("*")) == before


def test_a_content_folder_that_is_not_there_is_told(tmp_path: Path):
    result = _run(tmp_path / "nowhere", "new", "x")
    assert result.exit_code == 3
    assert "--content" in result.output
