"""Which sentences of the English have changed since they were translated."""

from __future__ import annotations

from pathlib import Path

import pytest

from handouts.load.changes import changes_since, origin_of
from handouts.load.library import load_library
from handouts.load.texts import sentences_of, texts_in
from tests.languages import TAG
from tests.topics import CHOICE, CHOICE_FILES, edit, write_topic

NAME = f"topics/{CHOICE}/{TAG}/drops.md"
TOPIC = "topics/hemifacial-spasm/es"


@pytest.fixture
def folder(content: Path) -> Path:
    """Content with a made-up topic."""
    write_topic(content, CHOICE, CHOICE_FILES)
    return content


def test_texts_stand_by_their_places_with_their_lines() -> None:
    found = texts_in("---\nname: Tea\nask:\n  - One?\n---\n\n## Why?\n\nA.\nB.\n\n- c\n", "x.md")
    told = {place: (one.text, one.line) for place, one in found.items()}
    assert told == {
        ("name",): ("Tea", 2),
        ("ask", 0): ("One?", 4),
        ("prose", 0): ("## Why?", 7),
        ("prose", 1): ("A.\nB.", 9),
        ("prose", 2): ("- c", 12),
    }


def test_a_heading_and_an_entry_of_a_list_are_sentences() -> None:
    text = "## Why?\nIt is. It\nwas 2.5 mg.\n- one\n- two. Three"
    assert list(sentences_of(text)) == [
        (0, "## Why?"), (1, "It is."), (1, "It was 2.5 mg."), (3, "- one"), (4, "- two."), (4, "Three"),
    ]  # fmt: skip


def test_a_changed_a_new_and_a_lost_sentence_are_told_with_their_lines(folder: Path) -> None:
    english = folder / "topics" / CHOICE / "en" / "drops.md"
    edit(english, "They are for your eyes.", "They are for your eyes. They sting. They help.")
    before = origin_of(folder, NAME)
    assert changes_since(folder, NAME, before) == []
    edit(english, "Most people feel better.", "Some people feel better. Ask us.")
    edit(english, " They sting.", "")
    found = changes_since(folder, NAME, before)
    assert found is not None
    rows = english.read_text(encoding="utf-8").split("\n")
    assert [(change.kind, change.sentence.text) for change in found] == [
        ("cut", "They are for your eyes."),
        ("new", "Some people feel better."),
        ("new", "Ask us."),
    ]
    assert all(change.sentence.text in rows[change.sentence.line - 1] for change in found)
    assert str(found[1]) == f"topics/{CHOICE}/en/drops.md:{found[1].sentence.line}: Some people feel better."


def test_comments_and_line_ends_are_no_change_of_a_sentence(folder: Path) -> None:
    english, before = folder / "topics" / CHOICE / "en" / "drops.md", origin_of(folder, NAME)
    edit(english, "name:", "# a remark\nname:")
    edit(english, "Most people feel", "Most people\nfeel")
    assert changes_since(folder, NAME, before) == []


def test_a_digest_alone_does_not_say_which(folder: Path) -> None:
    assert changes_since(folder, NAME, origin_of(folder, NAME)[:64]) is None


def test_words_of_a_topic_are_made_from_its_phrases_and_safety_texts_too(content: Path) -> None:
    name, topic = f"{TOPIC}/words.yaml", content / "topics" / "hemifacial-spasm" / "topic.yaml"
    before = origin_of(content, name)
    edit(topic, "over: about 3 years", "over: about 5 years")
    found = changes_since(content, name, before)
    assert found
    assert {change.sentence.place for change in found if change.kind == "new"} == {("phrases", "about 5 years")}
    assert found[0].sentence.file == "topics/hemifacial-spasm/topic.yaml"


@pytest.mark.parametrize("topic", ["hemifacial-spasm", "trigeminal-neuralgia", "going-home-after-brain-surgery"])
@pytest.mark.parametrize("language", ["es", "ar"])
def test_the_translations_that_come_with_the_program_have_their_marks(content: Path, topic: str, language: str) -> None:
    library = load_library(content, topic, language=language)
    for name in library.topic.digests:
        full = name if name.startswith(("words/", "defaults/")) else f"topics/{topic}/{name}"
        if library.topic.is_translation(name):
            line = next(row for row in (content / full).read_text(encoding="utf-8").split("\n") if row[:6] == "from: ")
            assert line.partition("#")[0].rstrip() == f"from: {origin_of(content, full)}"
