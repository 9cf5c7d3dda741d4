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
    from handouts import load_library, make, parse_request

    request = parse_request(Path("examples/request.yaml").read_text(), "request.yaml")
    library = load_library(Path("content"), request.topic, request.clinic)
    made = make(library, request, key=b"a key of this installation", today=date.today())
    Path("handout.pdf").write_bytes(made.pdf)
"""

from __future__ import annotations

from handouts.load.library import load_library
from handouts.load.requests import parse_request
from handouts.pipeline import Made, make

__all__ = ["Made", "__version__", "load_library", "make", "parse_request"]
__version__ = "0.1.0"
