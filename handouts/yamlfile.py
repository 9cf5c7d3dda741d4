"""YAML and JSON text -> plain data and the line of every key; then a validated model, or all faults at once.

Scalars stay text (YAML's guesses turn a record number 00417 into 271 and "no" into False); the model
gives each its type. Anchors and aliases are refused: they can make a small file explode.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from handouts.errors import Fault, nearest, shown

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = frozenset({"", "~", "null"})  # Null is a surname
MAX_BYTES = 1_000_000
_MAX_DEPTH = 20

Path = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


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
            raise Unreadable(Fault(file, key_line, "a key has to be a plain word"))
        key = str(key_node.value)
        if key in made:
            raise Unreadable(Fault(file, key_line, f"the key '{shown(key)}' stands twice"))
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
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = " (put quotes around a text that holds a colon)"
    elif "cannot start any token" in problem:
        hint = " (indent with spaces, not tabs; put quotes around a text that starts with a sign)"
    line = mark.line if mark else text.count("\n", 0, _position(error))
    return Fault(file, line + 1 + offset, f"is not valid YAML: {problem}{hint}")


def validate(model: type[Model], parsed: Parsed) -> Model:
    """``parsed`` as a ``model``. Unreadable with every fault: key, line, the nearest known name; never the value."""
    if not isinstance(parsed.data, dict):
        raise Unreadable(Fault(parsed.file, parsed.line(()), "has to hold keys and values, such as 'name: ...'"))
    try:
        return model.model_validate(parsed.data)
    except ValidationError as error:
        raise Unreadable(*_faults(error, model, parsed)) from None


def _faults(error: ValidationError, model: type[BaseModel], parsed: Parsed) -> Iterator[Fault]:
    for item in error.errors(include_url=False, include_input=False, include_context=True):
        path: Path = tuple(part for part in item["loc"] if part != "[key]")
        yield Fault(parsed.file, parsed.line(path), _message(item, path, model))


_PLAIN = {
    "missing": "is missing",
    "int_parsing": "has to be a whole number",
    "int_type": "has to be a whole number",
    "bool_parsing": "has to be true or false",
    "bool_type": "has to be true or false",
    "string_type": "has to be text",
    "string_unicode": "holds half a character (a lone surrogate); type the text again by hand",
    "tuple_type": "has to be a list, such as [one, two]",
    "model_type": "has to hold keys and values",
    "model_attributes_type": "has to hold keys and values",
    "dict_type": "has to hold keys and values",
    "mapping_type": "has to hold keys and values",
    "date_from_datetime_parsing": "has to be a date, such as 2026-11-22",
    "date_parsing": "has to be a date, such as 2026-11-22",
    "date_from_datetime_inexact": "has to be a date, such as 2026-11-22",
    "datetime_object_invalid": "has to be a date and time, such as 2026-12-04T10:30",
    "datetime_parsing": "has to be a date and time, such as 2026-12-04T10:30",
    "datetime_from_date_parsing": "has to be a date and time, such as 2026-12-04T10:30",
    "string_pattern_mismatch": "is not in the right form",
}


_LIMITS = {
    "too_long": "holds too many: {} at most",
    "too_short": "holds too few: {} at least",
    "string_too_long": "is too long: {} character{} at most",
    "string_too_short": "is too short: {} character{} at least",
}


def _message(item: ErrorDetails, path: Path, model: type[BaseModel]) -> str:
    kind, message, context = item["type"], item["msg"], item.get("ctx", {})
    name = ".".join(str(part + 1) if isinstance(part, int) else shown(part) for part in path)
    if kind == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        return f"unknown key '{name}'. {nearest(str(path[-1]), known, what='keys here')}"
    if kind in _LIMITS:
        limit = next(context[key] for key in ("max_length", "min_length") if key in context)
        return f"'{name}' {_LIMITS[kind]}".format(limit, "" if limit == 1 else "s")
    if kind in _PLAIN:
        return f"'{name}' {_PLAIN[kind]}"
    if kind == "value_error" or kind == "content":
        return f"'{name}' {message.removeprefix('Value error, ')}" if name else message.removeprefix("Value error, ")
    return f"'{name}': {message[:1].lower()}{message[1:]}"


def _known_keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that the model knows at ``path``."""
    current: Any = model
    named = False  # True where a mapping's own key comes next, which no model knows
    for part in path:
        if isinstance(part, int) or named:
            named = False
            continue
        field = next(field for name, field in current.model_fields.items() if part in {name, field.alias})
        named = get_origin(field.annotation) is Mapping
        current = _model_in(field.annotation)
    return [field.alias or name for name, field in current.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
