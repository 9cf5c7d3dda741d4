"""The command that opens the desk: desk. `desk_users` has those below it."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from pathlib import Path

import click

from handouts.cli import Context, Group
from handouts.cli.clock import read_today
from handouts.cli.desk_users import users
from handouts.cli.groups import Options, all_of, gathered
from handouts.cli.options import KEEPING_FLAGS, RECORD_FLAGS, Keeping, Recording, read_code_key

_FLAGS = all_of(
    click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 for any."),
    click.option("--listen", "address", default="127.0.0.1", show_default=True, metavar="ADDRESS",
                 help="The machine's address on the network; with TLS and users only."),
    click.option("--name", "names", multiple=True, metavar="NAME",
                 help="What the server is called, as desk.clinic.example; repeat for each."),
    click.option("--tls-cert", type=click.Path(path_type=Path, dir_okay=False), help="Its certificate, PEM."),
    click.option("--tls-key", type=click.Path(path_type=Path, dir_okay=False), help="The certificate's key, PEM."),
    click.option("--no-open", is_flag=True, help="Only print the address; it lets one browser in, once."),
)  # fmt: skip


@dataclass(frozen=True)
class Opening(Options):
    """`_FLAGS`."""

    port: int
    no_open: bool
    address: str
    names: tuple[str, ...]
    tls_cert: Path | None
    tls_key: Path | None


@click.group(cls=Group, invoke_without_command=True)
@_FLAGS
@RECORD_FLAGS
@KEEPING_FLAGS
@click.pass_obj
@gathered
def desk(given: Context, /, opening: Opening, record: Recording, keeping: Keeping) -> None:
    """Open the desk: a page in the browser where staff make handouts.

    It listens on this machine alone, and lets in only the browser that it opens. Ctrl-C closes it. Where it is open
    already, this opens another window of it. With --listen, --tls-cert and --tls-key it serves the browsers of a
    network, to users who log in: docs/desk-network.md.

    \b
    Example:
      python generate.py desk
    """
    if click.get_current_context().invoked_subcommand:
        return
    from handouts.desk.network import Listening
    from handouts.desk.opening import HOST, invitation_of_another, open_browser
    from handouts.desk.server import running, tell_ready
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
    told_to_stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: told_to_stop.append(number))
    at = Listening(opening.address, tuple(name.lower() for name in opening.names), opening.tls_cert, opening.tls_key)
    if opening.address != HOST or at.secured or at.key:
        with running(settings, opening.port, at=at) as open_desk:
            click.echo(f"The desk is open at {open_desk.address} to its users. Ctrl-C closes it.")
            tell_ready()
            _wait_for(told_to_stop)
        return
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
        _wait_for(told_to_stop)


def _wait_for(told: list[int]) -> None:
    """Wait for a signal. It may reach any thread, or come just before this waits, and would not wake an Event then."""
    while not told:
        time.sleep(0.2)


desk.add_command(users)
COMMANDS: tuple[click.Command, ...] = (desk,)
