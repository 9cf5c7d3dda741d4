"""Files that lie in a content folder and are no content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from handouts.check.findings import Finding
from handouts.errors import shown
from handouts.load.known_files import stray_files


def stray_findings(content: Path) -> Iterator[Finding]:
    """A notice for each file that handouts are not made from: an editor's copy, or a patient's request."""
    for path in stray_files(content):
        name = shown(path.relative_to(content).as_posix())
        yield Finding("notice", name, "files that are no content", "ignored", "delete it, or move it elsewhere")
