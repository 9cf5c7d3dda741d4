"""The commands about the program's key for the clinic's health record: fhir login, logout."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from handouts.cli import Context, Group
from handouts.cli import completion as completing
from handouts.cli.groups import gathered
from handouts.cli.options import DATA_FLAG, Recording
from handouts.errors import ContentFault

if TYPE_CHECKING:
    from handouts.fhir.settings import HealthRecord

_CLINIC = click.argument("clinic", required=False, metavar="[CLINIC]", shell_complete=completing.clinics)


@click.group(cls=Group)
def fhir() -> None:
    """Make the key with which this program signs in to the clinic's health record, or delete it.

    \b
    Example:
      python generate.py fhir login
    """


@fhir.command()
@_CLINIC
@click.option("--rsa", is_flag=True, help="An RSA key (RS384), for a health record that takes no other.")
@DATA_FLAG
@click.pass_obj
@gathered
def login(given: Context, /, clinic: str | None, rsa: bool, record: Recording) -> None:
    """Make a key, once, and show its public half.

    Whoever runs the health record registers that half (a JWK Set) and gives back a client ID for clinic.yaml. The
    private half is kept in this system's keyring, or in the file that fhir.key names. docs/health-records.md says more.

    \b
    Examples:
      python generate.py fhir login
      python generate.py fhir login cohen > public-key.json

    Exit code 7 without a keyring.
    """
    from handouts.fhir.key import keep_key, new_key, public_set, read_key

    server = _server(given, clinic)
    key = read_key(server, record.folder)
    if key is None:
        key = new_key("RSA" if rsa else "EC")
        keep_key(server, record.folder, key)
        click.echo(f"A new key is kept in {server.key or 'the keyring'}. Have its public half registered:", err=True)
    else:
        click.echo(f"There is a key in {server.key or 'the keyring'}. Its public half:", err=True)
    click.echo(json.dumps(public_set(key), indent=2))


@fhir.command()
@_CLINIC
@DATA_FLAG
@click.pass_obj
@gathered
def logout(given: Context, /, clinic: str | None, record: Recording) -> None:
    """Delete the key. Have its public half taken out of the health record as well.

    \b
    Example:
      python generate.py fhir logout cohen
    """
    from handouts.fhir.key import forget_key

    server = _server(given, clinic)
    if forget_key(server, record.folder):
        click.echo(f"The key of {server.clinic} is deleted. Have its public half taken out of the health record.")
    else:
        click.echo(f"{server.clinic} has no key on this machine.")


def _server(given: Context, clinic: str | None) -> HealthRecord:
    from handouts.fhir.settings import health_record_of
    from handouts.load.library import default_clinic, load_clinic

    name = clinic or default_clinic(given.content)
    server = health_record_of(name, load_clinic(given.content, name))
    if not server.signs_in:
        raise ContentFault(
            f"The health record of {name} wants no sign-in: clinic.yaml does not say 'fhir.auth: smart'."
        )
    return server


COMMANDS: tuple[click.Command, ...] = (fhir,)
