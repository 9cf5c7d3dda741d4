"""New handout in a real browser: from nothing to a PDF, what the pages show meanwhile, and paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from handouts.desk.server import Running
from tests.conftest import PATIENCE
from tests.cups import Cups, missing
from tests.desk.screen import Screen, shown_text
from tests.desk.test_handout import events
from tests.desk.typing import NAME
from tests.reading_pdf import page_texts, text_of
from tests.recording import faults
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.heavy
DETAILS = {
    "patient__birth_date": "September 3, 1958", "patient__identifier": "MRN 4711", "note": "Bring your glasses.",
    "appointment__day": "December 4, 2026", "appointment__time": "10:30", "appointment__where": "Zimmer 9",
}  # fmt: skip
SECRETS = (NAME, "1958", "4711", "glasses", "December 4", "Zimmer", "Ring us")


@pytest.fixture
def screen(page: Page) -> Screen:
    return Screen(page)


def reach(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(120):
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def test_a_handout_is_made_from_nothing_by_keyboard_alone(screen: Screen, data: Path):
    page = screen.page
    keys = page.keyboard
    expect(screen.field("topic-name")).to_be_focused()
    keys.type("Hemifacial spasm")
    page.locator("#options-botox").wait_for()
    for option in ("#options-botox", "#options-no-treatment"):
        reach(page, option)
        keys.press("Space")
    reach(page, "[name=side]:checked")
    keys.press("ArrowRight")
    for name, text in {"patient.name": NAME, "patient.birth_date": "9 Apr 1961", "clinician": "Dr. Wye"}.items():
        reach(page, f'[id="{name}"]')
        keys.press("Control+A")
        keys.type(text)
    reach(page, "#chips button:last-child")
    keys.press("Enter")
    keys.type("Ring us on Monday")
    reach(page, "#appointment\\.day")
    keys.type("Dec 4 2026")
    keys.press("Tab")
    keys.type("2 pm")
    reach(page, "#medicines + button")
    keys.press("Enter")
    keys.type("baclofen")
    keys.press("Tab")
    keys.type("5 mg")
    keys.press("Tab")
    keys.press("Space")
    reach(page, "#save")
    with page.expect_download() as found:
        keys.press("Enter")
    pages = page_texts(found.value.path().read_bytes())
    text = " ".join(" ".join(pages).split())
    for said in (NAME, "April 9, 1961", "Dr. Wye", "Ring us on Monday", "Friday, December 4, 2026", "2:00 pm", "5 mg"):
        assert said in text, said
    assert found.value.suggested_filename == f"{events(data)[0].code}.pdf"
    assert [(event.what, event.channel) for event in events(data)] == [("made", "browser")]
    assert "On your left side" in text or "left" in text.casefold()


def test_a_keystroke_shows_on_the_page(screen: Screen, open_desk: Running):
    screen.least()
    picture = screen.page.locator("#page")
    before = picture.screenshot()
    screen.settled(lambda: screen.page.keyboard.type("Z"))
    assert picture.screenshot() != before
    assert f"{NAME}Z" in shown_text(open_desk)


def test_of_changes_that_follow_each_other_quickly_the_last_wins(screen: Screen, open_desk: Running):
    screen.least()
    boxes = [
        screen.page.locator(f"#options-{name}") for name in ("no-treatment", "botox", "microvascular-decompression")
    ]

    def change() -> None:
        boxes[0].check()
        boxes[2].check()
        boxes[1].uncheck()
        boxes[2].uncheck()
        screen.fill(patient__name="Ypsilon Fjord")

    screen.settled(change)
    screen.page.wait_for_timeout(1500)  # what was asked for before comes late, if it comes
    names = screen.page.locator("#sheets button").evaluate_all("all => all.map(one => one.dataset.name)")
    assert "no-treatment" in names
    assert not {"botox", "microvascular-decompression", "comparison"} & set(names)
    text = shown_text(open_desk)
    assert "Ypsilon Fjord" in text
    assert NAME not in text


def test_any_page_can_be_looked_at_and_a_sheet_left_out(screen: Screen):
    screen.least()
    page = screen.page
    pages = int(page.locator("#where").inner_text().split()[-1])
    page.locator("#page").focus()
    for number in range(2, pages + 1):
        page.keyboard.press("PageDown")
        page.locator("#where").filter(has_text=f"Page {number} of").wait_for()
    expect(page.locator("#on")).to_be_disabled()
    page.locator("#sheets button").first.click()
    page.locator("#where").filter(has_text="Page 1 of").wait_for()
    last = page.locator("#sheets .sheet").last
    screen.settled(lambda: last.locator("input").uncheck())
    page.locator("#where").filter(has_text=f"Page 1 of {pages - 1}").wait_for()
    expect(last).to_contain_text("left out")
    assert len(page_texts(screen.save())) == pages - 1


def test_an_option_that_was_left_out_and_then_not_chosen_leaves_the_other_pages(screen: Screen):
    screen.choose("botox", "no-treatment")
    screen.settled(lambda: screen.fill(patient__name=NAME))
    screen.settled(lambda: screen.page.locator("#sheet-no-treatment").uncheck())
    screen.settled(lambda: screen.page.locator("#options-no-treatment").uncheck())
    expect(screen.page.locator("#picture")).to_be_visible()
    expect(screen.page.locator("#sheets .sheet.out")).to_have_count(0)


def test_what_is_wrong_is_told_at_its_field_and_the_focus_goes_there(screen: Screen, data: Path):
    screen.least()
    screen.fill(patient__birth_date="March", note="Bring your glasses.")
    screen.page.get_by_role("button", name="Save PDF").click()
    screen.said("Nothing was made yet")
    field = screen.field("patient.birth_date")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(screen.field("patient.birth_date-fault")).to_contain_text("Date of birth")
    expect(field).to_have_attribute("aria-describedby", re.compile(r"(^| )patient\.birth_date-fault$"))
    expect(field).to_be_focused()
    expect(screen.field("note")).to_have_value("Bring your glasses.")
    assert not [event for event in events(data) if event.what == "made"]
    screen.fill(patient__birth_date="March 3, 1961")
    assert NAME in text_of(screen.save())


def test_a_preset_fills_in_what_was_empty(screen: Screen):
    screen.settled(lambda: screen.page.locator("#preset").select_option("seaview-example/botox-first"))
    expect(screen.page.locator("#options-no-treatment")).to_be_checked()
    expect(screen.field("next_steps.1")).to_have_value("Keep the diary for four weeks")


def test_after_saving_nothing_of_the_patient_is_left_in_the_page(screen: Screen, open_desk: Running):
    screen.least()
    screen.settled(lambda: screen.fill(**DETAILS))
    assert NAME in text_of(screen.save())
    assert "saved in Downloads" in screen.done()
    assert_ready(screen, open_desk)


def test_a_form_that_was_emptied_can_be_brought_back(screen: Screen):
    screen.least()
    screen.settled(lambda: screen.fill(**DETAILS))
    next_patient(screen)
    screen.settled(lambda: screen.page.get_by_role("button", name="Bring that form back").click())
    expect(screen.page.locator("#options-botox")).to_be_checked()
    for name, text in DETAILS.items():
        expect(screen.field(name.replace("__", "."))).to_have_value(text)


def test_large_print_is_one_patients_and_not_the_next_ones(screen: Screen):
    screen.least()
    screen.settled(lambda: screen.page.locator('label:has-text("large")').click())
    next_patient(screen)
    expect(screen.page.locator('input[name="format"][value="standard"]')).to_be_checked()


def next_patient(screen: Screen) -> None:
    screen.page.get_by_role("button", name="Next patient").click()
    expect(screen.field("patient.name")).to_be_focused()
    expect(screen.page.locator("#options-botox")).not_to_be_checked()


def assert_ready(screen: Screen, open_desk: Running) -> None:
    """Ready for the next patient, with nothing of the last: on the page, in the browser, in the desk."""
    expect(screen.field("patient.name")).to_be_focused()
    everything = screen.whole_page()
    for secret in SECRETS:
        assert secret not in everything, secret
    expect(screen.page.locator("#picture")).to_be_hidden()
    windows = open_desk.server.wsgi_app.extensions["desk-windows"]._windows
    until(lambda: not [window for window in list(windows.values()) if window.pdfs])


# ---- paper


@pytest.fixture(scope="module")
def shared() -> Iterator[Cups]:
    if missing():
        pytest.skip(missing())
    with Cups() as cups:
        yield cups


@pytest.fixture
def cups(shared: Cups, monkeypatch: pytest.MonkeyPatch) -> Cups:
    """The scheduler that the desk finds."""
    monkeypatch.setattr("handouts.deliver.printing.scheduler._REPLY", PATIENCE)
    monkeypatch.setenv("CUPS_SERVER", shared.socket)
    monkeypatch.setenv("HOME", str(shared.home))
    for name in ("PRINTER", "LPDEST"):
        monkeypatch.delenv(name, raising=False)
    return shared


@pytest.fixture
def printing(cups: Cups, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A usual printer of the behaviour that the test names."""
    behaviour = request.param
    name = cups.add(f"desk-{behaviour}", behaviour)
    monkeypatch.setenv("LPDEST", name)
    return name


def newest_job(cups: Cups, printer: str) -> str:
    """The last job that came to its end there."""
    ended = cups.tell("lpstat", "-W", "completed", "-o", printer).stdout.splitlines()
    return max((line.split()[0] for line in ended), key=lambda job: int(job.rpartition("-")[2]))


@pytest.mark.parametrize("printing", ["prints"], indirect=True)
def test_a_handout_is_printed_and_the_form_is_ready_for_the_next(
    cups: Cups, printing: str, screen: Screen, open_desk: Running, data: Path
):
    screen.least()
    screen.settled(lambda: screen.fill(**DETAILS))
    screen.page.keyboard.press("Control+Enter")
    said = screen.done()
    assert_ready(screen, open_desk)
    assert "rinted" in said
    assert NAME not in said
    assert [(event.what, event.channel) for event in events(data)] == [("queued", "printer"), ("printed", "printer")]
    number = newest_job(cups, printing)
    assert NAME in text_of(cups.pdf(number))
    assert NAME not in str(cups.given(number))
    assert faults(data) == ()


@pytest.mark.parametrize("printing", ["cancels"], indirect=True)
def test_what_was_not_printed_can_be_printed_again_without_typing_it_again(
    cups: Cups, printing: str, screen: Screen, data: Path
):
    screen.least()
    screen.print()
    assert NAME not in screen.said("cancel|fail|not")
    cups.add(printing, "prints")  # somebody edits it
    screen.page.get_by_role("button", name="Print it again").click()
    assert "rinted" in screen.done()
    assert NAME in text_of(cups.pdf(newest_job(cups, printing)))
    assert events(data)[-1].what == "printed"


@pytest.mark.parametrize("printing", ["stops"], indirect=True)
def test_what_waits_in_a_printer_that_stopped_is_not_offered_again(
    cups: Cups, printing: str, screen: Screen, data: Path
):
    screen.least()
    screen.print()
    ended = screen.page.locator("#last.failed")
    expect(ended).to_contain_text("the printer stopped")
    expect(ended).to_contain_text("paper jam")
    expect(screen.page.get_by_role("button", name="Print it again")).to_have_count(0)
    assert [event.what for event in events(data)] == ["queued", "unknown"]
    cups.tell("cancel", "-a", printing)


@pytest.mark.parametrize("printing", ["prints"], indirect=True)
def test_a_printer_that_is_stopped_is_told_and_the_form_is_kept(cups: Cups, printing: str, screen: Screen, data: Path):
    cups.tell("cupsreject", printing)
    screen.least()
    screen.fill(**DETAILS)
    before = screen.values()
    screen.print()
    assert "accepts no jobs" in screen.said(printing)
    assert screen.values() == before
    assert not data.joinpath("record.sqlite3").exists() or events(data) == []
    cups.tell("cupsaccept", printing)
    screen.print()
    assert "rinted" in screen.done()


def test_without_a_printer_the_form_is_kept(screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "nobody"))
    screen.least()
    before = screen.values()
    screen.print()
    said = screen.said(r"\.$")
    assert re.search(r"CUPS|printer", said)
    assert screen.values() == before
    assert NAME in text_of(screen.save())


def test_in_another_language_the_steps_change_what_was_ticked_stays_and_an_english_copy_is_offered(
    screen: Screen, open_desk: Running
):
    page = screen.page
    screen.least()
    expect(screen.field("with-english")).to_be_hidden()
    steps = page.locator("#chips button:not(:last-child)")
    english = steps.all_inner_texts()
    screen.settled(lambda: screen.field("language").select_option("es"))
    expect(steps).not_to_have_text(english)
    expect(screen.field("options-botox")).to_be_checked()
    assert "Espasmo hemifacial" in shown_text(open_desk)
    screen.settled(lambda: screen.field("with_english").check())
    assert "Hemifacial spasm" in shown_text(open_desk)
    screen.settled(lambda: screen.field("language").select_option("en"))
    expect(screen.field("with_english")).not_to_be_checked()
    assert "Espasmo" not in shown_text(open_desk)
