"""Which paper a PDF is made for, and the matching options for CUPS. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.deliver.identify import Locked, NotReadable, open_pdf
from handouts.errors import RequestFault
from handouts.model.request import PAPER_SIZES, Paper

if TYPE_CHECKING:
    from pikepdf import Page

_SIZES = {(round(width), round(height)): paper for paper, (width, height) in PAPER_SIZES.items()}
"""Width and height in pt, rounded."""
MEDIA: dict[Paper, str] = {"letter": "Letter", "a4": "A4"}
"""CUPS's names for them."""


@dataclass(frozen=True)
class Measured:
    """``paper``: of every page; None when pages differ, or have another size."""

    pages: int
    paper: Paper | None


def measure(pdf: bytes | Path) -> Measured:
    """Measure every page. RequestFault for what is not a PDF, or locked."""
    try:
        with open_pdf(pdf) as document:
            sizes = {_size(page) for page in document.pages}
            pages = len(document.pages)
    except Locked:
        raise RequestFault("The PDF is locked. Print the one that `make` wrote.") from None
    except NotReadable:
        raise RequestFault("The file can't be read as a PDF. Name one that `make` or `batch` wrote.") from None
    return Measured(pages, _SIZES.get(sizes.pop()) if len(sizes) == 1 else None)


def _size(page: Page) -> tuple[int, int]:
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    return round(right - left), round(top - bottom)


def media_options(measured: Measured, wanted: Paper | None, otherwise: Paper) -> tuple[str, ...]:
    """Options for `lp`: the ``wanted`` paper, else the file's own, or ``otherwise`` if its pages differ.

    A page on its own paper keeps its size, since large print has to stay large; on other paper it is fitted.
    """
    paper = wanted or measured.paper or otherwise
    return f"media={MEDIA[paper]}", f"print-scaling={'none' if paper == measured.paper else 'fit'}"
