"""`batch --email`: one masked summary, one question; then messages into the outbox and slips into the folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli.mail_options import MailOptions
from handouts.cli.options import Recording
from handouts.cli.output import plural
from handouts.cli.prompts import ask_who_warned, at_terminal
from handouts.codes import format_code
from handouts.deliver.mail.address import parse_address
from handouts.errors import Refused, RequestFault, SomeFailed

if TYPE_CHECKING:
    from handouts.batch.journal import Journal, Record
    from handouts.batch.messages import Outcome, RunSheetRow
    from handouts.deliver.mail.lists import Finished, Planned, Posted
    from handouts.deliver.outbox.outbox import Outbox

_WARNING = (
    "Anyone who reads the mail, on its way or in the mailbox, can read files that are not locked. "
    "Was each of these patients told this, and do they prefer it?"
)
_SHOWN = 40
"""Most lines in a summary; new addresses come first."""


class Post:
    """Collects finished rows (``after``) while this run owns the folder, and mails them afterwards."""

    def __init__(self, given: Context, folder: Path, clinic: str | None, mail: MailOptions, record: Recording) -> None:
        """ContentFault, before a list is made, for a clinic that can't send."""
        from handouts.deliver.mail.settings import server_of
        from handouts.load.library import default_clinic, load_clinic

        server_of(clinic or default_clinic(given.content), load_clinic(given.content, clinic))
        self.given, self.folder, self.options, self.record = given, folder, mail, record
        self.rows: list[tuple[Record, RunSheetRow]] = []
        self.without = 0
        self.faults: dict[int, str] = {}

    def after(self, journal: Journal, outcomes: Sequence[Outcome]) -> None:
        """Keep the rows that are made and have an address."""
        for outcome in outcomes:
            record = journal.read(outcome.number) if not outcome.message else None
            if record and outcome.sheet and outcome.sheet.email:
                self.rows.append((record, outcome.sheet))
            elif record and outcome.sheet:
                self.without += 1

    def look(self, outcome: Outcome) -> None:
        """In a dry run: check the address of a good row."""
        if outcome.sheet is None or outcome.sheet.email is None:
            self.without += 1
            return
        try:
            parse_address(outcome.sheet.email)
        except RequestFault as error:
            self.faults[outcome.number] = error.message

    def tell_looked(self) -> None:
        """Print what a dry run found. SomeFailed when some rows could not be mailed."""
        self._tell_without()
        self._tell_faults(self.faults)

    def mail(self) -> None:
        """Show, ask, queue. Refused when the answer is no; SomeFailed when some rows could not be."""
        from handouts.deliver.mail.lists import finish_slips, plan, post
        from handouts.deliver.mail.settings import sender_of, server_of
        from handouts.load.library import load_clinic, load_mail_words

        files = {sheet.clinic: load_clinic(self.given.content, sheet.clinic) for _, sheet in self.rows}
        for clinic, file in files.items():
            server_of(clinic, file)
        senders = {clinic: sender_of(clinic, file) for clinic, file in files.items()}
        words = load_mail_words(self.given.content)
        again = self.options.again
        with self.record.open_outbox() as outbox:
            _tell_slips(finish_slips(outbox, self.folder))  # left by a killed run: its messages are already queued
            planned = plan(outbox, [self._finished(outbox, *row) for row in self.rows])
            self._tell_without()
            faults = dict(planned.faults)
            wanted = planned.to_queue(again=again)
            if wanted:
                self._ask(wanted, len(planned.rows) - len(wanted))
                by = ask_who_warned(self.options, self.record, _WARNING) if self.options.unlocked else None
                paper = next(iter(files.values())).paper
                done = post(outbox, wanted, self.folder, senders, words, paper, time.time, again=again, unlocked_by=by)
                faults |= done.faults
                _tell(done)
            else:
                there = " --again sends again what is already in the outbox." if planned.rows else ""
                click.echo(f"No message to queue.{there}")
        self._tell_faults(faults)

    def _tell_without(self) -> None:
        if self.without:
            click.echo(f"Note: {plural(self.without, 'row')} without patient.email.", err=True)

    def _tell_faults(self, faults: Mapping[int, str]) -> None:
        for number, fault in sorted(faults.items()):
            click.echo(f"row {number}: not mailed: {fault}", err=True)
        if faults:
            raise SomeFailed(f"Not mailed: {plural(len(faults), 'row')}; see above.")

    def _finished(self, outbox: Outbox, record: Record, sheet: RunSheetRow) -> Finished:
        from handouts.deliver.mail.calendar_file import CalendarEntry
        from handouts.deliver.mail.lists import Finished
        from handouts.deliver.mail.people import patient_hash

        return Finished(
            record.number,
            record.code,
            self.folder / record.name,
            record.sha256,
            sheet.email or "",
            patient_hash(outbox, sheet.name, sheet.birth_date, sheet.identifier),
            sheet.name,
            sheet.clinic,
            CalendarEntry(datetime.fromisoformat(sheet.appointment), sheet.elsewhere) if sheet.appointment else None,
            sheet.language,
        )

    def _ask(self, rows: Sequence[Planned], left: int) -> None:
        """Show the masked summary and ask once. Refused. ``left``: how many in the outbox are left alone."""
        wanted = sorted(rows, key=lambda one: (one.kind == "known", not one.shared, one.row.number))
        new = sum(one.kind == "new" for one in wanted)
        click.echo(
            f"{plural(len(wanted), 'message')}, {new} to addresses not used for that patient before:",
            err=True,
        )
        for one in wanted[:_SHOWN]:
            marks = (
                {"new": "new", "again": "once more"}.get(one.kind, ""),
                "also another patient's address" if one.shared else "",
            )
            note = ", ".join(filter(None, marks))
            click.echo(
                f"  row {one.row.number:>5}  {format_code(one.row.code)}  {one.to.masked}  {note}".rstrip(), err=True
            )
        if len(wanted) > _SHOWN:
            click.echo(f"  ... and {len(wanted) - _SHOWN} more", err=True)
        if left:
            click.echo(f"Already in the outbox, left alone: {left}. --again sends these too.", err=True)
        if self.options.yes:
            return
        if not at_terminal():
            raise Refused("Nothing was queued. Check the addresses, then use --yes.")
        if not click.confirm("Queue these messages?", err=True):
            raise Refused("Nothing was queued. The PDFs are made.")


def _tell(done: Posted) -> None:
    for by, many in sorted(done.unlocked.items()):
        click.echo(f"Note: {many} not locked, as recorded by {by} for their addresses.", err=True)
    click.echo(f"Queued: {plural(done.queued, 'message')}. `outbox run` sends them.")
    _tell_slips(done.slips)


def _tell_slips(slips: Sequence[Path]) -> None:
    for path in slips:
        click.echo(f"{path}  (slips with the four words: print, hand over, delete)")
