"""A clinic's file -> how its health record is reached. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from handouts.errors import ContentFault, RequestFault
from handouts.fhir.endpoint import Endpoint, parse_endpoint
from handouts.model.clinic import ClinicFile

SCOPES = (
    "system/Patient.rs", "system/Appointment.rs", "system/Condition.rs", "system/MedicationRequest.rs",
    "system/ServiceRequest.rs", "system/Procedure.rs", "system/CarePlan.rs", "system/Encounter.rs",
    "system/Practitioner.rs", "system/Location.rs", "system/DocumentReference.crus",
    "system/Binary.c", "system/Communication.crs", "system/Provenance.crs",
)  # fmt: skip
"""What is asked for where the clinic's file does not say (SMART App Launch 2.2, section 6)."""
_SYSTEM = re.compile(r"(https?://|urn:)[\x21-\x7e]+")


@dataclass(frozen=True)
class HealthRecord:
    """A clinic's server. ``key``: the name of the file with the private key, None for the keyring."""

    clinic: str
    endpoint: Endpoint
    client_id: str | None = None
    key: str | None = None
    scopes: tuple[str, ...] = ()
    patient_system: str | None = None

    @property
    def signs_in(self) -> bool:
        """Whether the server wants a token."""
        return self.client_id is not None


def record_at(address: str, clinic: str, file: ClinicFile) -> HealthRecord:
    """A server by its address: with the clinic's key if it is the clinic's own, and no other's. RequestFault for what
    is no address, ContentFault as for `health_record_of`.
    """
    endpoint = parse_endpoint(address, "--fhir-server")
    if file.fhir.server is not None:
        own = health_record_of(clinic, file)
        if own.endpoint.same_as == endpoint.same_as:
            return own
    return HealthRecord(clinic, endpoint)


def health_record_of(clinic: str, file: ClinicFile) -> HealthRecord:
    """ContentFault while the clinic's file does not say where its health record is, or says what is not safe."""
    fhir = file.fhir
    if fhir.server is None:
        raise ContentFault(
            f"The clinic {clinic} names no health record: fill in fhir.server in its clinic.yaml "
            "(docs/health-records.md)."
        )
    try:
        endpoint = parse_endpoint(fhir.server)
    except RequestFault as error:
        raise ContentFault(f"clinic.yaml of {clinic}: {error.message}") from None
    if fhir.auth == "smart" and not fhir.client_id:
        raise ContentFault(
            f"clinic.yaml of {clinic}: 'fhir.auth: smart' needs 'fhir.client_id', which whoever runs the health "
            "record gives out when the program's key is registered (docs/health-records.md)."
        )
    if fhir.patient_system and not _SYSTEM.fullmatch(fhir.patient_system):
        raise ContentFault(
            f"clinic.yaml of {clinic}: 'fhir.patient_system' must be a URI, such as urn:oid:1.2.36.146.595.217.0.1."
        )
    client_id = fhir.client_id if fhir.auth == "smart" else None
    return HealthRecord(clinic, endpoint, client_id, fhir.key, fhir.scopes or SCOPES, fhir.patient_system)
