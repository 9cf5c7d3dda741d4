"""Making whole lists in tests: rows in, a folder of files out."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from handouts.authoring.approvals import write_approvals
from handouts.batch import Done, Printing, check_all, make_all
from handouts.batch.messages import Setup
from handouts.batch.pool import InlinePool, Pool
from handouts.batch.reorder import Tally
from handouts.batch.report import Entry
from handouts.batch.worker import run_digest
from handouts.lists.row import Listing, Row
from handouts.load.library import load_library
from handouts.model.content import Approval
from handouts.model.recorder import NullRecorder, Recorder
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, REQUEST, TODAY, TOPIC

OURS = re.compile(r"[0-9]{6}-[0-9A-HJKMNP-TV-Z]{11}\.pdf")
PEOPLE = ("Xanthippe Quill", "Ypsilon Fjord", "Zebulon Vexley")
"""Names that no page holds by chance."""

Data = Mapping[str, Any]


def person(name: str, **over: Any) -> dict[str, Any]:
    """A row: the least there is, for ``name``, and what the keywords lay over it."""
    return {**REQUEST, "patient": {"name": name}, **over}


def people(count: int = 3) -> list[Data]:
    """Rows of one selection, for different patients."""
    return [person(f"{PEOPLE[i % 3]} {chr(65 + i // 3)}" if i > 2 else PEOPLE[i]) for i in range(count)]


def listing(rows: Sequence[Data | None]) -> Listing:
    """A list of ``rows``, numbered from 1; None is a row that can't be read."""
    made = [Row(i, data, "" if data else "it is broken", i) for i, data in enumerate(rows, 1)]
    return Listing(iter(made), size=len(made))


def setup(content: Path = CONTENT, *, today: date = TODAY, allow: bool = True, defaults: Data | None = None) -> Setup:
    """What a run has in common."""
    return Setup(str(content), run_digest(content), today, KEY, json.dumps(defaults or {}), allow)


class Batch:
    """A folder, and how lists are made in it."""

    def __init__(self, folder: Path, cache: SheetCache | None, recorder: Recorder | None = None) -> None:
        self.folder, self.cache, self.recorder = folder, cache, recorder or NullRecorder()
        self.told: list[Tally] = []

    def make(
        self, rows: Sequence[Data | None] | Listing, *, pool: Pool | None = None, printing: Printing | None = None,
        cache: SheetCache | None = None, **also: Any
    ) -> Done:  # fmt: skip
        """Make ``rows``; the rest are keywords of `setup`."""
        found = rows if isinstance(rows, Listing) else listing(rows)
        shared = cache or self.cache
        return make_all(
            found, setup(**also), pool or InlinePool(), self.folder, shared, self.recorder,
            tell=lambda _: None, printing=printing,
        )  # fmt: skip

    def check(self, rows: Sequence[Data | None], **also: Any) -> tuple[Done, list[Entry]]:
        """Look at ``rows`` only."""
        said: list[Entry] = []
        return check_all(listing(rows), setup(**also), InlinePool(), tell=lambda _: None, say=said.append), said

    def files(self) -> dict[int, bytes]:
        """The PDFs of rows, by row."""
        return {int(path.name[:6]): path.read_bytes() for path in self.paths()}

    def paths(self) -> list[Path]:
        """Of the PDFs of rows, by name."""
        return sorted(path for path in self.folder.iterdir() if OURS.fullmatch(path.name))

    def path(self, number: int) -> Path:
        """Of one row's PDF."""
        (found,) = self.folder.glob(f"{number:06}-*.pdf")
        return found

    def report(self) -> list[list[str]]:
        """The lines of report.csv, without its head."""
        return list(csv.reader(io.StringIO((self.folder / "report.csv").read_text(encoding="utf-8"))))[1:]

    def everything(self) -> dict[str, bytes]:
        """All files of the folder."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}


def approve(content: Path, *files: str, until: date = date(2027, 11, 1), by: str = "Dr. X") -> None:
    """Have somebody approve the topic of a copy of the content as it stands, or only ``files`` of it."""
    topic = load_library(content, TOPIC).topic
    given = Approval(by=by, on=TODAY, until=until, digest="0" * 64)
    chosen = {name: given.model_copy(update={"digest": topic.digests[name]}) for name in files or topic.digests}
    write_approvals(topic, chosen)


def forms_of(text: str) -> list[bytes]:
    """How a text could stand in a file."""
    wide = text.encode("utf-16-be")
    return [text.encode(), wide, text.encode("utf-16-le"), wide.hex().encode(), wide.hex().upper().encode()]


def holds(data: bytes, texts: Iterable[str]) -> Iterator[str]:
    """Those of ``texts`` that stand in ``data``, in whatever form."""
    return (text for text in texts if any(form in data for form in forms_of(text)))
