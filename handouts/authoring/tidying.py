"""A filled-in file as word processors, mail and web pages send it back -> the same in the form that content has. Pure.

They turn quotation marks, hyphens, arrows, bullets, digits and spaces into others, and break lines. What stands for the
same is put right; what can't be known is left, so that reading the file tells its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import yaml

from handouts.load.language_files import GAP

_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_LEFT_OUT = re.compile("[\u00ad\u200b\u200e\u200f\u061c\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Soft hyphens, marks of order and of direction: nobody sees them, and the program sets its own."""
_FULL_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)} | str.maketrans("｛｝＊＿＃", "{}*_#")
_DASHES = "-‐‑‒–—―−"
_OPENING = '"“”„‟«»‹›‘’‚「『＂'
_CLOSING = '"”“‟«»‹›’‘」』＂'
_BULLETS = "•·◦▪▫‣⁃●○■□∙➢"
_FENCE = re.compile(rf"\s*(?:[-]{{3,}}|[–—―][{_DASHES}]*|-[–—―])\s*")
_OPEN = re.compile(rf"<!\s*[{_DASHES}]{{1,4}}")
_CLOSE = re.compile(rf"\s*(?:[{_DASHES}]{{1,3}}\s*(?:>|›|→)|[→⟶➔à])\s*$")
_GAP = re.compile(r"(?:\\?_\s?){2,}(?<!\s)")
_REFERENCE = re.compile(r"\{\s*([^{}\n]{1,80}?)\s*\}")
_BOLD = re.compile(r"\*\*[^\S\n]*([^*\n]+?)[^\S\n]*\*\*")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&nbsp;": " ", "&amp;": "&"}
_PICTURE = re.compile(rf"!\s*\[(.*)\]\s*\(\s*([\w:,.-]+)\s*(?:[{_OPENING}]\s*(.*?)\s*[{_CLOSING}]\s*)?\)\s*")
_KEY = re.compile(
    rf"(\s*)((?:-\s+)*)(?:([A-Za-z][\w-]*)|[{_OPENING}]([^{_OPENING}{_CLOSING}]+)[{_CLOSING}])\s*[:：]\s*(.*)"
)


_REMARK = re.compile(rf"(.*[{_CLOSING}])(\s+#\s.*)")
"""A value, and a comment behind its quotation marks."""


@dataclass(frozen=True)
class Tidied:
    """A file's ``text``, and for each of its lines the number of the line that it had."""

    text: str
    numbers: Sequence[int]

    def line(self, number: int) -> int:
        """The line of the file as it came; 0 stays 0."""
        return self.numbers[min(number, len(self.numbers)) - 1] if number and self.numbers else 0


def tidy(text: str, *, markdown: bool, references: Collection[str]) -> Tidied:
    """``references``: what stands in braces in English, such as ``{mvd-relief}``; ``markdown``: there is prose below
    front matter.
    """
    rows = [(number, _signs(line)) for number, line in enumerate(re.split("\r\n|[\n\r\x0b\x0c\u2028\u2029]", text), 1)]
    if markdown:
        head, prose = _parted(rows)
        made = [*head[:1], *_front_matter(head[1:-1]), *head[-1:], *_prose(prose)] if head else rows
    else:
        made = list(_front_matter(rows))
    known = {_bare(one[1:-1]): one for one in references}
    return Tidied("\n".join(_words(line, known) for _, line in made), [number for number, _ in made])


Row = tuple[int, str]
"""A line, and its number in the file as it came."""


def _signs(line: str) -> str:
    """Without what nobody sees, with plain digits and braces."""
    line = _LEFT_OUT.sub("", line).translate(_FULL_WIDTH)
    for entity, sign in _ENTITIES.items():
        line = line.replace(entity, sign)
    return line


def _words(line: str, known: dict[str, str]) -> str:
    """With gaps, names in braces and bold words as the program writes them."""
    line = _GAP.sub(GAP, line)
    line = _REFERENCE.sub(lambda found: known.get(_bare(found[1]), found[0]), line)
    return _BOLD.sub(r"**\1**", line)


def _bare(name: str) -> str:
    """A name in braces, whatever spaces, hyphens and capitals it was given."""
    return re.sub(rf"[{_DASHES}]", "-", re.sub(rf"[\s{_SPACES}]", "", name)).replace("：", ":").lower()


def _parted(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Front matter with the lines around it, which a word processor may have made a rule of; and what comes below. None
    of both where it can't be told where the front matter ends.
    """
    rows = list(rows)
    while rows and not rows[0][1].strip():
        rows.pop(0)
    if not rows:
        return [], []
    if not _FENCE.fullmatch(rows[0][1]):
        rows.insert(0, (rows[0][0], "---"))
    below = next((at for at, (_, line) in enumerate(rows) if _OPEN.match(line.strip())), len(rows))
    end = next((at for at in range(1, below) if _FENCE.fullmatch(rows[at][1])), None)
    if end is None:
        if below == len(rows):
            return [], []
        rows.insert(below, (rows[below][0], "---"))
        end = below
    return [(rows[0][0], "---"), *rows[1:end], (rows[end][0], "---")], rows[end + 1 :]


def _front_matter(rows: Sequence[Row]) -> Iterator[Row]:
    """YAML: spaces, bullets, colons and the quotation marks around a value."""
    open_ = False
    for at, (number, line) in enumerate(rows):
        if open_:
            open_ = not line.rstrip().endswith(tuple(_CLOSING))
            inner = line.rstrip() if open_ else line.rstrip()[:-1]
            yield number, inner.replace('"', '\\"') + ("" if open_ else '"')
            continue
        plain = re.sub(rf"^[\s{_SPACES}]+", lambda found: found[0].expandtabs(2).replace("\t", "  "), line.rstrip())
        plain = re.sub(rf"^[\s{_SPACES}]+", lambda found: " " * len(found[0]), plain)
        plain = re.sub(rf"^(\s*)[{_BULLETS}*–—]\s*", r"\1- ", plain)
        plain = re.sub(rf"^(\s*-)(?:[{_SPACES}]\s*|(?=[{_OPENING}]))", r"\1 ", plain)
        if plain.lstrip().startswith("#") or plain.strip() in {"", "-"}:
            yield number, plain
            continue
        start, value = _start_and_value(plain)
        value, remark = _without_remark(value)
        open_ = value[:1] in set(_OPENING) and not _is_closed(value) and _ends_below(rows[at + 1 :])
        yield number, start + (f'"{_escaped(value[1:])}' if open_ else _value(value)) + remark


def _start_and_value(line: str) -> tuple[str, str]:
    if found := _KEY.fullmatch(line):
        indent, dashes, key, quoted, value = found.groups()
        name = key or json.dumps(quoted, ensure_ascii=False)
        return f"{indent}{dashes}{name}:{' ' if value else ''}", value
    dash = re.match(r"\s*(?:-\s+)+", line)
    return (dash[0], line[dash.end() :]) if dash else ("", line)


def _without_remark(value: str) -> tuple[str, str]:
    found = _REMARK.fullmatch(value)
    return (found[1], found[2]) if found else (value, "")


def _ends_below(rows: Sequence[Row]) -> bool:
    """Whether a text in quotation marks goes on in lines that are no keys, and ends there."""
    for _, line in rows:
        if not line.strip() or _KEY.fullmatch(line) or re.match(r"\s*[-#]", line):
            return False
        if line.rstrip().endswith(tuple(_CLOSING)):
            return True
    return False


def _is_closed(value: str) -> bool:
    return len(value) > 1 and value[-1] in _CLOSING


def _value(value: str) -> str:
    """A value in quotation marks that YAML knows, where it was in others, or in none and needs some."""
    if value[:1] in _OPENING and value and _is_closed(value):
        inner = value[1:-1].strip(_spaces()) if value[0] != '"' else value[1:-1]
        if value[0] == '"' == value[-1] and _yaml(value) is not None:
            return value
        return f'"{_escaped(inner)}"'
    if _yaml(value) == value or value[:1] in {"", "[", "|", ">", "'", "&", "#"}:
        return value
    if value[:1] == "{" and not re.match(r"\{[\w:.-]+\}", value):
        return value
    return f'"{_escaped(value)}"' if isinstance(_yaml(value), dict | None) else value


def _escaped(text: str) -> str:
    return re.sub(r"\\(?!n)", r"\\\\", text.replace('\\"', '"')).replace('"', '\\"')


def _spaces() -> str:
    return " \u00a0\u202f\u2009"


def _yaml(value: str) -> object:
    """What YAML reads a value as, as text where it is a scalar; None where it can't."""
    try:
        made: object = yaml.load(f"k: {value}", Loader=yaml.BaseLoader)["k"]  # noqa: S506  makes nothing but text
    except (yaml.YAMLError, KeyError, TypeError):
        return None
    return made


def _prose(rows: Sequence[Row]) -> Iterator[Row]:
    """Markdown, with the English in comments: arrows and hyphens around these, headings, lists, pictures."""
    english, in_comment = "", False
    kept: list[Row] = []
    for number, line in rows:
        line = line.rstrip()
        if not in_comment and (found := _OPEN.match(line.lstrip())):
            line, in_comment, english = f"<!-- {line.lstrip()[found.end() :].lstrip()}", True, ""
        if in_comment:
            closed = _CLOSE.search(line)
            in_comment = closed is None
            english += line.removeprefix("<!-- ") + "\n"
            kept.append((number, f"{line[: closed.start()]} -->" if closed else line))
        else:
            kept.append((number, _told(line, english)))
    yield from _without_gaps_in_lists(kept)


def _told(line: str, english: str) -> str:
    """A line of the translation of ``english``."""
    if picture := _PICTURE.fullmatch(line.strip()):
        caption = f' "{picture[3].replace(chr(34), chr(8221))}"' if picture[3] else ""
        return f"![{picture[1].strip()}]({picture[2]}{caption})"
    line = re.sub(rf"^[\s{_SPACES}]*(#+)[\s{_SPACES}]*", r"\1 ", line)
    if re.search(r"(?m)^- ", english):
        line = re.sub(rf"^[\s{_SPACES}]*[{_DASHES}{_BULLETS}*+][\s{_SPACES}]+(?!\*)|^\s*[{_BULLETS}](?=\w)", "- ", line)
    if re.search(r"(?m)^\d+\. ", english):
        line = re.sub(rf"^[\s{_SPACES}]*\(?(\d+)[.)،．]?[.)\s{_SPACES}][\s{_SPACES}]*", _numbered, line)
    return line


def _numbered(found: re.Match[str]) -> str:
    return f"{int(found[1])}. "


def _without_gaps_in_lists(rows: Sequence[Row]) -> Iterator[Row]:
    """No empty lines between the entries of a list."""
    entry = re.compile(r"- |\d+\. ")
    for at, (number, line) in enumerate(rows):
        before = next((text for _, text in reversed(rows[:at]) if text.strip()), "")
        behind = next((text for _, text in rows[at:] if text.strip()), "")
        if line.strip() or not (entry.match(before) and entry.match(behind)):
            yield number, line
