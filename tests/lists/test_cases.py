"""Lists in the shape of real exports are read as the file beside each says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from handouts.errors import RequestFault
from handouts.lists.plan import ListSettings
from handouts.lists.row import Listing
from handouts.lists.rows import open_list
from handouts.load.requests import build_request
from handouts.load.validation import validate
from handouts.load.yamlfile import Parsed, parse
from handouts.model.list_map import ListMap
from tests.conftest import REQUEST, TODAY

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.csv"))
GIVEN = frozenset({"topic", "options"})


def settings(name: str, **also: Any) -> ListSettings:
    path = CASES / f"{name}.map.yaml"
    maps = {name: validate(ListMap, parse(path.read_text(encoding="utf-8"), path.name))} if path.exists() else {}
    return ListSettings(TODAY, given=GIVEN, maps=maps, **also)


def expected(name: str) -> dict[str, Any]:
    """What the file says, all of it as text."""
    text = (CASES / f"{name}.expected.yaml").read_text(encoding="utf-8")
    made: dict[str, Any] = yaml.load(text, yaml.BaseLoader)
    return made


def read(listing: Listing) -> tuple[dict[str, Any], dict[str, str]]:
    """The rows and the faults of a list, by number; the time in a day's list among the values."""
    rows, faults = {}, {}
    for row in listing.rows:
        if row.data is None:
            faults[str(row.number)] = row.fault
        else:
            rows[str(row.number)] = {**row.data, **({"order": row.order} if row.order else {})}
    listing.close()
    return rows, faults


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_read_as_the_file_beside_it_says(name: str) -> None:
    wanted = expected(name)
    if "refused" in wanted:
        with pytest.raises(RequestFault) as caught:
            open_list(CASES / f"{name}.csv", settings(name))
        assert caught.value.exit_code == 4
        return
    found = open_list(CASES / f"{name}.csv", settings(name))
    assert str(found.header_row) == wanted.get("header_row", "1")
    assert {str(number): why for number, why in found.left_out.first.items()} == wanted.get("left_out_rows", {})
    rows, faults = read(found)
    assert rows == wanted["rows"]
    assert faults == wanted.get("faults", {})
    assert set(wanted.get("said", ())) <= set(found.notes)


@pytest.mark.parametrize("name", [name for name in NAMES if "refused" not in expected(name)])
def test_every_row_of_it_is_a_request(name: str) -> None:
    rows, _ = read(open_list(CASES / f"{name}.csv", settings(name)))
    for data in rows.values():
        data.pop("order", None)
        build_request(Parsed(REQUEST | data, {}, ""))


def test_dates_with_two_readings_are_refused_with_both_and_read_once_a_setting_says_which() -> None:
    path = CASES / "ambiguous-dates.csv"
    with pytest.raises(RequestFault, match="row 2: 'DOB' is 2 May 1983 or 5 February 1983") as caught:
        open_list(path, settings("none"))
    assert "date_order: dmy (day first) or date_order: mdy (month first)" in caught.value.message
    assert "Ana" not in caught.value.message
    for order, born in (("mdy", "1983-02-05"), ("dmy", "1983-05-02")):
        found = open_list(path, settings("none", date_order=order))
        assert read(found)[0]["2"] == {"patient": {"name": "Ana One", "birth_date": born}}
        assert "as date_order says" in found.notes[0]


def test_what_will_be_made_of_a_list_is_told_in_one_sentence() -> None:
    found = open_list(CASES / "us-scheduler.csv", settings("us-scheduler"))
    found.close()
    assert found.summary == (
        "2 rows; First Name + Last Name -> patient.name; DOB -> patient.birth_date; MRN -> patient.identifier; "
        "Appt Date -> visit_date; Appt Time -> order of printing; Appt Type -> by its words; Status -> leaves rows out "
        "(map us-scheduler)"
    )
    found = open_list(CASES / "uk-clinic.csv", settings("none"))
    found.close()
    assert found.summary == (
        "2 rows; Patient -> patient.name; Date of birth -> patient.birth_date; Hospital no. -> patient.identifier; "
        "Clinic date -> visit_date; Consultant -> clinician; 1 column left out (F Diagnosis)"
    )


def test_what_a_topic_makes_of_a_diagnosis_code_needs_no_map() -> None:
    codes = {"g51.3": {"topic": "hemifacial-spasm"}}
    found = open_list(CASES / "uk-clinic.csv", settings("none", codes=codes))
    assert {data["topic"] for data in read(found)[0].values()} == {"hemifacial-spasm"}
