"""What a user of a desk on a network sees: logging in, the locked screen, printing on one's own machine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from handouts.desk.network import Listening
from handouts.desk.server import Running, running
from handouts.desk.sessions import IDLE
from handouts.record.recorder import open_store
from tests.conftest import free_port
from tests.desk.clinic import OWN, Clock, add_users, write_certificate
from tests.desk.conftest import SettingsOf

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.heavy
PATIENCE = 60_000
NAME = "[id='patient.name']"


PRINTS = """
Object.defineProperty(HTMLIFrameElement.prototype, "contentWindow", { get() {
  const note = document.documentElement.dataset;
  return { focus() {}, print() { note.printed = note.printed ? "twice" : "once"; } };
} });
"""
"""Notes it instead of opening a dialog, which a browser without a window does not survive."""


@dataclass
class Clinic:
    """A desk with users that can be started again, at the same address."""

    start: Callable[[], contextlib.AbstractContextManager[Running]]
    clock: Clock


@pytest.fixture
def clinic(tmp_path: Path, data: Path, settings_of: SettingsOf) -> Clinic:
    add_users(data)
    certificate, key, _ = write_certificate(tmp_path / "tls")
    port, clock = free_port(), Clock()
    at = Listening(certificate=certificate, key=key)
    return Clinic(lambda: running(settings_of(now=clock), port, background=False, at=at), clock)


@pytest.fixture
def window(browser: Browser) -> Iterator[Page]:
    """A browser window on another machine."""
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def log_in(page: Page, address: str, name: str = "cleo") -> None:
    page.goto(f"{address}/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(OWN[name])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{address}/")


def unlock(page: Page, name: str, password: str | None = None) -> None:
    lock = page.get_by_role("dialog", name="The desk is locked")
    lock.get_by_label("Name").fill(name)
    lock.get_by_label("Password").fill(password or OWN[name])
    lock.get_by_role("button", name="Log in").click()


def ask_now(page: Page) -> None:
    """As a window does that comes to the front."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def readable(page: Page) -> str:
    """What can be read on the screen or aloud."""
    return str(page.evaluate("document.body.innerText")) + page.locator("body").aria_snapshot()


def test_the_screen_blanks_when_the_session_ends_and_the_same_user_goes_on(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        log_in(window, desk.address)
        window.locator(NAME).fill("Maria Gonzalez")
        clinic.clock.at += IDLE
        ask_now(window)
        window.wait_for_selector("body.locked")
        assert "Maria" not in readable(window)
        assert "Print" not in readable(window)
        assert window.title() == "Locked – Desk"
        assert not window.get_by_label("Note to the patient").is_visible()
        for _ in range(3):
            window.keyboard.press("Escape")
        assert window.locator("dialog.lock").is_visible()
        window.emulate_media(media="print")
        assert window.evaluate("document.body.innerText").strip() == ""
        window.emulate_media(media="screen")
        unlock(window, "cleo", "wrong")
        window.get_by_text("The name or the password is wrong.").wait_for()
        assert "Maria" not in readable(window)
        unlock(window, "cleo")
        window.wait_for_selector("body:not(.locked)")
        assert window.locator(NAME).input_value() == "Maria Gonzalez"
        assert window.title() == "New handout – Desk"


def test_another_user_gets_an_empty_page(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        log_in(window, desk.address)
        window.locator(NAME).fill("Maria Gonzalez")
        clinic.clock.at += IDLE
        ask_now(window)
        window.wait_for_selector("body.locked")
        unlock(window, "ben")
        window.wait_for_selector("html[data-user=ben]")
        assert window.locator(NAME).input_value() == ""
        window.go_back()
        window.wait_for_load_state()
        assert "Maria" not in window.content() + readable(window)


def test_two_windows_of_one_user_lock_and_unlock_together(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        log_in(window, desk.address)
        other = window.context.new_page()
        other.goto(desk.address)
        other.get_by_role("button", name="Log out").click()
        other.wait_for_url(f"{desk.address}/login")
        ask_now(window)
        window.wait_for_selector("body.locked")
        log_in(other, desk.address)
        ask_now(window)
        window.wait_for_selector("body:not(.locked)")


def test_a_desk_that_is_started_again_keeps_what_was_typed_in_open_windows(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        log_in(window, desk.address)
        window.locator(NAME).fill("Maria Gonzalez")
    ask_now(window)
    assert window.locator("body.locked").count() == 0, "no answer is no end"
    with clinic.start():
        ask_now(window)
        window.wait_for_selector("body.locked")
        unlock(window, "cleo")
        window.wait_for_selector("body:not(.locked)")
        assert window.locator(NAME).input_value() == "Maria Gonzalez"


def test_whoever_only_types_stays_logged_in(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        log_in(window, desk.address)
        clinic.clock.at += IDLE - 60
        with window.expect_request("**/session/used"):
            window.get_by_label("Note to the patient").press("a")
        window.wait_for_timeout(300)
        clinic.clock.at += IDLE - 60
        ask_now(window)
        window.wait_for_timeout(500)
        assert window.locator("body.locked").count() == 0


def test_print_here_opens_the_browsers_dialog_and_the_record_says_who_got_it(clinic: Clinic, window: Page, data: Path):
    with clinic.start() as desk:
        window.add_init_script(PRINTS)
        log_in(window, desk.address)
        window.get_by_role("combobox", name="Topic").fill("Hemifacial spasm")
        window.locator(NAME).fill("Maria Gonzalez")
        window.locator("input[name=options]").first.check()
        window.locator("summary").click()
        window.get_by_label("Make it even if").check()
        window.get_by_role("button", name="Print here").click()
        window.get_by_text("given to this browser to print.").wait_for()
        frame = window.locator("iframe#printed-here")
        assert str(frame.get_attribute("src")).startswith(f"blob:{desk.address}/")
        window.wait_for_selector("html[data-printed=once]")
        assert window.locator(NAME).input_value() == ""
    with open_store(data) as store:
        (event,) = store.chosen()
        assert (event.by, event.what, event.channel) == ("cleo", "made", "browser")


def test_the_pages_to_log_in_and_the_locked_screen_are_accessible(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        window.goto(f"{desk.address}/login")
        assert Axe().run(window).violations_count == 0
        log_in(window, desk.address)
        window.goto(f"{desk.address}/password")
        assert Axe().run(window).violations_count == 0
        window.goto(desk.address)
        clinic.clock.at += IDLE
        ask_now(window)
        window.wait_for_selector("body.locked")
        found = Axe().run(window)
        assert found.violations_count == 0, found.generate_report()
