"""Splits a JSON array into the texts of its items while reading, so that a list of any length needs little memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from handouts.errors import RequestFault
from handouts.load.yamlfile import MAX_BYTES

_SIGN = re.compile(r'["\\\[\]{},]')


def split_array(chunks: Iterable[str]) -> Iterator[str]:
    """The text of each item of one array, of any kind; the last may be cut off if the file ends too soon.

    RequestFault for an item longer than any request, and for anything after the array.
    """
    depth, inside, skip, size = 0, False, False, 0
    begun: list[str] = []
    any_item = False
    for chunk in chunks:
        start = at = int(skip)
        skip = False
        if start:
            begun.append(chunk[:1])
        while sign := _SIGN.search(chunk, at):
            here, at = sign.start(), sign.end()
            if sign[0] == "\\":
                skip = inside and at == len(chunk)
                at += inside
            elif sign[0] == '"':
                inside = not inside
            elif inside:
                continue
            elif sign[0] in "[{":
                depth += 1
                start = at if depth == 1 else start
            elif sign[0] in "]}":
                depth -= 1
                if depth == 0:
                    begun.append(chunk[start:here])
                    if any_item or "".join(begun).strip():
                        yield "".join(begun)
                    _require_end(chunk[at:], chunks)
                    return
            elif depth == 1:  # a comma between two items
                yield "".join((*begun, chunk[start:here]))
                begun, start, size, any_item = [], at, 0, True
        begun.append(chunk[start:])
        size += len(begun[-1])
        if size > MAX_BYTES:
            raise RequestFault(
                "An item of the list is longer than a million characters; this is not a list of patients."
            )
    yield "".join(begun)


def _require_end(rest: str, chunks: Iterable[str]) -> None:
    if rest.strip() or any(chunk.strip() for chunk in chunks):
        raise RequestFault("The list continues after the end of its JSON array. Put all requests into one array.")
