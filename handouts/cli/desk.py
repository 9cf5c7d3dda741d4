"""The command that opens the desk: desk."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass

import click

from handouts.cli import Context
from handouts.cli.clock import read_today
from handouts.cli.options import (
    KEEPING_FLAGS,
    RECORD_FLAGS,
    Keeping,
    Options,
    Recording,
    all_of,
    gathered,
    read_code_key,
)

_FLAGS = all_of(
    click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 for any."),
    click.option("--no-open", is_flag=True, help="Only print the address; it lets one browser in, once."),
)


@dataclass(frozen=True)
class Opening(Options):
    """`_FLAGS`."""

    port: int
    no_open: bool


@click.command()
@_FLAGS
@RECORD_FLAGS
@KEEPING_FLAGS
@click.pass_obj
@gathered
def desk(given: Context, /, opening: Opening, record: Recording, keeping: Keeping) -> None:
    """Open the desk: a page in the browser where staff make handouts.

    It listens on this machine alone, and lets in only the browser that it opens. Ctrl-C closes it. Where it is open
    already, this opens another window of it.

    \b
    Example:
      python generate.py desk
    """
    from handouts.desk.opening import invitation_of_another, open_browser
    from handouts.desk.server import running
    from handouts.desk.state import Settings

    day = given.today if given.today != read_today() else None  # --today, in tests
    settings = Settings(
        content=given.content,
        data=record.folder,
        by=record.user,
        today=lambda: day or read_today(),
        now=time.time,
        key=lambda: read_code_key(keeping.key_file, record),
        cache=keeping.sheets(),
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    there = invitation_of_another(record.folder)
    if there:
        if opening.no_open or not open_browser(there):
            click.echo(there)
        click.echo("The desk is open already: this is another window of it.")
        return
    with running(settings, opening.port) as open_desk:
        invitation = open_desk.invitation()
        if opening.no_open or not open_browser(invitation):
            click.echo(invitation)
        click.echo(f"The desk is open at {open_desk.address}. Ctrl-C closes it.")
        stop.wait()


COMMANDS: tuple[click.Command, ...] = (desk,)
