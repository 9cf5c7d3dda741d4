"""What handouts were printed from, kept permanently: each file once, by its SHA-256 (REC-15). An edge module.

::

    archive/files/ab/abcdef...     the bytes of a topic, words, template or drawing, of a clinic what is printed of it
    archive/sources/DIGEST.json    the names and hashes of everything that one content digest and approval cover

A file appears whole or not at all, and the list after its files: a kill leaves at most files that no list names.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handouts import atomic
from handouts.errors import ContentFault, OutputFault
from handouts.load.digests import digest_of, list_pieces
from handouts.model.content import Library
from handouts.model.origin import approval_of, source_name, source_of
from handouts.paths import Program

_APPROVAL = "approval.yaml"


@dataclass(frozen=True)
class File:
    """A file of a source. ``kind``: content, program (templates, drawings) or font; ``kept``: with its bytes."""

    kind: str
    name: str
    sha256: str
    kept: bool


class Missing(Exception):
    """The content is not in the archive, or not all of it; ``args[0]`` says what is missing, as a sentence."""


class Archive:
    """The archive in ``folder``, made on first use (mode 0700, files 0600)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: set[str] = set()

    def keep(self, library: Library) -> str:
        """Keep what ``library`` was read from, unless it is already there, and return its name. OutputFault.

        ContentFault if a file has changed since it was read.
        """
        source = source_of(library)
        if source not in self.known and not self._list(source).is_file():
            self._add(source, library)
        self.known.add(source)
        return source

    def _add(self, source: str, library: Library) -> None:
        content = library.topic.folder.parent.parent
        files, pieces = [], []
        for piece in list_pieces(content, library.topic.files, library.clinic, library.program):
            kept = piece.kind != "font"
            files.append(File(piece.kind, piece.name, piece.sha256.hex(), kept))
            pieces += [piece.data] if kept else []
        if _digest(files) != library.digest:
            raise ContentFault("The content changed while the handout was made. Run the same command again.")
        listed = {
            "content": library.digest,
            "topic": library.topic.id,
            "clinic": library.clinic.id,
            "approval": approval_of(library),
            "files": [vars(file) for file in files],
        }
        with _faults():
            for data in pieces:
                write_once(self._file(hashlib.sha256(data).hexdigest()), data)
            write_once(self._list(source), json.dumps(listed, indent=1, ensure_ascii=False).encode())

    def files(self, source: str) -> list[File]:
        """The files of a source. Missing."""
        return [File(**file) for file in self._read(source)["files"]]

    @contextlib.contextmanager
    def restored(self, source: str, content: str) -> Iterator[tuple[Path, Program]]:
        """A folder of content and one of templates and drawings, for a block. Missing, OutputFault.

        ``content``: the content digest that an event names; the archive must give it again.
        """
        listed = self._read(source)
        files = [File(**file) for file in listed["files"]]
        if _digest(files) != content or source_name(content, listed["approval"]) != source:
            raise Missing("The archive's list of this content was changed.")
        with tempfile.TemporaryDirectory(prefix="handouts-") as temporary:
            folder, program = Path(temporary) / "content", Path(temporary) / "program"
            for file in files:
                if file.kept:
                    _put((folder if file.kind == "content" else program) / file.name, self._bytes(file))
            if listed["approval"]:
                _put(folder / "topics" / listed["topic"] / _APPROVAL, listed["approval"].encode())
            yield folder, Program(program)

    def _read(self, source: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self._list(source).read_bytes())
        except (OSError, ValueError):
            raise Missing("The original content is not in the archive. Restore the data folder's last copy.") from None
        return found

    def _bytes(self, file: File) -> bytes:
        with contextlib.suppress(OSError):
            data = self._file(file.sha256).read_bytes()
            if hashlib.sha256(data).hexdigest() == file.sha256:
                return data
        raise Missing(f"The archive's copy of {file.name} is missing or damaged.")

    def _file(self, sha256: str) -> Path:
        return self.folder / "files" / sha256[:2] / sha256

    def _list(self, source: str) -> Path:
        return self.folder / "sources" / f"{source}.json"


def _digest(files: list[File]) -> str:
    return digest_of((file.name, bytes.fromhex(file.sha256)) for file in files)


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def write_once(path: Path, data: bytes) -> None:
    """Keep ``data``, unless it is already there, complete. OSError."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == data:
            return
    for folder in reversed(path.parents[:3]):
        folder.mkdir(mode=0o700, exist_ok=True)
    atomic.write(path, data)


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputFault(
            f"The record's archive can't be written: {error.strerror}. Fix that, or name another folder with "
            "--data; until then nothing is made."
        ) from None
