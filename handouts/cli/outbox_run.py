"""The command that sends what is due: outbox run."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli.groups import gathered
from handouts.cli.options import DATA_FLAG, Recording
from handouts.cli.output import format_moment, plural
from handouts.codes import format_code
from handouts.deliver.outbox.entries import is_for_record
from handouts.errors import HandOverFault, SomeFailed, escape_unprintable

if TYPE_CHECKING:
    from handouts.deliver.outbox.claims import Claim
    from handouts.deliver.outbox.outbox import Outbox
    from handouts.deliver.outbox.runner import Tally

_TRY = {False: "doctor --email ADDRESS", True: "doctor --fhir"}
_POLL = 10.0
"""Seconds between checks for due messages, with --watch."""


@click.command()
@click.option("--watch", is_flag=True, help="Run until stopped, and send messages as they become due.")
@DATA_FLAG
@click.pass_obj
@gathered
def run(given: Context, /, watch: bool, record: Recording) -> None:
    """Send messages that are due.

    From a terminal, cron or systemd (docs/mail.md). Two runs at once share the work. Ctrl-C finishes the current
    message, then stops.

    \b
    Examples:
      python generate.py outbox run
      python generate.py outbox run --watch

    Exit codes: 1 when a message failed, is unknown or was set aside; 5 when the outbox is damaged; 6 when a queue
    is paused until something is fixed; 7 when there is no password or login.
    """
    from handouts.deliver.outbox.sending import Logins, send_due

    with record.open_outbox() as box, _stop_on_signal() as stop:
        box.database.require_sound()
        told: set[str] = set()
        logins = Logins(time.time, box.database.path.parent)
        while True:
            tally = send_due(given.content, box, now=time.time, stop=stop, say=_print_claim, logins=logins)
            _print_tally(box, tally, told)
            if not watch:
                _finish(box, tally)
                return
            if stop.wait(_POLL):
                return


def _print_claim(claim: Claim, end: str, reason: str) -> None:
    now, why = format_moment(time.time()), f": {reason}" if reason else ""
    click.echo(f"{now}  message {claim.id}  {format_code(claim.code)}  {end}{why}")


def _print_tally(box: Outbox, tally: Tally, told: set[str]) -> None:
    """Report paused queues and clinics that are not set up, once each while that lasts, and what a killed run left."""
    waits = {
        queue: f"The queue of {queue} is paused: {reason}. Fix that (`{_TRY[is_for_record(queue)]}` tests it), "
        "then run `outbox retry`. No message was lost."
        for queue, reason in box.pauses().items()
    }
    waits |= {clinic: f"{clinic}: {fault.message}" for clinic, fault in tally.faults.items()}
    for clinic in sorted((waits.keys() - told) | tally.paused.keys()):
        click.echo(waits[clinic], err=True)
    told.clear()
    told.update(waits)
    for number in tally.due_again:
        click.echo(f"Message {number}: its time was set by a wrong clock. It is due now.", err=True)
    for number, reason in tally.aside:
        click.echo(
            f'Message {number} was not sent: {escape_unprintable(reason)}. It is set aside as "unknown" until someone '
            f"checks it: `outbox show {number}`.",
            err=True,
        )
    if tally.left:
        click.echo(
            f"A run was killed, or the machine stopped, while sending {plural(tally.left, 'message')}: "
            "it is unknown what arrived. `outbox list --state unknown` shows which.",
            err=True,
        )


def _finish(box: Outbox, tally: Tally) -> None:
    """How a single run ends. HandOverFault, SystemMissing, ContentFault, SomeFailed."""
    ends, aside = tally.ends, len(tally.aside)
    click.echo(
        f"{ends['sent']} sent, {ends['deferred']} to be tried again, {ends['failed']} failed, {ends['unknown']} unknown"
        + (f", {aside} set aside" if aside else "")
    )
    waiting = len(box.entries(["unknown"]))
    if waiting > ends["unknown"] + aside:
        click.echo(
            f"Note: {plural(waiting, 'message')} to decide about: `outbox list --state unknown`.",
            err=True,
        )
    if tally.faults:
        raise type(next(iter(tally.faults.values())))("That clinic's other messages wait; none was lost.")
    if box.entries(["paused"]):
        raise HandOverFault("Messages wait in a paused queue; see above.")
    if ends["failed"] or ends["unknown"] or aside:
        raise SomeFailed("Some messages need attention: `outbox list` shows them, docs/mail.md says what to do.")


@contextmanager
def _stop_on_signal() -> Iterator[threading.Event]:
    """Ctrl-C and SIGTERM end a run after the current message; a second Ctrl-C ends it at once."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
