"""The command for a whole list: batch."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Literal

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.email_batch import Post
from handouts.cli.options import (
    KEEPING_FLAGS,
    LIST_FLAGS,
    PRINT_FLAGS,
    REQUEST_FLAGS,
    Choice,
    Keeping,
    MailOptions,
    Options,
    Printing,
    Recording,
    RequestData,
    choice_flags,
    gathered,
    read_code_key,
)
from handouts.cli.output import print_entry, print_summary, progress
from handouts.cli.print import open_print_session
from handouts.errors import HandoutError, RequestFault, SomeFailed

if TYPE_CHECKING:
    from handouts.batch import Printing as PrintFiles
    from handouts.batch.cluster import Cluster
    from handouts.batch.messages import Setup
    from handouts.batch.pool import InlinePool, ProcessPool
    from handouts.batch.rows import Listing
    from handouts.deliver.printing.session import PrintSession


@dataclass(frozen=True)
class Making(Options):
    """What is made of a list, and where."""

    directory: Path | None
    merge: bool
    run_sheet: bool
    order: Literal["list", "appointment"]
    dry_run: bool
    allow_unapproved: bool


@dataclass(frozen=True)
class Workers(Options):
    """Who makes it."""

    jobs: int | None
    dask: str | None
    tls_ca: Path | None
    tls_cert: Path | None
    tls_key: Path | None


@click.command()
@click.argument("source", metavar="LIST", shell_complete=completing.files)
@click.option("-d", "--directory", type=click.Path(path_type=Path, file_okay=False), help="Where the PDFs go.")
@REQUEST_FLAGS
@choice_flags("For rows that name none.")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=PATH", help="What a column of another name is, such as "
              "'Patient=patient.name'; 'Phone=' leaves one out. Say it once for each.")  # fmt: skip
@click.option(
    "--map-file", type=click.Path(path_type=Path, dir_okay=False), help="The same as YAML: 'Patient: patient.name'."
)
@click.option("--merge", is_flag=True, help="Also bind print files: each patient on a new sheet, 500 at most in one.")
@click.option("--run-sheet", is_flag=True, help="Also a sheet that ties row, code and name together, to be shredded.")
@click.option(
    "--order",
    type=click.Choice(["list", "appointment"]),
    default="list",
    help="Of the print files. Default: the list's.",
)
@click.option("--one-sided", is_flag=True, help="Print files without blank backs.")
@PRINT_FLAGS
@click.option("--email", "email_it", is_flag=True, help="Also put each into the outbox for its patient.email, locked; "
              "slips with the words go into the folder.")  # fmt: skip
@LIST_FLAGS
@click.option("--dry-run", is_flag=True, help="Check every row, make nothing.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Worker processes. Default: as many as there are cores.")
@click.option("--dask", metavar="ADDRESS", help="Work on a Dask cluster, such as tls://host:8786.")
@click.option("--tls-ca", type=click.Path(path_type=Path, dir_okay=False), help="The cluster's authority (PEM).")
@click.option("--tls-cert", type=click.Path(path_type=Path, dir_okay=False), help="Our certificate (PEM).")
@click.option("--tls-key", type=click.Path(path_type=Path, dir_okay=False), help="Its key (PEM).")
@click.option("--allow-unapproved", is_flag=True, help="Make them though nobody approved the text; pages say so.")
@KEEPING_FLAGS
@click.pass_obj
@gathered
def batch(
    given: Context,
    /,
    source: str,
    maps: tuple[str, ...],
    map_file: Path | None,
    choice: Choice,
    making: Making,
    mail: MailOptions,
    printing: Printing,
    record: Recording,
    keeping: Keeping,
    workers: Workers,
) -> None:
    """Make the handouts of a whole list.

    LIST is CSV (comma, semicolon or tab), JSON Lines, a folder of requests, or - for standard input. Columns are
    called as the keys of a request, such as patient.name; lists in a cell are separated by semicolons. Flags fill
    what rows leave out.

    Each row becomes a PDF named by row number and document code. A row at fault stops no other: it stands in
    report.csv with what to do. The same command again makes only what is missing.

    \b
    Examples:
      python generate.py batch examples/list.csv -d out/list --topic hemifacial-spasm --allow-unapproved
      python generate.py batch list.csv -d out/list --map "Patient=patient.name" --dry-run
      python generate.py batch - -d out/list < list.jsonl
      python generate.py batch list.csv -d out/list --email
      python generate.py batch list.csv -d out/list --run-sheet --print front-desk

    --print implies --merge: it prints the print files in order, one job each, and run sheets where they are asked for.

    Exit codes: 1 when some rows failed, 8 when rows were refused because nobody approved their text.
    """
    if making.directory is None and not making.dry_run:
        raise click.UsageError("Name the folder for the PDFs with -d, or say --dry-run.")
    mail.check()
    from handouts.batch.column_mapping import check_mapping

    defaults = choice.over(given.content, choice.as_request())
    mapped = _mapping(maps, map_file)
    check_mapping(mapped)
    job = _Job(given, defaults, making, mail, printing, record, keeping, workers)
    with _terminated(), contextlib.closing(_open_list(source, mapped, defaults)) as listing:
        job.run(listing)


def _open_list(source: str, mapped: dict[str, str], defaults: RequestData) -> Listing:
    from handouts.batch.rows import open_list, read_stream

    if source != "-":
        return open_list(Path(source), mapped, defaults)
    if sys.stdin is None:  # as Python has it where the shell closed it
        raise RequestFault("Standard input is closed. Name the list's file instead of -.")
    return read_stream(sys.stdin.buffer, mapped, defaults)


@dataclass(frozen=True)
class _Job:
    """A list that is to be made, as the command was told."""

    given: Context
    defaults: RequestData
    making: Making
    mail: MailOptions
    printing: Printing
    record: Recording
    keeping: Keeping
    workers: Workers

    def run(self, listing: Listing) -> None:
        """Make or look at all rows, then show, mail and print what came of it. HandoutError."""
        from handouts.batch import check_all, make_all

        making, record, start = self.making, self.record, time.monotonic()
        folder = None if making.dry_run else making.directory
        post = self._post() if self.mail.email_it else None
        # no printer is told before the list is made, not after
        session = open_print_session(self.given, self._clinic, self.printing, record) if folder else None
        if listing.ignored:
            click.echo(f"Note: these columns are ignored: {', '.join(listing.ignored)}", err=True)
        setup = self._setup()
        opened = record.open() if folder else contextlib.nullcontext()
        with opened as recorder, _pool(self.workers) as pool, progress(listing.size) as tell:
            if folder and recorder:
                # who prints on one side needs no blank backs
                files = self._print_files(merge=bool(session), duplex=session.wanted.duplex if session else None)
                done = make_all(
                    listing, setup, pool, folder, self.keeping.masters(), recorder,
                    tell=tell, printing=files, after=post.after if post else None,
                )  # fmt: skip
            else:
                setup = replace(setup, withdrawn=self._withdrawn())
                done = check_all(listing, setup, pool, tell=tell, say=print_entry, look=post.look if post else None)
        seconds = time.monotonic() - start
        steps = [lambda: print_summary(done, seconds, making.dry_run, making.directory)]
        if post:
            steps.append(post.mail if folder else post.tell_looked)
        if session and folder:
            steps.append(lambda: self._print(session, [folder / name for name in done.printed]))
        _each(steps)

    @property
    def _clinic(self) -> str | None:
        found: str | None = self.defaults.get("clinic")
        return found

    def _post(self) -> Post:
        return Post(self.given, self.making.directory or Path(), self._clinic, self.mail, self.record)

    def _setup(self) -> Setup:
        from handouts.batch.messages import Setup
        from handouts.batch.worker import run_digest

        content = self.given.content
        return Setup(
            content=str(content.resolve()),
            digest=run_digest(content),
            today=self.given.today,
            key=read_code_key(self.keeping.key_file),
            defaults=json.dumps(self.defaults),
            allow_unapproved=self.making.allow_unapproved,
        )

    def _withdrawn(self) -> tuple[tuple[str, str], ...]:
        from handouts.record.recorder import open_store_if_any
        from handouts.record.status import withdrawn

        with open_store_if_any(self.record.folder) as store:
            return withdrawn(store) if store else ()

    def _print_files(self, *, merge: bool, duplex: bool | None) -> PrintFiles | None:
        """What is to be printed with; None for nothing. The sheets' paper is the clinic's."""
        from handouts.batch import Printing as PrintFiles
        from handouts.load.library import load_clinic

        making, merge = self.making, merge or self.making.merge
        if not merge and not making.run_sheet:
            return None
        paper = self.defaults.get("paper") or load_clinic(self.given.content, self._clinic).paper
        two_sided = not self.printing.one_sided if duplex is None else duplex
        return PrintFiles(merge, making.run_sheet, making.order, two_sided, paper)

    def _print(self, session: PrintSession, files: list[Path]) -> None:
        with self.record.open() as recorder:
            session.print_all(files, recorder)


def _each(steps: list[Callable[[], None]]) -> None:
    """Every step, whatever became of those before: rows at fault keep nobody else's handout back. HandoutError."""
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


def _mapping(maps: tuple[str, ...], file: Path | None) -> dict[str, str]:
    """Foreign columns' names and what they are. RequestFault."""
    from handouts.load.requests import read_request, read_text

    mapped: dict[str, str] = {}
    if file:
        mapped = {name: str(path or "") for name, path in read_request(read_text(file), file.name).data.items()}
    for text in maps:
        name, sign, path = text.rpartition("=")
        if not sign or not name.strip():
            raise RequestFault("--map wants COLUMN=PATH, such as 'Patient=patient.name'.")
        mapped[name] = path
    return mapped


@contextlib.contextmanager
def _pool(workers: Workers) -> Iterator[InlinePool | ProcessPool | Cluster]:
    from handouts.batch.cluster import Certificates, Cluster
    from handouts.batch.pool import InlinePool, ProcessPool

    jobs = workers.jobs or os.cpu_count() or 1
    pool: InlinePool | ProcessPool | Cluster
    if workers.dask:
        pool = Cluster(workers.dask, Certificates(workers.tls_ca, workers.tls_cert, workers.tls_key))
    else:
        pool = ProcessPool(jobs) if jobs > 1 else InlinePool()
    try:
        yield pool
    finally:
        pool.close()


@contextlib.contextmanager
def _terminated() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: tidily, with a word on how to go on."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        raise SomeFailed("Stopped. The same command again makes what is missing.") from None
    finally:
        signal.signal(signal.SIGTERM, before)


COMMANDS: tuple[click.Command, ...] = (batch,)
