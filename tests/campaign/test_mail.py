"""A campaign of faults against mail and the data folder: each kind with generated variants."""

from __future__ import annotations

import contextlib
import itertools
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from handouts.codes import document_code
from handouts.deliver.outbox.claims import Claims
from handouts.deliver.outbox.database import Database as OutboxDatabase
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.runner import Connect
from handouts.errors import HandoutError, Refused
from handouts.keys import KEY_NAME
from handouts.record.checking import check
from handouts.record.database import Database
from handouts.record.loss import code_key, is_begun, open_outbox, open_record
from handouts.record.mailed import Mailed
from handouts.record.store import RecordStore
from tests.conftest import ROOT, RequestOf
from tests.mailing import NOW, Clock, Unheard, new, queue, run, to_server, trusting
from tests.mailserver import serve
from tests.recording import event, tamper
from tests.rounds import first, rounds

pytestmark = pytest.mark.heavy

FILES = ("record.sqlite3", "record.key", "archive", "outbox.sqlite3", "outbox.key", "document-code.key")
TO = ("maria@example.org", "second@example.org", "third@example.org")


@pytest.fixture(scope="module")
def codes(request_of: RequestOf) -> list[str]:
    return [document_code(b"k" * 32, request_of(patient={"name": f"A{i}"}), "c") for i in range(3)]


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory, codes: list[str]) -> Path:
    """A folder in which everything was begun, with three messages that wait."""
    folder = tmp_path_factory.mktemp("data") / "handouts"
    code_key(folder, [folder])
    (folder / "archive" / "sources").mkdir(parents=True)
    (folder / "archive" / "sources" / ("d" * 64 + ".json")).write_text('{"files": []}')
    with open_record(folder) as record, open_outbox(folder) as outbox:
        store = RecordStore(record)
        box = Outbox(outbox, Mailed(store, "anna"))
        for code, to in zip(codes, TO, strict=True):
            store.add([event(code=code, channel="file", message=None)])
            queue(box, new(to=to, document=code, code=code))
        outbox.scrub()
    with open_record(folder):
        pass
    return folder


@pytest.fixture
def folder(backup: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(backup, tmp_path / "handouts"))


def lose(path: Path, how: str) -> None:
    if path.is_dir():
        shutil.rmtree(path)
        if how == "emptied":
            path.mkdir()
    elif how == "deleted":
        path.unlink()
    else:
        path.write_bytes(b"")


def ways_in(folder: Path) -> list[Callable[[], Any]]:
    return [
        lambda: is_begun(folder),
        lambda: open_record(folder),
        lambda: open_record(folder, looking=True),
        lambda: open_outbox(folder),
        lambda: code_key(folder, [folder]),
    ]


SUBSETS = [names for many in range(1, 7) for names in itertools.combinations(FILES, many)]


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_any_set_of_lost_files_stops_every_way_in(backup: Path, tmp_path: Path, how: str):
    for number, names in enumerate(SUBSETS):
        folder = Path(shutil.copytree(backup, tmp_path / str(number)))
        for name in names:
            lose(folder / name, how)
        before = sorted(folder.rglob("*"))
        for way in ways_in(folder):
            with pytest.raises(Refused) as caught:
                way()
            assert all(name in caught.value.message for name in names)
        assert sorted(folder.rglob("*")) == before


def test_any_key_that_is_not_the_one_that_was_used_is_refused(folder: Path):
    chance = random.Random(11)
    for name in ("record.key", "outbox.key", KEY_NAME):
        kept = (folder / name).read_bytes()
        for size in (1, 15, 16, 31, 32, 33, 64):
            (folder / name).write_bytes(chance.randbytes(size))
            for way in ways_in(folder):
                with pytest.raises(Refused):
                    way()
        (folder / name).write_bytes(kept)
    open_record(folder).connection.close()


@pytest.mark.parametrize("seed", first(25, range(120)))
def test_bytes_that_change_in_the_outbox_mail_nothing_to_anybody_else(
    seed: int, folder: Path, ca: trustme.CA, codes: list[str]
):
    chance = random.Random(seed)
    path = folder / "outbox.sqlite3"
    raw = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 3, 20])):
        at = chance.randrange(100 if chance.random() < 0.9 else 0, len(raw))
        piece = chance.randbytes(chance.choice([1, 4, 200]))
        raw[at : at + len(piece)] = piece[: len(raw) - at]
    path.write_bytes(raw)
    assert_only_what_was_queued_goes_out(folder, ca, codes)


VALUES = ("NULL", "''", "'x'", "x'00ff'", "-1", "9e999", "1e300", "0", "'2026'", "CAST(x'ff41' AS TEXT)", "'../../x'")
COLUMNS = [
    ("messages", name)
    for name in ("dedupe", "copy", "code", "clinic", "address_hash", "patient_hash", "message_id", "slips", "locked",
                 "unlocked_by", "state", "reason", "tries", "created", "due", "until", "changed", "holder", "lease")
] + [("contents", name) for name in ("id", "address", "body", "seal")]  # fmt: skip


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_any_value_in_any_field_of_the_outbox_mails_nothing_to_anybody_else(
    table: str, column: str, backup: Path, tmp_path: Path, ca: trustme.CA, codes: list[str]
):
    for number, value in enumerate(VALUES):
        folder = Path(shutil.copytree(backup, tmp_path / str(number)))
        statement = f"UPDATE OR IGNORE {table} SET {column} = {value} WHERE id = 1"
        with contextlib.suppress(sqlite3.IntegrityError):  # a value that SQLite itself refuses
            tamper(folder, "PRAGMA ignore_check_constraints = 1", statement, file="outbox.sqlite3")
        sent = assert_only_what_was_queued_goes_out(folder, ca, codes)
        assert sent >= {TO[1], TO[2]}, (value, "the rest goes out")


def assert_only_what_was_queued_goes_out(folder: Path, ca: trustme.CA, codes: list[str]) -> set[str]:
    """A run ends with a clear word, and to nobody goes what was not queued for them; to whom it went."""
    with serve(ca) as running:
        told = outcome(lambda: send(folder, to_server(running.server, trusting(ca))))
    assert told is None or (told.exit_code in {5, 8} and ("restore" in told.message or "newer" in told.message)), told
    for to, data in running.mailbox.kept:
        assert to in TO
        assert f"{codes[TO.index(to)]}.pdf".encode() in data
    assert len(running.mailbox.kept) == len({to for to, _ in running.mailbox.kept}), "nobody gets anything twice"
    return {to for to, _ in running.mailbox.kept}


def outcome(work: Callable[[], Any]) -> HandoutError | None:
    """What it ends with; None for well."""
    try:
        work()
    except HandoutError as told:
        return told
    return None


def send(folder: Path, reach: Connect) -> None:
    with open_record(folder) as record, open_outbox(folder) as database:
        database.require_sound()
        mailed = Mailed(RecordStore(record), "anna")
        box = Outbox(database, mailed)
        run(box, reach, clock=Clock(NOW + 60))
        assert len(box.entries()) <= 3


@pytest.mark.parametrize("days", [-4000, -200, -1, 1, 200, 3000, 10_000])
def test_whatever_the_clock_said_when_it_was_queued_it_goes_out(days: int, folder: Path, ca: trustme.CA):
    tamper(folder, f"UPDATE messages SET created = created + {days * 86400}, due = due + {days * 86400}",
           file="outbox.sqlite3")  # fmt: skip
    with serve(ca) as running, OutboxDatabase(folder) as database:
        run(Outbox(database, Unheard()), to_server(running.server, trusting(ca)), clock=Clock(NOW))
    assert len(running.mailbox.kept) == 3


@pytest.mark.parametrize("hours", [0, 1, 47, 49, 63, 24 * 30])
def test_however_long_it_waited_its_first_refusal_is_not_its_last(hours: int, folder: Path):
    with OutboxDatabase(folder) as database:
        claims = Claims(Outbox(database, Unheard()), "one")
        now = NOW + hours * 3600
        claim: Any = claims.claim(now, "cohen", 6000)
        assert claims.deferred(claim, "451", now)


def killed(what: str, folder: Path, backup: Path, last: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.campaign.killed", what, str(folder), str(backup), str(last)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def steps(what: str, folder: Path, backup: Path) -> int:
    done = killed(what, folder, backup, 0)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def some(many: int) -> list[int]:
    """Twenty of many steps before a release, seven else; every step of few."""
    return sorted({1 + round(i * (many - 1) / 19) for i in range(20)})[:: rounds(3, release=1)]


def use(folder: Path) -> None:
    open_record(folder).connection.close()
    open_outbox(folder).connection.close()
    code_key(folder, [folder])


def test_a_first_start_killed_at_any_step_is_not_taken_for_a_loss(tmp_path: Path):
    for last in some(steps("start", tmp_path / "whole", tmp_path)):
        folder = tmp_path / str(last)
        assert killed("start", folder, tmp_path, last).returncode == -signal.SIGKILL
        again = killed("start", folder, tmp_path, 0)
        assert again.returncode == 0, (last, again.stderr)


@pytest.mark.parametrize(
    ("what", "lost"),
    [
        ("restore record", "record.sqlite3"),
        ("begin record", "record.sqlite3"),
        ("begin record", "record.key"),
        ("restore outbox", "outbox.sqlite3"),
        ("begin outbox", "outbox.sqlite3"),
        ("restore key", KEY_NAME),
        ("begin key", KEY_NAME),
    ],
)
def test_a_repair_killed_at_any_step_is_either_done_or_told_and_can_be_done_again(
    what: str, lost: str, backup: Path, tmp_path: Path
):
    def broken(name: str) -> Path:
        folder = Path(shutil.copytree(backup, tmp_path / name))
        lose(folder / lost, "deleted")
        return folder

    for last in some(steps(what, broken("whole"), backup)):
        folder = broken(str(last))
        assert killed(what, folder, backup, last).returncode == -signal.SIGKILL
        told = outcome(lambda: use(folder))  # noqa: B023  called at once
        assert told is None or told.exit_code == 8, (last, told)
        if told:
            again = killed(what, folder, backup, 0)
            assert again.returncode == 0, (last, again.stderr)
            use(folder)
        with Database(folder) as database:
            assert check(database).faults == ()
