"""Objects that pikepdf has read, as bytes: for templates, with the numbers that their file gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pikepdf
from pikepdf import Dictionary, Stream

_SPACES = re.compile(rb"(\((?:\\.|[^\\()])*\)|<[0-9a-fA-F]+>)|(?<=[\[<>\])]) +| +(?=[/\[<>\](])", re.DOTALL)
"""A string, which stays as it is, or spaces that the syntax does not need."""


def text_of(item: pikepdf.Object, left_out: Iterable[str] = ()) -> bytes:
    """An object on its own as QPDF writes it, without some of its keys; of a stream, its dictionary without the
    length, which its writer knows.
    """
    if isinstance(item, Stream):
        left_out = (*left_out, "/Length")
    elif not left_out or not isinstance(item, Dictionary):
        return compact(item.unparse(resolved=True))
    shown = Dictionary({key: item[key] for key in item.keys()})  # noqa: SIM118  pikepdf's objects iterate otherwise
    for key in left_out:
        if key in shown:
            del shown[key]
    return compact(shown.unparse(resolved=True))


def compact(text: bytes) -> bytes:
    """What QPDF wrote, without the spaces that the syntax does not need."""
    return _SPACES.sub(lambda found: found[1] or b"", text)
