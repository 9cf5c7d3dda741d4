"""Ours: the master is there; a patient costs details, a document code and stamping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.job import KEY, Job
from handouts.codes import document_code, format_code
from handouts.merge.details import details
from handouts.model.handout import Details
from handouts.model.request import Request
from handouts.stamp.stamp import stamp
from handouts.typeset.html import typeset


@contextmanager
def opened(job: Job) -> Iterator[Callable[[Request, Details], bytes]]:
    """The master is typeset here. The ``Details`` that the peers are given are recomputed, and timed."""
    library, title = job.library, job.handout.title
    master = typeset(job.handout, library.words)

    def make(request: Request, _details: Details) -> bytes:
        code = format_code(document_code(KEY, request, library.digest))
        return stamp(master, details(library.wording, request, code), f"{title}, {code}")

    yield make
