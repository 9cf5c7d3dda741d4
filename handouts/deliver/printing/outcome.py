"""What happened to a file, and what the staff do next. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from handouts.deliver.printing.messages import describe_faults, describe_hold, is_stopped
from handouts.deliver.printing.scheduler import ABORTED, CANCELED, COMPLETED, Job
from handouts.deliver.printing.submit import queue_of
from handouts.errors import shown


@dataclass(frozen=True)
class Printed:
    """What happened to a file. It counts as printed only if CUPS says that its printer took all of it.

    ``job``: as in `lpstat` and `cancel`; ``pages``: of the file, one copy; ``at``: seconds since 1970.
    ``problem``: what to tell the staff, and what to do next; empty when all went well.
    """

    state: Literal["handed over", "printed", "failed"]
    printer: str
    job: str
    pages: int
    copies: int
    at: float
    problem: str = ""


def describe_end(printed: Printed, job: Job | None, now: float) -> Printed | None:
    """The outcome of a job that will not continue by itself; None if it may. ``job``: None when CUPS lost it."""
    name = printed.job
    if job is None:
        return replace(
            printed,
            at=now,
            problem=f"CUPS no longer knows job {name}, so it is unknown whether it was printed: someone "
            "deleted it, or CUPS keeps no history here (PreserveJobHistory). Check the printer before you print it "
            "again.",
        )
    if job.state == COMPLETED:
        return replace(printed, state="printed", at=now)
    if job.state == CANCELED:
        unsaid = ": at the printer, by someone else, or by CUPS because it took too long (MaxJobTime)"
        problem = (
            f"Job {name} was cancelled{_because(job) or unsaid}. Some pages may be printed. Ask, then print it again."
        )
    elif job.state == ABORTED:
        problem = (
            f"Job {name} failed{_because(job)}. Some pages may be printed. Check the printer, then print it again."
        )
    elif why := describe_hold(job):
        problem = (
            f"Job {name} is handed over but held: {why}. To release it: lp -i {name} -H resume. {_not_twice(name)}"
        )
    elif is_stopped(job):
        problem = (
            f"Job {name} is handed over, but the printer stopped{_because(job)}. Fix it, then run: "
            f"cupsenable {queue_of(printed.printer)}. {_not_twice(name)}"
        )
    else:
        return None
    return replace(
        printed, state="failed" if job.state in (CANCELED, ABORTED) else "handed over", at=now, problem=problem
    )


def describe_stuck(printed: Printed, now: float, seconds: float, said: str) -> Printed:
    """For a job without progress for that many seconds."""
    return replace(
        printed,
        at=now,
        problem=f"Job {printed.job} is handed over but stuck: no progress for {seconds:.0f} seconds ({said}). "
        f"Check the printer and the queue: lpstat -o. {_not_twice(printed.job)}",
    )


def describe_lost(printed: Printed, now: float, reason: object) -> Printed:
    """For a job whose CUPS stopped answering."""
    return replace(
        printed,
        at=now,
        problem=f"Job {printed.job} is handed over, but CUPS stopped answering ({reason}), so it is unknown whether it "
        f"was printed. When CUPS runs again, it continues the job by itself. {_look(printed.job)}",
    )


def describe_abandoned(printed: Printed, now: float) -> Printed:
    """For a job that the user stopped waiting for."""
    return replace(
        printed,
        at=now,
        problem=f"Stopped waiting. Job {printed.job} stays in the queue: it is handed over, but may not be "
        f"printed. {_look(printed.job)}",
    )


def _because(job: Job) -> str:
    said = [part for part in (describe_faults(job.printer_reasons), shown(job.message)) if part not in ("", "stopped")]
    return f" ({'; '.join(said)})" if said else ""


def _look(job: str) -> str:
    return f"To check it: lpstat -o. To remove it: cancel {job}."


def _not_twice(job: str) -> str:
    return f"It is still in the queue: before you print it elsewhere, remove it: cancel {job}."


def describe_printed(printed: Printed, title: str) -> str:
    """What became of a job without problems, in a sentence."""
    sides = f"{printed.pages} pages" if printed.pages != 1 else "1 page"
    what = sides if printed.copies == 1 else f"{printed.copies} copies of {sides}"
    if printed.state == "printed":
        return f"Printed: {title}, {what} on {printed.printer}, job {printed.job}."
    return (
        f"Handed over, not yet printed: {title}, {what} to {printed.printer}, job {printed.job}. To check: lpstat -o."
    )
