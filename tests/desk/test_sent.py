"""Sent: the outbox in plain words, and what a person decides about a message."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from handouts.deliver.outbox.claims import Claim, Claims
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.runner import Tally
from handouts.deliver.outbox.sending import Status
from handouts.desk.guard import Doorkeeper
from handouts.desk.state import Desk
from handouts.errors import OutputFault, SystemMissing
from handouts.fhir.endpoint import Endpoint
from tests.desk.conftest import SettingsOf, client_of
from tests.desk.mailed import claimed, fill, text_of
from tests.fhirs import file_it
from tests.mailing import NOW, new, queue, set_up_clinic

Act = Callable[..., str]


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


def ids(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<li data-message="(\d+)"', page)]


def state(outbox: Outbox, number: int) -> str:
    return outbox.entry(number).state


def test_an_outbox_that_was_never_used_teaches_what_it_is_for_and_makes_no_file(client: FlaskClient, data: Path):
    page = client.get("/sent").text
    assert "Nothing was mailed yet" in page
    assert "locked with four words" in page
    assert not data.exists()


def test_a_clinic_that_can_not_send_yet_is_told_what_to_set_up(settings_of: SettingsOf, door: Doorkeeper):
    made = Desk(settings_of())
    page = text_of(client_of(made, door).get("/sent").text)
    made.close()
    assert "Mail is not set up yet" in page
    assert "fill in email.from and email.host" in page
    assert "keyring set" in page


def test_every_state_is_said_in_words_and_newest_first(client: FlaskClient, outbox: Outbox):
    fill(outbox)
    page = client.get("/sent").text
    assert ids(page) == [6, 5, 4, 3, 2, 1]
    for words in ("Did it arrive?", "Waiting", "Not delivered", "Sent", "Taken out", "Going out now"):
        assert re.search(rf'data-state="{re.escape(words)}"', page), words
    assert "There is no such mailbox." in page


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [("decide", [3]), ("waiting", [6, 5]), ("failed", [2]), ("sent", [1]), ("out", [4]), ("", [6, 5, 4, 3, 2, 1])],
)
def test_the_list_can_be_narrowed_and_says_how_many_there_are(
    client: FlaskClient, outbox: Outbox, kind: str, numbers: list[int]
):
    fill(outbox)
    page = client.get("/sent", query_string={"show": kind} if kind else {}).text
    assert ids(page) == numbers
    chosen = re.search(r'aria-current="true">[\w ]+<span class="many">(\d+)', page)
    assert chosen
    assert int(chosen[1]) == len(numbers)


def test_a_kind_with_nothing_in_it_says_so_and_an_unknown_one_is_no_page(client: FlaskClient, outbox: Outbox):
    queue(outbox, now=time.time())
    assert "No message waits for your decision." in client.get("/sent?show=decide").text
    assert client.get("/sent?show=everything").status_code == 404


def test_a_long_list_goes_on_on_the_next_page(client: FlaskClient, outbox: Outbox):
    for number in range(103):
        queue(outbox, new(document=f"d{number}"), now=time.time())
    first = client.get("/sent").text
    assert ids(first) == list(range(103, 3, -1))
    assert 'href="/sent?before=4"' in first
    assert ids(client.get("/sent?before=4").text) == [3, 2, 1]


def test_a_message_tells_its_story_without_name_or_address(client: FlaskClient, outbox: Outbox):
    fill(outbox)
    page = text_of(client.get("/sent/3").text)
    assert "Did it arrive?" in page
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d Put into the outbox \(message 3\)\. anna", page)
    assert "May have been mailed: ask the patient" in page
    assert "FHK8-Z5DW-14K" in page
    assert not re.search("maria|example\\.org", page)
    assert client.get("/sent/99").status_code == 404


def test_what_can_be_done_depends_on_the_state(client: FlaskClient, outbox: Outbox):
    fill(outbox)
    offered = {
        number: re.findall(r'action="/sent/\d+/(\w+)"', client.get(f"/sent/{number}").text) for number in range(1, 7)
    }
    assert offered == {1: [], 2: [], 3: ["arrived", "again", "cancel"], 4: [], 5: ["cancel"], 6: []}


@pytest.mark.parametrize(
    ("name", "asks", "after"),
    [
        ("arrived", "Did the patient get message 3?", "sent"),
        ("again", "Send message 3 again?", "queued"),
        ("cancel", "Take message 3 out of the outbox?", "cancelled"),
    ],
)
def test_nothing_is_done_before_the_question_is_answered(
    client: FlaskClient, outbox: Outbox, name: str, asks: str, after: str
):
    fill(outbox)
    assert asks in text_of(client.post(f"/sent/3/{name}").text)
    assert state(outbox, 3) == "unknown"
    done = client.post(f"/sent/3/{name}", data={"answer": "yes"})
    assert (done.status_code, done.location) == (303, f"/sent/3?done={name}")
    assert state(outbox, 3) == after
    assert 'id="done"' in client.get(done.location).text


def test_what_is_settled_already_says_so_and_changes_nothing(client: FlaskClient, outbox: Outbox):
    fill(outbox)
    refused = client.post("/sent/1/cancel", data={"answer": "yes"})
    assert refused.status_code == 409
    assert "Message 1 is already sent" in refused.text
    assert client.post("/sent/1/explode").status_code == 404


def test_a_message_that_was_refused_for_now_is_tried_at_once_when_somebody_wants_it(
    client: FlaskClient, outbox: Outbox
):
    number = queue(outbox, now=time.time())
    claims = Claims(outbox, "one")
    claims.deferred(claimed(claims), "there was no connection, or it was lost, when it was opened", time.time())
    page = client.get(f"/sent/{number}").text
    assert "There was no connection" in page
    assert "Next try" in page
    assert client.post(f"/sent/{number}/retry").status_code == 303
    assert outbox.entry(number).due <= time.time()


def test_mail_that_is_stopped_says_why_and_goes_on_when_somebody_says_so(client: FlaskClient, outbox: Outbox):
    queue(outbox, now=time.time())
    claims = Claims(outbox, "one")
    claims.paused(claimed(claims), "the server said 535 5.7.8 to the user and password", time.time())
    page = text_of(client.get("/sent").text)
    assert "Mail of cohen is stopped" in page
    assert "did not accept the clinic’s user name and password" in page
    assert "No message was lost" in page
    assert "Mail of cohen is stopped" in client.get("/sent/1").text
    gone_on = client.post("/sent/resume")
    assert (gone_on.status_code, gone_on.location) == (303, "/sent?done=resume")
    assert outbox.pauses() == {}
    assert outbox.entry(1).shown == "queued"


def status(desk: Desk, **values: Any) -> None:
    desk.mail._status = Status(**values)


def test_what_stops_the_runs_in_the_background_is_told(client: FlaskClient, outbox: Outbox, desk: Desk):
    queue(outbox, now=time.time())
    status(desk, tally=Tally(faults={"cohen": SystemMissing("There is no password for the mail server.")}))
    page = text_of(client.get("/sent").text)
    assert "Mail of cohen is stopped There is no password for the mail server." in page
    assert "resume" not in page
    status(desk, fault=OutputFault("The outbox can't be used: the disk is full or faulty."))
    assert "Mail does not go out: The outbox can't be used" in text_of(client.get("/sent").text)
    status(desk, elsewhere=True)
    assert "Another desk" in client.get("/sent").text


def test_a_row_that_somebody_damaged_is_shown_and_can_be_taken_out(client: FlaskClient, outbox: Outbox):
    queue(outbox, now=time.time())
    outbox.database.connection.execute("UPDATE contents SET address = 'eve@example.org'")
    Claims(outbox, "one").look_through(time.time(), "cohen")
    page = text_of(client.get("/sent/1").text)
    assert "Set aside" in page
    assert "somebody changed it in the outbox" in page
    assert "send it again" not in page
    assert client.post("/sent/1/cancel", data={"answer": "yes"}).status_code == 303
    assert state(outbox, 1) == "cancelled"


def test_an_outbox_that_was_lost_is_told_with_the_way_back(client: FlaskClient, outbox: Outbox, data: Path):
    queue(outbox, now=time.time())
    outbox.database.connection.close()
    for file in data.glob("outbox.sqlite3*"):
        file.unlink()
    page = client.get("/sent")
    assert page.status_code == 409
    assert "outbox restore" in page.text


def test_what_goes_to_the_health_record_is_told_as_such(client: FlaskClient, outbox: Outbox):
    endpoint = Endpoint("https://fhir.example.org/r4")
    for number, code in enumerate(("FHK8Z5DW14K", "G1MQ7378Q80"), 1):
        assert file_it(outbox, endpoint, code) == number
    claims = Claims(outbox, "one")
    claim = claims.claim(NOW, "cohen/fhir", 600)
    assert isinstance(claim, Claim)
    claims.begin(claim, NOW)
    claims.unknown(claim, NOW)
    page = text_of(client.get("/sent").text)
    assert page.count("for the health record") == 2
    one = text_of(client.get("/sent/1").text)
    for told in ("It is there", "It is not there: post it again", "Look in the health record", "Goes to"):
        assert told in one
    assert "four words" not in one
    claim = claims.claim(NOW + 60, "cohen/fhir", 600)
    assert isinstance(claim, Claim)
    claims.paused(claim, "the health record: it does not allow this (403)", NOW + 60)
    stopped_page = text_of(client.get("/sent/2").text)
    assert "What goes to the health record of cohen is stopped" in stopped_page
    assert "doctor --fhir" in stopped_page
