"""Tells how a list goes: progress, rows at fault, and at the end what was done."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from handouts.errors import Refused, SomeFailed

_EVERY = 2.0
"""Seconds between two plain lines of progress."""


@contextlib.contextmanager
def progress(size: int | None) -> Iterator[Any]:
    """Something to call with a tally: a bar with rate and time left on a terminal, plain lines elsewhere."""
    start = shown = time.monotonic()
    if sys.stderr.isatty():
        with click.progressbar(
            length=size or 0, file=sys.stderr, show_pos=False, item_show_func=lambda text: text, width=24
        ) as bar:

            def draw(tally: Any) -> None:
                nonlocal shown
                now = time.monotonic()
                if now - shown > 0.1 or tally.at == size:  # the last row too, so that the bar ends at its end
                    shown = now
                    bar.update(tally.at - bar.pos, f"{tally.rows} rows, {tally.rows / (now - start):.0f} a second")

            yield draw
        return

    def tell(tally: Any) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown > _EVERY:
            shown = now
            share = f" ({tally.at * 100 // size} %)" if size else ""
            click.echo(f"{tally.rows} rows{share}, {tally.rows / (now - start):.0f} a second", err=True)

    yield tell


def print_entry(entry: Any) -> None:
    """A row at fault, as soon as it is known."""
    click.echo(f"row {entry.row}: {entry.state}: {entry.message}")


def print_summary(done: Any, seconds: float, dry_run: bool, directory: Path | None) -> None:
    """What was done; Refused or `SomeFailed` when not all went well."""
    tally = done.tally
    for notice in tally.about_text:
        click.echo(f"Note: {notice}", err=True)
    if done.left_over:
        names = ", ".join(done.left_over[:10]) + (" ..." if len(done.left_over) > 10 else "")
        click.echo(
            f"Note: {plural(len(done.left_over), 'file')} in the folder of no row of this list: {names}. "
            "Nothing was deleted; delete or file what is not needed.",
            err=True,
        )
    bad = tally.failed + tally.refused
    if dry_run:
        click.echo(f"{tally.rows} rows looked at, {tally.rows - bad} fine, {bad} at fault; nothing was made")
    else:
        click.echo(
            f"{tally.made} made, {tally.reused} reused, {bad} failed; {tally.pages} pages, "
            f"{tally.masters} typeset; {seconds:.1f} seconds"
        )
        for name in done.printed:
            click.echo(str(directory / name if directory else name))
    where = "" if dry_run or directory is None else f" {directory / 'report.csv'} says which, and what to do."
    if tally.refused:
        raise Refused(
            f"Refused {plural(tally.refused, 'row')}: the text is not approved as it stands, or past its review. "
            f"A clinician runs `approve`, or say --allow-unapproved to print it with a mark on every page.{where}"
        )
    if tally.failed:
        raise SomeFailed(f"{plural(tally.failed, 'row')} at fault.{where}")


def plural(count: int, word: str) -> str:
    """Such as "1 row", "3 rows"."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
