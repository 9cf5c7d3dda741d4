"""Plain data -> a validated model, or all faults at once: pydantic's findings with key, line and what to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from handouts.errors import Fault, nearest, shown
from handouts.load.yamlfile import Parsed, Path, Unreadable

Model = TypeVar("Model", bound=BaseModel)


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
        known = _list_keys(model, path[:-1])
        return f"unknown key '{name}'. {nearest(str(path[-1]), known, what='keys here')}"
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
