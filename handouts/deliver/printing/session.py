"""A printer that takes jobs, and files for it: the record hears of each before CUPS, and how it ended before anybody.

An edge module: it waits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from handouts.codes import format_code
from handouts.deliver.printing.contents import OURS, Contents, read_contents
from handouts.deliver.printing.job import Env, PrintOptions, print_pdf
from handouts.deliver.printing.outcome import Printed
from handouts.deliver.printing.paper import measure
from handouts.deliver.printing.scheduler import Scheduler
from handouts.deliver.printing.submit import SubmissionUnclear, choose, queue_of
from handouts.errors import HandoutError, HandOverFault, OutputFault, RequestFault
from handouts.model.clinic import ClinicFile
from handouts.model.recorder import Document, End, PrintJob, PrintRecorder

_NOTHING = "Nothing was printed: a handout that no longer counts is not handed out."


class UnrecordedOutcome(OutputFault):
    """CUPS has the file, but the record could not be told how that ended: so nobody is told that it is printed."""


@dataclass(frozen=True)
class PrintSession:
    """A printer that takes jobs, and how a clinic prints.

    ``done`` hears of each file that went as asked, with its title; ``go_on``: of files that stay unprinted, how to
    print them later.
    """

    scheduler: Scheduler
    printer: str
    wanted: PrintOptions
    env: Env
    done: Callable[[Printed, str], object]
    go_on: Callable[[Sequence[Path]], str] = lambda _: ""

    def print_made(self, pdf: bytes, document: Document, recorder: PrintRecorder) -> None:
        """Print a handout that is made. HandOverFault unless all went as asked, OutputFault; Refused when it no longer
        counts.
        """
        code = document.code
        recorder.require_current(code, _NOTHING)
        job = recorder.print_job([code], queue_of(self.printer), hashlib.sha256(pdf).hexdigest(), document)
        printed = self._print(pdf, Contents("handout", format_code(code), (code,)), job)
        if printed.problem:
            raise HandOverFault(printed.problem)

    def print_all(self, files: Sequence[Path], recorder: PrintRecorder, *, not_in_record: bool = False) -> None:
        """One job a file, in order. HandOverFault or OutputFault when one fails: those after it stay unprinted, and
        are named. Before the first, RequestFault when one can't be read, Refused when one is a handout that no longer
        counts, or is not as it was made. ``not_in_record``: see `PrintRecorder.require_as_made`.
        """
        found = [(file, *_read(file, number, len(files))) for number, file in enumerate(files, 1)]
        for _, holds, sha256 in found:
            self._check_status(holds, recorder)
            if holds.kind == "handout":
                nothing = "Nothing was printed."
                recorder.require_as_made(holds.codes[0], sha256, nothing, not_in_record=not_in_record)
            elif holds.kind == "foreign":
                self.env.say(f"Note: {holds.title} is not a file of this program. The record hears nothing of it.")
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
                raise kind(f"{holds.title}: {problem}{_format_unprinted(left)}{self.go_on(rest) if rest else ''}")

    def _job_of(self, sha256: str, holds: Contents, recorder: PrintRecorder) -> PrintJob:
        """What tells the record of a file."""
        return recorder.print_job(holds.codes, queue_of(self.printer), sha256)

    def _print(self, pdf: bytes | Path, holds: Contents, job: PrintJob) -> Printed:
        """Print it, and tell how it went once the record has it. HandOverFault, OutputFault, UnrecordedOutcome."""
        staffs = holds.kind == "run sheet"  # once, and on one side
        wanted = replace(self.wanted, duplex=False, copies=1) if staffs else self.wanted
        try:
            printed = print_pdf(
                self.scheduler, self.printer, pdf, holds.title, wanted, self.env,
                before=lambda: job.queued(self.env.now()),
            )  # fmt: skip
        except HandOverFault as fault:
            self._end(job, "unknown" if isinstance(fault, SubmissionUnclear) else "failed", fault.message)
            raise
        end: End = "unknown" if printed.state == "handed over" else printed.state
        told = f"{holds.title} is handed over to {self.printer}, job {printed.job}."
        self._end(job, end, told, printed.job, printed.copies)
        if not printed.problem:
            self.done(printed, holds.title)
        return printed

    def _check_status(self, holds: Contents, recorder: PrintRecorder) -> None:
        """Whether each handout still counts. Refused for one alone; of a print file the staff hear which."""
        for code in holds.codes:
            if holds.kind == "handout":
                recorder.require_current(code, _NOTHING)
            for line in recorder.status(code):
                self.env.say(f"Note: {holds.title} holds {format_code(code)}. {line}. Take its pages out.")

    def _end(self, job: PrintJob, end: End, told: str, name: str = "", copies: int = 1) -> None:
        """Tell the record how it ended, before anybody else. UnrecordedOutcome, with what is ``told``, when it can't
        be.
        """
        try:
            job.ended(end, self.env.now(), name.rpartition("-")[2], copies)
        except HandoutError as fault:
            raise UnrecordedOutcome(
                f"{told} {fault.message} So the record does not say how it ended. Look at the printer before you print "
                "it again."
            ) from None


def find_printer(scheduler: Scheduler, clinic: ClinicFile, name: str | None) -> str:
    """The printer of that name, else the clinic's, else the machine's default. HandOverFault when it takes no jobs."""
    printers = scheduler.printers()
    name = name or clinic.print.printer or scheduler.default()
    if name is None:
        raise HandOverFault(
            "No printer is named. Name one after --print (`printers` lists them), write it into the clinic's file as "
            "print.printer, or choose a default: lpoptions -d NAME. Nothing was printed."
        )
    choose(printers, name)
    return name


def name_in_message(file: Path, number: int, count: int) -> str:
    """Which of several files, in a message: by its name where that is ours; another could be a patient's."""
    return file.name if OURS.fullmatch(file.name) else f"File {number} of {count}"


def _read(file: Path, number: int, count: int) -> tuple[Contents, str]:
    """What a file holds, and its SHA-256. RequestFault for what can't be printed."""
    try:
        measure(file)
        with file.open("rb") as stream:
            return read_contents(file), hashlib.file_digest(stream, "sha256").hexdigest()
    except RequestFault as fault:
        raise RequestFault(f"{name_in_message(file, number, count)}: {fault.message} Nothing was printed.") from None


def _format_unprinted(titles: Sequence[str]) -> str:
    """Which are unprinted: by name where the name is ours; another could be a patient's."""
    return f"\nNot handed over: {', '.join(titles)}." if titles else ""
