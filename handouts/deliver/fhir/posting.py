"""One posting after the other to a clinic's FHIR server, each once, however often it is tried.

Before anything is posted the server is asked whether it has the document. Then its code stands in the posting itself
(If-None-Exist), so that a second try that crosses with a first makes no second document. So a lost answer is no doubt:
the posting is repeated. Only a server that can neither look for a document's code nor create conditionally leaves it
open what arrived; then a person decides, as for mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from handouts.codes import format_code
from handouts.deliver.fhir.contents import Posting, from_bytes
from handouts.deliver.fhir.resources import CODES, communication, resources
from handouts.deliver.outbox.runner import Begin
from handouts.deliver.outbox.trouble import Lost, OurFault, RefusedForGood, Trouble, TryLater
from handouts.fhir.elements import RawResource
from handouts.fhir.endpoint import Endpoint
from handouts.fhir.fetching import find_encounter, find_patients
from handouts.fhir.server import Client, RecordFault

_NOT_OFFERED = {"not supported", "gone"}
PER_MINUTE = 600
"""Postings to a server, at most."""


class RecordConnection:
    """A clinic's server, as the outbox's runner sees it. Nothing stays open between two postings."""

    def __init__(self, client: Client) -> None:
        self.client, self.alive, self.messages = client, True, 0

    def send(self, to: Endpoint, body: bytes, begin: Begin, /) -> None:
        """Post one. Trouble; what ``begin`` raises."""
        if to.same_as != self.client.endpoint.same_as:
            raise RefusedForGood(
                "it was queued for another server than fhir.server names now, where its patient may be another one"
            )
        self.messages += 1
        _Delivery(self.client, from_bytes(body), begin).deliver()

    def close(self) -> None:
        """Nothing is open."""
        self.alive = False


class _Delivery:
    """One posting on its way. ``repeats``: what became of it can be found out, so it may be tried again."""

    def __init__(self, client: Client, posting: Posting, begin: Begin) -> None:
        self.client, self.posting, self._begin = client, posting, begin
        self.repeats, self.begun = True, False

    def deliver(self) -> None:
        with self._troubles():
            if self.posting.bundle is not None:
                self._hand_over(self.posting.bundle)
            elif self.posting.mailed is not None:
                self._tell_mailed(*self.posting.mailed)
            else:
                self._tell_voided()

    def begin(self) -> None:
        self._begin(repeats=self.repeats)
        self.begun = True

    @contextmanager
    def _troubles(self) -> Iterator[None]:
        """What the server's answers mean for the posting."""
        try:
            yield
        except RecordFault as fault:
            raise self._trouble(fault) from None

    def _trouble(self, fault: RecordFault) -> Trouble:
        told = f"the health record: {fault.reason}"
        if fault.means == "lost" and self.begun and not self.repeats:
            return Lost(told, over=True)
        if fault.means in {"later", "lost"}:
            return TryLater(told, over=True)
        if fault.means == "ours":
            return OurFault(told, over=True)
        return RefusedForGood(told)

    def _hand_over(self, bundle: RawResource) -> None:
        """A handout, unless it is there."""
        there = self._look(self.posting.code)
        if there and not self._by_transaction():
            self.begin()
            self._tell_origin(bundle, str(there[0].get("id")))
            return
        if there:
            return
        subject = self._subject(bundle)
        before = self._look(self.posting.replaces) if self.posting.replaces else []
        bundle = filled(bundle, subject, before, self._encounter(subject))
        self.begin()
        if self._by_transaction():
            try:
                _require_all_done(self.client.transact(bundle).resource)
                return
            except RecordFault as fault:
                if fault.means not in _NOT_OFFERED:
                    raise
        self._one_by_one(bundle)

    def _look(self, code: str | None) -> list[RawResource]:
        """The documents of this code. Where a server can't look, nothing, and then a lost answer leaves it open."""
        try:
            found = self.client.search("DocumentReference", identifier=f"{CODES}|{code}")
        except RecordFault as fault:
            if fault.means in {"later", "lost", "ours"}:
                raise
            self.repeats = creates_conditionally(self.client.capabilities)
            return []
        return [one for one in found if one.get("resourceType") == "DocumentReference"]

    def _by_transaction(self) -> bool:
        return takes_transactions(self.client.capabilities)

    def _subject(self, bundle: RawResource) -> RawResource:
        """The patient at the server: exactly one, born on the same day. RefusedForGood."""
        [document] = resources(bundle, "DocumentReference")
        told = document["subject"]
        if "reference" in told:
            patients = [self.client.read(told["reference"]).resource]
        else:
            number = told["identifier"]
            patients = find_patients(self.client, number.get("system"), number["value"])
        if not patients:
            raise RefusedForGood("the health record has no patient with this record number")
        if len(patients) > 1:
            raise RefusedForGood("the health record has several patients with this record number")
        [patient] = patients
        if not _same_day(self.posting.born, patient.get("birthDate")):
            raise RefusedForGood("the health record's patient of this record number was born on another day")
        return {"reference": f"Patient/{patient['id']}"}

    def _encounter(self, subject: RawResource) -> str | None:
        """The visit that the handout was given at, if the server knows exactly one of that day."""
        patient = subject["reference"].removeprefix("Patient/")
        return find_encounter(self.client, patient, self.posting.visit) if self.posting.visit else None

    def _one_by_one(self, bundle: RawResource) -> None:
        """For servers without transactions: the PDF within its document, so that it is there whole or not at all."""
        [binary] = resources(bundle, "Binary")
        [document] = resources(bundle, "DocumentReference")
        [content] = document["content"]
        attachment = {key: one for key, one in content["attachment"].items() if key != "url"}
        alone = document | {"content": [content | {"attachment": attachment | {"data": binary["data"]}}]}
        made = self.client.create(alone, f"identifier={CODES}|{self.posting.code}").resource
        number = made.get("id") or next((one["id"] for one in self._look(self.posting.code)), None)
        if number is None:
            raise RecordFault("it does not say where it put the document", "lost")
        for entry in bundle["entry"]:
            if entry["request"]["method"] == "PUT":
                self.client.update(entry["resource"], entry["request"].get("ifMatch", ""))
        self._tell_origin(bundle, str(number))

    def _tell_origin(self, bundle: RawResource, number: str) -> None:
        """Who made it. Many servers take no Provenance: the document says it too, so that is no failure."""
        where = f"DocumentReference/{number}"
        for told in resources(bundle, "Provenance"):
            try:
                self.client.create(told | {"target": [{"reference": where}]}, f"target={where}")
            except RecordFault as fault:
                if fault.means in {"later", "lost"}:
                    raise

    def _tell_mailed(self, number: int, at: float) -> None:
        there = self._there()
        name = f"mail-{number}"
        document = f"DocumentReference/{there[0]['id']}"
        letter = communication(self.posting.code, name, document, there[0].get("subject"), at)
        self.begin()
        self.client.create(letter, f"identifier={CODES}|{self.posting.code}-{name}")

    def _tell_voided(self) -> None:
        for one in self._there():
            found = self.client.read(f"DocumentReference/{one['id']}")
            document = found.resource
            if document.get("status") == "entered-in-error":
                continue
            self.begin()
            wrong = document | {"status": "entered-in-error", "docStatus": "entered-in-error"}
            try:
                self.client.update(wrong, found.etag or _etag(document))
            except RecordFault as fault:
                if fault.means != "changed":
                    raise
                raise TryLater("the health record: the document was changed there in the meantime") from None

    def _there(self) -> list[RawResource]:
        """The document. TryLater while it is not there: its own posting may still wait."""
        there = self._look(self.posting.code)
        if not there:
            raise TryLater(f"the health record does not have {format_code(self.posting.code)} (yet)")
        return there


def filled(bundle: RawResource, subject: RawResource, before: list[RawResource], encounter: str | None) -> RawResource:
    """A Bundle with what only the server knows: its patient, the visit's encounter, and the document that this one
    replaces, superseded.
    """
    entries = [dict(entry) for entry in bundle["entry"]]
    for entry in entries:
        resource = dict(entry["resource"])
        if "subject" in resource:
            resource["subject"] = subject
        if "recipient" in resource:
            resource["recipient"] = [subject]
        if encounter and resource["resourceType"] == "DocumentReference":
            resource["context"] = {"encounter": [{"reference": encounter}]}
        if before and "relatesTo" in resource:
            target = {"reference": f"DocumentReference/{before[0]['id']}"}
            resource["relatesTo"] = [{"code": "replaces", "target": target}]
        entry["resource"] = resource
    for one in before:
        if one.get("status") == "current":
            request = {"method": "PUT", "url": f"DocumentReference/{one['id']}"}
            etag = _etag(one)
            entries.append(
                {"resource": one | {"status": "superseded"}, "request": request | ({"ifMatch": etag} if etag else {})}
            )
    return bundle | {"entry": entries}


def takes_transactions(capabilities: Mapping[str, Any]) -> bool:
    """Whether a server says so; one that says nothing of itself is tried."""
    if not capabilities:
        return True
    interactions = [one for rest in _parts(capabilities, "rest") for one in _parts(rest, "interaction")]
    return any(one.get("code") == "transaction" for one in interactions)


def creates_conditionally(capabilities: Mapping[str, Any]) -> bool:
    """Whether a server says that it heeds If-None-Exist for documents."""
    kinds = [one for rest in _parts(capabilities, "rest") for one in _parts(rest, "resource")]
    return any(one.get("type") == "DocumentReference" and one.get("conditionalCreate") is True for one in kinds)


def _parts(told: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = told.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _require_all_done(answer: RawResource) -> None:
    """A transaction is answered as a whole; what is no such answer tells nothing."""
    if answer.get("resourceType") != "Bundle" or answer.get("type") != "transaction-response":
        raise RecordFault("its answer is none to a transaction", "lost")


def _same_day(ours: date | None, theirs: object) -> bool:
    """Whether two birth dates may be one: a year alone, or none, contradicts nothing."""
    if ours is None or not isinstance(theirs, str):
        return True
    return ours.isoformat().startswith(theirs[:10])


def _etag(resource: RawResource) -> str:
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return f'W/"{version}"' if isinstance(version, str) else ""
