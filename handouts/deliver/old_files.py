"""Old handouts in a folder: PDFs are ours only if they contain a document code. An edge module."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from handouts.deliver.identify import identify, is_our_name
from handouts.errors import OutputFault


@dataclass(frozen=True)
class Found:
    """``old``: ours and old enough; ``others``: PDFs that are not ours, or can't be identified."""

    old: tuple[Path, ...]
    others: tuple[Path, ...]


def find_old(folder: Path, before: float) -> Found:
    """The PDFs of ``folder``, not of those below, that were last changed before a moment (seconds since 1970).

    No link is followed. OutputFault when the folder can't be read.
    """
    old, others = [], []
    try:
        for path in sorted(folder.iterdir()):
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode) or path.suffix.lower() != ".pdf":
                continue
            if identify(path).kind != "handout":
                others.append(path)
            elif status.st_mtime < before:
                old.append(path)
    except OSError as error:
        raise OutputFault(f"The folder can't be read: {error.strerror}. Name another with -d.") from None
    return Found(tuple(old), tuple(others))


def remove(paths: Iterable[Path]) -> int:
    """Delete files and return how many. OutputFault at the first that can't be deleted; those before it are gone."""
    count = 0
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            which = path.name if is_our_name(path.name) else "another"
            raise OutputFault(f"{count} deleted; {which} can't be: {error.strerror}.") from None
        count += 1
    return count
