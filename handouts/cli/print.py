"""The commands about paper: printers, print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.print_session import USUAL, WAIT_FLAG, name_in_message, open_print_session
from handouts.cli.recorder import RECORD_FLAGS, open_recorder
from handouts.errors import RequestFault


@click.command()
def printers() -> None:
    """List the printers, the default one, and what keeps one from printing.

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
    rows = [("NAME", "", "STATE", "JOBS", "WHAT IT SAYS")]
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
                type=click.Path(path_type=Path, dir_okay=False), shell_complete=completing.files)  # fmt: skip
@click.option("--on", "print_on", metavar="PRINTER", default=USUAL,
              help="Default: the clinic's printer, else the machine's default.")  # fmt: skip
@click.option("--clinic", metavar="NAME", shell_complete=completing.clinics, help="Whose paper, sides and copies.")
@click.option("--one-sided", is_flag=True, help="For print files that were made with --one-sided.")
@WAIT_FLAG
@RECORD_FLAGS
@click.pass_obj
def print_(given: Context, /, files: tuple[Path, ...], **flags: Any) -> None:
    """Print finished PDFs again, one after the other.

    For print files that are left over, or one more copy. The first that fails stops the rest. What was voided or
    replaced is not printed again.

    \b
    Examples:
      python generate.py print handout.pdf
      python generate.py print out/list/volume-002.pdf out/list/volume-003.pdf --on front-desk
    """
    for number, file in enumerate(files, 1):
        if not file.is_file():
            name = name_in_message(file, number, len(files))
            raise RequestFault(f"{name} isn't there. Name PDFs that `make` or `batch` wrote. Nothing was printed.")
    session = open_print_session(given, flags["clinic"], flags, one_sided=flags["one_sided"])
    if session:
        with open_recorder(flags) as recorder:
            session.print_all(files, recorder)


COMMANDS: tuple[click.Command, ...] = (printers, print_)
