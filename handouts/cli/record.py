"""The commands about the record: list, show, find, export, verify, purge; restore and begin are in `recovery`."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from handouts.cli import Group
from handouts.cli import completion as completing
from handouts.cli.groups import gathered
from handouts.cli.make import read_argument
from handouts.cli.options import DATA_FLAG, RECORD_FLAGS, Day, Recording, code_of
from handouts.cli.output import event_line, plural
from handouts.cli.prompts import confirm_deletion
from handouts.cli.recovery import begin_record, restore_record
from handouts.deliver.mail.address import parse_address
from handouts.errors import HandoutError, RequestFault
from handouts.model.recorder import CHANNELS
from handouts.record.event import Event, moment

if TYPE_CHECKING:
    from handouts.record.store import RecordStore


class NotWhole(HandoutError):
    """The record has been altered: someone has to investigate."""

    exit_code = 8


@click.group(cls=Group)
def record() -> None:
    """Look up what was made and handed out, and check that the record is unaltered.

    Each handout that is made, printed or queued adds an event without name, date of birth or address.

    \b
    Example:
      python generate.py record list
    """


@record.command("list")
@click.option("--since", type=Day(), metavar="DATE", help="From this day, such as 2026-11-22.")
@click.option("--until", type=Day(), metavar="DATE", help="To the end of this day.")
@click.option("--topic", metavar="NAME", shell_complete=completing.topics, help="Only this topic.")
@click.option("--channel", type=click.Choice(CHANNELS), help="Only this channel.")
@click.option("--code", metavar="CODE", help="Only this document.")
@DATA_FLAG
@gathered
def list_(
    since: datetime | None,
    until: datetime | None,
    topic: str | None,
    channel: str | None,
    code: str | None,
    record: Recording,
) -> None:
    """List all events, oldest first: number, time, what, channel, document code, topic, by whom.

    \b
    Examples:
      python generate.py record list --since 2026-11-01
      python generate.py record list --topic hemifacial-spasm --channel mail
    """
    found = False
    with record.open_store() as store:
        for event in store.chosen(
            since=moment(since.timestamp()) if since else None,
            until=_end_of(until) if until else None,
            topic=topic,
            channel=channel,
            code=code_of(code, "--code") if code else None,
        ):
            click.echo(event_line(event))
            found = True
    if not found:
        click.echo("No event found.", err=True)


@record.command()
@click.argument("code")
@DATA_FLAG
@gathered
def show(code: str, record: Recording) -> None:
    """Show everything known about a document.

    \b
    Example:
      python generate.py record show FHK8-Z5DW-14K
    """
    from handouts.record.status import describe_status, not_in_record
    from handouts.record.story import event_details

    with record.open_store() as store:
        found = store.of_code(code_of(code))
        if not found:
            raise not_in_record(code_of(code))
        for event in found:
            click.echo(event_line(event))
            for label, value in event_details(event):
                click.echo(f"         {label:<18} {value}")
        for line in describe_status(store, code_of(code)):
            click.echo(line)


@record.command()
@click.argument("request", metavar="REQUEST", shell_complete=completing.files)
@DATA_FLAG
@gathered
def find(request: str, record: Recording) -> None:
    """Find everything that the patient in REQUEST was given.

    Matches the record number, or name and date of birth; a name alone is not enough. For mail it says whether it went
    to the address in REQUEST.

    \b
    Example:
      python generate.py record find examples/request.yaml
    """
    from handouts.load.requests import build_request
    from handouts.model.recorder import Whom
    from handouts.record.finding import NAME_ALONE, find_given, is_identified

    patient = build_request(read_argument(request)).patient
    who = Whom(patient.name, patient.birth_date, patient.identifier)
    if not is_identified(who):
        raise RequestFault(f"{NAME_ALONE}: give patient.identifier or patient.birth_date as well.")
    with record.open_store() as store:
        found = find_given(store, who)
        here = _address(store, patient.email)
        for event in found.events:
            where = "" if event.destination is None or event.channel != "mail" else _where(event, here)
            click.echo(event_line(event) + where)
        click.echo(plural(len({event.code for event in found.events}), "document"), err=True)
    if found.lacking:
        click.echo(f"Note: the request gives no {found.lacking}. {found.unseen}", err=True)


_NOT_WHOLE = (
    "Note: the record is not as it was written, so its head now proves little: keep the earlier one as well. "
    "`record verify` says what is wrong."
)


@record.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: standard output.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", help="Default: csv.")
@click.option("--head", "head_only", is_flag=True, help="Print only the chain's head.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@DATA_FLAG
@gathered
def export(output: Path | None, form: Literal["csv", "jsonl"], head_only: bool, force: bool, record: Recording) -> None:
    """Write every event as CSV or JSON Lines, and show the chain's head.

    Keep the head elsewhere, on paper or in another system: with it, `record verify` knows for certain whether
    the record was cut off or an old copy put back.

    \b
    Examples:
      python generate.py record export -o events.csv
      python generate.py record export --format jsonl
      python generate.py record export --head
    """
    from handouts.deliver.files import write_file
    from handouts.record.chain import format_head
    from handouts.record.checking import check
    from handouts.record.exporting import export_events

    with record.open_store() as store:
        if check(store.database).faults:
            click.echo(_NOT_WHOLE, err=True)
        head = format_head(*store.head())
        if head_only:
            click.echo(head)
            return
        lines = export_events(store.chosen(), form)
        if output:
            write_file(output, "".join(lines).encode(), force=force)
            click.echo(str(output))
        else:
            for line in lines:
                click.echo(line, nl=False)
    click.echo(f"Head, to keep elsewhere: {head}", err=True)


@record.command()
@click.option("--head", metavar="HASH", help="A head kept elsewhere (`record export --head`).")
@DATA_FLAG
@gathered
def verify(head: str | None, record: Recording) -> None:
    """Find events that were changed, removed, reordered, or cut off at the end.

    docs/record.md says what this can show, and what it can't.

    \b
    Examples:
      python generate.py record verify
      python generate.py record verify --head 12-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

    Exit code 8 when something is wrong.
    """
    from handouts.record.chain import format_head, read_head
    from handouts.record.checking import check

    with record.open_store() as store:
        found = check(store.database, read_head(head) if head else None)
    for note in found.notes:
        click.echo(f"Note: {note}", err=True)
    if found.faults:
        raise NotWhole(
            "The record is not as it was written. Don't change the file; compare it with a copy:\n"
            + "\n".join(f"  {fault}" for fault in found.faults)
        )
    head = format_head(found.last, found.head)
    click.echo(f"{plural(found.events, 'event')}, all as written. Head: {head}")


@record.command()
@click.option("--before", type=Day(), required=True, metavar="DATE", help="Delete what happened before this day.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@RECORD_FLAGS
@gathered
def purge(before: datetime, yes: bool, record: Recording) -> None:
    """Delete old events for good. This adds an event itself, and the rest still verifies.

    \b
    Example:
      python generate.py record purge --before 2016-01-01
    """
    from handouts.record.retention import count_before, purge

    limit = moment(before.timestamp())
    if before.timestamp() > time.time():
        raise RequestFault("--before takes a past day.")
    with record.open_store() as store:
        old = count_before(store, limit)
        if old and not yes:
            confirm_deletion(f"Delete {plural(old, 'event')} from before {before:%Y-%m-%d} for good?")
        gone = purge(store, limit, record.user, moment(time.time())) if old else 0
    click.echo(f"{plural(gone, 'event')} deleted.")


record.add_command(restore_record)
record.add_command(begin_record)


def _address(store: RecordStore, email: str | None) -> str | None:
    return store.destination("mail", parse_address(email).same_as) if email else None


def _end_of(day: datetime) -> str:
    """The first moment after a day in local time, in the format of events."""
    return moment(day.replace(hour=23, minute=59, second=59).timestamp() + 1)


def _where(event: Event, here: str | None) -> str:
    if here is None:
        return ""
    return "  to the address in the request" if event.destination == here else "  to another address"


COMMANDS: tuple[click.Command, ...] = (record,)
