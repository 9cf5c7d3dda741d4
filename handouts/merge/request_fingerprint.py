"""What an event may hold of a request: a mark of 8 bits for each thing that it says (REC-12). Pure.

Enough to name the key in which another request differs; too few to find out what was there, even with the key: of all
dates of birth in a century, 140 have the same mark. Salted with the document code, so that marks of two documents
can't be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from handouts.keyed_hash import keyed_hash
from handouts.model.request import Request


def fingerprint_request(key: bytes, request: Request, code: str) -> str:
    """``topic=a1 patient.name=3f ...``, for each key that the request gives. ``key``: of document codes."""
    said = request.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return " ".join(f"{path}={keyed_hash(key, 'mark', code, path, text)[:2]}" for path, text in _leaves(said))


def differing_keys(then: str, now: str) -> list[str]:
    """Keys whose marks differ, or that only one of the two has; sorted."""
    one, other = _read(then), _read(now)
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def _leaves(data: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{under}{name}.")
        else:
            yield under + name, json.dumps(value, sort_keys=True)


def _read(marks: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in marks.split())
