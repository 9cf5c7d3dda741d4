"""The command line: reads what was asked, calls the library, prints. Nothing below it prints or reads the clock."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import sys
import traceback
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import click

from handouts import __version__, paths
from handouts.errors import MORE_MEMORY, OutputFault, SystemMissing

TESTING = "HANDOUTS_TESTING"
"""The variable without which nobody can pretend that it is another day."""


@dataclass(frozen=True)
class Context:
    """What every command needs to know: where content is, and which day it is."""

    content: Path
    today: date


class Group(click.Group):
    """Commands in the order in which people need them, and a closing example in each help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's own signature
        """Names in the order of being added."""
        return list(self.commands)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="handouts")
@click.option(
    "--content",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of topics and clinics. Default: $HANDOUTS_CONTENT, else the one that came with the program.",
)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), hidden=True, help="In tests: pretend that it is this day.")
@click.pass_context
def cli(ctx: click.Context, content: Path | None, today: datetime | None) -> None:
    """Make patient handouts about exactly the treatment options that were talked through.

    Content comes from YAML and Markdown files that clinicians edit; the result is a PDF with the clinic's
    brand that screen readers can read. Start with `make`.

    \b
    Example:
      python generate.py make examples/request.yaml -o handout.pdf

    \b
    Shell completion, for the installed command (zsh, fish: their names for bash's):
      eval "$(_HANDOUTS_COMPLETE=bash_source handouts)"

    \b
    Exit codes: 0 done; 1 some of many failed; 2 wrong usage; 3 content at fault; 4 request at fault;
    5 output can't be written; 6 hand-over failed; 7 a part of the system is missing;
    8 refused until somebody decides; 70 our own fault.
    """
    if today and not os.environ.get(TESTING):
        raise click.UsageError("--today is for this program's own tests: it would hide that a text has expired.")
    folder = paths.content_dir(content)
    ctx.obj = Context(folder, today.date() if today else date.today())  # noqa: DTZ011  the clinic's own day


def _register() -> None:
    from handouts.cli import approve, batch, content, document, email, make, outbox, print, record, system

    modules = (make, batch, print, email, outbox, record, document, content, approve, system)
    for module in modules:
        for command in module.COMMANDS:
            cli.add_command(command)


_register()


_NO_MEMORY = ("failed to map segment", "cannot allocate memory", "Cannot allocate memory")
"""How the system says that a library of a package found no room."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
"""Of the disk that standard output goes to, or temporary files: what writes a file of ours tells it better itself."""


def main() -> None:
    """Run the command line. What nobody foresaw ends with exit code 70 and a report without a patient's details."""
    code = _run()
    gc.freeze()  # the process ends: a last search for garbage in a typeset document takes a tenth of a second
    sys.exit(_write_out(code))


def _run() -> int:
    """The exit code; what went wrong has been told."""
    try:
        # Not standalone: there, a message that a full standard error refuses would take its exit code with it.
        name = "generate.py" if Path(sys.argv[0]).name == "generate.py" else "handouts"
        code: int | None = cli(prog_name=name, standalone_mode=False)
    except SystemExit as ended:  # after completion, or when nobody reads our output any more
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
    """Write what is still buffered, and return the exit code. Left to Python, a fault of that would end with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError as error:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())  # there goes the rest, when Python tries once more
            if stream is sys.stdout and not code:
                code = 1 if error.errno == errno.EPIPE else _told_full()
    return code


def _told_full() -> int:
    fault = OutputFault(
        "The output can't be written in full: the disk is full, read-only or at fault. Free some room, and run "
        "the same command again."
    )
    return _told(f"Error: {fault.message}", fault.exit_code)


def _told(message: str, code: int) -> int:
    with contextlib.suppress(OSError):  # standard error may be full as well
        click.echo(message, err=True)
    return code


def _report(error: BaseException) -> str:
    """Where it happened, but neither the message nor values: they may hold a patient's details."""
    frames = traceback.extract_tb(error.__traceback__)
    places = "\n".join(f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames[-12:])
    return (
        f"Error: the program itself is at fault ({type(error).__name__}). Nothing was written. "
        f"Please send these lines to whoever looks after it; they hold no patient's details:\n"
        f"  handouts {__version__}, Python {sys.version.split()[0]}\n{places}"
    )
