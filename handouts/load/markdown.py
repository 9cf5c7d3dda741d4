"""Clinicians' Markdown -> prose. A small, strict subset: what it does not know is a fault, never markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from handouts.errors import Fault
from handouts.model.prose import Block, Figure, Inline, Items, Paragraph, People, Run, Section

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
_ALLOWED = "Use paragraphs, '- ' lists, '1. ' lists, **bold**, '## ' headings and pictures only."


def _refusal(token: Token) -> str:
    return f"{_NAMES.get(token.type, 'this')} can't be printed here. {_ALLOWED}"


class MarkdownFault(Exception):
    """A mistake in prose; ``fault`` says where."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


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


def sections(text: str, file: str, *, first_line: int = 1) -> tuple[Section, ...]:
    """Markdown -> its sections, a section a ``##`` heading. MarkdownFault for anything outside the subset."""
    env: dict[str, Any] = {}
    tokens = _PARSER.parse(text, env)
    for reference in env.get("references", {}).values():  # they leave no token, so they would vanish in silence
        raise MarkdownFault(Fault(file, reference["map"][0] + first_line, f"a link can't be printed here. {_ALLOWED}"))
    reader = _Reader(tokens, file, first_line)
    found: list[Section] = []
    heading, line, blocks = "", first_line, list[Block]()
    while reader.more():
        token = reader.peek()
        if token.type == "heading_open":
            if blocks or heading:
                found.append(Section(heading, tuple(blocks), line))
            line, blocks = reader.line(token), []
            heading = reader.heading()
        else:
            blocks.append(reader.block())
    if blocks or heading:
        found.append(Section(heading, tuple(blocks), line))
    return tuple(found)


class _Reader:
    """Walks the token list of one document."""

    def __init__(self, tokens: Sequence[Token], file: str, first_line: int) -> None:
        self.tokens, self.file, self.first, self.at = tokens, file, first_line, 0
        self.last = 0  # the line, from 0, of the last token that knew its own

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
            raise self.fault(token, _refusal(token))
        self.at += 1
        return token

    def line(self, token: Token) -> int:
        return (token.map[0] if token.map else self.last) + self.first

    def fault(self, token: Token, message: str, *, below: int = 0) -> MarkdownFault:
        return MarkdownFault(Fault(self.file, self.line(token) + below, message))

    def heading(self) -> str:
        token = self.next("heading_open")
        if token.markup != "##":
            raise self.fault(token, "headings start with exactly two #")
        inline = self.next("inline")
        self.next("heading_close")
        runs = self.runs(inline)
        if any(run.number for run in runs) or not runs:
            raise self.fault(token, "a heading needs words of its own, without numbers from topic.yaml")
        return "".join(run.text for run in runs)

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
        raise self.fault(token, _refusal(token))

    def items(self) -> Items:
        opening = self.next()
        closing = opening.type.replace("_open", "_close")
        found: list[Inline] = []
        while self.peek().type != closing:
            self.next("list_item_open")
            self.next("paragraph_open")
            found.append(self.runs(self.next("inline")))
            self.next("paragraph_close")
            self.next("list_item_close")
        self.next()
        return Items(tuple(found), ordered=opening.type.startswith("ordered"))

    def runs(self, inline: Token) -> Inline:
        runs: list[Run] = []
        bold = below = 0
        for child in inline.children or []:
            if child.type in {"softbreak", "hardbreak"}:
                below += 1
                runs.append(Run(" ", bold > 0))
            elif child.type == "text_special":
                runs.append(Run(child.content, bold > 0))
            elif child.type == "text":
                found = inline_text(child.content, bold=bold > 0, line=self.line(inline) + below)
                wrong = stray_sign("".join(run.text for run in found))
                if wrong:
                    raise self.fault(inline, wrong, below=below)
                runs.extend(found)
            elif child.type in {"strong_open", "strong_close"}:
                bold += 1 if child.type == "strong_open" else -1
            else:
                raise self.fault(inline, _refusal(child), below=below)
        return tuple(runs)

    def picture(self, image: Token, inline: Token) -> Figure | People:
        target = str(image.attrs.get("src", ""))
        line = self.line(inline)
        caption = inline_text(str(image.attrs.get("title", "")), line=line)
        wrong = stray_sign("".join(run.text for run in caption))
        if wrong:
            raise self.fault(inline, wrong)
        if not image.content.strip():
            raise self.fault(inline, "a picture needs words for someone who can't see it: ![what it shows](...)")
        if target.startswith("people:"):
            numbers = tuple(target.removeprefix("people:").split(","))
            labels = tuple(part.strip() for part in image.content.split(" / "))
            if len(labels) != len(numbers) + 1:
                message = f"a picture of people with {len(numbers)} number(s) needs {len(numbers) + 1} labels"
                raise self.fault(inline, f"{message}, parted by ' / '; the last is for the rest")
            return People(numbers, labels, caption, line)
        name = target.removesuffix(".svg")
        if name == target or not re.fullmatch(r"[a-z0-9-]+", name):
            raise self.fault(inline, "a picture is named by its file alone, such as (face-in-spasm.svg)")
        return Figure(name, image.content, caption, line)
