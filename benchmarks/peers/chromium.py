"""Headless Chromium (Debian's), kept warm and driven by playwright: the same HTML and style sheets.

All sheets are one page of HTML, in which each sheet has its own style sheet: so it makes one PDF.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.job import Job
from benchmarks.peers import Missing
from benchmarks.peers.page import fill, whole_page
from handouts.fonts.files import use_own_fontconfig
from handouts.model.details import Details
from handouts.model.request import Request

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def opened(job: Job) -> Iterator[Callable[[Request, Details], bytes]]:
    """One browser, one page. Its profile is a fresh folder, which playwright makes and deletes."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Missing("playwright is not installed (script/bootstrap bench)") from None
    browser_path = shutil.which("chromium")
    if browser_path is None:
        raise Missing("chromium is not installed (script/bootstrap bench)")
    use_own_fontconfig()  # the browser finds the same fonts, by the same file
    template = whole_page(job)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=list(_FLAGS), env={**os.environ})
        page = browser.new_page()

        def make(_request: Request, details: Details) -> bytes:
            page.set_content(template.render(fill(details)))
            return page.pdf(tagged=True, outline=True, prefer_css_page_size=True, print_background=True)

        yield make
        browser.close()
