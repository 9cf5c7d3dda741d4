"""A window of a browser at a desk: opened, and asked only once its page is all there.

What follows an action is waited for with Playwright's own assertions (`expect`), which look again and again: a page
that is being replaced has none of its elements for a moment, and its scripts have yet to run when the first are there.
"""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from handouts.desk.server import Running
from tests.conftest import PATIENCE

LIMIT = PATIENCE * 1000
"""Milliseconds in which something has to happen, however slow the machine is."""
FRONT_DESK = (1366, 768)
expect.set_options(timeout=LIMIT)


def new_page(browser: Browser, size: tuple[int, int] = FRONT_DESK, **options: Any) -> Page:
    """A window with nothing in common with others; closing its context closes it."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(LIMIT)
    return context.new_page()


def enter(page: Page, desk: Running) -> Page:
    """The window, let into a desk and at its first page."""
    page.goto(desk.invitation())
    page.wait_for_url(f"{desk.address}/")
    return page


def loaded(page: Page, what: Locator) -> None:
    """Wait until an action has led to the page that has ``what``, and that page's scripts have run."""
    expect(what).to_be_visible()
    page.wait_for_load_state()


def run_axe(page: Page, options: dict[str, Any] | None = None) -> Any:
    """What axe finds on a page once it has loaded and nothing on it fades any more."""
    page.wait_for_load_state()
    page.wait_for_function("() => document.getAnimations().length === 0")
    return Axe().run(page, options=options or {"resultTypes": ["violations"]})
