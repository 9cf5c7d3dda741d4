"""A list that comes in, for batch and lists: how it is opened, and what is told of it before anything is made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli.email_batch import Post
from handouts.cli.options import RequestData
from handouts.cli.output import plural
from handouts.cli.prompts import at_terminal
from handouts.errors import RequestFault, escape_unprintable

if TYPE_CHECKING:
    from handouts.batch.messages import Outcome
    from handouts.lists.plan import ListSettings
    from handouts.lists.row import Listing, Row


def list_settings(given: Context, mapped: dict[str, str], defaults: RequestData, worksheet: str | None) -> ListSettings:
    """What is known of a list before it is opened: flags, and what its clinic says of lists."""
    from handouts.lists.settings import settings_for

    return settings_for(given.content, given.today, defaults, mapped=mapped, worksheet=worksheet)


def read_mapping(maps: tuple[str, ...], file: Path | None) -> dict[str, str]:
    """Column names and the request keys they map to. RequestFault."""
    from handouts.load.requests import read_request, read_text

    mapped: dict[str, str] = {}
    if file:
        mapped = {name: str(path or "") for name, path in read_request(read_text(file), file.name).data.items()}
    for text in maps:
        name, sign, path = text.rpartition("=")
        if not sign or not name.strip():
            raise RequestFault("--map takes COLUMN=PATH, such as 'Patient=patient.name'.")
        mapped[name] = path
    return mapped


def open_rows(source: str, settings: ListSettings) -> Listing:
    """The rows of a file, a folder or standard input; at a terminal, which worksheet is asked. RequestFault."""
    from handouts.lists.rows import open_list, read_stream
    from handouts.lists.workbook import SeveralWorksheets

    if source == "-":
        if sys.stdin is None:  # when the shell closed it
            raise RequestFault("Standard input is closed. Name the list's file instead of -.")
        return read_stream(sys.stdin.buffer, settings)
    try:
        return open_list(Path(source), settings)
    except SeveralWorksheets as several:
        if not at_terminal():
            raise
        chosen = click.prompt("Which worksheet", type=click.Choice(several.names))
        return open_list(Path(source), replace(settings, worksheet=chosen))


def tell_list(listing: Listing) -> None:
    """What will be made of a list that is not in the program's own format, before anything is made of it."""
    if listing.summary:
        click.echo(listing.summary, err=True)
    left = listing.left_out
    if left.count:
        told = "; ".join(f"row {number} ({why})" for number, why in left.first.items())
        more = f"; and {left.count - len(left.first):,} more" if left.count > len(left.first) else ""
        click.echo(f"{plural(left.count, 'row')} left out: {told}{more}", err=True)
    for note in listing.notes:
        click.echo(f"Note: {note}", err=True)


class Told:
    """A list whose good rows are told one by one, without any patient's details, as far as it is a foreign one."""

    def __init__(self, listing: Listing, defaults: RequestData) -> None:
        self.defaults, self.waiting = defaults, dict[int, str]()
        self.listing = replace(listing, rows=self._noted(listing.rows)) if listing.summary else listing

    def _noted(self, rows: Iterator[Row]) -> Iterator[Row]:
        from handouts.load.layers import lay_over

        for row in rows:
            if row.data is not None:
                data = lay_over(self.defaults, row.data)
                parts = (data.get("visit_date"), row.order, data.get("topic"), data.get("side"))
                chosen = ", ".join(map(str, data.get("options") or data.get("sections") or ()))
                self.waiting[row.number] = " ".join(str(part) for part in (*parts, chosen) if part)
            yield row

    def look(self, outcome: Outcome) -> None:
        """Tell a good row; those before it, which were at fault, have been told."""
        if outcome.number in self.waiting:
            click.echo(escape_unprintable(f"row {outcome.number}: fine: {self.waiting[outcome.number]}"))
        self.waiting = {number: text for number, text in self.waiting.items() if number > outcome.number}


def both(told: Told, post: Post | None) -> Callable[[Outcome], None]:
    """Whoever looks at each good row of a dry run."""

    def look(outcome: Outcome) -> None:
        told.look(outcome)
        if post:
            post.look(outcome)

    return look
