"""What YAML takes without a word, and nobody meant: a text cut at its comma, a colour that is a comment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handouts.errors import ContentFault, RequestFault
from handouts.load.library import load_clinic, load_library
from handouts.load.requests import load_preset, parse_request
from handouts.load.validation import validate
from handouts.load.yamlfile import Parsed, Unreadable, parse
from handouts.model.document import InstructionHead, OptionHead, OverviewHead
from handouts.model.request import Request
from handouts.model.topic_file import TopicFile
from handouts.model.topic_words import OwnWords
from tests.conftest import CONTENT, TOPIC

CUT = "looks like a text cut at a comma; put quotes around it"


def told(model: type, text: str) -> list[str]:
    with pytest.raises(Unreadable) as caught:
        validate(model, parse(text, "f"))
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("model", "text", "key"),
    [
        (TopicFile, "safety:\n  urgent_signs: {urgent: true, text: Chest pain, a faint, or worse. Call 911.}",
         "safety.urgent_signs.text"),
        (TopicFile, "safety: {driving: Do not drive, or ride}", "safety.driving"),
        (TopicFile, "\nsources: {a: {cite: A Author, B Author. J 2020}}", "sources.a.cite"),
        (TopicFile, "\nnumbers: {n: {count: 5, out_of: 100, over: six months, or more, source: a}}", "numbers.n.over"),
        (InstructionHead, "name: x\ntimetable:\n  - {when: That day, what: Come with your list, and eat nothing}",
         "timetable.1.what"),
        (OptionHead, "name: x\nharms:\n  - {what: tiredness, mostly at first, passes: true}", "harms.1.what"),
        (OverviewHead, "name: x\nmatters: [To feel well, as I did before, To sleep]", "matters.1"),
        (InstructionHead, "name: x\ncall_us: [{when: Soon, signs: [Fever, Bleeding, or fluid that leaks]}]",
         "call_us.1.signs.2"),
        (OptionHead, "name: x\ngrid: {what: A pill, once a day}", "grid.what"),
        (OverviewHead, "name: x\nsafety: {driving: When you drive, or ride}", "safety.driving"),
        (OwnWords, "rows: {cost: What does it cost?, life: How is life, with it?}", "rows.life"),
        (OwnWords, "diary:\n  columns:\n    - {question: How strong, at its worst?, scale: 0 to 10}",
         "diary.columns.1.question"),
    ],
)  # fmt: skip
def test_a_text_cut_at_a_comma_in_braces_is_told_with_its_key(model: type, text: str, key: str) -> None:
    found = [fault for fault in told(model, text) if CUT in fault]
    line = 1 + text.rstrip().count("\n")
    assert found
    assert set(found) == {f"f:{line}: '{key}' {CUT}"}
    rest = text.partition(", ")[2][:4]
    assert not any("unknown key" in fault and rest in fault for fault in told(model, text))


@pytest.mark.parametrize("entry", ["{id: one, diary}", "{id: one, diray}"])
def test_a_key_half_written_is_told_as_that(entry: str) -> None:
    (fault,) = [fault for fault in told(TopicFile, f"options:\n  - {entry}") if "has no value" in fault]
    assert "f:2: " in fault
    assert "write 'diary: ...'" in fault


@pytest.mark.parametrize("text", ["name: x\ncheklist:\n", "name: x\ncheklist: ~\n", 'name: x\n"cheklist": null\n'])
def test_an_unknown_key_without_a_value_is_told_like_any_other(text: str) -> None:
    assert told(InstructionHead, text) == ["f:2: unknown key 'cheklist'. Did you mean 'checklist'?"]


def test_a_known_key_without_a_value_counts_as_missing() -> None:
    assert validate(InstructionHead, parse("name: x\nchecklist:\ntimetable: ~\n", "f")).checklist == ()
    assert validate(TopicFile, parse(LEAST + "safety: {urgent_signs: {urgent: true, text: }}", "f"))


LEAST = "version: '1'\npublished: 2026-01-01\nreview_by: 2027-01-01\noptions: [{id: one}]\n"


def test_a_patients_name_that_a_comma_has_cut_is_told_and_not_shown() -> None:
    with pytest.raises(RequestFault) as caught:
        parse_request(f"topic: {TOPIC}\noptions: [botox]\npatient: {{name: Zebra, Maria}}\n", "r.yaml")
    assert f"r.yaml:3: 'patient.name' {CUT}" in caught.value.message
    assert "Maria" not in caught.value.message


def test_in_a_preset_and_in_words_a_cut_text_is_told_too(content: Path) -> None:
    presets = content / "clinics" / "cohen" / "presets"
    (presets / "cut.yaml").write_text("appointment: {at: 2026-12-04T10:30, where: Room 4, second floor}\n")
    with pytest.raises(ContentFault, match=r"'appointment\.where' looks like a text cut at a comma"):
        load_preset(content, "cohen", "cut")
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text().replace("short: ", "sohrt:\nshort: ", 1))
    with pytest.raises(ContentFault, match=r"botox.md:3: unknown key 'sohrt'"):
        load_library(content, TOPIC)


def test_what_was_printed_from_before_is_read_as_it_was() -> None:
    parsed = parse("name: x\ncheklist:\ntimetable: [{when: Day 1, what: Rest, and eat}]\n", "f")
    assert validate(InstructionHead, parsed, archived=True).timetable[0].what == "Rest"


@pytest.mark.parametrize(
    "text",
    [
        "{a: 'b, c'}",
        "{a: , b: ~, c: null}",
        '{"a":"b","c":null}',
        "{a: b} # c, d",
        "a: [well, so-so, 'and so', And so]",
        "a:\n  - well\n  - and so on",
    ],
)
def test_what_has_its_colon_is_no_slip(text: str) -> None:
    assert parse(text, "f").slips == {}


@pytest.mark.parametrize(
    "colors",
    [
        'colors: {ink: #17324d, accent: "#0b6e8a"}\npaper: a4\n',
        "colors:\n  ink: #17324d\npaper: a4\n",
        "colors: {\n  ink: #17324d,\n  accent: x}\n",
    ],
)
def test_a_color_without_quotes_is_told_at_its_own_line(content: Path, colors: str) -> None:
    path = content / "clinics" / "cohen" / "clinic.yaml"
    path.write_text(f"name: Mine\nphone: 1\n{colors}")
    line = next(i for i, row in enumerate(path.read_text().split("\n"), 1) if "ink" in row)
    with pytest.raises(ContentFault) as caught:
        load_clinic(content, "cohen")
    assert f"clinic.yaml:{line}: " in caught.value.message
    assert 'a color needs quotes, as in "#17324d"' in caught.value.message


def test_the_end_of_a_file_is_named_only_where_nothing_better_is_known() -> None:
    with pytest.raises(Unreadable, match=r"did not find expected .*put quotes around a text that holds a colon"):
        parse('a: {b: "x" y}\nc: d\n', "f")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("checklist:\n  - Loose clothes: no belts", "'checklist.1' must be text; put quotes around a text that"),
        ("checklist:\n  - [a] first", "is not valid YAML"),
        ("checklist:\n  - [a, b]", "'checklist.1' must be text; put quotes around a text that starts with ["),
        ("checklist:\n  -\n", "'checklist.1' must be text; it is empty"),
    ],
)
def test_a_text_that_yaml_takes_for_more_is_told_with_the_way_out(text: str, message: str) -> None:
    found = told(InstructionHead, f"name: x\n{text}")
    assert any(message in fault for fault in found), found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sections: [{id: Diabetes}]", "'sections.1.id' may have only lower-case letters, digits and hyphens"),
        ("made_for: newest", "'made_for' must be a version, such as 0.1"),
    ],
)
def test_what_has_another_form_is_told_with_the_right_one(text: str, message: str) -> None:
    assert any(message in fault for fault in told(TopicFile, text))


def test_a_missing_part_is_told_with_what_it_holds() -> None:
    assert told(OptionHead, "name: x")[0].startswith("f:1: '")
    with pytest.raises(Unreadable, match=r"'patient' is missing, such as 'patient: \{name: \.\.\.\}'"):
        validate(Request, Parsed({"topic": "x"}, {}, "f"))


BLOCKS = re.findall(r"^```yaml\n(.*?)^```", (CONTENT / "README.md").read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("block", BLOCKS)
def test_the_examples_that_authors_copy_hold_no_text_that_a_comma_could_cut(block: str) -> None:
    assert parse(block, "README.md").slips == {}
    assert not re.search(r"\{[^}]*\b(text|what|cite|over|question|when|how_often):", block)


def test_authors_are_told_that_a_comma_needs_quotes() -> None:
    assert "contains a **comma** and stands between braces" in (CONTENT / "README.md").read_text(encoding="utf-8")
