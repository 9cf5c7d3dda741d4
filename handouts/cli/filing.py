"""A finished handout into the clinic's health record: by the outbox, or as a file for another program."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.options import Options, Recording, all_of

if TYPE_CHECKING:
    from handouts.fhir.settings import HealthRecord
    from handouts.model.content import Library
    from handouts.model.request import Request
    from handouts.pipeline import Made

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


def _health_record(given: Context, request: Request) -> HealthRecord:
    from handouts.fhir.settings import health_record_of
    from handouts.load.library import default_clinic, load_clinic

    clinic = request.clinic or default_clinic(given.content)
    return health_record_of(clinic, load_clinic(given.content, clinic))
