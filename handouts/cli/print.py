"""The commands about paper: printers, print; and where `make` and `batch` print."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.groups import Options, all_of, gathered
from handouts.cli.options import RECORD_FLAGS, Recording
from handouts.deliver.printing.contents import OURS
from handouts.errors import RequestFault

if TYPE_CHECKING:
    from handouts.deliver.printing.session import PrintSession

USUAL = ""
"""The value of --print without a name: the clinic's printer, else the machine's default."""
WAIT_FLAG = click.option(
    "--print-wait", type=click.FloatRange(min=0), metavar="SECONDS",
    help="How long a job may make no progress before it is reported as stuck; 0 does not wait at all. "
    "Default: 120, longer for many pages.",
)  # fmt: skip


def _a_printer(_ctx: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    """UsageError when --print took the file for a printer's name."""
    if name and (name == "-" or Path(name).suffix.lower() in {".yaml", ".yml", ".json", ".csv", ".jsonl", ".pdf"}):
        raise click.UsageError(
            "--print took the file for a printer. Put --print after the file, or use --print=PRINTER."
        )
    return name


PRINT_FLAGS = all_of(
    click.option("--print", "print_on", is_flag=False, flag_value=USUAL, metavar="[PRINTER]", callback=_a_printer,
                 help="Print it, and wait until it is printed. Without a name: the clinic's printer, else the "
                 "machine's default. Put it after the file."),
    WAIT_FLAG,
)  # fmt: skip


@dataclass(frozen=True)
class Printing(Options):
    """Where to print, and how long to wait. ``print_on``: None not to print."""

    print_on: str | None
    print_wait: float | None
    one_sided: bool = False


@click.command()
def printers() -> None:
    """List the printers, the default one, and why a printer can't print.

    \b
    Example:
      python generate.py printers
    """
    from handouts.deliver.printing.messages import describe_printer
    from handouts.deliver.printing.scheduler import Scheduler

    scheduler = Scheduler()
    found, default = scheduler.printers(), scheduler.default()
    if not found:
        click.echo("No printer is set up yet. Add one in the system's settings, or with lpadmin.")
        return
    rows = [("NAME", "", "STATE", "JOBS", "MESSAGE")]
    rows += [
        (
            printer.name,
            "default" if printer.name == (default or "").partition("/")[0] else "",
            printer.state,
            "taken" if printer.accepting else "refused",
            describe_printer(printer),
        )
        for printer in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@click.command("print")
@click.argument("files", nargs=-1, required=True, metavar="FILE...",
                # what click finds wrong with a file it tells with the file's name, which may be a patient's
                type=click.Path(path_type=Path, readable=False), shell_complete=completing.files)  # fmt: skip
@click.option("--on", "print_on", metavar="PRINTER", default=USUAL,
              help="Default: the clinic's printer, else the machine's default.")  # fmt: skip
@click.option(
    "--clinic", metavar="NAME", shell_complete=completing.clinics, help="Clinic whose paper, sides and copies to use."
)
@click.option("--one-sided", is_flag=True, help="For print files made with --one-sided.")
@click.option("--not-in-record", is_flag=True, help="Print a handout that this record does not know, such as one from "
              "another data folder.")  # fmt: skip
@WAIT_FLAG
@RECORD_FLAGS
@click.pass_obj
@gathered
def print_(
    given: Context,
    /,
    files: tuple[Path, ...],
    clinic: str | None,
    not_in_record: bool,
    printing: Printing,
    record: Recording,
) -> None:
    """Print finished PDFs again, one after the other.

    For print files that were not printed, or another copy. The first failure stops the rest. Voided and replaced
    handouts are not printed.

    \b
    Examples:
      python generate.py print handout.pdf
      python generate.py print out/list/volume-002.pdf out/list/volume-003.pdf --on front-desk
    """
    from handouts.deliver.printing.session import name_in_message

    for number, file in enumerate(files, 1):
        if not file.is_file():
            name = name_in_message(file, number, len(files))
            raise RequestFault(f"{name} does not exist. Name PDFs that `make` or `batch` wrote. Nothing was printed.")
    session = open_print_session(given, clinic, printing, record)
    if session:
        with record.open() as recorder:
            session.print_all(files, recorder, not_in_record=not_in_record)


def open_print_session(
    given: Context, clinic: str | None, printing: Printing, record: Recording
) -> PrintSession | None:
    """A clinic's print session (clinic None: the default one); None without --print.

    SystemMissing without CUPS, HandOverFault without a printer that takes jobs.
    """
    if printing.print_on is None:
        return None
    from handouts.deliver.printing.job import Env, PrintOptions
    from handouts.deliver.printing.outcome import describe_printed
    from handouts.deliver.printing.scheduler import Scheduler
    from handouts.deliver.printing.session import PrintSession, find_printer
    from handouts.load.library import load_clinic

    file, scheduler = load_clinic(given.content, clinic), Scheduler()
    name, ours = find_printer(scheduler, file, printing.print_on), file.print
    duplex = ours.duplex and not printing.one_sided

    def go_on(rest: Sequence[Path]) -> str:
        return f"\nWhen the printer works again: {_command(rest, name, clinic, duplex, record.data)}"

    return PrintSession(
        scheduler,
        name,
        PrintOptions(duplex, ours.copies, ours.paper, file.paper, printing.print_wait),
        Env(time.time, time.monotonic, time.sleep, lambda line: click.echo(line, err=True)),
        done=lambda printed, title: click.echo(describe_printed(printed, title)),
        go_on=go_on,
    )


def _command(files: Sequence[Path], printer: str, clinic: str | None, duplex: bool, data: Path | None) -> str:
    """The command that prints the files that are unprinted or have to be printed again."""
    whose = ["--clinic", clinic] if clinic else []
    where = ["--data", str(data)] if data else []
    sides = [] if duplex else ["--one-sided"]
    named = [shlex.quote(str(file)) if OURS.fullmatch(file.name) else "FILE" for file in files]
    return f"print {' '.join(named)} {shlex.join(['--on', printer, *whose, *sides, *where])}"


COMMANDS: tuple[click.Command, ...] = (printers, print_)
