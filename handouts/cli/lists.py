"""The commands for lists of one kind: lists learn, show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from handouts.cli import Context, Group
from handouts.cli import completion as completing
from handouts.cli.list_input import list_settings
from handouts.cli.prompts import at_terminal
from handouts.errors import Refused, RequestFault, escape_unprintable

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
            answers = _ask(given, found, date_order)
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


def _ask(given: Context, found: Draft, date_order: DateOrder | None) -> Answers:
    """Ask, in the order in which somebody would look at a list."""
    from handouts.lists.learn import Answers, as_asked

    names = [" ".join(name.split()) for name in found.plan.header.names]
    follow = "1 row follows" if found.rows == 1 else f"{found.rows:,} rows follow"
    click.echo(f"Row {found.plan.header.row} names the columns, and {follow}:")
    suggested = as_asked(found).targets
    for path, columns in suggested.items():
        click.echo(f"  {_shown(' + '.join(columns))} -> {path}")
    used = {name for columns in suggested.values() for name in columns}
    idle = [name for name in names if name and name not in used]
    click.echo(f"  Left out: {_shown(', '.join(idle)) or 'none'}")
    right = "patient.name" in suggested and click.confirm("Is that right?", default=True)
    targets = dict(suggested) if right else _columns(given, found, names, suggested)
    used = {name for columns in targets.values() for name in columns}
    leave_out = dict(_leave_out(found, names, used))
    values = dict(_values(given, found, names, used | set(leave_out)))
    turned = len(targets.get("patient.name", ())) == 1 and found.commas
    turned = turned and click.confirm("Are names written 'Last, First', to be printed 'First Last'?", default=True)
    if found.dates and date_order is None:
        click.echo(found.dates)
        first = click.prompt("Which comes first in its dates", type=click.Choice(["day", "month"]))
        date_order = "dmy" if first == "day" else "mdy"
    return Answers(targets, values, leave_out, "last-first" if turned else "as-written", date_order)


def _shown(text: str) -> str:
    return escape_unprintable(text)


def _columns(
    given: Context, found: Draft, names: Sequence[str], suggested: dict[str, tuple[str, ...]] | Any
) -> dict[str, tuple[str, ...]]:
    """Ask for each column; those with the same answer are joined in their order."""
    from handouts.model.list_map import CODES, ORDER
    from handouts.model.request_paths import is_path, known_paths

    usual = {name: path for path, columns in suggested.items() for name in columns}
    made: dict[str, tuple[str, ...]] = {}
    keys = [path for path in known_paths() if path != "note"]
    click.echo(f"For each column one of these, or - to leave it out: {', '.join([*keys, ORDER, CODES])}")
    for number, name in enumerate(names):
        while name:
            answer = str(click.prompt(f"  {_shown(name)}", default=usual.get(name, "-"))).strip().casefold()
            if answer not in {"-", ORDER, CODES} and not is_path(answer):
                click.echo("  That is no key of a request.")
            elif answer == "note":
                click.echo("  What the office writes for itself is not for the patient: leave it out.")
            elif answer in {"topic", "options", "sections"} and not _are_ids(given, found, number, answer):
                click.echo(f"  Its words are no names of {answer}. Leave it out: you are asked later what they mean.")
            else:
                break
        else:
            continue
        if answer != "-":
            made[answer] = (*made.get(answer, ()), name)
    if "patient.name" not in made:
        raise Refused("Nothing was written: no column is the patient's name.")
    return made


def _are_ids(given: Context, found: Draft, number: int, key: str) -> bool:
    """Whether all words of a column are names of topics, options or sections, as far as they are known."""
    from handouts.lists.plan import options_in
    from handouts.load.library import option_ids, optional_section_ids, topic_ids

    topics = topic_ids(given.content)
    ids = {"options": option_ids, "sections": optional_section_ids}.get(key)
    known = {name for one in topics for name in ids(given.content, one)} if ids else set(topics)
    words = list(found.words.get(number, ()))
    return number in found.plan.used or (bool(words) and all(options_in(word, known) for word in words))


def _leave_out(found: Draft, names: Sequence[str], used: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for number, words in found.gone.items():
        if names[number] in used:
            continue
        listed = ", ".join(f"'{word}'" for word in words)
        wanted = click.confirm(f"Leave out rows in which '{_shown(names[number])}' is {_shown(listed)}?", default=True)
        yield names[number], words if wanted else ()


def _values(
    given: Context, found: Draft, names: Sequence[str], used: set[str]
) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """Ask what the words of a column stand for, such as a kind of appointment or a diagnosis."""
    from handouts.lists.learn import may_mean

    for number, words in found.words.items():
        if names[number] in used or number in found.gone or not may_mean(names[number], words) or not click.confirm(
            f"Do the words in '{_shown(names[number])}' say what a handout is about?", default=False
        ):  # fmt: skip
            continue
        told = {word: meaning for word in _by_count(words) if (meaning := _meaning(given, word))}
        if told:
            yield names[number], told


def _by_count(words: Counter[str]) -> list[str]:
    return [word for word, _ in words.most_common()]


def _meaning(given: Context, word: str) -> dict[str, Any]:
    """A topic, its options or sections and its side; empty answers leave them open."""
    from handouts.load.library import option_ids, optional_section_ids, topic_ids

    click.echo(f"  '{_shown(word)}' (empty answers leave it open)")
    made: dict[str, Any] = {}
    topics = topic_ids(given.content)
    topic = click.prompt("    Topic", type=click.Choice(["", *topics]), default="", show_choices=False)
    if topic:
        made["topic"] = topic
    for key, known in (("options", option_ids), ("sections", optional_section_ids)):
        names = list(
            dict.fromkeys(name for one in ([topic] if topic else topics) for name in known(given.content, one))
        )
        chosen = _several(f"    {key.capitalize()} ({', '.join(names)})", names) if names else []
        if chosen:
            made[key] = chosen
            break  # a topic has options or sections
    side = click.prompt("    Side", type=click.Choice(["", "left", "right", "both"]), default="", show_choices=False)
    return made | ({"side": side} if side else {})


def _several(question: str, known: Sequence[str]) -> list[str]:
    while True:
        parts = str(click.prompt(question, default="", show_default=False)).replace(",", " ").split()
        if set(parts) <= set(known):
            return list(dict.fromkeys(parts))
        click.echo(f"    Not one of them: {_shown(', '.join(part for part in parts if part not in known))}.")


COMMANDS: tuple[click.Command, ...] = (lists,)
