"""Every text that can be printed is measured, and a finding says where it stands: file, line, sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from handouts.check import Finding, check_clinic, check_topic
from handouts.check.findings import at_most
from handouts.check.places import located
from handouts.load.library import clinic_ids, load_library
from tests.topics import GUIDE, GUIDE_FILES, write_topic

TOPIC = "hemifacial-spasm"
HFS = f"topics/{TOPIC}"
FLAW = "It helps 9 in 10."
Found = Callable[[Path], list[Finding]]


@pytest.fixture
def failures(today: date) -> Found:
    """What fails in a content folder, of the topic and of all clinics."""

    def run(content: Path) -> list[Finding]:
        library = load_library(content, TOPIC)
        found = check_topic(library, today)
        for clinic in clinic_ids(content):
            found += check_clinic(load_library(content, TOPIC, clinic).clinic, library.topic)
        return list(dict.fromkeys(item for item in found if item.level == "failure"))

    return run


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (f"{HFS}/en/overview.md", "name: Hemifacial spasm", f"name: {FLAW}"),
        (f"{HFS}/en/overview.md", "line: ", f"line: {FLAW} "),
        (f"{HFS}/en/overview.md", "## What is hemifacial spasm?\n\n", f"## What is hemifacial spasm?\n\n{FLAW} "),
        (f"{HFS}/en/overview.md", "![A woman's face", f"![{FLAW} A woman's face"),
        (f"{HFS}/en/overview.md", '"A spasm pulls', f'"{FLAW} A spasm pulls'),
        (f"{HFS}/en/botox.md", "one_line: ", f"one_line: {FLAW} "),
        (f"{HFS}/en/botox.md", "takeaway: ", f"takeaway: {FLAW} "),
        (f"{HFS}/en/takeaways.md", "- ", f"- {FLAW} "),
        (f"{HFS}/en/medicines/baclofen.md", "?\n\n", f"?\n\n{FLAW} "),
        (f"{HFS}/en/figures.yaml", "label-massage: massage", f"label-massage: {FLAW}"),
        (f"{HFS}/topic.yaml", "funding:", f'funding: "{FLAW}"'),
        (f"{HFS}/topic.yaml", "  driving:", f'  driving: "{FLAW}"'),
        (f"{HFS}/topic.yaml", "over: each treatment", "over: half of people"),
        ("clinics/cohen/clinic.yaml", "phone:", f'phone: "{FLAW}"'),
        ("clinics/cohen/clinic.yaml", "address: []", f'address: ["{FLAW}"]'),
        ("clinics/cohen/clinic.yaml", "emergency_number:", f'emergency_number: "{FLAW}"'),
        ("clinics/cohen/clinic.yaml", "crisis_line:", f'crisis_line: "{FLAW}"'),
        ("clinics/cohen/practice.en.md", "- ", f"- {FLAW} "),
        ("clinics/seaview-example/clinic.yaml", "line: ", f"line: {FLAW} "),
        ("clinics/seaview-example/presets/botox-first.yaml", "next_steps: [", f"next_steps: [{FLAW}, "),
        ("clinics/seaview-example/presets/botox-first.yaml", "clinician:", f"note: {FLAW}\nclinician:"),
        (
            "clinics/cohen/presets/surgery-talk.yaml",
            "clinician:",
            f"medicines: [{{name: baclofen, remark: {FLAW}}}]\nclinician:",
        ),
        ("words/en.yaml", "note: A note for you", f"note: {FLAW}"),
        ("defaults/en.yaml", "living: What is living with it like?", f"living: {FLAW}"),
    ],
)  # fmt: skip
def test_a_flaw_is_found_in_whatever_is_printed_with_file_line_and_sentence(content, failures, file, old, new):
    path = content / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"the test looks for words that {file} no longer has"
    text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    wrong = "half of people" if "half of people" in new else FLAW
    found = [item for item in failures(content) if item.gate == "'1 in x'"]
    assert found
    lines = {number for number, line in enumerate(text.split("\n"), 1) if wrong in line}
    assert {item.where.partition(": ")[0] for item in found} == {file}
    assert {item.line for item in found} <= lines
    assert all(wrong in item.sentence for item in found)


@pytest.mark.parametrize(
    ("file", "old"),
    [
        ("en/overview.md", "Rest at home."),
        ("en/overview.md", "The spot bleeds"),
        ("en/overview.md", "My pills for the night"),
        ("en/overview.md", "When may I work again?"),
        ("en/overview.md", "A thin tube went from your wrist to your heart."),
        ("en/wound.md", "Your wrist"),
        ("en/wound.md", "Press on the spot if it bleeds"),
        ("en/wound.md", "Rub the spot"),
    ],
)
def test_a_flaw_in_instructions_is_found_too(content, today, file, old):
    write_topic(content, GUIDE, GUIDE_FILES)
    assert [item for item in check_topic(load_library(content, GUIDE), today) if item.level == "failure"] == []
    text = GUIDE_FILES[file]
    assert old in text
    write_topic(content, GUIDE, {**GUIDE_FILES, file: text.replace(old, FLAW, 1)})
    failed = [item for item in check_topic(load_library(content, GUIDE), today) if item.level == "failure"]
    line = text[: text.index(old)].count("\n") + 1
    assert {(item.gate, item.where.partition(": ")[0]) for item in failed} >= {("'1 in x'", f"topics/{GUIDE}/{file}")}
    assert {item.line for item in failed if item.gate == "'1 in x'"} == {line}


def test_a_place_is_told_as_editors_open_it():
    found = Finding("failure", "botox.md: What is it?", "'1 in x'", "9 in 10", "none", "It helps\n9 in 10.", 34)
    assert found.place == "botox.md:34: What is it? (It helps 9 in 10.)"
    long = Finding("failure", "botox.md", "longest sentence", 40, "20 at most", "on and on " * 40)
    assert long.place.startswith("botox.md (on and on ")
    assert len(long.place) < 100


@pytest.mark.parametrize(
    ("part", "sentence", "line"),
    [
        ("text", "It helps 91 out of 100 people.", 3),
        ("text", "It helps you sleep", 7),
        ("What is it?", "Rest.", 6),
        ("What is it?", "", 5),
        ("name", "", 1),
        ("nothing", "Nothing of this.", 0),
    ],
)
def test_a_sentence_is_found_by_its_words_and_else_its_part(tmp_path, part, sentence, line):
    text = "name: It\n\nIt **helps** {relief}.\nRest.\n## What is it?\nRest.\nIt helps\nyou sleep\n"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    failure = Finding("failure", f"a.md: {part}", "gate", 9, "", sentence)
    assert [item.line for item in located([failure], tmp_path)] == [line]


def test_what_is_well_and_what_has_its_line_keep_it(tmp_path):
    (tmp_path / "a.md").write_text("Rest.\n", encoding="utf-8")
    well, known = at_most("a.md: text", "grade", 2.0, 6), Finding("failure", "a.md", "gate", 9, "", "Rest.", 7)
    elsewhere = Finding("failure", "all of it", "reading grade", 9.0)
    assert list(located([well, known, elsewhere], tmp_path)) == [well, known, elsewhere]


def test_a_file_that_is_missing_is_named_as_it_would_lie(tmp_path):
    owed = Finding("notice", f"{TOPIC}/approval.yaml", "approval", "not approved")
    assert [item.where for item in located([owed], tmp_path, TOPIC)] == [f"{HFS}/approval.yaml"]
