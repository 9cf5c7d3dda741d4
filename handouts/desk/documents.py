"""Documents as the screen Given shows them: values for templates. Nothing here names a patient: the record does not."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from handouts.codes import format_code
from handouts.datafolder import ARCHIVE
from handouts.deliver.identify_apart import identify_apart
from handouts.desk.library_words import in_words
from handouts.desk.state import Desk
from handouts.desk.words import _, pgettext, spoken
from handouts.errors import OutputFault, Refused, escape_unprintable
from handouts.model.language import ORIGINAL
from handouts.record.archive import Archive
from handouts.record.event import Event, format_time
from handouts.record.finding import GivenDocument, documents_of
from handouts.record.recorder import open_store_if_any
from handouts.record.status import FileIdentity, describe_status, document_status
from handouts.record.store import RecordStore
from handouts.record.story import Happened, event_details, story_of
from handouts.record.verdict import FileVerdict, TextState, judge_file, text_state
from handouts.record.voiding import Reach, outlook

LATEST = 8
"""So many documents are shown before anybody asks."""
_ONE_AT_A_TIME = threading.Lock()
_NO_RECORD = FileVerdict(FileIdentity("unknown", None))
Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Row:
    """A document in a list. ``code``: as printed; ``state``: "valid", or what became of it; ``tongue``: the language of
    its topic and options, which are named as they are printed.
    """

    code: str
    topic: str
    options: str
    tongue: str
    made: str
    by: str
    state: str
    valid: bool


@dataclass(frozen=True)
class Shown:
    """All that is known of a document. ``reach``: what voiding it would reach; None where it is voided already, or
    can't be: then ``unwritable`` says why. ``remakable``: whether its pages are kept.
    """

    code: str
    topic: str
    options: str
    tongue: str
    facts: Facts
    status: tuple[str, ...]
    replaced_by: tuple[str, ...]
    story: tuple[Happened, ...]
    details: tuple[tuple[Happened, Facts], ...]
    reach: Reach | None
    unwritable: str
    blank: bool
    remakable: bool

    @property
    def waiting(self) -> int:
        """How many of its messages have not gone out."""
        return len(self.reach.waiting) if self.reach else 0


@dataclass(frozen=True)
class Checked:
    """What a file is. ``held``: what became of each document in a print file that no longer counts."""

    verdict: FileVerdict
    code: str
    topic: str
    options: str
    tongue: str
    facts: Facts
    held: Facts


def latest(desk: Desk) -> list[Row]:
    """The documents that something happened to last, the newest first."""
    with open_store_if_any(desk.data) as store:
        return rows(desk, store, store.latest(LATEST)) if store else []


def rows(desk: Desk, store: RecordStore, events: Iterable[Event]) -> list[Row]:
    """The documents of ``events``, the newest first."""
    return [_row(desk, one) for one in documents_of(store, events)]


def _row(desk: Desk, one: GivenDocument) -> Row:
    named = text_state(one.made, desk.library, desk.today())
    return Row(
        format_code(one.code),
        named.topic if one.made.topic else _("not in the record"),
        ", ".join(named.options),
        _tongue(one.made) if one.made.topic else spoken(),
        format_time(one.made.at),
        escape_unprintable(str(one.made.by)),
        in_words("; ".join(one.status)) or _("valid"),
        not one.status,
    )


def check_file(desk: Desk, pdf: bytes) -> Checked:
    """Whether a file is ours, unchanged and current. It is looked at in a process with limits, one at a time."""
    with _ONE_AT_A_TIME, open_store_if_any(desk.data) as store:
        verdict = judge_file(store, pdf, desk.library, desk.today(), identify_apart) if store else _NO_RECORD
    event, text = verdict.file.event, verdict.text
    return Checked(
        verdict,
        format_code(verdict.file.code) if verdict.file.code else "",
        text.topic if text else "",
        ", ".join(text.options) if text else "",
        _tongue(event),
        tuple(_facts(event, text)) if event and text else (),
        tuple((format_code(code), line) for code, line in verdict.held),
    )


def document(desk: Desk, code: str) -> Shown | None:
    """All that is known of a document; None if the record does not know it. ``code``: eleven characters.

    A record that can't be written can still be looked at.
    """
    with open_store_if_any(desk.data) as store:
        story = story_of(store, code) if store else []
        if store is None or not story:
            return None
        made, status = store.made(code), document_status(store, code)
        lines = tuple(describe_status(store, code))
    text = text_state(made, desk.library, desk.today()) if made else None
    reach, unwritable = _reach(desk, code) if made and not status.voided else (None, "")
    return Shown(
        format_code(code),
        text.topic if text else "",
        ", ".join(text.options) if text else "",
        _tongue(made),
        tuple(_facts(made, text)) if made and text else (),
        lines,
        tuple(format_code(other) for other in status.replaced_by),
        tuple(story),
        tuple((one, tuple(event_details(one.event))) for one in story if one.event.code == code),
        reach,
        unwritable,
        made is not None and made.patient is None and made.marks is None,
        made is not None and Archive(desk.data / ARCHIVE).is_stack(made.source or ""),
    )


def _reach(desk: Desk, code: str) -> tuple[Reach | None, str]:
    """What voiding would reach; or why nobody can void now."""
    try:
        with desk.recorder() as recorder:
            return outlook(recorder, code), ""
    except (OutputFault, Refused) as fault:  # also: another window voided it meanwhile
        return None, fault.message


def _tongue(made: Event | None) -> str:
    return (made.language if made else None) or ORIGINAL


def _facts(event: Event, text: TextState) -> Iterator[tuple[str, str]]:
    """What is told of a document beside its topic and options."""
    by, language = escape_unprintable(str(event.by)), escape_unprintable(str(event.language))
    yield pgettext("day", "Made"), _("%(when)s by %(who)s", when=format_time(event.at), who=by)
    yield _("Text"), in_words(escape_unprintable(text.content))
    yield pgettext("day", "Approved"), in_words(text.approved)
    yield _("Text today"), in_words(text.today)
    yield _("Print"), _("%(size)s, language %(language)s", size=_size(str(event.format)), language=language)
    if event.interpreter:
        yield _("Interpreter"), escape_unprintable(str(event.interpreter))
    if event.replaces:
        yield _("Replaces"), format_code(str(event.replaces))


def _size(format: str) -> str:
    """The size of print, in words."""
    known = {"standard": pgettext("size", "standard"), "large-print": _("large print")}
    return known.get(format) or escape_unprintable(format)
