"""A printer that accepts jobs, and files for it: the record has each before CUPS, and each outcome before the user.

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

_NOTHING = "Nothing was printed: a handout that is no longer valid is not handed out."


class UnrecordedOutcome(OutputFault):
    """CUPS has the file, but the record could not store the outcome: so it is not reported as printed."""


class StillQueued(HandOverFault):
    """CUPS has the job and goes on with it once somebody helps: to print it again would print it twice."""


@dataclass(frozen=True)
class PrintSession:
    """A printer that accepts jobs, and how a clinic prints.

    ``done`` is called for each file without problems, with its title; ``go_on`` says how to print unprinted files
    later.
    """

    scheduler: Scheduler
    printer: str
    wanted: PrintOptions
    env: Env
    done: Callable[[Printed, str], object]
    go_on: Callable[[Sequence[Path]], str] = lambda _: ""

    def print_made(self, pdf: bytes, document: Document, recorder: PrintRecorder) -> None:
        """Print a finished handout. HandOverFault unless all goes well, StillQueued where the job waits for somebody;
        OutputFault; Refused when it is no longer valid.
        """
        code = document.code
        recorder.require_current(code, _NOTHING)
        job = recorder.print_job([code], queue_of(self.printer), hashlib.sha256(pdf).hexdigest(), document)
        printed = self._print(pdf, Contents("handout", format_code(code), (code,)), job)
        if printed.problem:
            raise (HandOverFault if printed.state == "failed" else StillQueued)(printed.problem)

    def print_all(self, files: Sequence[Path], recorder: PrintRecorder, *, not_in_record: bool = False) -> None:
        """One job per file, in order. HandOverFault or OutputFault when one fails: it names those after it, which stay
        unprinted. Before the first, RequestFault when one can't be read, Refused when one is a handout that is no
        longer valid, or was changed. ``not_in_record``: see `PrintRecorder.require_as_made`.
        """
        found = [(file, *_read(file, number, len(files))) for number, file in enumerate(files, 1)]
        for _, holds, sha256 in found:
            self._check_status(holds, recorder)
            nothing = "Nothing was printed."
            if holds.kind == "volume":
                recorder.require_known(holds.codes, nothing, not_in_record=not_in_record)
            elif holds.kind == "handout":
                recorder.require_as_made(holds.codes[0], sha256, nothing, not_in_record=not_in_record)
            elif holds.kind == "foreign":
                self.env.say(f"Note: {holds.title} is not a file of this program and is not recorded.")
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
        """The recorder for a file's job."""
        return recorder.print_job(holds.codes, queue_of(self.printer), sha256)

    def _print(self, pdf: bytes | Path, holds: Contents, job: PrintJob) -> Printed:
        """Print it, and report the outcome once it is recorded. HandOverFault, OutputFault, UnrecordedOutcome."""
        staffs = holds.kind == "run sheet"  # one copy, one-sided
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
        """Check that each handout is valid. Refused for a single one; for a print file the staff are told which."""
        for code in holds.codes:
            if holds.kind == "handout":
                recorder.require_current(code, _NOTHING)
            for line in recorder.status(code):
                self.env.say(f"Note: {holds.title} holds {format_code(code)}. {line}. Take its pages out.")

    def _end(self, job: PrintJob, end: End, told: str, name: str = "", copies: int = 1) -> None:
        """Record the outcome before it is reported. UnrecordedOutcome, with ``told``, when that fails."""
        try:
            job.ended(end, self.env.now(), name.rpartition("-")[2], copies)
        except HandoutError as fault:
            raise UnrecordedOutcome(
                f"{told} {fault.message} So the record does not say how it ended. Check the printer before you print "
                "it again."
            ) from None


def find_printer(scheduler: Scheduler, clinic: ClinicFile, name: str | None) -> str:
    """The named printer, else the clinic's, else the machine's default. HandOverFault when it accepts no jobs."""
    printers = scheduler.printers()
    name = name or clinic.print.printer or scheduler.default()
    if name is None:
        raise HandOverFault(
            "No printer is named. Name one after --print (`printers` lists them), set print.printer in the clinic's "
            "file, or choose a default: lpoptions -d NAME. Nothing was printed."
        )
    choose(printers, name)
    return name


def name_in_message(file: Path, number: int, count: int) -> str:
    """A file in a message: by name if the name is ours; another could be a patient's."""
    return file.name if OURS.fullmatch(file.name) else f"File {number} of {count}"


def _read(file: Path, number: int, count: int) -> tuple[Contents, str]:
    """A file's contents, and its SHA-256. RequestFault for what can't be printed."""
    try:
        measure(file)
        with file.open("rb") as stream:
            return read_contents(file), hashlib.file_digest(stream, "sha256").hexdigest()
    except RequestFault as fault:
        raise RequestFault(f"{name_in_message(file, number, count)}: {fault.message} Nothing was printed.") from None


def _format_unprinted(titles: Sequence[str]) -> str:
    """The unprinted files, by their safe titles."""
    return f"\nNot handed over: {', '.join(titles)}." if titles else ""
