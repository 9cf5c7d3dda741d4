"""What counts as a file of a health record, and where its bounds are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handouts.errors import RequestFault
from handouts.fhir import reading as reading_module
from handouts.fhir.reading import read_bytes, read_file
from tests.fhir.records import Json, bundle, condition, patient


def kinds(data: bytes) -> list[str]:
    return [one.data["resourceType"] for one in read_bytes(data).entries]


def as_bytes(*values: Json) -> bytes:
    return "\n".join(map(json.dumps, values)).encode()


@pytest.mark.parametrize(
    "data",
    [
        as_bytes(bundle(patient(), condition())),
        as_bytes(patient(), condition()),
        json.dumps([patient(), condition()]).encode(),
        as_bytes(bundle(patient()), bundle(condition())),
        as_bytes(bundle(bundle(patient()), condition(), kind="batch-response")),
        json.dumps(bundle(patient(), condition()), indent=2).replace("\n", "\r\n").encode("utf-8-sig"),
        b"\r\n".join([b"", as_bytes(patient()), b"", as_bytes(condition()), b""]),
        json.dumps(bundle(patient(), condition())).encode("utf-16"),
    ],
    ids=["bundle", "ndjson", "array", "bundles", "nested", "bom", "crlf", "utf-16"],
)
def test_a_bundle_a_resource_or_many_lines_are_read(data: bytes) -> None:
    assert kinds(data) == ["Patient", "Condition"]


def test_a_single_resource_is_a_record() -> None:
    assert kinds(as_bytes(patient())) == ["Patient"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no FHIR resource"),
        (b"<Bundle/>", "is XML"),
        (b"{", "line 1"),
        (b"not json", "line 1"),
        (b"[1, 2]", "no FHIR resource"),
        (b'{"a": 1}', "no FHIR resource"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'{"resourceType": "Patient", "id": "\xe9"}', "UTF-8"),
        (b'{"resourceType": "Patient", "id": "a", "id": "b"}', "a key twice"),
        (b'{"resourceType": "Patient", "n": NaN}', "line 1"),
        (b'{"resourceType": "Patient"}\n{"resourceType": "Pat', "line 2"),
        (b'{"resourceType": "Patient", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}", "nest too deeply"),
        (b'{"resourceType": "Patient", "x": ' + b"[" * 70 + b"]" * 70 + b"}", "nest too deeply"),
    ],
)
def test_what_is_no_record_is_refused_and_nothing_of_it_told(data: bytes, said: str) -> None:
    with pytest.raises(RequestFault, match=said) as found:
        read_bytes(data)
    assert found.value.exit_code == 4


def test_numbers_of_any_length_are_no_harm() -> None:
    found = read_bytes(b'{"resourceType": "Patient", "id": ' + b"9" * 5000 + b', "n": 1e999999999}')
    assert len(found.entries) == 1


def test_a_file_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "MOST_RESOURCES", 2)
    read_bytes(as_bytes(patient(), patient()))
    with pytest.raises(RequestFault, match="more than 2 resources"):
        read_bytes(as_bytes(patient(), patient(), patient()))
    monkeypatch.setattr(reading_module, "MOST", 20)
    with pytest.raises(RequestFault, match="larger than"):
        read_bytes(as_bytes(patient()))


def test_a_file_that_is_not_there_or_is_a_folder_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(RequestFault, match=r"There is no file gone\.json"):
        read_file(tmp_path / "gone.json")
    with pytest.raises(RequestFault, match="can't be read: Is a directory"):
        read_file(tmp_path)


def test_bundles_are_opened_three_deep_and_no_deeper() -> None:
    inner = bundle(bundle(bundle(patient("inside"))))
    assert kinds(as_bytes(inner)) == ["Patient"]
    found = read_bytes(as_bytes(bundle(inner, patient())))
    assert [one.data["id"] for one in found.entries] == ["p"]
    assert found.notices == ("A Bundle inside a Bundle inside a Bundle was not opened.",)


def test_of_a_history_the_newest_version_counts_and_what_was_deleted_does_not() -> None:
    history = bundle(kind="history")
    history["entry"] = [
        {"fullUrl": "http://x/Patient/a", "resource": patient("a", birthDate="1961-04-09")},
        {"fullUrl": "http://x/Patient/a", "resource": patient("a", birthDate="1960-01-01")},
        {"request": {"method": "DELETE", "url": "Patient/b"}},
        {"fullUrl": "http://x/Patient/b", "resource": patient("b"), "request": {"method": "POST", "url": "Patient/b"}},
    ]
    found = read_bytes(as_bytes(history))
    assert [(one.data["id"], one.data["birthDate"]) for one in found.entries] == [("a", "1961-04-09")]


def test_one_page_of_several_a_warning_and_an_empty_answer_are_told() -> None:
    page = bundle(patient(), link=[{"relation": "self", "url": "x"}, {"relation": "next", "url": "y"}])
    assert "one page of several" in read_bytes(as_bytes(page)).notices[0]
    warned = bundle(patient(), {"resourceType": "OperationOutcome", "issue": []})
    assert "not complete" in read_bytes(as_bytes(warned)).notices[0]
    assert read_bytes(as_bytes(bundle())).notices == ("A Bundle in it is empty.",)


def test_no_value_shows_in_a_repr() -> None:
    found = read_bytes(as_bytes(patient()))
    assert "Quill" not in repr(found) + repr(found.entries)
