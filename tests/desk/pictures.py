"""Draws the screens of the desk for the README and docs/desk.md: `script/pictures` runs it."""

from __future__ import annotations

import shutil
import tempfile
import time
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from handouts.desk.server import running
from handouts.desk.state import Settings
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, ROOT, TODAY

SIZE = {"width": 1366, "height": 768}
LIST = """Patient Name,DOB,MRN,Provider,Appt Date,Appt Time,topic,options
Maria Gonzalez,04/09/1961,00417,Dr. Cohen,11/23/2026,09:00,hemifacial-spasm,botox; microvascular-decompression
Robert O’Brien,13/13/1958,00982,Dr. Cohen,11/23/2026,09:30,hemifacial-spasm,botox
Ana Lucía Fernández,02/21/1970,01204,Dr. Cohen,11/23/2026,10:00,trigeminal-neuralgia,medicines; no-treatment
John Whitfield,07/30/1949,00231,Dr. Cohen,11/23/2026,10:30,trigeminal-neuralgia,
"""


def draw(folder: Path) -> None:
    """Write the pictures into ``folder``."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        settings = Settings(CONTENT, home / "data", "anna", _day, time.time, lambda: KEY, SheetCache(home / "sheets"))
        with running(settings, 0, background=False) as desk, sync_playwright() as started:
            browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
            page.goto(desk.invitation())
            page.wait_for_url(f"{desk.address}/")
            _fill_in(page)
            page.screenshot(path=folder / "desk-handout.png")
            page.on("dialog", lambda dialog: dialog.accept())
            page.goto(f"{desk.address}/list")
            page.set_input_files(
                "input[type=file]", {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
            )
            page.click("text=Open the list")
            page.wait_for_selector(".day-table")
            page.wait_for_timeout(1000)
            page.screenshot(path=folder / "desk-list.png")
            page.goto(f"{desk.address}/library/hemifacial-spasm/botox")
            page.wait_for_timeout(6000)
            page.screenshot(path=folder / "desk-library.png")
            browser.close()


def _day() -> date:
    return TODAY


def _fill_in(page: Page) -> None:
    page.fill("#topic-name", "Hemifacial spasm")
    page.check("#options-botox")
    page.check("#options-microvascular-decompression")
    page.click('label:has-text("left")')
    page.fill('[name="patient.name"]', "Maria Gonzalez")
    page.fill('[name="patient.birth_date"]', "April 9, 1961")
    page.fill('[name="patient.identifier"]', "MRN 00417")
    page.fill('[name="appointment.day"]', "December 4, 2026")
    page.fill('[name="appointment.time"]', "10:30")
    page.wait_for_timeout(15000)
    page.evaluate("document.getElementById('form').scrollTo(0, 0)")
    page.wait_for_timeout(2000)


if __name__ == "__main__":
    draw(ROOT / "docs" / "pictures")
