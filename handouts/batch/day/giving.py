"""Finished rows of a list on the screen -> paper, one file, or the outbox: each claimed before, and ended after.

`handouts.batch.day.settling` says in which order things are written, and what is known after a kill.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from handouts.batch.day.making import MadeRow
from handouts.batch.day.memory import DayMemory, End, Entry, What
from handouts.batch.day.settling import settle
from handouts.codes import format_code
from handouts.deliver.files import writing_faults
from handouts.deliver.mail.lists import GROUP, Finished, Plan, Planned, finish_slips, plan, post
from handouts.deliver.mail.people import patient_hash
from handouts.deliver.mail.settings import Sender
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.printing.session import PrintSession, UnrecordedOutcome
from handouts.deliver.volume import Bound, bind
from handouts.errors import HandoutError, Refused
from handouts.model.mailwords import MailWords
from handouts.model.request import Paper
from handouts.record.recorder import FolderRecorder

Given = Literal["done", "failed", "unknown", "already"]
_NOTHING = "Nothing was saved: a handout that is no longer valid is not given out."


@dataclass(frozen=True)
class Result:
    """What became of a row, and what the staff should know of it. ``last``: why nothing after it was tried."""

    number: int
    state: Given
    message: str = ""
    last: bool = False


@dataclass(frozen=True)
class Giving:
    """What giving rows out needs. ``again``: also what is done already, or may be; ``now``: seconds since 1970."""

    memory: DayMemory
    recorder: FolderRecorder
    now: Callable[[], float]
    stopped: Callable[[], bool] = lambda: False
    again: bool = False

    def claim(self, row: MadeRow, what: What) -> Entry | None:
        """An entry for what is about to be done; None where it is done already. OutputFault."""
        last, _ = self.recorder.store.head()
        return self.memory.claim(row.key, what, row.code, self.now(), last, again=self.again)

    def end(self, entries: Sequence[Entry], state: End) -> None:
        """End entries. OutputFault."""
        self.memory.end(entries, state, self.now())

    def settle(self, entries: Sequence[Entry]) -> Mapping[int, End]:
        """End entries as the record and the outbox say. OutputFault."""
        return settle(self.memory, self.recorder, entries, self.now())


def print_rows(made: Sequence[MadeRow], session: PrintSession, giving: Giving) -> Iterator[Result]:
    """One job for each, and each followed to its end before the next. The first that fails stops the rest.

    OutputFault where memory or record can't be written: then the row is settled later.
    """
    for row in made:
        if giving.stopped():
            return
        entry = giving.claim(row, "printed")
        if entry is None:
            yield Result(row.number, "already")
            continue
        try:
            session.print_made(row.pdf, row.document, giving.recorder)
        except UnrecordedOutcome:
            raise
        except HandoutError as fault:
            state = giving.settle([entry])[entry.id]
            told: Given = "failed" if state == "failed" else "unknown" if state != "done" else "done"
            yield Result(row.number, told, fault.message, last=not isinstance(fault, Refused))
            if not isinstance(fault, Refused):
                return
            continue
        giving.end([entry], "done")
        yield Result(row.number, "done")


@dataclass(frozen=True)
class PrintFile:
    """One PDF with the handouts of many patients, each on a new sheet; and rows that are not in it, with the reason."""

    pdf: bytes
    rows: tuple[int, ...]
    left: tuple[Result, ...]

    def __repr__(self) -> str:
        return f"PrintFile({len(self.rows)} rows)"


def save_rows(made: Sequence[MadeRow], giving: Giving, *, duplex: bool) -> PrintFile:
    """All of them as one print file, which the record has before it is returned. Refused where nothing is left of it.

    OutputFault: then nothing is given out.
    """
    claimed: list[tuple[MadeRow, Entry]] = []
    left: list[Result] = []
    try:
        for row in made:
            entry = giving.claim(row, "saved")
            if entry is None:
                left.append(Result(row.number, "already"))
                continue
            claimed.append((row, entry))
            try:
                giving.recorder.require_current(row.code, _NOTHING)
            except Refused as fault:
                claimed.pop()
                giving.end([entry], "failed")
                left.append(Result(row.number, "failed", fault.message))
        if not claimed:
            raise Refused("Nothing was saved: all of these are saved already.")
        pdf = _volume([row for row, _ in claimed], duplex=duplex)
        giving.recorder.add_made([row.document for row, _ in claimed], "browser")
    except HandoutError:
        giving.settle([entry for _, entry in claimed])
        raise
    giving.end([entry for _, entry in claimed], "done")
    return PrintFile(pdf, tuple(row.number for row, _ in claimed), tuple(left))


def _volume(made: Sequence[MadeRow], *, duplex: bool) -> bytes:
    out = io.BytesIO()
    files = (Bound(f"Row {row.number}, {format_code(row.code)}", row.pdf) for row in made)
    bind(files, out, "Print file", duplex=duplex)
    return out.getvalue()


@dataclass(frozen=True)
class Mailing:
    """How a clinic mails: its senders by clinic, the words, the slips' paper and the folder for their files."""

    senders: Mapping[str, Sender]
    words: MailWords
    paper: Paper
    slips: Path


@dataclass
class MailPlan:
    """What is to be asked before anything is queued. ``without``: rows without an address; ``done``: mailed already."""

    plan: Plan
    made: Mapping[int, MadeRow]
    without: list[int] = field(default_factory=list)

    def wanted(self, *, again: bool) -> list[Planned]:
        """What is to be queued."""
        return self.plan.to_queue(again=again)


def plan_mail(made: Sequence[MadeRow], outbox: Outbox) -> MailPlan:
    """Look at every address; nothing is written. OutputFault."""
    rows = [_finished(row, outbox) for row in made if row.sheet.email]
    without = [row.number for row in made if not row.sheet.email]
    return MailPlan(plan(outbox, rows), {row.number: row for row in made}, without)


def _finished(row: MadeRow, outbox: Outbox) -> Finished:
    who = row.sheet
    patient = patient_hash(outbox, who.name, who.birth_date, who.identifier)
    return Finished(
        row.number,
        row.code,
        row.pdf,
        row.document.sha256,
        who.email or "",
        patient,
        who.name,
        who.clinic,
        language=who.language,
    )


def mail_rows(
    wanted: Sequence[Planned], made: Mapping[int, MadeRow], mailing: Mailing, outbox: Outbox, giving: Giving
) -> Iterator[Result]:
    """Put them into the outbox, `GROUP` at a time, with a file of slips for each group. OutputFault.

    ``outbox`` records each of ``made`` as mailed only.
    """
    for start in range(0, len(wanted), GROUP):
        if giving.stopped():
            return
        group: list[Planned] = []
        entries: dict[int, Entry] = {}
        for one in wanted[start : start + GROUP]:
            entry = giving.claim(made[one.row.number], "mailed")
            if entry is None:
                yield Result(one.row.number, "already")
                continue
            group.append(one)
            entries[one.row.number] = entry
        try:
            with _alone(mailing.slips):
                done = post(
                    outbox, group, mailing.slips, mailing.senders, mailing.words, mailing.paper, giving.now,
                    again=giving.again,
                )  # fmt: skip
        except HandoutError:
            giving.settle(list(entries.values()))
            raise
        for number, entry in entries.items():
            fault = done.faults.get(number, "")
            giving.end([entry], "failed" if fault else "done")
            yield Result(number, "failed" if fault else "done", fault)


def slips_in(folder: Path, outbox: Outbox) -> list[Path]:
    """The files of slips that nobody has deleted yet; those that a killed run left get their names. OutputFault."""
    if not folder.is_dir():
        return []
    with contextlib.suppress(BlockingIOError), _alone(folder, wait=False):  # else somebody is just writing some
        finish_slips(outbox, folder)
    return sorted(folder.glob("slips-*.pdf"))


@contextlib.contextmanager
def _alone(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """While nobody else writes slips into the folder, which is made if it isn't there. BlockingIOError, OutputFault."""
    with writing_faults("--data"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)
