"""Plain data -> a validated model, or all faults at once: pydantic's findings with key, line and what to write."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from handouts.errors import MOST_TOLD, Fault, is_nearly_known, nearest, shown
from handouts.load.yamlfile import Parsed, Path, Unreadable

Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], parsed: Parsed) -> Model:
    """``parsed`` as a ``model``. Unreadable with every fault: key, line, the nearest known name; never the value."""
    if not isinstance(parsed.data, dict):
        raise Unreadable(Fault(parsed.file, parsed.line(()), "must hold keys and values, such as 'name: ...'"))
    try:
        return model.model_validate(parsed.data)
    except ValidationError as error:
        raise Unreadable(*_faults(error, model, parsed), *_held_back(error, model, parsed)) from None


def _faults(error: ValidationError, model: type[BaseModel], parsed: Parsed) -> Iterator[Fault]:
    for i, item in enumerate(error.errors(include_url=False, include_input=False, include_context=True)):
        path: Path = tuple(part for part in item["loc"] if part != "[key]")
        yield Fault(parsed.file, parsed.line(path), _message(item, path, model, look=i < MOST_TOLD))


def _held_back(error: ValidationError, model: type[BaseModel], parsed: Parsed) -> Iterator[Fault]:
    """What a model finds only once every part of it is right, such as an id that stands twice: told in the same round.

    Parts that are wrong are left out; what is said of them would mislead.
    """
    places = [tuple(part for part in item["loc"] if part != "[key]") for item in error.errors(include_url=False)]
    if not 0 < len(places) <= MOST_TOLD or any(item["type"] == _WHOLE for item in error.errors(include_url=False)):
        return
    data = copy.deepcopy(parsed.data)
    left_out = {_leave_out(data, place) for place in places}
    try:
        model.model_validate(data)
    except ValidationError as second:
        for item in second.errors(include_url=False, include_input=False):
            words = set(re.findall(r"[\w-]+", item["msg"]))
            if item["type"] == _WHOLE and not words & left_out:
                path: Path = tuple(item["loc"])
                yield Fault(parsed.file, parsed.line(path), _message(item, path, model, look=True))


_WHOLE = "content"
"""The type of what `find_misfits` finds in a model as a whole."""


def _leave_out(data: Any, place: Path) -> str:
    """Take what is wrong at ``place`` out of ``data``, or else what it is missing in; its name, "" for nothing.

    The items of a list keep their places: it goes as a whole.
    """
    at, keyed = data, list[tuple[dict[str, Any], str]]()
    for part in place:
        if isinstance(at, dict) and part in at:
            keyed.append((at, str(part)))
            at = at[part]
        elif isinstance(at, list) and isinstance(part, int):
            at = at[part]
        else:
            break
    if not keyed:
        return ""
    holder, name = keyed[-1]
    holder.pop(name, None)
    return name


_PLAIN = {
    "missing": "is missing",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_unicode": "holds half a character (a lone surrogate); type the text again by hand",
    "tuple_type": "must be a list, such as [one, two]",
    "model_type": "must hold keys and values",
    "model_attributes_type": "must hold keys and values",
    "dict_type": "must hold keys and values",
    "mapping_type": "must hold keys and values",
    "date_from_datetime_parsing": "must be a date, such as 2026-11-22",
    "date_parsing": "must be a date, such as 2026-11-22",
    "date_from_datetime_inexact": "must be a date, such as 2026-11-22",
    "datetime_object_invalid": "must be a date and time, such as 2026-12-04T10:30",
    "datetime_parsing": "must be a date and time, such as 2026-12-04T10:30",
    "datetime_from_date_parsing": "must be a date and time, such as 2026-12-04T10:30",
    "string_pattern_mismatch": "is not in the right form",
}
_LIMITS = {
    "too_long": "holds too many: {} at most",
    "too_short": "holds too few: {} at least",
    "string_too_long": "is too long: {} character{} at most",
    "string_too_short": "is too short: {} character{} at least",
}


def _message(item: ErrorDetails, path: Path, model: type[BaseModel], *, look: bool) -> str:
    """``look``: whether to look for the nearest known key, which takes minutes for ninety thousand."""
    kind, message, context = item["type"], item["msg"], item.get("ctx", {})
    name = ".".join(str(part + 1) if isinstance(part, int) else shown(part) for part in path)
    if kind == "extra_forbidden":
        known, last = _list_keys(model, path[:-1]), str(path[-1])
        if look and is_nearly_known(last, known):
            return f"unknown key '{name}'. {nearest(last, known, what='keys here')}"
        above = name.rpartition(".")[0] if len(path) > 1 else ""
        where = f" in '{above}'" if above else ""
        return f"unknown key{where}. Known keys here: {', '.join(sorted(known))}."
    if kind in _LIMITS:
        limit = next(context[key] for key in ("max_length", "min_length") if key in context)
        return f"'{name}' {_LIMITS[kind]}".format(limit, "" if limit == 1 else "s")
    if kind in _PLAIN:
        return f"'{name}' {_PLAIN[kind]}"
    if kind == "value_error" or kind == "content":
        return f"'{name}' {message.removeprefix('Value error, ')}" if name else message.removeprefix("Value error, ")
    return f"'{name}': {message[:1].lower()}{message[1:]}"


def _list_keys(model: type[BaseModel], path: Path) -> list[str]:
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
