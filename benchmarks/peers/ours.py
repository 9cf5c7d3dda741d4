"""Ours: the master is there; a patient costs details, a document code and stamping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.job import KEY, Job
from handouts.codes import document_code, format_code
from handouts.merge.details import details
from handouts.model.details import Details
from handouts.model.master import Master
from handouts.model.request import Request
from handouts.stamp.stamp import stamp
from handouts.typeset.stack import bind_sheets, plan_stack, sheets_of


@contextmanager
def opened(job: Job) -> Iterator[Callable[[Request, Details], bytes]]:
    """The master is bound here. The ``Details`` that the peers are given are recomputed, and timed."""
    library, title, wording = job.library, job.handout.look.title, job.wording
    master = new_master(job)

    def make(request: Request, _details: Details) -> bytes:
        code = format_code(document_code(KEY, request, library.digest))
        return stamp(master, details(wording, request, code), f"{title}, {code}")

    yield make


def new_master(job: Job) -> Master:
    """The job's handout, its sheets typeset and bound."""
    plan = plan_stack(job.library, job.handout, job.wording)
    sheets, _ = sheets_of(job.library, job.handout, plan, None)
    return bind_sheets(sheets, plan.binding)
