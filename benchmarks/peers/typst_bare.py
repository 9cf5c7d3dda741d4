"""Typst kept warm, without tags: the fastest it gets, and nothing for a screen reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.job import Job
from benchmarks.peers import typst_warm
from handouts.model.details import Details
from handouts.model.request import Request


@contextmanager
def opened(job: Job) -> Iterator[Callable[[Request, Details], bytes]]:
    """As `typst_warm`, with ``pdf_tags=False``."""
    with typst_warm.opened(job, tags=False) as make:
        yield make
