"""The commands for lists of one kind: lists learn, show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from handouts.cli import Context, Group
from handouts.cli import completion as completing
from handouts.cli.list_input import list_settings
from handouts.cli.list_questions import ask_meanings
from handouts.cli.prompts import at_terminal
from handouts.errors import Refused, RequestFault

if TYPE_CHECKING:
    from handouts.lists.learn import Answers, Draft
    from handouts.model.clinic import DateOrder

CLINIC = click.option("--clinic", metavar="NAME", shell_complete=completing.clinics,
                      help="Whose lists. Default: the one in settings.yaml.")  # fmt: skip


@click.group(cls=Group)
def lists() -> None:
    """Say once what the columns of your lists mean.

    \b
    Example:
      python generate.py lists learn monday.xlsx
    """


@lists.command()
@click.argument("source", metavar="LIST", shell_complete=completing.files)
@CLINIC
@click.option("--name", default="list", show_default=True, metavar="NAME", help="What to call lists of this kind.")
@click.option("--worksheet", metavar="NAME", help="Of a workbook: the worksheet with the list.")
@click.option("--header-row", type=click.IntRange(1), help="The row that names the columns, where it isn't found.")
@click.option("--yes", is_flag=True, help="Ask nothing: write what the names of the columns say, to be edited.")
@click.option("--date-order", type=click.Choice(["mdy", "dmy"]), help="Month or day first, where the list doesn't say.")
@click.option("--force", is_flag=True, help="Replace the map of that name, and one for the same columns.")
@click.pass_obj
def learn(
    given: Context,
    /,
    source: str,
    clinic: str | None,
    name: str,
    worksheet: str | None,
    header_row: int | None,
    yes: bool,
    date_order: Literal["mdy", "dmy"] | None,
    force: bool,
) -> None:
    """Ask what the columns of a list mean, and keep the answers for all lists like it.

    The answers go into the clinic's folder, lists/NAME.yaml. `batch` finds them by the names of the columns.

    \b
    Examples:
      python generate.py lists learn monday.xlsx --name day-list
      python generate.py lists learn export.csv --yes --date-order mdy
    """
    from handouts.authoring.approvals import require_writable, write_text
    from handouts.lists.learn import as_yaml
    from handouts.load.known_files import LISTS
    from handouts.load.library import clinic_ids, default_clinic, unknown
    from handouts.model.base import is_slug

    if not is_slug(name):
        raise RequestFault("A list's name has only lower-case letters, digits and hyphens, such as day-list.")
    clinic = clinic or default_clinic(given.content)
    if clinic not in clinic_ids(given.content):
        raise RequestFault(unknown("clinic", clinic, clinic_ids(given.content)))
    require_writable(given.content)
    path = given.content / "clinics" / clinic / LISTS / f"{name}.yaml"
    if path.exists() and not force:
        raise Refused(
            f"There is a map '{name}' already; it is kept. Choose another --name, or say --force to replace {path}."
        )
    found = _draft(given, source, clinic, worksheet, header_row)
    twins = [one for one in _twins(given, found, clinic) if one != path]
    if twins and not force:
        raise Refused(
            f"The map '{twins[0].stem}' is for the same columns; nothing was written. Edit {twins[0]}, or say --force "
            "to replace it."
        )
    if yes:
        answers = _as_it_is(found, date_order)
    elif at_terminal():
        try:
            answers = ask_meanings(given, found, date_order)
        except (click.Abort, KeyboardInterrupt):
            click.echo("\nNothing was kept: answers are written once all are given.", err=True)
            raise
    else:
        raise Refused("Nothing was written: nobody is there to answer. Use --yes for a draft to be edited.")
    write_text(path, as_yaml(found, answers), mode=0o600)  # words of the list stand in it
    for twin in twins:
        twin.unlink(missing_ok=True)
        click.echo(f"Replaced: the map '{twin.stem}'.", err=True)
    click.echo(str(path))
    click.echo("Next: look at it, then try the list with `batch LIST --dry-run`.", err=True)


@lists.command()
@click.argument("name", required=False)
@CLINIC
@click.pass_obj
def show(given: Context, /, name: str | None, clinic: str | None) -> None:
    """Show which kinds of lists are known, or what the columns of one kind mean.

    \b
    Examples:
      python generate.py lists show
      python generate.py lists show day-list
    """
    from handouts.errors import nearest, quote_if_known
    from handouts.load.library import clinic_ids, default_clinic, unknown
    from handouts.load.list_maps import list_maps, load_list_maps

    clinic = clinic or default_clinic(given.content)
    if clinic not in clinic_ids(given.content):
        raise RequestFault(unknown("clinic", clinic, clinic_ids(given.content)))
    known = load_list_maps(given.content, clinic)
    if name is None:
        for one, found in known.items():
            click.echo(f"{one}: {', '.join(sorted(found.targets))}")
        if not known:
            click.echo("No list is described yet. `lists learn LIST` asks what its columns mean.", err=True)
        return
    if name not in known:
        hint = nearest(name, known, what="lists")
        raise RequestFault(f"There is no map{quote_if_known(name, known)} for {clinic}. {hint}")
    path = next(path for path in list_maps(given.content, clinic) if path.stem == name)
    click.echo(path.read_text(encoding="utf-8"), nl=False)


def _draft(given: Context, source: str, clinic: str, worksheet: str | None, header_row: int | None) -> Draft:
    from handouts.lists.learn import draft
    from handouts.lists.rows import open_table

    settings = list_settings(given, {}, {"clinic": clinic}, worksheet)
    try:
        with Path(source).open("rb") as stream:
            return draft(open_table(stream, settings), settings, header_row)
    except OSError as error:
        raise RequestFault(f"The list can't be read: {error.strerror}. Check its name.") from None


def _twins(given: Context, found: Draft, clinic: str) -> list[Path]:
    """The files of the maps that are for the same columns."""
    from handouts.lists.header import fingerprint
    from handouts.load.list_maps import list_maps, load_list_maps

    mark, known = fingerprint(found.plan.header.names), load_list_maps(given.content, clinic)
    return [path for path in list_maps(given.content, clinic) if known[path.stem].fingerprint == mark]


def _as_it_is(found: Draft, date_order: DateOrder | None) -> Answers:
    """What the names of the columns say. Refused where they don't say how dates are written."""
    from dataclasses import replace

    from handouts.lists.learn import as_asked

    if "patient.name" not in found.plan.targets:
        raise Refused(
            "No column is called like the patient's name. Run `lists learn` at a terminal, and say which it is."
        )
    if found.dates and date_order is None:
        raise Refused(f"Its dates can be read in two ways: say --date-order mdy or --date-order dmy.\n{found.dates}")
    return replace(as_asked(found), date_order=date_order)


COMMANDS: tuple[click.Command, ...] = (lists,)
