"""`new-folder`, `new-clinic` and `new`: from nothing to a PDF, and what is missing made again."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from handouts.authoring.scaffold import SharedWords, skeleton
from handouts.cli import cli
from handouts.load.known_files import stray_files
from handouts.load.library import load_library, load_mail_words
from handouts.load.markdown import sections
from tests.conftest import CONTENT, TOPIC
from tests.reading_pdf import text_of
from tests.topics import CHOICE, CHOICE_FILES, write_topic

DAY = date(2026, 11, 23)


def run(content: Path, *args: str) -> Result:
    return CliRunner().invoke(cli, ["--content", str(content), "--today", str(DAY), *args])


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A content folder of one's own, just begun."""
    folder = tmp_path / "my content"
    result = CliRunner().invoke(cli, ["new-folder", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


def test_a_new_folder_holds_content_and_nothing_else(begun: Path) -> None:
    assert stray_files(begun) == []
    for name in ("settings.yaml", "words/en.yaml", "words/mail.en.yaml", "schema/topic.json", "README.md"):
        assert (begun / name).is_file()
    assert load_mail_words(begun) == load_mail_words(CONTENT)
    assert "our-clinic" in (begun / "settings.yaml").read_text()


def test_from_nothing_to_a_pdf(begun: Path, tmp_path: Path) -> None:
    assert run(begun, "new", "back-pain").exit_code == 0
    path = tmp_path / "first.pdf"
    args = ("blank", "back-pain", "--option", "first-option", "--option", "no-treatment", "-o", str(path))
    made = run(begun, *args, "--data", str(tmp_path / "data"))
    assert made.exit_code == 0, made.output
    text = text_of(path.read_bytes())
    for words in ("Our Clinic", "Back pain", "First option", "No treatment for now"):
        assert words in text


def test_a_new_folder_and_topic_pass_the_check_of_texts(begun: Path) -> None:
    empty = run(begun, "check", "--text-only")
    assert empty.exit_code == 0, empty.output
    assert "There is no topic yet: `new TOPIC` starts one." in empty.output
    run(begun, "new", "back-pain")
    checked = run(begun, "check", "--text-only")
    assert checked.exit_code == 0, checked.output
    assert "0 failures" in checked.output


def test_the_next_command_names_the_folder(begun: Path) -> None:
    result = run(begun, "new", "back-pain")
    assert f"--content '{begun}' check back-pain --text-only" in result.stderr


def test_a_folder_that_is_there_gets_what_is_missing_and_keeps_the_rest(begun: Path) -> None:
    words, settings = begun / "words" / "en.yaml", begun / "settings.yaml"
    words.unlink()
    settings.write_text("default_clinic: our-clinic   # mine\n")
    (begun / "schema" / "topic.json").write_text("{}")
    result = CliRunner().invoke(cli, ["new-folder", str(begun), "--clinic", "other"])
    assert result.exit_code == 0, result.output
    assert words.is_file()
    assert "# mine" in settings.read_text()
    assert (begun / "schema" / "topic.json").read_text() == (CONTENT / "schema" / "topic.json").read_text()
    assert not (begun / "clinics" / "other").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x")
    assert CliRunner().invoke(cli, ["new-folder", str(tmp_path)]).exit_code == 8
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("name", ["Hill Street", "../x", ""])
def test_a_name_that_could_not_be_a_folder_is_refused(begun: Path, tmp_path: Path, name: str) -> None:
    assert run(begun, "new-clinic", name).exit_code == 4
    assert CliRunner().invoke(cli, ["new-folder", str(tmp_path / "x"), "--clinic", name]).exit_code == 4
    assert not (tmp_path / "x").exists()


def test_a_new_clinic_prints_its_name(begun: Path) -> None:
    result = run(begun, "new-clinic", "hill-street")
    assert result.exit_code == 0, result.output
    run(begun, "new", "back-pain")
    clinic = load_library(begun, "back-pain", "hill-street").clinic
    assert (clinic.file.name, clinic.logo.name) == ("Hill Street", "logo.svg")


def test_a_clinic_that_is_there_is_kept_and_completed(begun: Path) -> None:
    folder = begun / "clinics" / "our-clinic"
    assert run(begun, "new-clinic", "our-clinic").exit_code == 8
    mine = (folder / "clinic.yaml").read_text().replace("name: Our Clinic", "name: Mine")
    (folder / "clinic.yaml").write_text(mine)
    (folder / "logo.svg").rename(folder / "logo.png")
    assert run(begun, "new-clinic", "our-clinic").exit_code == 8  # a logo of another kind is a logo
    (folder / "logo.png").unlink()
    assert run(begun, "new-clinic", "our-clinic").exit_code == 0
    assert (folder / "logo.svg").is_file()
    assert (folder / "clinic.yaml").read_text() == mine


def test_what_a_topic_names_and_lacks_is_made(begun: Path) -> None:
    run(begun, "new", "back-pain")
    folder = begun / "topics" / "back-pain"
    text = (folder / "topic.yaml").read_text()
    text = text.replace("  - {id: no-treatment", "  - {id: gentle-exercise, diary: true}\n  - {id: no-treatment")
    text = text.replace("  # face: {} ", "  spine: {} ").replace("[first-", "[second-medicine, first-")
    (folder / "topic.yaml").write_text(text)
    before = (folder / "en" / "overview.md").read_text()
    missing = run(begun, "check", "back-pain", "--text-only")
    assert missing.exit_code == 3
    assert "en/gentle-exercise.md: is missing. `new back-pain` makes it" in missing.output
    result = run(begun, "new", "back-pain")
    assert result.exit_code == 0, result.output
    assert sorted(Path(line).name for line in result.stdout.splitlines()) == [
        "figures.yaml", "gentle-exercise.md", "second-medicine.md", "spine.svg", "words.yaml",
    ]  # fmt: skip
    assert (folder / "en" / "overview.md").read_text() == before
    checked = run(begun, "check", "back-pain", "--text-only")
    assert checked.exit_code == 0, checked.output
    assert load_library(begun, "back-pain").topic.options["gentle-exercise"].head.name == "Gentle exercise"


def test_a_topic_of_another_kind_is_kept(begun: Path) -> None:
    run(begun, "new", "back-pain")
    path = begun / "topics" / "back-pain" / "en" / "overview.md"
    path.write_text(path.read_text().replace("Back pain", "My back"))
    result = run(begun, "new", "back-pain", "--kind", "instructions")
    assert (result.exit_code, "of kind choice is there already; it is kept." in result.output) == (8, True)
    assert "Delete" not in result.output


def test_a_topic_of_the_wrong_kind_that_nobody_has_written_in_is_told_with_the_way_out(begun: Path) -> None:
    run(begun, "new", "back-pain")
    later = ("--content", str(begun), "--today", "2026-12-24", "new", "back-pain", "--kind", "instructions")
    result = CliRunner().invoke(cli, later)
    assert result.exit_code == 8
    assert f"Delete the folder {begun}/topics/back-pain, then say `new back-pain --kind instructions`" in result.output
    shutil.rmtree(begun / "topics" / "back-pain")
    assert CliRunner().invoke(cli, later).exit_code == 0


@pytest.mark.parametrize("lost", ["drops", "medicines/steroid"])
def test_a_topic_with_rows_and_headings_of_its_own_is_completed_with_them(begun: Path, lost: str) -> None:
    write_topic(begun, CHOICE, CHOICE_FILES)
    path = begun / "topics" / CHOICE / "en" / f"{lost}.md"
    path.unlink()
    assert run(begun, "new", CHOICE).exit_code == 0
    text = path.read_text()
    assert "## Who may it suit?" not in text
    assert "relief: Write a short answer here." in text or lost != "drops"
    load_library(begun, CHOICE)


def test_a_topic_whose_headings_have_none_for_harms_gets_a_cell_for_them(begun: Path) -> None:
    topic = CHOICE_FILES["topic.yaml"].replace("rows: [what, relief, cost]", "rows: [what, relief, harms]")
    write_topic(begun, CHOICE, CHOICE_FILES, topic=topic.replace("  - {id: drops, ", "  - {id: gel}\n  - {id: drops, "))
    run(begun, "new", CHOICE)
    text = (begun / "topics" / CHOICE / "en" / "gel.md").read_text()
    assert "  harms: Write a short answer here." in text
    assert "harms:                   #" not in text


def test_a_mistake_in_a_topics_own_words_is_told_before_anything_is_made(begun: Path) -> None:
    write_topic(begun, CHOICE, CHOICE_FILES, words="heading: {}\n")
    (begun / "topics" / CHOICE / "en" / "drops.md").unlink()
    result = run(begun, "new", CHOICE)
    assert (result.exit_code, "Did you mean 'headings'?" in result.output) == (3, True)


@pytest.mark.parametrize("kind", ["choice", "instructions"])
def test_texts_stand_in_lines_of_their_own_where_a_comma_cuts_nothing(begun: Path, kind: str) -> None:
    run(begun, "new", "back-pain", "--kind", kind)
    for path in [*(begun / "topics").rglob("*.md"), *(begun / "topics").rglob("*.yaml"), *begun.rglob("clinic.yaml")]:
        for row in path.read_text().split("\n"):
            assert not re.search(r"\{[^}]*(text|what|cite|over|question|where|signs):", row), (path.name, row)


@pytest.mark.parametrize("kind", ["choice", "instructions"])
def test_the_examples_in_a_new_topic_work_without_their_signs_of_comment(begun: Path, kind: str) -> None:
    run(begun, "new", "back-pain", "--kind", kind)
    folder = begun / "topics" / "back-pain"
    path = folder / "topic.yaml"
    path.write_text(re.sub(r"^  # ", "  ", path.read_text(), flags=re.M))
    assert run(begun, "new", "back-pain").exit_code == 0
    words = folder / "en" / "figures.yaml"
    name = next(iter(yaml.safe_load(path.read_text())["figures"]))
    words.write_text(re.sub(r"^  # ", "  ", words.read_text(), flags=re.M).replace("face:", f"{name}:"))
    drawing = folder / "figures" / f"{name}.svg"
    label = '<g id="labels"><text id="nerve" x="40" y="60" font-size="26"></text></g>'
    drawing.write_text(drawing.read_text().replace('<g id="labels"></g>', label))
    topic = load_library(begun, "back-pain").topic
    assert len(topic.file.numbers) == len(topic.file.sources) == 1
    assert topic.drawings.labels == {name: {"nerve": "facial nerve"}}


def test_a_folder_without_topic_yaml_is_left_alone(begun: Path) -> None:
    (begun / "topics" / "mine").mkdir(parents=True)
    (begun / "topics" / "mine" / "notes.txt").write_text("x")
    assert run(begun, "new", "mine").exit_code == 8
    assert not (begun / "topics" / "mine" / "topic.yaml").exists()


def test_nothing_is_written_where_a_name_in_topic_yaml_would_lead_elsewhere(begun: Path, tmp_path: Path) -> None:
    run(begun, "new", "back-pain")
    path = begun / "topics" / "back-pain" / "topic.yaml"
    path.write_text(
        path.read_text().replace("  - {id: no-treatment", '  - {id: "../../../evil"}\n  - {id: no-treatment')
    )
    before = sorted(tmp_path.rglob("*"))
    assert run(begun, "new", "back-pain").exit_code == 8
    assert sorted(tmp_path.rglob("*")) == before


def test_new_in_a_folder_that_is_not_there_names_the_command_that_makes_one(tmp_path: Path) -> None:
    for command in (("new", "x"), ("new-clinic", "x"), ("topics", "x"), ("check", "x", "--text-only")):
        result = run(tmp_path / "nowhere", *command)
        assert (result.exit_code, "`new-folder DIRECTORY`" in result.output) == (3, True), result.output


@pytest.mark.parametrize("name", ["settings.yaml", "words/en.yaml", "words/mail.en.yaml"])
def test_a_missing_piece_is_named_with_the_command_that_makes_it(begun: Path, name: str) -> None:
    run(begun, "new", "back-pain")
    (begun / name).unlink()
    result = run(begun, "check", "back-pain", "--text-only")
    assert result.exit_code == 3
    assert f"{name}: is missing. `new-folder {begun}` makes it" in result.output
    assert CliRunner().invoke(cli, ["new-folder", str(begun)]).exit_code == 0
    assert run(begun, "check", "back-pain", "--text-only").exit_code == 0


def test_without_a_clinic_the_command_that_makes_one_is_named(begun: Path) -> None:
    run(begun, "new", "back-pain")
    (begun / "clinics" / "our-clinic" / "clinic.yaml").unlink()
    assert "`new-clinic NAME` makes one" in run(begun, "topics", "back-pain").output


WORDS = SharedWords(("what", "harms"), ("What is it?", "How sure are we?"), ("What is it for?",))


@pytest.mark.parametrize("kind", ["choice", "instructions"])
def test_a_skeleton_says_in_every_file_what_to_write(kind: str) -> None:
    files = skeleton("going-home", kind, WORDS, DAY)  # type: ignore[arg-type]
    for name, text in files.items():
        assert text.endswith("\n")
        assert "\t" not in text
        if name.endswith(".md"):
            _, head, body = text.split("---\n", 2)
            assert yaml.safe_load(head)["name"]
            assert sections(body, name)
            assert "Write" in text


def test_the_skeleton_of_instructions_has_a_file_for_each_section() -> None:
    files = skeleton("going-home", "instructions", WORDS, DAY)
    topic = yaml.safe_load(files["topic.yaml"])
    assert (topic["kind"], topic["made_for"]) == ("instructions", "0.1")
    assert "options" not in topic
    assert [entry["id"] for entry in topic["sections"] if entry.get("optional")] == ["stitches"]
    for entry in topic["sections"]:
        text = files[f"en/{entry['id']}.md"]
        assert "## Do\n" in text
        assert "## Don't\n" in text
    overview = yaml.safe_load(files["en/overview.md"].split("---\n")[1])
    assert list(overview) == [
        "name", "line", "timetable", "call_us", "checklist", "ask", "teach_back", "next_steps", "safety",
    ]  # fmt: skip
    assert set(overview["safety"]) == set(topic["safety"])
    assert all(set(day) == {"when", "what"} for day in overview["timetable"])
    assert all(set(call) == {"when", "signs"} for call in overview["call_us"])


def test_the_topics_that_come_with_the_program_lack_nothing() -> None:
    from handouts.authoring.folder import lacking
    from handouts.authoring.scaffold import parts

    folder = CONTENT / "topics" / TOPIC
    data = yaml.safe_load((folder / "topic.yaml").read_text(encoding="utf-8"))
    assert lacking(folder, parts(TOPIC, data, WORDS)) == {}
