"""A workbook's zip file, looked through before anything reads it: sizes, passwords, macros, cells that have no value.

What is handed on is a copy that holds only the parts with cells, uncompressed: whatever the file said of its own sizes,
nothing unpacks any further. Nothing in it is run, and nothing outside it is opened.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree import ElementTree

from handouts.errors import RequestFault
from handouts.lists.tables import MOST_COLUMNS

MOST_CELLS = 5_000_000
"""Between the first used cell of a worksheet and the last: what is read takes memory for each of them."""
_MOST_BYTES = 256 * 1024 * 1024
_MOST_RATIO = 200
"""Bytes that one byte may unpack to; tables take 10 to 50."""
_MOST_PARTS = 5000
_MOST_TAGS = 12_000_000
"""In one part: three million cells."""
_SMALL = 1024 * 1024
_LEFT_ASIDE = re.compile(
    r"(?:^|/)(?:media|drawings|embeddings|externalLinks|customXml|printerSettings|theme|Thumbnails|Pictures)/", re.I
)
_OTHERS = {"word/": "a text document", "ppt/": "a presentation", "Index/": "a Numbers document"}

LOCKED = "The workbook is protected by a password. Open it, save it without one, and give that file."
DAMAGED = "The workbook is damaged or cut off. Open it in a spreadsheet program, save it again, and give that file."
BOMB = "The workbook unpacks to far more than a list of patients holds. Copy the list into a new workbook."
TOO_WIDE = (
    "A worksheet of the workbook reaches further than any list of patients. Delete the empty rows and columns after "
    "the list, or copy the list into a new workbook."
)


@dataclass(frozen=True)
class Parts:
    """``copy``: what may be read. ``worksheets``: the bytes of each, by name, of xlsx only."""

    copy: io.BytesIO
    worksheets: dict[str, bytes]
    notes: tuple[str, ...]
    from_1904: bool
    """Whether its days are counted from 1904."""


def read_parts(stream: BinaryIO) -> Parts:
    """RequestFault for what is no workbook, or none that can be read."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            kind = _kind(names)
            _require_small(archive)
            parts = {info.filename: archive.read(info) for info in _wanted(archive)}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        if "password" in str(error) or "encrypt" in str(error):
            raise RequestFault(LOCKED) from None
        raise RequestFault(DAMAGED) from None
    except KeyError:
        raise RequestFault(DAMAGED) from None
    _require_plain_xml(parts)
    worksheets = _worksheets(parts) if kind == "xlsx" else {}
    from_1904 = re.search(rb"date1904\s*=\s*[\"'](?:1|true)", parts.get("xl/workbook.xml", b"")) is not None
    return Parts(_copy(parts), worksheets, tuple(_notes(names)), from_1904)


def _kind(names: list[str]) -> str:
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise RequestFault("The list is a binary workbook (.xlsb). Save it as .xlsx, and give that file.")
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    if any(name.startswith("xl/") for name in names):
        raise RequestFault(DAMAGED)
    what = next((what for start, what in _OTHERS.items() if any(name.startswith(start) for name in names)), "")
    raise RequestFault(
        f"The list is {what or 'a compressed file'}, not a workbook. Save it as .xlsx or CSV (UTF-8), and give that."
    )


def _require_small(archive: zipfile.ZipFile) -> None:
    """By the sizes that stand in the file's directory, before anything is unpacked."""
    infos = archive.infolist()
    large = [info for info in infos if info.file_size > _SMALL]
    if (
        len(infos) > _MOST_PARTS
        or sum(info.file_size for info in infos) > _MOST_BYTES
        or any(info.file_size > _MOST_RATIO * max(info.compress_size, 1) for info in large)
    ):
        raise RequestFault(BOMB)
    if len({info.filename for info in infos}) < len(infos):
        raise RequestFault(DAMAGED)


def _wanted(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    for info in archive.infolist():
        name = info.filename
        if name == "mimetype" or (name.endswith((".xml", ".rels")) and not _LEFT_ASIDE.search(name)):
            yield info


def _require_plain_xml(parts: dict[str, bytes]) -> None:
    """Nothing that could make more of a text than stands in it, or hide it from whoever looks through the bytes."""
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise RequestFault(LOCKED)
    for name, data in parts.items():
        if name != "mimetype" and (b"\0" in data or b"<!DOCTYPE" in data or b"<!ENTITY" in data):
            raise RequestFault(DAMAGED)
        if data.count(b"<") > _MOST_TAGS:
            raise RequestFault(BOMB)
        rows, columns = _reach(data)
        if columns > MOST_COLUMNS * 20 or rows * columns > MOST_CELLS:
            raise RequestFault(TOO_WIDE)


def _copy(parts: dict[str, bytes]) -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    made.seek(0)
    return made


def _notes(names: list[str]) -> Iterator[str]:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        yield "The workbook has macros; they are not run."
    if any(name.lower().startswith("xl/externallinks/") for name in names):
        yield "The workbook takes values from other workbooks; they are read as they were last saved."


def _worksheets(parts: dict[str, bytes]) -> dict[str, bytes]:
    """The bytes of each worksheet by its name, as far as they can be told."""
    try:
        book = ElementTree.fromstring(parts["xl/workbook.xml"])  # noqa: S314  it has no entities
        links = ElementTree.fromstring(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"))  # noqa: S314
    except ElementTree.ParseError:
        raise RequestFault(DAMAGED) from None
    where = {link.get("Id"): link.get("Target", "") for link in links}
    made = {}
    for sheet in book.iter():
        link = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        if sheet.tag.endswith("}sheet") and link in where:
            target = where[link].lstrip("/")
            made[sheet.get("name", "")] = parts.get(target, parts.get(f"xl/{target}", b""))
    return made


_OTHER = rb"""(?:\s+(?!r\s*=)[^\s<>=/"']+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*"""
_PREFIX = rb"<(?:[^\s<>/:!?]+:)?"
_CELL = re.compile(_PREFIX + rb"c" + _OTHER + rb"""(?:\s+r\s*=\s*["']([A-Z]+)([0-9]+)["'])?""" + _OTHER + rb"\s*(/?)>")
"""A cell, with its place where it says so, and whether it is empty. What is written otherwise could mislead us."""
_ANY_CELL = re.compile(_PREFIX + rb"c[\s/>]")
_ANY_ROW = re.compile(_PREFIX + rb"row[\s>]")
_ROW_NUMBER = re.compile(rb"""[\s"']r\s*=\s*["']([0-9]+)""")
_ODS_TAG = re.compile(rb"<(/?)table:(table-row|table-cell|covered-table-cell)(" + _OTHER + rb")\s*(/?)>")
_ODS_ANY = re.compile(rb"</?table:(?:table-row|table-cell|covered-table-cell)[\s/>]")
_COLUMNS_REPEATED = re.compile(rb"number-columns-repeated\s*=\s*[\"']\s*\+?(\d+)")
_ROWS_REPEATED = re.compile(rb"number-rows-repeated\s*=\s*[\"']\s*\+?(\d+)")


def _reach(data: bytes) -> tuple[int, int]:
    """How many rows and columns lie between a part's first cell and its last, at most. RequestFault."""
    if b"table:table-" in data:
        return _ods_reach(data)
    if b"sheetData" not in data:
        return 0, 0
    cells = _CELL.findall(data)
    if len(cells) != len(_ANY_CELL.findall(data)):
        raise RequestFault(DAMAGED)
    columns = max((_column(name) for name in {name for name, _, empty in cells if not empty and name}), default=0)
    rows = max((int(number) for number in {number for _, number, empty in cells if not empty and number}), default=0)
    if any(not name and not empty for name, _, empty in cells):  # it stands beside the one before
        each = [len(_ANY_CELL.findall(part)) for part in _ANY_ROW.split(data)]
        rows = max(rows, *map(int, _ROW_NUMBER.findall(data)), 0) + len(each)
        columns += max(each)
    return rows, columns


def _column(name: bytes) -> int:
    number = 0
    for letter in name[:10]:
        number = number * 26 + letter - 64
    return number


def _ods_reach(data: bytes) -> tuple[int, int]:
    """Empty cells and rows at the end count for nothing, however often they are said to repeat. RequestFault."""
    tags = _ODS_TAG.findall(data)
    if len(tags) != len(_ODS_ANY.findall(data)):
        raise RequestFault(DAMAGED)
    rows = columns = width = blank = empty = 0
    repeat = 1
    for end, kind, attributes, alone in tags:
        if kind == b"table-row":
            if end or alone:
                rows, empty = (rows + empty + repeat, 0) if width else (rows, empty + repeat)
                columns = max(columns, width)
            width = blank = 0
            if not end:
                repeat = int(found[1]) if (found := _ROWS_REPEATED.search(attributes)) else 1
        elif not end:
            many = int(found[1]) if (found := _COLUMNS_REPEATED.search(attributes)) else 1
            full = b"value" in attributes or b"formula" in attributes
            width, blank = (width + blank + many, 0) if full else (width, blank + many)
    return rows, columns


_WHOLE_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*?\br\s*=\s*[\"']([A-Z]{1,3}[0-9]{1,7})[\"'][^<>]*)(?<!/)>(.*?)</(?:\w+:)?c>", re.S
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)(?:\s[^<>]*)?(?<!/)>\s*[^\s<]|<(?:\w+:)?is[\s>]")
_TEXT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")
_ERROR = re.compile(rb"\bt\s*=\s*[\"']e[\"']")


def unusable_cells(data: bytes) -> dict[str, str]:
    """The cells of a worksheet that have no value, such as "H4", and why."""
    if not _FORMULA.search(data) and not _ERROR.search(data):
        return {}
    made = {}
    for attributes, place, inside in _WHOLE_CELL.findall(data):
        where = place.decode()
        if _ERROR.search(attributes):
            made[where] = f"cell {where} holds an error of the spreadsheet, such as #N/A"
        elif _FORMULA.search(inside) and not _VALUE.search(inside) and not _TEXT.search(attributes):
            made[where] = (
                f"cell {where} holds a formula without its value; open the workbook in a spreadsheet, and save it"
            )
    return made
