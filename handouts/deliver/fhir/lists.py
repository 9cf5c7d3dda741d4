"""The handouts of a whole list for the health record: into one file, a Bundle a line (NDJSON), or into the outbox.

An edge module: it reads the list's PDFs and writes the file. One PDF is in memory at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from handouts import atomic, paths
from handouts.deliver.fhir.queueing import prepare_posting, to_line
from handouts.deliver.fhir.resources import Handout, Subject, transaction
from handouts.deliver.files import check_target, writing_faults
from handouts.errors import HandoutError

if TYPE_CHECKING:
    from handouts.deliver.outbox.outbox import Outbox
    from handouts.fhir.settings import HealthRecord
    from handouts.model.clinic import ClinicFile


@dataclass(frozen=True)
class Row:
    """A row whose file is made. ``sha256``: of the file, in hex; ``patient``: the number in the health record."""

    number: int
    code: str
    file: Path
    sha256: str
    clinic: str
    title: str
    language: str
    patient: str | None
    born: date | None
    clinician: str | None = None
    visit: date | None = None

    def __repr__(self) -> str:
        return f"Row({self.number})"


@dataclass
class Filed:
    """What became of a list. ``there``: rows that the outbox had already; ``faults``: why rows were not filed."""

    done: list[str] = field(default_factory=list)
    there: int = 0
    faults: dict[int, str] = field(default_factory=dict)


def write_all(
    rows: Sequence[Row],
    files: Callable[[str], ClinicFile],
    target: Path,
    *,
    by: str,
    now: float,
    force: bool,
    record: Callable[[Sequence[str]], object],
) -> Filed:
    """All rows into one file. ``record`` hears of their codes before it has its name. OutputFault."""
    filed = Filed()
    check_target(target, force=force, flag="--fhir-out", start=b"{")
    with (
        writing_faults("--fhir-out"),
        atomic.writing(target, new=not force, before_name=lambda: record(filed.done)) as handle,
    ):
        for handout in _handouts(rows, files, filed, by, now):
            atomic.write_pieces(handle, [to_line(transaction(handout))])
            filed.done.append(handout.code)
    return filed


def queue_all(
    rows: Sequence[Row],
    files: Callable[[str], ClinicFile],
    records: Callable[[str], HealthRecord],
    outbox: Outbox,
    *,
    by: str,
    now: float,
) -> Filed:
    """Each row into the outbox; the record hears of each first. OutputFault."""
    filed, clinics = Filed(), {row.code: row.clinic for row in rows}
    numbers = {row.code: row.number for row in rows}
    for handout in _handouts(rows, files, filed, by, now):
        try:
            number, there = outbox.add(prepare_posting(handout, records(clinics[handout.code])), now)
        except HandoutError as fault:
            if fault.exit_code == 5:
                raise
            filed.faults[numbers[handout.code]] = fault.message
        else:
            filed.there += bool(there)
            filed.done += [] if there else [str(number)]
    return filed


def _handouts(
    rows: Sequence[Row], files: Callable[[str], ClinicFile], filed: Filed, by: str, now: float
) -> Iterator[Handout]:
    for row in rows:
        try:
            pdf = row.file.read_bytes()
        except OSError as error:
            filed.faults[row.number] = f"its file can't be read: {error.strerror}"
            continue
        if hashlib.sha256(pdf).hexdigest() != row.sha256:
            filed.faults[row.number] = "its file is not the one that was made for this row; run the same command again"
            continue
        clinic = files(row.clinic)
        subject = Subject(number=row.patient, system=clinic.fhir.patient_system, born=row.born)
        if not subject.is_known:
            filed.faults[row.number] = "it has no patient.identifier, the number that the health record has"
            continue
        yield Handout(
            pdf,
            row.code,
            clinic.name,
            row.title,
            row.language,
            now,
            by,
            f"handouts {paths.VERSION}",
            subject,
            clinician=row.clinician,
            visit=row.visit,
        )
