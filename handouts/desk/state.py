"""What all screens share: folders, who works here, the clock, the sheets, and what is on each window's screen."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask

from handouts.datafolder import OUTBOX, has_content
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.sending import Background
from handouts.desk.jobs import Jobs
from handouts.desk.measuring import Measuring
from handouts.desk.sheetstore import SheetStore
from handouts.desk.workers import Workers
from handouts.load.library import default_clinic, load_library
from handouts.model.content import Library
from handouts.model.language import ORIGINAL
from handouts.model.recorder import Document
from handouts.record.loss import is_begun
from handouts.record.recorder import FolderRecorder
from handouts.typeset.cache import SheetCache

_user: ContextVar[str | None] = ContextVar("desk-user", default=None)


def act_for(user: str | None) -> None:
    """What this request does from now on, and the jobs that it starts, is done by ``user``; None: by the desk's own."""
    _user.set(user)


def acting_user() -> str | None:
    """The user of the request, or of the one that started this job; None where a desk has no users."""
    return _user.get()


@dataclass(frozen=True)
class Settings:
    """Where the desk works, and for whom. ``by``: who does things, for the record; ``key``: of document codes."""

    content: Path
    data: Path
    by: str
    today: Callable[[], date]
    now: Callable[[], float]
    key: Callable[[], bytes]
    cache: SheetCache | None = None
    workers: int = 0
    """How many processes set pages for somebody who waits; 0: one a core, two at most."""


class Desk:
    """One desk. `close` it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.content, self.data = settings.content, settings.data
        self.today, self.now = settings.today, settings.now
        self.workers = Workers(settings.workers or min(2, os.cpu_count() or 1))
        self.sheets = SheetStore(self.workers, settings.cache)
        self.jobs = Jobs()
        self.closing: list[Callable[[], None]] = []
        """What screens have to end when the desk closes."""
        self._last: dict[str, dict[str, str]] = {}
        self.mail = Background(settings.content, self.outbox_if_any, settings.now)
        self.measuring = Measuring(settings.content, settings.cache, self.library)
        self._libraries: dict[tuple[str, str, str, bool], tuple[object, Library]] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """End what runs in the background."""
        self.mail.stop()
        for end in self.closing:
            end()
        self.jobs.close()
        self.measuring.close()
        self.workers.close()

    @property
    def by(self) -> str:
        """Who does it, for the record: who logged in, else whose desk it is."""
        return acting_user() or self.settings.by

    @property
    def last(self) -> dict[str, str]:
        """Clinician and day of the visit, as the same user typed them for the last handout."""
        return self._last.get(self.by, {})

    @last.setter
    def last(self, typed: dict[str, str]) -> None:
        self._last[self.by] = typed

    @property
    def key(self) -> bytes:
        """The key of document codes. OutputFault; Refused if it is lost."""
        return self.settings.key()

    def library(
        self, topic: str, clinic: str | None = None, language: str = ORIGINAL, *, with_english: bool = False
    ) -> Library:
        """A topic and a clinic in a language, read again when a file of the content changed. RequestFault,
        ContentFault.
        """
        name = clinic or default_clinic(self.content)
        stamp = _stamp(self.content)
        with self._lock:
            kept = self._libraries.get((topic, name, language, with_english))
            if kept and kept[0] == stamp:
                return kept[1]
        library = load_library(self.content, topic, name, language=language, with_english=with_english)
        with self._lock:
            self._libraries[topic, name, language, with_english] = (stamp, library)
        return library

    @contextlib.contextmanager
    def recorder(self, interpreter: str | None = None) -> Iterator[FolderRecorder]:
        """The record, for adding. OutputFault; Refused if it is lost."""
        with FolderRecorder(self.data, self.by, self.now, interpreter=interpreter) as recorder:
            yield recorder

    @contextlib.contextmanager
    def open_outbox(self, document: Document | None = None) -> Iterator[Outbox]:
        """The outbox, with every change recorded. ``document``: one that is only mailed. OutputFault."""
        with self.recorder() as recorder, recorder.open_outbox(document) as outbox:
            yield outbox

    @contextlib.contextmanager
    def outbox_if_any(self) -> Iterator[Outbox | None]:
        """The same; None if nothing was mailed yet. Creates no file. Refused if it was lost."""
        if not (is_begun(self.data) and has_content(self.data / OUTBOX)):
            yield None
            return
        with self.open_outbox() as outbox:
            yield outbox


def _stamp(folder: Path) -> object:
    """Another whenever a file below ``folder`` was changed, added or taken away."""
    found: list[tuple[str, int, int]] = []
    waiting = [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    status = entry.stat()
                    found.append((entry.path, status.st_mtime_ns, status.st_size))
    return tuple(sorted(found))


def desk_of(app: Flask) -> Desk:
    """The desk that an application shows."""
    desk: Desk = app.extensions["desk"]
    return desk
