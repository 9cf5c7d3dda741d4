"""`batch` on the command line: what goes in, what it reports, and how it ends."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from handouts.batch.journal import Journal
from handouts.cli import cli
from handouts.load.library import load_library
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, PATIENCE, ROOT, TOPIC
from tests.lists import Batch, approve
from tests.reading_pdf import failures, page_texts

Run = Callable[..., Result]
LIST = "patient.name,side\nXanthippe Quill,left\nYpsilon Fjord,right\nZebulon Vexley,\n"
OTHER = load_library(CONTENT, TOPIC).topic.options["no-treatment"].head.name
GIVEN = ("--topic", TOPIC, "--option", "botox", "--allow-unapproved")


@pytest.fixture
def batch(tmp_path: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """The folder `out` of a working folder with a list in it."""
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "key").write_bytes(KEY)
    monkeypatch.chdir(tmp_path)
    return Batch(tmp_path / "out", sheets)


def command(batch: Batch, *args: str, content: Path = CONTENT, today: str = "2026-11-22") -> list[str]:
    assert batch.cache
    kept = ["--key-file", str(batch.folder.parent / "key"), "--cache", str(batch.cache.folder)]
    return ["--content", str(content), "--today", today, "batch", *args, *kept]


@pytest.fixture
def run(batch: Batch) -> Run:
    """`batch` on a fixed day and key, in this process, with this run's sheets; ``data`` is its standard input."""

    def invoke(*args: str, data: str | bytes | None = None, jobs: str = "1", **also: Any) -> Result:
        line = command(batch, *args, "--jobs", jobs, **also)
        return CliRunner().invoke(cli, line, input=data, prog_name="handouts")

    return invoke


def test_a_list_becomes_files_and_a_summary(run: Run, batch: Batch) -> None:
    result = run("list.csv", "-d", "out", *GIVEN)
    assert result.exit_code == 0, result.output
    pages = sum(len(page_texts(pdf)) for pdf in batch.files().values())
    sheets = "(1 sheet|(0|[2-9]|1[0-5]) sheets)"  # what other tests have typeset is not typeset again
    said = rf"3 made, 0 reused, 0 failed; {pages} pages, {sheets} typeset; [0-9]+\.[0-9] seconds\n"
    assert re.fullmatch(said, result.stdout)
    assert result.stderr.count("Nobody has approved this text yet") == 1
    assert len(batch.files()) == 3


def test_the_same_command_again_makes_nothing(run: Run) -> None:
    run("list.csv", "-d", "out", *GIVEN)
    assert run("list.csv", "-d", "out", *GIVEN).stdout.startswith("0 made, 3 reused, 0 failed; ")


def test_a_row_at_fault_ends_with_exit_code_1_and_where_to_look(run: Run, batch: Batch) -> None:
    Path("list.csv").write_text(LIST + "Xanthippe Quill,middle\n", encoding="utf-8")
    result = run("list.csv", "-d", "out", *GIVEN)
    assert result.exit_code == 1
    assert "3 made, 0 reused, 1 failed" in result.stdout
    assert "Error: 1 row failed. out/report.csv says which, and what to do." in result.stderr
    assert batch.report()[0][:3] == ["5", "", "failed"]
    assert "'side'" in batch.report()[0][3]
    assert "Quill" not in result.output


def test_text_that_nobody_approved_ends_with_exit_code_8_and_nothing_made(run: Run, batch: Batch) -> None:
    for folder in (("-d", "out"), ("--dry-run",)):
        result = run("list.csv", *folder, *GIVEN[:-1])
        assert result.exit_code == 8
        assert "Error: Refused 3 rows: the current text is not approved, or is past its review." in result.stderr
        assert "--allow-unapproved" in result.stderr
    assert batch.files() == {}


def test_text_past_its_review_ends_with_exit_code_8_and_is_marked_when_allowed(
    run: Run, batch: Batch, content: Path
) -> None:
    approve(content)
    assert run("list.csv", "-d", "out", *GIVEN[:-1], content=content, today="2027-11-23").exit_code == 8
    assert batch.files() == {}


def test_approved_text_needs_no_leave(run: Run, content: Path) -> None:
    approve(content)
    result = run("list.csv", "--dry-run", *GIVEN[:-1], content=content)
    assert (result.exit_code, result.stdout) == (0, "3 rows checked, 3 fine, 0 with problems; nothing was made\n")


def test_a_dry_run_tells_each_row_at_fault_and_makes_nothing(run: Run, batch: Batch) -> None:
    long = "Xanthippe Quill " * 12
    Path("list.csv").write_text(f"patient.name,side\nAnn,left\n{long},left\nQuill 漢,\nBo,middle\n", encoding="utf-8")
    result = run("list.csv", "--dry-run", *GIVEN)
    assert result.exit_code == 1
    told = result.stdout.splitlines()
    assert [line.split(":")[0] for line in told[:-1]] == ["row 3", "row 4", "row 5"]
    assert "'patient.name' is too long" in told[0]
    assert "no font of the program has: Chinese (Han)" in told[1]
    assert told[-1] == "4 rows checked, 1 fine, 3 with problems; nothing was made"
    assert "Quill" not in result.output
    assert not batch.folder.exists()


def test_a_folder_has_to_be_named_unless_nothing_is_made(run: Run) -> None:
    result = run("list.csv", *GIVEN)
    assert result.exit_code == 2
    assert "Name the folder for the PDFs with -d, or use --dry-run." in result.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("none.csv",), "There is no list none.csv"),
        (
            ("list.csv", "--map", "Phone=patient.name"),
            "--map names a column of that name for patient.name, which the list",
        ),
        (("list.csv", "--map", "Phone"), "--map takes COLUMN=PATH"),
        (("list.csv", "--map", "=note"), "--map takes COLUMN=PATH"),
        (("list.csv", "--map", "side=sied"), "There is no key of that name in a request. Did you mean side?"),
        (("list.csv", "--preset", "none"), "There is no preset of that name"),
        (("list.csv", "--map-file", "none.yaml"), "There is no file none.yaml"),
        (("list.csv", "--visit-date", "tomorrow"), "visit_date"),
    ],
)
def test_what_is_asked_wrongly_ends_with_exit_code_4_before_anything_is_made(
    run: Run, batch: Batch, args: tuple[str, ...], message: str
) -> None:
    result = run(*args, "-d", "out", *GIVEN)
    assert result.exit_code == 4
    assert message in result.stderr
    assert not batch.folder.exists()


def test_a_list_without_what_every_row_needs_ends_with_exit_code_4(run: Run) -> None:
    result = run("list.csv", "-d", "out", "--allow-unapproved")
    assert result.exit_code == 4
    assert "no column topic or --topic" in result.stderr
    assert "no column options or --option" in result.stderr


def test_a_folder_that_another_run_has_ends_with_exit_code_8(run: Run, batch: Batch) -> None:
    batch.folder.mkdir()
    with Journal(batch.folder):
        result = run("list.csv", "-d", "out", *GIVEN)
    assert (result.exit_code, batch.files()) == (8, {})
    assert "Another run is using this folder" in result.stderr


def test_a_folder_with_a_foreign_journal_is_left_alone(run: Run, batch: Batch) -> None:
    batch.folder.mkdir()
    (batch.folder / "journal.txt").write_text("Dear diary")
    result = run("list.csv", "-d", "out", *GIVEN)
    assert result.exit_code == 8
    assert batch.everything() == {"journal.txt": b"Dear diary"}


def test_a_folder_that_can_not_be_written_ends_with_exit_code_5(run: Run, batch: Batch) -> None:
    batch.folder.mkdir()
    (batch.folder / "journal.txt").symlink_to("/dev/null")
    result = run("list.csv", "-d", "out", *GIVEN)
    assert result.exit_code == 5
    assert "The folder's journal can't be written" in result.stderr


def test_a_file_in_the_place_of_the_folder_is_wrong_usage(run: Run) -> None:
    assert run("list.csv", "-d", "list.csv", *GIVEN).exit_code == 2


def test_foreign_columns_are_mapped_and_others_named_once(run: Run, batch: Batch) -> None:
    Path("list.csv").write_text("Patient;Phone;Seite;Ward\nXanthippe Quill;555;left;x\n", encoding="utf-8-sig")
    flags = ("--map", "Patient=patient.name", "--map", "Seite=side", "--map", "Phone=")
    result = run("list.csv", "-d", "out", *flags, *GIVEN)
    assert result.exit_code == 0, result.output
    assert "1 row; Patient -> patient.name; Seite -> side; 2 columns left out (B Phone, D Ward)" in result.stderr
    assert "Xanthippe Quill" in page_texts(batch.files()[2])[0]


def test_a_mapping_can_be_kept_in_a_file_and_flags_lie_over_it(run: Run) -> None:
    Path("list.csv").write_text("Patient,Phone,A=B\nXanthippe Quill,555,left\n", encoding="utf-8")
    Path("map.yaml").write_text("Patient: note\nPhone:\n'A=B': side\n", encoding="utf-8")
    result = run("list.csv", "--map-file", "map.yaml", "--map", "Patient=patient.name", "--dry-run", *GIVEN)
    assert result.exit_code == 0, result.output
    Path("map.yaml").write_text("Patient: [patient.name]\n", encoding="utf-8")
    result = run("list.csv", "--map-file", "map.yaml", "--dry-run", *GIVEN)
    assert result.exit_code == 4
    assert "There is no key" in result.stderr


def test_standard_input_is_a_list_too(run: Run, batch: Batch) -> None:
    for data in (LIST.encode("utf-16"), b'\n{"patient": {"name": "Xanthippe Quill"}}\n'):
        assert run("-", "-d", "out", *GIVEN, data=data).exit_code == 0
        assert "Xanthippe Quill" in page_texts(batch.files()[2])[0]


def test_a_folder_of_requests_is_a_list_too(run: Run, batch: Batch) -> None:
    Path("requests").mkdir()
    Path("requests/quill.yaml").write_text("patient: {name: Xanthippe Quill}\n")
    Path("requests/quill xanthippe.json").write_text("[]")
    result = run("requests", "-d", "out", *GIVEN)
    assert result.exit_code == 1
    assert list(batch.files()) == [2]
    assert "quill" not in (result.output + str(batch.report())).casefold()


def test_a_preset_and_flags_fill_what_rows_leave_out_and_override_nothing(run: Run, batch: Batch) -> None:
    Path("list.csv").write_text("patient.name,clinician,options\nXanthippe Quill,,botox\nYpsilon Fjord,Dr. Own,\n")
    result = run(
        "list.csv", "-d", "out", "--preset", "botox-first", "--clinic", "seaview-example",
        "--clinician", "Dr. Flag", "--allow-unapproved",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    first, second = ("".join(page_texts(pdf)) for pdf in batch.files().values())
    assert "Dr. Flag" in first
    assert "Dr. Own" in second
    assert "Dr. Flag" not in second
    for text in (first, second):
        assert "Bring it to your next visit" in text
    assert OTHER in second  # of the preset's two options, a row that names its own has only that
    assert OTHER not in first


def test_a_flag_picks_sheets_for_rows_that_pick_none(run: Run, batch: Batch) -> None:
    Path("list.csv").write_text(
        "topic,patient.name,options,sheets\n"
        f"{TOPIC},Xanthippe Quill,botox,\n{TOPIC},Ypsilon Fjord,botox,questions;diary\n"
        f"{TOPIC},Zeno Gale,botox,dairy\n"
    )
    result = run("list.csv", "-d", "out", "--sheet", "front", "--allow-unapproved")
    assert result.exit_code == 1, result.output
    first, second = (page_texts(pdf) for pdf in batch.files().values())
    assert "Page 1 of 1" in first[0]
    assert "Your four-week diary" in second[-1]
    assert "Your next steps" not in "".join(second)
    assert "Did you mean 'diary'?" in str(batch.report())


def test_left_over_files_are_named_and_kept(run: Run, batch: Batch) -> None:
    run("list.csv", "-d", "out", *GIVEN)
    third = batch.path(4).name
    Path("list.csv").write_text("".join(LIST.splitlines(keepends=True)[:3]), encoding="utf-8")
    result = run("list.csv", "-d", "out", *GIVEN)
    assert result.exit_code == 0
    assert f"Note: 1 file in the folder without a row in this list: {third}. Nothing was deleted" in result.stderr
    assert (batch.folder / third).exists()


def test_print_files_and_sheets_are_named_at_the_end(run: Run, batch: Batch) -> None:
    result = run("list.csv", "-d", "out", *GIVEN, "--merge", "--run-sheet")
    assert result.stdout.splitlines()[1:] == ["out/volume-001.pdf", "out/run-sheet-001.pdf"]
    assert {"volume-001.pdf", "run-sheet-001.pdf"} <= batch.everything().keys()


def test_progress_is_told_in_lines_where_there_is_no_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.cli.output._EVERY", -1.0)
    result = run("list.csv", "-d", "out", *GIVEN)
    lines = re.findall(r"^([0-9]+) rows \(([0-9]+) %\), [0-9]+ a second$", result.stderr, re.MULTILINE)
    assert lines[-1] == ("3", "100")
    result = run("-", "-d", "out", *GIVEN, data=LIST)
    assert re.search(r"^3 rows, [0-9]+ a second$", result.stderr, re.MULTILINE)


def process(batch: Batch, *args: str) -> list[str]:
    return [sys.executable, str(ROOT / "generate.py"), *command(batch, *args)]


@pytest.mark.usefixtures("terminals")
def test_a_bar_on_a_terminal_shows_rows_rate_and_ends_at_its_end(batch: Batch) -> None:
    ours, theirs = pty.openpty()
    started = subprocess.Popen(
        process(batch, "list.csv", "-d", "out", *GIVEN, "--jobs", "1"), stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            more = os.read(ours, 4096)
        except OSError:  # as Linux has it when the other end is closed
            break
        shown += more
        if not more:
            break
    os.close(ours)
    out, _ = started.communicate(timeout=PATIENCE)
    assert started.returncode == 0
    assert out.startswith(b"3 made")
    text = shown.decode()
    assert "[" in text
    assert re.search(r"3 rows, [0-9]+ a second", text)
    assert "100%" in text


def test_two_workers_in_processes_of_their_own_make_what_one_makes(batch: Batch, sheets: SheetCache) -> None:
    for jobs, folder in (("1", "one"), ("2", "two")):
        done = subprocess.run(process(batch, "list.csv", "-d", folder, *GIVEN, "--jobs", jobs), capture_output=True)
        assert done.returncode == 0, done.stderr
    one, two = (Batch(batch.folder.with_name(name), sheets).everything() for name in ("one", "two"))
    assert one == two


def test_a_closed_standard_input_is_told(batch: Batch) -> None:
    line = process(batch, "-", "-d", "out", *GIVEN)
    done = subprocess.run(["/bin/sh", "-c", 'exec "$@" <&-', "sh", *line], capture_output=True, text=True)
    assert done.returncode == 4
    assert "Standard input is closed" in done.stderr


@pytest.mark.parametrize("name", ["report.csv", "journal.txt"])
def test_a_list_in_its_own_folder_is_not_written_over(run: Run, batch: Batch, name: str) -> None:
    batch.folder.mkdir()
    text = "patient.name\nXanthippe Quill\n"
    (batch.folder / name).write_text(text)
    result = run(str(batch.folder / name), *GIVEN, "-d", str(batch.folder))
    assert result.exit_code == 4
    assert f"its own {name} over the list" in result.stderr
    assert (batch.folder / name).read_text() == text


def test_a_list_of_three_topics_of_both_kinds_is_one_run_and_one_print_file(run: Run, batch: Batch) -> None:
    source = ROOT / "examples" / "three-topics.csv"
    result = run(str(source), "-d", "out", "--merge", "--allow-unapproved")
    assert result.exit_code == 0, result.output
    rows = source.read_text(encoding="utf-8").splitlines()[1:]
    names = [row.partition(",")[0] for row in rows]
    for name, pdf in zip(names, batch.files().values(), strict=True):
        assert name in page_texts(pdf)[0]
    (volume,) = batch.folder.glob("volume-*.pdf")
    told = page_texts(volume.read_bytes())
    for library in (load_library(CONTENT, row.split(",")[2]) for row in rows):
        assert any(library.topic.overview.head.name in page for page in told)
    assert failures(volume.read_bytes(), "ua1") == ""


def test_a_diagnosis_says_topic_and_side(run: Run) -> None:
    Path("list.csv").write_text("Patient,Diagnosis\nXanthippe Quill,G51.32\nYpsilon Fjord,G51.39\n", encoding="utf-8")
    result = run("list.csv", "--dry-run", "--option", "botox", "--allow-unapproved")
    assert result.exit_code == 0, result.output
    assert f"row 2: fine: {TOPIC} left botox" in result.output
    assert f"row 3: fine: {TOPIC} botox" in result.output
