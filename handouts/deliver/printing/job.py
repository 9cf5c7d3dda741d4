"""One print job, from handing over to its end. An edge module: it waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from handouts.deliver.printing.messages import describe_faults, describe_job
from handouts.deliver.printing.outcome import Printed, describe_abandoned, describe_end, describe_lost, describe_stuck
from handouts.deliver.printing.paper import measure, media_options
from handouts.deliver.printing.scheduler import PROCESSING, Job, NoAnswer, Scheduler
from handouts.deliver.printing.submit import queue_of, submit
from handouts.model.request import Paper

PATIENCE = 120.0
"""Seconds without progress after which a job counts as stuck: a laser printer warms up in half of that."""
A_SIDE = 2.0
"""Extra seconds for each side if the printer does not count them: 30 sides a minute."""
_GONE = 20.0
"""Seconds for CUPS to restart, as it does when its settings change."""
_LOOK, _SELDOM = 0.1, 1.0
"""Seconds between the first two polls of a job, and between later ones."""


@dataclass(frozen=True)
class PrintOptions:
    """How to print. ``paper``: None for the file's own; ``otherwise``: for files whose pages differ.

    ``patience``: seconds without progress; None for the default, 0 only to hand over.
    """

    duplex: bool
    copies: int
    paper: Paper | None
    otherwise: Paper
    patience: float | None = None


@dataclass(frozen=True)
class Env:
    """What waiting needs. ``now``: seconds since 1970; ``clock``: monotonic; ``say``: gets progress messages."""

    now: Callable[[], float]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    say: Callable[[str], None]


def print_pdf(
    scheduler: Scheduler,
    printer: str,
    pdf: bytes | Path,
    title: str,
    wanted: PrintOptions,
    env: Env,
    *,
    before: Callable[[], object] = lambda: None,
) -> Printed:
    """Hand a file over and follow its job to the end, or until it makes no progress.

    ``title`` is the job's only title: never a name. ``before`` is called when the file can be printed and
    CUPS does not have it yet; if it raises, nothing is printed. RequestFault for what is not a PDF, HandOverFault
    when CUPS does not accept it; after that nothing is raised, and problems are in the result.
    """
    measured = measure(pdf)
    sides = "two-sided-long-edge" if wanted.duplex else "one-sided"
    # Whole sets, one page per side: PRINT-8.
    options = (
        *media_options(measured, wanted.paper, wanted.otherwise),
        f"sides={sides}",
        "collate=true",
        "number-up=1",
    )
    before()
    job = submit(printer, pdf, title, wanted.copies, options)
    printed = Printed("handed over", printer, job, measured.pages, wanted.copies, env.now())
    if wanted.patience == 0:
        return printed
    try:
        return _follow(printed, scheduler, wanted.patience, env)
    except KeyboardInterrupt:
        return describe_abandoned(printed, env.now())


def _follow(printed: Printed, scheduler: Scheduler, patience: float | None, env: Env) -> Printed:
    """Poll until the job has ended, waits for a person, or makes no progress for too long."""
    number = int(printed.job.rpartition("-")[2])
    seen: set[object] = set()
    news = heard = env.clock()
    said, look = "", _LOOK
    while True:
        look = min(look * 1.5, _SELDOM)
        try:
            job = scheduler.job(number)
            queue = scheduler.waiting(queue_of(printed.printer)) if job and job.state < PROCESSING else ()
        except NoAnswer as reason:
            if env.clock() - heard > min(_GONE, patience or _GONE):
                return describe_lost(printed, env.now(), reason)
            env.sleep(look)
            continue
        heard = env.clock()
        if end := describe_end(printed, job, env.now()):
            return end
        assert job  # noqa: S101  describe_end handles a lost one
        mark = (job, queue)
        if mark not in seen:  # only a new state is progress: PRINT-5
            seen.add(mark)
            news = heard
        stands = describe_job(job, sum(other.number < number for other in queue))
        if stands != said:
            said = stands
            env.say(f"Job {printed.job}: {said}.")
        allowed = _patience(job, printed) if patience is None else patience
        if heard - news > allowed:
            return describe_stuck(printed, env.now(), heard - news, said)
        env.sleep(min(look, allowed / 4))


def _patience(job: Job, printed: Printed) -> float:
    """Seconds allowed without progress. A working printer that does not count sides gets time for all of them."""
    sides = printed.pages * printed.copies
    counts = 0 < job.impressions < sides
    if job.state != PROCESSING or counts or describe_faults(job.printer_reasons):
        return PATIENCE
    return PATIENCE + A_SIDE * sides
