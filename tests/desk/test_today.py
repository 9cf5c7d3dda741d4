"""Today's patients at the desk: the day's appointments, each opens a handout with what the record suggests."""

from __future__ import annotations

import html
import json
import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from handouts.deliver.outbox.database import Database
from handouts.deliver.outbox.outbox import Outbox
from handouts.desk.guard import Doorkeeper
from handouts.desk.server import running
from handouts.desk.state import Desk
from tests.conftest import TODAY
from tests.desk.conftest import JSON, SettingsOf, client_of
from tests.desk.mailed import violations
from tests.fhirs import MARIA, run
from tests.fhirserver import Chart, Running, serve
from tests.mailing import Clock, Unheard

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
NAMED = MARIA | {"name": [{"use": "official", "family": "Gonzalez", "given": ["Maria"]}]}
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
SPASM = {
    "resourceType": "Condition",
    "id": "c1",
    "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
    "verificationStatus": {"coding": [{"system": VERIFIED, "code": "confirmed"}]},
    "subject": {"reference": "Patient/maria"},
    "code": {"coding": [{"system": ICD, "code": "G51.32"}]},
}


def visit(number: str, patient: str, start: str, status: str = "booked") -> dict[str, object]:
    return {
        "resourceType": "Appointment",
        "id": number,
        "status": status,
        "start": f"{TODAY}T{start}:00-05:00",
        "participant": [{"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}],
    }


@pytest.fixture
def server() -> Iterator[Running]:
    chart = Chart()
    other = {"resourceType": "Patient", "id": "li", "name": [{"text": "Li Wei"}]}
    gone = {"resourceType": "Patient", "id": "gone", "name": [{"text": "Gone Away"}]}
    chart.add(NAMED, SPASM, other, gone, visit("a1", "maria", "14:30"), visit("a2", "li", "09:05"))
    chart.add(visit("a3", "gone", "10:00", "cancelled"))
    with serve(chart) as running:
        yield running


@pytest.fixture
def connected(server: Running, content: Path) -> Path:
    """Content whose first clinic names the health record."""
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    kept = re.sub(r"(?m)^fhir:.*\n", "", clinic.read_text())
    clinic.write_text(f"{kept}\nfhir: {{server: '{server.endpoint}'}}\n")
    return content


@pytest.fixture
def client(connected: Path, settings_of: SettingsOf) -> Iterator[FlaskClient]:
    content = connected
    desk = Desk(settings_of(content=content))
    yield client_of(desk, Doorkeeper(["127.0.0.1:8765"]))
    desk.close()


def started(page: str) -> dict[str, object]:
    found = re.search(r'data-start="([^"]*)"', page)
    assert found
    return json.loads(html.unescape(found[1]))  # type: ignore[no-any-return]


def test_the_day_is_a_list_by_time_without_visits_that_do_not_take_place(client: FlaskClient):
    page = client.get("/today").text
    assert page.index("09:05") < page.index("Li Wei") < page.index("14:30") < page.index("Maria Gonzalez")
    assert "Gone Away" not in page
    assert ">Today</a>" in page


def test_a_patient_opens_a_handout_with_what_the_record_suggests(client: FlaskClient):
    answer = client.post("/today/open", data={"clinic": "cohen", "patient": "maria"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    data = started(answer.text)["data"]
    assert isinstance(data, dict)
    assert (
        data.items()
        >= {
            "patient.name": "Maria Gonzalez",
            "patient.birth_date": "1961-04-09",
            "topic": "hemifacial-spasm",
            "side": "left",
            "clinic": "cohen",
        }.items()
    )
    assert "A code of the record suggests" in answer.text


@pytest.mark.parametrize("patient", ["", "../metadata", "a b", "x" * 80])
def test_what_is_no_id_is_not_asked_for(client: FlaskClient, patient: str, server: Running):
    server.chart.asked.clear()
    assert client.post("/today/open", data={"clinic": "cohen", "patient": patient}).status_code == 422
    assert client.post("/today/open", data={"clinic": "nonsense", "patient": "maria"}).status_code == 404
    assert server.chart.asked == []


@pytest.mark.parametrize("fault", ["503", "403", "drop", "html", "huge"])
def test_a_server_that_fails_is_told_on_the_page_without_its_words(client: FlaskClient, server: Running, fault: str):
    server.plan.at["GET Appointment"] = fault
    page = client.get("/today").text
    assert "The health record: " in page
    assert "Maria" not in page


def test_no_address_and_no_log_has_a_patient(client: FlaskClient, server: Running, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, "handouts")
    page = client.get("/today").text
    server.plan.at["GET Patient"] = "500"
    failed = client.post("/today/open", data={"clinic": "cohen", "patient": "maria"})
    assert failed.status_code == 502
    assert "Maria" not in failed.text + caplog.text
    assert not re.search(r'(href|action)="[^"]*maria', page)


def test_where_no_clinic_names_a_health_record_there_is_no_such_place(settings_of: SettingsOf):
    desk = Desk(settings_of())
    page = client_of(desk, Doorkeeper(["127.0.0.1:8765"])).get("/").text
    desk.close()
    assert ">Today</a>" not in page


FIELDS = {
    "topic": ["hemifacial-spasm"],
    "options": ["botox"],
    "clinic": ["cohen"],
    "patient.name": ["Maria Gonzalez"],
    "patient.birth_date": ["1961-04-09"],
    "patient.identifier": ["00417"],
    "allow_unapproved": ["yes"],
}


def file_it(client: FlaskClient, **over: list[str]) -> TestResponse:
    return client.post("/handout/file", json={"window": "w", "fields": FIELDS | over}, headers=JSON)


def test_a_handout_goes_from_the_desk_to_the_health_record(client: FlaskClient, server: Running, data: Path):
    assert 'id="file"' in client.get("/").text
    answer = file_it(client).get_json()
    assert (answer["message"], answer["there"]) == (1, "")
    assert file_it(client).get_json()["there"] == "queued"
    with Database(data) as database:
        run(Outbox(database, Unheard()), server.endpoint, clock=Clock(time.time()))
    [document] = server.chart.all("DocumentReference")
    assert document["identifier"][0]["value"] == answer["title"].replace("-", "")


def test_without_a_record_number_the_field_says_so_and_nothing_is_made(client: FlaskClient, data: Path):
    answer = file_it(client, **{"patient.identifier": [""]})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.get_json()["fields"]] == ["patient.identifier"]
    assert not (data / "outbox.sqlite3").exists()


def test_in_a_browser_a_patient_is_in_the_form_and_in_no_address(
    browser: Browser, connected: Path, settings_of: SettingsOf
):
    from playwright.sync_api import expect

    from tests.desk.browsing import enter, loaded, new_page

    with running(settings_of(content=connected), 0, background=False) as desk:
        page = enter(new_page(browser), desk)
        page.get_by_role("link", name="Today", exact=True).click()
        loaded(page, page.get_by_role("button", name="New handout for Maria Gonzalez"))
        assert violations(page) == []
        page.get_by_role("button", name="New handout for Maria Gonzalez").click()
        expect(page.locator("[name=side][value=left]")).to_be_checked()
        expect(page.locator('[name="patient.name"]')).to_have_value("Maria Gonzalez")
        expect(page).to_have_url(f"{desk.address}/")
        assert violations(page) == []
        page.context.close()
