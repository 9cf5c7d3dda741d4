"""Only known files are content; what nobody can see in them, pipes and devices are refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from handouts.check import stray_findings
from handouts.errors import ContentFault
from handouts.load.digests import list_pieces, whole_digest
from handouts.load.files import MEGABYTE, MOST
from handouts.load.known_files import content_files, stray_files
from handouts.load.library import load_library, load_mail_words
from handouts.load.requests import load_preset
from tests.conftest import CONTENT, TOPIC

BESIDE = [
    "Thumbs.db",
    "en/botox.md~",
    "en/botox (copy).md",
    "en/maria.yaml",
    "request.json",
    "en/#botox.md#",
    "en/medicines/baclofen.md.bak",
    "en/desktop.ini",
    "en/old/botox.md",
    "topic.yaml.orig",
]


def test_everything_that_comes_with_the_program_is_content() -> None:
    assert stray_files(CONTENT) == []
    assert len(content_files(CONTENT)) == sum(path.is_file() for path in CONTENT.rglob("*"))


@pytest.mark.parametrize("name", BESIDE)
def test_what_lies_beside_a_topic_changes_neither_approval_nor_code_and_is_named(content: Path, name: str) -> None:
    before, run = load_library(content, TOPIC), whole_digest(content)
    stray = content / "topics" / TOPIC / name
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("patient: {name: Zebra Canary}", encoding="utf-8")
    after = load_library(content, TOPIC)
    assert (after.topic.digests, after.digest) == (before.topic.digests, before.digest)
    assert whole_digest(content) == run
    assert not any(
        b"Zebra" in piece.data for piece in list_pieces(content, after.topic.files, after.clinic, after.program)
    )
    assert [finding.where for finding in stray_findings(content)] == [f"topics/{TOPIC}/{name}"]


@pytest.mark.parametrize(
    "name",
    ["request.yaml", "clinics/cohen/maria.yaml", "clinics/cohen/presets/x.yaml~", "words/en.yaml.bak", "topics/a.md"],
)
def test_what_lies_elsewhere_in_the_content_is_named_too(content: Path, name: str) -> None:
    (content / name).write_text("x")
    assert [finding.where for finding in stray_findings(content)] == [name]


def test_a_change_of_what_is_content_still_changes_the_digests(content: Path) -> None:
    before = load_library(content, TOPIC)
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text(encoding="utf-8").replace("Botox", "Botoxx", 1), encoding="utf-8")
    after = load_library(content, TOPIC)
    assert after.topic.digests != before.topic.digests
    assert after.digest != before.digest


def test_a_topic_from_the_archive_is_all_that_was_printed_from_then(content: Path) -> None:
    then = load_library(content, TOPIC, archived=True).topic.digests
    (content / "topics" / TOPIC / "notes.txt").write_text("x")
    assert load_library(content, TOPIC, archived=True).topic.digests != then


HIDDEN = ["\u202e", "\u2066", "\u200b", "\u00ad", "\u200f", "\ufeff", "\ufffd", "\x00", "\x07"]
HIDDEN += ["&#8238;", "&rlm;", "&ZeroWidthSpace;"]
FILES = {
    f"topics/{TOPIC}/en/botox.md": ("It ", 0),
    f"topics/{TOPIC}/en/takeaways.md": ("name:", 0),
    f"topics/{TOPIC}/topic.yaml": ("version:", 0),
    "clinics/cohen/clinic.yaml": ("name:", 0),
    "clinics/cohen/practice.en.md": ("name:", 0),
    "words/en.yaml": ("Morning", 0),
}


@pytest.mark.parametrize("sign", HIDDEN, ids=ascii)
@pytest.mark.parametrize("name", FILES)
def test_what_nobody_can_see_in_content_is_refused_with_file_and_line(content: Path, name: str, sign: str) -> None:
    path, found = content / name, FILES[name][0]
    rows = path.read_text(encoding="utf-8").split("\n")
    number = next(i for i, row in enumerate(rows) if found in row)
    rows[number] = rows[number] + f" {sign}"
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(ContentFault) as caught:
        load_library(content, TOPIC)
    assert f"{name}:{number + 1}: holds U+" in caught.value.message


def test_an_escape_in_yaml_is_seen_through(content: Path) -> None:
    path = content / "words" / "en.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("morning: Morning", 'morning: "Mor\\u202ening"'))
    with pytest.raises(ContentFault, match=r"words/en\.yaml:\d+: holds U\+202E \(right-to-left override\)"):
        load_library(content, TOPIC)


@pytest.mark.parametrize("sign", ["\u202e", "&#x202E;", "&#8238;"])
def test_logo_preset_and_mail_words_are_looked_through_too(content: Path, sign: str) -> None:
    logo = content / "clinics" / "cohen" / "logo.svg"
    logo.write_text(logo.read_text(encoding="utf-8").replace("</svg>", f"<text>5{sign}</text></svg>"), encoding="utf-8")
    with pytest.raises(ContentFault, match=r"logo\.svg:\d+: holds U\+202E"):
        load_library(content, TOPIC)
    preset = content / "clinics" / "cohen" / "presets" / "surgery-talk.yaml"
    preset.write_text(f"{preset.read_text(encoding='utf-8')}\n# {sign}\n", encoding="utf-8")
    with pytest.raises(ContentFault, match=r"surgery-talk\.yaml:\d+: holds U\+202E"):
        load_preset(content, "cohen", "surgery-talk")
    words = content / "words" / "mail.en.yaml"
    words.write_text(f"{words.read_text(encoding='utf-8')}\n# {sign}\n", encoding="utf-8")
    with pytest.raises(ContentFault, match=r"mail\.en\.yaml:\d+: holds U\+202E"):
        load_mail_words(content)


def test_joiners_that_a_word_needs_may_stand_in_content(content: Path) -> None:
    path = content / "clinics" / "cohen" / "clinic.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n# علی\u200cرضا\n", encoding="utf-8")
    load_library(content, TOPIC)


def test_what_was_printed_before_can_be_read_from_the_archive(content: Path) -> None:
    path = content / "topics" / TOPIC / "en" / "overview.md"
    path.write_text(f"{path.read_text(encoding='utf-8')}\nAbout 5\u202e to 10 people.\n", encoding="utf-8")
    load_library(content, TOPIC, archived=True)


def replace(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


def write_too_much(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MOST + 1)


ODD = {
    "fifo": (lambda path: os.mkfifo(path), "it is a pipe or a device"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "it is a pipe or a device"),
    "folder": (lambda path: path.mkdir(), "Is a directory"),
    "too large": (write_too_much, f"it is larger than {MOST // MEGABYTE} MB"),
}


@pytest.mark.parametrize(("make", "why"), ODD.values(), ids=ODD)
@pytest.mark.parametrize(
    "name",
    [f"topics/{TOPIC}/en/botox.md", "clinics/cohen/logo.svg", "clinics/cohen/practice.en.md", "words/en.yaml",
     "settings.yaml"],
)  # fmt: skip
def test_content_that_is_no_regular_file_is_refused_at_once(
    content: Path, name: str, make: Callable[[Path], object], why: str
) -> None:
    replace(content / name, make)
    with pytest.raises(ContentFault) as caught:
        load_library(content, TOPIC)
    assert f"{name}: can't be read: {why}" in caught.value.message


def test_a_pipe_beside_the_content_does_not_hang_a_digest(content: Path) -> None:
    os.mkfifo(content / "topics" / TOPIC / "en" / "Thumbs.db")
    load_library(content, TOPIC)
    whole_digest(content)
    assert len(stray_files(content)) == 1
