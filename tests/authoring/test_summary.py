"""A topic at a glance: what the desk's table of topics shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from handouts.authoring.summary import SheetState, UnreadableTopic, sheet_title, summaries, summarize
from handouts.load.library import load_library, topic_ids
from handouts.model.content import Library
from tests.approving import approved_by, changed_since
from tests.clinics import say
from tests.conftest import CONTENT, TODAY, TOPIC


def sheet_of(library: Library, name: str) -> SheetState:
    found = summarize(library, TODAY).sheet(name)
    assert found
    return found


def test_every_topic_is_told_with_its_dates(library: Library):
    found = {summary.id: summary for summary in summaries(CONTENT, TODAY)}
    assert [*found] == topic_ids(CONTENT)
    summary = found[TOPIC]
    assert not isinstance(summary, UnreadableTopic)
    assert (summary.name, summary.version) == ("Hemifacial spasm", library.topic.file.version)
    assert summary.review_by - timedelta(days=summary.days_left) == TODAY


def test_a_review_that_is_overdue_has_days_below_zero(library: Library):
    late = library.topic.file.review_by + timedelta(days=3)
    assert summarize(library, late).days_left == -3


def test_a_topic_with_faults_is_told_beside_those_that_are_sound(content: Path):
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text().replace("## ", "### ", 1))
    found = {summary.id: summary for summary in summaries(content, TODAY)}
    broken = found.pop(TOPIC)
    assert isinstance(broken, UnreadableTopic)
    assert {fault.file for fault in broken.error.faults} == {f"topics/{TOPIC}/en/botox.md"}
    assert not any(isinstance(other, UnreadableTopic) for other in found.values())


def test_the_sheets_are_all_that_the_topic_can_print(library: Library):
    names = [sheet.name for sheet in summarize(library, TODAY).sheets]
    first = ["front", "comparison", "plan", "condition"]
    assert names == [*first, *library.topic.option_order, "questions", "diary"]


def test_a_practice_with_a_page_of_its_own_has_it_among_the_sheets(content: Path):
    say(content, "practice_page", "true")
    library = load_library(content, TOPIC)
    assert summarize(library, TODAY).sheets[-1].title == "The practice's own page"


def test_a_sheet_is_approved_when_all_files_are_that_it_prints_from(library: Library):
    files = sheet_of(library, "botox").files
    assert {"en/botox.md", "topic.yaml", "words/en.yaml", "figures/injection-sites.svg"} <= set(files)
    assert "en/radiosurgery.md" not in files
    assert sheet_of(library, "botox").state == "not_approved"
    but_one = approved_by(library, *(name for name in files if name != "topic.yaml"))
    assert sheet_of(but_one, "botox").state == "not_approved"
    approved = approved_by(library, *files)
    assert (sheet_of(approved, "botox").state, sheet_of(approved, "radiosurgery").state) == ("approved", "not_approved")
    assert sheet_of(changed_since(approved, "en/botox.md"), "botox").state == "changed"


def test_sheets_are_called_by_what_they_are(library: Library):
    titles = {sheet.name: sheet.title for sheet in summarize(library, TODAY).sheets}
    assert (titles["botox"], titles["condition"], titles["plan"]) == (
        "Botox injections",
        "Hemifacial spasm",
        "Your medicines",
    )


@pytest.mark.parametrize("topic", topic_ids(CONTENT))
def test_no_sheet_of_a_topic_is_without_a_title(topic: str):
    library = load_library(CONTENT, topic)
    assert all(sheet_title(library.topic, sheet.name) for sheet in summarize(library, TODAY).sheets)


def test_safety_fields_that_are_empty_are_told_with_label_and_line(library: Library):
    empty = {field.name: field for field in summarize(library, TODAY).empty}
    lines = (library.topic.folder / "topic.yaml").read_text().split("\n")
    driving = empty["driving"]
    assert lines[driving.line - 1].strip().startswith("driving:")
    assert driving.label == library.topic.overview.head.safety["driving"]
    assert (driving.urgent, empty["urgent_signs"].urgent) == (False, True)


def test_a_topic_of_more_medicines_than_fit_a_request_is_told_too(library: Library):
    [first, *_] = library.topic.medicines.values()
    many = {f"medicine-{number}": first for number in range(20)}
    assert summarize(replace(library, topic=replace(library.topic, medicines=many | library.topic.medicines)), TODAY)
