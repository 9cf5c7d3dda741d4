"""The options that several commands share, by groups (`handouts.cli.groups`).

Heavy imports are inside the functions, because every command imports this module.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handouts import paths
from handouts.cli import completion as completing
from handouts.cli.groups import Command, Options, all_of
from handouts.codes import parse_code
from handouts.errors import RequestFault
from handouts.load.files import MOST_PDF, read_regular
from handouts.record.event import check_line

if TYPE_CHECKING:
    from handouts.deliver.outbox.outbox import Outbox
    from handouts.model.recorder import Document
    from handouts.record.recorder import FolderRecorder
    from handouts.record.store import RecordStore
    from handouts.typeset.cache import SheetCache

RequestData = dict[str, Any]  # YAML values of any type, until the model validates them


def choice_flags(lies: str) -> Callable[[Command], Command]:
    """What to print, and how; ``lies`` says how the flags combine with a request or a list."""
    return all_of(
        click.option("--option", "options", multiple=True, metavar="ID", shell_complete=completing.options,
                     help=f"A treatment option; repeat for each. {lies}"),
        click.option("--clinic", metavar="NAME", shell_complete=completing.clinics,
                     help="Whose name, colours and contacts. Default: the one in settings.yaml."),
        click.option("--paper", type=click.Choice(["letter", "a4"]), help="Default: the clinic's."),
        click.option("--language", metavar="TAG", shell_complete=completing.languages,
                     help="The patient's language, such as es. Default: English."),
        click.option("--large-print", is_flag=True, help="18 point, one column."),
        click.option("--with-english", is_flag=True, help="Put the same in English behind a translation."),
        click.option("--section", "sections", multiple=True, metavar="ID", shell_complete=completing.sections,
                     help=f"An optional section of instructions; repeat for each. {lies}"),
        click.option("--side", type=click.Choice(["left", "right", "both"]), help="The side shown in the drawings."),
        click.option("--stage", type=click.Choice(["before", "after"]),
                     help="For reading before the visit, or after the discussion."),
        click.option("--sheet", "sheets", multiple=True, metavar="NAME", shell_complete=completing.sheets,
                     help=f"Print only this sheet, such as front or an option's ID; repeat for each. {lies}"),
    )  # fmt: skip


REQUEST_FLAGS = all_of(
    click.option("--topic", metavar="NAME", shell_complete=completing.topics, help="The condition."),
    click.option("--preset", metavar="NAME", shell_complete=completing.presets,
                 help="One of the clinic's presets; fills in what is not given."),
    click.option("--clinician", metavar="NAME", help="The clinician the patient saw."),
    click.option("--visit-date", metavar="DATE", help="Date of the visit, such as 2026-11-22."),
)  # fmt: skip


@dataclass(frozen=True)
class Choice(Options):
    """What to print, and how: `REQUEST_FLAGS` and `choice_flags`."""

    options: tuple[str, ...]
    sections: tuple[str, ...]
    clinic: str | None
    paper: str | None
    large_print: bool
    with_english: bool
    side: str | None
    stage: str | None
    sheets: tuple[str, ...]
    language: str | None = None
    topic: str | None = None
    preset: str | None = None
    clinician: str | None = None
    visit_date: str | None = None

    def as_request(self) -> RequestData:
        """The given options as request keys. RequestFault for an invalid value."""
        from handouts.load.requests import check_flags

        names = ("topic", "clinic", "language", "paper", "side", "stage", "clinician", "visit_date")
        given: RequestData = {name: getattr(self, name) for name in names if getattr(self, name)}
        for name in ("options", "sections", "sheets"):
            if getattr(self, name):
                given[name] = list(getattr(self, name))
        if self.large_print:
            given["format"] = "large-print"
        if self.with_english:
            given["with_english"] = True
        check_flags(given)
        return given

    def over(self, content: Path, data: RequestData) -> RequestData:
        """``data``, completed from the preset."""
        from handouts.load.layers import lay_over
        from handouts.load.library import default_clinic
        from handouts.load.requests import load_preset

        if self.preset is None:
            return data
        return lay_over(load_preset(content, data.get("clinic") or default_clinic(content), self.preset), data)


KEY_FLAG = click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False),
                        help="The key for document codes. Default: this installation's own.")  # fmt: skip
CACHE_FLAGS = all_of(
    click.option("--cache", type=click.Path(path_type=Path, file_okay=False),
                 help="Folder for typeset pages (no patient data). Default: the user's cache folder."),
    click.option("--no-cache", is_flag=True, help="Typeset again; keep nothing."),
)  # fmt: skip

KEEPING_FLAGS = all_of(KEY_FLAG, CACHE_FLAGS)


@dataclass(frozen=True)
class Caching(Options):
    """`CACHE_FLAGS`."""

    cache: Path | None
    no_cache: bool

    def sheets(self) -> SheetCache | None:
        """The cache of typeset sheets; None for no cache."""
        from handouts.typeset.cache import SheetCache

        return None if self.no_cache else SheetCache(self.cache or paths.cache_dir() / "sheets")


@dataclass(frozen=True)
class Keeping(Caching):
    """`KEEPING_FLAGS`."""

    key_file: Path | None


def read_code_key(file: Path | None, record: Recording) -> bytes:
    """The key for document codes: from --key-file, else this installation's. OutputFault; Refused if it is lost."""
    from handouts.datafolder import guard_key_file
    from handouts.keys import read_key
    from handouts.record.loss import code_key

    if file:
        key = read_key(file)
        guard_key_file(file)
        return key
    home = paths.data_dir()
    return code_key(home, {home, record.folder})


class Day(click.ParamType[datetime]):
    """A day on which events may have happened. UsageError for anything else, or a year out of range."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # click's own
        """The start of that day, local time."""
        with contextlib.suppress(ValueError):
            found = datetime.strptime(str(value), "%Y-%m-%d")  # noqa: DTZ007  the clinic's own day
            if 1900 <= found.year < 3000:
                return found
        raise click.BadParameter("Use a day from 1900 to 2999, such as 2026-11-22.", ctx, param)


DATA_FLAG = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with outbox and record. Default: the user's own.",
)
BY_FLAG = click.option(
    "--by", metavar="NAME", help="Who does or confirms this, for the record. Default: the system's user."
)
RECORD_FLAGS = all_of(BY_FLAG, DATA_FLAG)
MAKING_FLAGS = all_of(
    click.option("--replaces", metavar="CODE", help="Print that this replaces an earlier handout."),
    click.option("--interpreter", metavar="WHO", help="Who interpreted, for the record; not printed."),
)


@dataclass(frozen=True)
class Recording(Options):
    """Who does something, and the folder with the outbox and record that log it."""

    data: Path | None = None
    by: str | None = None
    interpreter: str | None = None

    @property
    def folder(self) -> Path:
        """--data, else the user's own."""
        return self.data or paths.data_dir()

    @property
    def user(self) -> str:
        """--by, else the system's user. RequestFault for a name that the record can't hold."""
        return check_line(self.by, "--by") if self.by else user_name() or f"user {os.getuid()}"

    def open(self) -> FolderRecorder:
        """The record, for adding. Refused if it is lost, OutputFault."""
        from handouts.record.recorder import FolderRecorder

        return FolderRecorder(self.folder, self.user, time.time, interpreter=self.interpreter)

    def open_store(self) -> contextlib.AbstractContextManager[RecordStore]:
        """The record, for reading. RequestFault if there is none, Refused if it is lost."""
        from handouts.record.recorder import open_store

        return open_store(self.folder)

    @contextlib.contextmanager
    def open_outbox(self, document: Document | None = None) -> Iterator[Outbox]:
        """The outbox, with every change recorded. ``document``: one that is only mailed. OutputFault."""
        with self.open() as recorder, recorder.open_outbox(document) as outbox:
            yield outbox


def user_name() -> str | None:
    """The system's user; None if it has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None


def code_of(text: str, what: str = "CODE") -> str:
    """A typed document code. RequestFault when it can't be one."""
    code = parse_code(text)
    if code is None:
        raise RequestFault(f"{what} is not a document code; a character is wrong or missing.")
    return code


def require_different(files: Mapping[str, Path | None]) -> None:
    """UsageError where two of ``files``, by their flags, are one: it would be lost to the other."""
    from handouts.deliver.files import is_same_file

    named = [(flag, path) for flag, path in files.items() if path]
    for (one, first), (other, second) in combinations(named, 2):
        if is_same_file(first, second):
            raise click.UsageError(f"{one} and {other} name the same file: give each a name of its own.")


def read_pdf(file: Path, which: str) -> bytes:
    """Read the file that an argument names. RequestFault when it can't be read; ``which`` says what to name instead."""
    try:
        return read_regular(file, MOST_PDF)
    except FileNotFoundError:
        raise RequestFault(f"There is no such file. {which}") from None
    except OSError as error:
        raise RequestFault(f"The file can't be read: {error.strerror}.") from None
