"""Given in a browser: keyboard, dropped files, the question before voiding; axe on each state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from handouts.codes import format_code
from handouts.deliver.mail.handover import hand_over
from handouts.desk.server import Running
from handouts.desk.state import Desk
from handouts.pipeline import Made
from tests.desk.test_given import MARIA, as_request, events, give, void
from tests.mailing import NOW
from tests.record.test_recorder import mailing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["give"]
pytestmark = pytest.mark.heavy
Give = Callable[..., Made]


@pytest.fixture
def desk(open_desk: Running) -> Desk:
    """The desk that the window shows."""
    return open_desk.desk


@pytest.fixture
def window(browser: Browser, open_desk: Running) -> Iterator[Page]:
    """A window in which Given is open. Its console may tell of answers that refuse something, and of nothing else."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(open_desk.invitation())
    page.wait_for_url(f"{open_desk.address}/")
    page.goto(f"{open_desk.address}/given")
    yield page
    context.close()
    assert [text for text in told if "status of 4" not in text] == []


def require_accessible(page: Page) -> None:
    """No finding of axe, and nothing to scroll sideways for at 320 px, which is 400 % of 1280."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    if size:
        page.set_viewport_size(size)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent"))


def look_up(page: Page, made: Made) -> None:
    page.get_by_role("textbox", name="Code").fill(made.code)
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=format_code(made.code)).wait_for()


def choose(page: Page, data: bytes, name: str = "x.pdf", kind: str = "application/pdf") -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": data})


def test_an_empty_record_is_accessible_and_leads_to_the_first_handout(window: Page):
    require_accessible(window)
    window.get_by_role("link", name="Make the first one").click()
    window.get_by_role("heading", name="New handout").wait_for()


def test_a_patient_is_found_by_keyboard_and_the_answer_is_where_the_focus_is(window: Page, give: Give):
    made = give()
    window.reload()
    require_accessible(window)
    window.get_by_role("textbox", name="Name").focus()
    window.keyboard.type("xanthippe quillfeather")
    window.keyboard.press("Tab")
    window.keyboard.type("April 9, 1961")
    window.keyboard.press("Enter")
    window.get_by_role("heading", name="1 document found").wait_for()
    window.locator('[id="h-found"]:focus').wait_for()
    assert window.url.endswith("/given/find")
    assert window.title() == "Given – Desk"
    require_accessible(window)
    window.keyboard.press("Tab")  # the table, which can be scrolled
    window.keyboard.press("Tab")
    window.keyboard.press("Enter")
    window.get_by_role("heading", level=1, name=format_code(made.code)).wait_for()
    require_accessible(window)
    stored = window.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert stored == '[{},{},""]'


def test_a_fault_is_at_its_field_which_has_the_focus(window: Page):
    window.get_by_role("textbox", name="Name").fill("Xanthippe")
    window.get_by_role("textbox", name="Date of birth").fill("3/4/1961")
    window.get_by_role("button", name="Find").click()
    field = window.get_by_role("textbox", name="Date of birth")
    window.get_by_text("write the month as a word").wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    window.locator('[id="birth_date"]:focus').wait_for()
    assert field.get_attribute("aria-describedby") == "birth_date-hint birth_date-fault"
    require_accessible(window)


@pytest.mark.parametrize(
    ("change", "headline"),
    [
        (lambda made, _: made.pdf, "Ours, unchanged and current"),
        (lambda made, _: made.pdf + b"%", "Changed: don't rely on it"),
        (lambda *_: b"%PDF-1.4 nothing", "Not known here: don't rely on it"),
        (lambda made, desk: [made.pdf, void(desk, made)][0], "Ours and unchanged, but voided"),
    ],
    ids=["ours", "changed", "unknown", "voided"],
)
def test_a_chosen_file_is_judged_at_once(window: Page, desk: Desk, give: Give, change: Any, headline: str):
    made = give()
    choose(window, change(made, desk), "Quillfeather.pdf")
    window.get_by_role("heading", name=headline).wait_for()
    window.locator('[id="h-checked"]:focus').wait_for()
    assert "Quillfeather" not in window.content()
    require_accessible(window)


_DROP = """([bytes, name]) => {
  const given = new DataTransfer();
  given.items.add(new File([new Uint8Array(bytes)], name, { type: "application/pdf" }));
  const form = document.querySelector("form[data-drop]");
  const about = { dataTransfer: given, bubbles: true, cancelable: true };
  for (const kind of ["dragover", "drop"]) form.dispatchEvent(new DragEvent(kind, about));
}"""


def test_a_file_can_be_dropped(window: Page, give: Give):
    made = give()
    window.evaluate(_DROP, [list(made.pdf), "a.pdf"])
    window.get_by_role("heading", name="Ours, unchanged and current").wait_for()


def test_voiding_asks_in_front_of_the_page_and_escape_keeps_it(window: Page, desk: Desk, give: Give):
    made = give()
    with desk.open_outbox() as outbox:
        hand_over(outbox, mailing(made), NOW, lambda _: None)
    look_up(window, made)
    opener = window.get_by_role("button", name="Void it …")
    opener.focus()
    window.keyboard.press("Enter")
    question = window.get_by_role("dialog", name=f"Void {format_code(made.code)}?")
    question.wait_for()
    window.locator('[id="why"]:focus').wait_for()
    assert "Message 1 will be cancelled." in question.inner_text()
    require_accessible(window)
    window.keyboard.press("Escape")
    question.wait_for(state="hidden")
    assert "Void it …" in focused(window)
    assert [what for what, _ in events(desk, made.code)] == ["made", "queued"]
    opener.click()
    window.keyboard.press("Enter")  # no reason
    window.get_by_text("The reason takes a line").wait_for()
    assert window.evaluate("document.querySelector('dialog').matches(':modal')")
    window.locator('[id="why"]:focus').wait_for()
    require_accessible(window)
    window.keyboard.type("wrong side")
    window.keyboard.press("Enter")
    window.get_by_role("heading", name=f"{format_code(made.code)} is voided.").wait_for()
    require_accessible(window)
    assert [what for what, _ in events(desk, made.code)] == ["made", "queued", "cancelled", "voided"]


def test_without_javascript_voiding_asks_on_the_page(browser: Browser, open_desk: Running, desk: Desk, give: Give):
    made = give()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(open_desk.invitation())
    page.goto(f"{open_desk.address}/given")
    look_up(page, made)
    page.get_by_role("button", name="Void it …").click()
    page.get_by_role("textbox", name="Reason").fill("wrong side")
    page.get_by_role("button", name="Void it", exact=True).click()
    page.get_by_role("heading", name=f"{format_code(made.code)} is voided.").wait_for()
    context.close()
    assert events(desk, made.code)[-1] == ("voided", None)


def test_a_replacement_begins_with_the_code_and_the_next_patient_without(window: Page, give: Give):
    made = give()
    look_up(window, made)
    window.get_by_role("button", name="Make one that replaces it").click()
    replaces = window.locator("#replaces")
    replaces.wait_for()
    assert replaces.input_value() == format_code(made.code)
    assert "?" not in window.url
    require_accessible(window)
    window.get_by_role("button", name="Next patient").click()
    assert replaces.input_value() == ""
    assert window.get_by_text("This one replaces").count() == 0


def test_a_request_makes_the_same_bytes_which_the_browser_saves(window: Page, desk: Desk, give: Give, tmp_path: Path):
    made = give()
    look_up(window, made)
    choose(window, as_request(note="Ring me"), "r.json", "application/json")
    window.get_by_text("It differs in: note.").wait_for()
    require_accessible(window)
    choose(window, as_request(), "r.json", "application/json")
    window.get_by_text("The same bytes as on").wait_for()
    require_accessible(window)
    with window.expect_download() as started:
        window.get_by_role("button", name="Save the PDF").click()
    started.value.save_as(tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == made.pdf
    assert started.value.suggested_filename == f"{made.code}.pdf"
    assert events(desk, made.code)[-1] == ("reprinted", "browser")


def test_what_is_filled_in_again_is_corrected_at_its_fields_until_it_is_the_same(
    window: Page, desk: Desk, give: Give, tmp_path: Path
):
    made = give(clinic="cohen")
    look_up(window, made)
    window.get_by_role("button", name="Fill in the form again").click()
    compare = window.get_by_role("button", name="Compare with the original")
    compare.wait_for()
    window.locator("#options-botox:checked").wait_for()
    require_accessible(window)
    for name, text in (("Name", MARIA["name"]), ("Date of birth", "April 8, 1961"), ("Record number", "MRN 9917355")):
        window.get_by_role("textbox", name=name).fill(text)
    compare.click()
    window.get_by_text("It was not this then.").wait_for()
    window.locator('[id="patient.birth_date"]:focus').wait_for()
    window.wait_for_timeout(1500)  # previews renew the form's own faults
    window.get_by_text("It was not this then.").wait_for()
    require_accessible(window)
    window.get_by_role("textbox", name="Date of birth").fill("April 9, 1961")
    compare.click()
    window.get_by_text("The same bytes as on").wait_for()
    with window.expect_download() as started:
        window.get_by_role("button", name="Save the PDF").click()
    started.value.save_as(tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == made.pdf
    assert events(desk, made.code)[-1] == ("reprinted", "browser")
