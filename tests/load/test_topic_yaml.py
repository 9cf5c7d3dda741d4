"""What is wrong with a topic is told for all its files at once: references, links, topics for another program."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from handouts import paths
from handouts.errors import ContentFault
from handouts.load.library import load_library
from tests.conftest import TOPIC
from tests.topics import CHOICE_FILES, edit, write_topic


def topic(content: Path) -> Path:
    return content / "topics" / TOPIC


def told(content: Path) -> str:
    with pytest.raises(ContentFault) as caught:
        load_library(content, TOPIC)
    return caught.value.message


def test_a_figure_that_is_only_renamed_is_told_when_the_topic_is_read(content: Path) -> None:
    edit(topic(content) / "en" / "radiosurgery.md", "(radiosurgery-beams.svg", "(radiosurgery-beam.svg")
    assert "there is no figure 'radiosurgery-beam'. Did you mean 'radiosurgery-beams'?" in told(content)


def test_a_number_in_an_option_that_nobody_chose_is_told_with_its_line(content: Path) -> None:
    path = topic(content) / "en" / "microvascular-decompression.md"
    edit(path, "stays: mvd-hearing-permanent", "stays: mvd-hearing-permanant")
    line = next(i for i, row in enumerate(path.read_text().split("\n"), 1) if "permanant" in row)
    assert f"microvascular-decompression.md:{line}: there is no number 'mvd-hearing-permanant'" in told(content)


def test_a_number_where_the_text_is_printed_as_it_stands_is_told(content: Path) -> None:
    edit(topic(content) / "en" / "overview.md", "\nline: ", "\nline: 'x {mvd-relief}' #")
    assert "'line' is printed as it stands: no number in braces can be part of it" in told(content)


def test_a_form_that_a_number_does_not_have_is_told(content: Path) -> None:
    path = topic(content) / "en" / "botox.md"
    path.write_text(path.read_text() + "\nIn {botox-duration.rest}.\n")
    assert "'botox-duration.rest': a number has the forms" in told(content)


def test_texts_are_looked_through_even_where_topic_yaml_is_at_fault(content: Path) -> None:
    edit(topic(content) / "topic.yaml", "version:", "versoin:")
    botox = topic(content) / "en" / "botox.md"
    botox.write_text(botox.read_text() + "\nOne *word* of {botox-durration}.\n")
    found = told(content)
    for part in ("Did you mean 'version'?", "italics can't be printed", "Did you mean 'botox-duration'?"):
        assert part in found


def test_two_options_with_one_id_are_told_beside_an_unknown_key(content: Path) -> None:
    path = topic(content) / "topic.yaml"
    edit(path, "  - {id: no-treatment", "  - {id: botox}\n  - {id: no-treatment")
    edit(path, "version:", "made_by: me\nversion:")
    edit(path, "count: 12, unit: weeks, about: true, source: anzjo-1994", "count: 12, unit: weeks, about: true")
    found = told(content)
    for part in ("unknown key", "names botox a second time", "'numbers.botox-duration.source' is missing"):
        assert part in found


def test_a_source_that_is_wrong_itself_is_not_told_as_missing(content: Path) -> None:
    edit(topic(content) / "topic.yaml", 'miller-2012: {cite: "', 'miller-2012: {cit: "')
    found = told(content)
    assert "Did you mean 'cite'?" in found
    assert "which is not among the sources" not in found


@pytest.mark.parametrize("version", ["99.0", "0.99", "1.0.0"])
def test_a_topic_for_a_newer_program_says_so_and_nothing_else(content: Path, version: str) -> None:
    path = topic(content) / "topic.yaml"
    edit(path, "version:", f"made_for: {version}\nnew_key: x\nversion:")
    found = told(content)
    assert f"topic.yaml:4: was made for version {version} of the program; this is {paths.VERSION}." in found
    assert "new_key" not in found


@pytest.mark.parametrize("version", ["0.0.1", "0.1", paths.VERSION])
def test_a_topic_for_this_program_or_an_older_one_is_read(content: Path, version: str) -> None:
    edit(topic(content) / "topic.yaml", "version:", f"made_for: {version}\nversion:")
    assert load_library(content, TOPIC).topic.file.made_for == version


def test_a_version_that_is_none_is_told(content: Path) -> None:
    edit(topic(content) / "topic.yaml", "version:", "made_for: newest\nversion:")
    assert "topic.yaml:4: 'made_for'" in told(content)


@pytest.mark.parametrize("name", [f"topics/{TOPIC}", f"topics/{TOPIC}/en/medicines", "words", "clinics/cohen"])
def test_a_folder_that_leads_out_of_the_content_is_told(content: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    shutil.move(content / name, outside)
    (content / name).symlink_to(outside)
    assert f"{name}: is a link to a folder outside the content; put the folder itself in its place" in told(content)


def test_a_link_within_the_content_is_told_too(content: Path) -> None:
    shutil.move(content / "words", content / "fixed-words")
    (content / "words").symlink_to("fixed-words")
    assert "words: is a link to a folder; put the folder itself in its place" in told(content)


def test_a_content_folder_that_is_a_link_is_read(content: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(content)
    assert load_library(tmp_path / "link", TOPIC).topic.id == TOPIC


@pytest.mark.parametrize("there", ["Botox.md", "botox.md.txt", "botox.txt", "BOTOX.MD", "botox.docx"])
def test_a_file_that_is_there_under_another_name_is_named(content: Path, there: str) -> None:
    path = topic(content) / "en" / "botox.md"
    path.rename(path.with_name(there))
    assert f"botox.md: is missing, but {there} is there. Rename it to botox.md" in told(content)


def test_a_drawing_of_pixels_is_named(content: Path) -> None:
    path = topic(content) / "figures" / "cushion.svg"
    path.rename(path.with_suffix(".png"))
    assert "cushion.svg: is missing, though topic.yaml names this figure, but cushion.png is there." in told(content)


def test_an_editors_copy_is_not_taken_for_the_file(content: Path) -> None:
    path = topic(content) / "en" / "botox.md"
    path.rename(path.with_name("botox.md~"))
    assert f"botox.md: is missing. `new {TOPIC}` makes it" in told(content)


def test_one_mistake_in_a_topics_words_brings_no_false_ones(content: Path) -> None:
    write_topic(content, "dry-eye", CHOICE_FILES, words=CHOICE_FILES["en/words.yaml"].replace("headings:", "heading:"))
    with pytest.raises(ContentFault) as caught:
        load_library(content, "dry-eye")
    assert [fault.message for fault in caught.value.faults] == ["unknown key 'heading'. Did you mean 'headings'?"]
