"""What handouts were printed from, kept permanently: each file once, by its SHA-256 (REC-15, REC-29). An edge module.

::

    archive/files/ab/abcdef...     the bytes of a topic, words, template or drawing, of a clinic what is printed of it
    archive/sheets/ab/abcdef...    the bytes of a typeset sheet
    archive/sources/TEXTS.json     the names and hashes of everything that one content digest and its approvals cover
    archive/sources/STACK.json     the sheets of a document in order, what binds them, the name of their texts

A file appears whole or not at all, and a list after its files: a kill leaves at most files that no list names.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from handouts import atomic
from handouts.errors import ContentFault, OutputFault
from handouts.load.digests import Piece, digest_of, list_pieces, name_beside
from handouts.load.known_files import APPROVALS, OLD_APPROVAL
from handouts.model.content import Library
from handouts.model.origin import approval_of, source_name, source_of
from handouts.model.stack import Stack, stack_name
from handouts.paths import Program

_CHANGED = "The archive's list of this content was changed."


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
        self._stacks: dict[str, bool] = {}

    def has(self, source: str) -> bool:
        """Whether the list of a source is there, and so its files. Asked of the disk once, when it is."""
        if source in self.known:
            return True
        if not self._list(source).is_file():
            return False
        self.known.add(source)
        return True

    def keep(self, library: Library) -> str:
        """Keep the texts that ``library`` was read from, unless they are there already, and return their name.

        OutputFault.

        ContentFault if a file has changed since it was read.
        """
        source = source_of(library)
        if not self.has(source):
            self._add(source, library)
            self.known.add(source)
        return source

    def keep_stack(self, stack: Stack) -> None:
        """Keep the sheets of a stack whose texts are there, unless they are. OutputFault."""
        if self.has(stack.name):
            return
        hashes = [hashlib.sha256(data).hexdigest() for _, data in stack.sheets]
        listed = {
            "texts": stack.texts,
            "sheets": [{"key": key, "sha256": sha256} for (key, _), sha256 in zip(stack.sheets, hashes, strict=True)],
            "binding": dict(stack.binding),
        }
        with _faults():
            for sha256, (_, data) in zip(hashes, stack.sheets, strict=True):
                write_once(self._sheet(sha256), data)
            write_once(self._list(stack.name), json.dumps(listed, indent=1, ensure_ascii=False).encode())
        self.known.add(stack.name)

    def _add(self, source: str, library: Library) -> None:
        content = library.topic.folder.parent.parent
        files, pieces = [], []
        for piece in _pieces_of(library, content):
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

    def is_stack(self, source: str) -> bool:
        """Whether sheets are kept of a source; False for one of before there were any, and for one that is not here."""
        if source not in self._stacks:
            try:
                self._stacks[source] = "sheets" in self._read(source)
            except Missing:
                return False
        return self._stacks[source]

    def stack(self, source: str) -> Stack:
        """The sheets of a document, and what binds them. Missing, also for a source without sheets."""
        listed = self._read(source)
        try:
            hashes = [(sheet["key"], self._sheet(sheet["sha256"])) for sheet in listed["sheets"]]
        except (KeyError, TypeError):
            raise Missing(_CHANGED) from None
        sheets = tuple((key, self._bytes(path, "a sheet")) for key, path in hashes)
        return Stack(listed["texts"], sheets, listed["binding"])

    def files(self, source: str) -> list[File]:
        """The files of a source's texts. Missing."""
        return _files(self._texts(source))

    def texts(self, source: str) -> Iterator[tuple[str, bytes]]:
        """The texts of a source: names in a content folder and bytes, the approvals too. Missing."""
        listed = self._texts(source)
        for file in _files(listed):
            if file.kind == "content":
                yield file.name, self._bytes(self._file(file.sha256), file.name)
        if listed["approval"]:
            name = APPROVALS if "files" in json.loads(listed["approval"]) else OLD_APPROVAL
            yield f"topics/{listed['topic']}/{name}", listed["approval"].encode()

    @contextlib.contextmanager
    def restored(self, source: str, content: str) -> Iterator[tuple[Path, Program]]:
        """A folder of content and one of templates and drawings, for a block. Missing, OutputFault.

        ``content``: the content digest that an event names; the archive must give it again.
        """
        if self._texts(source)["content"] != content:
            raise Missing(_CHANGED)
        with tempfile.TemporaryDirectory(prefix="handouts-") as temporary:
            folder, program = Path(temporary) / "content", Path(temporary) / "program"
            for name, data in self.texts(source):
                put(folder / name, data)
            for file in self.files(source):
                if file.kind == "program":
                    put(program / file.name, self._bytes(self._file(file.sha256), file.name))
            yield folder, Program(program)

    def _texts(self, source: str) -> dict[str, Any]:
        """The list of a source's texts."""
        listed = self._read(source)
        return self._read(listed["texts"]) if "sheets" in listed else listed

    def _read(self, source: str) -> dict[str, Any]:
        """A list, which must be the one that its name says."""
        try:
            found: dict[str, Any] = json.loads(self._list(source).read_bytes())
        except (OSError, ValueError):
            raise Missing("The original content is not in the archive. Restore the data folder's last copy.") from None
        try:
            name = _name_of(found)
        except (KeyError, TypeError, ValueError):
            name = ""
        if name != source:
            raise Missing(_CHANGED)
        return found

    def _bytes(self, path: Path, what: str) -> bytes:
        with contextlib.suppress(OSError):
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == path.name:
                return data
        raise Missing(f"The archive's copy of {what} is missing or damaged.")

    def _file(self, sha256: str) -> Path:
        return self.folder / "files" / sha256[:2] / sha256

    def _sheet(self, sha256: str) -> Path:
        return self.folder / "sheets" / sha256[:2] / sha256

    def _list(self, source: str) -> Path:
        return self.folder / "sources" / f"{source}.json"


def _pieces_of(library: Library, content: Path) -> Iterator[Piece]:
    """All that a library was read from, each once, in the order of its digest."""
    own: dict[str, bytes] = {}
    for piece in list_pieces(content, library.topic.files, library.clinic, library.program, library.language):
        own[piece.name] = piece.sha256
        yield piece
    if copy := library.english:
        for piece in list_pieces(content, copy.topic.files, copy.clinic, copy.program, copy.language):
            if name := name_beside(own, piece.name, piece.sha256):
                yield replace(piece, name=name)


def _digest(files: list[File]) -> str:
    return digest_of((file.name, bytes.fromhex(file.sha256)) for file in files)


def _files(listed: dict[str, Any]) -> list[File]:
    return [File(**file) for file in listed["files"]]


def _name_of(listed: dict[str, Any]) -> str:
    """The name that a list must have; "" where its parts contradict each other."""
    if "sheets" in listed:
        return stack_name(listed["texts"], [sheet["key"] for sheet in listed["sheets"]], listed["binding"])
    files = _files(listed)
    whole = f"topics/{listed['topic']}/topic.yaml" in {file.name for file in files}
    return source_name(listed["content"], listed["approval"]) if whole and _digest(files) == listed["content"] else ""


def put(path: Path, data: bytes) -> None:
    """Write a file and the folders that it is in. OSError."""
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
