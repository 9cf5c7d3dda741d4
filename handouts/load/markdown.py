"""Clinicians' Markdown -> prose. A small, strict subset: what it does not know is a fault, never markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from markdown_it import MarkdownIt
from markdown_it.token import Token

from handouts.errors import Fault, shown
from handouts.load.language_files import is_translation
from handouts.model.base import straight
from handouts.model.prose import Block, Figure, Inline, Items, Paragraph, People, Run, Section

Part = TypeVar("Part")
_NUMBER = re.compile(r"\{([a-z0-9-]+(?:\.[a-z_]+)?|cite:[a-z0-9-]+)\}")
# All of Markdown is read, HTML too, so that whatever isn't allowed is seen and told, not printed as signs.
# Escapes stay apart from the text around them (no text_join): `\\{` is a brace, not a number's name.
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("text_join")
_NAMES = {
    "html_block": "HTML",
    "html_inline": "HTML",
    "table_open": "a table",
    "blockquote_open": "a quotation",
    "fence": "code",
    "code_block": "code (text that starts with four spaces)",
    "code_inline": "code",
    "hr": "a rule",
    "link_open": "a link",
    "image": "a picture inside a text",
    "em_open": "italics",
    "s_open": "struck out text",
    "bullet_list_open": "a list inside a list",
    "ordered_list_open": "a list inside a list",
    "paragraph_open": "a second paragraph in a list's item",
    "list_item_close": "an empty list item",
}
_UNMARKED = re.compile(r"[-+*](?=[^\W\d])|[•◦▪·]|\d+[.)](?=[^\W\d])")
"""How the lines of a list begin that Markdown does not take for one."""
_NO_LIST = "the lines of a list begin with '- ' or '1. ', with a space after it; write \\- to print a hyphen here"
_CLOSINGS = frozenset({"em_close", "s_close", "link_close"})
"""Their openings have been told."""
_ALLOWED = "Use paragraphs, '- ' lists, '1. ' lists, **bold**, '## ' headings and pictures only."


def _refusal(token: Token) -> str:
    return f"{_NAMES.get(token.type, 'this')} can't be printed here. {_ALLOWED}"


class MarkdownFault(Exception):
    """The mistakes in a file's prose; ``faults`` says where. ``sections``: what could be read all the same."""

    def __init__(self, faults: Sequence[Fault], sections: tuple[Section, ...] = ()) -> None:
        self.faults, self.sections = tuple(faults), sections
        super().__init__("\n".join(map(str, faults)))


class _Unknown(Exception):
    """A block that can't be printed; its fault is noted."""


def inline_text(text: str, *, bold: bool = False, line: int = 0) -> Inline:
    """Plain text with number references -> runs; ``line`` is where it stands, for messages."""
    runs: list[Run] = []
    at = 0
    for match in _NUMBER.finditer(text):
        if match.start() > at:
            runs.append(Run(text[at : match.start()], bold))
        runs.append(Run("", bold, number=match[1], line=line))
        at = match.end()
    if at < len(text):
        runs.append(Run(text[at:], bold))
    return tuple(runs)


def stray_sign(text: str) -> str | None:
    """What is wrong in ``text``: a brace that holds no number's name, a picture or link that did not parse."""
    if "{" in text or "}" in text:
        return "a brace holds the name of a number, such as {mvd-relief}; write \\{ to print a brace"
    if "](" in text:
        return "a picture is written ![what it shows](name.svg), its name without spaces"
    return None


def sections(text: str, file: str, *, first_line: int = 1, archived: bool = False) -> tuple[Section, ...]:
    """Markdown -> its sections, a section a ``##`` heading. MarkdownFault with all that lies outside the subset.

    ``archived``: it was printed from before, when less was refused.
    """
    env: dict[str, Any] = {}
    reader = _Reader(_PARSER.parse(text, env), file, first_line, archived=archived)
    for reference in (*env.get("references", {}).values(), *env.get("duplicate_refs", ())):
        # they leave no token, so they would vanish in silence
        reader.found.append(Fault(file, reference["map"][0] + first_line, f"a link can't be printed here. {_ALLOWED}"))
    read = tuple(reader.sections())
    reader.found.extend(_told_twice(read, file))
    if not reader.found and not archived:
        reader.found.extend(_empty(read, file))
    if reader.found:
        raise MarkdownFault(reader.found, read)
    return read


def _told_twice(read: Sequence[Section], file: str) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for section in read:
        if section.heading and section.heading in first:
            name = f"'## {shown(section.heading)}'"
            yield Fault(
                file, section.line, f"{name} stands in line {first[section.heading]} already; keep one of the two"
            )
        first.setdefault(section.heading, section.line)


def _empty(read: Sequence[Section], file: str) -> Iterator[Fault]:
    for section in read:
        if not section.blocks:
            name = f"'## {shown(section.heading)}'"
            way_out = "write its text" if is_translation(file) else "write its text, or delete the heading"
            yield Fault(file, section.line, f"{name} has nothing under it; {way_out}")


class _Reader:
    """Walks the token list of one document."""

    def __init__(self, tokens: Sequence[Token], file: str, first_line: int, *, archived: bool) -> None:
        self.tokens, self.file, self.first, self.at = tokens, file, first_line, 0
        self.archived = archived
        self.last = 0  # the line, from 0, of the last token that knew its own
        self.found: list[Fault] = []

    def sections(self) -> Iterator[Section]:
        """Every section; what is wrong in it is noted, and reading goes on after it."""
        heading, line, blocks = "", self.first, list[Block]()
        while self.more():
            token = self.peek()
            if token.type == "heading_open":
                if blocks or heading:
                    yield Section(heading, tuple(blocks), line)
                line, blocks = self.line(token), []
                heading = self.attempt(self.heading) or ""
            elif block := self.attempt(self.block):
                blocks.append(block)
        if blocks or heading:
            yield Section(heading, tuple(blocks), line)

    def attempt(self, read: Callable[[], Part]) -> Part | None:
        """What ``read`` reads of the block that begins here; None, with its faults noted and all of it passed, where it
        can't be printed.
        """
        start = self.at
        try:
            return read()
        except _Unknown:
            end = self.end_of(start)
            while self.at < end:  # whatever is wrong inside is told as well
                token = self.peek()
                self.at += 1
                if token.type == "inline":
                    self.runs(token)
            return None

    def end_of(self, start: int) -> int:
        """Where the block ends that begins at ``start``."""
        depth = 0
        for at in range(start, len(self.tokens)):
            depth += self.tokens[at].nesting
            if depth <= 0:
                return at + 1
        return len(self.tokens)

    def more(self) -> bool:
        return self.at < len(self.tokens)

    def peek(self) -> Token:
        token = self.tokens[self.at]
        if token.map:
            self.last = token.map[0]
        return token

    def next(self, kind: str = "") -> Token:
        token = self.peek()
        if kind and token.type != kind:
            raise self.unknown(token, _refusal(token))
        self.at += 1
        return token

    def line(self, token: Token) -> int:
        return (token.map[0] if token.map else self.last) + self.first

    def note(self, token: Token, message: str, *, below: int = 0) -> None:
        self.found.append(Fault(self.file, self.line(token) + below, message))

    def unknown(self, token: Token, message: str) -> _Unknown:
        self.note(token, message)
        return _Unknown()

    def heading(self) -> str:
        token = self.next("heading_open")
        if token.markup != "##":
            raise self.unknown(token, "headings start with exactly two #")
        inline = self.next("inline")
        self.next("heading_close")
        runs = self.runs(inline)
        if any(run.number for run in runs) or not runs:
            raise self.unknown(token, "a heading needs words of its own, without numbers from topic.yaml")
        return straight("".join(run.text for run in runs))

    def block(self) -> Block:
        token = self.peek()
        if token.type == "paragraph_open":
            self.next()
            inline = self.next("inline")
            self.next("paragraph_close")
            children = inline.children or []
            if len(children) == 1 and children[0].type == "image":
                return self.picture(children[0], inline)
            return Paragraph(self.runs(inline))
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            return self.items()
        raise self.unknown(token, _refusal(token))

    def items(self) -> Items:
        opening = self.next()
        closing = opening.type.replace("_open", "_close")
        found: list[Inline] = []
        while self.peek().type != closing:
            item = self.attempt(self.item)
            found.extend([item] if item else ())
        self.next()
        return Items(tuple(found), ordered=opening.type.startswith("ordered"))

    def item(self) -> Inline:
        self.next("list_item_open")
        self.next("paragraph_open")
        runs = self.runs(self.next("inline"))
        self.next("paragraph_close")
        self.next("list_item_close")
        return runs

    def runs(self, inline: Token) -> Inline:
        """The text of a block; what can't be printed in it is noted, and left out."""
        runs: list[Run] = []
        bold = below = 0
        starts = True  # a line of the file
        for child in inline.children or []:
            if starts and child.type == "text" and _UNMARKED.match(child.content) and not self.archived:
                self.note(inline, _NO_LIST, below=below)
            starts = child.type in {"softbreak", "hardbreak"} or (starts and not child.content)
            if child.type in {"softbreak", "hardbreak"}:
                below += 1
                runs.append(Run(" ", bold > 0))
            elif child.type == "text_special":
                runs.append(Run(child.content, bold > 0))
            elif child.type == "text":
                found = inline_text(child.content, bold=bold > 0, line=self.line(inline) + below)
                wrong = stray_sign("".join(run.text for run in found))
                if wrong:
                    self.note(inline, wrong, below=below)
                runs.extend(found)
            elif child.type in {"strong_open", "strong_close"}:
                bold += 1 if child.type == "strong_open" else -1
            elif child.type not in _CLOSINGS:
                self.note(inline, _refusal(child), below=below)
        return tuple(runs)

    def picture(self, image: Token, inline: Token) -> Figure | People:
        target = str(image.attrs.get("src", ""))
        line = self.line(inline)
        caption = inline_text(str(image.attrs.get("title", "")), line=line)
        before = len(self.found)
        wrong = stray_sign("".join(run.text for run in caption))
        if wrong:
            self.note(inline, wrong)
        if not image.content.strip():
            self.note(inline, "a picture needs words for someone who can't see it: ![what it shows](...)")
        people = target.startswith("people:")
        numbers = tuple(target.removeprefix("people:").split(","))
        labels = tuple(part.strip() for part in image.content.split(" / "))
        name = target.removesuffix(".svg")
        if people and len(labels) != len(numbers) + 1:
            message = f"a picture of people with {len(numbers)} number(s) needs {len(numbers) + 1} labels"
            self.note(inline, f"{message}, parted by ' / '; the last is for the rest")
        elif not people and (name == target or not re.fullmatch(r"[a-z0-9-]+", name)):
            self.note(inline, "a picture is named by its file alone, such as (face-in-spasm.svg)")
        if len(self.found) > before:
            raise _Unknown
        return People(numbers, labels, caption, line) if people else Figure(name, image.content, caption, line)
