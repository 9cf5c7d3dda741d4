"""The command for a whole list: batch."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.event_output import status_lines
from handouts.cli.mail_options import LIST_FLAGS, check_mail_flags
from handouts.cli.options import KEEPING_FLAGS, REQUEST_FLAGS, add_preset, cache_folder, choice_flags, key_of, overrides
from handouts.cli.output import print_entry, print_summary, progress
from handouts.cli.print_session import PRINT_FLAGS, PrintSession, open_print_session
from handouts.cli.recorder import open_recorder, open_store_if_any
from handouts.errors import HandoutError, RequestFault, SomeFailed, first_few
from handouts.load.requests import read_text


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
def batch(given: Context, /, source: str, **flags: Any) -> None:
    """Make the handouts of a whole list.

    LIST is CSV (comma, semicolon or tab), JSON Lines, a JSON array, a folder of requests, or - for standard input.
    Columns are called as the keys of a request, such as patient.name; lists in a cell are separated by semicolons.
    Flags fill what rows leave out.

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
    directory: Path | None = flags["directory"]
    if directory is None and not flags["dry_run"]:
        raise click.UsageError("Name the folder for the PDFs with -d, or say --dry-run.")
    check_mail_flags(flags)
    from handouts.batch.column_mapping import check_mapping

    defaults = add_preset(given, overrides(flags), flags["preset"])
    mapped = _mapping(flags["maps"], flags["map_file"])
    check_mapping(mapped)
    with _terminated():
        _work(given, source, directory, defaults, mapped, flags)


def _work(
    given: Context,
    source: str,
    directory: Path | None,
    defaults: dict[str, Any],
    mapped: dict[str, str],
    flags: dict[str, Any],
) -> None:
    from handouts.batch.rows import open_list, read_stream

    if source == "-":
        if sys.stdin is None:  # as Python has it where the shell closed it
            raise RequestFault("Standard input is closed. Name the list's file instead of -.")
        listing = read_stream(sys.stdin.buffer, mapped, defaults)
    else:
        _keep_list(Path(source), directory)
        listing = open_list(Path(source), mapped, defaults)
    with contextlib.closing(listing):
        _make(given, listing, directory, defaults, flags)


def _keep_list(source: Path, directory: Path | None) -> None:
    """RequestFault where the run would write its report or journal over the list."""
    from handouts.batch import journal, report
    from handouts.deliver.files import is_same_file

    for name in (report.NAME, journal.NAME):
        if directory and is_same_file(source, directory / name):
            raise RequestFault(f"The run would write its own {name} over the list. Choose another folder with -d.")


def _make(
    given: Context, listing: Any, directory: Path | None, defaults: dict[str, Any], flags: dict[str, Any]
) -> None:
    from handouts.batch import check_all, make_all
    from handouts.batch.messages import Setup
    from handouts.batch.worker import run_digest
    from handouts.cli.email_batch import Post
    from handouts.typeset.cache import MasterCache

    post = Post(given, directory or Path(), defaults.get("clinic"), flags) if flags["email_it"] else None
    session = None
    if directory and not flags["dry_run"]:  # no printer is told before the list is made, not after
        session = open_print_session(given, defaults.get("clinic"), flags, one_sided=flags["one_sided"])
    if session:  # who prints on one side needs no blank backs
        flags = flags | {"merge": True, "one_sided": not session.wanted.duplex}
    if listing.ignored:
        letters = ", ".join(first_few(listing.ignored))
        click.echo(f"Note: these columns are not used: {letters}. Where one should be, name it with --map.", err=True)
    with open_store_if_any(flags["data"]) as store:
        gone = {code: "; ".join(status_lines(store, code)) for code in (store.withdrawn() if store else ())}
    setup = Setup(
        content=str(given.content.resolve()),
        digest=run_digest(given.content),
        today=given.today,
        key=key_of(flags),
        defaults=json.dumps(defaults),
        allow_unapproved=flags["allow_unapproved"],
        withdrawn=tuple((code, why) for code, why in sorted(gone.items()) if why),
    )
    kept = cache_folder(flags)
    start = time.monotonic()
    with _pool(flags) as pool, progress(listing.size) as tell:
        if directory is None or flags["dry_run"]:
            done = check_all(listing, setup, pool, tell=tell, say=print_entry, look=post.look if post else None)
        else:
            masters = MasterCache(kept) if kept else None
            printing = _printing(given, defaults, flags)
            after = post.after if post else None
            with open_recorder(flags) as recorder:
                recorded = recorder.rows(given)
                done = make_all(
                    listing, setup, pool, directory, masters, tell=tell, printing=printing, after=after,
                    recorded=recorded,
                )  # fmt: skip
    steps = [lambda: print_summary(done, time.monotonic() - start, flags["dry_run"], directory)]
    if post:
        steps.append(post.tell_looked if flags["dry_run"] else post.mail)
    if session and directory:
        steps.append(lambda: _print(session, [directory / name for name in done.printed], flags))
    _each(steps)


def _print(session: PrintSession, files: list[Path], flags: dict[str, Any]) -> None:
    with open_recorder(flags) as recorder:
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


def _printing(given: Context, defaults: dict[str, Any], flags: dict[str, Any]) -> Any:
    """What is to be printed with; None for nothing. The sheets' paper is the clinic's."""
    from handouts.batch import Printing
    from handouts.load.library import load_clinic

    if not flags["merge"] and not flags["run_sheet"]:
        return None
    paper = defaults.get("paper") or load_clinic(given.content, defaults.get("clinic")).paper
    return Printing(flags["merge"], flags["run_sheet"], flags["order"], not flags["one_sided"], paper)


def _mapping(maps: tuple[str, ...], file: Path | None) -> dict[str, str]:
    """Foreign columns' names and what they are. RequestFault."""
    from handouts.load.requests import read_request

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
def _pool(flags: dict[str, Any]) -> Iterator[Any]:
    from handouts.batch.cluster import Certificates, Cluster
    from handouts.batch.pool import InlinePool, ProcessPool

    jobs = flags["jobs"] or os.cpu_count() or 1
    pool: InlinePool | ProcessPool | Cluster
    if flags["dask"]:
        pool = Cluster(flags["dask"], Certificates(flags["tls_ca"], flags["tls_cert"], flags["tls_key"]))
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
