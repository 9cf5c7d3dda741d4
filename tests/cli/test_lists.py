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
    answers = "n\n\n\nphone\n-\nclinician\nn\ny\n"
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
    nobody = run("lists", "learn", "list.csv", "--name", "x", "--header-row", "3", answers="-\n-\n-\n")
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
