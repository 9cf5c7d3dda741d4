"""What pages are printed from, and digests over its names and bytes."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from handouts import paths
from handouts.errors import ContentFault
from handouts.fonts.fallbacks import fonts_for
from handouts.fonts.files import font_files
from handouts.load.files import read_regular
from handouts.load.known_files import CLINIC, content_files
from handouts.model.clinic import Clinic
from handouts.model.language import ORIGINAL
from handouts.paths import Program

Kind = Literal["content", "program", "font"]
Group = tuple[Path | None, Iterable[Path]]
"""Files, and the folder that a digest names them relative to; None: by their name alone."""


@dataclass(frozen=True)
class Piece:
    """Something that pages are printed from. ``name``: relative to the folder of its kind; a font's alone."""

    kind: Kind
    name: str
    data: bytes

    @property
    def sha256(self) -> bytes:
        """Of ``data``."""
        return hashlib.sha256(self.data).digest()


def list_pieces(
    content: Path, topic: Iterable[Path], clinic: Clinic, program: Program, language: str = ORIGINAL
) -> Iterator[Piece]:
    """All that pages of a topic and a clinic are printed from, but the approvals, in the order of `Library.digest`.

    ``topic``: the files of the topic in ``language``. Of a clinic's folder it is the printed part of clinic.yaml, the
    logo and, when it is switched on, the practice page; of the fonts, those that all this is set in (CODE-4).
    ContentFault when a file can't be read.
    """
    characters = set[str]()
    for piece in _printed(content, topic, clinic, program, language):
        if not piece.name.endswith(_PIXELS):
            characters |= characters_of(piece.data)
        yield piece
    yield from _pieces("font", (None, fonts_for(characters)))


def _printed(content: Path, topic: Iterable[Path], clinic: Clinic, program: Program, language: str) -> Iterator[Piece]:
    practice = [practice_file(clinic.folder, language)] if clinic.file.practice_page else []
    yield from _pieces("content", (content, topic))
    yield Piece("content", _name_in(content, clinic.folder / CLINIC), clinic.file.printed_json())
    yield from _pieces("content", (content, [clinic.logo, *practice, content / "words" / f"{language}.yaml"]))
    yield from _pieces("content", (content, [content / "defaults" / f"{language}.yaml"]))
    for group in _templates_and_figures(program):
        yield from _pieces("program", group)


def name_beside(own: Mapping[str, bytes], name: str, sha256: bytes) -> str | None:
    """What a piece of an English copy is called beside a translation's ``own``, by name and SHA-256; None where it is
    one of them. What the clinic says otherwise in English has a name of its own.
    """
    if name not in own:
        return name
    return None if own[name] == sha256 else name.replace(".yaml", f".{ORIGINAL}.yaml")


_PIXELS = (".png", ".jpg", ".jpeg")
"""How files end that hold no characters."""
_ESCAPED = re.compile(r"\\[uUx]?([0-9a-fA-F]{2,8})")
"""A character by its number, as in JSON, YAML or CSS."""


def characters_of(data: bytes) -> set[str]:
    """The characters of a text that may be printed, also those that are written as ``&rarr;`` or ``\\u2192``."""
    text = html.unescape(data.decode("utf-8", "replace"))
    numbers = (int(number, 16) for number in _ESCAPED.findall(text))
    return {*text, *(chr(number) for number in numbers if number < 0x110000)}


def practice_file(folder: Path, language: str = ORIGINAL) -> Path:
    """Where a clinic says something of itself."""
    return folder / f"practice.{language}.md"


def _pieces(kind: Kind, group: Group) -> Iterator[Piece]:
    base, files = group
    return (Piece(kind, _name_in(base, path), _read_bytes(path)) for path in files)


def whole_digest(content: Path) -> str:
    """A digest of all topics and clinics, their approvals too, and of all that the program adds to a page."""
    program = _templates_and_figures(paths.PROGRAM)
    return digest_of_files([(content, content_files(content)), *program, (None, font_files())])


def _templates_and_figures(program: Program) -> list[Group]:
    found = files_in(program.templates, _TEMPLATES)
    templates = [path for path in found if path.relative_to(program.templates).parts[0] not in _NOT_PRINTED]
    return [(program.root, templates), (program.root, files_in(program.figures, (".svg",)))]


_TEMPLATES = (".j2", ".css", ".md")
_NOT_PRINTED = ("mail", "desk", "translate")


def files_in(folder: Path, suffixes: tuple[str, ...] = (), *, without: tuple[str, ...] = ()) -> list[Path]:
    """The files below a folder, sorted, but hidden ones; ``suffixes``: only those; ``without``: names to leave out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.name not in without
        and not path.name.startswith(".")
        and (not suffixes or path.suffix in suffixes)
    )


def digest_of_files(groups: Iterable[Group]) -> str:
    """`digest_of` the files of ``groups``. ContentFault when one can't be read."""
    return digest_of((name, digest) for name, digest in _hashed(groups))


def digest_each(groups: Iterable[Group]) -> dict[str, str]:
    """SHA-256 (hex) of each file by its name, sorted. ContentFault when one can't be read."""
    return {name: digest.hex() for name, digest in sorted(_hashed(groups))}


def _hashed(groups: Iterable[Group]) -> Iterator[tuple[str, bytes]]:
    for base, files in groups:
        for path in files:
            yield _name_in(base, path), hashlib.sha256(_read_bytes(path)).digest()


def digest_of(files: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 (hex) over names and the SHA-256 of each file's bytes."""
    total = hashlib.sha256()
    for name, digest in files:
        total.update(f"{len(name)}:{name}".encode())
        total.update(digest)
    return total.hexdigest()


def _name_in(base: Path | None, path: Path) -> str:
    return path.relative_to(base).as_posix() if base else path.name


def _read_bytes(path: Path) -> bytes:
    try:
        return read_regular(path)
    except OSError as error:
        raise ContentFault(f"{path.name} can't be read: {error.strerror}.") from None
