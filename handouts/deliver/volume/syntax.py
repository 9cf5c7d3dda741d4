"""Objects that pikepdf has read, as PDF syntax [7.3]."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

Reference = Callable[[pikepdf.Object], bytes]
"""Writes what stands for an indirect object."""


def serialized(item: Any, reference: Reference, literal: Callable[[bytes], bytes] = bytes) -> bytes:
    """``item`` inside another object; ``literal`` has the last word on what is neither a reference nor a bracket."""
    if isinstance(item, pikepdf.Object) and item.is_indirect:
        return reference(item)
    return direct(item, reference, literal)


def direct(item: Any, reference: Reference, literal: Callable[[bytes], bytes] = bytes) -> bytes:
    """``item`` itself, even if it is an indirect object; of a stream, its dictionary without its length."""
    if isinstance(item, Array):
        return b"[" + b" ".join(serialized(child, reference, literal) for child in item) + b"]"
    if isinstance(item, Dictionary | pikepdf.Stream):
        rows = ((key, serialized(item[key], reference, literal)) for key in entries(item))
        return dictionary(rows, literal)
    if isinstance(item, bool):
        return b"true" if item else b"false"
    if isinstance(item, int | Decimal):
        return str(item).encode()
    if item is None:
        return b"null"
    return literal(item.unparse(resolved=True))


def dictionary(rows: Iterable[tuple[str, bytes]], literal: Callable[[bytes], bytes] = bytes) -> bytes:
    """A dictionary of keys and what is written for their values."""
    return b"<<" + b" ".join(literal(Name(key).unparse()) + b" " + text for key, text in rows) + b">>"


def entries(item: pikepdf.Object) -> list[str]:
    """The keys of a dictionary in a fixed order; of a stream, without its length, which its writer knows."""
    return [key for key in sorted(item.keys()) if key != "/Length" or not isinstance(item, pikepdf.Stream)]


def references(item: Any) -> Iterator[int]:
    """Numbers of the indirect objects that an object names."""
    children: Iterable[Any] = ()
    if isinstance(item, Array):
        children = list(item)
    elif isinstance(item, Dictionary | pikepdf.Stream):
        children = [item[key] for key in entries(item)]
    for child in children:
        if isinstance(child, pikepdf.Object) and child.is_indirect:
            yield child.objgen[0]
        else:
            yield from references(child)


def listed(item: pikepdf.Object) -> list[pikepdf.Object]:
    """The items of what may be an array or one item [14.7.2, K]."""
    return list(item) if isinstance(item, Array) else [item]
