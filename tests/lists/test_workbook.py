"""Workbooks are read like any list: cells that are dates are dates, and which worksheet is meant is never guessed."""

from __future__ import annotations

import io
import time as clock
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from handouts.errors import RequestFault
from handouts.lists.plan import ListSettings
from handouts.lists.row import Listing
from handouts.lists.rows import open_list, read_stream
from handouts.lists.workbook import SeveralWorksheets
from tests.conftest import TODAY
from tests.lists.workbooks import Raw, ods, parts, sheet_xml, xlsx, zipped

CASES = Path(__file__).parent / "cases"
GIVEN = frozenset({"topic", "options"})
HALF_PAST = datetime(2026, 12, 4, 10, 30)  # noqa: DTZ001  a spreadsheet knows no zones
DAY = [
    ["Hill Street Clinic"],
    [],
    ["", "Patient Name", "DOB", "MRN", "Appt", "Phone"],
    ["", "Ann Lee", date(1961, 4, 9), "00417", HALF_PAST, 5550143],
    ["", "Zoë O’Neill", date(1972, 8, 30), "00418", date(2026, 12, 4), ""],
]


def read(data: bytes, worksheet: str | None = None, **mapped: str) -> Listing:
    return read_stream(io.BytesIO(data), ListSettings(TODAY, mapped, GIVEN, worksheet=worksheet))


def values(listing: Listing) -> dict[int, Any]:
    return {row.number: row.data or row.fault for row in listing.rows}


def test_a_worksheet_is_read_with_the_numbers_and_letters_of_the_spreadsheet() -> None:
    found = read(xlsx(DAY))
    assert found.header_row == 3
    assert "1 column left out (F Phone)" in found.summary
    rows = list(found.rows)
    assert [row.data for row in rows] == [
        {"patient": {"name": "Ann Lee", "birth_date": "1961-04-09", "identifier": "00417"}, "visit_date": "2026-12-04"},
        {"patient": {"name": "Zoë O’Neill", "birth_date": "1972-08-30", "identifier": "00418"},
         "visit_date": "2026-12-04"},
    ]  # fmt: skip
    assert [(row.number, row.order, row.at) for row in rows] == [(4, "10:30", 4), (5, "", 5)]
    assert found.size == 5


def test_columns_left_of_the_first_cell_count_too() -> None:
    found = read(xlsx([[], ["", "", "Name", "Phone", "Time"], ["", "", "Ann", "555", time(9, 5)]]))
    assert "(D Phone)" in found.summary
    (row,) = found.rows
    assert (row.number, row.order) == (3, "09:05")


@pytest.mark.parametrize("name", ["day.xls", "day.ods"])
def test_older_and_open_workbooks_are_read_too(name: str) -> None:
    found = open_list(CASES / name, ListSettings(TODAY, given=GIVEN))
    (row,) = found.rows
    found.close()
    assert row.data == {"patient": {"name": "Ana One", "birth_date": "1983-05-02", "identifier": "417"}}
    assert any("if they began with zeros, these are lost" in note for note in found.notes)


def test_a_workbook_may_come_through_a_pipe() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    assert len(list(read_stream(Pipe(xlsx(DAY)), ListSettings(TODAY, given=GIVEN)).rows)) == 2


def test_which_worksheet_is_meant_has_to_be_said_if_several_have_rows() -> None:
    data = xlsx(DAY, Tomorrow=DAY[:4], Empty=[])
    with pytest.raises(SeveralWorksheets, match=r"several worksheets: 'Day', 'Tomorrow'\. Name the one") as caught:
        read(data)
    assert caught.value.names == ("Day", "Tomorrow")
    assert len(values(read(data, "tomorrow"))) == 1
    with pytest.raises(RequestFault, match=r"no worksheet of that name\. Did you mean 'Tomorrow'"):
        read(data, "Tomorow")
    with pytest.raises(RequestFault, match="--worksheet is for workbooks"):
        read(b"Name,DOB\n", "Day")
    assert len(values(read(xlsx(DAY, Empty=[])))) == 2


def test_record_numbers_that_are_numbers_are_a_warning_and_whole() -> None:
    found = read(xlsx([["Name", "MRN"], ["Ann", 417], ["Bo", 123456789012345]]))
    assert [data["patient"]["identifier"] for data in values(found).values()] == ["417", "123456789012345"]
    assert "'MRN' holds numbers (2): if they began with zeros, these are lost" in found.notes[0]
    (row,) = read(xlsx([["Name", "MRN"], ["Ann", 4.17e17]])).rows
    assert "digits are lost" in row.fault


def test_text_and_date_cells_of_one_column_are_decided_together() -> None:
    rows = [["Name", "DOB"], ["Ann", date(1961, 4, 9)], ["Bo", "30/08/1972"], ["Cy", "04/09/1961"], ["Di", 22380]]
    assert [data["patient"]["birth_date"] for data in values(read(xlsx(rows))).values()] == [
        "1961-04-09", "1972-08-30", "1961-09-04", "1961-04-09",
    ]  # fmt: skip


def test_the_programs_own_names_do_in_a_workbook_as_well() -> None:
    data = xlsx([["patient.name", "patient.birth_date", "options"], ["Ann", date(1961, 4, 9), "botox;mvd"]])
    assert values(read(data)) == {
        2: {"patient": {"name": "Ann", "birth_date": "1961-04-09"}, "options": ["botox", "mvd"]}
    }


def test_plain_numbers_for_dates_are_refused_where_days_are_counted_from_1904() -> None:
    def workbook(born: Any) -> bytes:
        files = parts({"Day": sheet_xml([["Name", "DOB"], ["Ann", born]])})
        book = files["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
        return zipped(files | {"xl/workbook.xml": book})

    with pytest.raises(RequestFault, match="counts its days from 1904, and 'DOB' holds plain numbers"):
        read(workbook(20_918))
    (row,) = read(workbook(Raw('<c r="{r}" s="1"><v>20918</v></c>'))).rows
    assert row.data == {"patient": {"name": "Ann", "birth_date": "1961-04-09"}}


FORMULA = '<c r="{r}"><f>TODAY()</f>%s</c>'


def test_a_formula_without_its_value_is_a_fault_of_its_row_that_names_the_cell() -> None:
    rows = [
        ["Name", "DOB", "Phone"],
        ["Ann", Raw(FORMULA % "<v/>"), Raw(FORMULA % "")],
        ["Bo", Raw(FORMULA % "<v>22380</v>"), Raw(FORMULA % "<v/>")],
        ["Cy", Raw('<c r="{r}" t="str"><f>A1</f><v></v></c>')],
        ["Di", Raw('<c r="{r}" t="e"><f>1/0</f><v>#DIV/0!</v></c>')],
    ]
    found = values(read(xlsx(rows)))
    assert found[2].startswith("DOB: cell B2 holds a formula without its value; open the workbook")
    assert found[3]["patient"]["birth_date"] == "1961-04-09"
    assert found[4] == {"patient": {"name": "Cy"}}
    assert found[5].startswith("DOB: cell B5 holds an error of the spreadsheet")


def test_rows_and_cells_that_open_document_repeats_are_there_so_often() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = "<table:table-row{}>{}</table:table-row>"
    filler = '<table:table-cell table:number-columns-repeated="16382"/>'
    rows = row.format("", cell.format("Name") + cell.format("MRN") + filler)
    rows += row.format(' table:number-rows-repeated="2"', cell.format("Ann") + cell.format("7") + filler)
    rows += row.format(' table:number-rows-repeated="1048573"', '<table:table-cell table:number-columns-repeated="9"/>')
    assert list(values(read(ods(rows)))) == [2, 3]


def _seconds(data: bytes) -> float:
    start = clock.process_time()
    assert sum(row.data is not None for row in read(data).rows) == 10_000
    return clock.process_time() - start


def test_ten_thousand_rows_of_a_workbook_take_at_most_twice_the_time_of_the_same_csv() -> None:
    head = ["Last Name", "First Name", "DOB", "MRN", "Appt Date", "Appt Time", "Appt Type", "Status"]
    text = [[f"Lee{i}", "Ann", f"{i % 12 + 1}/{i % 28 + 1}/19{i % 50 + 40}", f"{i:07}", "12/4/2026",
             f"{i % 12}:{i % 60:02}", "FU", "ok"] for i in range(10_000)]  # fmt: skip
    typed = [[f"Lee{i}", "Ann", date(1940 + i % 50, i % 12 + 1, i % 28 + 1), f"{i:07}", date(2026, 12, 4),
              time(i % 12, i % 60), "FU", "ok"] for i in range(10_000)]  # fmt: skip
    csv = "\n".join(",".join(row) for row in [head, *text]).encode()
    workbook = xlsx([head, *typed])
    ratios = [_seconds(workbook) / _seconds(csv) for _ in range(3)]
    assert min(ratios) <= 2, ratios
