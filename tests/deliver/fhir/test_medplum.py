"""The same against a server that is not ours; `tests.medplum` says which, and what it can't do."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from handouts.deliver.fhir.queueing import mailed_notice, voided_notice
from handouts.deliver.fhir.resources import CODES, Subject, transaction
from handouts.deliver.outbox.claims import Claim, Claims
from handouts.fhir.elements import RawResource
from handouts.fhir.endpoint import Endpoint
from handouts.fhir.fetching import fetch_day, fetch_patient, find_patients
from handouts.fhir.server import Client, RecordFault
from tests.fhirs import CODE, MARIA, NUMBERS, QUICK, file_it, handout, run, until_done
from tests.mailing import NOW, Clock, outbox_in, queue, states
from tests.medplum import medplum, needs_medplum

pytestmark = [pytest.mark.heavy, needs_medplum]
OTHER = "G1MQ7378Q80"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with medplum() as running:
        yield running


@pytest.fixture
def client(endpoint: Endpoint) -> Client:
    return Client(endpoint, None, QUICK)


def put(client: Client, resource: RawResource) -> RawResource:
    """A resource, with the id that the server gives it."""
    told = {name: value for name, value in resource.items() if name != "id"}
    return client.ask("POST", client.endpoint.url(told["resourceType"]), told).resource


@pytest.fixture
def maria(client: Client) -> Iterator[RawResource]:
    made = put(client, MARIA | {"name": [{"family": "Gonzalez", "given": ["Maria"]}]})
    yield made
    for kind in ("DocumentReference", "Binary", "Provenance", "Communication", "Appointment", "Condition", "Patient"):
        for one in client.search(kind, _count="200"):
            client.ask("DELETE", client.endpoint.url(f"{kind}/{one['id']}"))


def documents(client: Client, code: str = CODE) -> list[RawResource]:
    return client.search("DocumentReference", identifier=f"{CODES}|{code}")


def test_every_resource_that_goes_out_is_taken_as_it_is(client: Client, maria: RawResource):
    patient = Subject(reference=f"Patient/{maria['id']}")
    answer = client.transact(transaction(handout(subject=patient, mailed=True, replaces=OTHER))).resource
    assert [entry["response"]["status"] for entry in answer["entry"]] == ["201"] * 4
    [document] = documents(client)
    binary = client.read(document["content"][0]["attachment"]["url"]).resource
    assert base64.b64decode(binary["data"]) == b"%PDF-1.7 FHK8Z5DW14K"


def test_a_handout_its_mailing_and_its_voiding_over_the_outbox(tmp_path: Path, client: Client, maria: RawResource):
    outbox = outbox_in(tmp_path)
    file_it(outbox, client.endpoint)
    assert run(outbox, client.endpoint).ends == {"sent": 1}
    [document] = documents(client)
    assert document["subject"]["reference"] == f"Patient/{maria['id']}"
    file_it(outbox, client.endpoint, OTHER, replaces=CODE)
    queue(outbox, mailed_notice(OTHER, "cohen", client.endpoint, 7, NOW))
    queue(outbox, voided_notice(OTHER, "cohen", client.endpoint, "its document was voided"))
    until_done(outbox, client.endpoint, Clock())
    assert states(outbox) == ["sent"] * 4, [entry.reason for entry in outbox.entries()]
    assert [one["status"] for one in documents(client)] == ["superseded"]
    assert [one["status"] for one in documents(client, OTHER)] == ["entered-in-error"]
    [letter] = client.search("Communication")
    assert letter["status"] == "completed"


def test_a_posting_whose_run_was_killed_after_the_server_had_it_makes_no_second(
    tmp_path: Path, client: Client, maria: RawResource
):
    outbox = outbox_in(tmp_path)
    file_it(outbox, client.endpoint)
    claims = Claims(outbox, "killed")
    claim = claims.claim(NOW, "cohen/fhir", 600)
    assert isinstance(claim, Claim)
    claims.begin(claim, NOW, repeats=True)
    client.transact(transaction(handout(subject=Subject(reference=f"Patient/{maria['id']}"))))
    assert run(outbox, client.endpoint, clock=Clock(NOW + 4000)).ends == {"sent": 1}
    assert len(documents(client)) == len(client.search("Binary")) == 1


def test_a_crossing_posting_makes_no_second_document(client: Client, maria: RawResource):
    bundle = transaction(handout(subject=Subject(reference=f"Patient/{maria['id']}")))
    for _ in range(2):
        client.transact(bundle)
    assert len(documents(client)) == 1


def test_a_document_alone_is_created_once(client: Client, maria: RawResource):
    [_, entry, _] = transaction(handout(subject=Subject(reference=f"Patient/{maria['id']}")))["entry"]
    for status in (201, 200):
        assert client.create(entry["resource"], entry["request"]["ifNoneExist"]).status == status


def test_what_is_no_fhir_is_refused_by_its_code(client: Client):
    with pytest.raises(RecordFault, match=r"it refused this \(400: (structure|invalid|required)\)"):
        put(client, MARIA | {"birthDate": ["Maria Gonzalez"]})


def test_a_day_and_a_patient_are_fetched(client: Client, maria: RawResource):
    who = {"reference": f"Patient/{maria['id']}"}
    put(
        client,
        {
            "resourceType": "Appointment",
            "status": "booked",
            "start": "2026-11-30T14:00:00Z",
            "end": "2026-11-30T14:15:00Z",
            "participant": [{"actor": who, "status": "accepted"}],
        },
    )
    put(
        client,
        {
            "resourceType": "Condition",
            "subject": who,
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G51.32"}]},
        },
    )
    found = fetch_day(client, date(2026, 11, 30))
    assert sorted(one["resourceType"] for one in found) == ["Appointment", "Condition", "Patient"]
    assert fetch_day(client, date(2026, 12, 1)) == []
    alone = fetch_patient(client, str(maria["id"]))
    assert sorted(one["resourceType"] for one in alone) == ["Appointment", "Condition", "Patient"]
    assert [one["id"] for one in find_patients(client, NUMBERS, "00417")] == [maria["id"]]
    assert find_patients(client, NUMBERS, "004") == []
