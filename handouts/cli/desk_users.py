"""The commands for who may work at a desk on a network: desk users add, list, reset, remove, log."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from handouts.cli import Group
from handouts.cli.groups import all_of, gathered
from handouts.cli.options import BY_FLAG, DATA_FLAG, RECORD_FLAGS, Recording

if TYPE_CHECKING:
    from handouts.desk.users import Users

_NAME = click.argument("name", metavar="NAME")
_ONE = all_of(_NAME, BY_FLAG, DATA_FLAG)


@click.group(cls=Group)
def users() -> None:
    """Say who may work at a desk that other machines reach.

    Each of them has a name and a password, and what they do is recorded with that name.

    \b
    Example:
      python generate.py desk users add anna --may administer
    """


@users.command("add")
@_NAME
@click.option(
    "--may",
    type=click.Choice(["approve", "administer"]),
    multiple=True,
    help="What the user may do beside making handouts. An administrator may do everything.",
)
@RECORD_FLAGS
@gathered
def add(record: Recording, name: str, may: tuple[str, ...]) -> None:
    """Add a user, and print a password that lets them in once.

    They choose their own when they log in with it, within three days. The first user has to be an administrator.

    \b
    Example:
      python generate.py desk users add anna --may approve
    """
    from handouts.desk.users import role_for

    role = role_for(may)
    with _users(record) as there:
        password = there.add(name, role, time.time(), record.user)
        _tell_once(name, password)


@users.command("list")
@DATA_FLAG
@gathered
def list_users(record: Recording) -> None:
    """Show the users and what they may do.

    \b
    Example:
      python generate.py desk users list
    """
    with _users(record) as there:
        found = there.all()
    for user in found:
        click.echo(f"{user.name}  {user.role}{', has a one-time password' if user.once else ''}")
    if not found:
        click.echo("There are no users yet. The first is an administrator: desk users add NAME --may administer")


@users.command()
@_ONE
@gathered
def reset(record: Recording, name: str) -> None:
    """Give a user who forgot the password a new one that lets them in once.

    \b
    Example:
      python generate.py desk users reset anna
    """
    with _users(record) as there:
        _tell_once(name, there.reset(name, time.time(), record.user))


@users.command()
@_ONE
@gathered
def remove(record: Recording, name: str) -> None:
    """Remove a user, who is logged out within seconds. The last administrator stays.

    \b
    Example:
      python generate.py desk users remove anna
    """
    with _users(record) as there:
        click.echo(f"{there.remove(name, time.time(), record.user)} is no longer a user of the desk.")


@users.command()
@DATA_FLAG
@click.option("--last", type=click.IntRange(1), default=50, show_default=True, help="How many lines.")
@gathered
def log(record: Recording, last: int) -> None:
    """Show who logged in, from where, which tries failed, and what was done to users.

    \b
    Example:
      python generate.py desk users log
    """
    with _users(record) as there:
        for line in there.log(last):
            at = datetime.fromtimestamp(line.at).astimezone()
            click.echo(f"{at:%Y-%m-%d %H:%M:%S}  {line.what}: {line.who}  {line.where}".rstrip())


def _users(record: Recording) -> Users:
    """The users of --data here, or of `desk --data`."""
    from handouts.desk.users import Users

    context: click.Context | None = click.get_current_context()
    while context and not record.data:
        record = replace(record, data=context.params.get("data"))
        context = context.parent
    return Users(record.folder)


def _tell_once(name: str, password: str) -> None:
    click.echo(password)
    click.echo(f"That lets {name} in once, within three days, to choose their own. It is not shown again.", err=True)
