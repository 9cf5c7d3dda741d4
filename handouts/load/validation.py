"""Plain data -> a validated model, or all faults at once: pydantic's findings with key, line and what to write."""

from __future__ import annotations

import copy
import re
from collections.abc import Container, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice, takewhile
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from handouts.errors import MOST_TOLD, Fault, is_nearly_known, nearest, shown
from handouts.load.yamlfile import COLOR_HINT, Parsed, Path, Unreadable
from handouts.model.base import EMPTY_IS_LET_BY, SLUG
from handouts.model.clinic import HEX_COLOR, WEB_ADDRESS
from handouts.model.topic_file import VERSION

Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], parsed: Parsed, *, archived: bool = False) -> Model:
    """``parsed`` as a ``model``. Unreadable with every fault: key, line, the nearest known name; never the value.

    ``archived``: it was printed from before, when keys without a value were passed over.
    """
    if not isinstance(parsed.data, dict):
        raise Unreadable(Fault(parsed.file, parsed.line(()), "must hold keys and values, such as 'name: ...'"))
    slips = {} if archived else dict(_slips(model, parsed))
    try:
        made = model.model_validate(parsed.data, context={EMPTY_IS_LET_BY: archived})
    except ValidationError as error:
        raise Unreadable(
            *slips.values(), *_faults(error, model, parsed, told=slips), *_held_back(error, model, parsed)
        ) from None
    if slips:
        raise Unreadable(*slips.values())
    return made


def _slips(model: type[BaseModel], parsed: Parsed) -> Iterator[tuple[Path, Fault]]:
    for path, slip in islice(parsed.slips.items(), MOST_TOLD + 1):
        message = COLOR_HINT if slip == "color" else _cut(model, parsed, path)
        yield path, Fault(parsed.file, parsed.line(path), message)


def _cut(model: type[BaseModel], parsed: Parsed, path: Path) -> str:
    """The message for the rest of a text after its comma, in braces or brackets, or for a key half written."""
    if isinstance(path[-1], int):
        return f"'{_dotted((*path[:-1], path[-1] - 1))}' looks like a text cut at a comma; put quotes around it"
    known, last = _list_keys(model, path[:-1]), str(path[-1])
    if known and is_nearly_known(last, known):
        key = get_close_matches(last.lower(), known, n=1)[0]
        return f"'{shown(last)}' has no value: write '{key}: ...', or put quotes around a text that holds a comma"
    around = _value_at(parsed.data, path[:-1])
    keys = list(takewhile(lambda key: key != last, around)) if isinstance(around, dict) else []
    cut = next((key for key in reversed(keys) if (*path[:-1], key) not in parsed.slips), "")
    named = cut and (known is None or cut in known)  # another key may be anything, even a patient's name
    start = f"'{_dotted((*path[:-1], cut))}'" if named else "this"
    return f"{start} looks like a text cut at a comma; put quotes around it"


def _faults(error: ValidationError, model: type[BaseModel], parsed: Parsed, told: Container[Path]) -> Iterator[Fault]:
    """A fault for each finding of ``error``; none for the paths in ``told``."""
    for i, item in enumerate(error.errors(include_url=False, include_input=False, include_context=True)):
        path: Path = tuple(part for part in item["loc"] if part != "[key]")
        if path not in told:
            yield Fault(parsed.file, parsed.line(path), _message(item, path, model, parsed, look=i < MOST_TOLD))


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
                yield Fault(parsed.file, parsed.line(path), _message(item, path, model, parsed, look=True))


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
}
_FORMS = {
    SLUG: "may have only lower-case letters, digits and hyphens, such as no-treatment",
    HEX_COLOR: 'must be a color in quotes, such as "#17324d"',
    WEB_ADDRESS: "must be an address without spaces, such as https://example.org",
    VERSION: "must be a version, such as 0.1",
}
"""What each pattern of the models asks for."""
_LIMITS = {
    "too_long": "holds too many: {} at most",
    "too_short": "holds too few: {} at least",
    "string_too_long": "is too long: {} character{} at most",
    "string_too_short": "is too short: {} character{} at least",
}


def _dotted(path: Path) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else shown(part) for part in path)


def _message(item: ErrorDetails, path: Path, model: type[BaseModel], parsed: Parsed, *, look: bool) -> str:
    """``look``: whether to look for the nearest known key, which takes minutes for ninety thousand."""
    kind, message, context = item["type"], item["msg"], item.get("ctx", {})
    name = _dotted(path)
    if kind == "extra_forbidden":
        known, last = _list_keys(model, path[:-1]) or [], str(path[-1])
        if look and is_nearly_known(last, known):
            return f"unknown key '{name}'. {nearest(last, known, what='keys here')}"
        above = name.rpartition(".")[0] if len(path) > 1 else ""
        where = f" in '{above}'" if above else ""
        return f"unknown key{where}. Known keys here: {', '.join(sorted(known))}."
    if kind in _LIMITS:
        limit = next(context[key] for key in ("max_length", "min_length") if key in context)
        return f"'{name}' {_LIMITS[kind]}".format(limit, "" if limit == 1 else "s")
    if kind == "string_pattern_mismatch":
        return f"'{name}' {_FORMS.get(context['pattern'], 'is not in the right form')}"
    if kind in _PLAIN:
        return f"'{name}' {_PLAIN[kind]}{_way_out(kind, path, model, parsed)}"
    if kind == "value_error" or kind == "content":
        return f"'{name}' {message.removeprefix('Value error, ')}" if name else message.removeprefix("Value error, ")
    if kind == "literal_error":
        choices = context["expected"]
        return f"'{name}' may only be {choices}"
    return f"'{name}': {message[:1].lower()}{message[1:]}"


def _way_out(kind: str, path: Path, model: type[BaseModel], parsed: Parsed) -> str:
    """What to write instead, where that isn't plain from the message."""
    if kind == "string_type":
        value = _value_at(parsed.data, path)
        if isinstance(value, dict):
            return "; put quotes around a text that holds a colon"
        return "; put quotes around a text that starts with [" if isinstance(value, list) else "; it is empty"
    if kind in {"missing", "model_type", "model_attributes_type"} and not any(isinstance(part, int) for part in path):
        known = _model_at(model, path)
        fields = known.model_fields.items() if known else ()
        needed = next((field.alias or name for name, field in fields if field.is_required()), "")
        return f", such as '{path[-1]}: {{{needed}: ...}}'" if needed else ""
    return ""


def _value_at(data: Any, path: Path) -> Any:
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        else:
            data = data[part] if isinstance(data, list) and isinstance(part, int) else None
    return data


def _list_keys(model: type[BaseModel], path: Path) -> list[str] | None:
    """The keys that the model knows at ``path``; None where any key may stand."""
    found = _model_at(model, path)
    return [field.alias or name for name, field in found.model_fields.items()] if found else None


def _model_at(model: type[BaseModel], path: Path) -> Any:
    """The model of what stands at ``path``; None where that is none, or a mapping whose keys no model knows."""
    current: Any = model
    named = False  # True where a mapping's own key comes next
    for part in path:
        if isinstance(part, int) or named:
            named = False
            continue
        fields = current.model_fields.items() if current else ()
        field = next((field for name, field in fields if part in {name, field.alias}), None)
        if field is None:
            return None
        named = get_origin(field.annotation) is Mapping
        current = _model_in(field.annotation)
    return None if named else current


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
