"""One finished handout to one address: what to find out before a person is asked, and what follows from the answers.

`look` changes nothing. Whoever calls it asks what is left open, at a terminal or on a screen, and hands the answers to
`mail`, which keeps the rules whoever asked:

- nothing goes to an address that is new for this patient, unless a person confirmed it or typed it twice;
- nothing goes unlocked, unless somebody confirmed that the patient was warned and prefers it;
- the same file goes to the same address once, unless a person wants it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from handouts.deliver.mail.address import Address, parse_address
from handouts.deliver.mail.calendar_file import CalendarEntry
from handouts.deliver.mail.handover import HandedOver, Mailing, hand_over
from handouts.deliver.mail.people import (
    Preference,
    is_known,
    patient_hash,
    patient_of_code,
    prefers_unlocked,
    remember_unlocked,
)
from handouts.deliver.mail.posting import Parcel, Ready, prepare
from handouts.deliver.mail.settings import Sender, sender_of, server_of
from handouts.deliver.mail.slip import Slip
from handouts.deliver.outbox.entries import Entry
from handouts.deliver.outbox.outbox import Outbox
from handouts.errors import Refused
from handouts.load.library import load_clinic, load_mail_words
from handouts.model.language import ORIGINAL
from handouts.model.mailwords import MailWords
from handouts.model.recorder import Whom
from handouts.model.request import Paper


@dataclass(frozen=True)
class Stationery:
    """What a clinic's messages and slips are written with."""

    sender: Sender
    words: MailWords
    paper: Paper


def stationery_of(content: Path, clinic: str, *, to_send: bool = True) -> Stationery:
    """How a clinic writes to its patients. ContentFault while its file does not say how to send, which a message that
    somebody sends by hand does without (``to_send=False``).
    """
    file = load_clinic(content, clinic)
    if to_send:
        server_of(clinic, file)
    return Stationery(sender_of(clinic, file), load_mail_words(content), file.paper)


@dataclass(frozen=True)
class Looked:
    """What is known before a person is asked. ``known``: this address has reached this patient before.

    ``before``: the newest message with the same file to the same address; ``unlocked``: who said that this address
    prefers unlocked files.
    """

    parcel: Parcel
    known: bool
    before: Entry | None
    unlocked: Preference | None


def look(
    outbox: Outbox,
    pdf: bytes,
    code: str,
    to: Address,
    patient: Whom | None = None,
    appointment: CalendarEntry | None = None,
    language: str = ORIGINAL,
) -> Looked:
    """Look at a finished handout and its address. ``patient``: None where earlier messages have to tell;
    ``appointment``: the next one, where the request is known; ``language``: of the handout.
    """
    who = patient_hash(outbox, patient.name, patient.birth_date, patient.identifier) if patient else None
    who = who or patient_of_code(outbox, code)
    parcel = Parcel(pdf, code, to, who, patient.name if patient else "", appointment=appointment, language=language)
    return Looked(parcel, is_known(outbox, who, to), outbox.there(to, parcel.document), prefers_unlocked(outbox, to))


def require_same(to: Address, typed_again: str) -> None:
    """Refused where the address, typed once more, is another one; RequestFault where it is none."""
    if parse_address(typed_again, "the address").same_as != to.same_as:
        raise Refused("The two addresses differ. Nothing was queued.")


@dataclass(frozen=True)
class Decided:
    """What a person decided. ``confirmed``: that the address is this patient's; ``unlocked_by``: who confirmed that the
    patient was warned and wants no lock, None to lock it; ``remember``: to do so for this address from now on.

    The rest is as in `Mailing`.
    """

    confirmed: bool = False
    unlocked_by: str | None = None
    remember: bool = False
    slip: Path | None = None
    draft: Path | None = None
    force: bool = False
    again: bool = False
    reissue: bool = False
    hold: float = 0.0


def ready_to_mail(looked: Looked, stationery: Stationery, decided: Decided, now: float) -> Ready:
    """The message and its words, with nothing queued: for whoever has to show the words first, and calls `mail` then.

    Refused for a new address that nobody confirmed.
    """
    _require_confirmed(looked, decided)
    return prepare(_parcel(looked, decided), stationery.sender, stationery.words, now)


def mail(
    outbox: Outbox,
    looked: Looked,
    stationery: Stationery,
    decided: Decided,
    now: float,
    tell: Callable[[Slip], object],
    ready: Ready | None = None,
) -> HandedOver:
    """Queue it, or write a draft; ``tell`` gets the words of a locked file, once, before the message counts.

    ``ready``: what `ready_to_mail` gave. Refused for a new address that nobody confirmed, and for a document that no
    longer counts; OutputFault.
    """
    _require_confirmed(looked, decided)
    mailing = Mailing(
        _parcel(looked, decided),
        stationery.sender,
        stationery.words,
        stationery.paper,
        slip=decided.slip,
        draft=decided.draft,
        force=decided.force,
        again=decided.again,
        reissue=decided.reissue,
        hold=decided.hold,
        ready=ready,
    )
    done = hand_over(outbox, mailing, now, tell)
    if decided.remember and decided.unlocked_by:
        remember_unlocked(outbox, looked.parcel.to, decided.unlocked_by, now)
    return done


def _require_confirmed(looked: Looked, decided: Decided) -> None:
    if not (looked.known or decided.confirmed):
        raise Refused("This address was not used for this patient before. Nothing was queued: check it first.")


def _parcel(looked: Looked, decided: Decided) -> Parcel:
    return replace(looked.parcel, unlocked_by=decided.unlocked_by)
