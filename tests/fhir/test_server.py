"""Questions to a FHIR server: bounded, to that server alone, and nothing of a patient in what is told."""

from __future__ import annotations

from datetime import date

import pytest

from handouts.errors import RequestFault
from handouts.fhir.elements import RawResource
from handouts.fhir.endpoint import Endpoint, parse_endpoint
from handouts.fhir.fetching import fetch_appointments, fetch_day, fetch_patient
from handouts.fhir.server import Client, RecordFault
from tests.conftest import free_port
from tests.fhirs import HURRIED, MARIA, QUICK
from tests.fhirserver import Chart, Running, serve

DAY = date(2026, 11, 30)


def appointment(number: int, patient: str = "maria") -> RawResource:
    return {
        "resourceType": "Appointment",
        "id": f"a{number}",
        "status": "booked",
        "start": f"2026-11-30T{8 + number // 60:02}:{number % 60:02}:00Z",
        "participant": [{"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}],
    }


def condition(number: int, patient: str = "maria") -> RawResource:
    return {"resourceType": "Condition", "id": f"c{number}", "subject": {"reference": f"Patient/{patient}"}}


@pytest.fixture
def chart() -> Chart:
    made = Chart()
    made.add(MARIA, condition(1), condition(2, "somebody-else"), appointment(1))
    return made


def client(running: Running) -> Client:
    return Client(running.endpoint, None, QUICK)


@pytest.mark.parametrize("everything", [True, False], ids=["$everything", "searches"])
def test_a_patient_comes_with_what_belongs_to_them_alone(chart: Chart, everything: bool):
    chart.everything = everything
    with serve(chart) as server:
        found = fetch_patient(client(server), "maria")
    assert sorted(one["id"] for one in found) == ["a1", "c1", "maria"]


@pytest.mark.parametrize("number", ["", "a/b", "../metadata", "a?b=c", "x" * 65, "ü"])
def test_what_is_no_id_is_not_asked_for(number: str):
    with serve() as server, pytest.raises(RequestFault):
        fetch_patient(client(server), number)
    assert server.chart.asked == []


@pytest.mark.parametrize("includes", [True, False], ids=["included", "left out"])
def test_a_day_has_its_appointments_and_their_patients(chart: Chart, includes: bool):
    chart.includes = includes
    with serve(chart) as server:
        found = fetch_appointments(client(server), DAY)
        assert sorted(one["id"] for one in found) == ["a1", "maria"]
        assert sorted(one["id"] for one in fetch_day(client(server), DAY)) == ["a1", "c1", "maria"]


def test_a_long_day_comes_in_pages(chart: Chart):
    chart.add(*(appointment(number) for number in range(250)))
    with serve(chart) as server:
        found = fetch_appointments(client(server), DAY)
    assert sum(one["resourceType"] == "Appointment" for one in found) == 250
    assert server.seen["GET Appointment"] == 3


@pytest.mark.parametrize(
    ("fault", "means", "told"),
    [
        ("401", "ours", "access token"),
        ("403", "ours", "scopes"),
        ("404", "gone", "no such thing (404: invalid)"),
        ("405", "not supported", "does not offer"),
        ("409", "later", "changing"),
        ("412", "changed", "version"),
        ("429", "later", "not available now (429"),
        ("500", "later", "not available now (500"),
        ("503", "later", "not available now (503"),
        ("302", "ours", "another address (302"),
        ("drop", "later", "connection"),
        ("stall", "later", "in time"),
        ("html", "ours", "not FHIR"),
        ("huge", "ours", "no end"),
        ("endless", "refused", "no end"),
        ("elsewhere", "ours", "another server"),
        ('{"resourceType": "Patient"}', "ours", "something else than a Bundle"),
        ("[" * 100_000, "ours", "not FHIR"),
    ],
)
def test_whatever_a_server_does_is_told_without_its_words(fault: str, means: str, told: str):
    plan = f"{{{fault}" if fault.startswith("[") else fault
    patience = HURRIED if fault == "stall" else QUICK
    with serve(**{"GET Condition": plan}) as server, pytest.raises(RecordFault) as caught:
        Client(server.endpoint, None, patience).search("Condition", patient="maria")
    assert (caught.value.means, caught.value.exit_code) == (means, 6)
    assert told in caught.value.message
    assert "Maria" not in caught.value.message
    assert "patient=" not in caught.value.message


def test_where_nobody_listens_it_is_tried_later():
    with pytest.raises(RecordFault, match="no connection") as caught:
        Client(Endpoint(f"http://127.0.0.1:{free_port()}/r4"), None, QUICK).read("metadata")
    assert caught.value.means == "later"


def test_without_the_problems_or_the_medicines_nothing_is_shown(chart: Chart):
    chart.everything = False
    with serve(chart, **{"GET MedicationRequest": "400"}) as server, pytest.raises(RecordFault):
        fetch_patient(client(server), "maria")
    with serve(chart, **{"GET CarePlan": "400"}) as server:
        assert len(fetch_patient(client(server), "maria")) == 3


def test_no_token_goes_to_another_server(chart: Chart):
    with serve() as other, serve(chart, **{"GET Condition": "elsewhere"}) as server:
        asking = Client(server.endpoint, lambda _fresh: "secret", QUICK)
        with pytest.raises(RecordFault, match="another server"):
            asking.search("Condition", patient="maria")
        with pytest.raises(RecordFault, match="another server"):
            asking.ask("GET", other.endpoint.url("Patient/1"))
    assert other.chart.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "http://fhir.example.org/r4",
        "http://localhost:8080/fhir",
        "ftp://fhir.example.org",
        "https://user:secret@fhir.example.org/r4",
        "https://fhir.example.org/r4?x=1",
        "https://",
        "fhir.example.org",
        "https://fhir.example.org:port/",
        "https://fhir.example.org/ r4",
    ],
)
def test_an_address_without_tls_or_with_a_secret_is_refused(text: str):
    with pytest.raises(RequestFault) as caught:
        parse_endpoint(text)
    assert "secret" not in caught.value.message.replace("is secret", "")


def test_one_server_is_the_same_however_its_address_is_written():
    one, other = parse_endpoint("https://FHIR.example.org/r4/"), parse_endpoint("https://fhir.example.org/r4")
    assert one.same_as == other.same_as
    assert one.url("Patient/1") == "https://FHIR.example.org/r4/Patient/1"
