"""What became of a file, and what the staff do next. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from handouts.deliver.printing.messages import describe_faults, describe_hold, is_stopped
from handouts.deliver.printing.scheduler import ABORTED, CANCELED, COMPLETED, Job
from handouts.deliver.printing.submit import queue_of
from handouts.errors import shown


@dataclass(frozen=True)
class Printed:
    """What became of a file. It is never called printed unless CUPS says that its printer took all of it.

    ``job`` as `lpstat` and `cancel` take it; ``pages`` of the file, one copy; ``at``: seconds since 1970.
    ``problem``: what to tell the staff, and what to do next; empty when all went as asked.
    """

    state: Literal["handed over", "printed", "failed"]
    printer: str
    job: str
    pages: int
    copies: int
    at: float
    problem: str = ""


def describe_end(printed: Printed, job: Job | None, now: float) -> Printed | None:
    """What became of a job that will not go on by itself; None for one that may. ``job``: None when CUPS lost it."""
    name = printed.job
    if job is None:
        return replace(
            printed,
            at=now,
            problem=f"CUPS knows nothing of job {name} any more, so nobody can say whether it was printed: somebody "
            "deleted it, or CUPS keeps no history here (PreserveJobHistory). Look at the printer before you print it "
            "again.",
        )
    if job.state == COMPLETED:
        return replace(printed, state="printed", at=now)
    if job.state == CANCELED:
        unsaid = ": at the printer, by somebody else, or by CUPS because it took too long (MaxJobTime)"
        problem = (
            f"Job {name} was cancelled{_because(job) or unsaid}. Some pages may be printed. Ask, then print it again."
        )
    elif job.state == ABORTED:
        problem = (
            f"Job {name} failed{_because(job)}. Some pages may be printed. Look at the printer, then print it again."
        )
    elif why := describe_hold(job):
        problem = f"Job {name} is handed over but held: {why}. To let it go: lp -i {name} -H resume. {_not_twice(name)}"
    elif is_stopped(job):
        problem = (
            f"Job {name} is handed over, but the printer stopped{_because(job)}. Put it right, then: "
            f"cupsenable {queue_of(printed.printer)}. {_not_twice(name)}"
        )
    else:
        return None
    return replace(
        printed, state="failed" if job.state in (CANCELED, ABORTED) else "handed over", at=now, problem=problem
    )


def describe_stuck(printed: Printed, now: float, seconds: float, said: str) -> Printed:
    """For a job that shows nothing new for so many seconds."""
    return replace(
        printed,
        at=now,
        problem=f"Job {printed.job} is handed over but stuck: nothing new for {seconds:.0f} seconds ({said}). "
        f"Look at the printer, and at the queue: lpstat -o. {_not_twice(printed.job)}",
    )


def describe_lost(printed: Printed, now: float, reason: object) -> Printed:
    """For a job whose CUPS stopped answering."""
    return replace(
        printed,
        at=now,
        problem=f"Job {printed.job} is handed over, but CUPS stopped answering ({reason}), so it is not known to be "
        f"printed. Once CUPS runs again it goes on with the job by itself. {_look(printed.job)}",
    )


def describe_abandoned(printed: Printed, now: float) -> Printed:
    """For a job that somebody did not want to wait for any longer."""
    return replace(
        printed,
        at=now,
        problem=f"Stopped waiting. Job {printed.job} is left in the queue: it is handed over, and not known to be "
        f"printed. {_look(printed.job)}",
    )


def _because(job: Job) -> str:
    said = [part for part in (describe_faults(job.printer_reasons), shown(job.message)) if part not in ("", "stopped")]
    return f" ({'; '.join(said)})" if said else ""


def _look(job: str) -> str:
    return f"To look: lpstat -o. To take it away: cancel {job}."


def _not_twice(job: str) -> str:
    return f"It is still in the queue: before you print it anywhere else, take it away: cancel {job}."
