"""The record at the command line: what each command leaves in it, and what people find there."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from handouts.cli import cli
from handouts.codes import format_code
from handouts.errors import HandoutError
from handouts.record.event import Event
from handouts.typeset.cache import SheetCache
from tests.clinics import PRINTED, UNPRINTED
from tests.conftest import CONTENT, KEY, ROOT, TOPIC
from tests.lists import approve, forms_of
from tests.reading_pdf import failures, text_of
from tests.recording import book_in, faults, read_only, tamper

Run = Callable[..., Result]
PATIENT = "{name: Xanthippe Quillfeather, identifier: MRN 9917355, birth_date: 1961-04-09, email: xq77@example.org}"
REQUEST = f"topic: {TOPIC}\noptions: [botox]\npatient: {PATIENT}\nside: left\n"
DETAILS = ("Xanthippe", "Quillfeather", "xanthippe", "quillfeather", "9917355", "1961-04-09", "April 9", "xq77")
MAKES = {"make", "blank", "batch", "reprint"}


@pytest.fixture
def run(here: Path, data: Path, sheets: SheetCache, tmp_path: Path) -> Run:
    (tmp_path / "key").write_bytes(KEY)
    assert here.is_dir()

    def invoke(*args: str, content: Path = CONTENT, ok: bool = True, key: str = "key") -> Result:
        command = ["--content", str(content), "--today", "2026-11-22", *args]
        if args[0] in MAKES:
            command += ["--key-file", str(tmp_path / key)]
        if args[0] in MAKES - {"reprint"}:
            command += ["--cache", str(sheets.folder)]
        if args[0] != "purge" and "--data" not in args:
            command += ["--data", str(data)]
        result = CliRunner().invoke(cli, command, prog_name="handouts")
        if ok:
            assert result.exit_code == 0, result.output
        return result

    return invoke


def events(data: Path) -> list[Event]:
    return list(book_in(data).chosen())


def code_in(data: Path) -> str:
    return events(data)[-1].code or ""


def test_a_handout_that_is_made_leaves_an_event_that_says_from_what_and_by_whom(run: Run, data: Path):
    run("make", "request.yaml", "-o", "out.pdf", "--by", "Anna", "--interpreter", "Ms. Wye")
    [made] = events(data)
    assert (made.what, made.channel, made.by, made.interpreter) == ("made", "file", "Anna", "Ms. Wye")
    assert (made.topic, made.version, made.options, made.format) == (TOPIC, "2026.1", "botox", "standard")
    assert (made.language, made.clinic, made.day) == ("en", "cohen", "2026-11-22")
    assert made.made == hashlib.sha256(Path("out.pdf").read_bytes()).hexdigest()
    assert made.at.endswith("Z")
    assert len(made.patient or "") == 64
    assert faults(data) == ()


def test_without_by_it_is_the_systems_user(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOGNAME", "nurse7")
    run("make", "request.yaml")
    assert events(data)[0].by == "nurse7"


def test_a_user_without_a_name_has_a_number(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch):
    def nobody() -> str:
        raise OSError("No username set in the environment")

    monkeypatch.setattr("getpass.getuser", nobody)
    run("make", "request.yaml")
    assert events(data)[0].by == f"user {os.getuid()}"


@pytest.mark.parametrize("name", ["", " ", "a\x1b[2J", "x" * 201])
def test_a_name_that_can_not_stand_in_the_record_is_refused_before_anything_is_made(run: Run, here: Path, name: str):
    if name:
        assert run("make", "request.yaml", "--by", name, ok=False).exit_code == 4
        assert not list(here.glob("*.pdf"))


def test_standard_output_and_blank_sheets_leave_events_too(run: Run, data: Path):
    run("make", "request.yaml", "-o", "-")
    run("blank", TOPIC, "--option", "botox", "-o", "blank.pdf")
    assert [(found.what, found.channel) for found in events(data)] == [("made", "stdout"), ("made", "file")]
    assert (events(data)[1].patient, events(data)[1].marks) == (None, None)
    assert "one of ours, unchanged" in run("verify", "blank.pdf").output


def test_no_file_appears_when_the_record_can_not_be_written(run: Run, here: Path, data: Path):
    data.mkdir()
    (data / "record.sqlite3").write_bytes(b"no database at all" * 100)
    (data / "record.key").write_bytes(KEY)
    result = run("make", "request.yaml", ok=False)
    assert result.exit_code == 5
    assert "damaged" in result.output
    assert not list(here.glob("*.pdf"))


def test_a_file_that_is_there_already_leaves_no_event(run: Run, data: Path):
    run("make", "request.yaml", "-o", "out.pdf")
    assert run("make", "request.yaml", "-o", "out.pdf", ok=False).exit_code == 5
    assert len(events(data)) == 1


def test_a_list_leaves_an_event_for_each_file_that_it_makes_and_none_for_what_was_there(
    run: Run, here: Path, data: Path
):
    rows = "".join(f"botox,Patient {n},MRN {n}\n" for n in range(1, 6))
    (here / "list.csv").write_text("options,patient.name,patient.identifier\n" + rows + ",Nobody,\n")
    flags = ("list.csv", "-d", "out", "--topic", TOPIC, "--allow-unapproved", "--jobs", "1", "--by", "Anna")
    assert run("batch", *flags, ok=False).exit_code == 1
    found = {event.code: event for event in events(data)}
    files = {path.stem[7:]: hashlib.sha256(path.read_bytes()).hexdigest() for path in (here / "out").glob("*.pdf")}
    assert {code: event.made for code, event in found.items()} == files
    assert len(found) == len({event.patient for event in found.values()}) == 5
    assert {(event.by, event.channel, event.topic) for event in found.values()} == {("Anna", "file", TOPIC)}
    run("batch", *flags, ok=False)
    assert len(events(data)) == 5
    assert faults(data) == ()


def test_the_same_request_has_the_same_event_from_a_list_and_alone(run: Run, here: Path, data: Path):
    (here / "list.jsonl").write_text(
        json.dumps(
            {
                "topic": TOPIC,
                "options": ["botox"],
                "side": "left",
                "patient": {
                    "name": "Xanthippe Quillfeather",
                    "identifier": "MRN 9917355",
                    "birth_date": "1961-04-09",
                    "email": "xq77@example.org",
                },
            }
        )
    )
    run("make", "request.yaml")
    run("batch", "list.jsonl", "-d", "out", "--allow-unapproved", "--jobs", "1")
    one, other = (
        {name: value for name, value in vars(event).items() if name not in {"seq", "mac", "at"}}
        for event in events(data)
    )
    assert one == other


def test_a_dry_run_leaves_nothing(run: Run, here: Path, data: Path):
    (here / "list.csv").write_text("options,patient.name\nbotox,X\n")
    run("batch", "list.csv", "--dry-run", "--topic", TOPIC, "--allow-unapproved")
    assert not (data / "record.sqlite3").exists() or events(data) == []


def test_nothing_of_the_patient_is_in_any_byte_that_is_kept(run: Run, here: Path, data: Path):
    (here / "long.yaml").write_text(REQUEST + "note: Ringelblume\nnext_steps: [Zwiebelkuchen]\n")
    run("make", "long.yaml", "-o", "Quillfeather.pdf")
    run("make", "request.yaml", "-o", "Quillfeather2.pdf", "--replaces", code_in(data))
    run("void", code_in(data), "--why", "wrong side")
    run("record", "find", "request.yaml")
    run("reprint", events(data)[0].code or "", "--request", "long.yaml", "-o", "again.pdf")
    run("record", "purge", "--before", "2020-01-01")
    kept = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert any(path.name.endswith(".sqlite3") for path in kept)
    assert any("archive" in path.parts for path in kept)
    for path, content in kept.items():
        for detail in (*DETAILS, "Ringelblume", "Zwiebelkuchen"):
            assert not any(form in content for form in forms_of(detail)), (path, detail)


def test_all_that_is_kept_is_its_owners_alone(run: Run, data: Path):
    run("make", "request.yaml")
    store = book_in(data)
    assert store.head()[0] == 1
    for path in data.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_list_shows_what_was_asked_for(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    run("make", "request.yaml", "-o", "-", "--large-print")
    code = format_code(code_in(data))
    assert len(run("record", "list").stdout.splitlines()) == 2
    assert code in run("record", "list", "--channel", "stdout").stdout
    assert len(run("record", "list", "--channel", "stdout").stdout.splitlines()) == 1
    assert len(run("record", "list", "--code", code.lower()).stdout.splitlines()) == 1
    nothing = run("record", "list", "--topic", "another")
    assert (nothing.stdout, nothing.stderr) == ("", "No event found.\n")
    assert run("record", "list", "--until", "2020-01-01").stdout == ""
    assert len(run("record", "list", "--since", "2020-01-01", "--topic", TOPIC).stdout.splitlines()) == 2


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1899-12-31", "3000-01-01", "22.11.2026", "2026-13-01"])
@pytest.mark.parametrize(("command", "flag"), [("list", "--since"), ("list", "--until"), ("purge", "--before")])
def test_what_is_no_day_of_an_event_is_told_with_one_that_is(run: Run, command: str, flag: str, day: str):
    refused = run("record", command, flag, day, ok=False)
    assert (refused.exit_code, "such as 2026-11-22" in refused.stderr, "%Y" in refused.stderr) == (2, True, False)


@pytest.mark.parametrize("at", ["'yesterday\x1b[2J'", "9", "x'ff00'", "'9999-12-31T23:59:59Z'"])
def test_what_somebody_wrote_into_the_file_is_shown_as_it_is_and_obeyed_by_no_terminal(run: Run, data: Path, at: str):
    run("make", "request.yaml", "-o", "1.pdf")
    code = code_in(data)
    run("void", code, "--why", "wrong side")
    tamper(data, f"UPDATE events SET at = {at}, by = 'a\x1b[2Jb', why = 'c\x1b[2Jd', channel = x'00', topic = 7")
    for command in (
        ("record", "list"), ("record", "show", code), ("record", "find", "request.yaml"), ("record", "export"),
        ("record", "export", "--format", "jsonl"), ("reprint", code, "--request", "request.yaml"), ("verify", "1.pdf"),
    ):  # fmt: skip
        result = run(*command, ok=False)
        assert isinstance(result.exception, SystemExit | HandoutError | None), command
        assert command[1] == "export" or "\x1b" not in result.output


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
@pytest.mark.parametrize("command", [("list",), ("export",), ("export", "--format", "jsonl")])
def test_a_full_disk_under_standard_output_is_told_as_such(run: Run, data: Path, command: tuple[str, ...]):
    run("make", "request.yaml", "-o", "1.pdf")
    line = [sys.executable, str(ROOT / "generate.py"), "record", *command, "--data", str(data)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, "the disk is full" in done.stderr, "Nothing was written" in done.stderr) == (
        5,
        True,
        False,
    )
    assert len(done.stderr.splitlines()) == 1
    closed = subprocess.run(["bash", "-c", '"$@" >&-', "", *line], stderr=subprocess.PIPE, text=True)
    assert closed.returncode == 0


def test_a_filter_by_topic_finds_what_became_of_its_documents_too(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    run("void", code_in(data), "--why", "wrong side")
    tamper(data, "UPDATE events SET topic = NULL WHERE what = 'voided'")
    assert len(run("record", "list", "--topic", TOPIC).stdout.splitlines()) == 2


def test_show_tells_all_of_a_document_and_that_it_was_voided_and_replaced(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    first = code_in(data)
    run("void", format_code(first), "--why", "wrong side", "--by", "Anna")
    run("make", "request.yaml", "-o", "2.pdf", "--replaces", first)
    second = code_in(data)
    shown = run("record", "show", first).stdout
    assert "by Anna: wrong side" in shown
    assert f"Replaced by {format_code(second)}" in shown
    assert "hemifacial-spasm" in shown
    assert f"Replaces           {format_code(first)}" in run("record", "show", second).stdout


def test_show_tells_what_is_no_code_from_what_is_not_there(run: Run):
    run("make", "request.yaml")
    assert "a character is wrong" in run("record", "show", "FHK8-Z5DW-14J", ok=False).output
    assert "not in the record" in run("record", "show", "FHK8-Z5DW-14K", ok=False).output


def test_find_tells_all_that_a_patient_was_given_and_nobody_elses(run: Run, here: Path, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    run("make", "request.yaml", "-o", "2.pdf", "--large-print")
    (here / "other.yaml").write_text(REQUEST.replace("9917355", "1").replace("1961", "1962"))
    run("make", "other.yaml", "-o", "3.pdf")
    found = run("record", "find", "request.yaml")
    assert len(found.stdout.splitlines()) == 2
    assert found.stderr == "2 documents\n"
    assert format_code(code_in(data)) not in found.stdout
    (here / "typed.yaml").write_text(REQUEST.replace("MRN 9917355", " mrn  9917355 ").replace("Xanthippe", "X."))
    assert len(run("record", "find", "typed.yaml").stdout.splitlines()) == 2, "as people type it"


def test_find_knows_a_patient_by_name_and_birth_date_where_there_was_no_record_number(run: Run, here: Path):
    (here / "short.yaml").write_text(REQUEST.replace("identifier: MRN 9917355, ", ""))
    run("make", "short.yaml", "-o", "1.pdf")
    found = run("record", "find", "request.yaml")
    assert (len(found.stdout.splitlines()), found.stderr) == (1, "1 document\n")


def test_find_knows_by_name_and_birth_date_whom_a_record_number_was_given_too(run: Run, here: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    (here / "short.yaml").write_text(REQUEST.replace("identifier: MRN 9917355, ", ""))
    found = run("record", "find", "short.yaml")
    assert len(found.stdout.splitlines()) == 1
    assert "the request gives no record number" in found.stderr
    (here / "namesake.yaml").write_text(REQUEST.replace("9917355", "1"))
    assert run("record", "find", "namesake.yaml").stdout == "", "another number is another patient"


@pytest.mark.parametrize("number", ["", "identifier: MRN 1-2, "], ids=["no number", "a number"])
def test_find_knows_a_patient_however_the_name_is_typed(run: Run, here: Path, number: str):
    def request(file: str, name: str, number: str) -> str:
        patient = f'{{name: "{name}", {number}birth_date: 1961-04-09}}'
        (here / file).write_text(f"topic: {TOPIC}\noptions: [botox]\npatient: {patient}\n")
        return file

    run("make", request("curly.yaml", "Zoë O\u2019Brien", number), "-o", "1.pdf")
    typed = ["Zoë O'Brien", "ZOE\u0308 o\u02bcbrien", "Zoë\u00a0O\u2019 Brien"]
    for name in typed:
        found = run("record", "find", request("typed.yaml", name, number.replace("-", "\u2011")))
        assert len(found.stdout.splitlines()) == 1, ascii(name)
    assert run("record", "find", request("other.yaml", "Zoe O'Brien", number.replace("1", "3"))).stdout == ""


def test_find_still_knows_whom_an_event_of_record_version_1_names(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    tamper(data, "UPDATE events SET patient_folded = NULL, person_folded = NULL")
    assert len(run("record", "find", "request.yaml").stdout.splitlines()) == 1


def test_a_name_typed_otherwise_is_no_other_patient_to_replace_for(run: Run, here: Path, data: Path):
    text = REQUEST.replace("identifier: MRN 9917355, ", "").replace("Xanthippe Q", "Xanthippe O'Q")
    (here / "straight.yaml").write_text(text)
    (here / "curly.yaml").write_text(text.replace("'", "\u2019"))
    run("make", "straight.yaml", "-o", "1.pdf")
    run("make", "curly.yaml", "-o", "2.pdf", "--replaces", code_in(data))


def test_a_replacement_that_was_voided_itself_replaces_nothing_and_the_one_after_it_does(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    first = code_in(data)
    run("make", "request.yaml", "-o", "2.pdf", "--replaces", first)
    second = code_in(data)
    run("void", second, "--why", "wrong date")
    run("verify", "1.pdf")
    run("make", "request.yaml", "-o", "1.pdf", "--force")
    run("make", "request.yaml", "-o", "3.pdf", "--replaces", second)
    assert f"Replaced by {format_code(code_in(data))}" in run("verify", "1.pdf", ok=False).stdout
    assert (
        "is already replaced"
        in run("make", "request.yaml", "-o", "4.pdf", "--replaces", first, "--side", "right").stderr
    )


def test_find_refuses_a_name_alone(run: Run, here: Path):
    (here / "name.yaml").write_text(f"topic: {TOPIC}\noptions: [botox]\npatient: {{name: Xanthippe Quillfeather}}\n")
    result = run("record", "find", "name.yaml", ok=False)
    assert result.exit_code == 4
    assert "Xanthippe" not in result.output


def test_export_gives_every_event_and_the_head_that_verifies_later(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf", "--by", "=cmd()")
    run("make", "request.yaml", "-o", "2.pdf", "--side", "right")
    rows = list(csv.DictReader(io.StringIO(run("record", "export").stdout)))
    assert [row["seq"] for row in rows] == ["1", "2"]
    assert rows[0]["by"] == "'=cmd()", "a spreadsheet works nothing out"
    lines = run("record", "export", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["mac"] for line in lines] == [event.mac for event in events(data)]
    run("record", "export", "-o", "events.csv")
    assert Path("events.csv").read_bytes().count(b"\r\n") == 3
    head = run("record", "export", "--head").stdout.strip()
    run("make", "request.yaml", "-o", "3.pdf", "--stage", "before")
    assert "3 events" in run("record", "verify", "--head", head).stdout


def shown_in_docs(first: str, home: Path) -> None:
    """Run the block of docs/record.md that begins so, with all its folders in ``home``."""
    text = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
    [block] = [block for block in re.findall(r"```text\n(.*?)```", text, re.S) if block.startswith(first)]
    lines = [re.sub(r"(?<=[ '])/(?=backup|safe)", f"{home}/", line) for line in block.splitlines()]
    script = "\n".join(line for line in lines if not line.startswith("handouts "))
    subprocess.run(["bash", "-euc", "umask 022\n" + script], check=True, env=os.environ | {"HOME": str(home)})


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="no sqlite3 here")
def test_backing_up_restoring_and_beginning_anew_go_as_the_docs_say(run: Run, tmp_path: Path, content: Path):
    share = tmp_path / ".local" / "share"
    data = share / "handouts"
    here = ("--data", str(data))
    able_to_mail(content)
    run("make", "request.yaml", "-o", "1.pdf", *here, content=content)
    run("email", "1.pdf", "--to", "xq77@example.org", "--allow-unapproved", "--yes", *here, content=content)
    head = run("record", "export", "--head", *here).stdout.strip()
    with book_in(data).database:  # a command is running
        shown_in_docs("umask 077\nmkdir -p /backup", tmp_path)
    kept = [path for folder in ("backup", "safe") for path in (tmp_path / folder).rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in kept} == {0}
    assert not list((tmp_path / "backup").rglob("*.key"))
    assert "key is missing" in run("record", "list", "--data", str(tmp_path / "backup" / "handouts"), ok=False).stderr
    shown_in_docs("mv ~", tmp_path)
    assert sorted(path.name for path in data.iterdir()) == sorted(
        path.name for path in (tmp_path / "handouts-old").iterdir()
    )
    run("record", "verify", "--head", head, *here)
    assert "queued" in run("outbox", "list", *here).stdout
    run("verify", "1.pdf", *here)
    run("reprint", code_in(data), "--request", "request.yaml", "-o", "2.pdf", *here)
    before = run("record", "list", *here).stdout
    tamper(data, "UPDATE events SET by = 'ben' WHERE seq = 1")
    run("record", "begin", "--after-loss", "--why", "it does not verify", *here)
    [kept] = data.glob("kept-*")
    assert len(run("record", "list", "--data", str(kept)).stdout.splitlines()) == len(before.splitlines())
    run("make", "request.yaml", "-o", "3.pdf", *here, content=content)
    assert "2 events, all" in run("record", "verify", *here).stdout


LOOKING = [
    ("record", "list"),
    ("record", "show", "FHK8-Z5DW-14K"),
    ("record", "find", "request.yaml"),
    ("record", "export"),
    ("record", "export", "--head"),
    ("record", "verify"),
    ("record", "purge", "--before", "2020-01-01"),
    ("verify", "other.pdf"),
    ("reprint", "FHK8-Z5DW-14K", "--request", "request.yaml"),
]


@pytest.mark.parametrize("command", LOOKING)
def test_looking_where_no_record_is_says_so_and_makes_none(command: tuple[str, ...], here: Path, data: Path):
    (here / "other.pdf").write_bytes(b"%PDF-1.7 of somebody")
    result = CliRunner().invoke(cli, [*command, "--data", str(data)])
    assert (result.exit_code, result.stdout) == (4, "")
    assert "There is no record in this folder. Is it in another one (--data)?" in result.stderr
    assert not data.exists()


@pytest.mark.parametrize("command", [*LOOKING, ("email", "1.pdf", "--allow-unapproved"), ("batch", "list.csv")])
@pytest.mark.parametrize("lost", ["deleted", "emptied"])
def test_a_record_whose_file_was_lost_is_not_called_empty(
    command: tuple[str, ...], lost: str, run: Run, here: Path, data: Path
):
    run("make", "request.yaml", "-o", "1.pdf")
    (here / "other.pdf").write_bytes(Path("1.pdf").read_bytes())
    (here / "list.csv").write_text("options,patient.name\nbotox,X\n")
    if lost == "deleted":
        (data / "record.sqlite3").unlink()
        (data / "archive").rename(here / "archive")  # the key alone tells it
    else:
        (data / "record.sqlite3").write_bytes(b"")
    before = sorted(data.rglob("*"))
    more = ("--dry-run", "--topic", TOPIC, "--allow-unapproved") if command[0] == "batch" else ()
    result = CliRunner().invoke(cli, ["--today", "2026-11-22", *command, *more, "--data", str(data)])
    assert (result.exit_code, "Restore it from a backup" in result.stderr) == (8, True)
    assert sorted(data.rglob("*")) == before


def test_asking_what_was_voided_needs_no_record_and_makes_none(run: Run, here: Path, data: Path, content: Path):
    (here / "list.csv").write_text("options,patient.name\nbotox,X\n")
    run("batch", "list.csv", "--dry-run", "--topic", TOPIC, "--allow-unapproved")
    assert not data.exists()
    able_to_mail(content)
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    elsewhere = ("--data", str(here / "new"))
    flags = (
        "--to",
        "xq77@example.org",
        "--allow-unapproved",
        "--not-in-record",
        "--yes",
        "--draft",
        "m.eml",
        *elsewhere,
    )
    assert CliRunner().invoke(cli, ["--content", str(content), "email", "1.pdf", *flags, *elsewhere]).exit_code == 0


def test_a_record_that_nobody_here_may_write_can_be_looked_at(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    with read_only(data):
        assert TOPIC in run("record", "list").stdout
        assert TOPIC in run("record", "find", "request.yaml").stdout
        assert "1 event, all as written" in run("record", "verify").stdout
        assert "one of ours, unchanged" in run("verify", "1.pdf").stdout


def test_a_record_that_was_being_written_is_looked_at_as_it_is_or_not_at_all(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    store = book_in(data)
    store.add([Event(at="2999-01-01T00:00:00Z", by="a", what="made")])  # in the log, not yet in the file
    assert (data / "record.sqlite3-wal").stat().st_size > 0
    with read_only(data):
        assert len(run("record", "list").stdout.splitlines()) == 2
    copy = Path(shutil.copytree(data, data.with_name("copy")))
    store.database.connection.close()
    (copy / "record.sqlite3-shm").unlink()
    with read_only(copy):
        refused = CliRunner().invoke(cli, ["record", "list", "--data", str(copy)])
        assert (refused.exit_code, "a copy of this one" in refused.stderr) == (5, True)


def test_a_head_of_a_record_that_does_not_verify_comes_with_a_warning(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    head = run("record", "export", "--head")
    assert head.stderr == ""
    tamper(data, "UPDATE events SET by = 'ben' WHERE seq = 1")
    for command in (("--head",), ("-o", "events.csv")):
        assert "not as it was written" in run("record", "export", *command).stderr
    assert run("record", "export", "--head").stdout == head.stdout


def test_verify_names_what_is_wrong_and_ends_with_8(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    run("make", "request.yaml", "-o", "2.pdf", "--side", "right")
    tamper(data, "UPDATE events SET by = 'ben' WHERE seq = 1")
    result = run("record", "verify", ok=False)
    assert (result.exit_code, "event 1 is not as it was written" in result.output) == (8, True)


def test_purge_asks_deletes_and_leaves_a_record_that_verifies(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    tamper(data, "SELECT 1")
    assert run("record", "purge", "--before", "2999-01-01", ok=False).exit_code == 4
    assert "0 events deleted" in run("record", "purge", "--before", "2020-01-01").output
    early = book_in(data)
    early.add([Event(at="2999-01-01T00:00:00Z", by="a", what="made")])
    assert faults(data) == ()


def test_purge_of_the_record_deletes_nothing_when_nobody_says_yes(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("handouts.cli.options.time.time", lambda: 1_000_000_000.0)
    run("make", "request.yaml", "-o", "1.pdf")
    monkeypatch.undo()
    monkeypatch.chdir(data.parent / "here")
    assert run("record", "purge", "--before", "2020-01-01", ok=False).exit_code == 8
    assert len(events(data)) == 1
    assert "1 event deleted" in run("record", "purge", "--before", "2020-01-01", "--yes", "--by", "Anna").output
    assert [(event.what, event.by) for event in events(data)] == [("purged", "Anna")]
    assert faults(data) == ()


def test_a_record_whose_file_was_lost_is_not_begun_anew_in_silence(run: Run, here: Path, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    for part in data.glob("record.sqlite3*"):
        part.unlink()
    refused = run("make", "request.yaml", "-o", "2.pdf", ok=False)
    assert (refused.exit_code, "Restore it from a backup" in refused.output) == (8, True)
    assert not (here / "2.pdf").exists()
    assert not list(data.glob("record.sqlite3*"))


def test_void_in_a_folder_without_a_record_makes_none(run: Run, data: Path):
    assert run("void", "FHK8-Z5DW-14K", "--why", "x", ok=False).exit_code == 4
    assert not data.exists()


def test_void_wants_a_known_document_a_reason_and_happens_once(run: Run, data: Path):
    assert run("void", "FHK8-Z5DW-14K", "--why", "x", ok=False).exit_code == 4
    run("make", "request.yaml", "-o", "1.pdf")
    assert run("void", code_in(data), "--why", "  ", ok=False).exit_code == 4
    run("void", code_in(data), "--why", "wrong side")
    again = run("void", code_in(data), "--why", "other", ok=False)
    assert (again.exit_code, "wrong side" in again.output) == (8, True)


def test_a_document_that_replaces_another_says_so_and_has_a_code_of_its_own(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    first = code_in(data)
    result = run("make", "request.yaml", "-o", "2.pdf", "--replaces", format_code(first).lower())
    assert code_in(data) != first
    text = " ".join(text_of(Path("2.pdf").read_bytes()).split())
    assert "Replaces code" in text
    assert format_code(first) in text
    assert "Replaces" not in text_of(Path("1.pdf").read_bytes())
    assert "not in this record" not in result.stderr


def test_what_is_replaced_is_this_patients_and_the_staff_are_told_when_it_is_unknown(run: Run, here: Path, data: Path):
    assert "is not in this record" in run("make", "request.yaml", "-o", "1.pdf", "--replaces", "FHK8Z5DW14K").stderr
    (here / "other.yaml").write_text(REQUEST.replace("9917355", "1"))
    run("make", "other.yaml", "-o", "2.pdf")
    refused = run("make", "request.yaml", "-o", "3.pdf", "--replaces", code_in(data), ok=False)
    assert (refused.exit_code, "another patient" in refused.output) == (8, True)
    assert not Path("3.pdf").exists()
    (here / "same.yaml").write_text(REQUEST.replace("identifier: MRN 9917355, ", ""))
    run("make", "same.yaml", "-o", "5.pdf", "--replaces", events(data)[0].code or "")
    assert run("make", "request.yaml", "-o", "4.pdf", "--replaces", "FHK8Z5DW14J", ok=False).exit_code == 4


@pytest.mark.parametrize("flags", [(), ("--large-print",)])
def test_a_document_that_replaces_another_is_as_accessible_as_any(run: Run, flags: tuple[str, ...]):
    run("make", "request.yaml", "-o", "1.pdf", "--replaces", "FHK8-Z5DW-14K", *flags)
    for profile in ("ua1", "3a"):
        assert failures(Path("1.pdf").read_bytes(), profile) == ""


def test_verify_tells_an_unchanged_file_from_one_that_was_edited(run: Run, here: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    fine = run("verify", "1.pdf").stdout
    assert "one of ours, unchanged" in fine
    assert "hemifacial-spasm 2026.1" in fine
    assert "still current; not approved" in fine
    (here / "2.pdf").write_bytes(Path("1.pdf").read_bytes() + b"\n")
    result = run("verify", "2.pdf", ok=False)
    assert (result.exit_code, "CHANGED" in result.output) == (8, True)
    (here / "3.pdf").write_bytes(b"%PDF-1.7 of somebody")
    assert "not in this record" in run("verify", "3.pdf", ok=False).output


def test_verify_tells_who_made_it_first_and_not_who_made_it_again(run: Run):
    run("make", "request.yaml", "-o", "1.pdf", "--by", "Anna")
    run("make", "request.yaml", "-o", "1.pdf", "--force", "--by", "Bea")
    shown = run("verify", "1.pdf").stdout
    assert ("by Anna" in shown, "by Bea" in shown) == (True, False)


def test_verify_tells_whether_the_text_was_approved_then_whatever_it_is_today(run: Run, data: Path, content: Path):
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    approve(content)
    assert "Approved  not when it was made" in run("verify", "1.pdf", content=content).stdout
    assert "still current; approved" in run("verify", "1.pdf", content=content).stdout
    run("make", "request.yaml", "-o", "2.pdf", content=content)
    option = content / "topics" / TOPIC / "en" / "botox.md"
    option.write_text(option.read_text() + "\nOne more word.\n")
    shown = run("verify", "2.pdf", content=content).stdout
    assert "Approved  when it was made, until 2027-11-01\n" in shown
    assert "have changed\n" in shown, "nothing is said of the approval of today's text: it is another"
    tamper(data, "UPDATE events SET approved_until = '2026-11-21' WHERE approved_until IS NOT NULL")
    assert "until 2026-11-21; that day has passed" in run("verify", "2.pdf", content=content).stdout


def test_verify_tells_that_the_text_has_changed_since(run: Run, content: Path):
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    topic = content / "topics" / TOPIC / "topic.yaml"
    option = content / "topics" / TOPIC / "en" / "botox.md"
    option.write_text(option.read_text() + "\nOne more word.\n")
    assert "text, clinic, page or fonts have changed" in run("verify", "1.pdf", content=content).stdout
    topic.write_text(topic.read_text().replace('"2026.1"', '"2026.2"'))
    assert "the text is 2026.2 now" in run("verify", "1.pdf", content=content).stdout
    topic.unlink()
    assert "no longer exists" in run("verify", "1.pdf", content=content).stdout


def test_a_document_stays_current_when_only_mail_printer_presets_or_comments_change(run: Run, content: Path):
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    for change in UNPRINTED.values():
        change(content)
    assert "still current" in run("verify", "1.pdf", content=content).stdout
    PRINTED["phone"](content)
    assert "no longer current" in run("verify", "1.pdf", content=content).stdout


def test_verify_warns_of_what_was_voided_or_replaced(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    first = code_in(data)
    run("make", "request.yaml", "-o", "2.pdf", "--replaces", first)
    assert run("verify", "1.pdf", ok=False).exit_code == 8
    run("void", first, "--why", "wrong side")
    assert "wrong side" in run("verify", "1.pdf", ok=False).output
    run("verify", "2.pdf")


def test_what_was_voided_or_replaced_is_not_mailed(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    run("make", "request.yaml", "-o", "2.pdf", "--replaces", code_in(data))
    flags = ("--to", "xq77@example.org", "--allow-unapproved", "--yes", "--draft", "m.eml")
    refused = run("email", "1.pdf", *flags, ok=False)
    assert (refused.exit_code, "Replaced by" in refused.output) == (8, True)
    run("email", "2.pdf", *flags)
    run("void", [event for event in events(data) if event.what == "made"][-1].code or "", "--why", "wrong side")
    assert "wrong side" in run("email", "2.pdf", *flags, "--force", ok=False).output


def able_to_mail(content: Path) -> Path:
    """The content, with a mail server in the clinic's file."""
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    email = "email: {from: a@example.org, host: localhost, port: 25, security: plain}\n"
    text = clinic.read_text()
    start = text.index("email:")
    clinic.write_text(text[:start] + email + text[text.index("\n", start) + 1 :])
    return content


@pytest.mark.parametrize("how", [("-o", "2.pdf"), ("-o", "-"), ("--email", "--yes"), ("--print",)])
def test_what_was_voided_is_not_made_again_but_can_be_replaced(
    how: tuple[str, ...], run: Run, data: Path, content: Path, monkeypatch: pytest.MonkeyPatch
):
    able_to_mail(content)
    approve(content)
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    first = code_in(data)
    run("void", first, "--why", "wrong side", content=content)
    monkeypatch.setattr("handouts.cli.make.open_print_session", lambda *_: None)  # no printer is reached
    refused = run("make", "request.yaml", *how, content=content, ok=False)
    assert (refused.exit_code, "wrong side" in refused.output) == (8, True)
    assert f"--replaces {format_code(first)}" in refused.output
    assert [event.what for event in events(data)] == ["made", "voided"]
    assert not Path("2.pdf").exists()
    run("make", "request.yaml", "-o", "2.pdf", "--replaces", first, content=content)


def test_voiding_takes_what_waits_out_of_the_outbox_and_tells_what_went_out(run: Run, data: Path, content: Path):
    able_to_mail(content)
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    for to in ("xq77@example.org", "b@example.org"):
        run("email", "1.pdf", "--to", to, "--allow-unapproved", "--yes", content=content)
    run("outbox", "cancel", "1", content=content)
    tamper(data, "UPDATE messages SET state = 'unknown' WHERE id = 2", file="outbox.sqlite3")
    told = run("void", code_in(data), "--why", "wrong side", content=content).output
    assert "Message 2: cancelled; it may have arrived" in told
    assert "Message 1" not in told
    assert [event.what for event in events(data)][-2:] == ["cancelled", "voided"]
    assert events(data)[-2].why == "its document was voided"
    assert faults(data) == ()


def test_who_replaces_a_document_is_told_that_it_waits_in_the_outbox(run: Run, data: Path, content: Path):
    able_to_mail(content)
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    run("email", "1.pdf", "--to", "xq77@example.org", "--allow-unapproved", "--yes", content=content)
    told = run("make", "request.yaml", "-o", "2.pdf", "--replaces", code_in(data), content=content).stderr
    assert "`outbox cancel 1`" in told


@pytest.mark.parametrize("dry", [True, False])
def test_the_row_of_a_document_that_was_voided_is_at_fault_and_no_other(dry: bool, run: Run, here: Path, data: Path):
    (here / "list.csv").write_text("options,patient.name\nbotox,X\nbotox,Y\n")
    list_of = ("batch", "list.csv", "-d", "out", "--topic", TOPIC, "--allow-unapproved", "--jobs", "1")
    run(*list_of)
    first, second = (event.code or "" for event in events(data))
    run("void", first, "--why", "wrong side")
    result = run(*list_of, *(["--dry-run"] if dry else []), ok=False)
    assert result.exit_code == 1
    report = result.stdout if dry else (here / "out" / "report.csv").read_text()
    assert "wrong side. The same row makes the same document" in report
    assert f"--replaces {format_code(first)}" in report
    assert format_code(second) not in report
    if not dry:
        assert "0 made, 1 reused, 1 failed" in result.stdout
        assert "left over" in report, "its file is there still, and nobody may hand it out unseen"


def test_a_reprint_of_what_was_voided_says_so(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    run("void", code_in(data), "--why", "wrong side")
    told = run("reprint", code_in(data), "--request", "request.yaml", "-o", "2.pdf").stderr
    assert "wrong side. Don't hand it out." in told


def test_a_message_is_followed_from_the_queue_and_its_locked_file_is_known(
    run: Run, here: Path, data: Path, content: Path
):
    able_to_mail(content)
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    flags = ("--to", "xq77@example.org", "--allow-unapproved", "--yes", "--by", "Anna")
    run("email", "1.pdf", *flags, content=content)
    made, queued = events(data)
    assert (queued.what, queued.channel, queued.message, queued.by) == ("queued", "mail", 1, "Anna")
    assert (queued.code, queued.patient, queued.made) == (made.code, made.patient, made.made)
    assert queued.delivered not in {None, made.made}
    assert "to the address in the request" in run("record", "find", "request.yaml").stdout
    (here / "moved.yaml").write_text(REQUEST.replace("xq77@", "new@"))
    assert "to another address" in run("record", "find", "moved.yaml").stdout
    assert _locked(data) is not None
    (here / "locked.pdf").write_bytes(_locked(data))
    assert "as mailed" in run("verify", "locked.pdf", content=content).stdout
    run("outbox", "cancel", "1", content=content)
    assert events(data)[-1].what == "cancelled"
    assert events(data)[-1].delivered == queued.delivered
    run("email", "1.pdf", *flags, "--draft", "m.eml", content=content)
    assert (events(data)[-1].what, events(data)[-1].destination) == ("drafted", queued.destination)
    assert faults(data) == ()


def _locked(data: Path) -> bytes:
    """The attachment of the only message that waits."""
    import email

    with contextlib.closing(sqlite3.connect(data / "outbox.sqlite3")) as connection:
        [(body,)] = connection.execute("SELECT body FROM contents").fetchall()
    [attached] = [
        part for part in email.message_from_bytes(body).walk() if part.get_content_type() == "application/pdf"
    ]
    found = attached.get_payload(decode=True)
    assert isinstance(found, bytes)
    return found


_KILLED = """
import os, signal, sqlite3, sys
seen, last, real = 0, int(sys.argv.pop(1)), sqlite3.connect
def die(statement):
    global seen
    seen += 1
    if seen == last:
        os.kill(os.getpid(), signal.SIGKILL)
def connect(*args, **also):
    made = real(*args, **also)
    made.set_trace_callback(die)
    return made
sqlite3.connect = connect
from handouts.cli import cli
cli()
"""


@pytest.mark.heavy
@pytest.mark.parametrize("command", ["make", "batch"])
def test_killed_at_any_statement_no_file_lacks_its_event(
    command: str, here: Path, data: Path, tmp_path: Path, sheets: SheetCache
):
    """Whatever was killed, the same command goes on, and all is there in the end."""
    (tmp_path / "key").write_bytes(KEY)
    (here / "list.csv").write_text("options,patient.name\nbotox,One\nbotox,Two\n")
    given = ["make", "request.yaml", "-o", "1.pdf", "--force"]
    if command == "batch":
        given = ["batch", "list.csv", "-d", ".", "--topic", TOPIC, "--allow-unapproved", "--jobs", "1"]
    given += ["--data", str(data), "--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder)]
    killed = 0
    for last in range(1, 60):
        for path in here.glob("*.pdf"):
            path.unlink()
        done = subprocess.run(
            [sys.executable, "-c", _KILLED, str(last), "--today", "2026-11-22", *given],
            cwd=here, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        )  # fmt: skip
        known = {event.made for event in events(data)} if (data / "record.sqlite3").exists() else set()
        for path in here.glob("*.pdf"):
            assert hashlib.sha256(path.read_bytes()).hexdigest() in known, last
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        killed += 1
    assert killed > 8
    assert len(list(here.glob("*.pdf"))) == (1 if command == "make" else 2)
    assert faults(data) == ()
