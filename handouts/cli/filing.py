"""A finished handout into the clinic's health record: by the outbox, or as a file for another program."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.groups import Options, all_of
from handouts.cli.options import Recording
from handouts.cli.output import plural
from handouts.errors import SomeFailed

if TYPE_CHECKING:
    from handouts.batch.journal import Journal
    from handouts.batch.journal import Record as JournalRecord
    from handouts.batch.messages import Outcome, RunSheetRow
    from handouts.deliver.fhir.lists import Row
    from handouts.fhir.settings import HealthRecord
    from handouts.model.content import Library
    from handouts.model.request import Request
    from handouts.pipeline import Made

LIST_FILING_FLAGS = all_of(
    click.option("--fhir-out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                 shell_complete=completing.files,
                 help="Also write all as FHIR transaction Bundles, one a line (NDJSON)."),
    click.option("--fhir-post", is_flag=True, help="Also queue each for the clinic's health record."),
)  # fmt: skip
FILING_FLAGS = all_of(
    click.option("--fhir-out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                 shell_complete=completing.files,
                 help="Write it as a FHIR transaction Bundle, for the health record's own import."),
    click.option("--fhir-post", is_flag=True,
                 help="Queue it for the clinic's health record (fhir.server in clinic.yaml)."),
)  # fmt: skip


@dataclass(frozen=True)
class Filing(Options):
    """`FILING_FLAGS`."""

    fhir_out: Path | None = None
    fhir_post: bool = False

    @property
    def given(self) -> bool:
        """Whether it goes to a health record."""
        return self.fhir_post or self.fhir_out is not None

    def check(self, given: Context, request: Request, *, force: bool) -> None:
        """Before anything is made: OutputFault for a file that can't be written; ContentFault and RequestFault where it
        is not said which health record, or which of its patients.
        """
        from handouts.deliver.fhir.queueing import require_patient
        from handouts.deliver.files import check_target

        if self.fhir_out:
            check_target(self.fhir_out, force=force, flag="--fhir-out", start=b"{")
        if self.fhir_post:
            _health_record(given, request)
            require_patient(request.patient.identifier)


def file_made(
    given: Context,
    made: Made,
    library: Library,
    request: Request,
    filing: Filing,
    record: Recording,
    *,
    force: bool,
    mailed: bool,
) -> None:
    """Queue it, write it, or both; the record hears first. ``mailed``: it is also in the outbox for its patient."""
    from handouts.deliver.fhir.queueing import handout_of, prepare_posting, to_file
    from handouts.deliver.fhir.resources import transaction
    from handouts.deliver.files import write_file

    now = time.time()
    handout = handout_of(made.pdf, made.document, library, request, by=record.user, at=now, mailed=mailed)
    if filing.fhir_out:
        with record.open() as recorder:
            write_file(
                filing.fhir_out,
                to_file(transaction(handout)),
                force=force,
                flag="--fhir-out",
                before_name=lambda: recorder.add_made([made.document], "fhir"),
            )
        click.echo(f"{filing.fhir_out}  (FHIR Bundle: holds the handout itself)")
    if filing.fhir_post:
        new = prepare_posting(handout, _health_record(given, request))
        with record.open_outbox(made.document) as outbox:
            number, there = outbox.add(new, now)
        if there:
            click.echo(f"Message {number}, the same handout for the health record, is {there}. Nothing was queued.")
        else:
            click.echo(f"Message {number} is in the outbox for the health record. `outbox run` posts it.")


class FilingList:
    """Collects finished rows (``after``) while a run owns the folder, and files them afterwards."""

    def __init__(self, given: Context, folder: Path, clinic: str | None, filing: Filing, record: Recording) -> None:
        """Before a list is made: ContentFault where the clinic names no health record, OutputFault for the file."""
        from handouts.deliver.files import check_target

        if filing.fhir_post:
            _health_record_of(given, clinic)
        if filing.fhir_out and filing.fhir_out.parent != folder:  # a run makes its folder
            check_target(filing.fhir_out, force=True, flag="--fhir-out", start=b"{")
        self.given, self.folder, self.filing, self.record = given, folder, filing, record
        self.rows: list[tuple[JournalRecord, RunSheetRow]] = []

    def after(self, journal: Journal, outcomes: Sequence[Outcome]) -> None:
        """Keep the rows that are made."""
        for outcome in outcomes:
            record = journal.read(outcome.number) if not outcome.message else None
            if record and outcome.sheet:
                self.rows.append((record, outcome.sheet))

    def file(self) -> None:
        """Write and queue them; SomeFailed when some rows could not be. A file of an earlier run is replaced."""
        from handouts.deliver.fhir.lists import queue_all, write_all
        from handouts.load.library import load_clinic

        rows = [self._row(*row) for row in self.rows]
        files = cache(lambda clinic: load_clinic(self.given.content, clinic))
        records = cache(lambda clinic: _health_record_of(self.given, clinic))
        faults: dict[int, str] = {}
        by, now = self.record.user, time.time()
        if self.filing.fhir_out:
            with self.record.open() as recorder:
                written = write_all(
                    rows, files, self.filing.fhir_out, by=by, now=now, force=True, record=recorder.add_filed
                )
            click.echo(f"{self.filing.fhir_out}  ({plural(len(written.done), 'handout')} as FHIR Bundles)")
            faults |= written.faults
        if self.filing.fhir_post:
            with self.record.open_outbox() as outbox:
                queued = queue_all(rows, files, records, outbox, by=by, now=now)
            there = f"; {queued.there} were there already" if queued.there else ""
            click.echo(f"Queued for the health record: {plural(len(queued.done), 'handout')}{there}.")
            faults |= queued.faults
        for number, fault in sorted(faults.items()):
            click.echo(f"row {number}: not filed: {fault}", err=True)
        if faults:
            raise SomeFailed(f"Not filed: {plural(len(faults), 'row')}; see above.")

    def _row(self, record: JournalRecord, sheet: RunSheetRow) -> Row:
        from handouts.deliver.fhir.lists import Row

        return Row(
            record.number,
            record.code,
            self.folder / record.name,
            record.sha256,
            sheet.clinic,
            sheet.title,
            sheet.language,
            sheet.identifier,
            sheet.birth_date,
            sheet.clinician,
            sheet.visit_date,
        )


def _health_record(given: Context, request: Request) -> HealthRecord:
    return _health_record_of(given, request.clinic)


def _health_record_of(given: Context, clinic: str | None) -> HealthRecord:
    from handouts.fhir.settings import health_record_of
    from handouts.load.library import default_clinic, load_clinic

    clinic = clinic or default_clinic(given.content)
    return health_record_of(clinic, load_clinic(given.content, clinic))
