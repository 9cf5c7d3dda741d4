"""A handout into the outbox for the clinic's health record, or into a file. Pure but for a posting's random name."""

from __future__ import annotations

import hashlib
import json
import uuid

from handouts.deliver.fhir.contents import Posting, to_bytes
from handouts.deliver.fhir.resources import Handout, Resource, transaction
from handouts.deliver.outbox.entries import Kind, New
from handouts.errors import RequestFault
from handouts.fhir.endpoint import Endpoint
from handouts.fhir.settings import HealthRecord


def prepare_posting(handout: Handout, record: HealthRecord) -> New:
    """A handout, ready for the outbox. RequestFault where nothing says which patient of the health record it is for."""
    if not handout.subject.is_known:
        raise RequestFault(
            "For the health record the request needs patient.identifier, the number that the record has. "
            "Nothing was queued."
        )
    body = to_bytes(Posting(handout.code, transaction(handout), handout.subject.born, handout.replaces))
    sha256 = hashlib.sha256(handout.pdf).hexdigest()
    return _new(handout.code, record.clinic, record.endpoint, "handout", sha256, body, delivered=sha256)


def mailed_notice(code: str, clinic: str, endpoint: Endpoint, number: int, at: float) -> New:
    """That message ``number`` was sent, for the health record that has the document."""
    body = to_bytes(Posting(code, mailed=(number, at)))
    return _new(code, clinic, endpoint, "mailed", f"{code} mailed {number}", body, reason=f"message {number} was sent")


def voided_notice(code: str, clinic: str, endpoint: Endpoint, reason: str) -> New:
    """That a document was given in error, for the health record that has it."""
    return _new(code, clinic, endpoint, "voided", f"{code} voided", to_bytes(Posting(code)), reason=reason)


def to_file(bundle: Resource) -> bytes:
    """A Bundle as the file that a person, or another program, posts."""
    return (json.dumps(bundle, indent=2, ensure_ascii=False) + "\n").encode()


def _new(
    code: str,
    clinic: str,
    endpoint: Endpoint,
    kind: Kind,
    document: str,
    body: bytes,
    *,
    reason: str = "",
    delivered: str = "",
) -> New:
    return New(
        code,
        clinic,
        endpoint,
        document,
        f"urn:uuid:{uuid.uuid4()}",
        body,
        None,
        True,
        delivered=delivered,
        channel="fhir",
        kind=kind,
        reason=reason,
    )
