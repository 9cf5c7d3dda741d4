"""New handout in a browser, as somebody uses it: fills it in, looks at the pages, reads what is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from handouts.desk.server import Running
from tests.desk.typing import NAME
from tests.reading_pdf import text_of
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Request

_SHOWN = """number => {
  const picture = document.getElementById("picture");
  return !document.querySelector("#page.working") && !picture.hidden && Number(picture.dataset.number) === number
    && /^\\S+ \\d+ \\S+ \\d+$/.test(document.getElementById("where").textContent);
}"""
"""Whether the pages of that change are shown, and all of them counted."""


class Screen:
    """The screen in one window."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked = 0
        """The newest change whose pages the page has asked for."""
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.url.endswith("/handout/preview"):
            self.asked = request.post_data_json["number"]

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[id="{name}"]')

    def choose(self, *options: str, topic: str = "Hemifacial spasm") -> None:
        """The topic, and its options."""
        self.field("topic-name").fill(topic)
        for option in options or ("botox",):
            self.page.locator(f"#options-{option}").check()

    def fill(self, **fields: str) -> None:
        """Fields by name; "__" stands for the dot."""
        for name, text in fields.items():
            self.field(name.replace("__", ".")).fill(text)

    def least(self, name: str = NAME) -> None:
        """What a handout needs; the pages are there afterwards."""
        self.choose()
        self.settled(lambda: self.fill(patient__name=name))

    def settled(self, act: Callable[[], object]) -> None:
        """Do something, and wait until the pages show the last of it."""
        before = self.asked
        act()
        until(lambda: self._shows(before))

    def _shows(self, before: int) -> bool:
        asked = self.asked
        return bool(self.page.evaluate(_SHOWN, asked)) and before < asked == self.asked

    def said(self, pattern: str) -> str:
        """Wait until the line about the last handout says something, and return it."""
        return self.page.locator("#last").filter(has_text=re.compile(pattern)).inner_text()

    def done(self) -> str:
        """Wait until that line says that the last handout is out, and return it."""
        return self.page.locator("#last.done").inner_text()

    def save(self) -> bytes:
        """Save the PDF: its bytes."""
        with self.page.expect_download() as found:
            self.page.get_by_role("button", name="Save PDF").click()
        return found.value.path().read_bytes()

    def print(self) -> None:
        self.page.get_by_role("button", name="Print", exact=True).click()

    def values(self) -> dict[str, str]:
        """All that the form holds now, but what is remembered for the next patient."""
        script = """() => Object.fromEntries([...document.querySelectorAll("#form input, #form textarea")]
            .filter(one => one.type === "text" || one.type === "email" || one.tagName === "TEXTAREA" || one.checked)
            .filter(one => one.value.trim()).map(one => [one.id, one.value]))"""
        found: dict[str, Any] = self.page.evaluate(script)
        return found

    def whole_page(self) -> str:
        """The page with the values in its fields."""
        script = """() => document.documentElement.outerHTML + [...document.querySelectorAll("input, textarea, select")]
            .map(one => one.value).join(" ") + document.title + location.href
            + JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"""
        return str(self.page.evaluate(script))


def shown_text(running: Running) -> str:
    """The text of the newest pages that the only window of a desk shows."""
    windows = running.server.wsgi_app.extensions["desk-windows"]._windows
    (window,) = windows.values()
    return text_of(window.pdfs[max(window.pdfs)])
