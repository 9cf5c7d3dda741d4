"""Given in a browser: keyboard, dropped files, the question before voiding; axe on each state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from handouts.codes import format_code
from handouts.deliver.mail.handover import hand_over
from handouts.desk.server import Running
from handouts.desk.state import Desk
from handouts.pipeline import Made
from tests.desk.browsing import enter, loaded, new_page, run_axe
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
    page = new_page(browser)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    enter(page, open_desk)
    page.goto(f"{open_desk.address}/given")
    yield page
    page.context.close()
    assert [text for text in told if "status of 4" not in text] == []


def require_accessible(page: Page) -> None:
    """No finding of axe, and nothing to scroll sideways for at 320 px, which is 400 % of 1280."""
    found = run_axe(page)
    assert found.violations_count == 0, found.generate_report()
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    found = run_axe(page)
    assert found.violations_count == 0, found.generate_report()
    if size:
        page.set_viewport_size(size)


def look_up(page: Page, made: Made) -> None:
    page.get_by_role("textbox", name="Code").fill(made.code)
    page.keyboard.press("Enter")
    loaded(page, page.get_by_role("heading", level=1, name=format_code(made.code)))


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
    loaded(window, window.get_by_role("heading", name="1 document found"))
    expect(window.locator("#h-found")).to_be_focused()
    assert window.url.endswith("/given/find")
    assert window.title() == "Given – Desk"
    require_accessible(window)
    window.keyboard.press("Tab")  # the table, which can be scrolled
    window.keyboard.press("Tab")
    window.keyboard.press("Enter")
    loaded(window, window.get_by_role("heading", level=1, name=format_code(made.code)))
    require_accessible(window)
    stored = window.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert stored == '[{},{},""]'


def test_a_fault_is_at_its_field_which_has_the_focus(window: Page):
    window.get_by_role("textbox", name="Name").fill("Xanthippe")
    window.get_by_role("textbox", name="Date of birth").fill("3/4/1961")
    window.get_by_role("button", name="Find").click()
    field = window.get_by_role("textbox", name="Date of birth")
    window.get_by_text("write the month as a word").wait_for()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(window.locator("#birth_date")).to_be_focused()
    expect(field).to_have_attribute("aria-describedby", "birth_date-hint birth_date-fault")
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
    loaded(window, window.get_by_role("heading", name=headline))
    expect(window.locator("#h-checked")).to_be_focused()
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
    question, why = window.get_by_role("dialog", name=f"Void {format_code(made.code)}?"), window.locator("#why")
    question.wait_for()
    expect(why).to_be_focused()
    expect(question).to_contain_text("Message 1 will be cancelled.")
    require_accessible(window)
    window.keyboard.press("Escape")
    question.wait_for(state="hidden")
    expect(opener).to_be_focused()
    assert [what for what, _ in events(desk, made.code)] == ["made", "queued"]
    opener.click()
    window.keyboard.press("Enter")  # no reason
    loaded(window, window.get_by_text("The reason takes a line"))
    expect(window.locator("dialog:modal")).to_have_count(1)
    expect(why).to_be_focused()
    require_accessible(window)
    window.keyboard.type("wrong side")
    window.keyboard.press("Enter")
    loaded(window, window.get_by_role("heading", name=f"{format_code(made.code)} is voided."))
    require_accessible(window)
    assert [what for what, _ in events(desk, made.code)] == ["made", "queued", "cancelled", "voided"]


def test_without_javascript_voiding_asks_on_the_page(browser: Browser, open_desk: Running, desk: Desk, give: Give):
    made = give()
    page = enter(new_page(browser, java_script_enabled=False), open_desk)
    page.goto(f"{open_desk.address}/given")
    look_up(page, made)
    page.get_by_role("button", name="Void it …").click()
    page.get_by_role("textbox", name="Reason").fill("wrong side")
    page.get_by_role("button", name="Void it", exact=True).click()
    page.get_by_role("heading", name=f"{format_code(made.code)} is voided.").wait_for()
    page.context.close()
    assert events(desk, made.code)[-1] == ("voided", None)


def test_a_replacement_begins_with_the_code_and_the_next_patient_without(window: Page, give: Give):
    made = give()
    look_up(window, made)
    window.get_by_role("button", name="Make one that replaces it").click()
    replaces = window.locator("#replaces")
    expect(replaces).to_have_value(format_code(made.code))
    require_accessible(window)
    assert "?" not in window.url
    window.get_by_role("button", name="Next patient").click()
    expect(replaces).to_have_value("")
    expect(window.get_by_text("This one replaces")).to_have_count(0)


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
    expect(window.locator("#options-botox")).to_be_checked()
    require_accessible(window)
    for name, text in (("Name", MARIA["name"]), ("Date of birth", "April 8, 1961"), ("Record number", "MRN 9917355")):
        window.get_by_role("textbox", name=name).fill(text)
    compare.click()
    window.get_by_text("It was not this then.").wait_for()
    expect(window.locator('[id="patient.birth_date"]')).to_be_focused()
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
