"""A file as a health record gives it (a Bundle, a resource, NDJSON) -> resources as plain data. Pure, but `read_file`.

What is read is bounded: bytes, resources, depth. Nothing here knows what a resource means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from handouts.errors import RequestFault
from handouts.load.files import MEGABYTE, MOST, read_regular

MOST_RESOURCES = 50_000
"""Of one file: a patient with decades of Synthea's results has some ten thousand."""
MOST_DEPTH = 60
"""Objects and arrays inside each other; HL7's own examples need 20."""
MOST_BUNDLES = 3
"""Bundles inside each other: the answer to a batch holds one in another."""
_LONGEST_NUMBER = 18
_NOT_OPENED = "A Bundle inside a Bundle inside a Bundle was not opened."
_ONE_PAGE = "It is one page of several: more of the patient may be on the next ones. Ask for all of them."
_EMPTY = "A Bundle in it is empty."
_WARNING = "The server says that its answer is not complete, or has a warning. Look it up there."


@dataclass(frozen=True)
class Entry:
    """One resource: where it stands (1, 2 ... in the order of the file), and its full address where a Bundle has it."""

    number: int
    data: Any
    url: str = ""

    def __repr__(self) -> str:
        return f"Entry({self.number})"  # a patient's details have no place in a log or traceback


@dataclass(frozen=True)
class Reading:
    """What a file holds: entries, what the staff should know of it, and which leniencies it took."""

    entries: tuple[Entry, ...]
    notices: tuple[str, ...] = ()
    lenient: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Reading({len(self.entries)} entries)"


def read_file(path: Path) -> Reading:
    """The resources of a file. RequestFault when it isn't there, or is nothing of the kind."""
    try:
        return read_bytes(read_regular(path))
    except FileNotFoundError:
        raise RequestFault(f"There is no file {path.name}. Check the name after --fhir.") from None
    except OSError as error:
        raise RequestFault(f"{path.name} can't be read: {error.strerror}.") from None


def read_bytes(data: bytes) -> Reading:
    """The resources in the bytes of a file. RequestFault when it holds none."""
    if len(data) > MOST:
        raise RequestFault(f"The file is larger than {MOST // MEGABYTE} MB.")
    told: set[str] = set()
    text = _decoded(data, told)
    if text.lstrip().startswith("<"):
        raise RequestFault("The file is XML. Ask the health record for JSON (application/fhir+json).")
    whole = _json(text)
    values = [whole] if whole is not None else list(_lines(text))
    if len(values) == 1 and isinstance(values[0], list):
        values = values[0]
        told.add("array")
    return read_values(values, told)


def read_values(values: Sequence[Any], told: set[str] | None = None) -> Reading:
    """The resources among ``values``, such as a server's answers; Bundles are opened. RequestFault where none is."""
    notices: dict[str, None] = {}
    found = []
    for number, (value, url) in enumerate(_opened(values, notices, 0), 1):
        if number > MOST_RESOURCES:
            raise RequestFault(f"It holds more than {MOST_RESOURCES:,} resources. Ask for fewer at once.")
        if isinstance(value, dict | list) and _too_deep(value):
            raise RequestFault("It nests too deeply for a health record.")
        found.append(Entry(number, value, url))
    if not any(isinstance(one.data, dict) and "resourceType" in one.data for one in found) and not notices:
        raise RequestFault(
            "There is no FHIR resource in it. Give a Bundle, a resource, or NDJSON (one resource a line), of FHIR R4."
        )
    return Reading(tuple(found), tuple(notices), frozenset(told or ()))


def _decoded(data: bytes, told: set[str]) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")) or b"\r" in data:
        told.add("encoding")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise RequestFault("The file is not UTF-8 text, as FHIR has to be. Export it again.") from None


def _lines(text: str) -> Iterator[Any]:
    """The values of NDJSON. RequestFault for a line that is none."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if not line.strip():
            continue
        value = _json(line)
        if value is None:
            raise RequestFault(
                f"The file is no JSON that can be read: line {number}. It may be cut off, hold a key twice, or nest "
                "too deeply. Export it again."
            )
        yield value


def _json(text: str) -> Any:
    """JSON of a bounded depth; None where it is not."""
    try:
        value = json.loads(
            text, parse_float=Decimal, parse_int=_whole, parse_constant=_refuse, object_pairs_hook=_each_once
        )
        return value if isinstance(value, dict | list) and not _too_deep(value) else None
    except (ValueError, RecursionError, ArithmeticError):
        return None


def _whole(digits: str) -> Any:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _refuse(_name: str) -> Any:
    raise ValueError


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError
    return made


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [
            item for one in level for item in (one.values() if isinstance(one, dict) else one)
            if isinstance(item, dict | list)
        ]  # fmt: skip
        if not level:
            return False
    return True


def _opened(values: Sequence[Any], notices: dict[str, None], depth: int) -> Iterator[tuple[Any, str]]:
    """Resources with their addresses, out of Bundles; of a Bundle of versions, the newest of each."""
    for value in values:
        if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
            yield value, ""
            continue
        if depth == MOST_BUNDLES:
            notices[_NOT_OPENED] = None
            continue
        listed = value.get("entry")
        entries = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        if any(_said(link, "relation") == "next" for link in _each(value.get("link"))):
            notices[_ONE_PAGE] = None
        if not entries:
            notices[_EMPTY] = None
        seen: set[str] = set()
        for one in entries:
            url = one.get("fullUrl")
            url = url.strip() if isinstance(url, str) else ""
            method = str(_said(one.get("request"), "method")).upper()
            resource = one.get("resource")
            if method == "DELETE":
                seen.add(url or str(_said(one.get("request"), "url")))
                continue
            if resource is None:
                continue
            if value.get("type") == "history" and _older(resource, url, seen):
                continue
            if _said(resource, "resourceType") == "Bundle":
                yield from _opened([resource], notices, depth + 1)
            elif _said(resource, "resourceType") == "OperationOutcome":
                notices[_WARNING] = None
            else:
                yield resource, url


def _older(resource: Any, url: str, seen: set[str]) -> bool:
    """Whether a newer version of the same resource came before: a history begins with the newest."""
    name = f"{_said(resource, 'resourceType')}/{_said(resource, 'id')}"
    older = name in seen or bool(url and url in seen)
    seen.update({name, url} - {""})
    return older


def _said(value: Any, key: str) -> Any:
    return value.get(key, "") if isinstance(value, dict) else ""


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
