"""Event before name (REC-1): callers that make, write, print or mail a document pass a recorder, which is told first.

A file gets its name, CUPS its file and a message its place in the outbox only once the record has the event; nothing
is called done before that. A document that was voided or replaced is not made, printed or mailed again. The functions
that give something out keep this rule for every caller; `handouts.record.recorder` has the recorder that writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol, get_args

if TYPE_CHECKING:
    from handouts.model.content import Library
    from handouts.model.origin import Origin
    from handouts.model.stack import Stack

Channel = Literal["file", "stdout", "printer", "mail", "browser", "fhir"]
"""How a document goes out. ``browser``: handed to the browser, for its own print dialog or to be saved by it."""
CHANNELS: tuple[str, ...] = get_args(Channel)
End = Literal["printed", "failed", "unknown"]


@dataclass(frozen=True)
class Whom:
    """Whom a document is for: what the record tells patients apart by."""

    name: str
    birth_date: date | None
    identifier: str | None

    def __repr__(self) -> str:
        return "Whom(...)"


@dataclass(frozen=True)
class Document:
    """A handout as the recorder sees it. ``patient`` and ``marks``: None in a blank sheet."""

    code: str
    sha256: str
    """Of the file as it was made, in hex."""
    origin: Origin
    patient: Whom | None
    marks: str | None
    """See `handouts.merge.request_fingerprint`."""
    replaces: str | None = None


class Recorder(Protocol):
    """What `make`, `write` and a list report to. OutputFault if it can't be recorded: then nothing is given out."""

    def require_current(self, code: str, nothing: str) -> None:
        """Refused for a document that was voided or replaced; ``nothing`` says what was not done, and what to do."""

    def withdrawn(self) -> tuple[tuple[str, str], ...]:
        """Codes of all documents that no longer count, and what happened to each."""

    def legacy_digests(self) -> tuple[str, ...]:
        """Content digests of documents that no longer count and may have codes of the first form: see
        `handouts.codes.legacy_codes`.
        """

    def keep_source(self, origin: Origin, load: Callable[[], Library], stack: Callable[[], Stack]) -> None:
        """Keep the texts and the sheets of a document, if they are new: only then the two are called.

        ContentFault if they now find something else than what ``origin`` names.
        """

    def check_replaced(self, document: Document) -> Iterable[str]:
        """What the staff should know about the document that this one replaces. Refused for another patient's."""

    def add_made(self, documents: Iterable[Document], channel: Channel) -> None:
        """Record that documents are made and go out by ``channel``: all or none."""


class PrintJob(Protocol):
    """What a print job reports to."""

    def queued(self, now: float) -> None:
        """CUPS is about to get it. OutputFault; then nothing may be handed over."""

    def ended(self, what: End, now: float, job: str = "", copies: int = 1) -> None:
        """How it ended. OutputFault; then nothing may be called printed."""


class PrintRecorder(Recorder, Protocol):
    """What printing reports to."""

    def status(self, code: str) -> Sequence[str]:
        """Whether a document was voided or replaced, a line each."""

    def require_as_made(self, code: str, sha256: str, nothing: str, *, not_in_record: bool) -> None:
        """Refused for bytes that the record did not make of this document; ``nothing`` says what was not done.

        ``not_in_record`` lets a document through that the record does not know at all.
        """

    def require_known(self, codes: Sequence[str], nothing: str, *, not_in_record: bool) -> None:
        """Refused when the record does not know one of the documents ``codes`` at all, as above."""

    def print_job(
        self, codes: Sequence[str], printer: str, delivered: str, document: Document | None = None
    ) -> PrintJob:
        """A job that holds the documents ``codes``; ``document``: one that is only printed, not written to a file."""


class NullRecorder:
    """Records nothing: for bytes that nobody gets, as in `check`, in benchmarks, and where `reprint` compares.

    It can't print or mail.
    """

    def require_current(self, code: str, nothing: str) -> None:
        """Every document counts."""

    def withdrawn(self) -> tuple[tuple[str, str], ...]:
        """None."""
        return ()

    def legacy_digests(self) -> tuple[str, ...]:
        """None."""
        return ()

    def keep_source(self, origin: Origin, load: Callable[[], Library], stack: Callable[[], Stack]) -> None:
        """Nothing is kept."""

    def check_replaced(self, document: Document) -> Iterable[str]:  # noqa: ARG002
        """Nothing is known about it."""
        return ()

    def add_made(self, documents: Iterable[Document], channel: Channel) -> None:
        """Nothing is recorded."""
