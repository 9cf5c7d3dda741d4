"""The command line: parses, calls the library, prints. Nothing below it prints or reads the clock.

Commands, a module for each group:

- `make`        make, blank
- `batch`       batch
- `lists`       lists learn, show
- `desk`        desk
- `desk_users`  desk users add, list, reset, remove, log
- `print`       print, printers; printing for make and batch
- `email`       email
- `mail`        mail login, logout
- `fhir`        fhir login, logout
- `outbox`      outbox list, show, retry, cancel, clear
- `outbox_run`  outbox run
- `record`      record list, show, find, export, verify, purge
- `recovery`    record, outbox and key: restore, begin
- `document`    reprint, void, verify, purge
- `new`         new-folder, new-clinic, new
- `content`     topics, check
- `approve`     approve
- `language`    new-language, translate-sheet; how far a language is, for check
- `system`      doctor, cache

What they share:

- `groups`      options that belong together, as one typed value
- `options`, `mail_options`, `batch_job`  those that several commands have, those for messages, and those of batch
- `prompts`     what is asked at the terminal
- `output`      how lists, events and times are shown
- `clock`       which day it is, and whether that can be
- `completion`  what Tab offers
- `list_input`  a list that comes in: how it is opened, what is told of it
- `list_questions`  what lists learn asks of its columns
- `health_record`  what a health record brings to make and batch
- `filing`      what make and batch bring into a health record
- `email_one`, `email_batch`  the part that mails, of make, email and batch
"""

from __future__ import annotations

import contextlib
import errno
import gc
import logging
import os
import sys
import traceback
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from handouts import __version__, paths
from handouts.cli.clock import read_today, require_possible
from handouts.errors import MORE_MEMORY, OutputFault, SystemMissing

TESTING = "HANDOUTS_TESTING"
"""The environment variable that allows --today."""


@dataclass(frozen=True)
class Context:
    """What every command needs: the content folder and the date."""

    content: Path
    today: date


class Group(click.Group):
    """Lists commands in the order in which people need them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's own signature
        """Names in the order in which they were added."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:  # click's own
        """Run the command; where an option of all commands stands after its name, say where it belongs."""
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            place = "It stands before the command's name, as in: --content my-content topics"
            if error.option_name != "--content" or place in error.message:  # told by a group inside this one
                raise
            raise click.NoSuchOption("--content", f"{error.message} {place}", ctx=error.ctx) from None


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="handouts")
@click.option(
    "--content",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of topics and clinics. Default: $HANDOUTS_CONTENT, else the one installed with the program.",
)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), hidden=True, help="For tests: use this date as today.")
@click.pass_context
def cli(ctx: click.Context, content: Path | None, today: datetime | None) -> None:
    """Make patient handouts about exactly the treatment options that were discussed.

    Content comes from YAML and Markdown files that clinicians edit; the result is an accessible PDF with
    the clinic's brand. Start with `make`.

    \b
    Example:
      python generate.py make examples/request.yaml -o handout.pdf

    \b
    Shell completion, for the installed command (replace bash by zsh or fish):
      eval "$(_HANDOUTS_COMPLETE=bash_source handouts)"

    \b
    Exit codes: 0 done; 1 some of many failed; 2 wrong usage; 3 content error; 4 request error;
    5 output can't be written; 6 printing or sending failed; 7 a part of the system is missing;
    8 refused until a person decides; 70 a bug in the program.
    """
    if today and not os.environ.get(TESTING):
        raise click.UsageError("--today is only for this program's tests: it would hide that a text has expired.")
    _tell_notes()
    folder = paths.content_dir(content)
    clock = read_today()  # also where --today is given: the record's times come from the clock
    ctx.obj = Context(folder, require_possible(today.date()) if today else clock)


class _Notes(logging.Handler):
    """Prints what the library logs for the user to see."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(f"Note: {record.getMessage()}", err=True)


def _tell_notes() -> None:
    log = logging.getLogger("handouts")
    log.propagate = False
    log.handlers = [_Notes()]


def _register() -> None:
    from handouts.cli import (
        approve,
        batch,
        content,
        desk,
        document,
        email,
        fhir,
        language,
        lists,
        mail,
        make,
        new,
        outbox,
        print,
        record,
        recovery,
        system,
    )

    modules = (
        make,
        desk,
        batch,
        lists,
        print,
        email,
        mail,
        fhir,
        outbox,
        record,
        recovery,
        document,
        new,
        content,
        approve,
        language,
        system,
    )
    for module in modules:
        for command in module.COMMANDS:
            cli.add_command(command)


_register()


_NO_MEMORY = ("failed to map segment", "cannot allocate memory", "Cannot allocate memory")
"""How the system says that a library of a package found no room."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
"""Disk errors of standard output or temporary files; code that writes our own files reports its errors itself."""


def main() -> None:
    """Run the command line. An unexpected error exits with 70 and a report without patient details."""
    code = _run()
    gc.freeze()  # the process ends: a last garbage collection of a typeset document takes a tenth of a second
    sys.exit(_write_out(code))


def _run() -> int:
    """The exit code; errors have been printed."""
    try:
        # Not standalone: that mode loses the exit code when standard error is full and refuses the message.
        name = "generate.py" if Path(sys.argv[0]).name == "generate.py" else "handouts"
        code: int | None = cli(prog_name=name, standalone_mode=False)
    except SystemExit as ended:  # after completion, or when nothing reads our output any more
        return int(ended.code or 0)
    except click.Abort:
        return _told("Aborted!", 1)
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            error.show()
        return error.exit_code
    except (MemoryError, ImportError) as error:
        if isinstance(error, MemoryError) or any(said in str(error) for said in _NO_MEMORY):
            short = SystemMissing(f"There was not enough memory to finish. {MORE_MEMORY}")
            return _told(f"Error: {short.message}", short.exit_code)
        wrapped = SystemMissing(
            f"The Python package {error.name} is missing. Install what the program needs: script/bootstrap"
        )
        return _told(f"Error: {wrapped.message}", wrapped.exit_code)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return _told_full()
        return _told(_report(error), 70)
    return code or 0


def _write_out(code: int) -> int:
    """Flush what is buffered, and return the exit code. Left to Python, an error there would exit with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError as error:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())  # Python flushes again at exit; the rest goes here
            if stream is sys.stdout and not code:
                code = 1 if error.errno == errno.EPIPE else _told_full()
    return code


def _told_full() -> int:
    fault = OutputFault(
        "The output can't be written in full: the disk is full, read-only or failing. Free some space and run "
        "the same command again."
    )
    return _told(f"Error: {fault.message}", fault.exit_code)


def _told(message: str, code: int) -> int:
    with contextlib.suppress(OSError):  # standard error may be full as well
        click.echo(message, err=True)
    return code


def _report(error: BaseException) -> str:
    """Where it happened, without the message or values, which may hold patient details."""
    frames = traceback.extract_tb(error.__traceback__)
    places = "\n".join(f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames[-12:])
    return (
        f"Error: a bug in the program ({type(error).__name__}). Everything reported above is done; "
        "`record list` shows what else was made, printed or mailed. Check it before you run the command again. "
        "Please send these lines to the program's maintainer; they hold no patient details:\n"
        f"  handouts {__version__}, Python {sys.version.split()[0]}\n{places}"
    )
