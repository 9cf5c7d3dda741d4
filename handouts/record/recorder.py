"""The recorder that writes what is made, printed or mailed into the record of a folder. An edge module.

`handouts.model.recorder` has the interface that everyone else sees.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from handouts.codes import format_code
from handouts.datafolder import ARCHIVE
from handouts.errors import ContentFault, Refused, RequestFault
from handouts.record.event import Event, check_line, moment, of_whom, same_patient
from handouts.record.loss import is_begun, open_outbox, open_record
from handouts.record.mailed import Mailed
from handouts.record.printed import PrintJob
from handouts.record.status import (
    FileIdentity,
    describe_status,
    document_status,
    identify_document,
    legacy_digests,
    require_current,
    require_ours,
    withdrawn,
)
from handouts.record.store import RecordStore

if TYPE_CHECKING:  # commands that make nothing should not load what making needs
    from handouts.deliver.outbox.outbox import Outbox
    from handouts.model.content import Library
    from handouts.model.origin import Origin
    from handouts.model.recorder import Channel, Document
    from handouts.model.stack import Stack
    from handouts.record.archive import Archive


class FolderRecorder:
    """The record of one folder, created on first use; close it, or use ``with``. Every method may raise OutputFault:
    then nothing may be given out or be called done.
    """

    def __init__(self, folder: Path, by: str, now: Callable[[], float], *, interpreter: str | None = None) -> None:
        """``by``: who does it; ``interpreter``: who interpreted at the visit; ``now``: seconds since 1970.

        Refused if something in the folder was lost: a new one would hide that.
        """
        self.folder, self.by, self.now = folder, by, now
        self.interpreter = check_line(interpreter, "--interpreter") if interpreter else None
        self.database = open_record(folder)
        self.store = RecordStore(self.database)
        self._legacy, self._looked_up = set[str](), 0
        self._content: dict[Origin, dict[str, Any]] = {}  # columns of an event, each of its own type

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.connection.close()

    @cached_property
    def archive(self) -> Archive:
        """What handouts were printed from."""
        from handouts.record.archive import Archive

        return Archive(self.folder / ARCHIVE)

    def require_current(self, code: str, nothing: str) -> None:
        """Refused for a document that was voided or replaced; ``nothing`` says what was not done, and what to do."""
        require_current(self.store, code, nothing)

    def withdrawn(self) -> tuple[tuple[str, str], ...]:
        """Codes of all documents that are no longer valid, and what happened to each."""
        return withdrawn(self.store)

    def status(self, code: str) -> list[str]:
        """Whether a document was voided or replaced, a line each."""
        return list(describe_status(self.store, code))

    def legacy_digests(self) -> tuple[str, ...]:
        """Content digests of documents that no longer count and may have codes of the first form (CODE-6).

        Looked up once, then only for what was withdrawn since.
        """
        last, _ = self.store.head()
        if last > self._looked_up:
            self._legacy |= legacy_digests(self.store, self.archive, self._looked_up)
            self._looked_up = last
        return tuple(sorted(self._legacy))

    def keep_source(self, origin: Origin, load: Callable[[], Library], stack: Callable[[], Stack]) -> None:
        """Keep the texts and the sheets of a document, if they are new: only then the two are called.

        ContentFault if they now find something else than what ``origin`` names.
        """
        if self.archive.has(origin.source):
            return
        found = stack()
        same = origin.source == found.name
        if not same or not (self.archive.has(found.texts) or self.archive.keep(load()) == found.texts):
            raise ContentFault("The content changed in the meantime. Run the same command again.")
        self.archive.keep_stack(found)

    def check_replaced(self, document: Document) -> Iterator[str]:
        """What the staff should know about the document that this one replaces. Refused for another patient's."""
        code = document.replaces
        if code is None:
            return
        before = self.store.made(code)
        if before is None:
            yield f"{format_code(code)} is not in this record. It is printed as you gave it."
        elif same_patient(before, self._made(document)) is False:
            raise Refused(f"{format_code(code)} was made for another patient. Nothing was made. Check the code.")
        for other in document_status(self.store, code).replaced_by:
            if other != document.code:
                yield f"{format_code(code)} is already replaced by {format_code(other)}."

    def add_made(self, documents: Iterable[Document], channel: Channel) -> None:
        """Record that documents are made and go out by ``channel``: all or none."""
        self.store.add(self._made(document, channel) for document in documents)

    def _made(self, document: Document, channel: Channel | None = None) -> Event:
        who, origin = document.patient, document.origin
        if origin not in self._content:
            self._content[origin] = vars(origin) | {"engine": self.store.engine(origin.engine)}
        return Event(
            at=moment(self.now()),
            by=self.by,
            what="made",
            code=document.code,
            channel=channel,
            **self._content[origin],
            interpreter=self.interpreter,
            made=document.sha256,
            **(self.store.whom(who.name, who.birth_date, who.identifier) if who else {}),
            marks=document.marks,
            replaces=document.replaces,
        )

    def add_reprinted(self, event: Event, sha256: str, channel: Channel) -> None:
        """Record that the document of ``event`` was made again, as a file of this SHA-256, and goes out."""
        self.store.add(
            [
                replace(
                    event, at=moment(self.now()), by=self.by, what="reprinted", channel=channel, message=None,
                    delivered=None, destination=None, why=None, made=sha256,
                )
            ]
        )  # fmt: skip

    def add_filed(self, codes: Iterable[str]) -> None:
        """Record that documents that were made before go out to a health record, by a file: all or none."""
        known = [event for code in codes if (event := self.store.made(code))]
        self.store.add(replace(event, at=moment(self.now()), by=self.by, channel="fhir", why=None) for event in known)

    def add_voided(self, before: Event, why: str) -> None:
        """Record that the document of the event ``before`` was given in error."""
        self.store.add(
            [
                Event(
                    at=moment(self.now()), by=self.by, what="voided", code=before.code, topic=before.topic,
                    **of_whom(before), why=why,
                )
            ]
        )  # fmt: skip

    def require_as_made(self, code: str, sha256: str, nothing: str, *, not_in_record: bool) -> None:
        """Refused for bytes that the record did not make of this document; ``nothing`` says what was not done.

        ``not_in_record`` lets a document through that the record does not know at all.
        """
        require_ours(identify_document(self.store, code, sha256), nothing, not_in_record=not_in_record)

    def require_known(self, codes: Sequence[str], nothing: str, *, not_in_record: bool) -> None:
        """Refused when the record does not know one of the documents ``codes`` at all, as above."""
        for code in codes:
            if self.store.made(code) is None:
                require_ours(FileIdentity("unknown", code), nothing, not_in_record=not_in_record)

    def print_job(
        self, codes: Sequence[str], printer: str, delivered: str, document: Document | None = None
    ) -> PrintJob:
        """What records a print job; see `PrintJob`. ``document``: one that is only printed."""
        return PrintJob(self.store, self.by, codes, printer, known=self._known(document), delivered=delivered)

    def mailed(self, *documents: Document | None) -> Mailed:
        """What records what happens to messages. ``documents``: those that are only mailed."""
        return Mailed(self.store, self.by, self._known(*documents))

    @contextlib.contextmanager
    def open_outbox(self, *documents: Document | None) -> Iterator[Outbox]:
        """The outbox beside the record, which records every change. ``documents``: those that are only mailed."""
        from handouts.deliver.outbox.outbox import Outbox

        with open_outbox(self.folder) as database:
            yield Outbox(database, self.mailed(*documents))

    def _known(self, *documents: Document | None) -> dict[str, Event]:
        return {document.code: self._made(document) for document in documents if document}


@contextlib.contextmanager
def open_store(folder: Path) -> Iterator[RecordStore]:
    """The record of a folder, for reading. RequestFault if there is none, Refused if it was lost, OutputFault."""
    with open_store_if_any(folder) as store:
        if store is None:
            raise RequestFault("There is no record in this folder. Is it in another one (--data)?")
        yield store


@contextlib.contextmanager
def open_store_if_any(folder: Path) -> Iterator[RecordStore | None]:
    """The same for callers that can do without: None if nothing was recorded yet. Creates no file."""
    if not is_begun(folder):
        yield None
        return
    with open_record(folder, looking=True) as database:
        yield RecordStore(database)
