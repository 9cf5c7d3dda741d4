"""One handout into the outbox, or into a draft: what has to be asked, and the words for the patient."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import click

from handouts.cli import Context
from handouts.cli.mail_options import ask_who_warned, open_outbox
from handouts.cli.output import plural
from handouts.cli.prompts import at_terminal
from handouts.cli.recorder import resolve_user
from handouts.deliver.mail.address import Address, parse_address
from handouts.errors import Refused

_WARNING = (
    "A file that is not locked can be read by whoever reads the mail on its way or at its end. "
    "Was the patient told so, and prefers it?"
)


@dataclass(frozen=True)
class Given:
    """One handout to be mailed. ``typed``: the address was typed by hand just now; ``known``: no need to ask.

    ``patient``: name, birth date and record number, where they are known. ``again``: in place of an earlier message.
    """

    pdf: bytes
    code: str
    clinic: str
    to: Address
    patient: tuple[str, Any, str | None] | None = None
    typed: bool = False
    known: bool = False
    again: bool = False
    event: Any = None
    """What the record is to say of it, where no file was written before."""


def mail_one(given: Context, mail: Given, flags: dict[str, Any]) -> None:
    """Ask what has to be asked, then queue the message and tell the words; with --draft, write a file instead.

    Refused when the answer is no, or nobody is there to answer.
    """
    from handouts.deliver.files import PDF_START, check_target
    from handouts.deliver.mail.entries import describe_duplicate
    from handouts.deliver.mail.people import forget_unlocked, patient_hash, patient_of_code, remember_unlocked
    from handouts.deliver.mail.posting import Parcel
    from handouts.deliver.mail.settings import sender_of, server_of
    from handouts.load.library import load_clinic

    file = load_clinic(given.content, mail.clinic)
    sender, draft_to = sender_of(mail.clinic, file), flags.get("draft")
    if draft_to is None:
        server_of(mail.clinic, file)  # refuse now what could never be sent
    with open_outbox(flags["data"], resolve_user(flags), mail.event) as outbox:
        if flags["encryption"]:
            forget_unlocked(outbox, mail.to)
        patient = patient_hash(outbox, *mail.patient) if mail.patient else None
        patient = patient or patient_of_code(outbox, mail.code)
        parcel = Parcel(mail.pdf, mail.code, mail.to, patient, mail.patient[0] if mail.patient else "")
        before = outbox.there(mail.to, parcel.document)
        if before and not (flags["again"] or mail.again or draft_to):
            click.echo(describe_duplicate(before))
            return
        for path, flag in ((draft_to, "--draft"), (flags["slip"], "--slip")):
            if path:
                start = PDF_START if flag == "--slip" else b""
                check_target(path, force=flags.get("force", False), flag=flag, start=start)
        _confirm_address(outbox, mail, patient, flags)
        parcel = replace(parcel, unlocked_by=_unlocked_by(outbox, mail.to, flags))
        _finish(given, outbox, mail, parcel, sender, flags)
        if flags["remember"] and parcel.unlocked_by:
            remember_unlocked(outbox, mail.to, parcel.unlocked_by, time.time())


def _finish(given: Context, outbox: Any, mail: Given, parcel: Any, sender: Any, flags: dict[str, Any]) -> None:
    """Message and words together or not at all: the words are told, or on their slip, before the message counts."""
    from handouts.deliver.files import write_file
    from handouts.deliver.mail.entries import Change, describe_duplicate
    from handouts.deliver.mail.posting import draft, prepare
    from handouts.deliver.mail.slip import draw_slips
    from handouts.load.library import load_clinic, load_mail_words

    words, force, draft_to = load_mail_words(given.content), flags.get("force", False), flags.get("draft")
    written: Any
    if draft_to:
        written, slip, delivered = draft(parcel, sender, words, time.time())
        drafted = Change(0, mail.code, "drafted", time.time(), "", mail.to, parcel.document, delivered)
    else:
        ready = prepare(parcel, sender, words, time.time())
        written, slip = ready.new, ready.slip
    paper = load_clinic(given.content, mail.clinic).paper
    drawn = draw_slips([slip], words.slip, paper) if slip and flags["slip"] else None
    gone, number = 0, None
    with outbox.adding() as add:
        if mail.again:
            gone = add.supersede(mail.code, mail.to, time.time())
        if not draft_to:
            number = add.queue(written, time.time(), again=flags["again"] or mail.again)
            if number is None:  # another command was quicker
                click.echo(describe_duplicate(outbox.there(mail.to, parcel.document)))
                return
        if drawn:
            write_file(flags["slip"], drawn, force=force, flag="--slip")
            click.echo(f"{flags['slip']}  (slip with the four words: print, hand over, delete)")
        elif slip:
            click.echo(f"Four words for the patient, shown this once: {slip.passphrase}")
        if draft_to:
            write_file(draft_to, written, force=force, flag="--draft", before_name=partial(outbox.heard, [drafted]))
    if gone:
        outbox.database.scrub()
        click.echo(f"{plural(gone, 'message')} with the old words: cancelled.", err=True)
    click.echo(
        str(draft_to) if draft_to else f"Message {number} to {mail.to.masked} is in the outbox. `outbox run` sends it."
    )


def _unlocked_by(outbox: Any, to: Address, flags: dict[str, Any]) -> str | None:
    """Who confirmed that this file need not be locked; None where it is to be. Refused without a confirmation."""
    from handouts.deliver.mail.people import prefers_unlocked

    if flags["encryption"] is False:
        return ask_who_warned(flags, _WARNING)
    found = None if flags["encryption"] else prefers_unlocked(outbox, to)
    if found is None:
        return None
    day = datetime.fromtimestamp(found.at).astimezone().date()
    click.echo(f"Note: not locked, as {found.by} recorded for this address on {day}.", err=True)
    return str(found.by)


def _confirm_address(outbox: Any, mail: Given, patient: str | None, flags: dict[str, Any]) -> None:
    """Nothing for an address that has reached this patient before; else it is typed, or looked at, once more."""
    from handouts.deliver.mail.people import is_known

    if flags["yes"] or mail.known or is_known(outbox, patient, mail.to):
        return
    if not at_terminal():
        raise Refused("This address was not used for this patient before. Check it, then say --yes.")
    if mail.typed:
        if parse_address(click.prompt("The address once more"), "the address").same_as != mail.to.same_as:
            raise Refused("The two addresses are not the same. Nothing was queued.")
    elif not click.confirm(f"Is {mail.to} this patient's address?"):
        raise Refused("Nothing was queued. Run the command again with the right address.")
