"""E-mail from the form: what is asked first, what is queued then, and the four words that are told once."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask.testing import FlaskClient

from handouts.deliver.outbox.outbox import Outbox
from handouts.desk import emailing
from handouts.desk.guard import Doorkeeper
from handouts.desk.state import Desk
from tests.conftest import TOPIC
from tests.desk.conftest import JSON, SettingsOf, client_of
from tests.mailing import set_up_clinic

TO = "x.quill@example.org"
FIELDS = {
    "topic": [TOPIC], "options": ["botox"], "patient.name": ["Xanthippe Quill"],
    "patient.birth_date": ["April 9, 1961"], "patient.email": [TO], "allow_unapproved": ["yes"],
}  # fmt: skip


@pytest.fixture
def desk(settings_of: SettingsOf, content: Path) -> Iterator[Desk]:
    """A desk whose first clinic can send; nothing goes out by itself."""
    set_up_clinic(content, 465)
    made = Desk(settings_of(content=content))
    yield made
    made.close()


@pytest.fixture
def outbox(desk: Desk) -> Iterator[Outbox]:
    with desk.open_outbox() as found:
        yield found


def asked(client: FlaskClient, **over: list[str]) -> dict[str, Any]:
    answer = client.post("/handout/email/look", json={"window": "w", "fields": FIELDS | over}, headers=JSON)
    return {"status": answer.status_code, **answer.get_json()}


def prepared(client: FlaskClient, fields: dict[str, list[str]] | None = None, **answers: Any) -> dict[str, Any]:
    """As the dialog sends it, a new address typed twice: the words, with nothing queued yet."""
    fields = FIELDS | (fields or {})
    look = asked(client, **fields)
    usual = {"code": look.get("code", ""), "again": TO}
    body = {"window": "w", "fields": fields, **usual, **answers}
    answer = client.post("/handout/email", json=body, headers=JSON)
    return {"status": answer.status_code, **answer.get_json()}


def shown(client: FlaskClient, token: str) -> dict[str, Any]:
    """The words are on the screen."""
    answer = client.post("/handout/email/shown", json={"token": token}, headers=JSON)
    return {"status": answer.status_code, **answer.get_json()}


def mailed(client: FlaskClient, fields: dict[str, list[str]] | None = None, **answers: Any) -> dict[str, Any]:
    """Both steps, or the first where it is refused."""
    told = prepared(client, fields, **answers)
    return told | shown(client, told["token"]) if told["status"] == 200 else told


def test_before_anything_is_queued_the_address_is_shown_as_it_will_be_used(client: FlaskClient, outbox: Outbox):
    found = asked(client, **{"patient.email": [" x.quill@EXAMPLE.org "]})
    assert (found["status"], found["to"], found["known"], found["before"]) == (200, TO, False, None)
    assert (found["by"], found["unlocked"], found["missing"]) == ("anna", None, "")
    assert outbox.entries() == []


def test_the_forms_appointment_goes_along_where_the_clinic_wants_it(content: Path, client: FlaskClient, outbox: Outbox):
    fields = {"appointment.day": ["2027-03-04"], "appointment.time": ["14:30"]}
    for number, (extra, files) in enumerate((("", 1), (", calendar: true", 2)), 1):
        set_up_clinic(content, 465, extra)
        assert mailed(client, fields, way="again")["status"] == 200
        [row] = outbox.database.look("SELECT body FROM contents WHERE id = ?", number)
        message = message_from_bytes(row["body"], policy=default)
        assert len(list(message.iter_attachments())) == files  # type: ignore[attr-defined]


def test_without_an_address_it_is_asked_for_and_one_that_is_none_is_refused_at_its_field(client: FlaskClient):
    assert asked(client, **{"patient.email": [""]})["to"] == ""
    wrong = asked(client, **{"patient.email": ["x.quill at example.org"]})
    assert wrong["status"] == 422
    assert "is not an e-mail address" in wrong["error"]
    assert "quill" not in wrong["error"]


def test_a_clinic_that_can_not_send_says_what_is_missing(client: FlaskClient, content: Path):
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    clinic.write_text(re.sub(r"(?m)^email:.*$", "", clinic.read_text()))
    assert "fill in email.from and email.host" in asked(client)["missing"]
    assert mailed(client)["status"] == 500


def test_text_that_nobody_approved_and_blank_sheets_are_not_mailed(client: FlaskClient, outbox: Outbox):
    refused = asked(client, allow_unapproved=[""])
    assert (refused["status"], "not approved" in refused["error"]) == (409, True)
    assert "nobody’s" in asked(client, blank=["yes"])["error"]
    assert outbox.entries() == []


def test_a_handout_is_queued_locked_and_its_words_are_told_once(client: FlaskClient, outbox: Outbox, data: Path):
    done = mailed(client)
    assert (done["status"], done["number"], done["to"]) == (200, 1, "x....@example.org")
    assert re.fullmatch(r"([a-z]{4,8} ){3}[a-z]{4,8}", done["words"])
    slip = pypdfium2.PdfDocument(base64.b64decode(done["slip"]))[0].get_textpage().get_text_range()
    assert done["words"] in slip
    [entry] = outbox.entries()
    assert (entry.state, entry.locked) == ("queued", True)
    kept = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert done["words"].encode() not in kept


def test_nothing_is_queued_before_the_words_are_on_the_screen_and_then_once(client: FlaskClient, outbox: Outbox):
    told = prepared(client)
    assert told["words"]
    assert outbox.entries() == []
    assert shown(client, told["token"])["status"] == 200
    again = shown(client, told["token"])
    assert (again["status"], "took too long" in again["error"]) == (409, True)
    assert len(outbox.entries()) == 1


def test_words_that_took_too_long_to_the_screen_queue_nothing(settings_of: SettingsOf, content: Path, door: Doorkeeper):
    clock = [1_800_000_000.0]
    set_up_clinic(content, 465)
    desk = Desk(settings_of(content=content, now=lambda: clock[0]))
    client = client_of(desk, door)
    told = prepared(client)
    clock[0] += 61
    assert "Nothing was queued" in shown(client, told["token"])["error"]
    with desk.open_outbox() as outbox:
        assert outbox.entries() == []
    desk.close()


def test_a_handout_that_was_voided_meanwhile_is_not_queued(client: FlaskClient, outbox: Outbox, desk: Desk):
    mailed(client)
    told = prepared(client, way="again")
    with desk.recorder() as recorder:
        [made] = [event for event in recorder.store.chosen() if event.what == "queued"]
        recorder.add_voided(made, "wrong patient")
    refused = shown(client, told["token"])
    assert (refused["status"], "It was not queued" in refused["error"]) == (409, True)
    assert len(outbox.entries()) == 1


def test_a_new_address_that_was_not_typed_twice_or_differs_queues_nothing(client: FlaskClient, outbox: Outbox):
    assert "not used for this patient before" in mailed(client, again="")["error"]
    differs = mailed(client, again="x.quail@example.org")
    assert (differs["status"], "differ" in differs["error"]) == (409, True)
    assert outbox.entries() == []


def test_a_form_that_was_changed_after_the_question_queues_nothing(client: FlaskClient, outbox: Outbox):
    look = asked(client)
    changed = mailed(client, {"note": ["Please call us."]}, code=look["code"])
    assert (changed["status"], "was changed" in changed["error"]) == (409, True)
    assert outbox.entries() == []


def test_the_same_handout_again_is_asked_about(client: FlaskClient, outbox: Outbox):
    mailed(client)
    assert asked(client)["before"] == {"number": 1, "name": "Waiting", "waits": True}
    assert "already" in mailed(client)["error"]
    instead = mailed(client, way="reissue")
    assert (instead["number"], instead["cancelled"]) == (2, 1)
    assert mailed(client, way="again")["number"] == 3
    assert [entry.state for entry in outbox.entries()] == ["cancelled", "queued", "queued"]


def test_without_a_lock_it_goes_only_by_the_name_of_who_warned_the_patient(client: FlaskClient, outbox: Outbox):
    assert "Warn the patient first" in mailed(client, lock=False)["error"]
    assert mailed(client, lock=False, warned=True, by=" \n ")["status"] == 422
    assert outbox.entries() == []
    done = mailed(client, lock=False, warned=True, by="Nurse Joy", remember=True)
    assert (done["words"], done["slip"]) == ("", "")
    assert outbox.entries()[0].unlocked_by == "Nurse Joy"
    assert asked(client)["unlocked"]["by"] == "Nurse Joy"
    later = mailed(client, {"note": ["Please call us."]}, lock=False)
    assert outbox.entry(later["number"]).unlocked_by == "Nurse Joy"
    assert mailed(client, {"note": ["Please call."]}, lock=True)["words"]
    assert asked(client)["unlocked"] is None


def test_for_twenty_seconds_it_can_be_taken_back(client: FlaskClient, outbox: Outbox):
    number = mailed(client)["number"]
    entry = outbox.entry(number)
    assert entry.due - entry.created == emailing.HOLD == 20
    assert client.post("/handout/email/back", json={"number": number}).status_code == 204
    assert outbox.entry(number).state == "cancelled"
    late = client.post("/handout/email/back", json={"number": number}, headers=JSON)
    assert (late.status_code, "has gone out already" in late.get_json()["error"]) == (409, True)


@pytest.mark.parametrize("body", [{"number": "1"}, {}, [1]])
def test_what_the_dialog_would_never_send_is_refused(client: FlaskClient, body: object):
    assert client.post("/handout/email/back", json=body).status_code == 400
    assert client.post("/handout/email", json={"fields": FIELDS, "again": 7}).status_code == 400


def test_nothing_of_the_patient_or_the_words_is_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    done = mailed(client)
    mailed(client, again="x.quail@example.org")
    assert not re.search("quill|xanthippe|quail", caplog.text, re.IGNORECASE)
    assert done["words"] not in caplog.text


def test_the_record_has_who_mailed_what_for_whom_with_the_interpreter(client: FlaskClient, desk: Desk):
    mailed(client, {"interpreter": ["Ms. Wye"]})
    with desk.recorder() as recorder:
        [event] = [one for one in recorder.store.chosen() if one.channel == "mail"]
    assert (event.what, event.by, event.interpreter, event.message) == ("queued", "anna", "Ms. Wye", 1)
    assert event.made
