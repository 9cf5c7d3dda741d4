"""The command for a list of patients: batch."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.batch_job import Job
from handouts.cli.email_batch import Post
from handouts.cli.filing import LIST_FILING_FLAGS, FilingList
from handouts.cli.groups import gathered
from handouts.cli.health_record import LIST_FHIR_FLAGS, Record, open_record
from handouts.cli.list_input import Told, both, list_settings, open_rows, read_mapping, tell_list
from handouts.cli.mail_options import LIST_FLAGS
from handouts.cli.options import (
    KEEPING_FLAGS,
    REQUEST_FLAGS,
    Choice,
    Recording,
    RequestData,
    choice_flags,
    read_code_key,
)
from handouts.cli.output import print_entry, print_summary, progress
from handouts.cli.print import PRINT_FLAGS, open_print_session
from handouts.errors import HandoutError, RequestFault, SomeFailed, first_few

if TYPE_CHECKING:
    from handouts.batch import Printing as PrintFiles
    from handouts.batch.journal import Journal
    from handouts.batch.messages import Outcome, Setup
    from handouts.deliver.printing.session import PrintSession
    from handouts.lists.row import Listing


@click.command()
@click.argument("source", metavar="[LIST]", required=False, shell_complete=completing.files)
@click.option("-d", "--directory", type=click.Path(path_type=Path, file_okay=False), help="Folder for the PDFs.")
@REQUEST_FLAGS
@choice_flags("For rows without their own.")
@LIST_FHIR_FLAGS
@click.option("--map", "maps", multiple=True, metavar="COLUMN=PATH", help="Map a column with another name, such as "
              "'Patient=patient.name'; 'Phone=' ignores it. Repeat for each column.")  # fmt: skip
@click.option(
    "--map-file", type=click.Path(path_type=Path, dir_okay=False), help="The same as YAML: 'Patient: patient.name'."
)
@click.option("--worksheet", metavar="NAME", help="Of a workbook: the worksheet with the list.")
@click.option(
    "--merge", is_flag=True, help="Also write print files: each patient on a new sheet, at most 500 in one file."
)
@click.option(
    "--run-sheet", is_flag=True, help="Also write a sheet that matches rows, codes and names; shred it after use."
)
@click.option(
    "--order",
    type=click.Choice(["list", "appointment"]),
    help="Order in the print files. Default: by the times of a day's list, else the list's.",
)
@click.option("--one-sided", is_flag=True, help="No blank backs in print files.")
@PRINT_FLAGS
@click.option("--email", "email_it", is_flag=True, help="Also queue each for its patient.email, locked; "
              "slips with the words go into the folder.")  # fmt: skip
@LIST_FLAGS
@LIST_FILING_FLAGS
@click.option("--dry-run", is_flag=True, help="Check every row; make nothing.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Worker processes. Default: one per core.")
@click.option("--dask", metavar="ADDRESS", help="Use a Dask cluster, such as tls://host:8786.")
@click.option("--tls-ca", type=click.Path(path_type=Path, dir_okay=False), help="The cluster's CA certificate (PEM).")
@click.option("--tls-cert", type=click.Path(path_type=Path, dir_okay=False), help="Our own certificate (PEM).")
@click.option("--tls-key", type=click.Path(path_type=Path, dir_okay=False), help="Its key (PEM).")
@click.option("--allow-unapproved", is_flag=True, help="Make them from unapproved text; pages say so.")
@KEEPING_FLAGS
@click.pass_obj
@gathered
def batch(
    given: Context,
    /,
    source: str | None,
    maps: tuple[str, ...],
    map_file: Path | None,
    worksheet: str | None,
    choice: Choice,
    health: Record,
    job: Job,
) -> None:
    """Make the handouts for a list of patients.

    LIST is CSV, a workbook (xlsx, xls, ods), JSON Lines, a JSON array, a folder of requests, or - for standard input.
    Columns have the names of request keys, such as patient.name, or those that practice systems give them; what is
    made of them is shown first. `lists learn` describes other lists. Flags fill in what rows leave out.

    Each row becomes a PDF named by row number and document code. A row with problems stops no other: report.csv
    says what to do about it. Running the same command again makes only what is missing.

    \b
    Examples:
      python generate.py batch examples/list.csv -d out/list --topic hemifacial-spasm --allow-unapproved
      python generate.py batch list.csv -d out/list --map "Patient=patient.name" --dry-run
      python generate.py batch - -d out/list < list.jsonl
      python generate.py batch --fhir day.ndjson -d out/list --option botox --dry-run
      python generate.py batch list.csv -d out/list --email
      python generate.py batch list.csv -d out/list --fhir-out out/list.ndjson
      python generate.py batch list.csv -d out/list --run-sheet --print front-desk

    --print implies --merge: it prints the print files in order, one job each, and run sheets if requested.

    Exit codes: 1 when some rows failed, 8 when rows were refused because their text is not approved.
    """
    if job.directory is None and not job.dry_run:
        raise click.UsageError("Name the folder for the PDFs with -d, or use --dry-run.")
    job.mail.check()
    health.check(of_one=False)
    if health.given == (source is not None):
        raise click.UsageError("Name a LIST, or a health record by --fhir or --fhir-server, and not both.")
    if health.given and (maps or map_file or worksheet):
        raise click.UsageError("--map and --worksheet are for lists, not for a health record.")
    from handouts.lists.column_mapping import check_mapping

    defaults = choice.over(given.content, choice.as_request())
    mapped = read_mapping(maps, map_file)
    check_mapping(mapped)
    for file in filter(None, (health.fhir, Path(source) if source and source != "-" else None)):
        _keep_list(file, job.directory)
    if health.given:
        listing = open_record(given, health, defaults, job.record.folder, by_mail=job.mail.email_it)
    else:
        listing = open_rows(source or "", list_settings(given, mapped, defaults, worksheet))
    with _terminated(), contextlib.closing(listing):
        _run(given, listing, defaults, job)


def _keep_list(source: Path, directory: Path | None) -> None:
    """RequestFault where the run would write its report or journal over the list."""
    from handouts.batch import journal, report
    from handouts.deliver.files import is_same_file

    for name in (report.NAME, journal.NAME):
        if directory and is_same_file(source, directory / name):
            raise RequestFault(f"The run would write its own {name} over the list. Choose another folder with -d.")


def _run(given: Context, listing: Listing, defaults: RequestData, job: Job) -> None:
    """Make or check all rows, then summarise, mail and print. HandoutError."""
    from handouts.batch import check_all, make_all

    start, clinic = time.monotonic(), defaults.get("clinic")
    folder = None if job.dry_run else job.directory
    post = Post(given, job.directory or Path(), clinic, job.mail, job.record) if job.mail.email_it else None
    filing = FilingList(given, folder, clinic, job.filing, job.record) if folder and job.filing.given else None
    # a missing printer is reported before the list is made
    session = open_print_session(given, clinic, job.printing, job.record) if folder else None
    tell_list(listing)
    if listing.ignored:
        letters = ", ".join(first_few(listing.ignored))
        click.echo(f"Note: these columns are not used: {letters}. To use one, name it with --map.", err=True)
    setup = _setup(given, defaults, job)
    opened = job.record.open() if folder else contextlib.nullcontext()
    with opened as recorder, job.pool() as pool, progress(listing.size) as tell:
        if folder and recorder:
            done = make_all(
                listing, setup, pool, folder, job.keeping.sheets(), recorder, tell=tell,
                printing=_print_files(given, defaults, job, session),
                after=_both(post, filing) if post or filing else None,
            )  # fmt: skip
        else:
            setup = _without_withdrawn(setup, job.record.folder)
            told = Told(listing, defaults)
            done = check_all(told.listing, setup, pool, tell=tell, say=print_entry, look=both(told, post))
    seconds = time.monotonic() - start
    steps = [lambda: print_summary(done, seconds, job.dry_run, job.directory)]
    if post:
        steps.append(post.mail if folder else post.tell_looked)
    if filing:
        steps.append(filing.file)
    if session and folder:
        steps.append(lambda: _print(session, [folder / name for name in done.printed], job.record))
    _each(steps)


def _both(*takers: Post | FilingList | None) -> Callable[[Journal, Sequence[Outcome]], None]:
    """What hears of finished rows, while the run owns the folder."""

    def after(journal: Journal, outcomes: Sequence[Outcome]) -> None:
        for taker in takers:
            if taker:
                taker.after(journal, outcomes)

    return after


def _setup(given: Context, defaults: RequestData, job: Job) -> Setup:
    from handouts.batch.messages import Setup
    from handouts.batch.worker import run_digest

    return Setup(
        content=str(given.content.resolve()),
        digest=run_digest(given.content),
        today=given.today,
        key=read_code_key(job.keeping.key_file, job.record),
        defaults=json.dumps(defaults),
        allow_unapproved=job.allow_unapproved,
    )


def _without_withdrawn(setup: Setup, folder: Path) -> Setup:
    """A setup that knows which documents no longer count."""
    from handouts.datafolder import ARCHIVE
    from handouts.record.archive import Archive
    from handouts.record.recorder import open_store_if_any
    from handouts.record.status import legacy_digests, withdrawn

    with open_store_if_any(folder) as store:
        if store is None:
            return setup
        legacy = legacy_digests(store, Archive(folder / ARCHIVE))
        return replace(setup, withdrawn=withdrawn(store), legacy_digests=tuple(sorted(legacy)))


def _print(session: PrintSession, files: list[Path], record: Recording) -> None:
    with record.open() as recorder:
        session.print_all(files, recorder)


def _print_files(given: Context, defaults: RequestData, job: Job, session: PrintSession | None) -> PrintFiles | None:
    """Which print files to write; None for none. The sheets' paper is the clinic's."""
    from handouts.batch import Printing as PrintFiles
    from handouts.load.library import load_clinic

    merge = job.merge or session is not None
    if not merge and not job.run_sheet:
        return None
    paper = defaults.get("paper") or load_clinic(given.content, defaults.get("clinic")).paper
    # one-sided printing needs no blank backs
    duplex = session.wanted.duplex if session else not job.printing.one_sided
    return PrintFiles(merge, job.run_sheet, job.order, duplex, paper)


def _each(steps: list[Callable[[], None]]) -> None:
    """Run every step even if earlier ones fail: bad rows hold back nobody else's handout. HandoutError."""
    faults: list[HandoutError] = []
    for step in steps:
        try:
            step()
        except HandoutError as fault:
            faults.append(fault)
    for later in faults[1:]:
        later.show()
    if faults:
        raise faults[0]


@contextlib.contextmanager
def _terminated() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: cleanly, with a message on how to continue."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        raise SomeFailed("Stopped. Run the same command again to make what is missing.") from None
    finally:
        signal.signal(signal.SIGTERM, before)


COMMANDS: tuple[click.Command, ...] = (batch,)
