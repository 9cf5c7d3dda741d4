"""YAML and JSON text -> plain data and the line of every key.

Scalars stay text (CONTENT-8); the model gives each its type (`handouts.load.validation`). Anchors and aliases are
refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from handouts.errors import Fault

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = frozenset({"", "~", "null"})  # Null is a surname
_QUOTED = re.compile(r"""\s*(['"]).*\1""", re.S)
MAX_BYTES = 1_000_000
_MAX_DEPTH = 20

_COLOR = re.compile(r"""["'\w-]:[ \t]+#[0-9a-fA-F]{6}(?![\w"'])""")
"""A color where YAML reads a comment."""
_COMMENT = re.compile(r"#.*")
_GOES_ON = re.compile(r"(?:and|or|but|nor|as|if|which|who|that|unless|until|because)\s")
"""How an item of a list in brackets begins that is the rest of the one before it."""
COLOR_HINT = 'a color needs quotes, as in "#17324d": without them # begins a comment'

Path = tuple[str | int, ...]
Slip = Literal["cut", "color"]
"""What YAML takes without a word, and nobody means: a key without a colon inside braces, or an item of a list in
brackets, which may be the rest of a text after its comma; a color that is a comment.
"""


class Unreadable(Exception):
    """The text can't be read at all, or its values don't fit the model; ``faults`` says where and why."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(*faults)


@dataclass(frozen=True)
class Parsed:
    """Plain data (dicts, lists, text, None), and the line of each path in it."""

    data: Any
    lines: dict[Path, int]
    file: str
    slips: Mapping[Path, Slip] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of ``path`` or of the nearest thing around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 0


def parse(text: str, file: str, *, first_line: int = 1) -> Parsed:
    """Read YAML or JSON. Unreadable when it does not parse, repeats a key, or uses anchors."""
    if len(text) > MAX_BYTES:
        raise Unreadable(Fault(file, 0, "is too large (one million characters at most)"))
    text = text.removeprefix("\ufeff")
    building = _Building(file, first_line - 1, text)
    offset = first_line - 1
    try:
        loader = _Loader(text)
        try:
            _refuse_traps(text, file, offset)
            node = loader.get_single_node()
        finally:
            loader.dispose()
        data = None if node is None else building.build(node, ())
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        as_json = _json(text)
        if as_json is not None:
            return Parsed(as_json, {}, file)
        raise Unreadable(_yaml_fault(error, text, file, offset)) from None
    return Parsed(data, building.lines, file, building.slips)


def parse_json(text: str, file: str) -> Parsed:
    """Read one JSON object, numbers as text. Unreadable when it is not one, or repeats a key."""
    made = _json(text) if len(text) <= MAX_BYTES else None
    if made is None:
        raise Unreadable(Fault(file, 0, "is not a JSON object (each key once, not nested too deeply)"))
    return Parsed(made, {}, file)


def _json(text: str) -> Any:
    """``text`` read as JSON with numbers as text; None when it is not a JSON object."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        data = json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_no_repeats)
        return _as_text(data, _MAX_DEPTH)
    except (ValueError, RecursionError):
        return None


def _as_text(data: Any, depth: int) -> Any:
    """JSON's true and false as text too, as in YAML. ValueError when nested too deeply."""
    if depth < 0:
        raise ValueError
    if isinstance(data, dict):
        return {key: _as_text(value, depth - 1) for key, value in data.items()}
    if isinstance(data, list):
        return [_as_text(value, depth - 1) for value in data]
    return str(data).lower() if isinstance(data, bool) else data


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice")
    return made


def _refuse_traps(text: str, file: str, offset: int) -> None:
    """Look through the events first: libyaml's composer calls itself, so deep nesting would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise Unreadable(Fault(file, _line(event) + offset, "is nested too deeply"))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            message = "uses an anchor or alias (& or *); write the value out, or put quotes around it"
            raise Unreadable(Fault(file, _line(event) + offset, message))


def _line(thing: Any) -> int:
    line: int = thing.start_mark.line
    return line + 1


class _Building:
    """Nodes of YAML -> plain data, with the line of each key and the slips among them."""

    def __init__(self, file: str, offset: int, text: str) -> None:
        self.file, self.offset, self.text = file, offset, text
        self.lines: dict[Path, int] = {}
        self.slips: dict[Path, Slip] = {}

    def build(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, _line(node) + self.offset)
        if isinstance(node, yaml.ScalarNode):
            if not node.style and node.value in _NOTHING:
                return None
            # JSON writes characters beyond the BMP as two escapes; YAML keeps them apart.
            return node.value.encode("utf-16", "surrogatepass").decode("utf-16")
        if isinstance(node, yaml.SequenceNode):
            return self.sequence(node, path)
        return self.mapping(node, path) if isinstance(node, yaml.MappingNode) else None

    def sequence(self, node: yaml.SequenceNode, path: Path) -> list[Any]:
        made = [self.build(child, (*path, i)) for i, child in enumerate(node.value)]
        for i, child in enumerate(node.value[1:] if node.flow_style else (), 1):
            if isinstance(child, yaml.ScalarNode) and not child.style and _GOES_ON.match(child.value):
                self.slips[(*path, i)] = "cut"
        return made

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node, made, path)
            made[key] = self.build(value_node, (*path, key))
            if made[key] is None and (slip := self.slip(node, key_node, value_node)):
                self.slips[(*path, key)] = slip
        return made

    def key(self, node: yaml.Node, made: Mapping[str, Any], path: Path) -> str:
        """The key that ``node`` holds, its line noted. Unreadable where it is none, or stands in ``made`` already."""
        line = _line(node) + self.offset
        if not isinstance(node, yaml.ScalarNode):
            raise Unreadable(Fault(self.file, line, "a key must be a plain word"))
        key = str(node.value)
        if key in made:
            first = self.lines[(*path, key)]
            raise Unreadable(Fault(self.file, line, f"repeats the key of line {first}; keep one of the two"))
        self.lines[(*path, key)] = line
        return key

    def slip(self, mapping: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> Slip | None:
        """What may have been meant where a key has no value."""
        end = key.end_mark.index
        if mapping.flow_style and ":" not in _COMMENT.sub("", self.text[end : value.start_mark.index]):
            return "cut"
        return "color" if _COLOR.match(self.text, end - 1) else None


def _position(error: Exception) -> int:
    position = getattr(error, "position", None) or getattr(error, "start", 0)
    return position if isinstance(position, int) else 0


def _yaml_fault(error: Exception, text: str, file: str, offset: int) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or "it holds characters that can't be printed")
    if "end of stream" in problem:  # a quote or bracket that nobody closed: name where it opens
        mark = getattr(error, "context_mark", None) or mark
        problem = "a quote or bracket is opened here and never closed"
    problem = _QUOTED.sub("", problem)  # PyYAML without libyaml quotes the text itself
    line = mark.line if mark else text.count("\n", 0, _position(error))
    first = getattr(getattr(error, "context_mark", None), "line", line)
    rows = text.split("\n")
    for at in range(first, min(line, len(rows) - 1) + 1):
        if _COLOR.search(rows[at]):
            return Fault(file, at + 1 + offset, f"is not valid YAML: {COLOR_HINT}")
    return Fault(file, line + 1 + offset, f"is not valid YAML: {problem}{_hint(problem)}")


def _hint(problem: str) -> str:
    if "mapping values are not allowed" in problem:
        return " (put quotes around a text that holds a colon)"
    if "cannot start any token" in problem or "found a tab" in problem:
        return " (indent with spaces, not tabs; put quotes around a text that starts with a sign)"
    if "did not find expected" in problem:
        return " (put quotes around a text that holds a colon, a comma or a sign; close each { and [)"
    return ""
