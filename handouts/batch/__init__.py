"""A whole list of patients: typeset once, stamp many. What the list says is read in `handouts.lists`.

The five steps are those of a single handout; only who does them, and when, differs:

- `messages`          what parent and workers send each other
- `worker`            load, merge, stamp for some rows; typeset for one selection. Values in, values out
- `pool`, `cluster`   where workers are: here, processes, a Dask cluster
- `run`               the parent: hands rows out, takes updates back
- `reorder`           rows end in any order and are reported in that of the list; the tally
- `lru`               what parent and workers remember
- `sink`              writes: files first, then what the journal says of them; a full disk ends the run here
- `journal`           what is made already, from what; why the same command again makes only what is missing
- `report`            what the staff have to look at
- `volumes`           print files and run sheets, from the finished files
- `runsheet`          the run sheet as a PDF
- `day`               a list on a screen: rows mended one by one, made and given out, and remembered

No process holds more than a bounded number of rows and masters, however long the list.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from handouts.atomic import remove_parts
from handouts.batch.journal import Journal, is_ours
from handouts.batch.messages import Outcome, Setup
from handouts.batch.pool import Pool
from handouts.batch.reorder import Tally
from handouts.batch.report import NAME as REPORT
from handouts.batch.report import Entry, entries, left_over, write_report
from handouts.batch.run import Run
from handouts.batch.sink import FolderSink, NullSink
from handouts.batch.volumes import Printing, print_files
from handouts.deliver.files import writing_faults
from handouts.errors import OutputFault
from handouts.lists.row import Listing
from handouts.model.recorder import Recorder
from handouts.typeset.cache import SheetCache

__all__ = ["Done", "Printing", "check_all", "make_all"]

Tell = Callable[[Tally], None]
After = Callable[[Journal, Sequence[Outcome]], None]


@dataclass(frozen=True)
class Done:
    """How a run ended. ``left_over``: names of files in the folder that belong to no row of the list."""

    tally: Tally
    left_over: tuple[str, ...] = ()
    printed: tuple[str, ...] = ()
    """Names of volumes and run sheets."""


def check_all(
    listing: Listing,
    setup: Setup,
    pool: Pool,
    *,
    tell: Tell,
    say: Callable[[Entry], None],
    look: Callable[[Outcome], None] | None = None,
) -> Done:
    """Check every row and make nothing; ``say`` gets each line that the report would hold, in order.

    ``look`` gets each good row.
    """
    run = Run(replace(setup, dry_run=True), pool, NullSink(), None)
    for outcome in run.outcomes(listing.rows):
        for entry in entries(outcome):
            say(entry)
        if look and not outcome.message:
            look(outcome)
        tell(run.tally)
    return Done(run.tally)


@contextlib.contextmanager
def _tidied(folder: Path) -> Iterator[None]:
    """Without files half-written: by a run that was killed, or by this one, wherever a signal stops it. OutputFault."""

    def tidy() -> None:
        remove_parts(folder, lambda name: name == REPORT or is_ours(name))

    with writing_faults("-d"):
        tidy()
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            tidy()
        raise


def make_all(
    listing: Listing,
    setup: Setup,
    pool: Pool,
    folder: Path,
    cache: SheetCache | None,
    recorder: Recorder,
    *,
    tell: Tell,
    printing: Printing | None = None,
    after: After | None = None,
) -> Done:
    """Make what is missing of a list in ``folder``; ``tell`` gets the tally after each row.

    With ``printing``, volumes and run sheets follow; ``after`` then gets the journal and all rows. Only for these two
    is anything kept of each row: what identifies it to the staff. No file gets its name before ``recorder`` has it,
    and no row whose document was voided or replaced is made.
    OutputFault, Refused while another run uses the folder, and what `Run.outcomes` raises.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFault(f"The folder can't be made: {error.strerror}. Choose another with -d.") from None
    with Journal(folder) as journal, _tidied(folder):
        sink = FolderSink(journal, recorder, Path(setup.content))
        setup = replace(
            setup,
            withdrawn=recorder.withdrawn(),
            legacy_digests=recorder.legacy_digests(),
            cache=str(cache.folder) if cache else "",
        )
        run = Run(setup, pool, sink, cache)
        last = 0
        told: list[Outcome] = []
        with write_report(folder) as report:
            for outcome in run.outcomes(listing.rows):
                for empty in range(last + 1, outcome.number):
                    journal.erase(empty)
                last = outcome.number
                report(entries(outcome))
                if printing or after:
                    told.append(outcome)
                tell(run.tally)
            journal.end_after(last)
            printed = print_files(journal, told, printing) if printing else []
            strangers = journal.strangers(printed)
            report(map(left_over, strangers))
        if after:
            after(journal, told)
    return Done(run.tally, tuple(strangers), tuple(printed))
