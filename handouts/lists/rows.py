"""A list's rows, one at a time: CSV as spreadsheets and practice systems write it, JSON Lines, a JSON array, a folder.

Nothing here knows what a request is; a row is keys and values, or the reason why it can't be read. Numbers are the
list's own, so that people find the row: of a spreadsheet (its first row holds the names), of a line, of an item of an
array, of a file in a folder sorted by name.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from handouts.errors import HandoutError, RequestFault, first_few
from handouts.lists.column_mapping import ColumnMapping, known_paths, read_header
from handouts.lists.decoding import DecodedLines
from handouts.lists.json_array import split_array
from handouts.load.requests import read_request, read_text
from handouts.load.yamlfile import Unreadable, parse_json

_HIGHEST_HEAD = 20
"""Lines, one below the other, that the names of the columns may take."""
_LONGEST_CELL = 20_000
"""A quotation mark that nobody closed makes one cell of the rest of the list."""
_SUFFIXES = (".yaml", ".yml", ".json")
_NO_LISTS = {
    b"PK\x03\x04": "a workbook",
    b"\xd0\xcf\x11\xe0": "a workbook",
    b"%PDF": "a PDF",
    b"{\\rtf": "a text document (RTF)",
    b"\x1f\x8b": "a compressed file",
    b"<": "a web page or XML",
}
"""How files begin that people take for lists."""
_SEPARATOR = re.compile(r'"?sep=([^\w\s"]|\t)"?[\s,;]*', re.I)
"""The line with which Excel is told what parts the cells; a spreadsheet neither shows nor counts it."""


@dataclass(frozen=True)
class Row:
    """One row: ``data``, or why it can't be read. ``at``: how far into the list it ends, in the list's own unit."""

    number: int
    data: Mapping[str, Any] | None
    fault: str = ""
    at: int = 0

    def __repr__(self) -> str:
        return f"Row({self.number})"  # a patient's details have no place in a log or traceback


@dataclass(frozen=True)
class Listing:
    """``rows`` can be walked through once. ``size``: what the last row's ``at`` will be; None where nobody knows."""

    rows: Iterator[Row]
    ignored: tuple[str, ...] = ()
    size: int | None = None
    close: Callable[[], None] = lambda: None
    """To be called when nobody reads on."""


def open_list(source: Path, mapped: Mapping[str, str], given: Iterable[str]) -> Listing:
    """The rows of a file or folder. RequestFault when it isn't there or its columns can't be used."""
    try:
        if source.is_dir():
            _no_mapping(mapped)
            return _folder(source)
        stream = source.open("rb")
    except FileNotFoundError:
        raise RequestFault(
            f"There is no list {source.name}. Check the name, or use - to read standard input."
        ) from None
    except OSError as error:
        raise RequestFault(f"{source.name} can't be read: {error.strerror}.") from None
    try:
        listing = read_stream(stream, mapped, given, os.fstat(stream.fileno()).st_size or None)  # a pipe has no size
    except BaseException:
        stream.close()
        raise
    return replace(listing, close=stream.close)


def _no_mapping(mapped: Mapping[str, str]) -> None:
    if mapped:
        raise RequestFault("--map is for the columns of CSV; the keys of requests have their own names.")


def read_stream(stream: BinaryIO, mapped: Mapping[str, str], given: Iterable[str], size: int | None = None) -> Listing:
    """The rows of CSV or JSON Lines as they come. RequestFault when they are neither."""
    lines = DecodedLines(stream)
    for start, what in _NO_LISTS.items():
        if lines.peek().lstrip(b"\xef\xbb\xbf").startswith(start):
            raise RequestFault(f"The list is {what}, not a list as text. Save it as CSV (UTF-8) and give that file.")
    if lines.start().startswith("["):
        return Listing(_json_array(lines.chunks(), lines, mapped), size=size)
    texts = lines.texts()
    blank = 0
    head = next(texts, "")
    while head and not head.strip():
        head, blank = next(texts, ""), blank + 1
    if head.lstrip().startswith("["):
        return Listing(_json_array(chain([head], texts), lines, mapped), size=size)
    if head.lstrip().startswith("{"):
        _no_mapping(mapped)
        _require_json_lines(head)
        return Listing(_json_lines(chain([head], texts), lines, blank), size=size)
    told = _SEPARATOR.fullmatch(head.rstrip("\r\n"))
    if told:
        head = next(texts, "")
    first = [head]
    while "".join(first).count('"') % 2 and len(first) < _HIGHEST_HEAD:  # a line break in a column's name
        first.append(next(texts, ""))
    table = _Table(chain(first, texts), told[1] if told else _delimiter("".join(first)))
    try:
        names, above = next(table, None), blank + 1
        while names is not None and not any(name.strip() for name in names):
            names, above = next(table, None), above + 1
    except csv.Error as error:
        raise RequestFault(f"The first row of the list can't be read: {_why(error)}.") from None
    if names is None:
        raise RequestFault("The list is empty. Its first row must name the columns, such as patient.name.")
    columns = read_header(names, mapped, given)
    return Listing(_csv_rows(table, columns, lines, above), columns.ignored, size)


class _Table:
    """The rows of CSV. After a csv.Error it can be read on, unless `lost`."""

    def __init__(self, texts: Iterable[str], delimiter: str) -> None:
        csv.field_size_limit(_LONGEST_CELL)
        self.marks = 0
        self.reader = csv.reader(self._counted(texts), delimiter=delimiter, strict=True)
        self.joint = re.compile(re.escape(delimiter) + r"(?! )")

    def _counted(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            self.marks += text.count('"')
            yield text

    def __iter__(self) -> _Table:
        return self

    def __next__(self) -> list[str]:
        self.marks = 0
        return next(self.reader)

    def swallows(self, cells: Sequence[str], width: int) -> bool:
        """Whether a cell of several lines holds what looks like another row of ``width`` cells.

        A quotation mark that opens in one row and closes in a later one makes one cell of all between. In a sentence
        a space follows each comma, so the separators of a row can be told from it.
        """
        later = (line for cell in cells for line in re.split(r"[\r\n]+", cell)[1:])
        return width > 1 and any(len(self.joint.findall(line)) >= width - 1 for line in later)

    @property
    def lost(self) -> bool:
        """After an error: whether nobody can tell where the next row begins, since a quotation mark is open."""
        return self.marks % 2 == 1


def _delimiter(head: str) -> str:
    """The separator that stands most often between the names of the columns, outside quotation marks."""
    outside = "".join(head.split('"')[::2])
    return max((",", ";", "\t"), key=outside.count)


def _why(error: csv.Error) -> str:
    text = str(error)
    if "end of data" in text:
        return "a quotation mark opens there, or in the row before, and never closes"
    if "limit" in text:
        return f"a cell holds more than {_LONGEST_CELL:,} characters; look for a quotation mark that never closes"
    if "expected after" in text:
        return 'a quotation mark stands inside a cell; write it twice ("")'
    return "a line break stands where there can be none; save the list as CSV (UTF-8) again"


def _csv_rows(table: _Table, columns: ColumnMapping, lines: DecodedLines, above: int) -> Iterator[Row]:
    number = above
    while True:
        number += 1
        try:
            cells = next(table, None)
            if cells is None:
                return
            if not any(cell.strip() for cell in cells):
                continue
            if columns.is_other_header(cells):
                yield Row(number, None, f"{_CAN_NOT_GO_ON}: {_OTHER_HEADER}", lines.passed)
                return
            if columns.repeats_header(cells):
                raise ValueError("the row repeats the names of the columns; take it out of the list")
            if table.swallows(cells, len(columns.columns)):
                raise ValueError(f"the row holds several rows: {_OPEN_MARK}")
            yield _checked(Row(number, columns.data(cells), at=lines.passed))
        except csv.Error as error:
            if table.lost:
                yield Row(number, None, f"{_CAN_NOT_GO_ON}: {_why(error)}", lines.passed)
                return
            yield Row(number, None, _why(error), lines.passed)
        except ValueError as error:
            yield Row(number, None, str(error), lines.passed)


_CAN_NOT_GO_ON = "the list can't be read from here on"
_OTHER_HEADER = "the row names columns in another order; make two lists of it"
_OPEN_MARK = "a quotation mark opens in one and closes in another; take both marks out, then make the list again"


def _checked(row: Row) -> Row:
    """``row``, or why nobody can tell whose it is: a line break in a name may part two patients."""
    broken = next((key for key in _line_breaks(row.data, "") if key != "note" and _known(key)), "")
    if not broken:
        return row
    why = f"'{broken}' holds a line break; write it on one line, and look for a quotation mark that is out of place"
    return Row(row.number, None, why, row.at)


def _line_breaks(value: Any, path: str) -> Iterator[str]:
    """The keys whose text goes over several lines, such as patient.name."""
    if isinstance(value, str):
        if re.search(r"[\r\n]", value.strip()):
            yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _line_breaks(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _line_breaks(item, f"{path}.{number}")


def _known(key: str) -> bool:
    """Whether ``key`` is one of a request's; others are refused later, and not even named."""
    return bool({re.sub(r"\.\d+\.", ".1.", key), re.sub(r"\.\d+$", "", key)} & known_paths().keys())


def _require_json_lines(head: str) -> None:
    """RequestFault for an object that goes over several lines."""
    try:
        parse_json(head, "")
    except Unreadable:
        if not head.rstrip().endswith("}"):
            raise RequestFault(
                "The list begins with a JSON object that goes over several lines. Write each request on one line "
                "(JSON Lines), or all of them into one array: [{...}, {...}]."
            ) from None


def _json_array(texts: Iterable[str], lines: DecodedLines, mapped: Mapping[str, str]) -> Iterator[Row]:
    _no_mapping(mapped)
    return _json_rows(enumerate(split_array(iter(texts)), 1), lines)


def _json_lines(texts: Iterable[str], lines: DecodedLines, above: int) -> Iterator[Row]:
    return _json_rows(((number, text) for number, text in enumerate(texts, above + 1) if text.strip()), lines)


def _json_rows(numbered: Iterable[tuple[int, str]], lines: DecodedLines) -> Iterator[Row]:
    for number, text in numbered:
        try:
            yield _checked(Row(number, parse_json(text, "").data, at=lines.passed))
        except Unreadable as error:
            yield Row(number, None, "; ".join(fault.message for fault in error.faults), lines.passed)


def _folder(folder: Path) -> Listing:
    """OSError when it may not be looked into."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file())
    if not paths:
        raise RequestFault("The folder holds no request (.yaml, .yml or .json).")
    return Listing(_folder_rows(paths), size=len(paths))


def _folder_rows(paths: list[Path]) -> Iterator[Row]:
    for number, path in enumerate(paths, 1):
        try:
            yield Row(number, read_request(read_text(path), "the request").data, at=number)
        except HandoutError as error:
            yield Row(number, None, one_line(error, path.name), number)


def one_line(error: HandoutError, name: str = "") -> str:
    """An error's faults, or its message, on one line; never with a file's ``name``, which may be a patient's."""
    text = "; ".join(first_few(map(str, error.faults))) or error.message
    return " ".join((text.replace(name, "the request") if name else text).split())
