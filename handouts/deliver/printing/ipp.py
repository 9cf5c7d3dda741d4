"""The Internet Printing Protocol (RFC 8010), as far as queries need it: requests to bytes, bytes to responses. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

GET_JOB_ATTRIBUTES, GET_JOBS, CUPS_GET_PRINTERS = 0x0009, 0x000A, 0x4002
NOT_FOUND = 0x0406
_VERSION, _REQUEST = (2, 0), 1
_OPERATION, _END = 0x01, 0x03
_FIRST_VALUE = 0x10
"""Tags below it delimit groups, the others begin a value (RFC 8010, 3.5)."""
INTEGER, KEYWORD, NAME, URI, _BOOLEAN, _ENUM, _CHARSET, _LANGUAGE = 0x21, 0x44, 0x42, 0x45, 0x22, 0x23, 0x47, 0x48
_NO_VALUE = range(0x10, 0x20)
_WORDS = range(0x40, 0x60)
_WITH_LANGUAGE = (0x35, 0x36)

Value: TypeAlias = int | bool | str | bytes
Attributes: TypeAlias = dict[str, tuple[Value, ...]]


@dataclass(frozen=True)
class Answer:
    """``status`` as numbered by RFC 8011 (4.1.6); ``groups``: one for each requested job or printer."""

    status: int
    groups: tuple[Attributes, ...]

    @property
    def ok(self) -> bool:
        """Whether the request succeeded."""
        return self.status < 0x0100


def question(operation: int, attributes: Iterable[tuple[int, str, tuple[int | str, ...]]]) -> bytes:
    """A request: the operation's number, then its attributes as tag, name and values."""
    head = struct.pack(">BBHI", *_VERSION, operation, _REQUEST)
    first = [(_CHARSET, "attributes-charset", ("utf-8",)), (_LANGUAGE, "attributes-natural-language", ("en",))]
    body = b"".join(_attribute(tag, name, values) for tag, name, values in (*first, *attributes))
    return head + bytes([_OPERATION]) + body + bytes([_END])


def _attribute(tag: int, name: str, values: tuple[int | str, ...]) -> bytes:
    parts = []
    for i, value in enumerate(values):
        data = struct.pack(">i", value) if isinstance(value, int) else value.encode()
        label = b"" if i else name.encode()  # further values have no name
        parts.append(struct.pack(">BH", tag, len(label)) + label + struct.pack(">H", len(data)) + data)
    return b"".join(parts)


def answer(data: bytes) -> Answer:
    """Parse a response. Values of types not used here stay bytes. ValueError when it is incomplete."""
    status = int.from_bytes(_cut(data, 2, 2))
    groups: list[Attributes] = []
    at, operation, name = 8, True, ""
    while True:
        tag = _cut(data, at, 1)[0]
        at += 1
        if tag == _END:
            return Answer(status, tuple(groups))
        if tag < _FIRST_VALUE:
            operation = tag == _OPERATION
            if not operation:
                groups.append({})
            continue
        label, at = _field(data, at)
        raw, at = _field(data, at)
        name = label.decode("utf-8", "replace") or name
        if not operation and groups and tag not in _NO_VALUE:
            groups[-1][name] = (*groups[-1].get(name, ()), _value(tag, raw))


def _field(data: bytes, at: int) -> tuple[bytes, int]:
    """A field with a two-byte length, and where the next one begins."""
    length = int.from_bytes(_cut(data, at, 2))
    return _cut(data, at + 2, length), at + 2 + length


def _cut(data: bytes, at: int, length: int) -> bytes:
    part = data[at : at + length]
    if len(part) < length:
        raise ValueError("the answer ends too early")
    return part


def _value(tag: int, raw: bytes) -> Value:
    if tag in (INTEGER, _ENUM):
        return int.from_bytes(raw, signed=True)
    if tag == _BOOLEAN:
        return raw != b"\0"
    if tag in _WITH_LANGUAGE:
        _, at = _field(raw, 0)
        return _field(raw, at)[0].decode("utf-8", "replace")
    return raw.decode("utf-8", "replace") if tag in _WORDS else raw
