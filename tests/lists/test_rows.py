"""A list is read row by row, whatever wrote it; what can't be read is reported and never stops the rest."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handouts.errors import RequestFault
from handouts.lists.json_array import split_array
from handouts.lists.plan import ListSettings
from handouts.lists.row import Listing, Row
from handouts.lists.rows import open_list, read_stream
from tests.conftest import PATIENCE, TODAY

GIVEN = ("topic", "options")
TEXT = "patient.name,note\nZoë O’Neill,x\nÁgúst,y\n"
"""Of these, Windows-1252 has every letter."""


SETTINGS = ListSettings(TODAY, given=frozenset(GIVEN))


def listing(data: bytes, mapped: Mapping[str, str] | None = None, given: Iterable[str] = GIVEN) -> Listing:
    return read_stream(io.BytesIO(data), ListSettings(TODAY, mapped or {}, frozenset(given)))


def read(data: bytes | str, **also: Any) -> list[Row]:
    return list(listing(data if isinstance(data, bytes) else data.encode(), **also).rows)


def good(rows: Iterable[Row]) -> dict[int, Any]:
    return {row.number: row.data for row in rows if row.data is not None}


def faults(rows: Iterable[Row]) -> dict[int, str]:
    return {row.number: row.fault for row in rows if row.data is None}


def name(text: str) -> dict[str, Any]:
    return {"patient": {"name": text}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_way_in_which_spreadsheets_write_a_list_is_read(encoding: str, separator: str, end: str) -> None:
    mark = "\ufeff" if encoding in {"utf-16-le", "utf-16-be"} else ""
    text = mark + TEXT.replace(",", separator).replace("\n", end)
    rows = read(text.encode(encoding))
    assert good(rows) == {2: name("Zoë O’Neill") | {"note": "x"}, 3: name("Ágúst") | {"note": "y"}}
    assert faults(rows) == {}


def test_the_last_line_needs_no_end() -> None:
    for encoding in ("utf-8", "utf-16"):
        assert good(read("patient.name\nAnn\nBo".encode(encoding))) == {2: name("Ann"), 3: name("Bo")}


def test_a_mark_before_plain_names_tells_that_the_rest_is_utf_8() -> None:
    rows = read(b"\xef\xbb\xbfpatient.name\nAnn\xe9\nZo\xc3\xab\n")
    assert good(rows) == {3: name("Zoë")}
    assert "not text in the list's encoding" in faults(rows)[2]


def test_a_row_that_does_not_fit_the_encoding_is_at_fault_alone() -> None:
    in_utf_8 = "patient.name\nZoë\n".encode() + b"\xc1g\xfast\n" + "Chloë\n".encode()
    assert good(read(in_utf_8)) == {2: name("Zoë"), 4: name("Chloë")}
    in_windows = "patient.name\nZoë\n".encode("cp1252") + b"\x81\x8d\n" + "Chloë\n".encode("cp1252")
    assert good(read(in_windows)) == {2: name("Zoë"), 4: name("Chloë")}
    for data in (in_utf_8, in_windows):
        assert list(faults(read(data))) == [3]


def test_no_name_is_guessed_when_one_list_holds_two_encodings() -> None:
    rows = read("patient.name\nZoë\n".encode("cp1252") + "María\n".encode() + b"Bo\n")
    assert good(rows) == {2: name("Zoë"), 4: name("Bo")}
    assert list(faults(rows)) == [3]


def test_a_letter_cut_in_half_at_the_end_is_told() -> None:
    rows = read("patient.name\nAnn\nBo".encode("utf-16")[:-1])
    assert good(rows) == {2: name("Ann")}
    assert list(faults(rows)) == [3]


def test_letters_whose_halves_look_like_line_ends_are_no_line_ends() -> None:
    odd = "Ċਊ Ὂ"  # U+010A, U+0A0A, U+1F4A: bytes 0A, and 0A 0A
    for encoding in ("utf-16-le", "utf-16-be"):
        assert good(read(f"\ufeffpatient.name\n{odd}\nBo\n".encode(encoding))) == {2: name(odd), 3: name("Bo")}


def test_numbers_are_those_of_the_spreadsheet() -> None:
    text = 'patient.name,note\nAnn,\n\n,,\nBo,"one\ntwo\n\nthree"\n;\nCy,\n'
    rows = read(text)
    assert {number: data["patient"]["name"] for number, data in good(rows).items()} == {
        2: "Ann",
        5: "Bo",
        6: ";",
        7: "Cy",
    }
    assert good(rows)[5]["note"] == "one\ntwo\n\nthree"


def test_blank_lines_above_the_names_count_too() -> None:
    assert good(read("\n\n,\npatient.name,note\nAnn,\n")) == {5: name("Ann")}
    assert good(read('\r\n{"patient": {"name": "Ann"}}\n')) == {2: name("Ann")}


def test_a_columns_name_may_hold_a_line_break() -> None:
    rows = read(
        '"Patient\nname";"Note, if any"\nAnn;x\n', mapped={"Patient\nname": "patient.name", "Note, if any": "note"}
    )
    assert good(rows) == {2: name("Ann") | {"note": "x"}}


def test_a_short_row_leaves_out_and_a_long_one_is_at_fault() -> None:
    rows = read("patient.name,note,side\nAnn\nBo,x,left,,  ,\nCy,x,left,extra\nDee\n")
    assert good(rows) == {2: name("Ann"), 3: name("Bo") | {"note": "x", "side": "left"}, 5: name("Dee")}
    assert "more cells than the list has columns" in faults(rows)[4]
    assert "extra" not in faults(rows)[4]


def test_a_quotation_mark_inside_a_cell_stops_its_own_row_only() -> None:
    rows = read('patient.name,note\n"Ann "Annie" Lee",x\nBo,y\n')
    assert good(rows) == {3: name("Bo") | {"note": "y"}}
    assert faults(rows)[2] == 'a quotation mark stands inside a cell; write it twice ("")'


def test_after_a_quotation_mark_that_nobody_closed_no_row_is_guessed() -> None:
    rows = read('patient.name,note\nAnn,x\n"Bo,x\nCy,"y"\nDee,z\n')
    assert list(good(rows)) == [2]
    assert faults(rows).keys() == {3}
    assert "can't be read from here on" in faults(rows)[3]


def test_a_quotation_mark_open_at_the_end_is_told() -> None:
    for rows in (read('patient.name\nAnn\n"Bo\n'), read('patient.name\nAnn\n"' + "Bo\n" * 30_000)):
        assert list(good(rows)) == [2]
        assert "never closes" in faults(rows)[3]


def test_a_cell_too_long_to_be_one_is_told_and_the_rest_goes_on() -> None:
    rows = read(f"patient.name\n{'x' * 20_001}\nBo\n")
    assert good(rows) == {3: name("Bo")}
    assert "more than 20,000 characters" in faults(rows)[2]


def test_a_lone_carriage_return_stops_its_own_row_only() -> None:
    for encoding in ("utf-8", "utf-16"):
        rows = read('patient.name,note\nAnn\rBo,x\nCy,"y\rz"\n'.encode(encoding))
        assert good(rows) == {3: name("Cy") | {"note": "y\rz"}}
        assert "line break" in faults(rows)[2]


def test_a_zero_byte_reaches_the_request_which_refuses_it() -> None:
    assert good(read("patient.name\nAn\0n\nBo\n")) == {2: name("An\0n"), 3: name("Bo")}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The list is empty"),
        (b"\n\n", "The list is empty"),
        (b",,\n", "The list is empty"),
        (b"PK\x03\x04rest of a workbook", "workbook is damaged"),
        (b"\xd0\xcf\x11\xe0old workbook", "workbook is damaged"),
        (b"patient.name\rAnn\r", "first row of the list can't be read"),
        (b'"patient.name\nAnn\n', "first row of the list can't be read"),
        (b"x" * 1_000_001, "longer than a million"),
        (("\ufeff" + "x" * 500_000).encode("utf-16-le"), "longer than a million"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_list_is_refused_with_what_to_do(data: bytes, message: str) -> None:
    with pytest.raises(RequestFault, match=message):
        list(listing(data).rows)


def test_a_line_of_letters_whose_halves_look_like_line_ends_may_not_be_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.lists.decoding._LONGEST", 1000)
    with pytest.raises(RequestFault, match="longer than a million"):
        read(("\ufeff" + "ਊ" * 1001).encode("utf-16-le"))


def test_json_lines_are_numbered_as_lines_and_faults_stay_in_their_line() -> None:
    lines = ['{"patient": {"name": "Ann"}}', "", "[1]", "not json", '{"a": 1, "a": 2}', '{"options": ["botox"]}']
    rows = read("\n".join(lines))
    assert good(rows) == {1: name("Ann"), 6: {"options": ["botox"]}}
    assert faults(rows).keys() == {3, 4, 5}
    assert all("not a JSON object" in fault and "not json" not in fault for fault in faults(rows).values())


def test_json_lines_with_a_mark_or_in_utf_16_are_read_too() -> None:
    text = '{"patient": {"name": "Zoë"}}\n'
    assert good(read(b"\xef\xbb\xbf" + text.encode())) == good(read(text.encode("utf-16"))) == {1: name("Zoë")}


def test_a_mapping_is_refused_where_nothing_has_columns(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(RequestFault, match="--map is for the columns of CSV"):
        read("{}", mapped={"Patient": "patient.name"})
    with pytest.raises(RequestFault, match="--map is for the columns of CSV"):
        open_list(tmp_path, ListSettings(TODAY, {"Patient": "patient.name"}))


def test_a_folder_of_requests_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    (tmp_path / "b.YML").write_text("patient: {name: Bo}")
    (tmp_path / "a.json").write_text('{"patient": {"name": "Ann"}}')
    (tmp_path / "c.yaml").write_text("patient: {name: Cy}")
    (tmp_path / "notes.txt").write_text("not a request")
    (tmp_path / "folder.yaml").mkdir()
    found = open_list(tmp_path, SETTINGS)
    assert good(found.rows) == {1: name("Ann"), 2: name("Bo"), 3: name("Cy")}
    assert found.size == 3


def test_a_file_of_a_folder_that_is_at_fault_is_not_named_since_its_name_may_be_a_patients(tmp_path: Path) -> None:
    (tmp_path / "Quill Xanthippe.yaml").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "Quill Ypsilon.yaml").write_text("a: [")
    (tmp_path / "Quill Zeta.yaml").write_text("- x")
    (tmp_path / "Quill.json").symlink_to(tmp_path / "nowhere")
    found = faults(open_list(tmp_path, SETTINGS).rows)
    assert found.keys() == {1, 2, 3}
    assert not any("Quill" in fault for fault in found.values())
    assert found[1] == "the request is not UTF-8 text; save it as UTF-8."


def test_a_folder_without_requests_and_a_list_that_is_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(RequestFault, match="holds no request"):
        open_list(tmp_path, SETTINGS)
    with pytest.raises(RequestFault, match=r"There is no list none\.csv"):
        open_list(tmp_path / "none.csv", SETTINGS)


def test_a_folder_or_list_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.csv").write_text("patient.name\n")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", refuse)
        with pytest.raises(RequestFault, match="can't be read: Permission denied"):
            open_list(tmp_path, SETTINGS)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(RequestFault, match="can't be read: Permission denied"):
        open_list(tmp_path / "a.csv", SETTINGS)


def test_a_disk_that_fails_in_the_middle_is_told() -> None:
    class Broken(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError(5, "Input/output error")
            return super().readline(size)

    with pytest.raises(RequestFault, match="rest of the list can't be read: Input/output error"):
        list(read_stream(Broken(b"patient.name\nAnn\n"), SETTINGS).rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_pipe_gives_each_row_before_the_next_is_written(encoding: str) -> None:
    ours, theirs = os.pipe()
    told = threading.Semaphore(0)

    def write() -> None:
        with open(theirs, "wb") as file:  # noqa: PTH123  a handle
            encoder = codecs.getincrementalencoder(encoding)()
            for text in ("patient.name\n", "Ann\n", "Bo\n", "Cy\n"):
                file.write(encoder.encode(text))
                file.flush()
                if text in {"Ann\n", "Bo\n"}:
                    told.acquire(timeout=PATIENCE)

    writer = threading.Thread(target=write)
    writer.start()
    with open(ours, "rb") as file:  # noqa: PTH123
        rows = read_stream(file, SETTINGS).rows
        if encoding == "utf-16":
            told.release()  # the second byte of a line's end comes with the next line
        assert next(rows).data == name("Ann")
        told.release()
        assert next(rows).data == name("Bo")
        told.release()
        assert next(rows).data == name("Cy")
    writer.join(20)


def test_how_far_the_list_is_read_is_told_in_its_own_unit(tmp_path: Path) -> None:
    for data in (TEXT.encode(), TEXT.encode("utf-16"), b'{"a": 1}\n{"b": 1}\n'):
        (tmp_path / "list").write_bytes(data)
        found = open_list(tmp_path / "list", SETTINGS)
        ends = [row.at for row in found.rows]
        assert ends == sorted(ends)
        assert ends[-1] == found.size == len(data)
        found.close()


def test_a_row_shows_nobodys_details() -> None:
    (row,) = read("patient.name\nXanthippe Quill\n")
    assert "Quill" not in f"{row} {row!r} {[row]}"


@settings(max_examples=300)
@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [b"patient.name", b"note", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b'"', b"\0", b"\xff\xfe",
                 b"\xfe\xff", b"\xef\xbb\xbf", b"\xe9", "é".encode(), b"{", b"}", b'{"a": 1}', b"Ann", b" "]
            ),
            max_size=40,
        ).map(b"".join),
        st.binary(max_size=60).map(b"patient.name,note\n".__add__),
        st.binary(max_size=60).map("patient.name\tnote\r\n".encode("utf-16").__add__),
    )
)  # fmt: skip
@example(b"\xff\xfe")
@example(b"\xff\xfe\n")
@example(b"\xfe\xff\0")
@example(b"\xff\xfe\x00\xd8")
@example(b'"\n')
@example(b"{" * 100)
@example(b"\xef\xbb\xbf")
def test_any_bytes_are_rows_or_a_refusal(data: bytes) -> None:
    try:
        rows = read(data)
    except RequestFault as error:
        assert "\x1b" not in error.message  # noqa: PT017
        return
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))
    assert all((row.data is None) == bool(row.fault) for row in rows)


LETTERS = {
    "cp1252": st.characters(codec="ascii", exclude_characters="\0\r") | st.sampled_from("éüñßÿ"),
    "utf-8": st.characters(codec="utf-8", exclude_characters="\0\r"),
    "utf-8-sig": st.characters(codec="utf-8", exclude_characters="\0\r"),
    "utf-16": st.characters(codec="utf-16", exclude_characters="\0\r"),
}


@settings(max_examples=200)
@given(
    data=st.data(),
    encoding=st.sampled_from(sorted(LETTERS)),
    separator=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_what_csv_writes_in_any_dialect_reads_back(
    data: st.DataObject, encoding: str, separator: str, end: str, quoting: Any
) -> None:
    cell = st.text(LETTERS[encoding], max_size=12)
    named = cell.map(lambda text: text.replace("\n", " "))  # what goes over lines is at fault, see below
    noted = cell.map(lambda text: text.replace(separator, ""))
    table = data.draw(st.lists(st.tuples(named, noted), min_size=1, max_size=6))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerows([("patient.name", "note"), *table])
    rows = read(out.getvalue().encode(encoding))
    expected = {}
    for number, (first, second) in enumerate(table, 2):
        made = (name(first.strip()) if first.strip() else {}) | ({"note": second.strip()} if second.strip() else {})
        if made:
            expected[number] = made
    assert good(rows) == expected
    assert faults(rows) == {}


@given(rows=st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=3), min_size=1, max_size=5))
def test_what_json_writes_reads_back(rows: list[dict[str, str]]) -> None:
    data = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode("utf-8", "surrogatepass")
    assert good(read(data)) == dict(enumerate(rows, 1))


HEAD = "patient.name,patient.identifier,note\n"
TWO_IN_ONE = {
    "both marks before names": 'Ann,1,x\n"Zebra,2,\nQuill,"\nBo,3,y\n',
    "from a name to a note": 'Ann,1,x\n"Zebra,2,x\nQuill,3,y"\nBo,4,y\n',
    "from a note to a name": 'Ann,1,x\nZebra,2,"call\nQuill",3,\nBo,4,y\n',
    "from a note to a note": 'Ann,1,x\nZebra,2,"call us\nQuill,3,call us"\nBo,4,y\n',
    "from a note to an empty note": 'Ann,1,x\nZebra,2,"\nQuill,3,"\nBo,4,y\n',
    "over three rows": 'Ann,1,x\nZebra,2,"call\nQuill,3,\nCanary,5,"\nBo,4,y\n',
}


@pytest.mark.parametrize("text", TWO_IN_ONE.values(), ids=TWO_IN_ONE)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_quotes_that_open_in_one_row_and_close_in_another_make_no_handout(text: str, separator: str) -> None:
    rows = read((HEAD + text).replace(",", separator))
    assert [data["patient"]["name"] for data in good(rows).values()] == ["Ann", "Bo"]
    (fault,) = faults(rows).values()
    assert "quotation mark" in fault or "more cells" in fault
    assert not any(name in fault for name in ("Zebra", "Quill", "Canary"))


def test_quotes_over_rows_are_seen_where_a_column_is_not_used_too() -> None:
    rows = read('patient.name,Street\nZebra,"High Street\nQuill,"\nBo,"High Street\nTown"\n')
    assert [data["patient"]["name"] for data in good(rows).values()] == ["Bo"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_break_inside_what_is_printed_on_one_line_is_a_fault_of_its_row(end: str) -> None:
    rows = read(f'patient.name,patient.identifier,note\n"Zebra{end}Quill",1,\nBo,"2{end}3",\nCy,4,"a{end}b"\n')
    assert faults(rows).keys() == {2, 3}
    assert faults(rows)[2].startswith("'patient.name' holds a line break")
    assert faults(rows)[3].startswith("'patient.identifier' holds a line break")
    assert list(good(rows)) == [4]


def test_a_line_break_in_json_is_a_fault_too_and_an_unknown_key_is_not_named() -> None:
    rows = read('{"patient": {"name": "Zebra\\nQuill"}}\n{"Zebra": "a\\nb"}\n{"next_steps": ["a", "b\\nc"]}\n')
    assert faults(rows).keys() == {1, 3}
    assert "'next_steps.2' holds a line break" in faults(rows)[3]


def test_a_note_of_several_lines_is_no_row_swallowed() -> None:
    rows = read(HEAD + 'Ann,1,"Please come, with your scan,\nat ten, by the side door,\nand bring 1 list"\n')
    assert faults(rows) == {}


@pytest.mark.parametrize(
    "again",
    ["patient.name,patient.identifier,note", " Patient.Name ,PATIENT.IDENTIFIER,note", "\ufeffpatient.name,,note",
     "patient.name"],
)  # fmt: skip
def test_a_header_that_stands_again_inside_the_list_makes_no_handout(again: str) -> None:
    rows = read(f"{HEAD}Ann,1,x\n{again}\nBo,2,y\n")
    assert list(good(rows)) == [2, 4]
    assert "repeats the names of the columns" in faults(rows)[3]


def test_a_mapped_header_that_stands_again_is_seen_too() -> None:
    rows = read("Patient;Phone\nAnn;1\nPATIENT;Phone\nBo;2\n", mapped={"Patient": "patient.name", "Phone": ""})
    assert list(good(rows)) == [2, 4]


def test_after_a_header_in_another_order_no_row_is_guessed() -> None:
    rows = read(f"{HEAD}Ann,1,x\npatient.identifier,patient.name,note\n2,Bo,y\n")
    assert list(good(rows)) == [2]
    assert "can't be read from here on" in faults(rows)[3]
    assert len(rows) == 2


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_utf_16_without_its_mark_is_read(encoding: str, end: str) -> None:
    assert good(read(TEXT.replace("\n", end).encode(encoding)))[2] == name("Zoë O’Neill") | {"note": "x"}
    assert good(read('{"patient": {"name": "Zoë"}}\n'.encode(encoding))) == {1: name("Zoë")}


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;"])
def test_the_line_with_which_excel_is_told_the_separator_is_read_and_not_counted(first: str) -> None:
    rows = read(f"{first}\r\npatient.name;note\r\nAnn;a, b, c, d\r\n")
    assert good(rows) == {2: name("Ann") | {"note": "a, b, c, d"}}


@pytest.mark.parametrize("sign", ["|", "\t", ",", "^"])
def test_any_separator_that_is_told_so_is_taken(sign: str) -> None:
    assert good(read(f"sep={sign}\npatient.name{sign}note\nAnn{sign}x\n")) == {2: name("Ann") | {"note": "x"}}


ANN = [name('Ann {[\\"]}, Lee'), name("Zoë") | {"options": ["botox", "x"]}, name("Bo")]


@pytest.mark.parametrize("text", [json.dumps(ANN), json.dumps(ANN, indent=2), json.dumps(ANN, ensure_ascii=False)])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_json_array_is_a_list_of_requests(text: str, encoding: str) -> None:
    rows = read(text.encode(encoding))
    assert good(rows) == dict(enumerate(ANN, 1))
    assert good(read(f"\n\n {text}\n\n")) == good(rows)


def test_an_array_may_be_longer_than_any_line_and_one_item_at_fault_stops_no_other() -> None:
    items = [json.dumps(name(f"Ann {i}") | {"note": "x" * 500}) for i in range(3000)]
    items[7], items[9] = "[1]", '{"a": 1, "a": 2}'
    rows = read(f"[{','.join(items)}]")
    assert len(good(rows)) == 2998
    assert faults(rows).keys() == {8, 10}


def test_an_array_that_ends_too_soon_or_goes_on_is_told() -> None:
    assert faults(read('[{"patient": {"name": "Ann"}}, {"patient": {"na')).keys() == {2}
    assert faults(read('[{"patient": {"name": "Ann"}},')).keys() == {2}
    assert read("[]") == read("[ \n ]") == []
    with pytest.raises(RequestFault, match="continues after the end"):
        read('[{"a": "b"}] [{"a": "b"}]')
    with pytest.raises(RequestFault, match="over several lines"):
        read('{\n "patient": {"name": "Ann"}\n}\n')


@given(
    rows=st.lists(st.dictionaries(st.text(max_size=5), st.text('\\"[]{},x\n', max_size=9), max_size=3), max_size=5),
    size=st.integers(1, 9),
)
def test_an_array_is_cut_at_its_items_wherever_it_comes_in_pieces(rows: list[dict[str, str]], size: int) -> None:
    text = json.dumps(rows)
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert [json.loads(item) for item in split_array(iter(pieces))] == rows


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"{\\rtf1", "RTF"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"<html><table>", "a web page"),
        ("patient.name\nAnn\n".encode("utf-32"), "UTF-32"),
        ("patient.name\nAnn\n".encode("utf-32-be"), "UTF-32"),
    ],
)
def test_what_people_take_for_a_list_is_named(data: bytes, what: str) -> None:
    with pytest.raises(RequestFault, match=what):
        read(data)


OWN = "patient.name,patient.birth_date\n"


def test_dates_of_the_programs_own_format_stay_as_they_are_and_others_are_read_if_their_column_shows_how() -> None:
    def born(text: str) -> list[str]:
        return [data["patient"]["birth_date"] for data in good(read(OWN + text)).values()]

    assert born("Ann,1961-04-09\nBo,1961-02-30\n") == ["1961-04-09", "1961-02-30"], "the request tells what is wrong"
    assert born("Ann,8/30/1972\nBo,4/9/1961\nCy,1961-04-09\n") == ["1972-08-30", "1961-04-09", "1961-04-09"]
    assert born("Ann,4/9/1961\nBo,next week\n") == ["4/9/1961", "next week"], "as ever: each a fault of its row"
    assert born("Ann,8/30/1972\nBo,30/8/1972\nCy,4/9/1961\n")[2] == "4/9/1961"


def test_a_pipe_with_names_of_a_practice_system_is_kept_in_memory_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    data = b"Day list\nPatient Name,DOB\nAnn,9-Apr-61\n"
    (row,) = read_stream(Pipe(data), SETTINGS).rows
    assert row.data == {"patient": {"name": "Ann", "birth_date": "1961-04-09"}}
    monkeypatch.setattr("handouts.lists.rows.MOST_IN_MEMORY", 30)
    with pytest.raises(RequestFault, match="has to be read twice, which standard input does not allow"):
        read_stream(Pipe(data), SETTINGS)
