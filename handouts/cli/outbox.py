"""The commands about the outbox: list, show, retry, cancel, clear. `outbox_run` and `recovery` have the rest."""

from __future__ import annotations

import time

import click

from handouts.cli import Group
from handouts.cli.groups import gathered
from handouts.cli.options import DATA_FLAG, Recording
from handouts.cli.outbox_run import run
from handouts.cli.output import format_moment, plural
from handouts.cli.recovery import begin_outbox, restore_outbox
from handouts.codes import format_code
from handouts.deliver.outbox.entries import FINAL
from handouts.errors import escape_unprintable

_STATES = ("queued", "claimed", "sending", "sent", "failed", "unknown", "paused", "cancelled")
_KINDS = {
    "handout": "for the health record",
    "mailed": "for the health record: that it was mailed",
    "voided": "for the health record: that it was given in error",
}


@click.group(cls=Group)
def outbox() -> None:
    """Send waiting messages, and handle those that could not be sent.

    \b
    Example:
      python generate.py outbox run
    """


outbox.add_command(run)


@outbox.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="Only these; repeat for each.")
@DATA_FLAG
@gathered
def list_(states: tuple[str, ...], record: Recording) -> None:
    """List all messages: number, document code, state, time, reason. No addresses.

    What goes to the clinic's health record is marked as such.

    \b
    Examples:
      python generate.py outbox list
      python generate.py outbox list --state unknown --state failed
    """
    with record.open_outbox() as box:
        for entry in box.entries(states):
            lock = "" if entry.locked else "  not locked"
            way = f"  {_KINDS[entry.kind]}" if entry.channel == "fhir" else ""
            reason = f"  {entry.reason}" if entry.reason else ""
            changed = format_moment(entry.changed)
            click.echo(f"{entry.id:>5}  {format_code(entry.code)}  {entry.shown:<9}  {changed}{lock}{way}{reason}")


@outbox.command()
@click.argument("number", type=int)
@DATA_FLAG
@gathered
def show(number: int, record: Recording) -> None:
    """Show everything known about a message except its address.

    \b
    Example:
      python generate.py outbox show 12
    """
    with record.open_outbox() as box:
        entry = box.entry(number)
    lines: list[tuple[str, object]] = [
        ("Message", entry.id),
        ("Document", format_code(entry.code)),
        ("Clinic", entry.clinic),
        ("State", entry.shown),
        ("Why", entry.reason or "-"),
        ("Queued", format_moment(entry.created)),
        ("Changed", format_moment(entry.changed)),
        ("Tries", entry.tries),
        ("Next try", "-" if entry.state in FINAL else format_moment(entry.due)),
    ]
    if entry.channel == "fhir":
        lines += [("Holds", _KINDS[entry.kind]), ("Server", escape_unprintable(entry.place or "-"))]
    else:
        locked = "yes" if entry.locked else f"no; {entry.unlocked_by} confirmed it"
        lines += [("Locked", locked), ("Message-ID", entry.message_id)]
    for label, value in lines:
        click.echo(f"{label:<11} {value}")


@outbox.command()
@click.argument("number", type=int, required=False)
@DATA_FLAG
@gathered
def retry(number: int | None, record: Recording) -> None:
    """Send message NUMBER again or, without NUMBER, resume paused queues.

    An "unknown" message may be sent twice: first ask the patient whether it arrived.

    \b
    Examples:
      python generate.py outbox retry
      python generate.py outbox retry 12
    """
    with record.open_outbox() as box:
        if number is None:
            click.echo(f"Resumed with the next `outbox run`: {plural(box.resume(time.time()), 'message')}.")
        else:
            box.retry(number, time.time())
            click.echo(f"Message {number} goes out with the next `outbox run`.")


@outbox.command()
@click.argument("number", type=int)
@click.option("--arrived", is_flag=True, help='For an "unknown" message: the patient has it.')
@DATA_FLAG
@gathered
def cancel(number: int, arrived: bool, record: Recording) -> None:
    """Remove message NUMBER from the outbox, and delete its content.

    \b
    Examples:
      python generate.py outbox cancel 12
      python generate.py outbox cancel 12 --arrived
    """
    with record.open_outbox() as box:
        box.cancel(number, time.time(), arrived=arrived)
    click.echo(f"Message {number} is {'recorded as sent' if arrived else 'cancelled'}; its content is deleted.")


@outbox.command()
@click.option(
    "--older-than", "days", type=click.IntRange(0), required=True, metavar="DAYS", help="Days since they ended."
)
@DATA_FLAG
@gathered
def clear(days: int, record: Recording) -> None:
    """Forget messages that were sent, failed or cancelled some days ago.

    A forgotten message is no longer recognised when the same file is mailed again.

    \b
    Example:
      python generate.py outbox clear --older-than 30
    """
    with record.open_outbox() as box:
        click.echo(f"Forgotten: {plural(box.clear(time.time() - days * 86400), 'message')}.")


outbox.add_command(restore_outbox)
outbox.add_command(begin_outbox)

COMMANDS: tuple[click.Command, ...] = (outbox,)
