"""How fast the desk's preview is, in a real browser: from a change of the form to the new picture on the screen.

    .venv/bin/python benchmarks/desk.py [--rounds 30]

Debian's chromium without a window, a desk of its own on a copy of nothing: an empty data folder and an empty cache.
Times are from the event in the form to the second frame after the new picture is in place, medians of the rounds.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.table import as_text  # noqa: E402  the checkout's own code, from wherever this is run
from handouts.desk.server import Running, running  # noqa: E402
from handouts.desk.state import Settings  # noqa: E402
from handouts.typeset.cache import SheetCache  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

KEYSTROKE, FIRST, REST, COLD = 150.0, 500.0, 1000.0, 3000.0
"""Limits in ms: a text; page 1 and the rest after a change of options, sheets cached; page 1 with nothing cached."""
WATCH = """
([selector, change, whole]) => new Promise((resolve) => {
  const field = document.querySelector(selector);
  const before = Number(document.getElementById("picture").dataset.number ?? -1);
  const start = performance.now();
  const told = {};
  const look = () => {
    const now = Number(document.getElementById("picture").dataset.number ?? -1);
    if (now > before && told.first === undefined) told.first = performance.now() - start;
    const all = !document.getElementById("where").textContent.includes("…");
    if (now > before && all && told.rest === undefined) told.rest = performance.now() - start;
    if (told.first !== undefined && (!whole || told.rest !== undefined)) {
      requestAnimationFrame(() => requestAnimationFrame(() => {
        resolve({ first: told.first, rest: told.rest ?? told.first, end: performance.now() - start });
      }));
    } else requestAnimationFrame(look);
  };
  if (field.type === "checkbox") field.click();
  else { field.value += change; field.dispatchEvent(new Event("input", { bubbles: true })); }
  requestAnimationFrame(look);
})
"""


def main() -> None:
    """Measure, and print a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=30)
    rounds = asked.parse_args().rounds
    rows = [("what", "median ms", "slowest", "limit", "")]
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as (page, _):
        for name, times, limit in measure(page, rounds):
            middle = statistics.median(times)
            rows.append(
                (name, f"{middle:.0f}", f"{max(times):.0f}", f"{limit:.0f}", "✓" if middle <= limit else "✗ missed")
            )
    print(as_text(rows))


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Page, Running]]:
    """The desk in a browser, nothing cached."""
    from playwright.sync_api import sync_playwright

    settings = Settings(
        content=ROOT / "content",
        data=folder / "data",
        by="benchmark",
        today=date.today,
        now=time.time,
        key=lambda: b"a key for benchmarks, kept by nobody",
        cache=SheetCache(folder / "cache"),
    )
    with running(settings, 0, background=False) as desk, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(desk.invitation())
        page.wait_for_url(f"{desk.address}/")
        desk.desk.workers.start()
        page.wait_for_timeout(5000)  # its processes import WeasyPrint
        yield page, desk
        browser.close()


def measure(page: Page, rounds: int) -> Iterator[tuple[str, list[float], float]]:
    """What was measured, in ms: cold first, then texts, then options whose sheets are all there."""

    def change(selector: str, text: str = "", *, whole: bool = True) -> dict[str, float]:
        told: dict[str, float] = page.evaluate(WATCH, [selector, text, whole])
        return told

    page.fill("#topic-name", "Hemifacial spasm")
    page.wait_for_selector(".card")
    cold = [change("#options-botox")["first"]]
    options = [
        "microvascular-decompression",
        "radiosurgery",
        "no-treatment",
        "radiofrequency",
        "other-care",
        "medicines",
    ]
    known = [one for one in options if page.query_selector(f"#options-{one}")]
    cold += [change(f"#options-{one}")["first"] for one in known[:3]]
    yield "nothing cached: page 1", cold, COLD
    page.fill('[name="patient.name"]', "M")
    page.wait_for_timeout(1500)
    letters = "aria Gonzalez de la Cruz y Fernandez"
    yield (
        "a letter of the name",
        [change('[name="patient.name"]', letters[i % len(letters)])["end"] for i in range(rounds)],
        KEYSTROKE,
    )
    told = [change(f"#options-{known[i % 3]}") for i in range(rounds)]  # each of the fronts comes up again and again
    yield "another choice, seen before: page 1", [one["first"] for one in told], FIRST
    yield "another choice, seen before: all pages", [one["rest"] for one in told], REST
    fresh = list(new_choices(change, known))
    yield "a new choice, its options' sheets cached: page 1", [one["first"] for one in fresh], FIRST
    yield "a new choice, its options' sheets cached: all pages", [one["rest"] for one in fresh], REST


def new_choices(change: Callable[[str], dict[str, float]], known: list[str]) -> Iterator[dict[str, float]]:
    """Choices that were not made before, in the order of a Gray code: each differs from the last by one option."""
    for one in known[3:]:  # so that every option's own sheet is there
        change(f"#options-{one}")
        change(f"#options-{one}")
    for number in range(1, 31):
        flipped = (number & -number).bit_length() - 1
        if flipped < len(known):
            yield change(f"#options-{known[::-1][flipped]}")


if __name__ == "__main__":
    main()
