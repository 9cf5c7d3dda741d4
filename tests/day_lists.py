"""What the tests of lists on a screen share: one that is open, its rows made, a printer that notes what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from handouts.batch.day.giving import Giving, Result, print_rows
from handouts.batch.day.making import MadeRow, make_rows
from handouts.batch.day.memory import DayMemory
from handouts.batch.day.opened import OpenedList, OpenRow, setup_for
from handouts.batch.messages import Setup
from handouts.batch.pool import InlinePool
from handouts.deliver.printing.session import PrintSession
from handouts.errors import HandOverFault
from handouts.lists.mendable import open_mendable
from handouts.lists.settings import settings_for
from handouts.model.recorder import Document, PrintRecorder
from handouts.record.recorder import FolderRecorder
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, TODAY

NOW = 1_795_000_000.0
LIST = """patient.name,patient.birth_date,patient.identifier,topic,options,patient.email
Xanthippe Quill,1961-04-09,MRN 77441,hemifacial-spasm,botox,quill@example.org
Ypsilon Fjord,1972-08-30,MRN 77442,hemifacial-spasm,botox,fjord@example.org
Zebulon Vexley,1958-01-17,MRN 77443,hemifacial-spasm,botox,
"""
SECRETS = ("Xanthippe", "Quill", "Ypsilon", "Fjord", "Zebulon", "Vexley", "77441", "1961-04-09", "quill@example.org")


@dataclass
class Bench:
    """A data folder, its record and its memory of lists, both open."""

    data: Path
    recorder: FolderRecorder
    memory: DayMemory
    content: Path = CONTENT
    clock: list[float] = field(default_factory=lambda: [NOW])

    def now(self) -> float:
        """Another second each time."""
        self.clock[0] += 1
        return self.clock[0]

    def open(self, text: str | bytes = LIST, *, allow: bool = True, most: int = 100) -> OpenedList:
        """A list on the screen."""
        data = text.encode() if isinstance(text, str) else text
        found = open_mendable(data, settings_for(self.content, TODAY, {}), most)

        def setup() -> Setup:
            return setup_for(self.content, TODAY, KEY, self.recorder, allow_unapproved=allow)

        return OpenedList(found, self.memory, setup(), setup)

    def make(self, rows: Sequence[OpenRow], opened: OpenedList, sheets: SheetCache) -> list[MadeRow]:
        """All of ``rows``, which can be made."""
        made, faults = make_rows(
            rows, opened.setup, InlinePool(), self.recorder, sheets, stopped=lambda: False, tell=lambda _: None
        )
        assert faults == {}
        return made

    def giving(self, **also: bool) -> Giving:
        """For what is given out here."""
        return Giving(self.memory, self.recorder, self.now, **also)

    def print(self, made: Sequence[MadeRow], paper: Path, **also: bool) -> dict[int, Result]:
        """What became of each row."""
        return {result.number: result for result in print_rows(made, Paper(paper), self.giving(**also))}

    def states(self, row: OpenRow) -> list[tuple[str, str]]:
        """What was done with a row, and how it ended."""
        return [(entry.what, entry.state) for entry in self.memory.entries(row.key)]


@contextmanager
def bench(data: Path, content: Path = CONTENT) -> Iterator[Bench]:
    """A data folder, made on first use."""
    with FolderRecorder(data, "anna", lambda: NOW) as recorder, DayMemory(data) as memory:
        yield Bench(data, recorder, memory, content)


class Paper(PrintSession):
    """A printer without CUPS: each file's code becomes a line, once the record has the job and before its end."""

    def __init__(self, out: Path, broken: str = "") -> None:
        object.__setattr__(self, "out", out)
        object.__setattr__(self, "broken", broken)

    def print_made(self, pdf: bytes, document: Document, recorder: PrintRecorder) -> None:
        """As the real one does, but for CUPS."""
        assert pdf.startswith(b"%PDF")
        out, broken = vars(self)["out"], vars(self)["broken"]
        recorder.require_current(document.code, "Nothing was printed.")
        job = recorder.print_job([document.code], "front-desk", document.sha256, document)
        job.queued(NOW)
        if broken:
            job.ended("unknown" if broken == "stuck" else "failed", NOW)
            raise HandOverFault(f"The printer is {broken}.")
        with out.open("a") as file:
            file.write(f"{document.code}\n")
        job.ended("printed", NOW)


def printed(paper: Path) -> list[str]:
    """The codes that came out."""
    return paper.read_text().split() if paper.exists() else []
