"""The library in a real browser: seen, reached by keyboard, approved; no violation of WCAG in any state.

The gates on pages are the real ones here.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from handouts.check import Finding
from handouts.desk.measuring import Measured
from handouts.desk.server import Running
from handouts.desk.state import Desk
from handouts.load.library import load_library
from handouts.merge.approval import approval_state
from handouts.typeset.cache import SheetCache
from tests.authoring.test_approvals import fill_in
from tests.conftest import KEY, PATIENCE, ROOT, TODAY
from tests.desk import conftest
from tests.desk.browsing import enter, loaded, new_page, run_axe
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.heavy

TOPIC = "going-home-after-brain-surgery"
"""It has three sheets: all of its pages are measured in seconds."""
QUESTION = "Does Dr. A approve exactly"


@pytest.fixture
def settings_of(settings_of: conftest.SettingsOf, content: Path) -> conftest.SettingsOf:
    """Settings of a desk with content to change; the topic's safety fields are filled in."""
    fill_in(content, TOPIC)
    return lambda **over: settings_of(**({"content": content} | over))


@pytest.fixture
def go(page: Page, open_desk: Running) -> Callable[[str], Page]:
    """Opens a page of the library."""

    def to(path: str) -> Page:
        page.goto(f"{open_desk.address}/library{path}")
        return page

    return to


Go = Callable[[str], "Page"]


def is_well(page: Page) -> None:
    """No violation in axe, at the front desk's screen, at 320 px and in forced colours; nothing to scroll sideways."""
    for width in (1366, 320):
        page.set_viewport_size({"width": width, "height": 768})
        found = run_axe(page).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    assert run_axe(page).response["violations"] == []
    page.emulate_media(forced_colors="none", reduced_motion="no-preference")
    page.set_viewport_size({"width": 1366, "height": 768})


def edit(content: Path, old: str, new: str, name: str = "en/takeaways.md") -> None:
    path = content / "topics" / TOPIC / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def has_the_focus(page: Page, said: str) -> None:
    """That what has the focus begins with these words, once scripts have run."""
    expect(page.locator(":focus")).to_have_text(re.compile(rf"^\s*{re.escape(said)}"))


def pictures_are_there(page: Page) -> None:
    for picture in page.locator("img").all():
        picture.scroll_into_view_if_needed()  # else it is not loaded
        expect(picture).not_to_have_js_property("naturalWidth", 0)


# what can be seen


def test_the_table_and_a_topic_can_be_used_by_everybody(go: Go):
    page = go("")
    is_well(page)
    page.get_by_role("link", name="Going home after brain surgery").click()
    expect(page).to_have_title("Going home after brain surgery – Desk")
    page.wait_for_load_state()
    pictures_are_there(page)
    is_well(page)


def test_an_empty_library_and_a_topic_with_faults_can_be_used_by_everybody(go: Go, content: Path):
    edit(content, "name: Key points", "nam: Key points")
    page = go("")
    page.get_by_text("Can’t be read").click()
    expect(page.get_by_text(re.compile(rf"topics/{TOPIC}/en/takeaways\.md:\d+"))).to_have_count(1)
    is_well(page)
    for path in (content / "topics").glob("*/topic.yaml"):
        path.unlink()
    is_well(go(""))


def test_a_sheets_pages_are_large_and_beside_what_is_said_of_it(go: Go):
    page = go(f"/{TOPIC}/instructions")
    pictures_are_there(page)
    pages = page.get_by_role("img").all()
    assert len(pages) >= 2
    box, form = pages[0].bounding_box(), page.locator("#by").bounding_box()
    assert box
    assert form
    assert box["width"] > 700
    assert form["x"] + form["width"] < box["x"]
    page.get_by_text("Page 1 of").first.click()
    expect(page.get_by_text("What to do at home").first).to_be_visible()
    is_well(page)


def test_the_sheets_of_a_topic_can_be_paged_through_by_keyboard(go: Go):
    page = go(f"/{TOPIC}/front")
    for title in ("Instructions", "Questions and sources"):
        page.get_by_role("link", name=re.compile(f"Next.*{title}")).press("Enter")
        loaded(page, page.get_by_role("heading", name=title, level=1))
    expect(page.get_by_text("3 of 3")).to_be_visible()


# approving


def test_a_topic_is_approved_on_the_screen_and_its_handouts_lose_their_notice(
    go: Go, content: Path, tmp_path: Path, data: Path, sheets: SheetCache
):
    assert "Not yet approved" in made(content, tmp_path, data, sheets)
    for name in ("front", "instructions", "questions"):
        page = go(f"/{TOPIC}/{name}")
        page.get_by_label("Clinician who approves").fill("Dr. A")
        page.keyboard.press("Enter")
        loaded(page, page.get_by_role("heading", name=QUESTION))
        page.get_by_role("button", name="Yes, approve").press("Enter")
        page.get_by_text("Recorded: ").wait_for()
        approved = page.get_by_text("This sheet is ✓approved").or_(page.get_by_text("This sheet is approved"))
        expect(approved).to_have_count(1)
    topic = load_library(content, TOPIC).topic
    assert approval_state(topic, TODAY) == "approved"
    assert {given.by for given in topic.approvals.values()} == {"Dr. A"}
    assert "Not yet approved" not in made(content, tmp_path, data, sheets)


def made(content: Path, folder: Path, data: Path, sheets: SheetCache) -> str:
    """What `make` prints and says for that topic."""
    from tests.reading_pdf import page_texts

    (folder / "request.yaml").write_text(f"topic: {TOPIC}\npatient: {{name: Maria Gonzalez}}\n")
    (folder / "key").write_bytes(KEY)
    kept = ["--key-file", str(folder / "key"), "--cache", str(sheets.folder), "--data", str(data)]
    command = [sys.executable, "generate.py", "--content", str(content), "--today", str(TODAY), "make"]
    run = [*command, str(folder / "request.yaml"), *kept, "-o", str(folder / "out.pdf"), "--force"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return "\n".join([done.stdout, done.stderr, *page_texts((folder / "out.pdf").read_bytes())])


def test_each_state_on_the_way_can_be_used_by_everybody_and_the_focus_is_on_it(go: Go, open_desk: Running):
    gates = open_desk.desk.measuring
    page = go(f"/{TOPIC}/questions")
    page.get_by_label("Until").fill("soon")
    page.get_by_label("Clinician who approves").fill("Dr. A")
    page.keyboard.press("Enter")
    loaded(page, page.get_by_text("can’t be read as a date").first)
    has_the_focus(page, "Nothing was recorded")
    expect(page.get_by_label("Until")).to_have_attribute("aria-invalid", "true")
    is_well(page)
    page.get_by_role("link", name="Go there").press("Enter")
    expect(page.locator("#until")).to_be_focused()

    gates._one_at_a_time.acquire()  # so that it goes on until it was looked at
    page.get_by_label("Until").fill("June 1, 2027")
    page.get_by_role("button", name="Check, then confirm").click()
    loaded(page, page.get_by_text("The pages are being measured").first)
    has_the_focus(page, "Checking first")
    is_well(page)
    gates._one_at_a_time.release()

    loaded(page, page.get_by_role("heading", name=f"{QUESTION} these 5 files until June 1, 2027?"))
    has_the_focus(page, QUESTION)
    pictures_are_there(page)
    is_well(page)
    page.get_by_role("button", name="Yes, approve").click()
    loaded(page, page.get_by_text("Recorded: 5 files approved."))
    has_the_focus(page, "Recorded: 5 files approved.")
    is_well(page)
    page.get_by_text("Going home after brain surgery").first.click()
    expect(page).to_have_title("Going home after brain surgery – Desk")
    is_well(page)


def test_what_fails_and_what_changed_can_be_used_by_everybody(go: Go, content: Path):
    page = go(f"/{TOPIC}/questions")
    edit(content, "Know the signs", "Know all signs")
    page.get_by_label("Clinician who approves").fill("Dr. A")
    page.get_by_role("button", name="Check, then confirm").click()
    loaded(page, page.get_by_text("en/takeaways.md changed since you looked at it"))
    expect(page.get_by_label("Clinician who approves")).to_have_value("Dr. A")
    is_well(page)
    edit(content, "Know all signs", "This is the best treatment that there is. Know all signs")
    page = go(f"/{TOPIC}/questions")
    page.get_by_label("Clinician who approves").fill("Dr. A")
    page.get_by_role("button", name="Check, then confirm").click()
    loaded(page, page.get_by_text("The text fails these gates"))
    expect(page.get_by_text(re.compile(rf"topics/{TOPIC}/en/takeaways\.md:\d+.*best treatment"))).not_to_have_count(0)
    is_well(page)
    is_well(go(f"/{TOPIC}"))


def test_pages_that_fail_are_told_beside_them(go: Go, open_desk: Running, monkeypatch: pytest.MonkeyPatch):
    failing = Finding("failure", "sheets", "empty, %", 55, "40 at most", way_out="shorten en/takeaways.md")
    monkeypatch.setattr(Measured, "findings", lambda *_: [failing])
    open_desk.desk.measuring.begin(TOPIC, TODAY)
    page = go(f"/{TOPIC}/questions")
    expect(page.get_by_text("shorten en/takeaways.md")).to_be_visible()
    is_well(page)


def test_without_scripts_it_can_be_approved_all_the_same(browser: Browser, open_desk: Running, content: Path):
    page = enter(new_page(browser, java_script_enabled=False), open_desk)
    page.goto(f"{open_desk.address}/library/{TOPIC}/questions")
    page.get_by_label("Clinician who approves").fill("Dr. A")
    page.get_by_role("button", name="Check, then confirm").click()
    again, measuring = page.get_by_role("button", name="Look again"), open_desk.desk.measuring
    again.wait_for()
    until(lambda: (found := measuring.found(TOPIC)) and not found.runs)
    again.click()
    page.get_by_role("button", name="Yes, approve").click()
    page.get_by_text("Recorded: 5 files approved.").wait_for()
    assert len(load_library(content, TOPIC).topic.approvals) == 5
    page.context.close()


def test_the_pages_of_a_topic_are_measured_where_they_are_asked_for(go: Go):
    page = go(f"/{TOPIC}")
    page.get_by_role("button", name="Measure the pages").click()
    loaded(page, page.get_by_text(re.compile(r"limits(; nothing else was found)?\.\s*$")))
    expect(page.get_by_role("button", name="Measure the pages")).to_have_count(0)
    is_well(page)


def test_what_can_not_be_written_can_be_read_by_everybody(go: Go, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("handouts.authoring.approvals.os.access", lambda *_: False)
    page = go(f"/{TOPIC}/questions")
    expect(page.get_by_text("Ask whoever looks after the content folder")).to_be_visible()
    is_well(page)


# nobody waits


def test_a_desk_that_closes_does_not_wait_for_what_it_measures(settings_of: conftest.SettingsOf):

    desk = Desk(settings_of())
    desk.measuring.begin(TOPIC, TODAY)
    desk.close()
    for thread in [one for one in threading.enumerate() if one.name == "measuring"]:
        thread.join(PATIENCE)
        assert not thread.is_alive()
