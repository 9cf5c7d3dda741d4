"""What a user of a desk on a network sees: logging in, the locked screen, printing on one's own machine."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from handouts.desk.network import Listening
from handouts.desk.server import Running, running
from handouts.desk.sessions import IDLE
from handouts.record.recorder import open_store
from tests.conftest import free_port
from tests.desk.browsing import loaded, new_page, run_axe
from tests.desk.clinic import OWN, Clock, add_users, write_certificate
from tests.desk.conftest import SettingsOf

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.heavy
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
    page = new_page(browser, ignore_https_errors=True)
    yield page
    page.context.close()


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


def is_locked(page: Page) -> None:
    expect(page.locator("body.locked")).to_have_count(1)


def is_open(page: Page) -> None:
    expect(page.locator("body:not(.locked)")).to_have_count(1)


def readable(page: Page) -> str:
    """What can be read on the screen or aloud."""
    return str(page.evaluate("document.body.innerText")) + page.locator("body").aria_snapshot()


def test_the_screen_blanks_when_the_session_ends_and_the_same_user_goes_on(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        log_in(window, desk.address)
        window.locator(NAME).fill("Maria Gonzalez")
        clinic.clock.at += IDLE
        ask_now(window)
        is_locked(window)
        assert "Maria" not in readable(window)
        assert "Print" not in readable(window)
        expect(window).to_have_title("Locked – Desk")
        expect(window.get_by_label("Note to the patient")).to_be_hidden()
        for _ in range(3):
            window.keyboard.press("Escape")
        expect(window.locator("dialog.lock")).to_be_visible()
        window.emulate_media(media="print")
        assert window.evaluate("document.body.innerText").strip() == ""
        window.emulate_media(media="screen")
        unlock(window, "cleo", "wrong")
        window.get_by_text("The name or the password is wrong.").wait_for()
        assert "Maria" not in readable(window)
        unlock(window, "cleo")
        is_open(window)
        expect(window.locator(NAME)).to_have_value("Maria Gonzalez")
        expect(window).to_have_title("New handout – Desk")


def test_another_user_gets_an_empty_page(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        log_in(window, desk.address)
        window.locator(NAME).fill("Maria Gonzalez")
        clinic.clock.at += IDLE
        ask_now(window)
        is_locked(window)
        unlock(window, "ben")
        loaded(window, window.locator("html[data-user=ben] #form"))
        expect(window.locator(NAME)).to_have_value("")
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
        is_locked(window)
        log_in(other, desk.address)
        ask_now(window)
        is_open(window)


def test_a_desk_that_is_started_again_keeps_what_was_typed_in_open_windows(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        log_in(window, desk.address)
        window.locator(NAME).fill("Maria Gonzalez")
    with window.expect_event("requestfailed"):
        ask_now(window)
    expect(window.locator("body.locked"), "no answer is no end").to_have_count(0)
    with clinic.start():
        ask_now(window)
        is_locked(window)
        unlock(window, "cleo")
        is_open(window)
        expect(window.locator(NAME)).to_have_value("Maria Gonzalez")


def test_whoever_only_types_stays_logged_in(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        log_in(window, desk.address)
        clinic.clock.at += IDLE - 60
        with window.expect_response("**/session/used"):
            window.get_by_label("Note to the patient").press("a")
        clinic.clock.at += IDLE - 60
        with window.expect_response("**/session"):
            ask_now(window)
        window.wait_for_timeout(500)
        expect(window.locator("body.locked")).to_have_count(0)


def test_print_here_opens_the_browsers_dialog_and_the_record_says_who_got_it(clinic: Clinic, window: Page, data: Path):
    with clinic.start() as desk:
        window.add_init_script(PRINTS)
        log_in(window, desk.address)
        window.get_by_role("combobox", name="Topic").fill("Hemifacial spasm")
        window.locator(NAME).fill("Maria Gonzalez")
        window.locator("#options-botox").check()
        window.locator("summary").click()
        window.get_by_label("Make it even if").check()
        window.get_by_role("button", name="Print here").click()
        window.get_by_text("given to this browser to print.").wait_for()
        frame = window.locator("iframe#printed-here")
        expect(frame).to_have_attribute("src", re.compile(f"^blob:{re.escape(desk.address)}/"))
        expect(window.locator("html[data-printed=once]")).to_have_count(1)
        expect(window.locator(NAME)).to_have_value("")
    with open_store(data) as store:
        (event,) = store.chosen()
        assert (event.by, event.what, event.channel) == ("cleo", "made", "browser")


def test_the_pages_to_log_in_and_the_locked_screen_are_accessible(clinic: Clinic, window: Page):
    with clinic.start() as desk:
        window.goto(f"{desk.address}/login")
        assert run_axe(window).violations_count == 0
        log_in(window, desk.address)
        window.goto(f"{desk.address}/password")
        assert run_axe(window).violations_count == 0
        window.goto(desk.address)
        clinic.clock.at += IDLE
        ask_now(window)
        is_locked(window)
        found = run_axe(window)
        assert found.violations_count == 0, found.generate_report()
