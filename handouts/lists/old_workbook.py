"""A workbook of before 2007 (.xls), looked through for passwords and cells far out before anything reads it.

Such a file is a small file system (MS-CFB) in which one stream holds records (MS-XLS), each with its kind and length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from handouts.errors import RequestFault
from handouts.lists.workbook_parts import DAMAGED, LOCKED, MOST_CELLS, TOO_WIDE

_END = 0xFFFFFFFA
"""Numbers of sectors from here on are none."""
_PASSWORD, _FROM_1904 = 0x2F, 0x22
_CELLS = {0x06, 0x201, 0x203, 0x204, 0x205, 0x27E, 0xBD, 0xBE, 0xD6, 0xFD, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07}
"""Records that begin with a row and a column."""


def require_readable(data: bytes) -> tuple[tuple[str, ...], bool]:
    """RequestFault for a file that is protected, damaged or reaches too far.

    What the staff should know of it, and whether its days are counted from 1904.
    """
    try:
        streams = dict(_streams(data))
    except (struct.error, IndexError, UnicodeDecodeError, ValueError):
        raise RequestFault(DAMAGED) from None
    if "EncryptedPackage" in streams:
        raise RequestFault(LOCKED)
    book = streams.get("Workbook", streams.get("Book"))
    if book is None:
        raise RequestFault("The list is a document of an old program, not a workbook. Save it as .xlsx or CSV (UTF-8).")
    rows, columns, from_1904 = 0, 0, False
    for kind, body in _records(book):
        if kind == _PASSWORD:
            raise RequestFault(LOCKED)
        from_1904 |= kind == _FROM_1904 and body[:1] == b"\1"
        if kind in _CELLS and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind in {0xBD, 0xBE} else column
            rows, columns = max(rows, row + 1), max(columns, column + 1, last + 1)
    if columns > 256 or rows * columns > MOST_CELLS:
        raise RequestFault(TOO_WIDE)
    return (("The workbook has macros; they are not run.",) if "_VBA_PROJECT_CUR" in streams else ()), from_1904


def _records(book: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def _streams(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The name of each stream and storage, and the bytes of those that matter. ValueError, struct.error, IndexError."""
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    if shift not in {9, 12} or small_shift > shift:
        raise ValueError("no such sectors")
    size, small = 1 << shift, 1 << small_shift
    first_folder, cutoff, first_small = (struct.unpack_from("<I", data, at)[0] for at in (48, 56, 60))
    table = _table(data, size)
    folder = _chain(data, table, first_folder, size)
    entries = [folder[at : at + 128] for at in range(0, len(folder) - 127, 128)]
    root = next((entry for entry in entries if entry[66] == 5), b"")
    small_data = _chain(data, table, _start(root), size) if root else b""
    raw = _chain(data, table, first_small, size) if first_small < _END else b""
    small_table = list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))
    for entry in entries:
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le", "replace")
        length = struct.unpack_from("<Q", entry, 120)[0] & 0xFFFFFFFF
        found = b""
        if name in {"Workbook", "Book"} and length < cutoff:
            found = b"".join(
                small_data[number * small : (number + 1) * small] for number in _numbers(small_table, _start(entry))
            )[:length]
        elif name in {"Workbook", "Book"}:
            found = _chain(data, table, _start(entry), size)[:length]
        yield name, found


def _start(entry: bytes) -> int:
    start: int = struct.unpack_from("<I", entry, 116)[0]
    return start


def _table(data: bytes, size: int) -> list[int]:
    """Which sector follows each sector."""
    numbers = list(struct.unpack_from("<109I", data, 76))
    further = struct.unpack_from("<I", data, 68)[0]
    seen: set[int] = set()
    while further < _END and further not in seen:
        seen.add(further)
        *more, further = struct.unpack(f"<{size // 4}I", data[(further + 1) * size : (further + 2) * size])
        numbers += more
    sectors = (data[(number + 1) * size : (number + 2) * size] for number in numbers if number < _END)
    return [one for sector in sectors for one in struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])]


def _numbers(table: list[int], start: int) -> Iterator[int]:
    seen = 0
    while start < _END:
        yield start
        seen += 1
        if seen > len(table):
            raise ValueError("a ring of sectors")
        start = table[start]


def _chain(data: bytes, table: list[int], start: int, size: int) -> bytes:
    return b"".join(data[(number + 1) * size : (number + 2) * size] for number in _numbers(table, start))
