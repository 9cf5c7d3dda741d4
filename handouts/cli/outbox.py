"""The commands about the outbox: list, show, retry, cancel, clear. `outbox_run` and `recovery` have the rest."""

from __future__ import annotations

import time

import click

from handouts.cli import Group
from handouts.cli.options import DATA_FLAG, Recording, gathered
from handouts.cli.outbox_run import run
from handouts.cli.output import format_moment, plural
from handouts.cli.recovery import begin_outbox, restore_outbox
from handouts.codes import format_code
from handouts.deliver.mail.entries import FINAL

_STATES = ("queued", "claimed", "sending", "sent", "failed", "unknown", "paused", "cancelled")


@click.group(cls=Group)
def outbox() -> None:
    """Send what waits, and look after what could not be sent.

    \b
    Example:
      python generate.py outbox run
    """


outbox.add_command(run)


@outbox.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="Only these; say it once for each.")
@DATA_FLAG
@gathered
def list_(states: tuple[str, ...], record: Recording) -> None:
    """Every message: number, document code, state, when, why. No address.

    \b
    Examples:
      python generate.py outbox list
      python generate.py outbox list --state unknown --state failed
    """
    with record.open_outbox() as box:
        for entry in box.entries(states):
            lock = "" if entry.locked else "  not locked"
            reason = f"  {entry.reason}" if entry.reason else ""
            changed = format_moment(entry.changed)
            click.echo(f"{entry.id:>5}  {format_code(entry.code)}  {entry.shown:<9}  {changed}{lock}{reason}")


@outbox.command()
@click.argument("number", type=int)
@DATA_FLAG
@gathered
def show(number: int, record: Recording) -> None:
    """All that is known of one message, but its address.

    \b
    Example:
      python generate.py outbox show 12
    """
    with record.open_outbox() as box:
        entry = box.entry(number)
    lines = [
        ("Message", entry.id),
        ("Document", format_code(entry.code)),
        ("Clinic", entry.clinic),
        ("State", entry.shown),
        ("Why", entry.reason or "-"),
        ("Queued", format_moment(entry.created)),
        ("Changed", format_moment(entry.changed)),
        ("Tries", entry.tries),
        ("Next try", "-" if entry.state in FINAL else format_moment(entry.due)),
        ("Locked", "yes" if entry.locked else f"no; {entry.unlocked_by} confirmed it"),
        ("Message-ID", entry.message_id),
    ]
    for label, value in lines:
        click.echo(f"{label:<11} {value}")


@outbox.command()
@click.argument("number", type=int, required=False)
@DATA_FLAG
@gathered
def retry(number: int | None, record: Recording) -> None:
    """Send message NUMBER again, or, without it, let paused queues go on.

    For an "unknown" one this may send it twice: ask the patient first whether it arrived.

    \b
    Examples:
      python generate.py outbox retry
      python generate.py outbox retry 12
    """
    with record.open_outbox() as box:
        if number is None:
            click.echo(f"Going on with the next `outbox run`: {plural(box.resume(time.time()), 'message')}.")
        else:
            box.retry(number, time.time())
            click.echo(f"Message {number} goes out with the next `outbox run`.")


@outbox.command()
@click.argument("number", type=int)
@click.option("--arrived", is_flag=True, help='For an "unknown" one: the patient has it.')
@DATA_FLAG
@gathered
def cancel(number: int, arrived: bool, record: Recording) -> None:
    """Take message NUMBER out of the outbox, and delete its content.

    \b
    Examples:
      python generate.py outbox cancel 12
      python generate.py outbox cancel 12 --arrived
    """
    with record.open_outbox() as box:
        box.cancel(number, time.time(), arrived=arrived)
    click.echo(f"Message {number} is {'recorded as sent' if arrived else 'cancelled'}; its content is gone.")


@outbox.command()
@click.option("--older-than", "days", type=click.IntRange(0), required=True, metavar="DAYS", help="Since they ended.")
@DATA_FLAG
@gathered
def clear(days: int, record: Recording) -> None:
    """Forget messages that were sent, failed or cancelled some days ago.

    What was forgotten can no longer be recognised when the same file is mailed again.

    \b
    Example:
      python generate.py outbox clear --older-than 30
    """
    with record.open_outbox() as box:
        click.echo(f"Forgotten: {plural(box.clear(time.time() - days * 86400), 'message')}.")


outbox.add_command(restore_outbox)
outbox.add_command(begin_outbox)

COMMANDS: tuple[click.Command, ...] = (outbox,)
