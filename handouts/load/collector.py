"""Files of content -> validated models. The mistakes of several files are collected, so that all are told at once.

Characters that nobody can see are mistakes: they could print "5 to 10" as "01 ot 5", or part a word unseen.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from handouts.errors import ContentFault, Fault
from handouts.load.files import read_text
from handouts.load.language_files import GAP, gaps_in, is_translation, language_of_file, without_comments
from handouts.load.markdown import MarkdownFault, sections
from handouts.load.references import Reference, references_in, references_in_head
from handouts.load.texts import count_texts
from handouts.load.validation import validate
from handouts.load.yamlfile import Parsed, Unreadable, parse
from handouts.model.base import Frozen
from handouts.model.characters import find_invisible
from handouts.model.document import Document
from handouts.model.language import ORIGIN
from handouts.model.prose import Section

Model = TypeVar("Model", bound=Frozen)
FROM = "from"
"""The first key of a translation: what it was made from."""


def _texts(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text and key in parsed YAML, and where it stands."""
    if isinstance(value, str):
        yield place, value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if isinstance(key, str):
            yield (*place, key), key
        yield from _texts(item, (*place, key))


def beside(path: Path) -> Path | None:
    """The file that lies there in the place of ``path``, such as Botox.md or botox.md.txt for botox.md."""
    own = path.stem.casefold()
    found = (other for other in sorted(path.parent.glob("*")) if other.is_file() and not other.name.endswith("~"))
    return next((other for other in found if other.name.casefold().partition(".")[0] == own), None)


def _no_front_matter(rows: list[str]) -> tuple[str, int] | None:
    """Why ``rows`` have no front matter, and in which line; None where they have one."""
    if rows[0] != "---":
        return "must begin with its front matter between two lines of three hyphens: make '---' the first line", 1
    if "---" in rows[1:]:
        return None
    heading = next((number for number, row in enumerate(rows, 1) if row.startswith("## ")), 0)
    where = "above this heading" if heading else "below its last key"
    return f"the second '---', which ends the front matter, is missing; write it on a line by itself {where}", heading


class Reader:
    """Reads text, YAML and Markdown files under ``base``; what is wrong with them is kept in ``found``.

    ``archived``: they were printed from before, so characters that would be refused today are let through.
    ``instead``: texts to read in the place of files, by their names, as if they were there already.
    """

    def __init__(self, base: Path, *, archived: bool = False, instead: Mapping[str, str] | None = None) -> None:
        self.base, self.found, self.archived = base, list[Fault](), archived
        self.instead = instead or {}
        self.references: list[Reference] = []
        """What the documents refer to."""
        self.yaml: dict[str, Parsed] = {}
        """YAML files and front matters, by the names of their files."""
        self.made_from: dict[str, str] = {}
        """Of each translation what its ``from`` says: a digest, and marks of sentences (`handouts.load.changes`)."""
        self.prose: dict[str, tuple[Section, ...]] = {}
        """What could be read of each document, by the name of its file."""

    def name(self, path: Path) -> str:
        """A file as messages name it."""
        return path.relative_to(self.base).as_posix() if path.is_relative_to(self.base) else path.name

    def add(self, path: Path, message: str, line: int = 0) -> None:
        """Keep one more mistake."""
        self.found.append(Fault(self.name(path), line, message))

    def text(self, path: Path) -> str | None:
        """The text of a file; None, and its mistakes, where it can't be read or printed."""
        try:
            instead = self.instead.get(self.name(path))
            text = read_text(path) if instead is None else instead
            return text if self._is_visible(path, text) and self._is_filled_in(path, text) else None
        except FileNotFoundError:
            self.add(path, "is missing" if self.archived else f"is missing{self.way_out(path)}")
        except UnicodeDecodeError:
            self.add(path, "is not UTF-8 text; save it as UTF-8")
        except OSError as error:
            self.add(path, f"can't be read: {error.strerror}")
        return None

    def has(self, path: Path) -> bool:
        """Whether there is a file, or a text in its place."""
        return self.name(path) in self.instead or path.exists()

    def _is_filled_in(self, path: Path, text: str) -> bool:
        """False, and a mistake, while a translation has gaps, as `new-language` made them."""
        gaps = gaps_in(text) if is_translation(self.name(path)) else []
        if gaps:
            plain = without_comments(text) if path.suffix == ".md" else text
            count = f"{len(gaps)} of {max(len(gaps), count_texts(plain, path.name))} texts"
            told = (
                f"{count} is not translated yet: write over each {GAP}" if len(gaps) == 1
                else f"{count} are not translated yet: write over each {GAP}"
            )  # fmt: skip
            self.add(path, told, gaps[0])
        return not gaps

    def way_out(self, path: Path) -> str:
        """What to do about a file that is missing: rename the one that is there in its place, or have it made."""
        there = beside(path)
        return f", but {there.name} is there. Rename it to {path.name}" if there else f". {self.maker(path)}"

    def maker(self, path: Path) -> str:
        """The command that makes what is missing, as a sentence."""
        kind, _, rest = self.name(path).partition("/")
        name = rest.partition("/")[0]
        if is_translation(self.name(path)):
            command = f"new-language {language_of_file(self.name(path))}{f' {name}' if kind == 'topics' else ''}"
            return f"`{command}` makes it, with the English text to translate"
        command = {"topics": f"new {name}", "clinics": f"new-clinic {name}"}.get(kind, f"new-folder {self.base}")
        return f"`{command}` makes it, to fill in, and keeps what is there"

    def require_own(self, *folders: Path) -> None:
        """Keep a mistake for each folder that is a link: nobody would see what is changed there, and the files that it
        leads to would be told as no content.
        """
        inside = self.base.resolve()
        for folder in folders:
            if folder.is_symlink():
                outside = "" if folder.resolve().is_relative_to(inside) else " outside the content"
                self.add(folder, f"is a link to a folder{outside}; put the folder itself in its place")

    def _is_visible(self, path: Path, text: str) -> bool:
        """False, and a mistake for each line, where characters can't be seen, as they are or as &#8238; of Markdown."""
        before = len(self.found)
        for number, line in enumerate("" if self.archived else text.split("\n"), 1):
            if found := find_invisible(line) or ("&" in line and find_invisible(html.unescape(line))):
                self.add(path, f"holds {found}, a character that can't be seen; delete it", number)
        return len(self.found) == before

    def _parse(self, text: str, name: str, first_line: int = 1) -> Parsed:
        """YAML; Unreadable also for a value that holds what can't be seen, written as an escape."""
        parsed = parse(text, name, first_line=first_line)
        if not self.archived:
            faults = [
                Fault(name, parsed.line(place), f"holds {found}, a character that can't be seen; delete it")
                for place, value in _texts(parsed.data, ())
                if (found := find_invisible(value))
            ]
            if faults:
                raise Unreadable(*faults)
        self.yaml[name] = parsed
        return self._without_origin(parsed) if is_translation(name) else parsed

    def _without_origin(self, parsed: Parsed) -> Parsed:
        """What a translation holds but its ``from``, which is kept in ``made_from``. Unreadable without one."""
        if not isinstance(parsed.data, dict):
            return parsed
        told = parsed.data.get(FROM)
        if not (isinstance(told, str) and re.fullmatch(ORIGIN, told)):
            message = f"'{FROM}' has to be the SHA-256 of the English file that this was translated from, 64 hex digits"
            way_out = f"`translate-sheet SHEET --to {language_of_file(parsed.file)} --done` writes today's"
            self.found.append(Fault(parsed.file, parsed.line((FROM,)), f"{message}. {way_out}"))
        else:
            self.made_from[parsed.file] = told
        return replace(parsed, data={key: value for key, value in parsed.data.items() if key != FROM})

    def line(self, name: str, *path: str | int) -> int:
        """Where ``path`` stands in the YAML file, or the front matter, of that name; 0 where it was not read."""
        return self.yaml[name].line(path) if name in self.yaml else 0

    def add_at(self, path: Path, message: str, *keys: str | int) -> None:
        """Keep one more mistake, at the line of ``keys``."""
        self.add(path, message, self.line(self.name(path), *keys))

    def parsed(self, path: Path) -> Parsed | None:
        """A YAML file as plain data; None, and its mistakes, where it isn't one."""
        text = self.text(path)
        try:
            return None if text is None else self._parse(text, self.name(path))
        except Unreadable as error:
            self.found.extend(error.faults)
            return None

    def model(self, model: type[Model], path: Path) -> Model | None:
        """A YAML file as a ``model``; None, and its mistakes, where it isn't one."""
        return self.as_model(model, self.parsed(path))

    def as_model(self, model: type[Model], parsed: Parsed | None) -> Model | None:
        """Plain data as a ``model``; None, and its mistakes, where it isn't one."""
        try:
            return None if parsed is None else validate(model, parsed, archived=self.archived)
        except Unreadable as error:
            self.found.extend(error.faults)
            return None

    def document(self, head: type[Model] | None, path: Path) -> Document[Model] | None:
        """A Markdown file with front matter between two lines of three hyphens; None where it isn't one.

        ``head``: what the front matter holds; None where that is not known, and only its own mistakes can be told.
        """
        text = self.text(path)
        if text is None:
            return None
        name = self.name(path)
        rows = text.split("\n")
        if wrong := _no_front_matter(rows):
            self.add(path, *wrong)
            return None
        end = rows.index("---", 1)
        made = self._head(head, "\n".join(rows[1:end]), name)
        prose = self._prose("\n".join(rows[end + 1 :]), name, end + 2)
        return Document(made, prose, name) if made and prose is not None else None

    def _head(self, head: type[Model] | None, text: str, name: str) -> Model | None:
        try:
            parsed = self._parse(text, name, 2)
        except Unreadable as error:
            self.found.extend(error.faults)
            return None
        for each in references_in_head(parsed):
            if isinstance(each, Reference):
                self.references.append(each)
            elif not self.archived:
                self.found.append(each)
        return self.as_model(head, parsed) if head else None

    def _prose(self, text: str, name: str, first_line: int) -> tuple[Section, ...] | None:
        text = without_comments(text) if is_translation(name) else text
        try:
            read, sound = sections(text, name, first_line=first_line, archived=self.archived), True
        except MarkdownFault as error:
            self.found.extend(error.faults)
            read, sound = error.sections, False
        self.prose[name] = read
        self.references.extend(references_in(read, name))
        return read if sound else None

    def raise_if_any(self, message: str) -> None:
        """ContentFault with every mistake that was found."""
        if self.found:
            raise ContentFault(message, faults=self.found)
