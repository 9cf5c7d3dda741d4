"""Events as text that other programs read. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Literal

from handouts.record.event import Event

Format = Literal["csv", "jsonl"]
_NAMES = ("seq", *(field.name for field in fields(Event) if field.name not in {"seq", "mac"}), "mac")
_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet would evaluate a cell that starts with one of these."""


def export_events(events: Iterable[Event], form: Format) -> Iterator[str]:
    """Lines with their line ends: CSV with a header, or JSON Lines without empty values."""
    if form == "csv":
        yield _csv(_NAMES)
    for event in events:
        values = {name: getattr(event, name) for name in _NAMES}
        if form == "csv":
            yield _csv("" if value is None else _text(value) for value in values.values())
        else:
            given = {name: value for name, value in values.items() if value is not None}
            yield json.dumps(given, ensure_ascii=False, default=str) + "\n"


def _text(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
