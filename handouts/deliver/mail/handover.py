"""One handout into the outbox, or into a draft. The record hears first, and the words are told before either counts.

An edge module: it writes slips and drafts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from handouts.deliver.files import write_file
from handouts.deliver.mail.posting import Parcel, Ready, draft, prepare
from handouts.deliver.mail.settings import Sender
from handouts.deliver.mail.slip import Slip, draw_slips
from handouts.deliver.outbox.entries import Change, Entry
from handouts.deliver.outbox.outbox import Outbox
from handouts.model.mailwords import MailWords
from handouts.model.request import Paper


@dataclass(frozen=True)
class Mailing:
    """A parcel, who sends it, and how. ``slip``: the file for the patient's words; None where `hand_over`'s ``tell``
    shows them; ``draft``: an .eml to write, with nothing queued; ``force``: replace these where they are there.

    ``again``: though the same file went to the same address; ``reissue``: in place of what has not gone out; ``hold``:
    seconds for which it stays, so that it can be taken back; ``ready``: the message, where its words were told before.
    """

    parcel: Parcel
    sender: Sender
    words: MailWords
    paper: Paper
    slip: Path | None = None
    draft: Path | None = None
    force: bool = False
    again: bool = False
    reissue: bool = False
    hold: float = 0.0
    ready: Ready | None = None


@dataclass(frozen=True)
class HandedOver:
    """``number``: the message's in the outbox, None for a draft; ``cancelled``: how many it came in place of.

    ``duplicate``: what was there already, so that nothing was queued.
    """

    number: int | None
    cancelled: int = 0
    duplicate: Entry | None = None


def hand_over(outbox: Outbox, mailing: Mailing, now: float, tell: Callable[[Slip], object]) -> HandedOver:
    """Message and words together or not at all: ``tell`` gets a locked file's slip, once it is written where it is to
    be, and before the message counts. Refused for a document that no longer counts, OutputFault.
    """
    parcel, words = mailing.parcel, mailing.words
    outbox.require_current(parcel.code)
    if mailing.draft:
        letter, slip, delivered = draft(parcel, mailing.sender, words, now)
        change = Change(0, parcel.code, "drafted", now, "", parcel.to, parcel.document, delivered)
    else:
        new, slip = mailing.ready or prepare(parcel, mailing.sender, words, now)
    drawn = draw_slips([slip], words.slip, mailing.paper) if slip and mailing.slip else None
    gone, number = 0, None
    with outbox.adding() as add:
        if mailing.reissue:
            gone = add.supersede(parcel.code, parcel.to, now)
        if not mailing.draft:
            number = add.queue(new, now, again=mailing.again or mailing.reissue, hold=mailing.hold)
            if number is None:  # another command was quicker
                return HandedOver(None, duplicate=outbox.there(parcel.to, parcel.document))
        if mailing.slip and drawn:
            write_file(mailing.slip, drawn, force=mailing.force, flag="--slip")
        if slip:
            tell(slip)
        if mailing.draft:
            record = partial(outbox.heard, [change])
            write_file(mailing.draft, letter, force=mailing.force, flag="--draft", before_name=record)
    if gone:
        outbox.database.scrub()
    return HandedOver(number, gone)
