"""`--print`: where a clinic prints, and what the staff and the record hear of each job."""

from __future__ import annotations

import hashlib
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handouts.cli import Context
from handouts.cli.event_output import require_current, status_lines
from handouts.cli.options import all_of
from handouts.codes import format_code
from handouts.deliver.printing.contents import OURS, Contents, read_contents
from handouts.errors import HandoutError, HandOverFault, OutputFault, RequestFault

if TYPE_CHECKING:
    from handouts.cli.recorder import Recorder
    from handouts.deliver.printing.job import PrintOptions
    from handouts.deliver.printing.outcome import Printed
    from handouts.deliver.printing.scheduler import Scheduler
    from handouts.record.event import Event
    from handouts.record.printed import End, PrintJob

USUAL = ""
"""What --print says without a name: the clinic's printer, else the machine's default."""
WAIT_FLAG = click.option(
    "--print-wait", type=click.FloatRange(min=0), metavar="SECONDS",
    help="How long a job may show nothing new before it is reported as stuck; 0 does not wait at all. "
    "Default: 120, longer for many pages.",
)  # fmt: skip


def _a_printer(_ctx: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    """UsageError where --print took the file for a printer's name: it would be asked for anew, or not be found."""
    if name and (name == "-" or Path(name).suffix.lower() in {".yaml", ".yml", ".json", ".csv", ".jsonl", ".pdf"}):
        raise click.UsageError("--print took the file for a printer. Say --print after the file, or --print=PRINTER.")
    return name


PRINT_FLAGS = all_of(
    click.option("--print", "print_on", is_flag=False, flag_value=USUAL, metavar="[PRINTER]", callback=_a_printer,
                 help="Print it, and wait until it is printed. Without a name: the clinic's printer, else the "
                 "machine's default. Say it after the file."),
    WAIT_FLAG,
)  # fmt: skip


class UnrecordedOutcome(OutputFault):
    """CUPS has the file, but the record could not be told how that ended: so nobody is told that it is printed."""


@dataclass(frozen=True)
class PrintSession:
    """A printer that takes jobs, and how a clinic prints."""

    scheduler: Scheduler
    printer: str
    clinic: str | None
    wanted: PrintOptions
    data: Path | None

    def print_one(self, pdf: bytes, code: str, event: Event, recorder: Recorder) -> None:
        """Print a handout that was made just now. HandOverFault unless all went as asked, OutputFault."""
        delivered = hashlib.sha256(pdf).hexdigest()
        job = recorder.print_job([code], self._queue, known=event, delivered=delivered)
        printed = self._print(pdf, Contents("handout", format_code(code), (code,)), job)
        if printed.problem:
            raise HandOverFault(printed.problem)

    def print_all(self, files: Sequence[Path], recorder: Recorder) -> None:
        """One job a file, in order. HandOverFault or OutputFault when one fails: those after it stay unprinted, and
        are named. Before the first, RequestFault when one can't be read, Refused when one is a handout that no longer
        counts.
        """
        found = [(file, *_read(file, number, len(files))) for number, file in enumerate(files, 1)]
        for _, holds, _ in found:
            _check_status(holds, recorder)
        for i, (file, holds, sha256) in enumerate(found):
            again: bool = True
            kind: type[HandoutError] = HandOverFault
            try:
                printed = self._print(file, holds, self._job_of(sha256, holds, recorder))
                problem, again = printed.problem, printed.state == "failed"
            except (RequestFault, HandOverFault, OutputFault) as fault:
                problem, again, kind = fault.message, not isinstance(fault, UnrecordedOutcome), type(fault)
            if problem:
                rest = files[i if again else i + 1 :]
                left = [later.title for _, later, _ in found[i + 1 :]]
                raise kind(f"{holds.title}: {problem}{_format_unprinted(left)}{self._go_on(rest)}")

    @property
    def _queue(self) -> str:
        from handouts.deliver.printing.submit import queue_of

        return queue_of(self.printer)

    def _job_of(self, sha256: str, holds: Contents, recorder: Recorder) -> PrintJob:
        """What tells the record of a file; the staff hear where it is not as it was made."""
        if holds.kind == "handout":
            made = [event.made for event in recorder.store.of_code(holds.codes[0]) if event.content]
            if made and sha256 not in made:
                click.echo(f"Note: {holds.title} is not as it was made; somebody changed the file.", err=True)
        return recorder.print_job(holds.codes, self._queue, delivered=sha256)

    def _print(self, pdf: bytes | Path, holds: Contents, job: PrintJob) -> Printed:
        """Print it, and tell how it went once the record has it. HandOverFault, OutputFault, Unrecorded."""
        from handouts.deliver.printing.job import Env, print_pdf
        from handouts.deliver.printing.submit import SubmissionUnclear

        staffs = holds.kind == "run sheet"  # once, and on one side
        wanted = replace(self.wanted, duplex=False, copies=1) if staffs else self.wanted
        env = Env(time.time, time.monotonic, time.sleep, lambda line: click.echo(line, err=True))
        try:
            printed = print_pdf(
                self.scheduler, self.printer, pdf, holds.title, wanted, env, before=lambda: job.queued(time.time())
            )
        except HandOverFault as fault:
            _end(job, "unknown" if isinstance(fault, SubmissionUnclear) else "failed", fault.message)
            raise
        end: End = "unknown" if printed.state == "handed over" else printed.state
        told = f"{holds.title} is handed over to {self.printer}, job {printed.job}."
        _end(job, end, told, printed.job, printed.copies)
        if not printed.problem:
            click.echo(_format_printed(printed, holds.title))
        return printed

    def _go_on(self, rest: Sequence[Path]) -> str:
        """The command for those that are unprinted, and for one that has to be printed again."""
        if not rest:
            return ""
        clinic = ["--clinic", self.clinic] if self.clinic else []
        data = ["--data", str(self.data)] if self.data else []
        sides = [] if self.wanted.duplex else ["--one-sided"]
        named = [shlex.quote(str(file)) if OURS.fullmatch(file.name) else "FILE" for file in rest]
        command = shlex.join(["--on", self.printer, *clinic, *sides, *data])
        return f"\nWhen the printer is well again: print {' '.join(named)} {command}"


def open_print_session(
    given: Context, clinic: str | None, flags: dict[str, Any], *, one_sided: bool = False
) -> PrintSession | None:
    """Where a clinic prints (None: the default one); None when nobody asked for it.

    SystemMissing without CUPS, HandOverFault without a printer that takes jobs.
    """
    if flags["print_on"] is None:
        return None
    from handouts.deliver.printing.job import PrintOptions
    from handouts.deliver.printing.scheduler import Scheduler
    from handouts.deliver.printing.submit import choose
    from handouts.load.library import load_clinic

    file = load_clinic(given.content, clinic)
    scheduler, ours = Scheduler(), file.print
    printers = scheduler.printers()
    name = flags["print_on"] or ours.printer or scheduler.default()
    if name is None:
        raise HandOverFault(
            "No printer is named. Name one after --print (`printers` lists them), write it into the clinic's file as "
            "print.printer, or choose a default: lpoptions -d NAME. Nothing was printed."
        )
    choose(printers, name)
    duplex = ours.duplex and not one_sided
    wanted = PrintOptions(duplex, ours.copies, ours.paper, file.paper, flags["print_wait"])
    return PrintSession(scheduler, name, clinic, wanted, flags["data"])


def name_in_message(file: Path, number: int, count: int) -> str:
    """Which of several files, in a message: by its name where that is ours; another could be a patient's."""
    return file.name if OURS.fullmatch(file.name) else f"File {number} of {count}"


def _read(file: Path, number: int, count: int) -> tuple[Contents, str]:
    """What a file holds, and its SHA-256. RequestFault for what can't be printed."""
    from handouts.deliver.printing.paper import measure

    try:
        measure(file)
        with file.open("rb") as stream:
            return read_contents(file), hashlib.file_digest(stream, "sha256").hexdigest()
    except RequestFault as fault:
        raise RequestFault(f"{name_in_message(file, number, count)}: {fault.message} Nothing was printed.") from None


def _check_status(holds: Contents, recorder: Recorder) -> None:
    """Whether each handout still counts. Refused for one alone; of a print file the staff hear which to take out."""
    for code in holds.codes:
        if holds.kind == "handout":
            nothing = "Nothing was printed: a handout that no longer counts is not handed out."
            require_current(recorder.store, code, nothing)
        for line in status_lines(recorder.store, code):
            click.echo(f"Note: {holds.title} holds {format_code(code)}. {line}. Take its pages out.", err=True)


def _end(job: PrintJob, end: End, told: str, name: str = "", copies: int = 1) -> None:
    """Tell the record how it ended, before anybody else. Unrecorded, with what is ``told``, when it can't be."""
    try:
        job.ended(end, time.time(), name.rpartition("-")[2], copies)
    except HandoutError as fault:
        raise UnrecordedOutcome(
            f"{told} {fault.message} So the record does not say how it ended. Look at the printer before you print "
            "it again."
        ) from None


def _format_unprinted(titles: Sequence[str]) -> str:
    """Which are unprinted: by name where the name is ours; another could be a patient's."""
    return f"\nNot handed over: {', '.join(titles)}." if titles else ""


def _format_printed(printed: Printed, title: str) -> str:
    sides = f"{printed.pages} pages" if printed.pages != 1 else "1 page"
    what = sides if printed.copies == 1 else f"{printed.copies} copies of {sides}"
    if printed.state == "printed":
        return f"Printed: {title}, {what} on {printed.printer}, job {printed.job}."
    return f"Handed over, not yet printed: {title}, {what} to {printed.printer}, job {printed.job}. To look: lpstat -o."
