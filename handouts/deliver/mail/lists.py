"""A whole list by mail: what is to be asked once, then messages and slips, together or not at all.

An edge module: it reads finished files and writes slips, which get their names after the messages are queued (MAIL-16,
`finish_slips`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from handouts.deliver.files import write_file, writing_faults
from handouts.deliver.mail.address import Address, parse_address
from handouts.deliver.mail.calendar_file import CalendarEntry
from handouts.deliver.mail.people import is_known, prefers_unlocked
from handouts.deliver.mail.posting import Parcel, Ready, prepare
from handouts.deliver.mail.settings import Sender
from handouts.deliver.mail.slip import draw_slips
from handouts.deliver.outbox.outbox import Outbox
from handouts.errors import HandoutError
from handouts.model.language import ORIGINAL
from handouts.model.mailwords import MailWords
from handouts.model.request import Paper

GROUP = 50
"""Messages that are queued together; their slips are one file."""
_PENDING = ".slips-{}.pending"
Kind = Literal["new", "known", "again"]


@dataclass(frozen=True)
class Finished:
    """A row whose file is made. ``file``: its path or its bytes; ``patient``: a keyed hash; ``sha256``: of the file, in
    hex.
    """

    number: int
    code: str
    file: Path | bytes
    sha256: str
    email: str
    patient: str | None
    name: str
    clinic: str
    appointment: CalendarEntry | None = None
    language: str = ORIGINAL

    def __repr__(self) -> str:
        return f"Finished({self.number})"


@dataclass(frozen=True)
class Planned:
    """A row and its address. "new": nobody has written to this patient there; "again": it is in the outbox already.

    ``shared``: another row of the list, another patient's, has the same address.
    """

    row: Finished
    to: Address
    kind: Kind
    shared: bool


@dataclass
class Plan:
    """What is to be confirmed, and rows whose address can't be used, with the reason."""

    rows: list[Planned] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)

    def to_queue(self, *, again: bool = False) -> list[Planned]:
        """What is not in the outbox yet; with ``again`` all."""
        return [planned for planned in self.rows if again or planned.kind != "again"]


def plan(outbox: Outbox, rows: Sequence[Finished]) -> Plan:
    """Look at every row; nothing is written. OutputFault."""
    made, found = Plan(), dict[int, Address]()
    for row in rows:
        try:
            found[row.number] = parse_address(row.email)
        except HandoutError as error:
            made.faults[row.number] = error.message
    who: dict[str, set[str]] = {}
    for row in rows:
        if row.number in found:
            who.setdefault(found[row.number].same_as, set()).add(row.patient or f"row {row.number}")
    for row in rows:
        if row.number not in found:
            continue
        to = found[row.number]
        kind: Kind = "known" if is_known(outbox, row.patient, to) else "new"
        if outbox.there(to, row.sha256):
            kind = "again"
        made.rows.append(Planned(row, to, kind, len(who[to.same_as]) > 1))
    return made


@dataclass
class Posted:
    """How many messages were queued, the files of slips, and rows that could not be, with the reason."""

    queued: int = 0
    slips: list[Path] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    unlocked: Counter[str] = field(default_factory=Counter)
    """By whom it was recorded that some addresses want no lock."""


def post(
    outbox: Outbox,
    wanted: Sequence[Planned],
    folder: Path,
    senders: Mapping[str, Sender],
    words: MailWords,
    paper: Paper,
    now: Callable[[], float],
    *,
    again: bool = False,
    unlocked_by: str | None = None,
) -> Posted:
    """Queue the messages and write their slips into ``folder`` (mode 0600), some at a time. OutputFault.

    ``again``: also what is in the outbox already; ``unlocked_by``: who confirmed that none of them is to be locked.
    """
    done = Posted(slips=finish_slips(outbox, folder))
    for start in range(0, len(wanted), GROUP):
        mark = secrets.token_hex(8)
        ready = list(_ready(outbox, wanted[start : start + GROUP], senders, words, now(), mark, done, unlocked_by))
        slips = [one.slip for one in ready if one.slip]
        pending = folder / _PENDING.format(mark)
        with outbox.adding() as add:
            queued = [add.queue(one.new, now(), again=again) is not None for one in ready]
            kept = [one.slip for one, ok in zip(ready, queued, strict=True) if ok and one.slip]
            if kept:
                write_file(pending, draw_slips(kept, words.slip, paper))
        done.queued += sum(queued)
        if slips:
            done.slips += finish_slips(outbox, folder)
    return done


def finish_slips(outbox: Outbox, folder: Path) -> list[Path]:
    """Name the slips whose messages were queued, delete the others; the new names. OutputFault."""
    named = []
    with writing_faults("-d"):
        for pending in sorted(folder.glob(_PENDING.format("*"))):
            if outbox.slips_queued(pending.name.split("-")[1].removesuffix(".pending")):
                number = 1
                while (path := folder / f"slips-{number:03}.pdf").exists():
                    number += 1
                named.append(pending.rename(path))
            else:
                pending.unlink()
    return named


def _ready(
    outbox: Outbox,
    rows: Sequence[Planned],
    senders: Mapping[str, Sender],
    words: MailWords,
    now: float,
    mark: str,
    done: Posted,
    unlocked_by: str | None,
) -> Iterator[Ready]:
    for planned in rows:
        row = planned.row
        try:
            pdf = row.file if isinstance(row.file, bytes) else row.file.read_bytes()
        except OSError as error:
            done.faults[row.number] = f"its file can't be read: {error.strerror}"
            continue
        if hashlib.sha256(pdf).hexdigest() != row.sha256:
            done.faults[row.number] = "its file is not the one that was made for this row; run the same command again"
            continue
        preference = None if unlocked_by else prefers_unlocked(outbox, planned.to)
        by = preference.by if preference else unlocked_by
        parcel = Parcel(pdf, row.code, planned.to, row.patient, row.name, by, row.appointment, row.language)
        try:
            outbox.require_current(row.code)
            yield prepare(parcel, senders[row.clinic], words, now, slips=mark)
        except HandoutError as error:
            done.faults[row.number] = error.message
        else:
            done.unlocked.update([preference.by] if preference else [])
