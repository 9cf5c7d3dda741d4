"""Mail from the desk in a real browser: a message arrives and opens with the words that were shown; faults; axe."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

import keyring
import pypdfium2
import pytest
import trustme
from keyring.backends.null import Keyring
from playwright.sync_api import expect

from handouts.deliver.outbox.claims import Claims
from handouts.desk import emailing
from handouts.desk.guard import Doorkeeper
from handouts.desk.server import Running as OpenDesk
from handouts.desk.server import running
from handouts.desk.state import Desk
from handouts.errors import OutputFault
from handouts.typeset.cache import SheetCache
from tests.conftest import PATIENCE, ROOT, TOPIC, free_port
from tests.desk.browsing import loaded
from tests.desk.conftest import SettingsOf, client_of
from tests.desk.mailed import claimed, fill, text_of, violations
from tests.mailing import new, queue, set_up_clinic
from tests.mailserver import PASSWORD, Running, serve
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.heavy
TO = "x.quill@example.org"
PATIENT = "[id='patient.name']"


@pytest.fixture
def mail(ca: trustme.CA, content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A server, the clinic set up to send there, and no keyring of whoever runs the tests."""
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", PASSWORD)
    keyring.set_keyring(Keyring())
    with serve(ca) as started:
        set_up_clinic(content, started.server.port)
        yield started


@pytest.fixture
def open_desk(mail: Running, settings_of: SettingsOf, content: Path) -> Iterator[OpenDesk]:
    """A desk whose clinic sends to that server; nothing goes out before `desk.mail.start()`."""
    assert mail.server
    with running(settings_of(content=content), 0, background=False) as made:
        yield made


@pytest.fixture
def form(page: Page) -> Page:
    """The form, filled in; its address is asked for by the dialog."""
    topic = page.locator(f"#topics option[data-id={TOPIC}]").get_attribute("value")
    page.fill("#topic-name", topic or "")
    page.check("input[name=options][value=botox]")
    page.fill(PATIENT, "Xanthippe Quill")
    page.fill("[id='patient.birth_date']", "April 9, 1961")
    page.click("summary:has-text('More')")
    page.check("#allow_unapproved")
    return page


def ask(page: Page) -> None:
    """As far as the question, by keyboard."""
    page.click("#email")
    type_address(page, "#mail-to")
    page.keyboard.press("Enter")
    expect(page.locator("#mail-again")).to_be_focused()


def type_address(page: Page, field: str) -> None:
    """In the field that has the focus by itself."""
    expect(page.locator(field)).to_be_focused()
    page.keyboard.type(TO)


def mail_it(page: Page) -> str:
    """Mail what is in the form; the words."""
    ask(page)
    page.keyboard.type(TO)
    page.keyboard.press("Enter")
    is_queued(page)
    return page.inner_text("#mail-words")


def is_queued(page: Page) -> None:
    expect(page.locator("#mail-go")).to_have_text("Done: next patient")


def test_a_message_arrives_locked_and_opens_with_the_words_that_were_shown_once(
    form: Page, open_desk: OpenDesk, mail: Running, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(emailing, "HOLD", 0)
    words = mail_it(form)
    assert re.fullmatch(r"([a-z]{4,8} ){3}[a-z]{4,8}", words)
    form.keyboard.press("Escape")
    expect(form.locator("#mail-words"), "they are shown only now").to_be_visible()
    form.click("#mail-go")
    form.wait_for_selector("#last a")
    expect(form.locator(PATIENT)).to_have_value("")
    assert words not in form.content()
    assert form.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    form.click("#last a")
    loaded(form, form.locator("h1:has-text('Message 1')"))
    open_desk.desk.mail.start()
    form.wait_for_selector("#said:has-text('Message 1: Sent')")
    form.wait_for_selector("[data-state='Sent']")
    [(to, data)] = mail.mailbox.kept
    [part] = message_from_bytes(data, policy=default).iter_attachments()  # type: ignore[attr-defined]
    page = pypdfium2.PdfDocument(part.get_payload(decode=True), password=words)[0]
    assert (to, "Xanthippe Quill" in page.get_textpage().get_text_range()) == (TO, True)


def test_the_slip_opens_in_a_window_of_its_own_and_has_the_words(form: Page):
    mail_it(form)
    with form.context.expect_page() as opened:
        form.click("#mail-slip")
    assert opened.value.url.startswith("blob:")
    assert "quill" not in opened.value.url.lower()


def test_a_message_that_was_taken_back_leaves_the_form_as_it_was(
    form: Page, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(emailing, "HOLD", PATIENCE)
    words = mail_it(form)
    form.click("#mail-back")
    form.wait_for_selector("#last:has-text('taken back')")
    expect(form.locator(PATIENT)).to_have_value("Xanthippe Quill")
    assert words not in form.content()
    with open_desk.desk.open_outbox() as outbox:
        assert [entry.state for entry in outbox.entries()] == ["cancelled"]


def test_without_a_lock_somebody_has_to_have_warned_the_patient(form: Page, open_desk: OpenDesk):
    ask(form)
    form.keyboard.type(TO)
    form.check("#mail-unlocked")
    form.click("#mail-go")
    expect(form.locator("#mail-warned-fault")).to_have_text("Tell the patient first, or lock the file.")
    form.check("#mail-warned")
    form.click("#mail-go")
    is_queued(form)
    expect(form.locator("#mail-words")).to_be_hidden()
    with open_desk.desk.open_outbox() as outbox:
        assert outbox.entry(1).unlocked_by == "anna"


def test_an_outbox_that_can_not_be_written_says_so_and_the_form_is_kept(
    form: Page, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OutputFault("The outbox can't be used: the disk is full or faulty.")

    ask(form)
    monkeypatch.setattr(emailing, "mail", full)
    form.keyboard.type(TO)
    form.keyboard.press("Enter")
    form.wait_for_selector("#mail-fault:has-text('the disk is full')")
    expect(form.locator("#mail-words"), "they open nothing").to_have_text("")
    form.click("#mail-close")
    form.wait_for_selector("#mail", state="hidden")
    expect(form.locator(PATIENT)).to_have_value("Xanthippe Quill")
    with open_desk.desk.open_outbox() as outbox:
        assert outbox.entries() == []


def test_a_server_that_is_down_keeps_the_message_waiting_and_says_why(page: Page, open_desk: OpenDesk, content: Path):
    set_up_clinic(content, free_port())
    desk = open_desk.desk
    with desk.open_outbox() as outbox:
        queue(outbox, now=time.time())
    desk.mail.start()
    page.goto(f"{open_desk.address}/sent")
    page.wait_for_selector("[data-state='Waiting for another try']")
    expect(page.locator(".messages")).to_contain_text("There was no connection")
    page.click(".messages a")
    expect(page.locator("main")).to_contain_text("tried again by itself")


def test_mail_that_was_stopped_by_a_password_goes_on_when_it_is_put_right(
    page: Page, open_desk: OpenDesk, mail: Running, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "guess")
    with open_desk.desk.open_outbox() as outbox:
        queue(outbox, now=time.time())
    open_desk.desk.mail.start()
    page.goto(f"{open_desk.address}/sent")
    page.wait_for_selector("#resume")
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", PASSWORD)
    page.click("#resume")
    page.wait_for_selector("[data-state='Sent']")
    assert len(mail.mailbox.kept) == 1


def test_what_can_not_be_undone_is_asked_in_a_dialog_and_no_changes_nothing(page: Page, open_desk: OpenDesk):
    with open_desk.desk.open_outbox() as outbox:
        fill(outbox)
        page.goto(f"{open_desk.address}/sent/3")
        question = page.locator("dialog[open]")
        page.click("#do-arrived")
        expect(question).to_be_visible()
        page.keyboard.press("Escape")
        expect(question).to_be_hidden()
        assert outbox.entry(3).state == "unknown"
        page.click("#do-arrived")
        page.click("dialog[open] button[value=yes]")
        page.wait_for_selector("#done")
        assert outbox.entry(3).state == "sent"


def test_no_screen_of_mail_has_a_fault_that_axe_finds(page: Page, open_desk: OpenDesk):
    desk, found = open_desk.desk, list[str]()

    def look(where: str, then: Callable[[], object] = lambda: None) -> None:
        page.goto(f"{open_desk.address}{where}")
        then()
        for width in (1366, 320):
            page.set_viewport_size({"width": width, "height": 768})
            found.extend(f"{where}: {fault}" for fault in violations(page))
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{where} has to be scrolled sideways"

    def open_question() -> None:
        page.click("#do-cancel")
        expect(page.locator("dialog[open]")).to_be_visible()

    look("/sent")
    with desk.open_outbox() as outbox:
        fill(outbox)
        for where in ("/sent", "/sent?show=failed", "/sent/2", "/sent/3", "/sent/3?done=again"):
            look(where)
        look("/sent/3", open_question)
        queue(outbox, new(document="d9"), now=time.time())
        claims = Claims(outbox, "two")
        claims.paused(claimed(claims), "the server said 535 5.7.8 to the user and password", time.time())
    for where in ("/sent", "/sent/7", "/sent?show=decide"):
        look(where)
    assert found == []


def test_no_step_of_the_dialog_has_a_fault_that_axe_finds(form: Page):
    found = list[str]()
    form.click("#email")
    expect(form.locator("#mail-to")).to_be_focused()
    found += violations(form)
    type_address(form, "#mail-to")
    form.keyboard.press("Enter")
    form.wait_for_selector("#mail-again:visible")
    form.check("#mail-unlocked")
    form.click("#mail-go")
    expect(form.locator("#mail-again-fault")).not_to_have_text("")
    found += violations(form)
    form.check("#mail-locked")
    form.fill("#mail-again", TO)
    form.click("#mail-go")
    is_queued(form)
    found += violations(form)
    assert found == []


def test_after_a_kill_while_a_message_went_out_the_screen_asks_whether_it_arrived(
    mail: Running, settings_of: SettingsOf, content: Path, data: Path, sheets: SheetCache
):
    mail.plan.at["END"] = ["stall"]
    settings = settings_of(content=content)
    desk = Desk(settings)
    with desk.open_outbox() as outbox:
        queue(outbox, now=time.time())
    line = [sys.executable, str(ROOT / "generate.py"), "--content", str(content), "desk", "--no-open", "--port", "0"]
    line += ["--data", str(data), "--cache", str(sheets.folder)]
    null = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    with subprocess.Popen(line, env=os.environ | null, stdout=subprocess.DEVNULL) as dying:
        until(lambda: mail.plan.seen["END"])
        dying.send_signal(signal.SIGKILL)
    client = client_of(desk, Doorkeeper(["127.0.0.1:8765"]))
    assert "Going out now" in client.get("/sent").text
    desk.mail.start()
    until(lambda: "Did it arrive?" in client.get("/sent").text)
    assert "May have been mailed: ask the patient" in text_of(client.get("/sent/1").text)
    desk.close()
    assert mail.mailbox.kept == []
