"""A plain loop with WeasyPrint: the same HTML and style sheets, the details in it as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.job import Job
from benchmarks.peers.page import fill, personal_page
from handouts.model.handout import Details
from handouts.model.request import Request
from handouts.typeset.html import style_sheets
from handouts.typeset.weasyprint import layout


@contextmanager
def opened(job: Job) -> Iterator[Callable[[Request, Details], bytes]]:
    """Fonts and style sheets are read once (`handouts.typeset.weasyprint.layout` keeps them)."""
    template, sheets = personal_page(job), style_sheets(job.handout)

    def make(_request: Request, details: Details) -> bytes:
        document = layout(template.render(fill(details)), sheets)
        made: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
        return made

    yield make
