"""Languages at the command line: make, check, approve, new-language, translate-sheet."""

from __future__ import annotations

import io
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from handouts.cli import cli
from handouts.cli.prompts import confirm
from handouts.load.library import load_library
from handouts.load.requests import build_request
from handouts.load.yamlfile import Parsed
from handouts.record.recorder import open_store
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY
from tests.languages import TAG, digest, translate
from tests.reading_pdf import text_of
from tests.topics import CHOICE, CHOICE_FILES, edit, write_topic

pytestmark = pytest.mark.usefixtures("here")

REQUEST = f"topic: {CHOICE}\noptions: [drops, tablets]\npatient: {{name: Xanthippe Quill}}\nnote: Call me.\n"


@pytest.fixture
def folder(content: Path) -> Path:
    """A made-up topic that is translated, in which one sheet is called otherwise."""
    write_topic(content, CHOICE, CHOICE_FILES)
    translate(content, CHOICE)
    edit(content / "topics" / CHOICE / TAG / "drops.md", "name: Drops", "name: Gouttes")
    return content


@pytest.fixture
def run(folder: Path, data: Path, sheets: SheetCache, tmp_path: Path):
    """Runs a command on that content."""
    (tmp_path / "key").write_bytes(KEY)
    kept = ["--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder), "--data", str(data)]

    def call(*args: str, **more: object) -> Result:
        start = ["--content", str(folder), "--today", "2026-11-22"]
        words = list(args) + (kept if args[0] in {"make", "batch"} else [])
        return CliRunner().invoke(cli, [*start, *words], **more)  # type: ignore[arg-type]

    return call


def test_make_prints_the_patients_language_and_the_record_keeps_it(run, data: Path) -> None:
    done = run("make", "request.yaml", "--language", f"{TAG}-CA", "-o", "out.pdf")
    assert done.exit_code == 0, done.output
    assert "Printed as you wrote it, not translated: note." in done.output
    assert "Nobody has checked this translation yet" in done.output
    said = text_of(Path("out.pdf").read_bytes())
    assert "Gouttes" in said
    assert "Translation not yet checked" in said
    with open_store(data) as store:
        assert {event.language for event in store.latest(9)} == {TAG}


def test_english_and_a_region_of_it_make_the_same_document(run) -> None:
    codes = set()
    for number, flags in enumerate(((), ("--language", "en"), ("--language", "en-US"))):
        done = run("make", "request.yaml", *flags, "-o", f"{number}.pdf")
        assert done.exit_code == 0, done.output
        codes.add(Path(f"{number}.pdf").read_bytes())
    assert len(codes) == 1


def test_what_is_missing_is_told_once_and_nothing_is_made(run, folder: Path) -> None:
    for name in ("drops.md", "takeaways.md"):
        (folder / "topics" / CHOICE / TAG / name).unlink()
    done = run("make", "request.yaml", "--language", TAG, "-o", "out.pdf")
    assert done.exit_code == 3
    assert done.output.count("is missing") == 2
    assert not Path("out.pdf").exists()


@pytest.mark.parametrize(
    ("tag", "code", "message"),
    [("tl", 4, "There are no texts in Tagalog (tl)."), ("?", 4, "must be a language's tag, such as es or es-MX")],
)
def test_a_language_that_is_not_there_is_refused_with_those_that_are(run, tag: str, code: int, message: str) -> None:
    done = run("make", "request.yaml", "--language", tag, "-o", "out.pdf")
    assert (done.exit_code, message in done.output) == (code, True), done.output


def test_a_list_prints_each_row_in_its_language(run) -> None:
    Path("list.csv").write_text(
        "Name,Language,options\nAnn,English,drops\nBo,French,drops\nCy,Navajo,drops\n", encoding="utf-8"
    )
    done = run("batch", "list.csv", "--topic", CHOICE, "-d", "made", "--allow-unapproved", "--jobs", "1")
    assert done.exit_code == 0, done.output
    told = sorted("Gouttes" in text_of(path.read_bytes()) for path in Path("made").glob("*.pdf"))
    assert told == [False, False, True]
    assert "1 row(s) name a language that nothing is printed in yet" in done.output


def test_a_list_prints_no_translation_that_nobody_checked(run) -> None:
    Path("list.csv").write_text("Name,Language,options\nBo,French,drops\n", encoding="utf-8")
    done = run("batch", "list.csv", "--topic", CHOICE, "-d", "made", "--jobs", "1")
    assert done.exit_code != 0
    assert f"--language {TAG}" in Path("made/report.csv").read_text(encoding="utf-8")


def test_check_tells_how_far_a_language_is_and_what_does_not_apply(run, folder: Path) -> None:
    done = run("check", CHOICE, "--language", TAG, "--text-only")
    assert done.exit_code == 0, done.output
    assert re.search(rf"{CHOICE} +9 +9 +0 +0 +9", done.output), done.output
    assert "words in a sentence, mean" in done.output
    assert "There is no tested formula for this language" in done.output
    (folder / "topics" / CHOICE / TAG / "drops.md").unlink()
    edit(folder / "topics" / CHOICE / "en" / "plugs.md", "Most people", "Some people")
    done = run("check", CHOICE, "--language", TAG, "--text-only")
    assert done.exit_code == 3
    assert f"topics/{CHOICE}/{TAG}/drops.md" in done.output.partition("Missing, or not filled in:")[2]
    late = done.output.partition("Behind their English, with what changed in it:")[2]
    assert f"  topics/{CHOICE}/{TAG}/plugs.md\n    topics/{CHOICE}/en/plugs.md:" in late
    assert ": Some people feel better.\n" in late
    assert f"`new-language fr {CHOICE}` makes the files that are not there" in done.output
    assert "Write over" not in done.output


def test_gaps_are_to_be_written_over_and_nothing_is_to_be_made(run, folder: Path) -> None:
    edit(folder / "topics" / CHOICE / TAG / "plugs.md", "name: Plugs", "name: ____")
    done = run("check", CHOICE, "--language", TAG, "--text-only")
    assert done.exit_code == 3
    assert f"topics/{CHOICE}/{TAG}/plugs.md  1 gap\n" in done.output
    assert "Write over each ____ in the files listed above (1 gap)." in done.output
    assert "new-language" not in done.output


def test_a_heading_without_a_text_is_not_to_be_deleted_in_a_translation(run, folder: Path) -> None:
    edit(folder / "topics" / CHOICE / TAG / "drops.md", "Most people feel better.", "")
    done = run("check", CHOICE, "--language", TAG, "--text-only")
    assert "has nothing under it; write its text\n" in done.output


def test_a_language_that_is_at_fault_does_not_stop_english(run, folder: Path) -> None:
    edit(folder / "topics" / CHOICE / TAG / "plugs.md", "name: Plugs", "nme: Bouchons")
    (folder / "topics" / CHOICE / TAG / "takeaways.md").unlink()
    done = run("check", CHOICE, "--text-only")
    assert done.exit_code == 0, done.output
    notices = done.output.partition("Notices")[2].partition("Failures")[0]
    assert f"topics/{CHOICE}/{TAG}/plugs.md:" in notices
    assert "unknown key 'nme'. Did you mean 'name'?" in notices
    assert run("make", "request.yaml", "-o", "out.pdf").exit_code == 0


def test_faults_of_an_unfinished_language_are_told_file_by_file(run, folder: Path) -> None:
    base = folder / "topics" / CHOICE / TAG
    (base / "takeaways.md").unlink()
    edit(base / "plugs.md", "name: Plugs", "name: ____")
    edit(folder / "words" / f"{TAG}.yaml", "key_points: Key points", "key_points: ____")
    edit(base / "drops.md", "ask: [Do they sting?]", "ask: [Do they sting?, More?]")
    edit(folder / "clinics" / "cohen" / f"practice.{TAG}.md", "## ", "### ")
    done = run("check", CHOICE, "--language", TAG, "--text-only")
    assert done.exit_code == 3
    told = done.output.partition("Fix these:")[2]
    assert "'ask' has 2 entries, and 1 in English" in told
    assert f"clinics/cohen/practice.{TAG}.md:" in told
    assert not re.search("plugs|takeaways|words/", told), "what is missing is listed above"


def test_check_of_a_language_that_is_none_is_refused(run) -> None:
    assert run("check", "--language", "xq").exit_code == 4


@pytest.mark.heavy
def test_a_translation_is_approved_after_its_english_by_two_names(run, folder: Path) -> None:
    who = ("--by", "Dr. Cohen", "--yes")
    both = (*who, "--language", TAG, "--checked-by", "Ana Ruiz")
    early = run("approve", CHOICE, *both)
    assert (early.exit_code, "The English text is not approved yet" in early.output) == (8, True)
    alone = run("approve", CHOICE, "--language", TAG, *who)
    assert (alone.exit_code, "--checked-by NAME" in alone.output) == (8, True)
    english = run("approve", CHOICE, "--until", "2027-05-01", *who)
    assert english.exit_code == 0, english.output
    assert f"{TAG}/" not in english.output
    done = run("approve", CHOICE, *both)
    assert done.exit_code == 0, done.output
    assert f"translate-sheet {CHOICE}/SHEET --to {TAG}" in done.output
    approvals = load_library(folder, CHOICE, language=TAG).topic.approvals
    assert {str(approval.until) for approval in approvals.values()} == {"2027-05-01"}
    assert approvals[f"{TAG}/drops.md"].checked_by == "Ana Ruiz"
    assert approvals["en/drops.md"].checked_by is None
    assert "topic.yaml" in approvals
    behind = folder / "topics" / CHOICE / "en" / "drops.md"
    edit(behind, "Most people", "Some people")
    run("approve", CHOICE, "drops", *who)
    late = run("approve", CHOICE, "drops", *both)
    assert (late.exit_code, "--to fr --done" in late.output) == (8, True)


def test_a_translation_that_gates_fail_is_not_approved(run, folder: Path) -> None:
    assert run("approve", CHOICE, "--by", "Dr. Cohen", "--yes").exit_code == 0
    edit(folder / "topics" / CHOICE / TAG / "drops.md", "Most people feel better.", "Take 10mg.")
    done = run("approve", CHOICE, "--language", TAG, "--by", "Dr. Cohen", "--checked-by", "Ana", "--yes")
    assert done.exit_code == 3
    assert f"`check {CHOICE} --language {TAG}` measures again" in done.output


def test_a_language_is_begun_translated_elsewhere_and_brought_up_to_date(run, folder: Path) -> None:
    done = run("new-language", "de", CHOICE)
    assert done.exit_code == 0, done.output
    assert f"then `check {CHOICE} --language de --text-only`" in done.output
    (gaps,) = re.findall(r"in them \((\d+) gaps\)", done.output)
    assert f"({gaps} gaps)" in run("check", CHOICE, "--language", "de", "--text-only").output
    assert run("new-language", "de", CHOICE).exit_code == 8
    assert run("new-language", "en").exit_code == run("new-language", "xq").exit_code == 4
    done = run("translate-sheet", f"{CHOICE}/drops", "--to", "de", "-o", "out")
    assert done.exit_code == 5, "the folder is not there"
    Path("out").mkdir()
    done = run("translate-sheet", f"{CHOICE}/drops", "--to", "de", "-o", "out")
    assert done.exit_code == 0, done.output
    assert {path.name for path in Path("out").iterdir()} == {f"{CHOICE}-drops-de.pdf", f"{CHOICE}-drops-de.md"}
    assert run("translate-sheet", f"{CHOICE}/drops", "--to", "de", "-o", "out").exit_code == 5
    assert run("translate-sheet", f"{CHOICE}/drops", "--to", "de", "--done").exit_code == 8
    english = folder / "topics" / CHOICE / "en" / "drops.md"
    edit(english, "Most people", "Some people")
    done = run("translate-sheet", f"{CHOICE}/drops", "--to", TAG, "--done")
    assert done.exit_code == 0, done.output
    assert f"from: {digest(english)}" in (folder / "topics" / CHOICE / TAG / "drops.md").read_text(encoding="utf-8")
    edit(folder / "words" / "en.yaml", "version: Version", "version: Edition")
    for shared in ("words", "mail", "defaults", "practice/cohen"):
        done = run("translate-sheet", shared, "--to", TAG, "--done")
        assert done.exit_code == (0 if shared == "words" else 8), done.output
    assert run("translate-sheet", "words", "--to", "de").exit_code == 0
    assert Path("words-de.yaml").exists()


def test_a_file_that_came_back_is_taken_in_or_told_with_its_lines(run, folder: Path) -> None:
    english, name = folder / "topics" / CHOICE / "en" / "drops.md", f"{CHOICE}-drops-{TAG}.md"
    edit(english, "Most people", "Some people")
    assert run("translate-sheet", f"{CHOICE}/drops", "--to", TAG).exit_code == 0
    done = run("translate-sheet", f"{CHOICE}/drops", "--to", TAG, "--import", name)
    assert done.exit_code == 3
    assert re.search(rf"{name}:\d+: is not translated yet", done.stderr)
    path = folder / "topics" / CHOICE / TAG / "drops.md"
    before = path.read_text(encoding="utf-8")
    Path(name).write_text(Path(name).read_text(encoding="utf-8").replace("____ Most", "Quelques"), encoding="utf-8")
    assert run("translate-sheet", f"{CHOICE}/drops", "--to", TAG, "--import", name, "--done").exit_code == 2
    assert path.read_text(encoding="utf-8") == before
    done = run("translate-sheet", f"{CHOICE}/drops", "--to", TAG, "--import", name)
    assert (done.exit_code, "made from today's English" in done.output) == (0, True), done.output
    assert "Quelques people feel better." in path.read_text(encoding="utf-8")
    edit(english, "Some people", "Many people")
    done = run("translate-sheet", f"{CHOICE}/drops", "--to", TAG, "--import", name)
    assert (done.exit_code, "taken in, but behind" in done.output) == (0, True), done.output
    assert "Many people feel better." in done.output


def test_topics_tells_in_which_languages_a_topic_is(run, folder: Path) -> None:
    edit(folder / "topics" / CHOICE / "en" / "plugs.md", "Most people", "Some people")
    assert "In French (fr): 9 of 9 files, 1 behind" in run("topics", CHOICE).output


def test_another_language_is_shown_before_a_handout_is_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    request = build_request(Parsed({"topic": CHOICE, "language": "es-MX", "patient": {"name": "X"}}, {}, ""))
    with pytest.raises(click.exceptions.Abort):
        confirm(request)
    assert "Language       Spanish" in capsys.readouterr().out
