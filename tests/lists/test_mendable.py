"""A list whose rows are mended on a screen: read as lists are, with every fault at its cell."""

from __future__ import annotations

from datetime import date

import pytest

from handouts.errors import RequestFault
from handouts.lists.date_order import UndecidedDates
from handouts.lists.mendable import MendableList, open_mendable
from handouts.lists.plan import ListSettings
from handouts.lists.workbook import SeveralWorksheets
from tests.conftest import TODAY
from tests.lists.test_cases import CASES, NAMES, expected, settings
from tests.lists.workbooks import xlsx

MIXED = "Name,DOB,MRN,Language,Side\nAna One,31/12/1961,417,English,L\nBen Two,30/02/1970,4.17E+11,English,sideways\n"


def opened(text: str | bytes, **also: object) -> MendableList:
    data = text.encode() if isinstance(text, str) else text
    return open_mendable(data, ListSettings(TODAY, **also), 100)  # type: ignore[arg-type]


def test_all_faults_of_a_row_are_told_at_once_each_at_its_cell() -> None:
    _, row = opened(MIXED).rows
    assert [(fault.path, fault.why) for fault in row.read({}, set()).faults] == [
        ("patient.birth_date", "DOB holds a date that does not exist"),
        (
            "patient.identifier",
            "MRN: a spreadsheet has turned the number into one such as 4.17E+11, and digits are lost; write it as text",
        ),
        ("options", "'Side' holds a word that is no side: write left, right or both, or nothing"),
    ]
    assert row.read({}, set()).data["patient"] == {"name": "Ben Two"}


def test_a_cell_that_is_mended_is_read_as_the_others_of_its_column_are() -> None:
    _, row = opened(MIXED).rows
    mended = row.read({"patient.birth_date": "03/02/1970", "patient.identifier": " 0417 "}, set())
    assert mended.data["patient"] == {"name": "Ben Two", "birth_date": "1970-02-03", "identifier": "0417"}
    assert [fault.path for fault in mended.faults] == ["options"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9 apr 1961", "1961-04-09"),
        ("1961-04-09", "1961-04-09"),
        ("25/4/61", "1961-04-25"),
        ("April 9, 1961", "1961-04-09"),
        ("", None),
    ],
)
def test_a_date_is_typed_as_people_write_it(typed: str, read: str | None) -> None:
    for text in ("patient.name,patient.birth_date\nAna One,1950-01-01\n", '[{"patient": {"name": "Ana One"}}]'):
        found = opened(text).rows[0].read({"patient.birth_date": typed}, set())
        assert found.faults == ()
        assert found.data["patient"].get("birth_date") == read


def test_a_typed_date_with_two_readings_is_refused_with_both_unless_the_list_or_the_clinic_says_which() -> None:
    text = "patient.name,patient.birth_date\nAna One,1950-01-01\n"
    [fault] = opened(text).rows[0].read({"patient.birth_date": "4/9/1961"}, set()).faults
    assert fault.path == "patient.birth_date"
    assert fault.why == "patient.birth_date may be April 9, 1961 or September 4, 1961: write the month as a word"
    found = opened(text, date_order="mdy").rows[0].read({"patient.birth_date": "4/9/1961"}, set())
    assert found.data["patient"]["birth_date"] == "1961-04-09"


def test_a_next_visit_needs_a_time() -> None:
    row = opened("patient.name,appointment.at\nAna One,2026-12-04T10:30\n").rows[0]
    assert row.read({"appointment.at": "5 Dec 2026 2:15 pm"}, set()).data["appointment"] == {"at": "2026-12-05T14:15"}
    [fault] = row.read({"appointment.at": "5 Dec 2026"}, set()).faults
    assert fault.why == "appointment.at needs a day and a time, such as 4 Dec 2026 10:30"


def test_what_the_list_has_no_column_for_can_be_typed_all_the_same() -> None:
    found = opened(MIXED)
    assert found.paths[:4] == ("patient.name", "patient.birth_date", "patient.identifier", "patient.email")
    data = found.rows[0].read({"patient.email": "ana@example.org"}, set()).data
    assert data["patient"]["email"] == "ana@example.org"


def test_a_name_of_several_columns_is_mended_whole() -> None:
    row = opened("Last name,First name,DOB\nHart,Ann,1961-04-09\n").rows[0]
    assert row.shown("patient.name") == "Ann Hart"
    assert row.read({"patient.name": "Anna Hart-Poe"}, set()).data["patient"]["name"] == "Anna Hart-Poe"


@pytest.mark.parametrize("name", [name for name in NAMES if "refused" not in expected(name)])
def test_a_row_that_nobody_mends_says_what_the_list_says(name: str) -> None:
    found = open_mendable((CASES / f"{name}.csv").read_bytes(), settings(name), 100)
    rows = {str(row.number): row.read({}, set()) for row in found.rows}
    said = {
        number: {**row.data, **({"order": row.order} if row.order else {})}
        for number, row in rows.items() if not row.faults
    }  # fmt: skip
    assert said == expected(name)["rows"]
    faults = {number: row.faults[0].why for number, row in rows.items() if row.faults}
    assert faults == expected(name).get("faults", {})


def test_a_list_that_says_no_topic_is_opened_so_that_one_can_be_chosen() -> None:
    found = opened("Patient Name,DOB\nAna One,1961-04-09\n")
    assert found.rows[0].read({}, set()).faults == ()


def test_what_a_person_can_answer_is_asked_and_not_refused() -> None:
    with pytest.raises(UndecidedDates, match="2 May 1983 or 5 February 1983"):
        opened((CASES / "ambiguous-dates.csv").read_bytes())
    head = ["Patient", "DOB"]
    book = xlsx([head, ["Ana", date(1983, 5, 2)]], Tomorrow=[head, ["Ben", date(1983, 5, 2)]])
    with pytest.raises(SeveralWorksheets) as asked:
        opened(book)
    assert asked.value.names == ("Day", "Tomorrow")
    assert opened(book, worksheet="Tomorrow").rows[0].shown("patient.name") == "Ben"


def test_more_rows_than_a_screen_takes_are_refused_with_the_command() -> None:
    rows = "".join(f"P{number},1961-04-09\n" for number in range(101))
    with pytest.raises(RequestFault, match=r"more than 100 rows.*`batch`"):
        opened(f"patient.name,patient.birth_date\n{rows}")


def test_a_row_that_cant_be_read_at_all_says_so_and_is_not_mended() -> None:
    [row] = opened('[{"patient": {"name": "Ana" "x"}}]').rows
    [fault] = row.read({"patient.name": "Ana One"}, set()).faults
    assert fault.path == ""
