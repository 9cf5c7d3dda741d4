"""Where finished rows go: into a folder and its journal, or nowhere. An edge module: it writes files."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from handouts.atomic import write_group
from handouts.batch.journal import Journal, Record
from handouts.batch.lru import LRU
from handouts.batch.messages import Outcome
from handouts.deliver.files import writing_faults
from handouts.load.library import load_library
from handouts.model.master import Master
from handouts.model.origin import Origin
from handouts.model.recorder import Document, Recorder, Whom
from handouts.model.stack import Stack

GROUP = 100
"""Files written together: the disk syncs many in the time of a few; all of them are open at once."""


class Sink(Protocol):
    """Where finished rows go."""

    def finished(self, number: int) -> Record | None:
        """What already exists of a row."""

    def keep_stack(self, origin: Origin, stack: Stack) -> None:
        """Keep what rows are printed from, before the first of them."""

    def keep(self, made: list[tuple[Outcome, Master]]) -> None:
        """Write files and note them."""

    def forget(self, number: int) -> None:
        """Drop the record of a row with problems."""


class FolderSink:
    """Writes finished rows into a folder and its journal; ``recorder`` has them before their files have names.

    ``content``: the folder that they are printed from.
    """

    def __init__(self, journal: Journal, recorder: Recorder, content: Path) -> None:
        self.journal, self.recorder, self.content = journal, recorder, content

    def finished(self, number: int) -> Record | None:
        """The record of a row whose file exists unchanged."""
        return self.journal.finished(number)

    def keep(self, made: list[tuple[Outcome, Master]]) -> None:
        """Write the files, then their records: what the journal calls done is on the disk. OutputFault."""
        for start in range(0, len(made), GROUP):
            self._keep_group(made[start : start + GROUP])

    def _keep_group(self, made: list[tuple[Outcome, Master]]) -> None:
        records = [record_of(outcome, master) for outcome, master in made]
        pieces = {
            record.name: (master.pdf, outcome.update) for record, (outcome, master) in zip(records, made, strict=True)
        }
        documents = [document_of(record, outcome) for record, (outcome, _) in zip(records, made, strict=True)]
        with writing_faults("-d"):
            write_group(self.journal.folder, pieces, before_names=lambda: self.recorder.add_made(documents, "file"))
        self.journal.add(records)

    def keep_stack(self, origin: Origin, stack: Stack) -> None:
        """Have the record keep what rows are printed from. ContentFault when the content has changed since."""
        keep_source(self.recorder, self.content, origin, stack)

    def forget(self, number: int) -> None:
        """Erase the record of a row with problems."""
        self.journal.erase(number)


def keep_source(recorder: Recorder, content: Path, origin: Origin, stack: Stack) -> None:
    """Have ``recorder`` keep what rows are printed from. ContentFault when the content has changed since."""
    recorder.keep_source(
        origin, partial(load_library, content, origin.topic, origin.clinic, language=origin.language), lambda: stack
    )


def record_of(outcome: Outcome, master: Master) -> Record:
    """A made row as the journal has it."""
    digest = _hash_of_master(master).copy()
    digest.update(outcome.update)
    return Record(outcome.number, outcome.code, outcome.fingerprint, digest.hexdigest(), master.pages)


def document_of(record: Record, outcome: Outcome) -> Document:
    """A made row as the recorder sees it."""
    origin, sheet = outcome.origin, outcome.sheet
    assert origin is not None  # noqa: S101  a made row has both
    assert sheet is not None  # noqa: S101
    whom = Whom(sheet.name, sheet.birth_date, sheet.identifier)
    return Document(record.code, record.sha256, origin, whom, outcome.marks)


_DIGESTS: LRU[bytes, Any] = LRU()  # hashlib exposes no type for its objects


def _hash_of_master(master: Master) -> Any:
    """SHA-256 of the master's bytes, to be continued: thousands of files start with them."""
    return _DIGESTS.recall(master.file_id) or _DIGESTS.keep(master.file_id, hashlib.sha256(master.pdf))


class NullSink:
    """For a dry run: nothing is there, nothing is written."""

    def finished(self, number: int) -> Record | None:  # noqa: ARG002
        """Nothing."""
        return None

    def keep_stack(self, origin: Origin, stack: Stack) -> None:
        """Nothing is kept."""

    def keep(self, made: list[tuple[Outcome, Master]]) -> None:
        """Nothing is made."""

    def forget(self, number: int) -> None:
        """Nothing is kept."""
