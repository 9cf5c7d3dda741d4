"""Who was written to before, and who wants the file unlocked: keyed hashes, no name and no address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from handouts.deliver.mail.address import Address
from handouts.deliver.outbox.outbox import Outbox
from handouts.keyed_hash import folded_patient_parts, patient_parts


@dataclass(frozen=True)
class Preference:
    """Who said when that this address prefers unlocked files."""

    by: str
    at: float


class PatientHash(str):
    """A reference to a patient. ``earlier``: the one by which the outbox knew them before names were folded."""

    __slots__ = ("earlier",)
    earlier: str


def patient_hash(outbox: Outbox, name: str, birth_date: date | None, identifier: str | None) -> str | None:
    """A `PatientHash` of the record number, else of name and birth date, however they are typed; None for a name
    alone.
    """
    folded = folded_patient_parts(name, birth_date, identifier)
    earlier = patient_parts(name, birth_date, identifier)
    if folded is None or earlier is None:
        return None
    made = PatientHash(outbox.digest(*folded))
    made.earlier = outbox.digest(*earlier)
    return made


def is_known(outbox: Outbox, patient: str | None, address: Address) -> bool:
    """Whether a message has reached this patient at this address before."""
    query = "SELECT 1 FROM known WHERE patient_hash IN (?, ?) AND address_hash = ?"
    earlier = getattr(patient, "earlier", patient)
    return bool(patient and outbox.database.look(query, patient, earlier, outbox.address_hash(address)))


def patient_of_code(outbox: Outbox, code: str) -> str | None:
    """Whose document it was, from earlier messages of the same code."""
    rows = outbox.database.look(
        "SELECT patient_hash FROM messages WHERE code = ? AND patient_hash IS NOT NULL ORDER BY id DESC LIMIT 1", code
    )
    return rows[0]["patient_hash"] if rows else None


def was_sent_to(outbox: Outbox, code: str, address: Address) -> bool:
    """Whether this document was queued for this address before."""
    query = "SELECT 1 FROM messages WHERE code = ? AND address_hash = ? LIMIT 1"
    return bool(outbox.database.look(query, code, outbox.address_hash(address)))


def prefers_unlocked(outbox: Outbox, address: Address) -> Preference | None:
    """What was recorded for an address."""
    rows = outbox.database.look("SELECT by, at FROM unlocked WHERE address_hash = ?", outbox.address_hash(address))
    if not rows or not isinstance(rows[0]["by"], str) or not isinstance(rows[0]["at"], int | float):
        return None  # what can't be read is no word of anybody's: then the file is locked
    return Preference(rows[0]["by"], rows[0]["at"])


def remember_unlocked(outbox: Outbox, address: Address, by: str, now: float) -> None:
    """From now on this address gets unlocked files."""
    with outbox.database.change() as connection:
        connection.execute("REPLACE INTO unlocked VALUES (?, ?, ?)", (outbox.address_hash(address), by, now))


def forget_unlocked(outbox: Outbox, address: Address) -> None:
    """From now on this address gets locked files."""
    with outbox.database.change() as connection:
        connection.execute("DELETE FROM unlocked WHERE address_hash = ?", (outbox.address_hash(address),))
