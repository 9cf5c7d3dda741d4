"""The commands about the machine: doctor, cache."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts import paths
from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.options import DATA_FLAG
from handouts.errors import HandOverFault, SystemMissing

if TYPE_CHECKING:
    from handouts.typeset.cache import MasterCache

_SIGN = {"ok": "ok      ", "missing": "MISSING ", "optional": "not here", "unsafe": "UNSAFE  "}


@click.command()
@click.option("--email", metavar="ADDRESS", help="Try the clinic's mail instead: sends a test message there.")
@click.option("--clinic", metavar="NAME", shell_complete=completing.clinics, help="With --email: whose mail.")
@DATA_FLAG
@click.pass_obj
def doctor(given: Context, email: str | None, clinic: str | None, data: Path | None) -> None:
    """Tell what is installed, what is missing, and how to get it.

    Ends with exit code 7 when something is missing that every handout needs, or was lost from the data folder. Looks
    at the machine only, never at a patient's data. With --email it tries each step of sending: settings, password,
    certificate, sign-in, and a message to ADDRESS, which is your own.

    \b
    Examples:
      python generate.py doctor
      python generate.py doctor --email you@example.org
    """
    if email is not None:
        _try_mail(given, email, clinic)
        return
    from handouts.doctor import examine

    missing = []
    for finding in examine(given.content, data):
        click.echo(f"{_SIGN[finding.state]}  {finding.what}: {finding.found}")
        if finding.state != "ok" and finding.help:
            click.echo("".join(f"            {line}\n" for line in finding.help.splitlines()), nl=False)
        if finding.state == "missing":
            missing.append(finding.what)
    if missing:
        raise SystemMissing(f"Missing: {', '.join(missing)}. The lines above say how to get it.")


def _try_mail(given: Context, to: str, clinic: str | None) -> None:
    """Say how far it goes. RequestFault, ContentFault, SystemMissing, HandOverFault."""
    from handouts.deliver.mail.address import parse_address
    from handouts.deliver.mail.message import build_test, new_message_id
    from handouts.deliver.mail.password import password_of
    from handouts.deliver.mail.replies import Trouble
    from handouts.deliver.mail.settings import sender_of, server_of
    from handouts.deliver.mail.smtp import connect
    from handouts.load.library import default_clinic, load_clinic, load_mail_words

    address = parse_address(to, "--email")
    name = clinic or default_clinic(given.content)
    file = load_clinic(given.content, name)
    server, sender = server_of(name, file), sender_of(name, file)
    click.echo(f"ok        settings of {name}: {server.host}, port {server.port}, {server.security}")
    password = password_of(server)
    click.echo(f"ok        password: {'found' if password else 'none needed'}")
    try:
        connection = connect(server, password)
        click.echo(f"ok        connection, {'certificate, ' if server.security != 'plain' else ''}sign-in")
        message = build_test(sender, address, load_mail_words(given.content), new_message_id(sender), time.time())
        try:
            connection.send(address, message, lambda: None)
        finally:
            connection.close()
    except Trouble as trouble:
        raise HandOverFault(f"It ends here: {trouble.reason}.") from None
    click.echo("ok        a test message was taken by the server. Look whether it arrives, and not among the spam.")


@click.group()
def cache() -> None:
    """Look at the typeset pages that are kept between runs, or delete them.

    They hold nobody's data: a patient's details are stamped on later, and what was written for one patient is
    never kept.

    \b
    Example:
      python generate.py cache info
    """


_folder = click.option(
    "--cache", "folder", type=click.Path(path_type=Path, file_okay=False), help="Default: the user's cache folder."
)


def _cache(folder: Path | None) -> MasterCache:
    from handouts.typeset.cache import MasterCache

    return MasterCache(folder or paths.cache_dir() / "masters")


@cache.command()
@_folder
def info(folder: Path | None) -> None:
    """How many typeset handouts are kept, where, and how large they are.

    \b
    Example:
      python generate.py cache info
    """
    kept = _cache(folder)
    sizes = [path.stat().st_size for path in kept.entries()]
    click.echo(f"{kept.folder}: {len(sizes)} typeset handouts, {sum(sizes) / 1e6:.1f} of {kept.max_bytes / 1e6:.0f} MB")


@cache.command()
@_folder
def clear(folder: Path | None) -> None:
    """Delete every typeset handout that is kept.

    The next handout is typeset anew, which takes some seconds.

    \b
    Example:
      python generate.py cache clear
    """
    click.echo(f"Deleted {_cache(folder).clear()} typeset handouts.")


COMMANDS: tuple[click.Command, ...] = (doctor, cache)
