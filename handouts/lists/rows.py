"""A list's rows, one at a time, whatever it comes in: a table (CSV, a workbook), JSON Lines, a JSON array, a folder.

A row is keys and values of a request, or the reason why it can't be read. Numbers are the list's own, so that people
find the row: of a spreadsheet, of a line, of an item of an array, of a file in a folder sorted by name.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from handouts.errors import RequestFault
from handouts.lists.csv_table import SEPARATORS, CsvTable, PassingTable, Start, delimiter
from handouts.lists.date_order import decide
from handouts.lists.decoding import DecodedLines
from handouts.lists.header import MOST_ABOVE, Header, find_header, is_own_path
from handouts.lists.json_rows import folder, json_array, json_lines, require_json_lines, require_no_mapping
from handouts.lists.plan import ListSettings, Plan, options_in, plan_columns, treatments
from handouts.lists.records import DATES, Records, why_left_out
from handouts.lists.row import Listing, Row
from handouts.lists.survey import Survey, body, notes, settle, summary, survey
from handouts.lists.tables import Line, Table, texts
from handouts.model.list_map import plain_name

_NO_LISTS = {
    b"%PDF": "a PDF",
    b"{\\rtf": "a text document (RTF)",
    b"\x1f\x8b": "a compressed file",
    b"<": "a web page or XML",
}
"""How files begin that people take for lists."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
MOST_IN_MEMORY = 64 * 1024 * 1024
"""Bytes of standard input that are kept where a list has to be read twice."""


def open_list(source: Path, settings: ListSettings) -> Listing:
    """The rows of a file or folder. RequestFault when it isn't there or its columns can't be used."""
    try:
        if source.is_dir():
            require_no_mapping(settings.mapped)
            return folder(source)
        stream = source.open("rb")
    except FileNotFoundError:
        raise RequestFault(
            f"There is no list {source.name}. Check the name, or use - to read standard input."
        ) from None
    except OSError as error:
        raise RequestFault(f"{source.name} can't be read: {error.strerror}.") from None
    try:
        listing = read_stream(stream, settings, os.fstat(stream.fileno()).st_size or None)  # a pipe has no size
    except BaseException:
        stream.close()
        raise
    return replace(listing, close=stream.close)


def open_table(stream: BinaryIO, settings: ListSettings) -> Table:
    """The table in a file, to learn what its columns are. RequestFault when it holds none."""
    lines = DecodedLines(stream)
    if lines.peek().startswith(WORKBOOKS):
        from handouts.lists.workbook import open_workbook

        stream.seek(0)
        return open_workbook(stream, settings.worksheet)
    if lines.start().startswith(("[", "{")):
        raise RequestFault("The list is JSON, whose keys are those of a request; it needs no map.")
    head = Start(lines)
    first = head.read_head()
    return CsvTable(stream, 0, head.told or _separator(stream, 0, first, settings), None)


class _Kept:
    """A stream that can't be read twice: what was read of it, and what is left."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.read_so_far: list[bytes] | None = []

    def readline(self, size: int = -1) -> bytes:
        """The next line."""
        data = self.stream.readline(size)
        if self.read_so_far is not None:
            self.read_so_far.append(data)
        return data

    def whole(self) -> BinaryIO:
        """All of it, in memory. RequestFault when it is too long for that."""
        begun = b"".join(self.read_so_far or ())
        try:
            data = begun + self.stream.read(MOST_IN_MEMORY + 1 - len(begun))
        except OSError as error:
            raise RequestFault(f"The rest of the list can't be read: {error.strerror}.") from None
        if len(data) > MOST_IN_MEMORY:
            raise RequestFault(
                f"The list is longer than {MOST_IN_MEMORY // 1024 // 1024} MB and has to be read twice, which standard "
                "input does not allow. Save it as a file, and give its name."
            )
        return io.BytesIO(data)


def _begin(stream: BinaryIO) -> int | None:
    """Where a stream stands, if it can be read again from there."""
    try:
        return stream.tell() if stream.seekable() else None
    except (OSError, ValueError):
        return None


def read_stream(stream: BinaryIO, settings: ListSettings, size: int | None = None) -> Listing:
    """The rows of a table or of JSON as they come. RequestFault when they are neither."""
    begin = _begin(stream)
    kept = _Kept(stream)
    lines = DecodedLines(stream if begin is not None else kept)  # type: ignore[arg-type]
    first = lines.peek().removeprefix(b"\xef\xbb\xbf")
    for start, what in _NO_LISTS.items():
        if first.startswith(start):
            raise RequestFault(f"The list is {what}, not a list as text. Save it as CSV (UTF-8) and give that file.")
    if first.startswith(WORKBOOKS):
        from handouts.lists.workbook import open_workbook

        if begin is not None:
            stream.seek(begin)
        return read_table(open_workbook(stream if begin is not None else kept.whole(), settings.worksheet), settings)
    if settings.worksheet is not None:
        raise RequestFault("--worksheet is for workbooks; this list has no worksheets.")
    if lines.start().startswith("["):
        require_no_mapping(settings.mapped)
        kept.read_so_far = None
        return Listing(json_array(lines.chunks(), lines), size=size)
    text = Start(lines)
    head = text.head[0].lstrip()
    if head.startswith(("[", "{")):
        require_no_mapping(settings.mapped)
        kept.read_so_far = None
        texts = chain(text.head, text.texts)
        if head.startswith("["):
            return Listing(json_array(texts, lines), size=size)
        require_json_lines(text.head[0])
        return Listing(json_lines(texts, lines, text.blank), size=size)
    if begin is not None:
        return _read_csv(stream, begin, settings, size)
    return _read_passing_csv(kept, text, settings)


def _read_passing_csv(kept: _Kept, text: Start, settings: ListSettings) -> Listing:
    """CSV that can be read once: as it comes, if its first row has the program's own names; else from memory."""
    head = text.read_head()
    separator = text.told or delimiter(head)
    if not settings.mapped and any(is_own_path(name) for name in head.strip().split(separator)):
        kept.read_so_far = None
        return _read_own(PassingTable(text.rest(separator), separator, None), settings)
    return _read_csv(kept.whole(), 0, settings, None)


def _read_csv(stream: BinaryIO, begin: int, settings: ListSettings, size: int | None) -> Listing:
    stream.seek(begin)
    start = Start(DecodedLines(stream))
    head = start.read_head()
    separator = start.told or _separator(stream, begin, head, settings)
    return read_table(CsvTable(stream, begin, separator, size), settings)


def _separator(stream: BinaryIO, begin: int, head: str, settings: ListSettings) -> str:
    """The separator with which a header names most known columns; else the one that stands most often at the top."""
    best, most = delimiter(head), 0
    for sign in dict.fromkeys((best, *SEPARATORS)):
        table = CsvTable(stream, begin, sign, None)
        found = find_header(list(islice(table.lines(), MOST_ABOVE)), settings.maps, settings.mapped, guess=False)
        if found and len(found.names) > most:
            best, most = sign, len(found.names)
    return best


def find(table: Table, settings: ListSettings) -> Header:
    """The header of a table. RequestFault where there is none."""
    lines = list(islice(table.lines(), MOST_ABOVE))
    found = find_header(lines, settings.maps, settings.mapped, guess=False)
    if found is None and lines and lines[0].fault:
        raise RequestFault(f"The first row of the list can't be read: {lines[0].fault}.")
    header = found or find_header(lines, settings.maps, settings.mapped)
    if header is not None:
        return header
    raise RequestFault("The list is empty. Its first row must name the columns, such as patient.name.")


def option_columns(table: Table, header: Header, settings: ListSettings) -> tuple[int, ...]:
    """The columns of treatments whose cells all are ids of options; one of them is enough where a flag says some."""
    columns = treatments(header, settings)
    found, other = set[int](), set[int]()
    for line in table.lines() if columns else ():
        said = texts(line.cells) if line.number > header.row and not line.fault else []
        for column in (one for one in columns if one < len(said) and said[one].strip()):
            (found if options_in(said[column], settings.options) else other).add(column)
    chosen = found if "options" in settings.given else found - other
    return tuple(sorted(chosen)[:1])


def _read_own(table: PassingTable, settings: ListSettings) -> Listing:
    lines = table.lines()
    first = next(lines, None)
    if first is None or first.fault:
        why = first.fault if first else "it is empty"
        raise RequestFault(f"The first row of the list can't be read: {why}.")
    header = Header(first.number, tuple(texts(first.cells)), own=True)
    plan = plan_columns(header, settings)
    records = Records(plan, {}, settings.today)
    return Listing(_rows(lines, table, plan, records), plan.columns.ignored, records=records)


def read_table(table: Table, settings: ListSettings) -> Listing:
    """The rows of a table. RequestFault when its columns or its dates can't be used."""
    header = find(table, settings)
    plan = plan_columns(header, settings, option_columns(table, header, settings))
    if plan.own and not table.own_types and not any(path in plan.targets for path in DATES):
        records = Records(plan, {}, settings.today)
        return Listing(
            _rows(body(table, plan), table, plan, records), plan.columns.ignored, table.size, records=records
        )
    found = survey(table, plan, settings.today)
    plan = settle(plan, found)
    if not plan.own:
        require_rows(plan, found)
    _require_known_days(table, found)
    decided = decide(
        found.date_columns(plan), of_map=plan.date_order, of_clinic=settings.date_order, today=settings.today
    )
    records = Records(plan, decided.orders, settings.today)
    rows = _rows(body(table, plan), table, plan, records)
    told = (*table.notes, *decided.notes, *notes(plan, found))
    if plan.own:
        return Listing(rows, plan.columns.ignored, table.size, notes=told, records=records)
    return Listing(
        rows, size=table.size, header_row=plan.header.row, summary=summary(plan, found), notes=told,
        left_out=found.left_out, records=records,
    )  # fmt: skip


def require_rows(plan: Plan, found: Survey) -> None:
    """RequestFault for a list that names its columns, and no patient."""
    if not found.rows and not found.left_out.count:
        raise RequestFault(
            f"No patient is on the list: row {plan.header.row} names the columns, and no row follows it. Look whether "
            "the right day or worksheet was exported."
        )


def _require_known_days(table: Table, found: Survey) -> None:
    """RequestFault where plain numbers stand for dates, and the workbook counts days otherwise than others do."""
    names = [f"'{column.name}'" for column in found.columns.values() if column.serials]
    if table.from_1904 and names:
        raise RequestFault(
            f"The workbook counts its days from 1904, and {', '.join(names)} holds plain numbers. Give these cells the "
            "format of a date in the spreadsheet program, and save it again."
        )


def _rows(lines: Iterator[Line], table: Table, plan: Plan, records: Records) -> Iterator[Row]:
    width = len(plan.columns.columns)
    names = frozenset(plain_name(plan.header.names[number]) for number in plan.used)
    for line in lines:
        if line.fault:
            why = f"{_CAN_NOT_GO_ON}: {line.fault}" if line.last else line.fault
            yield Row(line.number, None, why, line.at)
            continue
        said = texts(line.cells)
        if _is_other_header(plan, names, said):
            yield Row(line.number, None, f"{_CAN_NOT_GO_ON}: {_OTHER_HEADER}", line.at)
            return
        if plan.own and plan.columns.repeats_header(said):
            yield Row(line.number, None, _REPEATED, line.at)
        elif not plan.own and why_left_out(plan, line):
            continue
        elif table.swallows(line.cells, width):
            yield Row(line.number, None, f"the row holds several rows: {_OPEN_MARK}", line.at)
        else:
            yield records.row(line)


def _is_other_header(plan: Plan, names: frozenset[str], said: Sequence[str]) -> bool:
    """Whether a row names columns of the list, but in another order."""
    if plan.columns.is_other_header(said):
        return True
    first = next((text for text in said if text.strip()), "")
    if plain_name(first) not in names:
        return False
    told = [plain_name(text) for text in said if text.strip()]
    return len(told) > 1 and all(name in names for name in told) and not plan.columns.repeats_header(said)


_CAN_NOT_GO_ON = "the list can't be read from here on"
_OTHER_HEADER = "the row names columns in another order; make two lists of it"
_OPEN_MARK = "a quotation mark opens in one and closes in another; take both marks out, then make the list again"
_REPEATED = "the row repeats the names of the columns; take it out of the list"
