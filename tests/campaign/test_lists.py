"""Requests, lists and content as a clinic meets them on a bad day. Numbers: the kinds of the first campaign."""

from __future__ import annotations

import codecs
import json
import os
import shutil
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from handouts.load.library import load_library
from tests.campaign import LEAST, Clinic, variants
from tests.conftest import CONTENT, TODAY, TOPIC

pytestmark = pytest.mark.heavy

SCRIPTS = {"王小明張偉": "Chinese", "김철수박": "Hangul", "முத்துகமல": "Tamil", "გიორგი": "Georgian",
           "さくらひな": "Hiragana", "ᏣᎳᎩᎦᏬ": "Cherokee", "สมชายดี": "Thai", "ኣበበደ": "Ethiopic",
           "ՀայկԱրա": "Armenian"}  # fmt: skip
INVISIBLE = "\u200b\u200e\u2060\u00ad\u034f\u3164\ufe0f\u2063\u180e\u115f\U000e0041\u202e\u2066\ufeff\u2800"
NAMES = [*"ABCDEFGHKLM"]


def request(**over: Any) -> dict[str, Any]:
    return json.loads(json.dumps(LEAST)) | over


def texts(text: str, chance: Random) -> dict[str, Any]:
    """A request with ``text`` in one of the places where a text may stand."""
    places: list[dict[str, Any]] = [
        {"patient": {"name": text}},
        {"patient": {"name": "A B", "identifier": text}},
        {"clinician": text},
        {"note": text},
        {"next_steps": [text]},
        {"medicines": [{"name": text}]},
        {"appointment": {"at": "2026-12-04T10:30", "where": text}},
    ]
    return request(**chance.choice(places))


@variants("9")
def test_a_script_without_a_font_is_named_and_no_letter_of_it(clinic: Clinic, chance: Random) -> None:
    letters = chance.choice(list(SCRIPTS))
    name = "".join(chance.choices(letters, k=chance.randint(1, 6)))
    outcome, report = clinic.batch(f"patient.name\n{name}\nA B\n")
    assert outcome.code == 1
    assert len(clinic.pdfs()) == 1
    told = report + outcome.said + clinic.make(texts(f"A {name}", chance)).said
    assert SCRIPTS[letters] in told
    assert not [letter for letter in letters if letter in told]


@variants("10")
def test_quotes_that_go_astray_never_make_one_handout_of_two_patients(clinic: Clinic, chance: Random) -> None:
    rows = [["Zebra", "1", "call us"], ["Canary", "2", "x"], ["Quagga", "3", "come early"]]
    first, last = sorted(chance.sample(range(3), 2))
    opened, closed = chance.randrange(3), chance.randrange(3)
    separator = chance.choice(",;\t")
    rows[first][opened] = '"' + rows[first][opened]
    rows[last][closed] = chance.choice(['"', rows[last][closed] + '"'])
    body = "\n".join(separator.join(row) for row in rows)
    clinic.batch(f"patient.name{separator}patient.identifier{separator}note\n{body}\nA B{separator}9{separator}\n")
    swallowed = last - first + 1
    assert len(clinic.pdfs()) <= 4 - swallowed


@variants("11")
def test_a_header_again_makes_no_handout(clinic: Clinic, chance: Random) -> None:
    head = chance.sample(["patient.name", "patient.identifier", "note", "clinician"], 4)
    rows = [",".join(f"{chance.choice(NAMES)}{i}{j}" for j in range(4)) for i in range(4)]
    again = ",".join(chance.choice([str.upper, str.title, str])(name) + " " * chance.randrange(2) for name in head)
    rows.insert(chance.randint(1, 4), again)
    outcome, _ = clinic.batch("\n".join([",".join(head), *rows]))
    assert outcome.code == 1
    assert len(clinic.pdfs()) == 4


@variants("12")
def test_a_lost_letter_is_a_fault_of_its_row(clinic: Clinic, chance: Random) -> None:
    at = chance.randrange(6)
    outcome, report = clinic.batch(f"patient.name\nA B\n{'Zebra '[:at]}\ufffd{'Zebra '[at:]}\n")
    assert (outcome.code, len(clinic.pdfs())) == (1, 1)
    assert "3," in report
    assert "UTF-8" in report
    assert clinic.make(texts("Zeb\ufffdra", chance)).code == 4


@variants("13")
def test_a_birth_date_that_can_not_be_is_refused(clinic: Clinic, chance: Random) -> None:
    late = TODAY + timedelta(chance.randint(1, 40_000))
    early = date(1, 1, 1) + timedelta(chance.randrange((date(1900, 1, 1) - date(1, 1, 1)).days))
    for day in (late, early):
        outcome = clinic.make(request(patient={"name": "Zebra", "birth_date": day.isoformat()}))
        assert outcome.code == 4
        assert "check the year" in outcome.err


@variants("14")
def test_what_nobody_can_see_is_refused_in_requests_and_content(clinic: Clinic, chance: Random) -> None:
    sign = chance.choice(INVISIBLE)
    assert clinic.make(texts(f"Zeb{sign}ra", chance)).code == 4
    clinic.content = shutil.copytree(CONTENT, clinic.folder / "content")
    files = [path for path in clinic.content.rglob("*") if path.suffix in {".md", ".yaml", ".svg"}]
    wanted = [path for path in files if path.name not in {"README.md"} and "presets" not in path.parts]
    path = chance.choice([path for path in wanted if "seaview" not in str(path) and "mail." not in path.name])
    text = path.read_text(encoding="utf-8")
    at = chance.randrange(len(text))
    path.write_text(text[:at] + sign + text[at:], encoding="utf-8")
    language = {"es", "ar"} & {*path.parts, *path.stem.split(".")}
    outcome = clinic.run("check", "--text-only", *(f"--language={one}" for one in language))
    assert outcome.code == 3
    name, line = path.relative_to(clinic.content).as_posix(), text.count("\n", 0, at) + 1
    if at:
        assert f"{name}:{line}: holds U+{ord(sign):04X}" in outcome.err


@variants("21")
def test_a_stray_file_is_named_and_changes_nothing(clinic: Clinic, chance: Random) -> None:
    clinic.make(request())
    before = (clinic.folder / "out.pdf").read_bytes()
    clinic.content = shutil.copytree(CONTENT, clinic.folder / "content")
    folder = clinic.content / chance.choice([f"topics/{TOPIC}", f"topics/{TOPIC}/en", "clinics/cohen", "words"])
    name = chance.choice(["Thumbs.db", "botox.md~", "a (1).md", "x.yaml", "desktop.ini", "b.bak", "~$c.md"])
    (folder / name).write_text(json.dumps(request()), encoding="utf-8")
    clinic.make(request())
    assert (clinic.folder / "out.pdf").read_bytes() == before
    assert name in clinic.run("check", "--text-only").out
    kept = [path.read_bytes() for path in (clinic.folder / "data").rglob("*") if path.is_file()]
    assert not any(b"Zebra" in data for data in kept)


@variants("22")
def test_a_name_in_place_of_a_key_or_choice_is_not_repeated(clinic: Clinic, chance: Random) -> None:
    word = chance.choice(["Zebra", "zebra-canary", "Zebra Canary", "QUAGGA"])
    places: list[Any] = [
        request(**{word: 1}),
        request(options=[word, word]),
        request(options=["botox", word.lower().replace(" ", "-")]),
        request(clinic=word.lower().replace(" ", "-")),
        request(topic=word.lower().replace(" ", "-")),
        request(side=word),
        request(patient={"name": "x", word: "y"}),
        f"topic: x\n{word}: 1\n{word}: 2\n",
        f"topic: !{word.split()[0]} x\n",
        f"topic: *{word.split()[0]}\n",
        f"{word}\n",
    ]
    assert clinic.make(chance.choice(places)).code == 4
    assert clinic.batch(f"patient.name,{word}\nA,1\n")[0].code == 0
    assert clinic.batch(f"{word},1\n{word},2\n")[0].code == 4


@pytest.mark.parametrize("kind", ["fifo", "device", "folder"])
@variants("24")
def test_content_that_is_no_file_ends_at_once(clinic: Clinic, chance: Random, kind: str) -> None:
    clinic.content = shutil.copytree(CONTENT, clinic.folder / "content")
    read = [*load_library(clinic.content, TOPIC).topic.files, clinic.content / "words" / "en.yaml"]
    path = chance.choice(read)
    path.unlink()
    {"fifo": os.mkfifo, "device": lambda one: one.symlink_to("/dev/zero"), "folder": os.mkdir}[kind](path)
    assert clinic.make(request()).code in {3, 4}


@variants("26")
def test_force_replaces_no_input(clinic: Clinic, chance: Random) -> None:
    clinic.write("list.csv", "patient.name\nZebra\n")
    clinic.content = shutil.copytree(CONTENT, clinic.folder / "content")
    files = [path for path in clinic.content.rglob("*") if path.is_file()]
    path = chance.choice([clinic.folder / "request.json", clinic.folder / "list.csv", clinic.folder / "key", *files])
    clinic.write("request.json", request())
    before = path.read_bytes()
    outcome = clinic.run("make", "request.json", "-o", str(path), "--force", "--key-file", "key")
    assert outcome.code == 5
    assert path.read_bytes() == before


@variants("27")
def test_a_flood_of_faults_is_told_in_a_few_lines(clinic: Clinic, chance: Random) -> None:
    many = chance.randint(2_000, 20_000)
    assert clinic.make(request(**{f"Zebra {i}": 1 for i in range(many)})).code == 4
    assert clinic.make("topic: a\n" + "\n".join(f"Zebra {i}: 1" for i in range(many))).code == 4
    assert clinic.make(request(options=[f"zebra-{i}" for i in range(many)])).code == 4
    columns = ",".join(chance.choice([f"Zebra {i}", f"notes{i}"]) for i in range(many // 4))
    clinic.batch(f"patient.name,{columns}\nA\n")


@variants("30")
def test_a_name_that_shows_nothing_is_refused(clinic: Clinic, chance: Random) -> None:
    marks = "\u0301\u0308\u0323\u0941\u064e\u0651\u20dd\u0e38"
    name = "".join(chance.choices(marks + " -.'", k=chance.randint(1, 5))) + chance.choice(marks)
    assert clinic.make(request(patient={"name": name})).code == 4


@variants("31")
def test_a_list_in_another_dress_is_read(clinic: Clinic, chance: Random) -> None:
    names = [chance.choice(NAMES) + f" Lee{i}" for i in range(3)]
    rows = [{"patient": {"name": name, "identifier": str(i)}} for i, name in enumerate(names)]
    separator = chance.choice(",;\t|")
    table = "\n".join(
        [f"patient.name{separator}patient.identifier", *(f"{n}{separator}{i}" for i, n in enumerate(names))]
    )
    encoding = chance.choice(["utf-16-le", "utf-16-be"])
    dress = chance.choice(
        [
            table.replace("|", ";").encode(encoding),
            codecs.BOM_UTF8 + f"sep={separator}\r\n{table}".encode(),
            json.dumps(rows, indent=chance.choice([None, 2])).encode(chance.choice(["utf-8", encoding])),
            "\n".join(map(json.dumps, rows)).encode(encoding),
        ]
    )
    outcome, _ = clinic.batch(dress)
    assert outcome.code == 0, outcome.said
    assert len(clinic.pdfs()) == 3


@variants("32")
def test_a_control_character_in_markdown_is_told_with_its_line(clinic: Clinic, chance: Random) -> None:
    clinic.content = shutil.copytree(CONTENT, clinic.folder / "content")
    path = chance.choice(sorted((clinic.content / "topics" / TOPIC / "en").glob("*.md")))
    lines = path.read_text(encoding="utf-8").split("\n")
    number = chance.randrange(len(lines))
    lines[number] += chance.choice("\x00\x01\x08\x0b\x1b\x7f\x85")
    path.write_text("\n".join(lines), encoding="utf-8")
    outcome = clinic.make(request())
    assert outcome.code == 3
    assert f"{path.name}:{number + 1}: holds U+" in outcome.err
