"""YAML and JSON text -> plain data and the line of every key.

Scalars stay text (CONTENT-8); the model gives each its type (`handouts.load.validation`). Anchors and aliases are
refused.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from handouts.errors import Fault

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = frozenset({"", "~", "null"})  # Null is a surname
_QUOTED = re.compile(r"""\s*(['"]).*\1""", re.S)
MAX_BYTES = 1_000_000
_MAX_DEPTH = 20

Path = tuple[str | int, ...]


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
    lines: dict[Path, int] = {}
    offset = first_line - 1
    try:
        loader = _Loader(text)
        try:
            _refuse_traps(text, file, offset)
            node = loader.get_single_node()
        finally:
            loader.dispose()
        data = None if node is None else _build(node, (), lines, file, offset)
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        as_json = _json(text)
        if as_json is not None:
            return Parsed(as_json, {}, file)
        raise Unreadable(_yaml_fault(error, text, file, offset)) from None
    return Parsed(data, lines, file)


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


def _build(node: yaml.Node, path: Path, lines: dict[Path, int], file: str, offset: int) -> Any:
    line = _line(node) + offset
    lines.setdefault(path, line)
    if isinstance(node, yaml.ScalarNode):
        if not node.style and node.value in _NOTHING:
            return None
        # JSON writes characters beyond the BMP as two escapes; YAML keeps them apart.
        return node.value.encode("utf-16", "surrogatepass").decode("utf-16")
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, i), lines, file, offset) for i, child in enumerate(node.value)]
    made: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key_line = _line(key_node) + offset
        if not isinstance(key_node, yaml.ScalarNode):
            raise Unreadable(Fault(file, key_line, "a key must be a plain word"))
        key = str(key_node.value)
        if key in made:
            first = lines[(*path, key)]
            raise Unreadable(Fault(file, key_line, f"repeats the key of line {first}; keep one of the two"))
        lines[(*path, key)] = key_line
        made[key] = _build(value_node, (*path, key), lines, file, offset)
    return made


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
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = " (put quotes around a text that holds a colon)"
    elif "cannot start any token" in problem:
        hint = " (indent with spaces, not tabs; put quotes around a text that starts with a sign)"
    line = mark.line if mark else text.count("\n", 0, _position(error))
    return Fault(file, line + 1 + offset, f"is not valid YAML: {problem}{hint}")
