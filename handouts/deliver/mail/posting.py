"""One patient's handout, locked and addressed, ready for the outbox. Reads no clock and writes nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from handouts.codes import format_code
from handouts.deliver.mail.address import Address
from handouts.deliver.mail.calendar_file import CalendarEntry, calendar_file
from handouts.deliver.mail.encryption import lock, new_passphrase
from handouts.deliver.mail.message import Parts, build, new_message_id
from handouts.deliver.mail.settings import Sender
from handouts.deliver.mail.slip import Slip
from handouts.deliver.outbox.entries import New
from handouts.errors import ContentFault
from handouts.model.language import ORIGINAL
from handouts.model.mailwords import MailWords


@dataclass(frozen=True)
class Parcel:
    """What is to go to whom. ``patient``: a keyed hash; ``unlocked_by``: who confirmed that no lock is wanted;
    ``appointment``: the patient's next appointment, which goes along where the clinic wants it.
    """

    pdf: bytes
    code: str
    to: Address
    patient: str | None = None
    name: str = ""
    unlocked_by: str | None = None
    appointment: CalendarEntry | None = None
    language: str = ORIGINAL
    """Of the handout, and so of the message and the slip."""

    def __repr__(self) -> str:
        return f"Parcel({self.code})"

    @property
    def document(self) -> str:
        """SHA-256 of the plain file, in hex: what "the same document" means."""
        return hashlib.sha256(self.pdf).hexdigest()


class Ready(NamedTuple):
    """A message for the outbox, and the slip for its patient; None where nothing is locked."""

    new: New
    slip: Slip | None


def prepare(parcel: Parcel, sender: Sender, words: MailWords, now: float, *, slips: str | None = None) -> Ready:
    """Lock, write, address. RequestFault for a file that can't be locked; ContentFault without a sender."""
    if sender.address is None:
        raise ContentFault(f"The clinic {sender.clinic} can't send: fill in email.from in its clinic.yaml.")
    message_id = new_message_id(sender)
    body, slip, delivered = _write(parcel, sender, words, message_id, now, draft=False)
    new = New(
        parcel.code,
        sender.clinic,
        parcel.to,
        parcel.document,
        message_id,
        body,
        parcel.patient,
        slip is not None,
        parcel.unlocked_by,
        slips,
        delivered,
    )
    return Ready(new, slip)


def draft(parcel: Parcel, sender: Sender, words: MailWords, now: float) -> tuple[bytes, Slip | None, str]:
    """The same as a file that a mail program opens ready to send; its slip; the SHA-256 of what is attached, in hex."""
    return _write(parcel, sender, words, new_message_id(sender), now, draft=True)


def _write(
    parcel: Parcel, sender: Sender, words: MailWords, message_id: str, now: float, *, draft: bool
) -> tuple[bytes, Slip | None, str]:
    words = words.in_language(parcel.language)
    passphrase = None if parcel.unlocked_by else new_passphrase()
    pdf = lock(parcel.pdf, passphrase) if passphrase else parcel.pdf
    entry = parcel.appointment if sender.calendar else None
    calendar = calendar_file(entry, parcel.code, sender, now) if entry else None
    parts = Parts(sender, parcel.to, parcel.code, pdf, bool(passphrase), parcel.language, calendar)
    body = build(parts, words, message_id, now, draft=draft)
    slip = None
    if passphrase:
        slip = Slip(
            format_code(parcel.code), passphrase, sender.name, sender.phone, parcel.name, parcel.language, words.slip
        )
    return body, slip, hashlib.sha256(pdf).hexdigest()
