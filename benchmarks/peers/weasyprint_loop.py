"""A plain loop with WeasyPrint: the same HTML and style sheets, the details in it as text, a sheet after the other.

The sheets' pages are written together as one document (``Document.copy``), which is cheaper than to write each and join
them: fonts and structure are made once. Nothing is measured and fitted, as ours does once for each sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.job import Job
from benchmarks.peers.page import fill, personal_sheets
from handouts.model.details import Details
from handouts.model.request import Request
from handouts.typeset.weasyprint import layout


@contextmanager
def opened(job: Job) -> Iterator[Callable[[Request, Details], bytes]]:
    """Fonts and style sheets are read once (`handouts.typeset.weasyprint.layout` keeps them)."""
    sheets = personal_sheets(job)

    def make(_request: Request, details: Details) -> bytes:
        filled = fill(details)
        documents = [layout(sheet.page.render(filled), sheet.style_sheets) for sheet in sheets]
        pages = [page for document in documents for page in document.pages]
        made: bytes = documents[0].copy(pages).write_pdf(pdf_variant="pdf/ua-1")
        return made

    yield make
