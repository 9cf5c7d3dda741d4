"""A translation that comes back from outside: taken in, or refused with the lines to mend."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

import pytest

from handouts.authoring.filled_in import renewed, taken_in
from handouts.authoring.side_by_side import read_texts, sheet_to_translate
from handouts.errors import ContentFault, RequestFault
from handouts.load.language_files import GAP
from handouts.load.library import load_library
from handouts.load.progress import is_behind, progress
from tests.languages import TAG, translate
from tests.topics import CHOICE, CHOICE_FILES, edit, write_topic

SPANISH = "topics/hemifacial-spasm/es/botox.md"
BOTOX = ("hemifacial-spasm", "botox", "es")
DROPS = f"topics/{CHOICE}/{TAG}/drops.md"


@pytest.fixture
def came(tmp_path: Path) -> Path:
    """Where the file lies that came back."""
    return tmp_path / "came.md"


@pytest.fixture
def folder(content: Path) -> Path:
    """Content with a made-up topic that is translated."""
    write_topic(content, CHOICE, CHOICE_FILES)
    translate(content, CHOICE)
    return content


def english_of(content: Path) -> Path:
    """The English of what is translated."""
    return content / "topics" / CHOICE / "en" / "drops.md"


def told(content: Path, came: Path, text: str, *which: str) -> list[str]:
    """What is wrong with a filled-in file."""
    came.write_text(text, encoding="utf-8")
    with pytest.raises(ContentFault) as fault:
        taken_in(content, *(which or (CHOICE, "drops", TAG)), came)
    return [str(one) for one in fault.value.faults]


def test_what_goes_out_comes_back_the_same(content: Path, came: Path) -> None:
    came.write_text(sheet_to_translate(content, *BOTOX).text, encoding="utf-8")
    made = taken_in(content, *BOTOX, came)
    assert made.path == content / SPANISH
    assert made.changed == ()
    assert "#:" not in made.text
    before = read_texts(content, SPANISH)
    made.path.write_text(made.text, encoding="utf-8")
    assert read_texts(content, SPANISH) == before
    assert load_library(content, "hemifacial-spasm", language="es").topic.behind == frozenset()


@pytest.mark.parametrize("sheet", ["overview", "words", "figures", "medicines/baclofen"])
@pytest.mark.parametrize("language", ["es", "ar"])
def test_so_does_every_kind_of_file(content: Path, came: Path, sheet: str, language: str) -> None:
    came.write_text(sheet_to_translate(content, "hemifacial-spasm", sheet, language).text, encoding="utf-8")
    made = taken_in(content, "hemifacial-spasm", sheet, language, came)
    name = made.path.relative_to(content).as_posix()
    before = read_texts(content, name)
    made.path.write_text(made.text, encoding="utf-8")
    assert read_texts(content, name) == before


def test_a_word_processor_may_have_changed_its_signs(content: Path, came: Path) -> None:
    text = sheet_to_translate(content, *BOTOX).text
    text = re.sub(r'(?m)^((?:  )*(?:- |[\w-]+: ))"(.*)"$', "\\1“\\2”", text)
    text = re.sub(r"(?m)^-(?= )", "•", text).replace("\n---\n", "\n—\n").replace("-->", "→").replace("<!--", "<!—")
    text = re.sub(r"\{([\w-]+)\}", "{ \\1\u00a0}", text).replace("{cite:", "{cite\u00a0: ")
    came.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    before = read_texts(content, SPANISH)
    made = taken_in(content, *BOTOX, came)
    made.path.write_text(made.text, encoding="utf-8")
    assert read_texts(content, SPANISH) == before


def test_a_sheet_that_is_behind_goes_out_with_its_old_origin_and_marks(folder: Path, came: Path) -> None:
    old = (folder / DROPS).read_text(encoding="utf-8").split("\n")[1]
    edit(english_of(folder), "Most people feel better.", "Some people feel better.")
    edit(english_of(folder), "one_line: Drops wet", "one_line: These drops wet")
    made = sheet_to_translate(folder, CHOICE, "drops", TAG)
    assert f"\n{old}\n" in made.text
    assert '# These drops wet the eye.\n# CHANGED. All of it is new or changed\none_line: "____ Drops' in made.text
    assert "CHANGED. All of it is new or changed -->\n____ Most people feel better.\n" in made.text
    assert made.text.count(GAP) == 2
    faults = told(folder, came, made.text)
    assert len(faults) == 2
    assert all(re.search(r"came\.md:\d+: is not translated yet", fault) for fault in faults)
    came.write_text(made.text.replace(f"{GAP} ", "New: "), encoding="utf-8")
    taken = taken_in(folder, CHOICE, "drops", TAG, came)
    taken.path.write_text(taken.text, encoding="utf-8")
    assert not is_behind(folder, DROPS)
    assert "New: Most people feel better." in taken.text


def renew(content: Path) -> None:
    """Say of drops.md that it was made from today's English."""
    made = renewed(content, CHOICE, "drops", TAG)
    made.path.write_text(made.text, encoding="utf-8")


def test_entries_of_a_list_that_moved_are_all_looked_at(folder: Path) -> None:
    edit(english_of(folder), "ask: ", "ask: [First?, Second?] #")
    edit(folder / DROPS, "ask: ", "ask: [Un?, Deux?] #")
    renew(folder)
    edit(english_of(folder), "[First?, Second?]", "[New?, First?, Second?]")
    text = sheet_to_translate(folder, CHOICE, "drops", TAG).text
    asked = text.partition("ask:\n")[2].partition("\nteach_back:")[0]
    assert asked.count("CHANGED") == 2
    assert re.findall(r'- "(.*)"', asked) == ["____ Un?", "____ Deux?", "____"]


def test_a_section_with_another_number_of_paragraphs_keeps_its_translation(folder: Path) -> None:
    edit(folder / DROPS, "Most people feel better.", "Most people.\n\nFeel better.")
    text = sheet_to_translate(folder, CHOICE, "drops", TAG).text
    assert "<!-- Most people feel better. -->\nMost people.\n\nFeel better.\n" in text


def test_headings_that_the_words_of_the_language_have_are_filled_in(folder: Path) -> None:
    words = folder / "topics" / CHOICE / TAG / "words.yaml"
    edit(words, "option: [What is it?, Does it help?]", "option: [What is it?, Cela aide?]")
    (folder / DROPS).unlink()
    text = sheet_to_translate(folder, CHOICE, "drops", TAG).text
    assert "<!-- ## Does it help? -->\n## Cela aide?\n" in text
    edit(words, "Cela aide?", GAP)
    assert "<!-- ## Does it help? -->\n## ____\n" in sheet_to_translate(folder, CHOICE, "drops", TAG).text


def test_without_marks_nobody_knows_what_changed_and_the_file_says_so(folder: Path) -> None:
    drops = folder / DROPS
    drops.write_text(
        re.sub("(?m)^(from: [0-9a-f]{64}) .*$", r"\1", drops.read_text(encoding="utf-8")), encoding="utf-8"
    )
    edit(english_of(folder), "Most people", "Some people")
    (part,) = [part for part in progress(folder, TAG, [CHOICE]) if part.part == CHOICE]
    assert part.behind[DROPS] is None
    assert "in which places is not known" in sheet_to_translate(folder, CHOICE, "drops", TAG).text


def test_english_that_changed_while_the_file_was_out_leaves_it_behind(folder: Path, came: Path) -> None:
    came.write_text(sheet_to_translate(folder, CHOICE, "drops", TAG).text, encoding="utf-8")
    edit(english_of(folder), "Most people", "Some people")
    made = taken_in(folder, CHOICE, "drops", TAG, came)
    assert made.changed
    assert [change.sentence.text for change in made.changed] == ["Some people feel better."]
    made.path.write_text(made.text, encoding="utf-8")
    assert is_behind(folder, DROPS)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("## Does it help?", "", "nothing stands below this English text"),
        ("## Does it help?", "Does it help?", "has 1 headings, and 2 in English"),
        ("Does it help? -->", "Does it help?", "the '-->' behind the English text is missing"),
        ("one_line:", "une_ligne:", "unknown key 'une_ligne'"),
        ("Most people feel better.\n", "Most people feel *better*.\n", "italics can't be printed"),
    ],
)
def test_what_is_not_like_the_english_is_told_with_the_line_of_the_file(
    folder: Path, came: Path, old: str, new: str, message: str
) -> None:
    text = sheet_to_translate(folder, CHOICE, "drops", TAG).text
    start, found, rest = text.rpartition(old)
    assert found
    (fault, *_) = [one for one in told(folder, came, f"{start}{new}{rest}") if message in one]
    near = (start + new).count("\n") + 1
    line = re.match(r"came\.md:(\d+): ", fault)
    assert line
    assert abs(int(line[1]) - near) <= 6


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04...", "a file of a word processor"),
        (b"%PDF-1.7", "is a PDF"),
        ("a\nb\nc\xe9".encode("latin-1"), r"came\.md:3: is not UTF-8 text"),
    ],
)
def test_what_is_no_text_is_told(folder: Path, came: Path, data: bytes, message: str) -> None:
    came.write_bytes(data)
    with pytest.raises(RequestFault, match=message):
        taken_in(folder, CHOICE, "drops", TAG, came)


def test_a_file_in_utf_16_is_read(folder: Path, came: Path) -> None:
    came.write_text(sheet_to_translate(folder, CHOICE, "drops", TAG).text, encoding="utf-16")
    assert taken_in(folder, CHOICE, "drops", TAG, came).text.startswith("---\nfrom: ")


def test_a_file_of_a_language_that_has_only_begun_is_taken_in(content: Path, came: Path) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    text = sheet_to_translate(content, CHOICE, "drops", TAG).text
    numbers = count()
    came.write_text(re.sub(GAP, lambda _: f"texte {next(numbers)}", text), encoding="utf-8")
    assert taken_in(content, CHOICE, "drops", TAG, came).path == content / DROPS
