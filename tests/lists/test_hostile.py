"""Files that nobody should send, and some that people do: each is refused with a message of its own, or read."""

from __future__ import annotations

import io
import json
import random
import resource
import struct
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handouts.errors import RequestFault
from handouts.lists import apart
from handouts.lists.plan import ListSettings
from handouts.lists.row import Listing, Row
from handouts.lists.rows import read_stream
from tests.conftest import TODAY
from tests.lists.workbooks import Raw, ods, parts, sheet_xml, xlsx, zipped
from tests.rounds import rounds

CASES = Path(__file__).parent / "cases"
SETTINGS = ListSettings(TODAY, given=frozenset({"topic", "options"}))
ROWS = [["Patient Name", "DOB", "MRN"], ["Xanthippe Quill", date(1961, 4, 9), "00417"], ["Zebulon Vexley", "", 418]]
SECRETS = ("Quill", "Xanthippe", "Vexley", "1961", "00417")


def read(data: bytes) -> Listing:
    return read_stream(io.BytesIO(data), SETTINGS)


def rows(data: bytes) -> list[Row]:
    return list(read(data).rows)


def refused(data: bytes) -> str:
    with pytest.raises(RequestFault) as caught:
        rows(data)
    assert caught.value.exit_code == 4
    assert not any(secret in caught.value.message for secret in SECRETS)
    return caught.value.message


def with_parts(**more: str | bytes) -> bytes:
    files: dict[str, str | bytes] = {**parts({"Day": sheet_xml(ROWS)})}
    return zipped(files | {name.replace("__", "/"): data for name, data in more.items()})


def test_a_file_that_unpacks_to_far_more_than_a_list_is_not_unpacked() -> None:
    for data in (with_parts(**{"xl__worksheets__sheet1.xml": b" " * 30_000_000}), with_parts(bomb=b"\0" * 30_000_000)):
        assert len(data) < 100_000
        start = time.process_time()
        assert "unpacks to far more" in refused(data)
        assert time.process_time() - start < 1
    many = zipped({**parts({"Day": sheet_xml(ROWS)}), **{f"x{i}.xml": "" for i in range(6000)}})
    assert "unpacks to far more" in refused(many)


def test_a_file_that_lies_about_its_sizes_is_damaged() -> None:
    data = bytearray(with_parts(**{"xl__worksheets__sheet1.xml": sheet_xml(ROWS) + " " * 5000}))
    name = b"xl/worksheets/sheet1.xml"
    at = data.rindex(name) - 46  # its entry in the directory at the end
    struct.pack_into("<I", data, at + 24, 100)
    assert "damaged or cut off" in refused(bytes(data))


def test_a_file_with_two_parts_of_one_name_is_damaged() -> None:
    out = io.BytesIO(with_parts())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", "<other/>")
    assert "damaged or cut off" in refused(out.getvalue())


FIRST = '<row r="1"><c r="A1"><v>1</v></c></row>'
FAR = {
    "a million columns": '<row r="1"><c r="AAAAA1"><v>1</v></c></row>',
    "the last cell there is": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "single quotes": "<row r='1048576'><c s='1' r='XFD1048576'><v>1</v></c></row>",
    "cells that say no place": f'<row r="1">{"<c><v>1</v></c>" * 30_000}</row>',
    "no place, but a row": '<row r="4000000000"><c><v>1</v></c><c><v>1</v></c></row>' + "<row/>" * 9,
    "rows beyond the last": '<row r="4000000000"><c r="Z4000000000"><v>1</v></c></row>',
    "two places": '<row r="1"><c r="B1" r="XFD1048576"><v>1</v></c></row>',
    "a place of another name": '<row r="1"><c x:r="B1" r="XFD1048576"><v>1</v></c></row>',
    "a place in quotes": '<row r="1"><c z=\' r="B1"\' r="XFD1048576"><v>1</v></c></row>',
    "a tag that seems to end": '<row r="1"><c z=">" r="XFD1048576"><v>1</v></c></row>',
    "a prefix": '<row r="1"><a-b:c r="XFD1048576"><v>1</v></a-b:c></row>',
    "a tag over lines": '<row r="1"><c\n\tr = "XFD1048576"\n><v>1</v></c></row>',
}


@pytest.mark.parametrize("rows_xml", FAR.values(), ids=FAR)
def test_a_worksheet_that_reaches_too_far_takes_no_memory(rows_xml: str) -> None:
    xml = sheet_xml([]).replace("<sheetData>", f"<sheetData>{FIRST}{rows_xml}")
    message = refused(zipped(parts({"Day": xml})))
    assert "reaches further than any list of patients" in message or "damaged" in message


def test_an_open_document_that_repeats_without_end_takes_no_memory() -> None:
    cell = '<table:table-cell office:value-type="string"{}><text:p>Name</text:p></table:table-cell>'
    row = "<table:table-row{}>{}</table:table-row>"
    wide = row.format("", cell.format(' table:number-columns-repeated="1000000"'))
    high = row.format(' table:number-rows-repeated="100000000"', cell.format(""))
    apart = row.format("", '<table:table-cell table:number-columns-repeated="900000"/>' + cell.format("")) * 10
    for xml in (wide, high, apart):
        assert "reaches further than any list of patients" in refused(ods(xml))


def test_what_unfolds_while_it_is_read_ends_a_process_of_its_own_and_takes_nothing_from_this_one() -> None:
    spaces = '<text:p>a<text:s text:c="2000000000"/></text:p>'
    cell = (
        f'<table:table-row><table:table-cell office:value-type="string">{spaces}</table:table-cell></table:table-row>'
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "damaged or cut off" in refused(ods(cell))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_a_worksheet_of_nothing_but_tags_is_refused_before_they_are_looked_at() -> None:
    noise = random.Random(0).randbytes(200_000).hex()  # or its ratio alone would tell
    xml = sheet_xml([]).replace("<sheetData>", f"<sheetData><row>{'<c/>' * 13_000_000}</row>") + f"<!--{noise}-->"
    start = time.process_time()
    assert "unpacks to far more" in refused(zipped(parts({"Day": xml})))
    assert time.process_time() - start < 10


def test_a_list_of_a_million_columns_as_text_is_refused() -> None:
    assert "more than 1,000 columns" in refused(b"Name,DOB" + b"," * 20_000 + b"x\n")
    assert "longer than a million bytes" in refused(b"Name,DOB" + b"," * 1_000_000 + b"\n")
    assert "more than 1,000 columns" in refused(xlsx([["Name", "DOB", *["x"] * 1000]]))


def test_macros_are_not_run_and_other_workbooks_not_opened_and_both_are_told() -> None:
    found = read(with_parts(**{"xl__vbaProject.bin": b"\0junk", "xl__externalLinks__externalLink1.xml": "<x/>"}))
    assert [row.number for row in found.rows] == [2, 3]
    assert "The workbook has macros; they are not run." in found.notes
    assert "The workbook takes values from other workbooks; they are read as they were last saved." in found.notes


def test_what_is_protected_by_a_password_is_told_so() -> None:
    assert "protected by a password" in refused((CASES / "locked.xlsx").read_bytes())
    encrypted = bytearray(xlsx(ROWS))
    for start, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = encrypted.find(start)
        while at >= 0:
            encrypted[at + flag] |= 1
            at = encrypted.find(start, at + 4)
    assert "protected by a password" in refused(bytes(encrypted))
    files = {"mimetype": "x", "content.xml": b"\x93\x12", "META-INF/manifest.xml": "<a><manifest:encryption-data/></a>"}
    assert "protected by a password" in refused(zipped(files))
    old = bytearray((CASES / "day.xls").read_bytes())
    at = old.index(struct.pack("<HH", 0x42, 2))  # the record of the code page becomes one of a password
    struct.pack_into("<H", old, at, 0x2F)
    assert "protected by a password" in refused(bytes(old))


def test_an_old_workbook_that_reaches_too_far_takes_no_memory() -> None:
    data = bytearray((CASES / "day.xls").read_bytes())
    at = data.index(struct.pack("<HHHH", 0xFD, 10, 0, 0))  # a text in A1
    struct.pack_into("<HH", data, at + 4, 65_535, 65_535)
    assert "reaches further than any list of patients" in refused(bytes(data))


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"word/document.xml": ""}, "a text document"),
        ({"ppt/presentation.xml": ""}, "a presentation"),
        ({"xl/workbook.bin": ""}, "binary workbook"),
        ({"Index/Tables.iwa": ""}, "a Numbers document"),
        ({"list.csv": "Name,DOB"}, "a compressed file"),
        ({"xl/worksheets/sheet1.xml": ""}, "damaged or cut off"),
    ],
)
def test_what_people_take_for_a_workbook_is_named(files: dict[str, str], what: str) -> None:
    assert what in refused(zipped({**files}))


@pytest.mark.parametrize("trap", ['<!DOCTYPE x [<!ENTITY a "b">]>', "<!ENTITY a 'b'>", "\0"])
def test_what_could_grow_inside_xml_is_damage(trap: str) -> None:
    xml = trap + sheet_xml(ROWS)
    assert "damaged" in refused(with_parts(**{"xl__worksheets__sheet1.xml": xml}))
    assert "damaged" in refused(with_parts(**{"xl__sharedStrings.xml": xml}))


def test_wide_text_inside_xml_hides_nothing() -> None:
    wide = FAR["the last cell there is"].encode("utf-16")
    assert "damaged" in refused(with_parts(**{"xl__worksheets__sheet1.xml": wide}))


@pytest.mark.parametrize("name", ["xlsx", "day.xls", "day.ods"])
def test_a_workbook_that_is_cut_off_is_told_so(name: str) -> None:
    data = xlsx(ROWS) if name == "xlsx" else (CASES / name).read_bytes()
    for end in range(8, len(data) - 600, len(data) // 12):
        assert "damaged or cut off" in refused(data[:end]) or name == "day.xls"


def test_an_empty_workbook_and_formulas_that_nobody_reckoned_are_told() -> None:
    assert "The workbook is empty" in refused(xlsx([]))
    formula = Raw('<c r="{r}"><f>A1</f></c>')
    (row,) = rows(xlsx([["Name", "DOB"], ["Ann", formula]]))
    assert "cell B2 holds a formula without its value" in row.fault
    (row,) = rows(xlsx([["Name", "DOB"], [formula, date(1961, 4, 9)]]))
    assert "cell A2" in row.fault


def test_at_most_twenty_faults_are_told_and_how_many_more() -> None:
    names = ",".join(["patient.name", *(f"medicines.{number}.nam" for number in range(1, 41))])
    message = refused(f"{names}\n".encode())
    assert message.count("did you mean") == 20
    assert message.splitlines()[-1] == "  and 20 more"


def test_of_many_rows_that_are_left_out_twenty_are_named() -> None:
    found = read(b"Name,DOB,MRN\n" + b"only,,\n" * 50 + b"Ann,9-Apr-61,1\n")
    assert (found.left_out.count, len(found.left_out.first)) == (50, 20)


BASES = [xlsx(ROWS), (CASES / "day.xls").read_bytes(), (CASES / "day.ods").read_bytes()]
XML = {
    name: text.encode()
    for name, text in parts({"Day": sheet_xml([*ROWS, ["x", Raw('<c r="{r}"><f>1</f></c>')]])}).items()
}
SNIPPETS = [b'r="A1"', b"<c>", b"</c>", b'<row r="9">', b"<v>1e999</v>", b't="s"', b't="d"', b's="99"', b"<is>",
            b"&#65;", b"&lt;", b'r="ZZ99"', b"<f/>", b"-1", b"]]>", b"<!--", b"\xff", b'"', b"<", b"<v>nan</v>",
            b't="b"', b'numFmtId="14"', b'<mergeCell ref="A1:C3"/>']  # fmt: skip


def damaged(data: bytes, seed: int) -> bytes:
    """``data`` with some bytes changed, cut out, doubled or replaced."""
    chance = random.Random(seed)
    made = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(made) + 1)
        end = min(len(made), start + chance.choice((0, 1, 2, 8, 40)))
        choice = chance.choice(
            (chance.randbytes(end - start), b"", bytes(made[start:end]) * 2, chance.choice(SNIPPETS))
        )
        made[start:end] = choice
    return bytes(made)


def is_read_or_refused(data: bytes) -> None:
    start = time.process_time()
    try:
        found = rows(data)
    except RequestFault as error:
        assert len(error.message) < 5000  # noqa: PT017
    else:
        assert all((row.data is None) == bool(row.fault) for row in found)
    assert time.process_time() - start < 5


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zip files are read here, a thousand of them in a minute; those of before 2007 could end the process."""
    elsewhere = apart._ask

    def ask(data: bytes) -> dict[str, Any]:
        if not data.startswith(b"PK"):
            return elsewhere(data)
        told: dict[str, Any] = json.loads(json.dumps(apart._contents(data)))
        return told

    monkeypatch.setattr(apart, "_ask", ask)


UNCHANGED = [HealthCheck.function_scoped_fixture]
"""The fixture is the same for each example."""


def damaged_xml(seed: int) -> bytes:
    chance = random.Random(seed)
    name = chance.choice(sorted(XML))
    return zipped({**XML, name: damaged(XML[name], seed)})


@pytest.mark.usefixtures("in_this_process")
@settings(max_examples=60, suppress_health_check=UNCHANGED)
@given(seed=st.integers(0, 2**32), base=st.sampled_from(BASES))
def test_a_damaged_workbook_is_read_or_refused(seed: int, base: bytes) -> None:
    is_read_or_refused(damaged(base, seed))
    is_read_or_refused(damaged_xml(seed))


@pytest.mark.heavy
@pytest.mark.usefixtures("in_this_process")
@settings(max_examples=rounds(1500, release=10_000), suppress_health_check=UNCHANGED)
@given(seed=st.integers(0, 2**32), base=st.sampled_from(BASES))
def test_many_damaged_workbooks_are_read_or_refused(seed: int, base: bytes) -> None:
    is_read_or_refused(damaged(base, seed))
    is_read_or_refused(damaged_xml(seed))


TEXT = (CASES / "us-scheduler.csv").read_bytes()


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_export_is_read_or_refused(seed: int) -> None:
    for name in ("us-scheduler.csv", "spanish.csv", "next-visit.csv", "years.csv"):
        is_read_or_refused(damaged((CASES / name).read_bytes(), seed))
