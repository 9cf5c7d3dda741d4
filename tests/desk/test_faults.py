"""What fails around the desk is told in a sentence, and what was typed is still there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from handouts.desk.opening import invitation_of_another
from handouts.desk.server import running
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, PATIENCE, ROOT, free_port
from tests.cups import Cups, missing
from tests.desk.browsing import loaded, new_page
from tests.desk.conftest import SettingsOf
from tests.desk.screen import Screen
from tests.desk.test_handout import events
from tests.desk.typing import NAME
from tests.reading_pdf import text_of
from tests.record.test_crash import small_disk
from tests.recording import faults, read_only
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.heavy
DETAILS = {"patient__birth_date": "September 3, 1958", "note": "Bring your glasses.", "clinician": "Dr. Wye"}


@contextlib.contextmanager
def window(browser: Browser, address: str) -> Iterator[Screen]:
    """A window in which an address is open."""
    page = new_page(browser)
    try:
        page.goto(address)
        loaded(page, page.locator("#form"))
        yield Screen(page)
    finally:
        page.context.close()


def save_refused(screen: Screen, pattern: str) -> str:
    """Try to save: what is said, while the form stays as it is."""
    before = screen.values()
    assert before["patient.name"] == NAME
    screen.page.get_by_role("button", name="Save PDF").click()
    said = screen.said(pattern)
    assert screen.values() == before
    assert NAME not in said
    expect(screen.page.get_by_role("button", name="Save PDF")).to_be_enabled()
    return said


def test_a_record_that_can_not_be_written_is_told_and_the_form_kept(page: Page, data: Path):
    screen = Screen(page)
    screen.least()
    screen.fill(**DETAILS)
    data.mkdir(exist_ok=True)
    with read_only(data):
        save_refused(screen, "record|folder")
    assert NAME in text_of(screen.save())


def test_a_full_disk_is_told_and_the_form_kept(browser: Browser, settings_of: SettingsOf, tmp_path: Path):
    with small_disk(tmp_path / "disk", "2m") as disk:
        data = disk / "data"
        with running(settings_of(data=data), 0, background=False) as desk, window(browser, desk.invitation()) as screen:
            screen.least()
            screen.fill(**DETAILS)
            fill_up(disk / "filler")
            said = save_refused(screen, "disk|space|full")
            assert re.search(r"full|space", said)
            (disk / "filler").unlink()
            assert NAME in text_of(screen.save())
            assert [event.channel for event in events(data)] == ["browser"]
            assert faults(data) == ()


def fill_up(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def test_when_a_process_that_sets_pages_is_killed_the_pages_come_all_the_same(
    browser: Browser, settings_of: SettingsOf, tmp_path: Path
):
    settings = settings_of(cache=SheetCache(tmp_path / "none-yet"))
    with running(settings, 0, background=False) as desk, window(browser, desk.invitation()) as screen:
        screen.choose("botox")
        screen.fill(patient__name=NAME, **DETAILS)
        for pid in desk.desk.workers.pids:
            os.kill(pid, signal.SIGKILL)
        screen.settled(lambda: screen.fill(note="Bring your glasses and a friend."))
        before = screen.values()
        screen.page.locator("#options-no-treatment").check()
        deadline = time.monotonic() + 20
        while not desk.desk.sheets._begun and time.monotonic() < deadline:
            time.sleep(0.01)
        for pid in desk.desk.workers.pids:
            os.kill(pid, signal.SIGKILL)
        screen.page.wait_for_timeout(500)
        screen.settled(lambda: screen.fill(note="Bring your glasses."))
        assert screen.values() == before | {"note": "Bring your glasses.", "options-no-treatment": "no-treatment"}
        assert NAME in text_of(screen.save())


def test_when_the_desk_is_started_anew_what_was_typed_is_still_there(browser: Browser, settings_of: SettingsOf):
    port = free_port()
    with running(settings_of(), port, background=False) as desk:
        opened = contextlib.ExitStack()
        screen = opened.enter_context(window(browser, desk.invitation()))
        screen.least()
        screen.fill(**DETAILS)
    with opened:
        said = save_refused(screen, "does not answer")
        assert "still here" in said
        with running(settings_of(), port, background=False) as desk:
            said = save_refused(screen, "started anew")
            other = screen.page.context.new_page()
            other.goto(desk.invitation())
            loaded(other, other.locator("#form"))
            assert NAME in text_of(screen.save())


@pytest.fixture
def cups(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cups]:
    if missing():
        pytest.skip(missing())
    with Cups() as made:
        monkeypatch.setenv("CUPS_SERVER", made.socket)
        monkeypatch.setenv("HOME", str(made.home))
        for name in ("PRINTER", "LPDEST"):
            monkeypatch.delenv(name, raising=False)
        yield made


class Program:
    """The program itself, as somebody starts it: `generate.py desk`."""

    def __init__(self, data: Path, sheets: SheetCache, key: Path, port: int) -> None:
        key.write_bytes(KEY)
        command = [
            sys.executable,
            str(ROOT / "generate.py"),
            "--content",
            str(CONTENT),
            "--today",
            "2026-11-22",
            "desk",
        ]
        command += ["--no-open", "--port", str(port), "--data", str(data), "--key-file", str(key)]
        self.process = subprocess.Popen(
            [*command, "--cache", str(sheets.folder)], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout
        self.invitation = self.process.stdout.readline().strip()
        self.process.stdout.readline()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)

    def children(self) -> list[int]:
        """Its processes that set pages."""
        found = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for path in found for pid in path.read_text().split()]

    def end(self, number: int) -> None:
        """By a signal; nothing happens if it has ended."""
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()


def test_a_desk_that_was_killed_while_it_printed_leaves_a_record_that_says_what_is_true(
    browser: Browser, cups: Cups, data: Path, sheets: SheetCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LPDEST", cups.add("killed", "hangs"))
    port = free_port()
    with Program(data, sheets, tmp_path / "key", port) as first, window(browser, first.invitation) as screen:
        screen.least()
        screen.print()
        until(cups.queue)
        children = first.children()
        assert children
        first.end(signal.SIGKILL)
        until(lambda: not [pid for pid in children if Path(f"/proc/{pid}/cmdline").exists()])
        said = [(event.what, event.channel) for event in events(data)]
        assert said == [("queued", "printer")]  # it was handed over; nobody has seen paper
        assert faults(data) == ()
        screen.said("does not answer")
    with Program(data, sheets, tmp_path / "key", port) as second:
        assert "/enter/" in second.invitation
        with window(browser, second.invitation) as screen:
            screen.least()
            assert [event.what for event in events(data)] == ["queued"]
            assert NAME in text_of(screen.save())
        assert [event.what for event in events(data)] == ["queued", "made"]
        assert faults(data) == ()
        assert invitation_of_another(data)
        second.end(signal.SIGTERM)
        assert second.process.returncode == 0
    assert invitation_of_another(data) is None


def test_the_desk_leaves_nothing_of_anybody_where_it_was_killed(
    browser: Browser, data: Path, sheets: SheetCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    program = Program(data, sheets, tmp_path / "key", free_port())
    with program as desk, window(browser, desk.invitation) as screen:
        screen.least("Zyxwvut")
        desk.end(signal.SIGKILL)
    for folder in (data, temporary):
        for path in folder.rglob("*"):
            assert path.is_dir() or b"Zyxwvut" not in path.read_bytes(), path
    shutil.rmtree(temporary)
