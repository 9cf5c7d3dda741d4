"""The day's list in a real browser: by keyboard, at 320 px, with progress, and dropped with its window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from handouts.desk.listwindows import ListWindows
from handouts.desk.server import Running, running
from handouts.model.recorder import Document, PrintRecorder
from tests.conftest import PATIENCE
from tests.day_lists import LIST, Paper, printed
from tests.desk.conftest import SettingsOf
from tests.mailing import set_up_clinic

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.heavy
WAIT = PATIENCE * 1000
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
        page.set_input_files("#file", file)
        page.click("text=Open the list")
        page.wait_for_selector("#body tr")

    return opens


def require_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def summary_is(page: Page, text: str) -> None:
    page.wait_for_function("text => document.getElementById('summary').textContent === text", arg=text, timeout=WAIT)


def allow(page: Page) -> None:
    page.check("#allow")


def test_a_row_is_mended_by_keyboard_and_the_ticked_rows_are_printed_until_somebody_stops(
    page: Page, drop: Callable[..., None], printer: Gated
) -> None:
    page.goto(page.url + "list")
    require_accessible(page)
    drop()
    require_accessible(page)
    allow(page)
    summary_is(page, "3 rows, 2 ready, 1 to mend")
    cell = page.locator("#row-2 [data-path='patient.birth_date']")
    assert cell.get_attribute("aria-invalid") == "true"
    said = cell.get_attribute("aria-describedby")
    assert "does not exist" in page.locator(f"[id='{said}']").inner_text()
    require_accessible(page)
    cell.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("9 apr 1961")
    page.keyboard.press("Enter")
    summary_is(page, "3 rows, 3 ready")
    assert page.input_value("#row-2 [data-path='patient.birth_date']") == "1961-04-09"
    focused = "document.activeElement.closest('tr')?.id + ' ' + document.activeElement.dataset.path"
    assert page.evaluate(focused) == "row-3 patient.birth_date", "Enter leads to the row below"
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "row-2 patient.birth_date"
    page.check("#all")
    page.click("button[value=printed]")
    page.wait_for_selector("#bar", timeout=WAIT)
    assert vars(printer)["reached"].wait(PATIENCE)
    page.wait_for_function("() => document.getElementById('progress-words').textContent.startsWith('Printing: 0 of 3')")
    require_accessible(page)
    page.click("text=Stop")
    page.wait_for_function("() => document.getElementById('progress-words').textContent.includes('stops after')")
    vars(printer)["gate"].release()
    page.wait_for_selector("text=Stopped. 1 handout printed; 2 left.", timeout=WAIT)
    assert "Printed" in page.locator("#row-2").inner_text()
    require_accessible(page)
    drop()
    allow(page)
    summary_is(page, "3 rows, 2 ready, 1 done")
    assert "Printed" in page.locator("#row-2").inner_text()
    assert not page.is_checked("#row-2 [name=row]")
    vars(printer)["gate"].release()
    vars(printer)["gate"].release()
    page.click("button[value=printed]")
    page.wait_for_selector("text=2 handouts printed.", timeout=WAIT)
    assert len(printed(vars(printer)["out"])) == 3


@pytest.mark.usefixtures("printer")
def test_a_handout_is_chosen_for_many_rows_and_saved_as_one_file(page: Page, drop: Callable[..., None]) -> None:
    drop("Patient Name,DOB\nXanthippe Quill,4/29/1961\nYpsilon Fjord,8/30/1972\n")
    allow(page)
    summary_is(page, "2 rows, 0 ready, 2 to mend")
    if not page.is_visible("#topic"):
        page.click("text=Choose the handout for the ticked rows")
    assert not page.is_visible(".topic-options[data-topic='hemifacial-spasm']")
    page.select_option("#topic", "hemifacial-spasm")
    page.check("#options-hemifacial-spasm-botox")
    require_accessible(page)
    for number in (2, 3):
        page.check(f"#row-{number} [name=row]")
    page.click("text=Choose for the ticked rows")
    summary_is(page, "2 rows, 2 ready")
    with page.expect_download(timeout=WAIT) as download:
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
        page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.goto(desk.invitation())
        page.wait_for_url(f"{desk.address}/")
        page.goto(f"{desk.address}/list")
        page.set_input_files("#file", file)
        page.click("text=Open the list")
        page.wait_for_selector("#body tr")
        allow(page)
        summary_is(page, "3 rows, 3 ready")
        page.click("button[value=mailed]")
        page.wait_for_selector("text=2 messages, 2 to addresses not used for that patient before", timeout=WAIT)
        require_accessible(page)
        page.click("text=Queue these messages")
        page.wait_for_selector("text=2 handouts put into the outbox", timeout=WAIT)
        require_accessible(page)
        page.click("text=Delete slips 001")
        page.wait_for_selector("dialog[open]")
        require_accessible(page)
        page.keyboard.press("Escape")
        assert page.locator("text=Slips to hand over").count() == 1
        page.click("text=Delete slips 001")
        page.click("dialog[open] button.danger")
        page.wait_for_selector("text=Slips to hand over", state="detached")
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
    page.reload()
    page.wait_for_selector("#body tr")
    page.wait_for_timeout(500)
    assert window.leaving is None
    page.goto(open_desk.address + "/")
    for _ in range(100):
        if window.leaving is not None:
            break
        page.wait_for_timeout(50)
    assert window.leaving is not None
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
