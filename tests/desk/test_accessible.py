"""New handout is for everybody: by keyboard, small, zoomed, in other colours, read out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.desk.accessible import (
    FRONT_DESK,
    NARROW,
    SIZES,
    ZOOMED,
    moves,
    require_accessible,
    require_keyboard,
    scrolls_sideways,
    violations,
)
from tests.desk.browsing import loaded
from tests.desk.screen import Screen
from tests.desk.typing import NAME

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.heavy


@pytest.fixture
def screen(page: Page) -> Screen:
    return Screen(page)


def empty(screen: Screen) -> None:
    screen.field("topic-name").wait_for()


def filled(screen: Screen) -> None:
    screen.choose("botox", "microvascular-decompression", "no-treatment")
    screen.page.locator("#chips button").first.click()
    screen.settled(
        lambda: screen.fill(patient__name="Wolfeschlegelsteinhausenberger-Bergerdorff von und zu Wolkenheim")
    )


def with_faults(screen: Screen) -> None:
    screen.least()
    screen.fill(patient__birth_date="March", note="😀", appointment__day="someday")
    screen.page.get_by_role("button", name="Save PDF").click()
    screen.said("Nothing was made yet")


def with_more(screen: Screen) -> None:
    screen.least()
    screen.page.locator("summary").click()


def with_medicines(screen: Screen) -> None:
    screen.least()

    def type_them() -> None:
        for name in ("baclofen", "zzz"):
            screen.page.get_by_role("button", name="Add a medicine").click()
            screen.page.keyboard.type(name)

    screen.settled(type_them)
    screen.page.locator("#medicines-notices .notice").first.wait_for()


STATES = {one.__name__: one for one in (empty, filled, with_faults, with_more, with_medicines)}


def test_what_is_wrong_with_a_page_is_found(screen: Screen):
    screen.page.evaluate("""() => {
        document.querySelector("main").insertAdjacentHTML("beforeend",
            "<input id=bare><p id=faint>faint</p><button id=small></button><div id=wide>wide</div>");
        document.getElementById("faint").style.color = "#ccc";
        document.getElementById("small").style.cssText = "outline: none; width: 9px; height: 9px; padding: 0";
        document.getElementById("wide").style.width = "3000px";
    }""")
    found = violations(screen.page)
    for rule in ("label", "color-contrast", "button-name"):
        assert rule in found
    assert any("wide" in part for part in scrolls_sideways(screen.page))


@pytest.mark.parametrize("state", STATES)
def test_axe_has_nothing_against_it_and_it_does_not_scroll_sideways(screen: Screen, state: str):
    STATES[state](screen)
    require_accessible(screen.page)
    screen.page.emulate_media(forced_colors="active")
    require_accessible(screen.page, FRONT_DESK)
    screen.page.emulate_media(forced_colors="none", color_scheme="dark")
    require_accessible(screen.page, FRONT_DESK)


def test_the_page_that_lets_nobody_in_is_accessible(screen: Screen):
    page = screen.page.context.new_page()
    screen.page.context.clear_cookies()
    page.goto(screen.page.url)
    loaded(page, page.get_by_text("locked").first)
    require_accessible(page)


@pytest.mark.parametrize("size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES])
def test_everything_is_reached_with_tab_in_the_order_of_the_page_and_seen_there(screen: Screen, size: tuple[int, int]):
    with_medicines(screen)
    screen.page.locator("summary").click()
    screen.page.set_viewport_size({"width": size[0], "height": size[1]})
    names = require_keyboard(screen.page)
    fields = ["topic-name", "preset", "options-botox", "patient.name", "appointment.day", "medicines.1.name",
              "replaces", "page", "print", "save"]  # fmt: skip
    assert [name for name in names if name in fields] == fields


def test_form_and_page_1_stand_side_by_side_at_the_front_desk(screen: Screen):
    screen.least()
    for selector in ("#form", "#picture", "#print"):
        box = screen.page.locator(selector).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1366
    picture = screen.page.locator("#picture").bounding_box()
    assert picture
    assert picture["y"] + picture["height"] <= 768
    assert picture["height"] > 450
    assert scrolls_sideways(screen.page) == []


def test_text_of_twice_the_size_fits(screen: Screen):
    """WCAG 1.4.4: also where only the text is larger, as in a browser's settings."""
    with_medicines(screen)
    screen.page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    for width, height in (FRONT_DESK, (683, 384)):
        screen.page.set_viewport_size({"width": width, "height": height})
        assert scrolls_sideways(screen.page) == []


@pytest.mark.parametrize("size", [NARROW, ZOOMED], ids=["narrow", "zoomed"])
def test_a_handout_can_be_made_on_a_narrow_screen(screen: Screen, size: tuple[int, int]):
    screen.page.set_viewport_size({"width": size[0], "height": size[1]})
    screen.least()
    expect(screen.page.locator("#picture")).to_be_visible()
    assert screen.save().startswith(b"%PDF")


def test_nothing_moves_for_who_asked_for_less_motion(screen: Screen):
    screen.least()
    assert moves(screen.page) == []


def test_what_happens_is_read_out(screen: Screen):
    """Parts that change by themselves are live regions, there before anything is said in them."""
    page = screen.page
    for part in ("#said", "#last", "#where"):
        expect(page.locator(part)).to_have_attribute("role", "status")
    screen.least()
    expect(page.locator("#page")).to_have_attribute("aria-label", re.compile("^Page 1 of"))
    assert NAME not in page.title()


def test_after_a_refusal_the_focus_is_where_it_was(screen: Screen, monkeypatch: pytest.MonkeyPatch):
    """A button that is disabled while it works must not lose a keyboard user's place."""
    screen.least()
    screen.page.locator("summary").click()
    screen.fill(replaces="FHK8-Z5DW-14K")
    monkeypatch.setattr("handouts.desk.making.save", _refuse)
    screen.page.locator("#save").focus()
    screen.page.keyboard.press("Enter")
    screen.said("disk is full")
    expect(screen.field("save")).to_be_focused()


def _refuse(*_: object) -> None:
    from handouts.errors import OutputFault

    raise OutputFault("The disk is full.")
