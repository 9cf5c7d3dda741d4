"""Files of content -> validated models. The mistakes of several files are collected, so that all are told at once.

Characters that nobody can see are mistakes: they could print "5 to 10" as "01 ot 5", or part a word unseen.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from handouts.errors import ContentFault, Fault
from handouts.load.files import read_text
from handouts.load.markdown import MarkdownFault, sections
from handouts.load.validation import validate
from handouts.load.yamlfile import Parsed, Unreadable, parse
from handouts.model.base import Frozen
from handouts.model.characters import find_invisible
from handouts.model.document import Document

Model = TypeVar("Model", bound=Frozen)


def _texts(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text and key in parsed YAML, and where it stands."""
    if isinstance(value, str):
        yield place, value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if isinstance(key, str):
            yield (*place, key), key
        yield from _texts(item, (*place, key))


class Reader:
    """Reads text, YAML and Markdown files under ``base``; what is wrong with them is kept in ``found``.

    ``archived``: they were printed from before, so characters that would be refused today are let through.
    """

    def __init__(self, base: Path, *, archived: bool = False) -> None:
        self.base, self.found, self.archived = base, list[Fault](), archived

    def name(self, path: Path) -> str:
        """A file as messages name it."""
        return path.relative_to(self.base).as_posix() if path.is_relative_to(self.base) else path.name

    def add(self, path: Path, message: str, line: int = 0) -> None:
        """Keep one more mistake."""
        self.found.append(Fault(self.name(path), line, message))

    def text(self, path: Path) -> str | None:
        """The text of a file; None, and its mistakes, where it can't be read or printed."""
        try:
            text = read_text(path)
            return text if self._is_visible(path, text) else None
        except FileNotFoundError:
            self.add(path, "is missing")
        except UnicodeDecodeError:
            self.add(path, "is not UTF-8 text; save it as UTF-8")
        except OSError as error:
            self.add(path, f"can't be read: {error.strerror}")
        return None

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
        return parsed

    def model(self, model: type[Model], path: Path) -> Model | None:
        """A YAML file as a ``model``; None, and its mistakes, where it isn't one."""
        text = self.text(path)
        if text is None:
            return None
        try:
            return validate(model, self._parse(text, self.name(path)))
        except Unreadable as error:
            self.found.extend(error.faults)
            return None

    def document(self, head: type[Model], path: Path) -> Document[Model] | None:
        """A Markdown file with front matter between two lines of three hyphens; None where it isn't one."""
        text = self.text(path)
        if text is None:
            return None
        name = self.name(path)
        rows = text.split("\n")
        if rows[0] != "---" or "---" not in rows[1:]:
            self.add(path, "must start with its front matter between two lines of three hyphens", 1)
            return None
        end = rows.index("---", 1)
        front, body = "\n".join(rows[1:end]), "\n".join(rows[end + 1 :])
        made = None
        try:
            made = validate(head, self._parse(front, name, 2))
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
