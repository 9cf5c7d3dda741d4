"""A handout as FHIR R4 resources: DocumentReference with its Binary, Provenance, Communication. Pure.

The same handout gives the same bytes. A patient is a reference or a record number here, never a name.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from handouts.fhir.elements import RawResource

CODES = "urn:uuid:6c1f0f0a-2d35-5c55-9a5e-0f6f3c0f2a11"
"""The system of document codes (Identifier.system): of this program, whatever the installation."""
_NAMES = uuid.UUID(CODES.removeprefix("urn:uuid:"))
EDUCATION_NOTE = {"system": "http://loinc.org", "code": "34895-3", "display": "Education note"}
"""LOINC's type for what a patient was taught; IHE PCC has the same code for its sections of patient education, and
LOINC's French names it "fiche d'information au patient".
"""
_CLINICAL_NOTE = {
    "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
    "code": "clinical-note",
    "display": "Clinical Note",
}
"""US Core's category, by which certified records list documents."""
_BY_EMAIL = {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "code": "EMAILWRIT"}
_INSTRUCTION = {"system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "instruction"}
_AGENTS = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_RECORD_NUMBER = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}


@dataclass(frozen=True)
class Subject:
    """The patient. ``reference``: such as "Patient/123", where the health record is the one it was read from.

    ``system``: of the record number. ``born``: what the server's patient has to agree with; never written into FHIR.
    """

    reference: str | None = None
    number: str | None = None
    system: str | None = None
    born: date | None = None

    def __repr__(self) -> str:
        return "Subject(...)"

    @property
    def is_known(self) -> bool:
        """Whether it tells one patient from others."""
        return bool(self.reference or self.number)

    def as_reference(self) -> RawResource | None:
        """None for nobody, as in a blank sheet."""
        if self.reference:
            return {"reference": self.reference}
        if not self.number:
            return None
        identifier = {"type": _RECORD_NUMBER, "value": self.number} | ({"system": self.system} if self.system else {})
        return {"type": "Patient", "identifier": identifier}


@dataclass(frozen=True)
class Handout:
    """A finished handout. ``at``: seconds since 1970, when it was made; ``by``: who made it; ``engine``: the program.

    ``title``: of its topic; ``visit``: its day; ``mailed``: whether it waits to be mailed as well.
    """

    pdf: bytes
    code: str
    clinic: str
    title: str
    language: str
    at: float
    by: str
    engine: str
    subject: Subject
    clinician: str | None = None
    replaces: str | None = None
    visit: date | None = None
    mailed: bool = False

    def __repr__(self) -> str:
        return f"Handout({self.code})"


def transaction(handout: Handout) -> RawResource:
    """All that is told of a handout, as one Bundle: all of it or nothing.

    A server that has the document already keeps it (``ifNoneExist`` on its code).
    """
    binary, document = full_url(handout.code, "Binary"), full_url(handout.code, "DocumentReference")
    entries = [
        _created(binary, {"resourceType": "Binary", "contentType": "application/pdf", "data": _base64(handout.pdf)}),
        _created(document, document_reference(handout, binary), f"identifier={CODES}|{handout.code}"),
        _created(full_url(handout.code, "Provenance"), provenance(handout, document)),
    ]
    if handout.mailed:
        subject = handout.subject.as_reference()
        letter = communication(handout.code, "queued", document, subject, None)
        search = f"identifier={CODES}|{handout.code}-queued"
        entries.append(_created(full_url(handout.code, "Communication"), letter, search))
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def document_reference(handout: Handout, url: str | None) -> RawResource:
    """``url``: of the PDF; None to hold the PDF itself, for servers that take one resource at a time."""
    pdf = handout.pdf
    attachment = {
        "contentType": "application/pdf",
        "language": handout.language,
        "size": len(pdf),
        "hash": _base64(hashlib.sha1(pdf, usedforsecurity=False).digest()),  # R4: "SHA-1, base64"
        "title": handout.title,
        "creation": instant(handout.at),
    } | ({"url": url} if url else {"data": _base64(pdf)})
    told: RawResource = {
        "resourceType": "DocumentReference",
        "masterIdentifier": identifier(handout.code),
        "identifier": [identifier(handout.code)],
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [EDUCATION_NOTE], "text": "Patient education"},
        "category": [{"coding": [_CLINICAL_NOTE]}],
        "date": instant(handout.at),
        "author": [{"display": handout.clinician or handout.clinic}],
        "custodian": {"display": handout.clinic},
        "description": f"Handout for the patient: {handout.title}",
        "content": [{"attachment": attachment}],
    }
    subject = handout.subject.as_reference()
    if subject:
        told["subject"] = subject
    if handout.replaces:
        target = {"type": "DocumentReference", "identifier": identifier(handout.replaces)}
        told["relatesTo"] = [{"code": "replaces", "target": target}]
    return told


def provenance(handout: Handout, document: str) -> RawResource:
    """Who made it, and with what. ``document``: where it is."""
    told: RawResource = {
        "resourceType": "Provenance",
        "target": [{"reference": document}],
        "occurredDateTime": instant(handout.at),
        "recorded": instant(handout.at),
        "activity": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": "CREATE"}]
        },
        "agent": [
            _agent("author", handout.by, handout.clinic),
            _agent("assembler", handout.engine, handout.clinic),
        ],
    }
    if handout.replaces:
        told["entity"] = [{"role": "revision", "what": {"identifier": identifier(handout.replaces)}}]
    return told


def communication(code: str, name: str, document: str, subject: RawResource | None, sent: float | None) -> RawResource:
    """That a handout was mailed to its patient; ``sent``: None while it waits. ``name``: tells mailings apart."""
    told: RawResource = {
        "resourceType": "Communication",
        "identifier": [identifier(f"{code}-{name}")],
        "status": "preparation" if sent is None else "completed",
        "category": [{"coding": [_INSTRUCTION]}],
        "medium": [{"coding": [_BY_EMAIL]}],
        "about": [{"reference": document}],
        "payload": [{"contentReference": {"reference": document}}],
    }
    if subject:
        told |= {"subject": subject, "recipient": [subject]}
    if sent is not None:
        told["sent"] = instant(sent)
    return told


def identifier(value: str) -> RawResource:
    """A document's code."""
    return {"system": CODES, "value": value}


def full_url(code: str, kind: str) -> str:
    """The name of a resource within its Bundle: the same for the same document."""
    return f"urn:uuid:{uuid.uuid5(_NAMES, f'{code}/{kind}')}"


def instant(seconds: float) -> str:
    """Seconds since 1970 -> ``2026-11-22T10:15:30Z``."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def resources(bundle: RawResource, kind: str) -> Iterator[RawResource]:
    """What a Bundle that `transaction` made holds of a kind."""
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == kind:
            yield entry["resource"]


def _created(url: str, resource: RawResource, unless: str = "") -> RawResource:
    request = {"method": "POST", "url": resource["resourceType"]} | ({"ifNoneExist": unless} if unless else {})
    return {"fullUrl": url, "resource": resource, "request": request}


def _agent(kind: str, who: str, clinic: str) -> RawResource:
    return {
        "type": {"coding": [{"system": _AGENTS, "code": kind}]},
        "who": {"display": who},
        "onBehalfOf": {"display": clinic},
    }


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
