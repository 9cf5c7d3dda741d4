"""CSV as spreadsheets and practice systems write it -> a table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import BinaryIO

from handouts.lists.decoding import DecodedLines
from handouts.lists.tables import Cell, Line

SEPARATORS = (",", ";", "\t", "|")
_HIGHEST_HEAD = 20
"""Lines, one below the other, that the names of the columns may take."""
_LONGEST_CELL = 20_000
"""A quotation mark that nobody closed makes one cell of the rest of the list."""
_TOLD = re.compile(r'"?sep=([^\w\s"]|\t)"?[\s,;]*', re.I)
"""The line with which Excel is told what parts the cells; a spreadsheet neither shows nor counts it."""


class Start:
    """The first lines of a CSV file: blank ones, the one that tells the separator, and the first with anything in it.

    What was read of it can be read on with `rest`.
    """

    def __init__(self, lines: DecodedLines) -> None:
        self.source = lines
        self.texts = lines.texts()
        self.blank = 0
        head = next(self.texts, "")
        while head and not head.strip():
            head, self.blank = next(self.texts, ""), self.blank + 1
        self.head = [head]
        self.told = ""

    def read_head(self) -> str:
        """The whole first row, which may go over several lines; the separator that is told is taken note of."""
        told = _TOLD.fullmatch(self.head[0].rstrip("\r\n"))
        if told:
            self.told, self.head = told[1], [next(self.texts, "")]
        while "".join(self.head).count('"') % 2 and len(self.head) < _HIGHEST_HEAD:  # a line break in a column's name
            self.head.append(next(self.texts, ""))
        return "".join(self.head)

    def rest(self, separator: str) -> CsvRows:
        """All rows from the first on, as they come."""
        return CsvRows(chain(self.head, self.texts), separator, self.source, self.blank)


def delimiter(head: str) -> str:
    """The separator that stands most often between the names of the columns, outside quotation marks."""
    outside = "".join(head.split('"')[::2])
    return max((",", ";", "\t"), key=outside.count)


class CsvRows:
    """The rows of CSV, once. What is wrong with one is told in its place."""

    def __init__(self, texts: Iterable[str], separator: str, source: DecodedLines, above: int) -> None:
        csv.field_size_limit(_LONGEST_CELL)
        self.marks = 0
        self.reader = csv.reader(self._counted(texts), delimiter=separator, strict=True)
        self.source, self.above = source, above

    def _counted(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            self.marks += text.count('"')
            yield text

    def lines(self) -> Iterator[Line]:
        """After a row whose quotation mark stays open nobody can tell where the next begins: that one is the last."""
        number = self.above
        while True:
            number += 1
            self.marks = 0
            try:
                cells = next(self.reader, None)
            except csv.Error as error:
                lost = self.marks % 2 == 1
                yield Line(number, (), _why(error), self.source.passed, lost)
                if lost:
                    return
                continue
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield Line(number, cells, at=self.source.passed)


def _why(error: csv.Error) -> str:
    text = str(error)
    if "end of data" in text:
        return "a quotation mark opens there, or in the row before, and never closes"
    if "limit" in text:
        return f"a cell holds more than {_LONGEST_CELL:,} characters; look for a quotation mark that never closes"
    if "expected after" in text:
        return 'a quotation mark stands inside a cell; write it twice ("")'
    return "a line break stands where there can be none; save the list as CSV (UTF-8) again"


class CsvTable:
    """CSV in a stream that can be read again from ``begin`` on."""

    own_types = False
    from_1904 = False
    notes: tuple[str, ...] = ()

    def __init__(self, stream: BinaryIO, begin: int, separator: str, size: int | None) -> None:
        self.stream, self.begin, self.separator, self.size = stream, begin, separator, size
        self.joint = re.compile(re.escape(separator) + r"(?! )")

    def lines(self) -> Iterator[Line]:
        """All rows from the first on."""
        self.stream.seek(self.begin)
        start = Start(DecodedLines(self.stream))
        start.read_head()
        return start.rest(self.separator).lines()

    def swallows(self, cells: Sequence[Cell], width: int) -> bool:
        """Whether a cell of several lines holds what looks like another row of ``width`` cells.

        A quotation mark that opens in one row and closes in a later one makes one cell of all between. In a sentence
        a space follows each comma, so the separators of a row can be told from it.
        """
        broken = (cell for cell in cells if isinstance(cell, str) and ("\n" in cell or "\r" in cell))
        later = (line for cell in broken for line in re.split(r"[\r\n]+", cell)[1:])
        return width > 1 and any(len(self.joint.findall(line)) >= width - 1 for line in later)


class PassingTable(CsvTable):
    """CSV in a stream that can be read once, in the program's own format: each row is there once it is written."""

    def __init__(self, rows: CsvRows, separator: str, size: int | None) -> None:
        super().__init__(rows.source.stream, 0, separator, size)
        self.rows = rows

    def lines(self) -> Iterator[Line]:
        """All rows from the first on; once."""
        return self.rows.lines()
