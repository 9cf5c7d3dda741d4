"""What goes to a translator besides the file to fill in: how to go about it, and a PDF with two columns."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Literal

from handouts import paths
from handouts.authoring.sheet_names import sheet_of
from handouts.load.language_files import GAP
from handouts.model.language import is_rtl, language_name

_POLITE = "Politely, as a doctor's office writes to patients, in the same way throughout."
"""Where the glossary does not say how the language speaks to the reader."""
_LINE = 40
"""Characters that somebody writes by hand on a line of a column; a translation may be a fifth longer."""


@dataclass(frozen=True)
class Pair:
    """A text: where it stands, its English, its translation, "" as long as there is none, and what changed in it."""

    place: str
    english: str
    told: str
    changes: tuple[str, ...] = ()

    @property
    def lines(self) -> int:
        """How many lines to write on it needs."""
        if self.told and not self.changes:
            return 0
        return sum(ceil(len(line) * 1.2 / _LINE) for line in self.english.split("\n"))


@dataclass(frozen=True)
class Run:
    """Words, bold or not."""

    text: str
    bold: bool


@dataclass(frozen=True)
class Piece:
    """A part of a text as it is shown: its lines, or the entries of a list."""

    kind: Literal["heading", "list", "numbered", "picture", "paragraph"]
    items: tuple[tuple[Run, ...], ...]


def how_to(language: str, tone: str | None, *, behind: bool, unknown: bool, terms: bool) -> list[str]:
    """What a translator has to know, a line each. ``tone``: how to speak to the reader; ``behind``: the English has
    changed, in ``unknown`` places; ``terms``: there is a list of terms.
    """
    from handouts.typeset.html import environment

    text = environment(_folder()).get_template("how-to.txt.j2")
    asked = tone if tone and GAP not in tone else _POLITE
    told = text.render(
        language_name=language_name(language),
        tone=" ".join(asked.split()),
        behind=behind,
        unknown=unknown,
        terms=terms,
    )
    return [line for line in told.split("\n") if line.strip()]


def typeset_pairs(
    name: str, language: str, told: Sequence[str], terms: Mapping[str, str], pairs: Sequence[Pair]
) -> bytes:
    """The PDF (PDF/UA-1) of the file ``name``; ``told``: how to go about it."""
    import pikepdf

    from handouts.typeset.html import environment
    from handouts.typeset.tagging import repair_tags
    from handouts.typeset.weasyprint import layout, write

    page = environment(_folder()).get_template("side-by-side.html.j2")
    title = f"{sheet_of(name)}: English and {language_name(language)}"
    html = page.render(
        title=title,
        file=name,
        language=language,
        language_name=language_name(language),
        direction="rtl" if is_rtl(language) else "ltr",
        how_to=told,
        terms=terms,
        pairs=[
            {
                "place": pair.place,
                "changes": pair.changes,
                "lines": pair.lines,
                "heading": pair.english.startswith("#"),
                "english": list(pieces_of(pair.english)),
                "told": list(pieces_of(pair.told)),
            }
            for pair in pairs
        ],
    )
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(write(layout(html, (_folder() / "side-by-side.css",))))) as pdf:
        repair_tags(pdf, {})
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


def _folder() -> Path:
    return paths.PROGRAM.templates / "translate"


_ENTRY = re.compile(r"(?:-|(\d+)\.) +(.*)")
_PICTURE = re.compile(r"!\[(.*)\]\(\S+(?:\s+\"(.*)\")?\)", re.S)
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def pieces_of(text: str) -> Iterator[Piece]:
    """A text without its markup: its headings, lists, pictures and paragraphs."""
    for block in re.split(r"\n\s*\n", text):
        yield from _pieces(block)


def _pieces(block: str) -> Iterator[Piece]:
    if picture := _PICTURE.fullmatch(block.strip()):
        yield Piece("picture", tuple(_runs(part) for part in picture.groups() if part))
        return
    kind: Literal["list", "numbered"] | None = None
    lines: list[str] = []
    for line in filter(str.strip, block.split("\n")):
        entry = _ENTRY.match(line)
        if line.startswith("#") or (entry and kind is None):
            yield from _ended(kind, lines)
            lines, kind = [], None
        if line.startswith("#"):
            yield Piece("heading", (_runs(line.lstrip("# ")),))
        elif entry:
            kind = "numbered" if entry[1] else "list"
            lines.append(entry[2])
        elif lines:
            lines[-1] = f"{lines[-1]} {line.strip()}"
        else:
            lines.append(line.strip())
    yield from _ended(kind, lines)


def _ended(kind: Literal["list", "numbered"] | None, lines: Sequence[str]) -> Iterator[Piece]:
    if lines:
        yield Piece(kind or "paragraph", tuple(map(_runs, lines)))


def _runs(text: str) -> tuple[Run, ...]:
    parts = _BOLD.split(text)
    return tuple(Run(part, number % 2 == 1) for number, part in enumerate(parts) if part)
