"""Patient handouts: about exactly the options that were talked through, branded, accessible.

The way of one handout, five steps, the same names in code, logs and docs (docs/walk.md follows one patient):

1. `load`     files in: a Library (topic, clinic, words) and a Request (one patient's choices)
2. `merge`    Topic + Request + Clinic + today -> Handout; pure
3. `typeset`  Handout -> Master: a tagged PDF with empty slots
4. `stamp`    Master + Details -> bytes, in milliseconds
5. `deliver`  to a file, the outbox (`handouts.deliver.mail`) or the printer (`handouts.deliver.printing`)

`make` walks all five, `handouts.batch` for a whole list; the command line (`handouts.cli`) does nothing that this
package can't do without it::

    from datetime import date
    from pathlib import Path
    from time import time
    from handouts import FolderRecorder, load_library, make, parse_request, write

    request = parse_request(Path("examples/request.yaml").read_text(), "request.yaml")
    library = load_library(Path("content"), request.topic, request.clinic, request.language)
    with FolderRecorder(Path("data"), by="anna", now=time) as recorder:
        made = make(library, request, key=b"a key of this installation", today=date.today(), recorder=recorder)
        write(made, Path("handout.pdf"), recorder)

The recorder hears of a handout before its file has a name, and refuses one that was voided or replaced
(`handouts.model.recorder`); the same holds for `handouts.batch`, paper and mail.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from handouts.paths import VERSION as __version__

if TYPE_CHECKING:
    from handouts.load.library import load_library
    from handouts.load.requests import parse_request
    from handouts.pipeline import Made, make, write
    from handouts.record.recorder import FolderRecorder

__all__ = ["FolderRecorder", "Made", "__version__", "load_library", "make", "parse_request", "write"]

_FROM = {
    "FolderRecorder": "handouts.record.recorder",
    "Made": "handouts.pipeline",
    "load_library": "handouts.load.library",
    "make": "handouts.pipeline",
    "parse_request": "handouts.load.requests",
    "write": "handouts.pipeline",
}


def __getattr__(name: str) -> object:
    """What the package offers, imported when it is asked for: a command that makes nothing need not wait for it."""
    if name not in _FROM:
        raise AttributeError(f"module 'handouts' has no attribute {name!r}")
    return getattr(import_module(_FROM[name]), name)
