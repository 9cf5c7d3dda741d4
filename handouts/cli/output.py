"""Formats and prints progress, summaries, events and times."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.codes import format_code
from handouts.errors import Refused, SomeFailed, escape_unprintable
from handouts.errors import plural as plural
from handouts.record.event import Event, format_time

if TYPE_CHECKING:
    from handouts.batch import Done
    from handouts.batch.reorder import Tally
    from handouts.batch.report import Entry

_EVERY = 2.0
"""Seconds between two progress lines."""


@contextlib.contextmanager
def progress(size: int | None) -> Iterator[Callable[[Tally], None]]:
    """A function to call with a tally: shows a bar with rate and time left on a terminal, plain lines elsewhere."""
    start = shown = time.monotonic()
    if sys.stderr.isatty():
        with click.progressbar(
            length=size or 0, file=sys.stderr, show_pos=False, item_show_func=lambda text: text, width=24
        ) as bar:

            def draw(tally: Tally) -> None:
                nonlocal shown
                now = time.monotonic()
                if now - shown > 0.1 or tally.at == size:  # the last row too, so that the bar ends at its end
                    shown = now
                    bar.update(tally.at - bar.pos, f"{tally.rows} rows, {tally.rows / (now - start):.0f} a second")

            yield draw
        return

    def tell(tally: Tally) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown > _EVERY:
            shown = now
            share = f" ({tally.at * 100 // size} %)" if size else ""
            click.echo(f"{tally.rows} rows{share}, {tally.rows / (now - start):.0f} a second", err=True)

    yield tell


def print_entry(entry: Entry) -> None:
    """Print a row's problem as soon as it is known."""
    click.echo(f"row {entry.row}: {entry.state}: {entry.message}")


def print_summary(done: Done, seconds: float, dry_run: bool, directory: Path | None) -> None:
    """Print what was done; Refused or `SomeFailed` unless every row succeeded."""
    tally = done.tally
    for notice in tally.about_text:
        click.echo(f"Note: {notice}", err=True)
    if done.left_over:
        names = ", ".join(done.left_over[:10]) + (" ..." if len(done.left_over) > 10 else "")
        click.echo(
            f"Note: {plural(len(done.left_over), 'file')} in the folder without a row in this list: {names}. "
            "Nothing was deleted; delete or move what is not needed.",
            err=True,
        )
    bad = tally.failed + tally.refused
    if dry_run:
        click.echo(f"{tally.rows} rows checked, {tally.rows - bad} fine, {bad} with problems; nothing was made")
    else:
        click.echo(
            f"{tally.made} made, {tally.reused} reused, {bad} failed; {tally.pages} pages, "
            f"{plural(tally.sheets, 'sheet')} typeset; {seconds:.1f} seconds"
        )
        for name in done.printed:
            click.echo(str(directory / name if directory else name))
    where = "" if dry_run or directory is None else f" {directory / 'report.csv'} says which, and what to do."
    if tally.refused:
        raise Refused(
            f"Refused {plural(tally.refused, 'row')}: the current text is not approved, or is past its review. "
            f"Have a clinician run `approve`, or use --allow-unapproved to print it with a mark on every page.{where}"
        )
    if tally.failed:
        raise SomeFailed(f"{plural(tally.failed, 'row')} failed.{where}")


def event_line(event: Event) -> str:
    """An event on one line: number, time, what, channel, document, topic, by whom."""
    code = format_code(str(event.code)) if event.code else "-"
    cells = (
        f"{event.seq:>6}",
        format_time(event.at),
        f"{event.what!s:<9}",
        f"{event.channel or '-'!s:<7}",
        f"{code:<13}",
    )
    return escape_unprintable("  ".join((*cells, str(event.topic or "-"), str(event.by))))


def format_moment(seconds: float) -> str:
    """Such as 2026-11-22 10:30, in local time."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"
