"""A patient's text is text: whatever it contains comes out as written, or is refused; nothing is interpreted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from handouts.cli import cli
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, TOPIC, MakeOf
from tests.reading_pdf import text_of

LITERAL = {
    "markup": "<b>Zoe</b><img src=x onerror=alert(1)>",
    "entity": "AT&amp;T &lt;i&gt; &#65;",
    "braces": "{{ 7*7 }} {% if 1 %} {# c #}",
    "number": "{mvd-relief} {cite:lee-2017}",
    "markdown": "**bold** [a](http://b.example) ![c](d.svg)",
    "path": "../../etc/passwd",
    "formula": '=HYPERLINK("http://x.example";"y")',
    "shell": "$(touch hacked); `id` | rm -rf ~",
    "pdf": ") Tj ET Q 1 0 0 rg (",
    "hex": "<</Type/Action>> endobj 1 0 obj",
    "xmp": "]]> --> </rdf:li> ?>",
    "percent": "%s %d %PDF-1.7 %%EOF",
    "backslash": "\\101 \\n \\u0041 \\",
    "css": 'x"; } body { display: none',
    "yaml": "!!python/object: &a *a",
}

PLACES: dict[str, Any] = {
    "name": lambda text: {"patient": {"name": text}},
    "preferred_name": lambda text: {"patient": {"name": "A B", "preferred_name": text}},
    "identifier": lambda text: {"patient": {"name": "A B", "identifier": text}},
    "clinician": lambda text: {"clinician": text},
    "with": lambda text: {"appointment": {"at": "2026-12-04T10:30", "with": text}},
    "note": lambda text: {"note": text},
    "next_steps": lambda text: {"next_steps": [text]},
    "medicine": lambda text: {"medicines": [{"name": text}]},
}
IN_SLOTS = ("name", "preferred_name")
LONG_TEXTS = ("note", "next_steps", "medicine")


def squeezed(text: str) -> str:
    """Without white space and the signs that a line break brings, which a page sets as it needs."""
    return "".join(text.replace("\ufffe", "-").replace("\u2011", "-").split())


@pytest.mark.parametrize("text", LITERAL.values(), ids=LITERAL)
@pytest.mark.parametrize("place", IN_SLOTS)
def test_what_stands_in_a_name_is_printed_as_it_is(make_of: MakeOf, place: str, text: str) -> None:
    assert squeezed(text) in squeezed(text_of(make_of(**PLACES[place](text)).pdf))


SHORT = ["<b>Z</b>", "{{7*7}}", ") Tj ET", "]]>&amp;"]


@pytest.mark.parametrize("text", SHORT)
@pytest.mark.parametrize("place", ["identifier", "clinician", "with"])
def test_what_stands_in_a_short_detail_is_printed_as_it_is(make_of: MakeOf, place: str, text: str) -> None:
    assert squeezed(text) in squeezed(text_of(make_of(**PLACES[place](text)).pdf))


def test_what_stands_in_note_steps_and_medicines_is_printed_as_it_is(make_of: MakeOf) -> None:
    texts = list(LITERAL.values())
    made = make_of(
        note="\n".join(texts),
        next_steps=texts[:3],
        medicines=[{"name": text} for text in texts[3:9]],
    )
    printed = squeezed(text_of(made.pdf))
    for text in texts:
        assert squeezed(text) in printed, text
    assert "49" not in printed.split("{{7*7}}")[0][-3:]


@pytest.mark.parametrize("key", ["dose", "remark"])
def test_markup_in_a_dose_is_refused_or_printed_as_it_is(make_of: MakeOf, key: str) -> None:
    text = "{{ 7*7 }} [x](y) )Tj("
    assert squeezed(text) in squeezed(text_of(make_of(medicines=[{"name": "baclofen", key: text}]).pdf))


REFUSED = {
    "NUL": "Zebra\0Zebra",
    "escape": "Zebra\x1b[31mZebra",
    "override": "Zebra\u202eZebra",
    "isolate": "Zebra\u2066Zebra",
    "surrogate": "Zebra\ud83dZebra",
    "line separator": "Zebra\u2028Zebra",
    "private use": "Zebra\ue000Zebra",
    "noncharacter": "Zebra\uffffZebra",
    "long": "Zebra " * 1667,
    "emoji": "Zebra 😀",
    "Chinese": "Zebra 王小明",
    "Hangul": "Zebra 김",
    "zero width": "\u200b",
}


def run(tmp_path: Path, sheets: SheetCache, request: dict[str, Any]) -> Any:
    import json

    (tmp_path / "key").write_bytes(KEY)
    command = ["--today", "2026-11-22", "make", "-", "-o", str(tmp_path / "out.pdf")]
    command += ["--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder)]
    data = {"topic": TOPIC, "options": ["botox"], "patient": {"name": "A B"}, **request}
    return CliRunner().invoke(cli, command, input=json.dumps(data))


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("place", PLACES)
def test_what_can_not_be_printed_is_refused_and_not_repeated(
    tmp_path: Path, sheets: SheetCache, place: str, text: str
) -> None:
    if (place, text) == ("note", "\u200b"):
        return  # an empty note is no note
    result = run(tmp_path, sheets, PLACES[place](text))
    assert result.exit_code == 4, result.output
    assert "Zebra" not in result.output
    assert "Traceback" not in result.output
    assert len(result.output) < 1000
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Văn Ánh",
        "Ελένη Παπαδοπούλου",
        "Дмитрий Щукин",
        "Łukasz Żółć",
        "O’Brien-Smith",
        "AVA YATES",
        "Ñandú Çelik",
    ],
)
@pytest.mark.parametrize("place", ["name", "note"])
def test_names_of_many_languages_are_printed(make_of: MakeOf, place: str, name: str) -> None:
    assert squeezed(name) in squeezed(text_of(make_of(**PLACES[place](name)).pdf))


def test_a_name_too_long_for_its_slot_is_refused_with_what_to_do(tmp_path: Path, sheets: SheetCache) -> None:
    result = run(tmp_path, sheets, {"patient": {"name": "W" * 200}})
    assert result.exit_code == 4
    assert "'patient.name' is too long for its place on the page by about 2 lines. Shorten it" in result.stderr


def test_a_path_like_name_never_reaches_the_file_system(tmp_path: Path, sheets: SheetCache) -> None:
    result = run(tmp_path, sheets, {"patient": {"name": "../../../tmp/zebra", "identifier": "/etc/passwd"}})
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "out.pdf"]


def test_a_request_that_names_python_objects_makes_none(tmp_path: Path, sheets: SheetCache) -> None:
    (tmp_path / "key").write_bytes(KEY)
    text = f"topic: {TOPIC}\noptions: [botox]\npatient: {{name: !!python/object/apply:os.system ['touch hacked']}}\n"
    command = ["make", "-", "-o", str(tmp_path / "out.pdf"), "--cache", str(sheets.folder)]
    result = CliRunner().invoke(cli, command, input=text)
    assert result.exit_code == 4
    assert "'patient.name' must be text" in result.stderr


def test_the_attacks_survive_the_way_through_yaml(tmp_path: Path, sheets: SheetCache) -> None:
    (tmp_path / "key").write_bytes(KEY)
    for text in LITERAL.values():
        request = yaml.safe_dump({"topic": TOPIC, "options": ["botox"], "patient": {"name": text}}, allow_unicode=True)
        command = ["make", "-", "-o", "-", "--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder)]
        result = CliRunner().invoke(cli, command, input=request)
        assert result.exit_code == 0, result.stderr
        assert squeezed(text) in squeezed(text_of(result.stdout_bytes))
