"""What is lost from a data folder stops every command, until a person puts it back or begins again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from handouts.cli import cli
from handouts.codes import format_code
from handouts.deliver.outbox.database import Database as OutboxDatabase
from handouts.record.database import Database
from handouts.record.event import Event
from handouts.record.store import RecordStore
from handouts.typeset.cache import SheetCache
from tests.cli.test_record import able_to_mail
from tests.conftest import CONTENT, TOPIC
from tests.recording import faults, tamper

PATIENT = "{name: Xanthippe Quillfeather, identifier: MRN 9917355, birth_date: 1961-04-09, email: xq77@example.org}"
REQUEST = f"topic: {TOPIC}\noptions: [botox]\npatient: {PATIENT}\nside: left\n"
Run = Callable[..., Result]
FILES = ("record.sqlite3", "record.key", "archive", "outbox.sqlite3", "outbox.key", "document-code.key")


@pytest.fixture(scope="module")
def mailing_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return able_to_mail(Path(shutil.copytree(CONTENT, tmp_path_factory.mktemp("content") / "content")))


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's own data folder: the key of document codes lies in it as well."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "handouts"


@pytest.fixture
def run(here: Path, data: Path, sheets: SheetCache, mailing_content: Path) -> Run:
    assert here.is_dir()
    assert not data.exists()

    def invoke(*args: str, ok: bool = True) -> Result:
        command = ["--content", str(mailing_content), "--today", "2026-11-22", *args]
        if args[0] in {"make", "batch"}:
            command += ["--cache", str(sheets.folder)]
        result = CliRunner().invoke(cli, command, prog_name="handouts")
        if ok:
            assert result.exit_code == 0, result.output
        return result

    return invoke


@pytest.fixture
def used(run: Run, data: Path, here: Path) -> Path:
    """A folder in which a handout was made and mailed, and a backup of it beside."""
    run("make", "request.yaml", "-o", "1.pdf")
    run("email", "1.pdf", "--to", "xq77@example.org", "--allow-unapproved", "--yes")
    (here / "list.csv").write_text("options,patient.name\nbotox,X\n")
    shutil.copytree(data, here / "backup")
    return data


def events(folder: Path) -> list[Event]:
    with Database(folder) as database:
        return list(RecordStore(database).chosen())


def code_in(folder: Path) -> str:
    return events(folder)[0].code or ""


def lose(path: Path, how: str) -> None:
    if how == "deleted":
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
        path.mkdir()
    else:
        path.write_bytes(b"")
    for log in path.parent.glob(f"{path.name}-*"):
        log.unlink()


WAYS_IN = [
    ("make", "request.yaml", "-o", "2.pdf", "--side", "right"),
    ("batch", "list.csv", "--dry-run", "--topic", TOPIC, "--allow-unapproved"),
    ("email", "1.pdf", "--to", "other@example.org", "--allow-unapproved", "--yes"),
    ("outbox", "run"),
    ("outbox", "list"),
    ("record", "list"),
    ("record", "verify"),
    ("record", "export"),
    ("verify", "1.pdf"),
    ("reprint", "CODE", "--request", "request.yaml", "-o", "2.pdf"),
    ("void", "CODE", "--why", "wrong side"),
]


def try_all(run: Run, code: str) -> list[tuple[str, int, str]]:
    return [
        (command[0], result.exit_code, result.stderr)
        for command in WAYS_IN
        for result in [run(*(code if word == "CODE" else word for word in command), ok=False)]
    ]


@pytest.mark.parametrize("how", ["deleted", "emptied"])
@pytest.mark.parametrize("name", FILES)
def test_whatever_is_lost_stops_every_command_and_changes_nothing(name: str, how: str, run: Run, used: Path):
    code = format_code(code_in(used))
    lose(used / name, how)
    before = sorted(used.rglob("*"))
    for command, exit_code, told in try_all(run, code):
        assert (exit_code, name in told) == (8, True), (command, told)
        assert "restore" in told
        assert "Delete it" not in told
    assert sorted(used.rglob("*")) == before
    assert not Path("2.pdf").exists()
    result = run("doctor", ok=False)
    assert (result.exit_code, name in result.output) == (7, True)


def test_everything_but_one_key_gone_is_a_loss_too(run: Run, used: Path):
    for path in used.iterdir():
        if path.name not in {"document-code.key", "folder.json"}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert run("make", "request.yaml", "-o", "2.pdf", ok=False).exit_code == 8


@pytest.mark.parametrize("name", FILES)
def test_a_folder_of_the_release_before_is_taken_over_when_all_is_there_and_else_refused(
    name: str, run: Run, used: Path, here: Path
):
    (used / "folder.json").unlink()
    lose(used / name, "deleted")
    assert run("make", "request.yaml", "-o", "2.pdf", "--side", "right", ok=False).exit_code == 8
    shutil.rmtree(used)
    shutil.copytree(here / "backup", used)
    (used / "folder.json").unlink()
    taken = run("make", "request.yaml", "-o", "2.pdf", "--side", "right")
    assert "Note: nobody" not in taken.stderr
    assert (used / "folder.json").exists()
    lose(used / name, "deleted")
    assert run("outbox", "list", ok=False).exit_code == 8


def test_a_key_of_somebody_else_is_not_taken_for_ours(run: Run, used: Path):
    for name in ("record.key", "outbox.key", "document-code.key"):
        kept = (used / name).read_bytes()
        (used / name).write_bytes(b"o" * 32)
        refused = run("make", "request.yaml", "-o", "2.pdf", ok=False)
        assert (refused.exit_code, "is not the key" in refused.stderr) == (8, True)
        (used / name).write_bytes(kept)
    run("make", "request.yaml", "-o", "2.pdf")


def test_a_damaged_key_is_never_to_be_deleted(run: Run, used: Path):
    for rest in (b"", b"x", b"x" * 15):
        (used / "document-code.key").write_bytes(rest)
        told = run("make", "request.yaml", "-o", "2.pdf", ok=False).stderr
        assert "key restore FILE" in told
        assert "elete" not in told


@pytest.mark.parametrize("left", [(), ("document-code.key",), ("record.sqlite3",), ("record.sqlite3", "record.key"),
                                  ("document-code.key", "record.sqlite3", "record.key")])  # fmt: skip
def test_a_first_start_that_was_killed_is_no_loss(left: tuple[str, ...], run: Run, data: Path):
    data.mkdir(parents=True, mode=0o700)
    for name in left:
        path = data / name
        path.touch(mode=0o600)
        path.write_bytes(b"" if name.endswith("3") else b"k" * 32)
    run("make", "request.yaml", "-o", "1.pdf")
    assert faults(data) == ()


def test_a_record_comes_back_from_a_backup_that_verifies_and_says_so(run: Run, used: Path, here: Path):
    code = format_code(code_in(used))
    run("void", code, "--why", "wrong side")
    shutil.rmtree(here / "backup")
    shutil.copytree(used, here / "backup")
    lose(used / "record.sqlite3", "deleted")
    done = run("record", "restore", str(here / "backup" / "record.sqlite3"), "--by", "Anna", "--why", "disk")
    assert "all as written" in done.stdout
    last = events(used)[-1]
    assert (last.what, last.by, last.why) == ("restored", "Anna", "from a backup: disk")
    assert faults(used) == ()
    refused = run("make", "request.yaml", "-o", "2.pdf", ok=False)
    assert (refused.exit_code, "Voided" in refused.stderr) == (8, True)
    run("make", "request.yaml", "-o", "2.pdf", "--replaces", code)


@pytest.mark.parametrize("spoil", ["changed", "cut off", "no database", "another key", "empty", "not there"])
def test_a_backup_that_does_not_verify_takes_no_place(spoil: str, run: Run, used: Path, here: Path):
    backup = here / "backup"
    file = backup / "record.sqlite3"
    more: tuple[str, ...] = ()
    if spoil == "changed":
        tamper(backup, "UPDATE events SET by = 'ben' WHERE seq = 1")
    elif spoil == "cut off":
        tamper(backup, "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)")
    elif spoil == "no database":
        file.write_bytes(b"no database at all" * 500)
    elif spoil == "another key":
        (here / "other.key").write_bytes(b"o" * 32)
        more = ("--key", "other.key")
    elif spoil == "empty":
        file.write_bytes(b"")
    else:
        file = here / "nowhere.sqlite3"
    lose(used / "record.sqlite3", "deleted")
    before = sorted(used.rglob("*"))
    refused = run("record", "restore", str(file), *more, ok=False)
    assert refused.exit_code == (4 if spoil == "not there" else 8), refused.output
    assert sorted(used.rglob("*")) == before
    assert run("outbox", "list", ok=False).exit_code == 8


def test_restoring_keeps_what_was_there_and_names_what_only_that_knows(run: Run, used: Path, here: Path):
    code = format_code(code_in(used))
    run("void", code, "--why", "wrong side")
    done = run("record", "restore", str(here / "backup" / "record.sqlite3"))
    assert f"Void it again: `void {code} --why TEXT`" in done.stderr
    [kept] = used.glob("kept-*")
    (kept / "record.key").write_bytes((used / "record.key").read_bytes())
    assert "voided" in run("record", "list", "--data", str(kept)).stdout


def test_nothing_is_restored_while_another_command_has_the_record_open(run: Run, used: Path, here: Path):
    with Database(used):
        refused = run("record", "restore", str(here / "backup" / "record.sqlite3"), ok=False)
        assert (refused.exit_code, "Another command is using record.sqlite3" in refused.stderr) == (8, True)
    assert not list(used.glob("kept-*"))


def test_a_record_that_is_taken_away_under_a_running_command_gets_no_event_that_would_be_lost(used: Path):
    with Database(used) as database:
        (used / "record.sqlite3").rename(used / "elsewhere")
        with pytest.raises(Exception, match="can't be used"), database.change():
            pass


def test_after_a_loss_a_record_is_begun_and_says_so_first(run: Run, used: Path):
    lose(used / "record.sqlite3", "emptied")
    assert run("record", "begin", "--why", "x", ok=False).exit_code == 2
    run("record", "begin", "--after-loss", "--why", "the disk broke", "--by", "Anna")
    [first] = events(used)
    assert (first.what, first.by, first.why) == ("begun", "Anna", "after a loss: the disk broke")
    run("make", "request.yaml", "-o", "2.pdf")
    run("record", "verify")
    assert "queued" in run("outbox", "list").stdout
    assert run("record", "begin", "--after-loss", "--why", "x", ok=False).exit_code == 8, "nothing is lost now"


def test_a_record_that_does_not_verify_can_be_begun_again_and_is_kept(run: Run, used: Path):
    tamper(used, "UPDATE events SET by = 'ben' WHERE seq = 1")
    run("record", "begin", "--after-loss", "--why", "somebody changed it")
    run("record", "verify")
    [kept] = used.glob("kept-*")
    assert {path.name for path in kept.iterdir()} >= {"record.sqlite3", "record.key"}
    assert run("record", "verify", "--data", str(kept), ok=False).exit_code == 8


def test_the_archive_comes_back_or_is_begun_again(run: Run, used: Path, here: Path):
    code = format_code(code_in(used))
    lose(used / "archive", "deleted")
    for kind in ("files/*/*", "sheets/*/*", "sources/*.json"):
        spoiled = Path(shutil.copytree(here / "backup" / "archive", here / kind.partition("/")[0]))
        next(path for path in spoiled.glob(kind)).write_bytes(b"another text")
        assert run("record", "restore", str(spoiled), ok=False).exit_code == 8
        assert not (used / "archive").exists()
    run("record", "restore", str(here / "backup" / "archive"))
    run("reprint", code, "--request", "request.yaml", "-o", "2.pdf")
    lose(used / "archive", "emptied")
    run("record", "begin", "--after-loss", "--why", "no backup")
    assert events(used)[-1].why == "the archive, after a loss: no backup"
    assert run("reprint", code, "--request", "request.yaml", "-o", "3.pdf", ok=False).exit_code == 8
    run("make", "request.yaml", "-o", "4.pdf")


def test_a_backup_of_the_outbox_sends_nothing_by_itself(run: Run, used: Path, here: Path):
    lose(used / "outbox.sqlite3", "deleted")
    done = run("outbox", "restore", str(here / "backup" / "outbox.sqlite3"))
    assert "may have been sent since" in done.stdout
    assert "unknown" in run("outbox", "list").stdout
    assert run("outbox", "run").stdout.splitlines()[-1].startswith("0 sent")
    assert [event.what for event in events(used)][-2:] == ["restored", "unknown"]
    run("outbox", "retry", "1")
    assert "queued" in run("outbox", "list").stdout


def test_a_lost_outbox_is_begun_again_with_numbers_of_its_own(run: Run, used: Path):
    lose(used / "outbox.sqlite3", "deleted")
    lose(used / "outbox.key", "deleted")
    done = run("outbox", "begin", "--after-loss", "--why", "the disk broke")
    assert format_code(code_in(used)) in done.stderr, "what waited is named"
    assert run("outbox", "list").stdout == ""
    run("email", "1.pdf", "--to", "xq77@example.org", "--allow-unapproved", "--yes")
    assert run("outbox", "list").stdout.split()[0] == "2"
    assert run("outbox", "begin", "--after-loss", "--why", "x", ok=False).exit_code == 8


def test_a_damaged_outbox_is_told_with_what_to_restore(run: Run, used: Path):
    raw = bytearray((used / "outbox.sqlite3").read_bytes())
    raw[4096:] = b"\xa5" * (len(raw) - 4096)
    (used / "outbox.sqlite3").write_bytes(raw)
    for command in ("run", "list"):
        result = run("outbox", command, ok=False)
        assert (result.exit_code, "outbox restore FILE" in result.stderr) == (5, True)
    run("outbox", "begin", "--after-loss", "--why", "damaged")
    run("outbox", "run")


@pytest.mark.parametrize("name", ["record.key", "outbox.key", "document-code.key"])
@pytest.mark.parametrize("noted", [True, False])
def test_a_key_comes_back_and_no_other_one_does(name: str, noted: bool, run: Run, used: Path, here: Path):
    lose(used / name, "emptied")
    (here / "other").mkdir()
    (here / "other" / "wrong.key").write_bytes(b"o" * 32)
    assert run("key", "restore", str(here / "other" / "wrong.key"), ok=False).exit_code == 8
    if not noted:
        (used / "folder.json").unlink()
    run("key", "restore", str(here / "backup" / name))
    assert stat.S_IMODE((used / name).stat().st_mode) == 0o600
    run("make", "request.yaml", "-o", "2.pdf")
    run("record", "verify")


def test_without_its_key_codes_are_begun_again_by_a_persons_word_alone(run: Run, used: Path):
    assert run("key", "begin", "--after-loss", "--why", "x", ok=False).exit_code == 8
    lose(used / "document-code.key", "deleted")
    run("key", "begin", "--after-loss", "--why", "no backup")
    assert events(used)[-1].why == "the key of document codes, after a loss: no backup"
    run("make", "request.yaml", "-o", "2.pdf")


def test_a_new_key_is_not_made_for_a_record_elsewhere_that_knows_documents(
    run: Run, data: Path, here: Path, monkeypatch: pytest.MonkeyPatch
):
    run("make", "request.yaml", "-o", "1.pdf", "--data", "elsewhere")
    monkeypatch.setenv("XDG_DATA_HOME", str(here / "another-home"))
    refused = run("make", "request.yaml", "-o", "2.pdf", "--data", "elsewhere", ok=False)
    assert (refused.exit_code, "document-code.key" in refused.stderr) == (8, True)
    assert not (here / "another-home" / "handouts" / "document-code.key").exists()
    assert data.exists()


@pytest.mark.parametrize("name", ["record.sqlite3", "record.key", "outbox.sqlite3", "outbox.key", "document-code.key"])
def test_what_others_may_read_is_closed_and_told(name: str, run: Run, used: Path):
    (used / name).chmod(0o644)
    looked = run("doctor")
    assert f"UNSAFE    {name}: open to other users (mode 0644)" in looked.output
    result = run("make", "request.yaml", "-o", "2.pdf")
    assert f"Note: {name} could be read by other users of this machine (mode 0644)" in result.stderr
    assert stat.S_IMODE((used / name).stat().st_mode) == 0o600
    assert "could be read" not in run("record", "list").stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
@pytest.mark.parametrize("name", ["record.sqlite3", "outbox.key", "document-code.key"])
def test_what_belongs_to_another_user_is_not_used(name: str, run: Run, used: Path):
    os.chown(used / name, 12345, 12345)
    result = run("outbox", "list", ok=False)
    assert (result.exit_code, f"{name} belongs to another user" in result.stderr) == (8, True)
    assert run("doctor", ok=False).exit_code == 7


def test_an_outbox_of_version_1_is_taken_over_with_what_waits(used: Path):
    newer = [f"ALTER TABLE messages DROP COLUMN {name}" for name in ("queue", "repeats", "place", "kind", "channel")]
    tamper(used, *newer, "ALTER TABLE contents DROP COLUMN seal", "PRAGMA user_version = 1", file="outbox.sqlite3")
    with OutboxDatabase(used) as database:
        [[seal]] = database.look("SELECT seal FROM contents")
    assert len(seal) == 64
    assert not list(used.glob("outbox-before-*")), "no copy keeps an address for good"


def test_an_old_outbox_that_somebody_put_back_sends_nothing_again(run: Run, used: Path, here: Path):
    run("outbox", "cancel", "1", "--data", str(used))
    for path in used.glob("outbox.sqlite3*"):
        path.unlink()
    shutil.copy(here / "backup" / "outbox.sqlite3", used / "outbox.sqlite3")
    result = run("outbox", "run", ok=False)
    assert (result.exit_code, "the record says of it: cancelled" in result.stderr) == (1, True)
    connection = sqlite3.connect(used / "outbox.sqlite3")
    assert connection.execute("SELECT state FROM messages").fetchall() == [("unknown",)]
    connection.close()


def test_a_changed_address_is_told_and_not_mailed(run: Run, used: Path):
    tamper(used, "UPDATE contents SET address = 'eve@example.net'", file="outbox.sqlite3")
    result = run("outbox", "run", ok=False)
    assert result.exit_code == 1
    assert "Message 1 was not sent: its address is not the one that was queued" in result.stderr
    assert result.stdout.splitlines()[-1] == "0 sent, 0 to be tried again, 0 failed, 0 unknown, 1 set aside"
    assert "eve" not in result.output
    assert (
        events(used)[-1].why
        == "set aside: its address is not the one that was queued: somebody changed it in the outbox"
    )


def test_bad_rows_are_shown_without_a_fault_of_ours(run: Run, used: Path):
    tamper(used, "UPDATE messages SET code = 5, changed = 1e300, created = x'00', due = 'x'", file="outbox.sqlite3")
    assert "?" in run("outbox", "list").stdout
    assert "?" in run("outbox", "show", "1").stdout


def test_a_time_from_a_wrong_clock_is_told(run: Run, used: Path):
    tamper(used, "UPDATE messages SET due = due + 17280000", file="outbox.sqlite3")
    result = run("outbox", "run", ok=False)
    assert "Message 1: its time was set by a wrong clock. It is due now." in result.stderr


def test_a_key_file_that_others_may_read_is_closed_and_told(run: Run, here: Path):
    (here / "my.key").write_bytes(b"k" * 32)
    (here / "my.key").chmod(0o644)
    command = ("make", "request.yaml", "--key-file", "my.key", "--force", "-o", "1.pdf")
    assert "Note: my.key could be read by other users" in run(*command).stderr
    assert "could be read" not in run(*command).stderr
