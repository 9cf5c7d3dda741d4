"""Puts one handout into the outbox or a draft: asks what is needed, and shows the patient's words."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli.mail_options import MailOptions
from handouts.cli.options import Recording
from handouts.cli.output import plural
from handouts.cli.prompts import ask_who_warned, at_terminal
from handouts.deliver.mail.address import Address
from handouts.deliver.outbox.entries import describe_duplicate
from handouts.errors import Refused
from handouts.model.recorder import Document, Whom

if TYPE_CHECKING:
    from handouts.deliver.mail.calendar_file import CalendarEntry
    from handouts.deliver.mail.handover import HandedOver
    from handouts.deliver.mail.one import Looked
    from handouts.deliver.mail.slip import Slip

_WARNING = (
    "Anyone who reads the mail, on its way or in the mailbox, can read a file that is not locked. "
    "Was the patient told this, and do they prefer it?"
)


@dataclass(frozen=True)
class Given:
    """One handout to mail. ``typed``: the address was just typed by hand; ``known``: no need to ask.

    ``draft``: the .eml to write instead of queuing; ``force``: overwrite draft and slip; ``reissue``: replaces an
    earlier message; ``document``: what to record if no file was written before; ``appointment``: the next one.
    """

    pdf: bytes
    code: str
    clinic: str
    to: Address
    patient: Whom | None = None
    typed: bool = False
    known: bool = False
    reissue: bool = False
    draft: Path | None = None
    force: bool = False
    document: Document | None = None
    appointment: CalendarEntry | None = None
    language: str = "en"


def mail_one(given: Context, item: Given, mail: MailOptions, record: Recording) -> None:
    """Ask what is needed, then queue the message and show the words; with a draft, write a file instead.

    Refused when the answer is no, or there is no terminal.
    """
    from handouts.deliver.files import PDF_START, check_target
    from handouts.deliver.mail import one
    from handouts.deliver.mail.people import forget_unlocked

    stationery = one.stationery_of(given.content, item.clinic, to_send=item.draft is None)
    with record.open_outbox(item.document) as outbox:
        if mail.encryption:
            forget_unlocked(outbox, item.to)
        looked = one.look(outbox, item.pdf, item.code, item.to, item.patient, item.appointment, item.language)
        if looked.before and not (mail.again or item.reissue or item.draft):
            click.echo(describe_duplicate(looked.before))
            return
        for path, flag, start in ((item.draft, "--draft", b""), (mail.slip, "--slip", PDF_START)):
            if path:
                check_target(path, force=item.force, flag=flag, start=start)
        _confirm_address(item, looked, mail)
        decided = one.Decided(
            confirmed=True,
            unlocked_by=_unlocked_by(looked, mail, record),
            remember=mail.remember,
            slip=mail.slip,
            draft=item.draft,
            force=item.force,
            again=mail.again,
            reissue=item.reissue,
        )
        done = one.mail(outbox, looked, stationery, decided, time.time(), lambda slip: _tell_words(slip, mail.slip))
        _tell(item, done)


def _tell_words(slip: Slip, path: Path | None) -> None:
    if path:
        click.echo(f"{path}  (slip with the four words: print, hand over, delete)")
    else:
        click.echo(f"Four words for the patient, shown only once: {slip.passphrase}")


def _tell(item: Given, done: HandedOver) -> None:
    if done.duplicate:
        click.echo(describe_duplicate(done.duplicate))
        return
    if done.cancelled:
        click.echo(f"{plural(done.cancelled, 'message')} with the old words: cancelled.", err=True)
    click.echo(str(item.draft or f"Message {done.number} to {item.to.masked} is in the outbox. `outbox run` sends it."))


def _unlocked_by(looked: Looked, mail: MailOptions, record: Recording) -> str | None:
    """Who confirmed that this file may go unlocked; None to lock it. Refused without confirmation."""
    if mail.unlocked:
        return ask_who_warned(mail, record, _WARNING)
    if mail.encryption or looked.unlocked is None:
        return None
    day = datetime.fromtimestamp(looked.unlocked.at).astimezone().date()
    click.echo(f"Note: not locked, as recorded by {looked.unlocked.by} for this address on {day}.", err=True)
    return looked.unlocked.by


def _confirm_address(item: Given, looked: Looked, mail: MailOptions) -> None:
    """Have an address that has not reached this patient before typed again or confirmed."""
    from handouts.deliver.mail.one import require_same

    if mail.yes or item.known or looked.known:
        return
    if not at_terminal():
        raise Refused("This address was not used for this patient before. Check it, then use --yes.")
    if item.typed:
        require_same(item.to, click.prompt("The address again"))
    elif not click.confirm(f"Is {item.to} this patient's address?"):
        raise Refused("Nothing was queued. Run the command again with the right address.")
