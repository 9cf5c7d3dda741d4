"""What every screen and state of the desk has to hold: axe finds nothing (WCAG 2.2 AA), and what axe can't see.

Sizes: the front desk's screen; 320 px (WCAG 1.4.10); 1366 px at a zoom of 400 % is 342 px wide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.desk.browsing import FRONT_DESK, run_axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

NARROW = (320, 568)
ZOOMED = (342, 192)
SIZES = (FRONT_DESK, NARROW, ZOOMED)
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


def violations(page: Page) -> str:
    """What axe has against the page as it is now; empty when nothing."""
    found = run_axe(page, _RULES)
    return found.generate_report() if found.violations_count else ""


def scrolls_sideways(page: Page) -> list[str]:
    """What is wider than the window, if that makes the page scroll sideways."""
    script = """() => {
        const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return [];
        return [...document.body.querySelectorAll("*")].filter(one => one.getBoundingClientRect().right > wide + 1)
            .map(one => one.outerHTML.slice(0, 120));
    }"""
    found: list[str] = page.evaluate(script)
    return found


def require_accessible(page: Page, *sizes: tuple[int, int]) -> None:
    """AssertionError that says what is wrong, at each of ``sizes`` (all, unless some are named)."""
    before = page.viewport_size
    for width, height in sizes or SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert violations(page) == "", f"{width} x {height}"
        assert scrolls_sideways(page) == [], f"{width} x {height}"
    if before:
        page.set_viewport_size(before)


_STOP = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const label = one.nextElementSibling?.matches?.("label") ? one.nextElementSibling : null;
    const drawn = [one, ...(label ? [label] : [])];
    const ring = drawn.some(part => {
        const style = getComputedStyle(part);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
    });
    const box = drawn.map(part => part.getBoundingClientRect()).find(part => part.width > 2 && part.height > 2);
    let seen = false;
    if (box) {
        const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
        const y = Math.min(Math.max(box.top + Math.min(box.height, innerHeight) / 2, 0), innerHeight - 1);
        const there = document.elementFromPoint(x, y);
        seen = Boolean(there) && drawn.some(part => part.contains(there) || there.contains(part));
    }
    const name = one.id || one.name || one.className || one.textContent.trim() || one.tagName;
    const at = [...document.querySelectorAll("*")].indexOf(one);
    return { name, ring, seen, at };
}"""
_STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter(one => !one.disabled && one.type !== "hidden" && one.checkVisibility({ visibilityProperty: true })
        && !(one.type === "radio" && !one.checked && [...one.form.elements[one.name]].some(other => other.checked)))
    .map(one => [...document.querySelectorAll("*")].indexOf(one))"""


def tab_stops(page: Page) -> list[dict[str, Any]]:
    """Where Tab leads, from the top of the page to its end."""
    page.keyboard.press("Tab")  # from here on the keyboard is used: rings are drawn
    page.evaluate("() => { scrollTo(0, 0); document.querySelector('.skip').focus(); }")
    found: list[dict[str, Any]] = []
    while (stop := page.evaluate(_STOP)) and (not found or stop["at"] != found[0]["at"]):
        found.append(stop)
        assert len(found) < 300, "Tab goes on and on"
        page.keyboard.press("Tab")
    return found


def require_keyboard(page: Page) -> list[str]:
    """AssertionError unless Tab reaches everything that can be used, in the order of the page, and is seen doing it;
    the names of its stops.
    """
    stops = tab_stops(page)
    order = [stop["at"] for stop in stops]
    assert order == sorted(order), [stop["name"] for stop in stops]
    missed = set(page.evaluate(_STOPS)) - set(order)
    script = "numbers => numbers.map(n => document.querySelectorAll('*')[n].outerHTML.slice(0, 120))"
    assert not missed, page.evaluate(script, list(missed))
    assert [stop["name"] for stop in stops if not stop["ring"]] == [], "no ring around the focus"
    assert [stop["name"] for stop in stops if not stop["seen"]] == [], "the focus is hidden by something"
    return [stop["name"] for stop in stops]


def moves(page: Page) -> list[str]:
    """What would move although the user asked for less motion (prefers-reduced-motion)."""
    page.emulate_media(reduced_motion="reduce")
    script = """() => [...document.querySelectorAll("*")].filter(one => {
        const style = getComputedStyle(one);
        return style.transitionDuration.split(",").some(time => parseFloat(time) > 0) || style.animationName !== "none"
            || style.scrollBehavior === "smooth";
    }).map(one => one.outerHTML.slice(0, 120))"""
    found: list[str] = page.evaluate(script)
    return found
