"""Files of content -> validated models. The mistakes of several files are collected, so that all are told at once."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from handouts.errors import ContentFault, Fault
from handouts.load.files import read_text
from handouts.load.markdown import MarkdownFault, sections
from handouts.load.validation import validate
from handouts.load.yamlfile import Unreadable, parse
from handouts.model.base import Frozen
from handouts.model.document import Document

Model = TypeVar("Model", bound=Frozen)


class Reader:
    """Reads text, YAML and Markdown files under ``base``; what is wrong with them is kept in ``found``."""

    def __init__(self, base: Path) -> None:
        self.base, self.found = base, list[Fault]()

    def name(self, path: Path) -> str:
        """A file as messages name it."""
        return path.relative_to(self.base).as_posix() if path.is_relative_to(self.base) else path.name

    def add(self, path: Path, message: str, line: int = 0) -> None:
        """Keep one more mistake."""
        self.found.append(Fault(self.name(path), line, message))

    def text(self, path: Path) -> str | None:
        """The text of a file; None, and a mistake more, where it can't be read."""
        try:
            return read_text(path)
        except FileNotFoundError:
            self.add(path, "is missing")
        except UnicodeDecodeError:
            self.add(path, "is not UTF-8 text; save it as UTF-8")
        except OSError as error:
            self.add(path, f"can't be read: {error.strerror}")
        return None

    def model(self, model: type[Model], path: Path) -> Model | None:
        """A YAML file as a ``model``; None, and its mistakes, where it isn't one."""
        text = self.text(path)
        if text is None:
            return None
        try:
            return validate(model, parse(text, self.name(path)))
        except Unreadable as error:
            self.found.extend(error.faults)
            return None

    def document(self, head: type[Model], path: Path) -> Document[Model] | None:
        """A Markdown file with front matter between two lines of three hyphens; None where it isn't one."""
        text = self.text(path)
        if text is None:
            return None
        name = self.name(path)
        rows = [row.rstrip("\r") for row in text.split("\n")]
        if rows[0] != "---" or "---" not in rows[1:]:
            self.add(path, "must start with its front matter between two lines of three hyphens", 1)
            return None
        end = rows.index("---", 1)
        front, body = "\n".join(rows[1:end]), "\n".join(rows[end + 1 :])
        made = None
        try:
            made = validate(head, parse(front, name, first_line=2))
        except Unreadable as error:
            self.found.extend(error.faults)
        try:
            prose = sections(body, name, first_line=end + 2)
        except MarkdownFault as error:
            self.found.append(error.fault)
            return None
        return Document(made, prose, name) if made else None

    def raise_if_any(self, message: str) -> None:
        """ContentFault with every mistake that was found."""
        if self.found:
            raise ContentFault(message, faults=self.found)
