"""`lists` on the command line, and what `batch` makes of a list with and without a map."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from handouts.batch.volumes import Printing
from handouts.cli import cli
from handouts.errors import ContentFault
from handouts.lists.header import fingerprint
from handouts.lists.row import Listing, Row
from handouts.load.everything import require_sound
from handouts.load.list_maps import load_list_maps
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, TOPIC
from tests.lists import Batch, person
from tests.lists.workbooks import xlsx
from tests.reading_pdf import page_texts

CASES = Path(__file__).parent.parent / "lists" / "cases"
Run = Callable[..., Result]
GIVEN = ("--topic", TOPIC, "--allow-unapproved")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with content of its own."""
    shutil.copytree(CONTENT, tmp_path / "content")
    (tmp_path / "key").write_bytes(KEY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(here: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    def invoke(*args: str, answers: str | None = None) -> Result:
        monkeypatch.setattr("handouts.cli.lists.at_terminal", lambda: answers is not None)
        monkeypatch.setattr("handouts.cli.list_input.at_terminal", lambda: answers is not None)
        line = ["--content", str(here / "content"), "--today", "2026-11-22", *args]
        return CliRunner().invoke(cli, line, input=answers, prog_name="handouts")

    return invoke


def the_map(here: Path, name: str = "day-list") -> dict[str, Any]:
    text = (here / "content" / "clinics" / "cohen" / "lists" / f"{name}.yaml").read_text(encoding="utf-8")
    made: dict[str, Any] = yaml.load(text, yaml.BaseLoader)
    return made


def learn(run: Run, *args: str, answers: str | None = None, source: str = "us-scheduler.csv") -> Result:
    return run("lists", "learn", str(CASES / source), "--name", "day-list", *args, answers=answers)


def test_questions_make_a_map_and_batch_reads_lists_like_it_by_it(run: Run, here: Path) -> None:
    result = learn(run, answers="\n\ny\n" + f"{TOPIC}\nbotox\nleft\n" + "\nmicrovascular-decompression, botox\n\n")
    assert result.exit_code == 0, result.output
    assert "Row 4 names the columns, and 3 rows follow" in result.output
    assert the_map(here) == {
        "fingerprint": "053a2c9072f41c87",
        "columns": {
            "DOB": "patient.birth_date", "MRN": "patient.identifier", "Appt Date": "visit_date", "Appt Time": "order",
        },
        "join": {"patient.name": ["First Name", "Last Name"]},
        "values": {"Appt Type": {
            "FU Botox": {"topic": TOPIC, "options": ["botox"], "side": "left"},
            "Consult MVD": {"options": ["microvascular-decompression", "botox"]},
        }},
        "leave_out": {"Status": ["Cancelled"]},
        "name_order": "as-written",
    }  # fmt: skip
    require_sound(here / "content", [])
    told = run("batch", str(CASES / "us-scheduler.csv"), "--dry-run", *GIVEN)
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines() == [
        f"row 5: fine: 2026-12-04 10:30 {TOPIC} left botox",
        f"row 6: fine: 2026-12-04 11:00 {TOPIC} microvascular-decompression, botox",
        "2 rows checked, 2 fine, 0 with problems; nothing was made",
    ]
    assert "2 rows left out: row 7 (Status: Cancelled); row 8 (no patient)" in told.stderr
    assert "Appt Type -> by its words" in told.stderr
    assert not any(name in told.output for name in ("GONZALEZ", "O'NEILL", "1961", "00417"))


def test_without_a_terminal_a_draft_is_written_only_if_asked_for_and_never_over_another(run: Run, here: Path) -> None:
    assert learn(run).exit_code == 8
    assert learn(run, "--yes").exit_code == 0
    assert the_map(here)["columns"]["Status"] == ""
    again = learn(run, "--yes")
    assert again.exit_code == 8
    assert "There is a map 'day-list' already; it is kept" in again.stderr


def test_dates_with_two_readings_are_asked_for(run: Run, here: Path) -> None:
    assert "--date-order mdy or --date-order dmy" in learn(run, "--yes", source="ambiguous-dates.csv").stderr
    result = learn(run, answers="\nday\n", source="ambiguous-dates.csv")
    assert result.exit_code == 0, result.output
    assert "row 2: 'DOB' is 2 May 1983 or 5 February 1983" in result.output
    assert the_map(here)["date_order"] == "dmy"


def test_columns_that_are_not_right_are_asked_for_one_by_one(run: Run, here: Path) -> None:
    Path("list.csv").write_text('Patient,Born,Tel,Arzt\n"Lee, Ann",9-Apr-61,555,Dr. Hart\n', encoding="utf-8")
    answers = "n\n\n\nphone\n-\nclinician\ny\n"
    result = run("lists", "learn", "list.csv", answers=answers)
    assert result.exit_code == 0, result.output
    found = the_map(here, "list")
    assert found["columns"] == {
        "Patient": "patient.name", "Born": "patient.birth_date", "Arzt": "clinician", "Tel": "",
    }  # fmt: skip
    assert found["name_order"] == "last-first"


@pytest.mark.parametrize(
    ("text", "message", "code"),
    [
        ('{"a": 1}\n', "The list is JSON", 4),
        ("patient.name,side\nAnn,left\n", "in the program's own format already", 4),
        ("a,b\n1,2\n", "No column is called like the patient's name", 8),
        (None, "can't be read: No such file", 4),
    ],
)
def test_what_can_not_be_learned_is_told(run: Run, text: str | None, message: str, code: int) -> None:
    if text:
        Path("list.csv").write_text(text)
    result = run("lists", "learn", "list.csv", "--yes")
    assert result.exit_code == code
    assert message in result.stderr
    assert "only lower-case letters" in run("lists", "learn", "list.csv", "--name", "A b", "--yes").stderr


def test_a_list_whose_columns_nobody_knows_is_learned_by_asking_for_each(run: Run, here: Path) -> None:
    Path("list.csv").write_text("Tag;Montag\n\nNachname;Vorname;Geb.\nLee;Ann;9-Apr-61\n", encoding="utf-8")
    answers = "patient.name\npatient.name\nbirthday\npatient.birth_date\n"
    result = run("lists", "learn", "list.csv", "--header-row", "3", answers=answers)
    assert result.exit_code == 0, result.output
    assert "That is no key of a request" in result.output
    assert the_map(here, "list")["join"] == {"patient.name": ["Nachname", "Vorname"]}
    told = run("batch", "list.csv", "--dry-run", *GIVEN, "--option", "botox")
    assert "1 row; Nachname + Vorname -> patient.name; Geb. -> patient.birth_date (map list)" in told.stderr
    assert told.exit_code == 0
    assert "has no row 9" in run("lists", "learn", "list.csv", "--name", "x", "--header-row", "9", "--yes").stderr
    nobody = run("lists", "learn", "list.csv", "--name", "x", "--header-row", "3", "--force", answers="-\n-\n-\n")
    assert "no column is the patient's name" in nobody.stderr


def test_known_lists_are_shown(run: Run, here: Path) -> None:
    assert "No list is described yet" in run("lists", "show").stderr
    learn(run, "--yes")
    assert run("lists", "show").stdout.startswith("day-list: order, patient.birth_date, patient.identifier")
    shown = run("lists", "show", "day-list").stdout
    assert yaml.load(shown, yaml.BaseLoader) == the_map(here)
    assert "Did you mean 'day-list'?" in run("lists", "show", "day-lists").stderr
    for command in ("show", "learn"):
        assert run("lists", command, *(["x"] if command == "learn" else []), "--clinic", "nowhere").exit_code == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fingerprint": "xyz"}, "fingerprint"),
        ({"columns": {"DOB": "patient.dob", "Name": "patient.name"}}, "is no key of a request"),
        ({"columns": {"DOB": "patient.birth_date"}, "join": {}}, "no column is the patient's name"),
        ({"columns": {"A": "patient.name", "B": "patient.name"}, "join": {}}, "a second column for patient.name"),
        ({"columns": {"A": "patient.name"}}, "patient.name is joined from other columns as well"),
        ({"join": {"patient.name": []}}, "names no column"),
        ({"name_order": "first-last"}, "name_order"),
        ({"values": {"Type": {"FU": {"topic": "hemifacial-spasms"}}}}, "there is no topic 'hemifacial-spasms'"),
        ({"values": {"Type": {"FU": {"topic": TOPIC, "options": ["botx"]}}}}, "Did you mean 'botox'"),
        ({"wrong": 1}, "unknown key"),
    ],
)
def test_what_is_wrong_with_a_map_is_told_with_its_line(
    run: Run, here: Path, change: dict[str, Any], message: str
) -> None:
    learn(run, "--yes")
    path = here / "content" / "clinics" / "cohen" / "lists" / "day-list.yaml"
    told = the_map(here)
    told["columns"] = {name: target or None for name, target in told["columns"].items()}
    path.write_text(yaml.safe_dump(told | change, sort_keys=False))
    with pytest.raises(Exception, match=r"clinics/cohen/lists/day-list\.yaml:\d+: ") as caught:
        require_sound(here / "content", [])
    assert message in str(caught.value.message)  # type: ignore[attr-defined]


def test_two_maps_for_one_header_and_a_column_that_the_list_lacks_are_told(run: Run, here: Path) -> None:
    learn(run, "--yes")
    folder = here / "content" / "clinics" / "cohen" / "lists"
    found = load_list_maps(here / "content", "cohen")["day-list"]
    text = (folder / "day-list.yaml").read_text(encoding="utf-8")
    (folder / "other.yaml").write_text(text, encoding="utf-8")
    result = run("batch", str(CASES / "us-scheduler.csv"), "--dry-run", *GIVEN)
    assert result.exit_code == 3
    assert "is for the same header as day-list.yaml" in result.stderr
    (folder / "other.yaml").unlink()
    (folder / "day-list.yaml").write_text(text + "values: {Kind: {FU: {side: left}}}\n", encoding="utf-8")
    result = run("batch", str(CASES / "us-scheduler.csv"), "--dry-run", *GIVEN)
    assert result.exit_code == 4
    assert "the map names a column 'Kind', which the list does not have" in result.stderr
    assert found.header_row == "auto"


def test_the_worksheet_is_asked_for_at_a_terminal_and_named_elsewhere(run: Run) -> None:
    rows = [["Patient Name", "Time"], ["Xanthippe Quill", "9:00"]]
    Path("day.xlsx").write_bytes(xlsx(rows, Other=[*rows, ["Ypsilon Fjord", "9:30"]]))
    flags = ("batch", "day.xlsx", "--dry-run", *GIVEN, "--option", "botox")
    refused = run(*flags)
    assert refused.exit_code == 4
    assert "several worksheets: 'Day', 'Other'" in refused.stderr
    assert "2 rows checked, 2 fine" in run(*flags, "--worksheet", "Other").stdout
    assert "2 rows checked, 2 fine" in run(*flags, answers="Other\n").stdout


def test_a_row_whose_cells_disagree_is_at_fault(run: Run) -> None:
    learn(run, answers="\n\ny\n" + f"{TOPIC}\nbotox\nleft\n" + "\n\n\n\n")
    text = (CASES / "us-scheduler.csv").read_text(encoding="utf-8").replace(",Status", ",Status,Side")
    Path("list.csv").write_text(text.replace("Checked In", "Checked In,right"), encoding="utf-8")
    folder = Path("content/clinics/cohen/lists")
    names = ["Last Name", "First Name", "DOB", "MRN", "Appt Date", "Appt Time", "Appt Type", "Status", "Side"]
    told = (folder / "day-list.yaml").read_text(encoding="utf-8").replace("053a2c9072f41c87", fingerprint(names))
    (folder / "day-list.yaml").write_text(told.replace("columns:\n", "columns:\n  Side: side\n"), encoding="utf-8")
    result = run("batch", "list.csv", "--dry-run", *GIVEN, "--option", "botox")
    assert "row 5: failed: Appt Type and Side disagree about 'side'; compare the two" in result.stdout


def test_a_days_list_is_printed_in_the_order_of_its_times(tmp_path: Path, sheets: SheetCache) -> None:
    batch = Batch(tmp_path / "out", sheets)
    times = {"Xanthippe Quill": "10:30", "Ypsilon Fjord": "", "Zebulon Vexley": "09:00"}

    def listing() -> Listing:
        rows = (
            Row(number, person(name, visit_date="2026-12-04"), at=number, order=time)
            for number, (name, time) in enumerate(times.items(), 1)
        )
        return Listing(rows)

    def printed(order: Any) -> list[str]:
        batch.make(listing(), printing=Printing(merge=True, run_sheet=True, order=order))
        texts = page_texts((batch.folder / "volume-001.pdf").read_bytes())
        return list(dict.fromkeys(name for text in texts for name in times if name in text))

    assert printed(None) == ["Zebulon Vexley", "Xanthippe Quill", "Ypsilon Fjord"]
    assert "2026-12-04 09:00" in "".join(page_texts((batch.folder / "run-sheet-001.pdf").read_bytes()))
    assert printed("list") == list(times)


def test_the_same_columns_under_a_second_name_are_refused_or_replaced(run: Run, here: Path) -> None:
    learn(run, "--yes")
    folder = here / "content" / "clinics" / "cohen" / "lists"
    again = run("lists", "learn", str(CASES / "us-scheduler.csv"), "--name", "other", "--yes")
    assert again.exit_code == 8
    assert "The map 'day-list' is for the same columns; nothing was written" in again.stderr
    assert [path.name for path in folder.iterdir()] == ["day-list.yaml"]
    forced = run("lists", "learn", str(CASES / "us-scheduler.csv"), "--name", "other", "--yes", "--force")
    assert forced.exit_code == 0, forced.output
    assert [path.name for path in folder.iterdir()] == ["other.yaml"]
    assert (folder / "other.yaml").stat().st_mode & 0o777 == 0o600


def test_two_maps_for_one_header_stop_no_other_list(run: Run, here: Path) -> None:
    learn(run, "--yes")
    folder = here / "content" / "clinics" / "cohen" / "lists"
    shutil.copy(folder / "day-list.yaml", folder / "other.yaml")
    told = run("batch", str(CASES / "uk-clinic.csv"), "--dry-run", *GIVEN, "--option", "botox")
    assert told.exit_code == 0, told.output
    assert run("lists", "show").exit_code == 0
    with pytest.raises(ContentFault) as caught:
        require_sound(here / "content", [])
    assert ["is for the same header as day-list.yaml" in fault.message for fault in caught.value.faults] == [True]


def test_dates_that_no_answer_can_put_right_are_not_asked_for(run: Run) -> None:
    Path("list.csv").write_text("Patient,DOB\nAnn,08/30/1972\nBo,30/08/1972\n", encoding="utf-8")
    result = run("lists", "learn", "list.csv", answers="\n")
    assert result.exit_code == 4
    assert "row 2 can only be month first, row 3 only day first" in result.stderr
    assert "Is that right" not in result.output


def test_who_stops_answering_is_told_that_nothing_is_kept(run: Run, here: Path) -> None:
    result = learn(run, answers="\n")
    assert result.exit_code != 0
    assert "Nothing was kept: answers are written once all are given." in result.stderr
    assert not (here / "content" / "clinics" / "cohen" / "lists").exists()


def test_private_columns_are_never_asked_about(run: Run) -> None:
    head = "Patient,DOB,Notes,Phone,Insurance,NHS Number,Sex,Code,Kind,MRN"
    rows = "".join(f"A{n},1961-04-09,VIP,555,BCBS,943 476 591{n},F,1234{n},FU,0{n}\n" for n in "12")
    Path("list.csv").write_text(f"{head}\n{rows}", encoding="utf-8")
    result = run("lists", "learn", "list.csv", answers="\nn\n")
    assert result.exit_code == 0, result.output
    assert result.output.count("say what a handout is about") == 1
    assert "'Kind' say what a handout is about" in result.output
    assert not any(text in result.output for text in ("VIP", "943", "BCBS"))


def test_a_column_of_notes_or_reasons_is_not_taken_for_a_key(run: Run, here: Path) -> None:
    Path("list.csv").write_text("Patient,DOB,Notes,Reason\nAnn,1961-04-09,VIP,FU Botox\n", encoding="utf-8")
    answers = "n\n\n\nnote\n-\noptions\n-\ny\n" + f"{TOPIC}\nbotox\n\n"
    result = run("lists", "learn", "list.csv", answers=answers)
    assert result.exit_code == 0, result.output
    assert "is not for the patient: leave it out" in result.output
    assert "Its words are no names of options. Leave it out: you are asked later what they mean." in result.output
    assert the_map(here, "list")["values"] == {"Reason": {"FU Botox": {"topic": TOPIC, "options": ["botox"]}}}


def test_a_map_keeps_what_codes_and_options_do(run: Run, here: Path) -> None:
    text = "Patient,DOB,Dx,Treatments\nAnn,1961-04-09,G51.32,botox\n"
    Path("list.csv").write_text(text, encoding="utf-8")
    assert run("lists", "learn", "list.csv", "--yes").exit_code == 0
    columns = {"Patient": "patient.name", "DOB": "patient.birth_date", "Dx": "codes", "Treatments": "options"}
    assert the_map(here, "list")["columns"] == columns
    told = run("batch", "list.csv", "--dry-run", "--allow-unapproved")
    assert f"row 2: fine: {TOPIC} left botox" in told.stdout
    require_sound(here / "content", [])


def test_of_two_columns_for_one_thing_the_first_is_suggested(run: Run) -> None:
    Path("list.csv").write_text("Patient,MRN,MRN\nAnn,1,2\n", encoding="utf-8")
    assert run("lists", "learn", "list.csv", "--yes").exit_code == 0
    told = run("batch", "list.csv", "--dry-run", *GIVEN, "--option", "botox")
    assert told.exit_code == 0, told.output
    assert "1 column left out (C MRN)" in told.stderr


def test_a_list_that_names_columns_only_is_not_learned(run: Run) -> None:
    Path("list.csv").write_text("Patient,MRN\n", encoding="utf-8")
    assert "No patient is on the list" in run("lists", "learn", "list.csv", "--yes").stderr
    assert run("batch", "list.csv", "--dry-run", *GIVEN, "--option", "botox").exit_code == 4


def test_the_example_of_the_guide_is_not_overruled(run: Run) -> None:
    example = str(Path(__file__).parents[2] / "examples" / "practice-system.csv")
    told = run("batch", example, "--dry-run", *GIVEN)
    assert told.stdout.splitlines()[:2] == [
        f"row 2: fine: {TOPIC} botox, no-treatment",
        f"row 3: fine: {TOPIC} radiosurgery",
    ]
    assert run("batch", example, "--dry-run", *GIVEN, "--option", "botox").exit_code == 1


def test_a_report_says_what_to_do_about_a_word(run: Run) -> None:
    Path("list.csv").write_text("Patient,DOB,Dx\nAnn,1961-04-09,M54.5\n", encoding="utf-8")
    run("batch", "list.csv", "-d", "out", "--option", "botox", "--allow-unapproved", "--key-file", "key")
    assert "'Dx': no topic has the code M54.5" in Path("out/report.csv").read_text(encoding="utf-8")


def test_who_wants_cancelled_rows_gets_them(run: Run, here: Path) -> None:
    result = learn(run, answers="\nn\nn\n")
    assert result.exit_code == 0, result.output
    assert the_map(here)["leave_out"] == {"Status": []}
    told = run("batch", str(CASES / "us-scheduler.csv"), "--dry-run", *GIVEN, "--option", "botox")
    assert "Status -> leaves no row out" in told.stderr
    assert "3 rows checked, 3 fine" in told.stdout


def test_remarks_about_a_cancelled_visit_are_not_shown(run: Run) -> None:
    rows = "Ann,1961-04-09,cancelled last time,Cancelled\nBo,1961-04-10,,Seen\n"
    Path("list.csv").write_text(f"Patient,DOB,Remarks,Status\n{rows}", encoding="utf-8")
    result = run("lists", "learn", "list.csv", answers="\ny\n")
    assert result.exit_code == 0, result.output
    assert "Leave out rows in which 'Status' is 'Cancelled'?" in result.output
    assert "last time" not in result.output
