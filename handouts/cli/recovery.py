"""The commands for use after a loss: `restore` and `begin` of record, outbox and keys."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts import paths
from handouts.cli import Group
from handouts.cli.groups import all_of, gathered
from handouts.cli.options import BY_FLAG, DATA_FLAG, Recording
from handouts.cli.output import plural
from handouts.codes import format_code
from handouts.record.event import check_line

if TYPE_CHECKING:
    from handouts.record.staging import Decision

_FILE = click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
_WHY = click.option("--why", metavar="TEXT", help="What happened; no patient's name.")
_KEY = click.option("--key", "key_file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
                    help="The backup's key. Default: the one in the data folder, or beside the backup.")  # fmt: skip
_RESTORE = all_of(_FILE, _KEY, _WHY, BY_FLAG, DATA_FLAG)
_AFTER_LOSS = all_of(
    click.option(
        "--after-loss", is_flag=True, required=True, help="There is no backup: continue without what was lost."
    ),
    click.option("--why", metavar="TEXT", required=True, help="What happened, for the record; no patient's name."),
    BY_FLAG,
    DATA_FLAG,
)


def _decide(record: Recording, why: str | None) -> Decision:
    from handouts.record.staging import Decision

    return Decision(record.user, time.time(), check_line(why, "--why") if why else "")


def _tell_kept(kept: Path | None) -> None:
    if kept:
        click.echo(f"The previous files are kept in {kept}.")


@click.command("restore")
@_RESTORE
@gathered
def restore_record(source: Path, key_file: Path | None, why: str | None, record: Recording) -> None:
    """Restore a backup of the record or, when FILE is a folder, of its archive.

    The backup is checked first: one that does not verify changes nothing. The previous files are kept beside it. The
    record's next event says that it was restored.

    \b
    Examples:
      python generate.py record restore /backup/handouts/record.sqlite3 --key /safe/handouts/record.key
      python generate.py record restore /backup/handouts/archive

    Exit code 8 when the backup does not verify.
    """
    from handouts.record import recovery

    folder, decision = record.folder, _decide(record, why)
    if source.is_dir():
        there, named = recovery.restore_archive(folder, source, decision)
        click.echo(f"The archive is restored: it holds {there} of {plural(named, 'text')} named in the record.")
        return
    done = recovery.restore_record(folder, source, key_file, decision)
    click.echo(f"The record is restored: {plural(done.events, 'event')}, all as written.")
    _tell_kept(done.kept)
    if done.gone:
        click.echo(f"Note: the backup lacks the last {plural(done.gone, 'event')} of the previous file.", err=True)
    for code in done.voided:
        shown = format_code(code)
        click.echo(f"Note: {shown} was voided after the backup. Void it again: `void {shown} --why TEXT`", err=True)
    if not done.gone:
        click.echo("Note: the record does not know what happened after the backup was made.", err=True)


@click.command("begin")
@_AFTER_LOSS
@gathered
def begin_record(after_loss: bool, why: str, record: Recording) -> None:
    """Begin a new record or archive after the old one was lost or damaged.

    Begins only what is lost, and says so in the new record's first event. What is left of the old one is kept. The new
    record does not know what was made before: voided handouts can be made again, and old handouts are unknown to it.

    \b
    Example:
      python generate.py record begin --after-loss --why "the disk broke; no backup"
    """
    from handouts.record import recovery

    assert after_loss  # noqa: S101  required
    done = recovery.begin_record(record.folder, _decide(record, why))
    click.echo(f"A new {' and '.join(done.what)} was begun.")
    _tell_kept(done.kept)
    if "record" in done.what:
        click.echo("Note: it does not know what was made, mailed or voided earlier.", err=True)
    else:
        click.echo("Note: earlier handouts can't be reprinted.", err=True)


@click.command("restore")
@_RESTORE
@gathered
def restore_outbox(source: Path, key_file: Path | None, why: str | None, record: Recording) -> None:
    """Restore a backup of the outbox.

    The backup is checked first. Its waiting messages may have been sent since the backup was made, and would go out
    twice, so they become "unknown" and are not sent until someone decides (`outbox retry`, `outbox cancel`).

    \b
    Example:
      python generate.py outbox restore /backup/handouts/outbox.sqlite3 --key /safe/handouts/outbox.key

    Exit code 8 when the backup is damaged, or its key does not fit.
    """
    from handouts.record import outbox_recovery

    done = outbox_recovery.restore_outbox(record.folder, source, key_file, _decide(record, why))
    click.echo("The outbox is restored.")
    _tell_kept(done.kept)
    if done.aside:
        click.echo(
            "These messages may have been sent since the backup was made, so they are set aside. If a message arrived: "
            "`outbox cancel NUMBER --arrived`. If it did not: `outbox retry NUMBER`."
        )
    for entry, word in done.aside:
        told = "its last state in the record: " + (word or "nothing is known")
        click.echo(f"{entry.id:>5}  {format_code(entry.code)}  {told}")
    _tell_lost(done.lost)


@click.command("begin")
@_AFTER_LOSS
@gathered
def begin_outbox(after_loss: bool, why: str, record: Recording) -> None:
    """Begin with an empty outbox after the old one was lost or damaged.

    Waiting messages will not be sent; the command lists those the record knows. The memory of sent messages is
    lost too: the same file can be mailed to the same address again without a warning. The record logs the new outbox.

    \b
    Example:
      python generate.py outbox begin --after-loss --why "the disk broke; no backup"
    """
    from handouts.record import outbox_recovery

    assert after_loss  # noqa: S101  required
    done = outbox_recovery.begin_outbox(record.folder, _decide(record, why))
    click.echo("An empty outbox was begun.")
    _tell_kept(done.kept)
    _tell_lost(done.lost)


def _tell_lost(lost: tuple[tuple[int, str], ...]) -> None:
    if lost:
        click.echo("These messages are lost. Make their handouts again and mail them:", err=True)
    for number, code in lost:
        click.echo(f"{number:>5}  {format_code(code)}", err=True)


@click.group(cls=Group)
def key() -> None:
    """Restore a lost key.

    \b
    Example:
      python generate.py key restore /safe/handouts/document-code.key
    """


@key.command("restore")
@_FILE
@_WHY
@BY_FLAG
@DATA_FLAG
@gathered
def restore_key(source: Path, why: str | None, record: Recording) -> None:
    """Restore record.key, outbox.key or document-code.key from a copy.

    A key that was never used here is refused. A damaged key in its place is kept beside it.

    \b
    Example:
      python generate.py key restore /safe/handouts/record.key
    """
    from handouts.record import key_recovery

    name, kept = key_recovery.restore_key(record.folder, paths.data_dir(), source, _decide(record, why))
    click.echo(f"{name} is restored.")
    _tell_kept(kept)


@key.command("begin")
@_AFTER_LOSS
@gathered
def begin_key(after_loss: bool, why: str, record: Recording) -> None:
    """Begin with a new key for document codes after the old one was lost.

    The same request then gets a new code: a request whose handout was voided can be made again, and old handouts
    can't be reprinted. For a lost record.key or outbox.key: `record begin`, `outbox begin`.

    \b
    Example:
      python generate.py key begin --after-loss --why "the disk broke; no backup"
    """
    from handouts.record import key_recovery

    assert after_loss  # noqa: S101  required
    home = paths.data_dir()
    kept = key_recovery.begin_codes(home, {home, record.folder}, _decide(record, why))
    click.echo("A new key for document codes was begun.")
    _tell_kept(kept)
    click.echo(
        "Note: documents get new codes from now on. A request whose handout was voided is no longer recognized.",
        err=True,
    )


COMMANDS: tuple[click.Command, ...] = (key,)
