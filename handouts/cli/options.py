"""Flags that several commands share, and what they mean as a request's keys."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from handouts import paths
from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.errors import RequestFault
from handouts.keys import read_key
from handouts.load.layers import lay_over
from handouts.load.library import default_clinic
from handouts.load.requests import check_flags, load_preset

Command = TypeVar("Command", bound=Callable[..., Any])


def all_of(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order in which they are given."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def choice_flags(lies: str) -> Callable[[Command], Command]:
    """What to print, and how; ``lies`` says how the flags meet what a request or a list gives itself."""
    return all_of(
        click.option("--option", "options", multiple=True, metavar="ID", shell_complete=completing.options,
                     help=f"A treatment option; say it once for each. {lies}"),
        click.option("--clinic", metavar="NAME", shell_complete=completing.clinics,
                     help="Whose name, colours and contacts. Default: the one in settings.yaml."),
        click.option("--paper", type=click.Choice(["letter", "a4"]), help="Default: the clinic's."),
        click.option("--large-print", is_flag=True, help="18 point, one column."),
        click.option("--side", type=click.Choice(["left", "right"]), help="The side that the drawings show."),
        click.option("--stage", type=click.Choice(["before", "after"]),
                     help="Read before the visit, or talked about in it."),
    )  # fmt: skip


REQUEST_FLAGS = all_of(
    click.option("--topic", metavar="NAME", shell_complete=completing.topics, help="The condition."),
    click.option("--preset", metavar="NAME", shell_complete=completing.presets,
                 help="A usual choice of the clinic's, laid under what is given."),
    click.option("--clinician", metavar="NAME", help="Whom the patient saw."),
    click.option("--visit-date", metavar="DATE", help="Such as 2026-11-22."),
)  # fmt: skip

KEEPING_FLAGS = all_of(
    click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False),
                 help="The key for document codes. Default: one of this installation's own."),
    click.option("--cache", type=click.Path(path_type=Path, file_okay=False),
                 help="Folder of typeset masters (no patient's data). Default: the user's cache folder."),
    click.option("--no-cache", is_flag=True, help="Typeset anew, keep nothing."),
)  # fmt: skip


class Day(click.ParamType[datetime]):
    """A day that events may be of. UsageError for what is none, or lies beyond what clocks can tell."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Its first moment on the clinic's clock."""
        with contextlib.suppress(ValueError):
            found = datetime.strptime(str(value), "%Y-%m-%d")  # noqa: DTZ007  the clinic's own day
            if 1900 <= found.year < 3000:
                return found
        raise click.BadParameter("It wants a day from 1900 to 2999, such as 2026-11-22.", ctx, param)


DATA_FLAG = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of outbox and record. Default: the user's own.",
)
BY_FLAG = click.option(
    "--by", metavar="NAME", help="Who does or confirms this, for the record. Default: the system's user."
)


def overrides(flags: dict[str, Any]) -> dict[str, Any]:
    """The flags that were given, as request keys. RequestFault for a value that no request may have."""
    names = ("topic", "clinic", "paper", "side", "stage", "clinician", "visit_date")
    given: dict[str, Any] = {name: flags[name] for name in names if flags.get(name)}
    if flags["options"]:
        given["options"] = list(flags["options"])
    if flags["large_print"]:
        given["format"] = "large-print"
    check_flags(given)
    return given


def add_preset(given: Context, data: dict[str, Any], preset: str | None) -> dict[str, Any]:
    """``data`` with the preset's values under it."""
    if preset is None:
        return data
    return lay_over(load_preset(given.content, data.get("clinic") or default_clinic(given.content), preset), data)


def read_pdf(file: Path, which: str) -> bytes:
    """The file that an argument names. RequestFault when it can't be read; ``which`` says what to name instead."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise RequestFault(f"There is no such file. {which}") from None
    except OSError as error:
        raise RequestFault(f"The file can't be read: {error.strerror}.") from None


def key_of(flags: dict[str, Any]) -> bytes:
    """The key for document codes: of --key-file, else this installation's. OutputFault, Refused where it was lost."""
    from handouts.datafolder import guard_key_file
    from handouts.record.loss import code_key

    if flags["key_file"]:
        key = read_key(flags["key_file"])
        guard_key_file(flags["key_file"])
        return key

    folder = paths.data_dir()
    return code_key(folder, {folder, flags.get("data") or folder})


def cache_folder(flags: dict[str, Any]) -> Path | None:
    """Where masters are kept; None for nowhere."""
    return None if flags["no_cache"] else flags["cache"] or paths.cache_dir() / "masters"
