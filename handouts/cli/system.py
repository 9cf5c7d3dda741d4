"""The commands about the machine: doctor, cache."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts import paths
from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.options import DATA_FLAG
from handouts.cli.output import plural
from handouts.errors import HandOverFault, SystemMissing

if TYPE_CHECKING:
    from handouts.typeset.cache import SheetCache

_SIGN = {"ok": "ok      ", "missing": "MISSING ", "optional": "not here", "unsafe": "UNSAFE  "}


@click.command()
@click.option(
    "--email", metavar="ADDRESS", help="Test the clinic's mail instead: sends a test message to this address."
)
@click.option("--fhir", is_flag=True, help="Test the clinic's health record instead: reads, and writes nothing.")
@click.option("--clinic", metavar="NAME", shell_complete=completing.clinics,
              help="With --email or --fhir: the clinic whose mail or health record to test.")  # fmt: skip
@DATA_FLAG
@click.pass_obj
def doctor(given: Context, email: str | None, fhir: bool, clinic: str | None, data: Path | None) -> None:
    """Show what is installed, what is missing, and how to get it.

    Exits with 7 when something that every handout needs is missing, or something in the data folder is lost. Checks
    only the machine, never patient data. With --email it tests each step of sending: settings, password
    or login, certificate, sign-in, and a message to ADDRESS, which should be your own. With --fhir it tests the way to
    the health record: settings, sign-in, what the server can do, today's appointments by number.

    \b
    Examples:
      python generate.py doctor
      python generate.py doctor --email you@example.org
      python generate.py doctor --fhir
    """
    if email is not None:
        _try_mail(given, email, clinic)
        return
    if fhir:
        _try_health_record(given, clinic, data)
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
        raise SystemMissing(f"Missing: {', '.join(missing)}. See above for how to get it.")


def _try_health_record(given: Context, clinic: str | None, data: Path | None) -> None:
    """Report each step that works. ContentFault, SystemMissing, RecordFault. Changes nothing at the server."""
    from handouts.deliver.fhir.posting import creates_conditionally, takes_transactions
    from handouts.deliver.fhir.resources import CODES
    from handouts.fhir.fetching import fetch_appointments
    from handouts.fhir.settings import health_record_of
    from handouts.fhir.smart import SmartTokens
    from handouts.load.library import default_clinic, load_clinic

    name = clinic or default_clinic(given.content)
    server = health_record_of(name, load_clinic(given.content, name))
    click.echo(f"ok        settings of {name}: {server.endpoint}")
    tokens = SmartTokens(time.time, data or paths.data_dir())
    if server.signs_in:
        tokens.token(server)
        click.echo("ok        sign-in: the server gave an access token")
    client = tokens.client(server)
    told = client.capabilities
    click.echo(f"ok        connection: {'FHIR ' + _version(told) if told else 'it does not say what it can do'}")
    if not takes_transactions(told):
        click.echo("note      it takes no transactions: documents are created one by one, each with its PDF within")
    documents = client.search("DocumentReference", identifier=f"{CODES}|doctor")
    click.echo(f"ok        looking for a document by its code: {len(documents)} found, as expected")
    if told and not creates_conditionally(told):
        click.echo("note      it does not say that it heeds If-None-Exist: a repeated posting is looked for first")
    found = fetch_appointments(client, given.today)
    many = sum(one.get("resourceType") == "Appointment" for one in found)
    click.echo(f"ok        today's appointments: {many}")
    click.echo("ok        the health record can be read. Post one handout to a test patient: make --fhir-post")


def _version(told: Mapping[str, object]) -> str:
    """The version of FHIR, such as 4.0.1."""
    found = str(told.get("fhirVersion", ""))
    return found if re.fullmatch(r"[0-9]+(\.[0-9]+){1,2}(-[a-z0-9]+)?", found) else "of unknown version"


def _try_mail(given: Context, to: str, clinic: str | None) -> None:
    """Report each step that works. RequestFault, ContentFault, SystemMissing, HandOverFault."""
    from handouts.deliver.mail.address import parse_address
    from handouts.deliver.mail.message import build_test, new_message_id
    from handouts.deliver.mail.settings import sender_of, server_of
    from handouts.deliver.mail.signin import SignIn
    from handouts.deliver.outbox.trouble import Trouble
    from handouts.load.library import default_clinic, load_clinic, load_mail_words

    address = parse_address(to, "--email")
    name = clinic or default_clinic(given.content)
    file = load_clinic(given.content, name)
    server, sender = server_of(name, file), sender_of(name, file)
    click.echo(f"ok        settings of {name}: {server.host}, port {server.port}, {server.security}")
    sign_in = SignIn(time.time)
    try:
        if server.oauth:
            minutes = sign_in.token(server).seconds / 60
            click.echo(f"ok        login of {server.user}: the provider gave a new token, for {minutes:.0f} minutes")
        else:
            click.echo(f"ok        password: {'found' if sign_in.secret(server) else 'none needed'}")
        connection = sign_in.connect(server)
        click.echo(f"ok        connection, {'certificate, ' if server.security != 'plain' else ''}sign-in")
        message = build_test(sender, address, load_mail_words(given.content), new_message_id(sender), time.time())
        try:
            connection.send(address, message, lambda: None)
        finally:
            connection.close()
    except Trouble as trouble:
        raise HandOverFault(f"This step failed: {trouble.reason}.") from None
    click.echo("ok        the server accepted a test message. Check that it arrives, and not in the spam folder.")


@click.group()
def cache() -> None:
    """Inspect or delete the typeset pages that are kept between runs.

    They hold no patient data: a patient's details, and text written for one patient, are stamped on later.

    \b
    Example:
      python generate.py cache info
    """


_folder = click.option(
    "--cache", "folder", type=click.Path(path_type=Path, file_okay=False), help="Default: the user's cache folder."
)


def _caches(folder: Path | None) -> tuple[SheetCache, ...]:
    """The cache, and where earlier versions kept whole masters, unless a folder is named."""
    from handouts.typeset.cache import SheetCache

    if folder:
        return (SheetCache(folder),)
    home = paths.cache_dir()
    return (SheetCache(home / "sheets"), SheetCache(home / "masters"))


@cache.command()
@_folder
def info(folder: Path | None) -> None:
    """Show how many typeset sheets are kept, where, and their size.

    \b
    Example:
      python generate.py cache info
    """
    kept, *old = _caches(folder)
    sizes = [path.stat().st_size for path in kept.entries()]
    click.echo(
        f"{kept.folder}: {plural(len(sizes), 'typeset sheet')}, {sum(sizes) / 1e6:.1f} of {kept.max_bytes / 1e6:.0f} MB"
    )
    for one in old:
        if unused := one.entries():
            click.echo(
                f"{one.folder}: {plural(len(unused), 'file')} of an earlier version. `cache clear` deletes them."
            )


@cache.command()
@_folder
def clear(folder: Path | None) -> None:
    """Delete all kept typeset sheets.

    The next handout is typeset again, which takes some seconds.

    \b
    Example:
      python generate.py cache clear
    """
    gone = sum(one.clear() for one in _caches(folder))
    click.echo(f"Deleted {plural(gone, 'typeset sheet')}.")


COMMANDS: tuple[click.Command, ...] = (doctor, cache)
