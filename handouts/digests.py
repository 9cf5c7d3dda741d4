"""Which files pages are printed from, and digests over their names and bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from handouts import resources
from handouts.errors import ContentFault
from handouts.fonts import font_files

LANGUAGE = "en"
"""Of all texts so far; it stands in the names of their files."""
Group = tuple[Path | None, Iterable[Path]]
"""Files, and the folder that a digest names them relative to; None: by their name alone."""


def printed_from(content: Path, topic: str, clinic: str) -> list[Group]:
    """All files that pages of a topic and a clinic are printed from, but the approval: groups of (base, paths).

    In the order in which `Library.digest` is taken over them. A file is named relative to its base; fonts have none.
    """
    return [
        (content, files_in(content / "topics" / topic, without="approval.yaml")),
        (content, files_in(content / "clinics" / clinic)),
        (content, [content / "words" / f"{LANGUAGE}.yaml"]),
        *_program_files(),
    ]


def whole_digest(content: Path) -> str:
    """A digest of all topics and clinics, their approvals too, and of all that the program adds to a page."""
    return digest_of_files([(content, files_in(content)), *_program_files()])


def _program_files() -> list[Group]:
    templates = [path for path in files_in(resources.TEMPLATES) if path.parent.name != "mail"]  # that is not printed
    return [
        (resources.ROOT, templates),
        (resources.ROOT, files_in(resources.FIGURES)),
        (None, font_files()),
    ]


def files_in(folder: Path, *, without: str = "") -> list[Path]:
    """The files below a folder, sorted, but hidden and compiled ones; ``without``: a name to leave out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name != without and not path.name.startswith(".") and path.suffix != ".pyc"
    )


def digest_of_files(groups: Iterable[Group]) -> str:
    """`digest_of` the files of ``groups``. ContentFault when one can't be read."""
    return digest_of(
        (name_in(base, path), hashlib.sha256(read_bytes(path)).digest()) for base, paths in groups for path in paths
    )


def digest_of(files: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 (hex) over names and the SHA-256 of each file's bytes."""
    total = hashlib.sha256()
    for name, digest in files:
        total.update(f"{len(name)}:{name}".encode())
        total.update(digest)
    return total.hexdigest()


def name_in(base: Path | None, path: Path) -> str:
    """What a file is called in a digest."""
    return path.relative_to(base).as_posix() if base else path.name


def read_bytes(path: Path) -> bytes:
    """A file of content. ContentFault when it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ContentFault(f"{path.name} can't be read: {error.strerror}.") from None
