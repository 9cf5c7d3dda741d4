"""A handout into the outbox for the clinic's health record, or into a file. Pure but for a posting's random name."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import TYPE_CHECKING

from handouts import paths
from handouts.deliver.fhir.contents import Posting, to_bytes
from handouts.deliver.fhir.resources import Handout, Subject, transaction
from handouts.deliver.outbox.entries import Kind, New
from handouts.errors import RequestFault
from handouts.fhir.elements import RawResource
from handouts.fhir.endpoint import Endpoint

if TYPE_CHECKING:  # looking at the outbox should not load what making needs
    from handouts.fhir.settings import HealthRecord
    from handouts.model.content import Library
    from handouts.model.recorder import Document
    from handouts.model.request import Request


def handout_of(
    pdf: bytes, document: Document, library: Library, request: Request, *, by: str, at: float, mailed: bool = False
) -> Handout:
    """A finished handout as the health record is told of it. ``by``: who made it; ``mailed``: it waits to be mailed."""
    patient, clinic = request.patient, library.clinic.file
    subject = Subject(
        number=patient.identifier if document.patient else None,
        system=clinic.fhir.patient_system,
        born=patient.birth_date,
    )
    return Handout(
        pdf,
        document.code,
        clinic.name,
        library.topic.overview.head.name,
        request.language,
        at,
        by,
        f"handouts {paths.VERSION}",
        subject,
        clinician=request.clinician,
        replaces=document.replaces,
        visit=request.visit_date,
        mailed=mailed,
    )


def require_patient(number: str | None) -> None:
    """RequestFault where nothing says which patient of the health record a handout is for."""
    if not number:
        raise RequestFault(
            "For the health record the request needs patient.identifier, the number that the record has. "
            "Nothing was queued."
        )


def prepare_posting(handout: Handout, record: HealthRecord) -> New:
    """A handout, ready for the outbox. RequestFault where nothing says which patient of the health record it is for."""
    if not handout.subject.is_known:
        require_patient(None)
    body = to_bytes(Posting(handout.code, transaction(handout), handout.subject.born, handout.replaces, handout.visit))
    sha256 = hashlib.sha256(handout.pdf).hexdigest()
    return _new(handout.code, record.clinic, record.endpoint, "handout", sha256, body, delivered=sha256)


def mailed_notice(code: str, clinic: str, endpoint: Endpoint, number: int, at: float) -> New:
    """That message ``number`` was sent, for the health record that has the document."""
    body = to_bytes(Posting(code, mailed=(number, at)))
    return _new(code, clinic, endpoint, "mailed", f"{code} mailed {number}", body, reason=f"message {number} was sent")


def voided_notice(code: str, clinic: str, endpoint: Endpoint, reason: str) -> New:
    """That a document was given in error, for the health record that has it."""
    return _new(code, clinic, endpoint, "voided", f"{code} voided", to_bytes(Posting(code)), reason=reason)


def to_file(bundle: RawResource) -> bytes:
    """A Bundle as the file that a person, or another program, posts."""
    return (json.dumps(bundle, indent=2, ensure_ascii=False) + "\n").encode()


def to_line(bundle: RawResource) -> bytes:
    """A Bundle as a line of NDJSON."""
    return (json.dumps(bundle, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


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
