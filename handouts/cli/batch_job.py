"""What batch makes from a list, where, by whom, and with which workers."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from handouts.cli.filing import Filing
from handouts.cli.groups import Options
from handouts.cli.mail_options import MailOptions
from handouts.cli.options import Keeping, Recording
from handouts.cli.print import Printing

if TYPE_CHECKING:
    from handouts.batch.cluster import Cluster
    from handouts.batch.pool import InlinePool, ProcessPool


@dataclass(frozen=True)
class Job(Options):
    """What to make from a list, where, and by whom."""

    directory: Path | None
    merge: bool
    run_sheet: bool
    order: Literal["list", "appointment"] | None
    dry_run: bool
    allow_unapproved: bool
    jobs: int | None
    dask: str | None
    tls_ca: Path | None
    tls_cert: Path | None
    tls_key: Path | None
    mail: MailOptions
    printing: Printing
    record: Recording
    keeping: Keeping
    filing: Filing

    @contextlib.contextmanager
    def pool(self) -> Iterator[InlinePool | ProcessPool | Cluster]:
        """The workers, until the end of the context: a cluster's, processes, or this process."""
        from handouts.batch.cluster import Certificates, Cluster
        from handouts.batch.pool import InlinePool, ProcessPool

        jobs = self.jobs or os.cpu_count() or 1
        pool: InlinePool | ProcessPool | Cluster
        if self.dask:
            pool = Cluster(self.dask, Certificates(self.tls_ca, self.tls_cert, self.tls_key))
        else:
            pool = ProcessPool(jobs) if jobs > 1 else InlinePool()
        try:
            yield pool
        finally:
            pool.close()
