"""What is under way with the rows of a list on the screen: made, asked about, given out; it can be looked at and
stopped. An edge module: it starts a thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from handouts.batch.day.giving import (
    Giving,
    Mailing,
    MailPlan,
    PrintFile,
    Result,
    mail_rows,
    plan_mail,
    print_rows,
    save_rows,
)
from handouts.batch.day.making import MadeRow, make_rows
from handouts.batch.day.memory import DayMemory, What
from handouts.batch.day.opened import OpenRow
from handouts.batch.messages import Setup
from handouts.batch.pool import Pool
from handouts.batch.worker import format_own_fault
from handouts.deliver.printing.session import PrintSession
from handouts.errors import HandoutError
from handouts.record.recorder import FolderRecorder
from handouts.typeset.cache import SheetCache

Step = Literal["making", "asking", "made", "giving", "ended"]
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Places:
    """Where things are, and who does them. ``now``: seconds since 1970; ``pool``: where sheets are typeset."""

    data: Path
    by: str
    now: Callable[[], float]
    cache: SheetCache | None
    pool: Callable[[], Pool]

    def recorder(self) -> FolderRecorder:
        """The record of the data folder, for this thread. Refused if it is lost, OutputFault."""
        return FolderRecorder(self.data, self.by, self.now)

    def memory(self) -> DayMemory:
        """What is remembered of lists, for this thread; the record has to be open. OutputFault."""
        return DayMemory(self.data)


@dataclass
class Work:
    """One job on some rows. ``what``: to what end; ``again``: though it is done already.

    ``open_session`` and ``mailing`` are for paper and mail; they may raise HandoutError.
    """

    places: Places
    rows: Sequence[OpenRow]
    setup: Setup
    what: What
    again: bool = False
    open_session: Callable[[Callable[[str], None]], PrintSession] | None = None
    mailing: Callable[[], Mailing] | None = None
    queued: Callable[[], object] = lambda: None
    """Called when messages are in the outbox."""
    step: Step = "making"
    done: int = 0
    says: str = ""
    """The last word of the printer."""
    message: str = ""
    """Why it ended before its time; "" when all went well."""
    results: dict[int, Result] = field(default_factory=dict)
    plan: MailPlan | None = None
    made: list[MadeRow] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"Work({self.what}, {self.step})"

    @property
    def total(self) -> int:
        """How many rows the present step is about."""
        return len(self.rows) if self.step == "making" else len(self.made)

    @property
    def is_busy(self) -> bool:
        """Whether it goes on by itself."""
        return self.step in {"making", "giving"}

    def start(self) -> Work:
        """Begin, in a thread of its own."""
        return self._go(self._make)

    def stop(self) -> None:
        """Stop as soon as the row is done that is under way; what waits for an answer is over at once."""
        self.stopping.set()
        if not self.is_busy:
            self.step = "ended"

    def go_on(self) -> Work:
        """Mail what was asked about."""
        self.step, self.done = "giving", 0
        return self._go(self._mail)

    def save(self, *, duplex: bool) -> PrintFile:
        """The print file of what is made, to be given out now: in the caller's thread. Refused, OutputFault."""
        self.step = "giving"
        try:
            with self.places.recorder() as recorder, self.places.memory() as memory:
                file = save_rows(self.made, self._giving(recorder, memory), duplex=duplex)
        except BaseException:
            self.step = "made"
            raise
        self._take(*(Result(number, "done") for number in file.rows), *file.left)
        self.step = "ended"
        return file

    def wait(self, seconds: float | None = None) -> None:
        """Until it asks something or has ended."""
        if self.thread:
            self.thread.join(seconds)

    def _go(self, task: Callable[[], None]) -> Work:
        self.thread = threading.Thread(target=self._guarded, args=(task,), daemon=True)
        self.thread.start()
        return self

    def _guarded(self, task: Callable[[], None]) -> None:
        try:
            task()
        except HandoutError as fault:
            self.message = fault.message
        except Exception as error:
            self.message = format_own_fault(error)
            _LOG.error("a list: %s", self.message)  # no traceback, which may hold details
        if self.is_busy:
            self.step = "ended"

    def _make(self) -> None:
        session = self.open_session(self._say) if self.open_session else None  # before anything is made for nothing
        mailing = self.mailing() if self.mailing else None
        with self.places.recorder() as recorder:
            pool = self.places.pool()
            try:
                self.made, faults = make_rows(
                    self.rows, self.setup, pool, recorder, self.places.cache, stopped=self.stopping.is_set,
                    tell=self._tell,
                )  # fmt: skip
            finally:
                pool.close()
            self._take(*(Result(number, "failed", why) for number, why in faults.items()))
            if self.stopping.is_set():
                return
            if session:
                self._print(session, recorder)
            elif mailing:
                with recorder.open_outbox() as outbox:
                    self.plan = plan_mail(self.made, outbox)
                self.step = "asking"
            else:
                self.step = "made"

    def _print(self, session: PrintSession, recorder: FolderRecorder) -> None:
        self.step, self.done = "giving", 0
        with self.places.memory() as memory:
            for result in print_rows(self.made, session, self._giving(recorder, memory)):
                self._take(result)
                self.done += 1
                if result.last:
                    self.message = result.message

    def _mail(self) -> None:
        assert self.plan  # noqa: S101  asked about before
        assert self.mailing  # noqa: S101
        mailing, made = self.mailing(), self.plan.made
        documents = [row.document for row in made.values()]
        with (
            self.places.recorder() as recorder,
            self.places.memory() as memory,
            recorder.open_outbox(*documents) as outbox,
        ):
            wanted = self.plan.wanted(again=self.again)
            left = {one.row.number for one in self.plan.plan.rows} - {one.row.number for one in wanted}
            self._take(*(Result(number, "already") for number in left))
            self._take(*(Result(number, "failed", why) for number, why in self.plan.plan.faults.items()))
            for result in mail_rows(wanted, made, mailing, outbox, self._giving(recorder, memory)):
                self._take(result)
                self.done += 1
        self.queued()

    def _giving(self, recorder: FolderRecorder, memory: DayMemory) -> Giving:
        return Giving(memory, recorder, self.places.now, self.stopping.is_set, self.again)

    def _take(self, *results: Result) -> None:
        self.results |= {result.number: result for result in results}

    def _tell(self, done: int) -> None:
        self.done = done

    def _say(self, line: str) -> None:
        self.says = line

    def counts(self) -> Mapping[str, int]:
        """How many rows ended how."""
        told = [result.state for result in self.results.values()]
        return {state: told.count(state) for state in ("done", "already", "failed", "unknown")}
