"""The day's list in a real browser: by keyboard, at 320 px, with progress, and dropped with its window."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from handouts.desk.listwindows import ListWindows
from handouts.desk.server import Running, running
from handouts.model.recorder import Document, PrintRecorder
from tests.conftest import PATIENCE
from tests.day_lists import LIST, Paper, printed
from tests.desk.browsing import enter, loaded, new_page, run_axe
from tests.desk.conftest import SettingsOf
from tests.mailing import set_up_clinic
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.heavy
BAD = LIST.replace("1961-04-09", "31 Feb 1961")


class Gated(Paper):
    """A printer that waits before each handout until it is let."""

    def print_made(self, pdf: bytes, document: Document, recorder: PrintRecorder) -> None:
        vars(self)["reached"].set()
        assert vars(self)["gate"].acquire(timeout=PATIENCE)
        super().print_made(pdf, document, recorder)


@pytest.fixture
def printer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gated]:
    made = Gated(tmp_path / "paper")
    vars(made).update(gate=threading.Semaphore(0), reached=threading.Event())
    monkeypatch.setattr("handouts.desk.dayjobs._session", lambda *_: lambda _say: made)
    yield made
    for _ in range(9):
        vars(made)["gate"].release()


@pytest.fixture
def drop(page: Page, open_desk: Running, tmp_path: Path) -> Callable[..., None]:
    """Open a list in the browser."""

    def opens(text: str = BAD) -> None:
        file = tmp_path / "list.csv"
        file.write_text(text, encoding="utf-8")
        page.goto(f"{open_desk.address}/list")
        open_list(page, file)

    return opens


def open_list(page: Page, file: Path) -> None:
    page.set_input_files("#file", file)
    page.click("text=Open the list")
    loaded(page, page.locator("#body tr").first)


def require_accessible(page: Page) -> None:
    found = run_axe(page)
    assert found.violations_count == 0, found.generate_report()


def summary_is(page: Page, text: str) -> None:
    expect(page.locator("#summary")).to_have_text(text)


def work_says(page: Page, pattern: str) -> None:
    expect(page.locator("#progress-words")).to_have_text(re.compile(pattern))


def allow(page: Page) -> None:
    page.check("#allow")


def test_a_row_is_edited_by_keyboard_and_the_ticked_rows_are_printed_until_somebody_stops(
    page: Page, drop: Callable[..., None], printer: Gated
) -> None:
    page.goto(page.url + "list")
    require_accessible(page)
    drop()
    require_accessible(page)
    allow(page)
    summary_is(page, "3 rows, 2 ready, 1 to fix")
    cell, below = (page.locator(f"#row-{number} [data-path='patient.birth_date']") for number in (2, 3))
    expect(cell).to_have_attribute("aria-invalid", "true")
    said = cell.get_attribute("aria-describedby")
    expect(page.locator(f"[id='{said}']")).to_contain_text("does not exist")
    require_accessible(page)
    cell.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("9 apr 1961")
    page.keyboard.press("Enter")
    summary_is(page, "3 rows, 3 ready")
    expect(cell).to_have_value("1961-04-09")
    expect(below, "Enter leads to the row below").to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(cell).to_be_focused()
    page.check("#all")
    page.click("button[value=printed]")
    expect(page.locator("#bar")).to_be_visible()
    assert vars(printer)["reached"].wait(PATIENCE)
    work_says(page, "^Printing: 0 of 3")
    require_accessible(page)
    page.click("text=Stop")
    work_says(page, "stops after")
    vars(printer)["gate"].release()
    work_says(page, r"^Stopped\. 1 handout printed; 2 left\.")
    expect(page.locator("#row-2")).to_contain_text("Printed")
    require_accessible(page)
    drop()
    allow(page)
    summary_is(page, "3 rows, 2 ready, 1 done")
    expect(page.locator("#row-2")).to_contain_text("Printed")
    expect(page.locator("#row-2 [name=row]")).not_to_be_checked()
    vars(printer)["gate"].release()
    vars(printer)["gate"].release()
    page.click("button[value=printed]")
    work_says(page, r"2 handouts printed\.")
    assert len(printed(vars(printer)["out"])) == 3


@pytest.mark.usefixtures("printer")
def test_a_handout_is_chosen_for_many_rows_and_saved_as_one_file(page: Page, drop: Callable[..., None]) -> None:
    drop("Patient Name,DOB\nXanthippe Quill,4/29/1961\nYpsilon Fjord,8/30/1972\n")
    allow(page)
    summary_is(page, "2 rows, 0 ready, 2 to fix")
    if not page.is_visible("#topic"):
        page.click("text=Choose the handout for the ticked rows")
    expect(page.locator(".topic-options[data-topic='hemifacial-spasm']")).to_be_hidden()
    page.select_option("#topic", "hemifacial-spasm")
    page.check("#options-hemifacial-spasm-botox")
    require_accessible(page)
    for number in (2, 3):
        page.check(f"#row-{number} [name=row]")
    page.click("text=Choose for the ticked rows")
    summary_is(page, "2 rows, 2 ready")
    with page.expect_download() as download:
        page.click("button[value=saved]")
    assert download.value.suggested_filename == "handouts-2026-11-22.pdf"
    summary_is(page, "2 rows, 0 ready, 2 done")


def test_addresses_are_looked_at_before_mail_and_slips_handed_over_after(
    browser: Browser, settings_of: SettingsOf, content: Path, tmp_path: Path
) -> None:
    set_up_clinic(content, 2525)
    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding="utf-8")
    with running(settings_of(content=content), 0, background=False) as desk:
        page = enter(new_page(browser), desk)
        page.goto(f"{desk.address}/list")
        open_list(page, file)
        allow(page)
        summary_is(page, "3 rows, 3 ready")
        page.click("button[value=mailed]")
        page.wait_for_selector("text=2 messages, 2 to addresses not used for that patient before")
        require_accessible(page)
        page.click("text=Queue these messages")
        page.wait_for_selector("text=2 handouts put into the outbox")
        require_accessible(page)
        question, slips = page.locator("dialog[open]"), page.locator("text=Slips to hand over")
        page.click("text=Delete slips 001")
        expect(question).to_be_visible()
        require_accessible(page)
        page.keyboard.press("Escape")
        expect(question).to_be_hidden()
        expect(slips).to_have_count(1)
        page.click("text=Delete slips 001")
        page.click("dialog[open] button.danger")
        expect(slips).to_have_count(0)
        summary_is(page, "3 rows, 1 ready, 2 done")
        page.context.close()


@pytest.mark.usefixtures("printer")
def test_at_320_px_nothing_leaves_the_screen_and_each_row_is_a_block(page: Page, drop: Callable[..., None]) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    drop()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator("#row-2 td[data-label='Name']").evaluate("cell => getComputedStyle(cell).display") == "block"
    require_accessible(page)


@pytest.mark.usefixtures("printer")
def test_a_reload_keeps_the_list_and_leaving_it_lets_it_go(
    page: Page, drop: Callable[..., None], open_desk: Running
) -> None:
    drop()
    windows: ListWindows = open_desk.server.wsgi_app.extensions["desk-lists"]
    [window] = windows._open.values()
    with page.expect_response("**/here"):
        page.reload()
    window.leaving = math.inf  # as where the page of before is heard late
    until(lambda: window.leaving is None)
    page.goto(open_desk.address + "/")
    until(lambda: window.leaving is not None)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
