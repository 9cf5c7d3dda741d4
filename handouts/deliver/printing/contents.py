"""What a PDF to be printed contains, and the title of its job. Only reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from handouts.codes import format_code
from handouts.deliver.identify import Kind, identify

OURS = re.compile(r"(volume|run-sheet)-[0-9]{3,}\.pdf")
"""Names that `batch` gives to print files; any other could contain a patient's name."""


@dataclass(frozen=True)
class Contents:
    """``title``: of the print job, never the file's name; ``codes``: of the handouts in it."""

    kind: Kind
    title: str
    codes: tuple[str, ...] = ()


def read_contents(file: Path) -> Contents:
    """Identify ``file``. What can't be read is foreign: printing it reports what is wrong."""
    found = identify(file)
    if found.kind == "handout":
        return Contents("handout", format_code(found.codes[0]), found.codes)
    return Contents(found.kind, file.stem if OURS.fullmatch(file.name) else "handout", found.codes)
