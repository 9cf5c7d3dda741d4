"""Given: what a patient was given, whether a file is ours, the story of a document; void, replace, make again."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from handouts.codes import format_code
from handouts.deliver.mail.handover import hand_over
from handouts.desk.state import Desk
from handouts.errors import OutputFault
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.pipeline import Made, give_to_browser, make
from handouts.record import voiding
from handouts.record.store import RecordStore
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, REQUEST, TODAY, RequestOf
from tests.deliver.test_identify_apart import bomb
from tests.mailing import NOW
from tests.record.test_recorder import mailing
from tests.recording import tamper

MARIA = {"name": "Xanthippe Quillfeather", "identifier": "MRN 9917355", "birth_date": "1961-04-09"}
DETAILS = ("Xanthippe", "Quillfeather", "9917355")
UNKNOWN = "FHK8-Z5DW-14K"

Give = Callable[..., Made]


@pytest.fixture
def give(desk: Desk, library: Library, request_of: RequestOf, sheets: SheetCache) -> Give:
    """A handout that went to the browser, for the keywords of ``request_of``."""

    def given(*, replaces: str | None = None, blank: bool = False, **over: Any) -> Made:
        with desk.recorder("Ms. Wye") as recorder:
            made = make(
                library, request_of(**{"patient": MARIA, **over}), key=KEY, today=TODAY, recorder=recorder,
                cache=sheets, edition=Edition(replaces=replaces, blank=blank),
            )  # fmt: skip
            give_to_browser(made, recorder)
        return made

    return given


def ask(client: FlaskClient, where: str, **fields: Any) -> TestResponse:
    """Encoded here: the client would write what is large to the disk."""
    boundary, body = encode_multipart(fields)
    return client.post(f"/given/{where}", data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def sent(data: bytes, name: str = "Quillfeather.pdf") -> FileStorage:
    return FileStorage(io.BytesIO(data), name)


def events(desk: Desk, code: str) -> list[tuple[str, str | None]]:
    with desk.recorder() as recorder:
        return [(event.what, event.channel) for event in recorder.store.of_code(code)]


def void(desk: Desk, made: Made, why: str = "wrong side") -> None:
    with desk.recorder() as recorder:
        voiding.void(recorder, made.code, why)


# ---- what is there before anybody asks


def test_an_empty_record_says_what_will_stand_here_and_begins_none(client: FlaskClient, data: Path):
    page = client.get("/given").text
    assert "Nothing was given yet" in page
    assert not (data / "record.sqlite3").exists()
    assert "0 document" not in ask(client, "find", number="MRN 1").text
    assert "Nothing in this record" in ask(client, "find", number="MRN 1").text
    assert not (data / "record.sqlite3").exists()


def test_the_latest_documents_are_shown_without_anybodys_name(client: FlaskClient, give: Give):
    made = give()
    page = client.get("/given").text
    assert format_code(made.code) in page
    assert "Hemifacial spasm: Botox injections" in page
    assert not any(detail in page for detail in DETAILS)


# ---- a patient


@pytest.mark.parametrize(
    "typed",
    [
        {"number": "mrn  9917355"},
        {"name": "xanthippe quillfeather", "birth_date": "1961-04-09"},
        {"name": "Xanthippe Quillfeather", "birth_date": "April 9, 1961"},
        {"name": "Xanthippe Quillfeather", "birth_date": "9 apr 61", "number": "MRN 9917355"},
    ],
)
def test_a_patient_is_found_as_people_type(client: FlaskClient, give: Give, typed: dict[str, str]):
    made = give()
    give(patient={"name": "Somebody Else", "identifier": "2"})
    answer = ask(client, "find", **typed)
    assert "1 document found" in answer.text
    assert format_code(made.code) in answer.text


def test_what_may_be_missing_is_said(client: FlaskClient, give: Give):
    give()
    assert "Handouts made without a record number are not found." in ask(client, "find", number="MRN 9917355").text
    full = ask(client, "find", name=MARIA["name"], birth_date="1961-04-09", number="MRN 9917355")
    assert "are not found" not in full.text


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({}, "Type the name with the date of birth, or the record number."),
        ({"name": "Xanthippe Quillfeather"}, "A name alone identifies nobody"),
        ({"birth_date": "1961-04-09"}, "Type the name with the date of birth, or the record number."),
        ({"name": "X", "birth_date": "03/04/1961"}, "may be March 4, 1961 or April 3, 1961: write the month as a word"),
        ({"name": "X", "birth_date": "someday"}, "can’t be read as a date"),
    ],
)
def test_a_question_that_nobody_can_answer_is_told_at_its_field(client: FlaskClient, typed: dict[str, str], fault: str):
    answer = ask(client, "find", **typed)
    assert answer.status_code == 422
    assert fault in answer.text
    assert 'aria-invalid="true"' in answer.text
    for text in typed.values():
        assert f'value="{text}"' in answer.text, "what was typed is still there"


def test_nothing_that_was_typed_is_in_an_address_or_a_title(client: FlaskClient, give: Give):
    give()
    answer = ask(client, "find", name=MARIA["name"], birth_date="1961-04-09")
    assert answer.status_code == 200, "no redirect to an address"
    assert "<title>Given – Desk</title>" in answer.text
    assert client.get("/given/find").headers["Location"] == "/given"


# ---- a document


@pytest.mark.parametrize(
    ("typed", "fault"), [("", "Type a document code."), ("FHK8-Z5DW-14J", "is no document code"), (UNKNOWN, "not in")]
)
def test_what_is_no_code_is_told_from_what_is_not_there(client: FlaskClient, give: Give, typed: str, fault: str):
    give()
    answer = ask(client, "document", code=typed)
    assert answer.status_code in {404, 422}
    assert fault in answer.text


def test_a_document_tells_its_text_and_its_story_however_its_code_is_typed(client: FlaskClient, give: Give):
    made = give()
    page = ask(client, "document", code=format_code(made.code).lower().replace("-", " ")).text
    for told in (
        "Valid: neither voided nor replaced",
        "Made and given to the browser to print or save.",
        "hemifacial-spasm 2026.1, for the clinic cohen",
        "still current",
        "Ms. Wye",
    ):
        assert told in page
    assert not any(detail in page for detail in DETAILS)


def test_a_story_tells_what_was_printed_mailed_voided_and_replaced(client: FlaskClient, desk: Desk, give: Give):
    made = give()
    with desk.recorder() as recorder:
        job = recorder.print_job([made.code], "front-desk", "a" * 64)
        job.queued(NOW)
        job.ended("printed", NOW, "12")
        with recorder.open_outbox() as outbox:
            hand_over(outbox, mailing(made), NOW, lambda _: None)
    after = give(replaces=made.code)
    void(desk, made)
    page = ask(client, "document", code=made.code).text
    told = [
        "Handed to the printer.", "Printed (job 12).", "Put into the outbox (message 1).", "Replaced by",
        "Taken out of the outbox (message 1): its document was voided.", "Voided: wrong side.",
    ]  # fmt: skip
    places = [page.index(line, page.index("What happened")) for line in told]
    assert places == sorted(places)
    assert f'value="{format_code(after.code)}">Go to' in page
    assert "Don’t hand it out" in page


# ---- void


def test_voiding_asks_first_says_what_follows_and_then_does_it(client: FlaskClient, desk: Desk, give: Give):
    made = give()
    with desk.open_outbox() as outbox:
        hand_over(outbox, mailing(made), NOW, lambda _: None)
    question = ask(client, "void", code=made.code)
    assert "<dialog" in question.text
    assert " open data-asking" in question.text
    for line in ("Message 1 will be cancelled.", "It was given to the browser to print or save on"):
        assert line in question.text
    assert ("voided", None) not in events(desk, made.code), "asking changes nothing"
    done = ask(client, "void", code=made.code, why="wrong side")
    assert f"{format_code(made.code)} is voided." in done.text
    assert "Message 1: cancelled." in done.text
    assert "Ask for it back, or inform the patient." in done.text
    assert events(desk, made.code)[-2:] == [("cancelled", "mail"), ("voided", None)]
    assert "by anna: wrong side" in done.text


@pytest.mark.parametrize("why", ["", "  ", "x" * 201])
def test_a_void_without_a_reason_is_not_done(client: FlaskClient, desk: Desk, give: Give, why: str):
    made = give()
    answer = ask(client, "void", code=made.code, why=why)
    assert answer.status_code == 422
    assert "The reason takes a line" in answer.text
    assert "open data-asking" in answer.text
    assert len(events(desk, made.code)) == 1


def test_sending_the_same_void_again_changes_nothing_and_says_so(client: FlaskClient, desk: Desk, give: Give):
    made = give()
    ask(client, "void", code=made.code, why="wrong side")
    again = ask(client, "void", code=made.code, why="wrong side")
    assert again.status_code == 409
    assert "Nothing was changed." in again.text
    assert [what for what, _ in events(desk, made.code)] == ["made", "voided"]


def test_a_record_that_can_not_be_written_voids_nothing_and_says_so(
    client: FlaskClient, desk: Desk, give: Give, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OutputFault("The record can't be used: the disk is full.")

    made = give()
    monkeypatch.setattr(RecordStore, "add", full)
    answer = ask(client, "void", code=made.code, why="wrong side")
    assert answer.status_code == 507
    assert "the disk is full" in answer.text
    assert 'value="wrong side"' in answer.text, "what was typed is kept"
    assert len(events(desk, made.code)) == 1


def test_a_record_that_can_not_be_written_is_still_shown_and_says_why_nothing_can_be_voided(
    client: FlaskClient, desk: Desk, give: Give, monkeypatch: pytest.MonkeyPatch
):
    made = give()

    def full(*_: object) -> None:
        raise OutputFault("The data folder can't be written: the disk is full.")

    monkeypatch.setattr(desk, "recorder", full)
    page = ask(client, "document", code=made.code)
    assert page.status_code == 200
    assert "Made and given to the browser" in page.text
    assert "the disk is full" in page.text
    assert "Void it" not in page.text
    assert format_code(made.code) in ask(client, "find", number="MRN 9917355").text
    assert "Ours, unchanged and current" in verdict(client, made.pdf)


# ---- replace


def test_replacing_leads_to_the_form_with_the_code_and_nothing_of_the_patient(client: FlaskClient, give: Give):
    made = give()
    page = ask(client, "document", code=made.code).text
    assert 'action="/given/replace"' in page
    form = ask(client, "replace", code=made.code).text
    assert f"This one replaces {format_code(made.code)}" in form
    assert start_in(form) == {"replaces": format_code(made.code), "again": "", "data": {}}
    assert not any(detail in form for detail in DETAILS)
    assert "data-start" not in client.get("/").text
    assert "Type a document code." in ask(client, "replace", code="junk").text


def start_in(form: str) -> Any:
    return json.loads(unescape(form.split('data-start="')[1].split('"')[0]))


# ---- a file


def verdict(client: FlaskClient, pdf: bytes) -> str:
    return ask(client, "check", file=sent(pdf)).text


def test_a_file_of_ours_is_told_from_a_changed_one(client: FlaskClient, give: Give):
    made = give()
    ours = verdict(client, made.pdf)
    assert "Ours, unchanged and current" in ours
    assert "one of ours, unchanged" in ours
    assert "Changed: don&#39;t rely on it" in verdict(client, made.pdf + b"\n%")
    assert not any(detail in ours for detail in DETAILS), "neither its text nor its name is shown"


def test_a_file_of_a_voided_or_replaced_document_is_said_not_to_count(client: FlaskClient, desk: Desk, give: Give):
    first = give()
    second = give(replaces=first.code)
    replaced = verdict(client, first.pdf)
    assert "Ours and unchanged, but replaced" in replaced
    assert f"Replaced by {format_code(second.code)}" in replaced
    void(desk, second)
    assert "Ours and unchanged, but voided" in verdict(client, second.pdf)


def test_a_file_that_nobody_here_made_is_unknown(client: FlaskClient, give: Give, make_of: Callable[..., Made]):
    stranger = make_of(patient={"name": "Xanthippe Quill"})
    assert "Not known here" in verdict(client, stranger.pdf), "there is no record yet"
    give()
    page = verdict(client, stranger.pdf)
    assert "Not known here" in page
    assert f"It says that it is {format_code(stranger.code)}." in page
    assert "Not known here" in verdict(client, b"%PDF-1.7\n" + bytes(range(256)) * 40)


def test_a_print_file_names_what_to_take_out_of_the_pile(client: FlaskClient, desk: Desk, give: Give):
    made, volume = give(), b"%PDF-1.7 two handouts"
    with desk.recorder() as recorder:
        recorder.print_job(
            [made.code, UNKNOWN.replace("-", "")], "front-desk", hashlib.sha256(volume).hexdigest()
        ).queued(NOW)
    assert "It holds 2 handouts." in verdict(client, volume)
    void(desk, made)
    page = verdict(client, volume)
    assert "Take these out of the pile:" in page
    assert f'value="{format_code(made.code)}"' in page


@pytest.mark.parametrize(
    ("data", "fault"),
    [(b"", "Choose a PDF first."), (b"a letter", "This file is no PDF."), (b"PK\x03\x04", "is no PDF")],
)
def test_what_is_no_pdf_is_told_at_the_field(client: FlaskClient, data: bytes, fault: str):
    answer = ask(client, "check", file=sent(data))
    assert answer.status_code == 422
    assert fault in answer.text


def test_a_pdf_that_unfolds_to_gigabytes_is_unknown_and_the_desk_goes_on(client: FlaskClient, give: Give):
    give()
    assert "Not known here" in verdict(client, bomb(3000))
    assert client.get("/given").status_code == 200


def test_a_file_that_is_too_large_is_refused(client: FlaskClient):
    answer = ask(client, "check", file=sent(b"%PDF-1.7" + b"x" * 17 * 2**20))
    assert answer.status_code == 413
    assert "too large for the desk" in answer.text


def test_a_file_that_is_sent_stays_in_memory(client: FlaskClient, give: Give, monkeypatch: pytest.MonkeyPatch):
    """Werkzeug would write what is larger than 500 kB to the disk."""
    made = give()
    monkeypatch.setattr("tempfile.TemporaryFile", lambda *_, **__: pytest.fail("on the disk"))
    assert "Changed" in verdict(client, made.pdf + b"%" * 2**20)


# ---- make again


def as_request(**over: Any) -> bytes:
    return json.dumps({**REQUEST, "patient": MARIA, **over}).encode()


def test_the_request_of_then_gives_the_same_bytes_and_that_is_recorded_when_they_go(
    client: FlaskClient, desk: Desk, give: Give
):
    made = give()
    page = ask(client, "again", code=made.code, file=sent(as_request(), "Quillfeather.json")).text
    assert "The same bytes as on" in page
    assert events(desk, made.code) == [("made", "browser")], "comparing gives nothing out"
    held = page.split('name="request" value="')[1].split('"')[0]
    got = client.post("/given/again/pdf", data={"code": made.code, "request": unescape(held)})
    assert got.data == made.pdf
    assert got.headers["Content-Disposition"] == f'attachment; filename="{made.code}.pdf"'
    assert events(desk, made.code)[-1] == ("reprinted", "browser")


def test_another_request_is_told_by_the_keys_that_differ_and_no_value(client: FlaskClient, give: Give):
    made = give()
    answer = ask(client, "again", code=made.code, file=sent(as_request(note="Ring me"), "Quillfeather.json"))
    assert answer.status_code == 422
    assert "It differs in: note." in answer.text
    assert not any(detail in answer.text for detail in (*DETAILS, "Ring me"))


def test_what_differs_is_said_and_can_be_saved_even_so(client: FlaskClient, give: Give, data: Path):
    made = give()
    tamper(data, f"UPDATE events SET made = '{'0' * 64}'")
    page = ask(client, "again", code=made.code, file=sent(as_request())).text
    assert "The bytes differ from the original. What differs:" in page
    assert "Save it though it differs" in page


@pytest.mark.parametrize(
    ("file", "fault"),
    [(b"", "Choose the request or the list first."), (b"a: [", "can&#39;t be read"), (b"note: x", "has 2 problems")],
)
def test_what_is_no_request_is_told_at_the_field(client: FlaskClient, give: Give, file: bytes, fault: str):
    made = give()
    answer = ask(client, "again", code=made.code, file=sent(file, "Quillfeather.yaml"))
    assert answer.status_code == 422
    assert fault in answer.text
    assert "Quillfeather" not in answer.text


def test_a_blank_sheet_and_one_whose_pages_are_gone_are_not_offered_to_be_made_again(
    client: FlaskClient, give: Give, data: Path
):
    sheet = give(blank=True, patient={"name": "blank"})
    page = ask(client, "document", code=sheet.code).text
    assert "A blank sheet needs nobody’s details" in page
    assert "Make one that replaces it" not in page
    made = give()
    for listed in (data / "archive" / "sources").iterdir():
        listed.unlink()
    assert "Its pages are not kept" in ask(client, "document", code=made.code).text


FIELDS = {
    "topic": ["hemifacial-spasm"], "options": ["botox"], "clinic": ["cohen"], "format": ["standard"], "side": [""],
    "stage": ["after"], "paper": [""], "language": ["en"], "patient.name": ["Xanthippe Quillfeather"],
    "patient.identifier": ["MRN 9917355"], "patient.birth_date": ["April 9, 1961"],
}  # fmt: skip
"""The form as it is filled in again; the clinic is always named in it."""


def typed(client: FlaskClient, made: Made, what: str = "compare", **over: list[str]) -> TestResponse:
    body = {"code": format_code(made.code), "fields": FIELDS | over}
    return client.post(f"/given/again/{what}", json=body, headers={"Accept": "application/json"})


def test_the_form_to_fill_in_again_has_what_the_record_knows_and_nothing_of_the_patient(
    client: FlaskClient, give: Give
):
    made = give()
    form = ask(client, "again/form", code=made.code).text
    assert start_in(form) == {
        "replaces": "", "again": format_code(made.code),
        "data": {
            "topic": "hemifacial-spasm", "options": ["botox"], "clinic": "cohen", "language": "en",
            "format": "standard",
        },
    }  # fmt: skip
    assert not any(detail in form for detail in DETAILS)


def test_what_is_typed_again_makes_the_same_bytes_though_the_clinic_was_not_named_then(
    client: FlaskClient, desk: Desk, give: Give
):
    made = give()
    told = typed(client, made).get_json()
    assert told["same"]
    assert "The same bytes as on" in told["told"][0]
    assert "request" not in told, "the form has it"
    assert typed(client, made, "save").data == made.pdf
    assert events(desk, made.code) == [("made", "browser"), ("reprinted", "browser")]


def test_where_it_differs_from_then_is_told_at_the_fields(client: FlaskClient, give: Give):
    made = give(note="Ring me")
    answer = typed(client, made, **{"patient.birth_date": ["April 8, 1961"]})
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.get_json()["fields"]} == {"note", "patient.birth_date"}
    unclear = typed(client, made, **{"patient.birth_date": ["3/4/1961"]})
    assert [fault["field"] for fault in unclear.get_json()["fields"]] == ["patient.birth_date"]
    assert typed(client, made, "save", note=["Another"]).status_code == 422


def test_the_form_of_a_document_whose_text_is_gone_names_it_all_the_same(client: FlaskClient, give: Give, data: Path):
    made = give()
    tamper(data, "UPDATE events SET topic = 'gone'")
    assert start_in(ask(client, "again/form", code=made.code).text)["data"]["topic"] == "gone"


ROWS = (
    "Nr,options,patient.name,patient.identifier,patient.birth_date\n"
    "1,botox,Otto,MRN 2,1950-01-02\n"
    "2,botox,Xanthippe Quillfeather,MRN 9917355,04/09/1961\n"
    "3,botox,Xanthippe Quillfeather,MRN 9917355,04/30/1961\n"
)


def test_the_row_of_a_list_that_made_it_is_found_in_the_list(client: FlaskClient, give: Give):
    made = give()
    page = ask(client, "again", code=made.code, file=sent(ROWS.encode(), "Quillfeather.csv")).text
    assert "The same bytes as on" in page
    assert "Otto" not in page, "of the list, only this patient's row is kept on the page"
    lines = [json.dumps({**REQUEST, "patient": {"name": name, "identifier": "MRN 9917355", "birth_date": born}})
             for name, born in (("Otto", "1950-01-02"), (MARIA["name"], MARIA["birth_date"]))]  # fmt: skip
    page = ask(client, "again", code=made.code, file=sent("\n".join(lines).encode())).text
    assert "The same bytes as on" in page


def test_a_list_without_its_row_names_the_row_that_comes_nearest_and_in_what_it_differs(
    client: FlaskClient, give: Give
):
    made = give(note="Ring me")
    answer = ask(client, "again", code=made.code, file=sent(ROWS.encode()))
    assert answer.status_code == 422
    assert "Row 3 comes nearest; it differs in: note." in answer.text
    assert not any(detail in answer.text for detail in (*DETAILS, "Ring me"))
    nothing = ask(client, "again", code=made.code, file=sent(b"\x89PNG\r\n\x1a\n" + bytes(999)))
    assert nothing.status_code == 422
