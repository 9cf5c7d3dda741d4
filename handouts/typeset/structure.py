"""Walks through the structure tree of a tagged PDF (ISO 32000-1, 14.7)."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf


def elements(pdf: Pdf) -> Iterator[tuple[Dictionary, bool]]:
    """Every structure element in reading order, and whether it stands in a table's head."""
    return elements_below(pdf.Root.StructTreeRoot.K)


def elements_below(node: pikepdf.Object, *, in_head: bool = False) -> Iterator[tuple[Dictionary, bool]]:
    """The same from ``node`` on."""
    ahead: list[tuple[pikepdf.Object, bool]] = [(node, in_head)]
    while ahead:  # a generator within a generator for each level would take three times as long
        node, in_head = ahead.pop()
        if isinstance(node, Array):
            ahead.extend((child, in_head) for child in reversed(list(node)))
        elif isinstance(node, Dictionary) and "/S" in node:
            in_head = in_head or Name.THead == node.S
            yield node, in_head
            if "/K" in node:
                ahead.append((node.K, in_head))


def marks(element: pikepdf.Object) -> Iterator[tuple[int, pikepdf.Object]]:
    """The marked-content numbers that belong to an element itself, each with its page."""
    content = element.get("/K")
    for item in content if isinstance(content, Array) else [content]:
        if isinstance(item, int):
            yield item, element.Pg
        elif isinstance(item, Dictionary) and item.get("/Type") == Name.MCR:
            yield int(item.MCID), item.Pg if "/Pg" in item else element.Pg
