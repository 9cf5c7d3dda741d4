"""What a PDF on its way to the printer is: one handout, a print file, a run sheet, or nothing of ours. Only reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from handouts.codes import format_code, parse_code

if TYPE_CHECKING:
    import pikepdf

OURS = re.compile(r"(volume|run-sheet)-[0-9]{3,}\.pdf")
"""Names that `batch` gives to what is to be printed; any other could hold a patient's name."""
_CODE = r"([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3})"
_TITLE = re.compile(rf", {_CODE}$")
_BOOKMARK = re.compile(rf"Row [0-9]+, {_CODE}")
_MOST = 100_000
"""Bookmarks, in case those of a foreign file go round in a circle."""


@dataclass(frozen=True)
class Contents:
    """``title``: what its job is called, never what somebody called the file; ``codes``: of the handouts in it."""

    kind: Literal["handout", "volume", "run sheet", "foreign"]
    title: str
    codes: tuple[str, ...] = ()


def read_contents(file: Path) -> Contents:
    """Look into ``file``. What can't be read is foreign: whoever prints it says what is wrong with it."""
    import pikepdf  # not needed to make a handout whose master is cached

    ours = OURS.fullmatch(file.name)
    if ours and ours[1] == "run-sheet":
        return Contents("run sheet", file.stem)
    try:
        with pikepdf.open(file) as pdf:
            title = str(pdf.trailer.get("/Info", pikepdf.Dictionary()).get("/Title", ""))
            found = _codes(_TITLE.search(title))
            bound = [code for mark in _bookmarks(pdf) for code in _codes(_BOOKMARK.fullmatch(mark))]
    except (pikepdf.PdfError, OSError):
        found, bound = [], []
    if bound:
        return Contents("volume", file.stem if ours else "handout", tuple(dict.fromkeys(bound)))
    if found and not ours:
        return Contents("handout", format_code(found[0]), tuple(found))
    return Contents("foreign", file.stem if ours else "handout")


def _codes(found: re.Match[str] | None) -> list[str]:
    code = parse_code(found[1]) if found else None
    return [code] if code else []


def _bookmarks(pdf: pikepdf.Pdf) -> Iterator[str]:
    import pikepdf

    mark = pdf.Root.get("/Outlines", pikepdf.Dictionary()).get("/First")
    for _ in range(_MOST):
        if not isinstance(mark, pikepdf.Dictionary):
            return
        yield str(mark.get("/Title", ""))
        mark = mark.get("/Next")
