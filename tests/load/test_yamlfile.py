"""Reading YAML and JSON: text stays text, and every fault is reported with its line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from handouts.errors import RequestFault
from handouts.load.requests import parse_request, read_request
from handouts.load.validation import validate
from handouts.load.yamlfile import MAX_BYTES, Parsed, Unreadable, parse
from handouts.model.content import TopicFile
from handouts.model.request import Request
from tests.conftest import PATIENCE

LEAST = "topic: hemifacial-spasm\noptions: [botox]\npatient:\n  name: Maria Gonzalez\n"


def faults(text: str) -> list[str]:
    with pytest.raises(RequestFault) as caught:
        parse_request(text, "r.yaml")
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    "written",
    ["00417", "no", "1e3", "2026.1", "0x1F", "1_000", "12:30:45", "true", ".inf", "0o17", "Null", "2026-11-22"],
)
def test_what_yaml_would_guess_to_be_something_else_stays_text(written: str) -> None:
    assert parse(f"identifier: {written}", "f").data == {"identifier": written}
    assert parse(f'{{"identifier": "{written}"}}', "f").data == {"identifier": written}


@pytest.mark.parametrize("written", ["", "~", "null"])
def test_an_empty_value_is_nothing_and_a_quoted_one_is_text(written: str) -> None:
    assert parse(f"note: {written}", "f").data == {"note": None}
    assert parse(f"note: '{written}'", "f").data == {"note": written}


def test_json_numbers_and_truths_are_text_too_read_either_way() -> None:
    text = '{"identifier": 417, "dose": 1e3, "flag": true, "off": [false, null]}'
    wanted = {"identifier": "417", "dose": "1e3", "flag": "true", "off": ["false", None]}
    assert parse(text, "f").data == wanted
    escaped = text.replace("{", '{"face": "\\ud83d\\ude00", ')  # two escapes for one character: JSON's alone
    assert parse(escaped, "f").data == {"face": "😀", **wanted}


def test_json_surrogate_pairs_and_escaped_slashes_are_read_as_one_character() -> None:
    assert parse('{"name": "\\ud83d\\ude00 a\\/b"}', "f").data == {"name": "😀 a/b"}
    assert parse(json.dumps({"name": "😀é"}), "f").data == {"name": "😀é"}


def test_half_a_surrogate_pair_is_refused() -> None:
    text = '{"topic": "t", "options": ["o"], "patient": {"name": "Maria \\ud800"}}'
    assert "'patient.name' holds half a character" in faults(text)[0]


@pytest.mark.parametrize("text", ["\ufeff" + LEAST, LEAST.replace("\n", "\r\n"), LEAST.replace("\n", "\r")])
def test_byte_order_marks_and_windows_line_ends_make_no_difference(text: str) -> None:
    assert parse_request(text, "r") == parse_request(LEAST, "r")


def test_json_with_a_byte_order_mark_and_tabs_is_read() -> None:
    assert parse('\ufeff{\n\t"a":\t"b"}', "f").data == {"a": "b"}


def test_every_key_knows_its_line_windows_or_not() -> None:
    text = "# head\r\na: 1\r\nb:\r\n  - c: 2\r\n"
    parsed = parse(text, "f")
    assert (parsed.line(("a",)), parsed.line(("b", 0, "c")), parsed.line(("b", 0, "zz"))) == (2, 4, 4)
    assert parse(text, "f", first_line=10).line(("a",)) == 11


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "f:2: repeats the key of line 1"),
        ("p:\n  q: 1\n  q: 2", "f:3: repeats the key of line 2"),
        ("a: &x 1", "f:1: uses an anchor or alias"),
        ("a: 1\nb: *x", "f:2: uses an anchor or alias"),
        ("a:\n\tb: 1", "f:2: is not valid YAML"),
        (
            "b: 2\na: 'never closed\nc: 3\n",
            "f:2: is not valid YAML: a quote or bracket is opened here and never closed",
        ),
        ('b: 2\nc: 3\na: "never closed', "f:3: is not valid YAML: a quote or bracket is opened here"),
        ("note: at 10:30: come", "f:1: is not valid YAML: mapping values are not allowed in this context (put quotes"),
        ("a: 1\nb: \x07", "f:2: is not valid YAML: it holds characters that can't be printed"),
        ("a: 1\nb: \x00", "f:2: is not valid YAML: it holds characters that can't be printed"),
        ("a: 1\nb: \ud800", "f:2: is not valid YAML: it holds characters that can't be printed"),
        ("[a]: 1", "f:1: a key must be a plain word"),
        ("a: 1\n---\nb: 2", "f:2: is not valid YAML"),
    ],
)
def test_what_can_not_be_read_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text, "f")
    assert str(caught.value.faults[0]).startswith(message)


def test_a_tab_is_answered_with_what_to_type_instead() -> None:
    with pytest.raises(Unreadable) as caught:
        parse("a:\n\tb: 1", "f")
    assert "indent with spaces, not tabs" in str(caught.value.faults[0])


@pytest.mark.parametrize(
    "expression",
    [
        "'[' * 900000",
        "'{a: ' * 100000",
        "'- ' * 200000 + 'x'",
        "'? ' * 200000",
        "'[' * 5000 + ']' * 5000",
        "'{\"a\":\\t' * 50000",
        "'[' * 25 + ']' * 25",
    ],
)
def test_deep_nesting_is_refused_and_does_not_end_the_process(expression: str) -> None:
    code = f"""
from handouts.load.yamlfile import parse, Unreadable
try:
    parse({expression}, "f")
except Unreadable as error:
    print(error.faults[0])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout.strip()) == (0, "f:1: is nested too deeply"), done.stderr


def test_deep_nesting_is_refused_at_its_line() -> None:
    with pytest.raises(Unreadable) as caught:
        parse("a:\n  b: " + "[" * 25 + "]" * 25, "f")
    assert str(caught.value.faults[0]) == "f:2: is nested too deeply"


@pytest.mark.parametrize(
    "text", ['"a": "1", "a": "2"}', f'"a": {"[" * 25}{"]" * 25}}}', '"a": 1,}'], ids=["repeated", "deep", "comma"]
)
def test_json_that_only_a_json_reader_could_take_keeps_the_same_rules(text: str) -> None:
    with pytest.raises(Unreadable):
        parse('{"face": "\\ud83d\\ude00", ' + text, "f")


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(Unreadable, match="too large"):
        parse("a" * (MAX_BYTES + 1), "f")


def test_tags_make_no_objects() -> None:
    text = "a: !!python/object/apply:os.system [echo hi]\nb: !!binary aGk=\nc: !!int 7"
    assert parse(text, "f").data == {"a": ["echo hi"], "b": "aGk=", "c": "7"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "just words", "[1, 2]"])
def test_a_request_that_is_not_keys_and_values_says_what_it_should_be(text: str) -> None:
    with pytest.raises(RequestFault) as caught:
        read_request(text, "r.yaml")
    assert "r.yaml: must hold keys and values" in caught.value.message


def test_a_model_that_gets_a_list_says_what_it_should_be() -> None:
    with pytest.raises(Unreadable, match="must hold keys and values"):
        validate(Request, Parsed(["a"], {(): 1}, "f"))


def test_all_unknown_keys_are_told_at_once_with_line_and_nearest_name() -> None:
    text = LEAST + "  birthdate: 1961-04-09\npapper: a4\nappointment: {at: 2026-12-04T10:30, wher: here}\nqqqq: 1\n"
    assert faults(text) == [
        "r.yaml:5: unknown key 'patient.birthdate'. Did you mean 'birth_date'?",
        "r.yaml:6: unknown key 'papper'. Did you mean 'paper'?",
        "r.yaml:7: unknown key 'appointment.wher'. Did you mean 'where'?",
        "r.yaml:8: unknown key. Known keys here: appointment, clinic, clinician, format, language, medicines, "
        "next_steps, note, options, paper, patient, sections, sheets, side, stage, topic, visit_date, with_english.",
    ]


def test_the_alias_of_a_key_is_offered_as_people_write_it() -> None:
    assert "Did you mean 'with'?" in faults(LEAST + "appointment: {at: 2026-12-04T10:30, wth: X}\n")[0]


def test_missing_keys_are_told_at_once() -> None:
    assert faults("note: hello") == [
        "r.yaml:1: 'patient' is missing, such as 'patient: {name: ...}'",
        "r.yaml:1: 'topic' is missing",
    ]
    assert faults("topic: t\noptions: [o]\npatient: {}\n") == ["r.yaml:3: 'patient.name' is missing"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("options: botox", "'options' must be a list"),
        ("patient: Maria Secret", "'patient' must hold keys and values, such as 'patient: {name: ...}'"),
        ("patient: [Maria Secret]", "'patient' must hold keys and values"),
        ("patient: {name: [Maria Secret]}", "'patient.name' must be text"),
        ("patient: {name: {first: Maria Secret}}", "'patient.name' must be text"),
        ("visit_date: Secret", "'visit_date' must be a date, such as 2026-11-22"),
        ("visit_date: 2026-02-30", "'visit_date' must be a date, such as 2026-11-22"),
        ("appointment: {at: Secret}", "'appointment.at' must be a date and time"),
        ("appointment: {at: 2026-12-04T25:00}", "'appointment.at' must be a date and time"),
        ("side: Secret", "'side' may only be 'left', 'right' or 'both'"),
        ("topic: Not A Slug", "'topic' may have only lower-case letters, digits and hyphens, such as no-treatment"),
        ("medicines: [{dose: 200 mg}]", "'medicines.1.name' is missing"),
        ("medicines: [{name: x, times: [Secret]}]", "'medicines.1.times.1' may only be 'morning'"),
        ("medicines: {name: Secret}", "'medicines' must be a list"),
        ("next_steps: [a, b, c, d, e, f, g]", "'next_steps' holds too many: 6 at most"),
        ("options: [botox, botox]", "'options' says the same thing twice: number 2 is number 1 again"),
        ("language: Secret", "'language' must be a language's tag, such as es or es-MX"),
    ],
)
def test_a_wrong_type_is_told_in_plain_words_and_without_the_value(line: str, message: str) -> None:
    key = line.split(":")[0]
    kept = "".join(row + "\n" for row in ["topic: t", "options: [o]", "patient: {name: x}"] if not row.startswith(key))
    found = faults(kept + line)
    assert any(message in fault for fault in found), found
    assert "Secret" not in " ".join(found)


def test_a_value_of_the_request_is_never_in_a_message() -> None:
    text = """
topic: [Zebra]
options: {Zebra: Zebra}
patient: {name: "Zebra\\u0007", birth_date: Zebra, identifier: [Zebra], preferred_name: "Zebra\\u202e"}
clinic: Zebra Zebra
format: Zebra
side: Zebra
visit_date: Zebra
medicines: [{name: [Zebra], dose: Zebra .5mg, times: [Zebra]}]
appointment: {at: Zebra, with: [Zebra]}
note: [Zebra]
"""
    with pytest.raises(RequestFault) as caught:
        parse_request(text, "r.yaml")
    assert len(caught.value.faults) >= 12
    assert "zebra" not in caught.value.message.lower().replace("'options.zebra'", "")


def test_a_key_is_shown_without_its_control_characters() -> None:
    message = faults(LEAST + '"pape\\er": 1\n')[0]
    assert "\x1b" not in message
    assert "<U+001B>" in message


def test_mistakes_between_keys_of_topic_yaml_are_all_told_where_they_stand() -> None:
    text = """version: "1"
published: 2026-01-01
review_by: 2031-01-01
options:
  - {id: one, unusual_with: [onee]}
  - {id: one}
  - {id: two, kind: medicines, medicines: [m, m]}
numbers:
  n: {count: 5, out_of: 100, source: smith}
sources:
  smith-2020: {cite: Smith}
"""
    with pytest.raises(Unreadable) as caught:
        validate(TopicFile, parse(text, "topic.yaml"))
    found = sorted(str(fault) for fault in caught.value.faults)
    assert [fault.split(":")[1] for fault in found] == ["3", "5", "6", "7", "9"]
    assert "Did you mean 'smith-2020'?" in found[4]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("{count: 5, source: s}", "needs either out_of"),
        ("{count: 5, out_of: 100, unit: weeks, source: s}", "needs either out_of"),
        ("{count: 5, out_of: 50, source: s}", "one denominator for all"),
        ("{count: 101, out_of: 100, source: s}", "count larger than out_of"),
        ("{count: 5, out_of: 1000, picture: true, source: s}", "a picture only when"),
        ("{count: many, out_of: 100, source: s}", "must be a whole number"),
        ("{count: 5, out_of: 100, about: perhaps, source: s}", "must be true or false"),
        ("[5]", "must hold keys and values"),
        ("{count: 5, out_of: 100, source: s, sorce: s}", "Did you mean 'source'?"),
    ],
)
def test_an_outcome_number_has_one_kind_and_one_denominator(number: str, message: str) -> None:
    text = (
        "version: '1'\npublished: 2026-01-01\nreview_by: 2027-01-01\noptions: [{id: one}]\n"
        f"sources: {{s: {{cite: S}}}}\nnumbers:\n  n: {number}\n"
    )
    with pytest.raises(Unreadable) as caught:
        validate(TopicFile, parse(text, "topic.yaml"))
    assert str(caught.value.faults[0]).startswith("topic.yaml:7: 'numbers.n") or "unknown key" in str(caught.value)
    assert message in str(caught.value.faults[0])
