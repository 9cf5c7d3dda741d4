"""Sends a file to `lp`. An edge module: it starts a program, and writes nothing."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from handouts.deliver.printing.messages import describe_printer
from handouts.deliver.printing.scheduler import Printer, plain_environment
from handouts.errors import HandOverFault, nearest, quote_if_known

_TAKE = 120.0
"""Seconds for CUPS to accept a file."""
_PART = "`lpstat -o` shows whether a part of it is there, and `cancel` removes that."


class SubmissionUnclear(HandOverFault):
    """It is unknown whether CUPS has the file."""


def choose(printers: Iterable[Printer], name: str) -> Printer:
    """The printer with that name. HandOverFault when there is none, it is stopped, or accepts no jobs."""
    known = {printer.name: printer for printer in printers}
    queue = queue_of(name)
    if queue not in known:
        there = nearest(queue, known, what="printers") if known else "None is set up: add one in the system's settings."
        raise HandOverFault(f"There is no printer{quote_if_known(queue, known)}. {there} Nothing was printed.")
    found = known[queue]
    why = f" ({describe_printer(found)})" if describe_printer(found) else ""
    if not found.accepting:
        raise HandOverFault(
            f"The printer {queue} accepts no jobs{why}. Its administrator can allow them: cupsaccept {queue}. "
            "Or name another: `printers` lists them. Nothing was printed."
        )
    if found.state == "stopped":
        raise HandOverFault(
            f"The printer {queue} is stopped{why}. Fix the problem, then run: cupsenable {queue}. "
            "Or name another: `printers` lists them. Nothing was printed."
        )
    return found


def queue_of(name: str) -> str:
    """The queue in a printer's name, which may end with an option set, such as ``front-desk/draft``."""
    return name.partition("/")[0]


def submit(printer: str, pdf: bytes | Path, title: str, copies: int, options: Iterable[str]) -> str:
    """The job that `lp` made for the file, such as ``front-desk-17``. HandOverFault when CUPS does not accept it,
    SubmissionUnclear when that is unknown.

    `lp` reads standard input, so that no file name is passed on and nothing is left in a folder.
    """
    command = ["lp", "-d", printer, "-t", title, "-n", str(copies)]
    for option in (*options, "document-format=application/pdf"):
        command += ["-o", option]
    try:
        if isinstance(pdf, Path):
            with pdf.open("rb") as file:
                done = _lp(command, file, None)
        else:
            done = _lp(command, None, pdf)
    except subprocess.TimeoutExpired:
        raise SubmissionUnclear(f"CUPS did not accept the file within {_TAKE:.0f} seconds. {_PART}") from None
    except KeyboardInterrupt:
        raise SubmissionUnclear(f"Stopped while the file was handed over. {_PART}") from None
    except OSError as error:
        raise HandOverFault(
            f"The file could not be handed over: {error.strerror}. Nothing of it was printed."
        ) from None
    found = re.search(rf"{re.escape(queue_of(printer))}-[0-9]+", done.stdout.decode("utf-8", "replace"))
    if done.returncode or not found:
        told = " ".join(done.stderr.decode("utf-8", "replace").split()).removeprefix("lp: ").removeprefix("Error - ")
        why = told[:300].rstrip(".") or "it gives no reason"
        raise HandOverFault(f"CUPS did not accept the file: {why}. Nothing of it was printed.")
    return found[0]


def _lp(command: list[str], file: IO[bytes] | None, data: bytes | None) -> subprocess.CompletedProcess[bytes]:
    """Run in its own session: Ctrl-C must not cut off a file, and there is no password prompt."""
    return subprocess.run(  # noqa: S603  a fixed command
        command,
        stdin=file,
        input=data,
        capture_output=True,
        env=plain_environment(),
        timeout=_TAKE,
        start_new_session=True,
    )
