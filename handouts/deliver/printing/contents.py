"""What a PDF on its way to the printer holds, and what its job is called. Only reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from handouts.codes import format_code
from handouts.deliver.identify import Kind, identify

OURS = re.compile(r"(volume|run-sheet)-[0-9]{3,}\.pdf")
"""Names that `batch` gives to what is to be printed; any other could hold a patient's name."""


@dataclass(frozen=True)
class Contents:
    """``title``: what its job is called, never what somebody called the file; ``codes``: of the handouts in it."""

    kind: Kind
    title: str
    codes: tuple[str, ...] = ()


def read_contents(file: Path) -> Contents:
    """Look into ``file``. What can't be read is foreign: whoever prints it says what is wrong with it."""
    found = identify(file)
    if found.kind == "handout":
        return Contents("handout", format_code(found.codes[0]), found.codes)
    return Contents(found.kind, file.stem if OURS.fullmatch(file.name) else "handout", found.codes)
