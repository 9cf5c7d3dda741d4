"""Which document is this PDF, asked in a process of its own, with limits of memory and time.

A few hundred kilobytes can unfold to gigabytes. At the command line that is the user's own file; a page in a browser
takes whatever is dropped on it, and must go on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handouts.deliver.identify import Identified

MOST_MEMORY = 1024**3
PATIENCE = 30.0
"""Seconds. A file of ours takes a few hundredths, and starting the process a few tenths."""


def identify_apart(pdf: bytes) -> Identified:
    """What a file claims to be. What can't be read within the limits is "foreign"."""
    from handouts.deliver.identify import Identified

    try:
        done = subprocess.run(  # noqa: S603  our own file
            [sys.executable, "-I", __file__], input=pdf, capture_output=True, timeout=PATIENCE, check=True
        )
        kind, codes = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        return Identified("foreign")
    return Identified(kind, tuple(codes))


def main() -> None:
    """Standard input -> standard output, as JSON. Any end but a good one tells that the file can't be read."""
    _limit()
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from handouts.deliver.identify import identify

    with open(0, "rb", closefd=False) as given:
        found = identify(given.read())
    with open(1, "wb", closefd=False) as out:
        out.write(json.dumps([found.kind, found.codes]).encode())


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(PATIENCE), int(PATIENCE)))


if __name__ == "__main__":
    main()
