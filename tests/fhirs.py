"""What the tests of the way into a health record share: a handout, an outbox, a runner to a server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from handouts.deliver.fhir.posting import RecordConnection
from handouts.deliver.fhir.queueing import prepare_posting
from handouts.deliver.fhir.resources import Handout, Subject
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.runner import Connect, Tally
from handouts.fhir.elements import RawResource
from handouts.fhir.endpoint import Endpoint
from handouts.fhir.server import Client
from handouts.fhir.settings import HealthRecord
from handouts.https import Patience
from tests.mailing import NOW, Clock, Told, queue
from tests.mailing import run as run_outbox

CODE = "FHK8Z5DW14K"
NUMBERS = "urn:oid:1.2.36.146.595.217.0.1"
BORN = date(1961, 4, 9)
MARIA: RawResource = {
    "resourceType": "Patient",
    "id": "maria",
    "identifier": [{"system": NUMBERS, "value": "00417"}],
    "birthDate": "1961-04-09",
}
QUICK = Patience(60, 60, 120)
HURRIED = Patience(2, 2, 2)
"""For a server that stalls, and for no other: a machine may be slow."""


def handout(code: str = CODE, *, number: str | None = "00417", replaces: str | None = None, **more: object) -> Handout:
    """A finished handout for Maria."""
    subject = Subject(number=number, system=NUMBERS, born=BORN)
    values = {"clinician": "Dr. Cohen", "replaces": replaces} | more
    return Handout(
        b"%PDF-1.7 " + code.encode(), code, "Dr. Cohen", "Hemifacial spasm", "en", NOW, "ana", "handouts 0.5",
        values.pop("subject", subject), **values,  # type: ignore[arg-type]
    )  # fmt: skip


def record_at(endpoint: Endpoint, clinic: str = "cohen") -> HealthRecord:
    return HealthRecord(clinic, endpoint, patient_system=NUMBERS)


def file_it(outbox: Outbox, endpoint: Endpoint, code: str = CODE, **more: object) -> int:
    """A handout in the outbox for the health record: its number there."""
    return queue(outbox, prepare_posting(handout(code, **more), record_at(endpoint)))  # type: ignore[arg-type]


def to_record(endpoint: Endpoint, patience: Patience = QUICK) -> Connect:
    return lambda _queue: RecordConnection(Client(endpoint, None, patience))


def run(outbox: Outbox, endpoint: Endpoint, *, clock: Clock | None = None, told: Told | None = None) -> Tally:
    return run_outbox(outbox, to_record(endpoint), clock=clock, told=told)


def until_done(outbox: Outbox, endpoint: Endpoint, clock: Clock, patience: Patience = QUICK, rounds: int = 8) -> None:
    """Runs, hours apart, until nothing waits any more."""
    for _ in range(rounds):
        run_outbox(outbox, to_record(endpoint, patience), clock=clock)
        if not outbox.entries(["queued", "claimed", "sending"]):
            return
        clock.sleep(4 * 3600)


Reach = Callable[[str], RecordConnection]
