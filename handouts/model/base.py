"""What all models read from files have in common."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from handouts.model.language import primary_tag

# Unicode's bidirectional controls (UAX 9): they reorder the text around them, so a name may not contain them.
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


EMPTY_IS_LET_BY = "empty"
"""In pydantic's context: whether unknown keys without a value are passed over, as before they were refused."""


class Frozen(BaseModel):
    """Frozen, unknown keys forbidden, values kept out of error messages; a known key that is empty counts as missing.

    An unknown one that is empty may be the end of a text that YAML has cut off: it is refused like any other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict):
            return data
        known = {name for key, field in cls.model_fields.items() for name in (key, field.alias)}
        passes = bool((info.context or {}).get(EMPTY_IS_LET_BY))
        return {key: value for key, value in data.items() if value is not None or not (passes or key in known)}


def _printable(text: str, allowed: str) -> str:
    text = unicodedata.normalize("NFC", text)
    for character in text:
        category = unicodedata.category(character)
        if (
            (category in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} and character not in allowed)
            or character in _BIDI_CONTROLS
            or character == "\ufeff"
        ):
            raise ValueError(
                f"holds the character U+{ord(character):04X}, which can't be printed; type the text again by hand"
            )
    return text


def _one_line(text: str) -> str:
    line = " ".join(_printable(text, "\t\r\n").split())
    if all(unicodedata.category(character)[0] in "CZ" for character in line):
        raise ValueError("holds nothing that can be seen; type the text again by hand")
    return line


_CURLY = re.compile(r"(?<=\w)\u2019")


def straight(text: str) -> str:
    """``text`` with the apostrophe of keyboards, whichever an editor put there. Print has the curly one for both."""
    return _CURLY.sub("'", text)


def _lines(text: str) -> str:
    rows = _printable(text.replace("\r\n", "\n").replace("\r", "\n"), "\t\n").split("\n")
    return "\n".join(row.rstrip() for row in rows).strip()


def _iso_date(value: Any) -> Any:
    # pydantic would read 20261204 as seconds since 1970
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)):
        return value
    raise ValueError("must be a date, such as 2026-11-22")


def _iso_moment(value: Any) -> Any:
    pattern = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?"
    if isinstance(value, datetime) or (isinstance(value, str) and re.fullmatch(pattern, value)):
        return value
    raise ValueError("must be a date and time of the clinic's own clock, such as 2026-12-04T10:30")


def find_misfits(model: str, found: Iterable[tuple[tuple[str | int, ...], str]]) -> None:
    """Raise all mistakes in ``found`` (path, what is wrong) at once, as pydantic raises its own."""
    details = [
        InitErrorDetails(type=PydanticCustomError("content", "{message}", {"message": message}), loc=path, input=None)
        for path, message in found
    ]
    if details:
        raise ValidationError.from_exception_data(model, details, hide_input=True)


Day = Annotated[date, BeforeValidator(_iso_date)]
"""A date as YYYY-MM-DD, and no other form."""

Moment = Annotated[datetime, BeforeValidator(_iso_moment)]
"""A date and time of day as YYYY-MM-DDTHH:MM, on the clinic's clock: no time zone."""

Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
"""Printed on one line: NFC, white space folded, no control characters, at most 200 characters."""

Heading = Annotated[Line, AfterValidator(straight)]
"""A line that headings of texts are compared with."""

Text = Annotated[str, Field(max_length=4000), AfterValidator(_lines)]
"""Free text with line breaks, at most 4,000 characters."""

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Slug = Annotated[str, Field(pattern=SLUG, max_length=60)]
"""A name of a topic, option, clinic ...: lower-case letters, digits, hyphens. Safe in a path."""


Language = Annotated[str, Field(max_length=35), AfterValidator(primary_tag)]
"""A language's tag (BCP 47) as it is given; as it is kept, its primary subtag."""


def is_slug(text: str) -> bool:
    """Whether it is such a name."""
    return re.fullmatch(SLUG, text) is not None and len(text) <= 60
