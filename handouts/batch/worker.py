"""What a worker does, in any process or machine: rows into updates, a selection into a master.

Only values go in and come out; nothing is written here. A row with problems is a result, never an exception: an
executor would log an exception with its arguments, which are patient details.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import traceback
from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from handouts import paths
from handouts.batch.lru import LRU
from handouts.batch.messages import Bound, Chunk, Outcome, RunSheetRow, Setup
from handouts.codes import document_code, file_fingerprint, format_code, legacy_codes
from handouts.errors import ContentFault, HandoutError, Refused, RequestFault, SystemMissing
from handouts.lists.row import Row, one_line
from handouts.load.digests import whole_digest
from handouts.load.layers import lay_over
from handouts.load.library import load_library
from handouts.load.refusals import require_printable
from handouts.load.requests import build_request
from handouts.load.yamlfile import Parsed
from handouts.merge.details import details, selection
from handouts.merge.notices import notices_about_language
from handouts.merge.own_fonts import own_fonts
from handouts.merge.request_fingerprint import fingerprint_request
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.master import StampPlan
from handouts.model.request import Request
from handouts.model.slots import slots
from handouts.model.typeset_sheet import TypesetSheet
from handouts.pipeline import Prepared, file_title, prepare, stack_of
from handouts.stamp.stamp import build_update, check_fit
from handouts.typeset.cache import SheetCache
from handouts.typeset.stack import bind_sheets, sheets_of


def stamp_rows(setup: Setup, chunk: Chunk, stamp_plans: Mapping[str, StampPlan]) -> list[Outcome]:
    """The outcomes of ``chunk``'s rows, in order. ContentFault when this worker's content differs from the run's."""
    with _ONE_AT_A_TIME:
        press = _worker_state(setup)
        for key, stamp_plan in stamp_plans.items():
            press.stamp_plans.keep(key, stamp_plan)
        return [press.outcome(row, chunk.known.get(row.number, "")) for row in chunk.rows]


def bind_for(setup: Setup, row: Row) -> Bound:
    """The master that ``row`` needs; sheets that are nowhere kept are typeset. SystemMissing without Pango."""
    with _ONE_AT_A_TIME:
        return _bind_for(_worker_state(setup), row)


def prepared_for(setup: Setup, row: Row) -> tuple[Library, Prepared]:
    """What ``row`` is made from, before anything is typeset. HandoutError for one that can't be made."""
    with _ONE_AT_A_TIME:
        press = _worker_state(setup)
        request, library = press.request(row)
        return library, press.prepared(request, library)


_ONE_AT_A_TIME = threading.Lock()
"""WeasyPrint's fonts can't be shared by threads, and a Dask worker may have several."""


def _bind_for(press: WorkerState, row: Row) -> Bound:
    try:
        request, library = press.request(row)
        prepared = press.prepared(request, library)
        sheets, made = sheets_of(library, prepared.handout, prepared.plan, press.sheets)
        stack = stack_of(library, prepared.plan, sheets)
        return Bound(bind_sheets(sheets, prepared.plan.binding), prepared.origin, stack, made)
    except (OtherContent, SystemMissing):
        raise
    except HandoutError as error:
        return Bound(fault=one_line(error))
    except Exception as error:
        return Bound(fault=format_own_fault(error))


class SheetMemory:
    """The sheets that this worker has made or read. On the disk it only looks: its parent writes."""

    def __init__(self, folder: str) -> None:
        self.kept: LRU[str, TypesetSheet] = LRU()
        self.disk = SheetCache(Path(folder)) if folder else None

    def get(self, key: str) -> TypesetSheet | None:
        """The sheet of a key, or None."""
        found = self.kept.recall(key) or (self.disk.get(key) if self.disk else None)
        return self.kept.keep(key, found) if found else None

    def put(self, key: str, sheet: TypesetSheet) -> None:
        """Remember it."""
        self.kept.keep(key, sheet)


@lru_cache(maxsize=2)
def _worker_state(setup: Setup) -> WorkerState:
    return WorkerState(setup)


class WorkerState:
    """A worker's memory for one run: libraries, selections, stamp plans."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.content = _find_content(setup)
        self.defaults: dict[str, Any] = json.loads(setup.defaults)
        self.withdrawn = dict(setup.withdrawn)
        self.libraries: dict[tuple[str, str | None, str, bool], Library] = {}
        self.selections: LRU[Hashable, Prepared] = LRU()
        self.stamp_plans: LRU[str, StampPlan] = LRU()
        self.sheets = SheetMemory(setup.cache)

    def outcome(self, row: Row, known: str) -> Outcome:
        """The outcome of ``row``; ``known``: the fingerprint of an existing file, or ""."""
        try:
            return self._made(row, known)
        except (OtherContent, SystemMissing):
            raise
        except Refused as error:
            return Outcome(row.number, "refused", message=one_line(error), faults=_each(error))
        except HandoutError as error:
            return Outcome(row.number, "failed", message=one_line(error), faults=_each(error))
        except Exception as error:
            return Outcome(row.number, "failed", message=format_own_fault(error))

    def _made(self, row: Row, known: str) -> Outcome:
        request, library = self.request(row)
        require_printable(request, self.setup.today)
        prepared = self.prepared(request, library)
        fonts = own_fonts(request)
        code = document_code(self.setup.key, request, library.digest, fonts=fonts)
        for one in (code, *legacy_codes(self.setup.key, request, self.setup.legacy_digests)):
            self._require_current(one)
        mark = file_fingerprint(self.setup.key, request, prepared.key, fonts)
        same = Outcome(
            row.number,
            "same",
            code,
            mark,
            prepared.key,
            notices=(*prepared.about_choice, *notices_about_language(library.language, request)),
            about_text=prepared.about_text,
            sheet=_sheet(request, library, row.order),
        )
        if known == mark:
            return same
        filled = details(prepared.wording, request, format_code(code))
        if self.setup.dry_run:
            check_fit(slots(large=request.format == "large-print", rtl=filled.rtl), filled)
            return same
        stamp_plan = self.stamp_plans.recall(prepared.key)
        if stamp_plan is None:
            return Outcome(row.number, "waiting", key=prepared.key)
        return replace(
            same,
            state="made",
            update=build_update(stamp_plan, filled, file_title(prepared.handout, code)),
            origin=prepared.origin,
            marks=fingerprint_request(self.setup.key, request, code),
        )

    def _require_current(self, code: str) -> None:
        if code in self.withdrawn:
            raise RequestFault(
                f"{self.withdrawn[code]}. The same row makes the same document: change the row; or remove it and make "
                f"it alone with --replaces {format_code(code)}"
            )

    def request(self, row: Row) -> tuple[Request, Library]:
        """The validated request of ``row`` and its topic and clinic. RequestFault, ContentFault."""
        if row.data is None:
            raise RequestFault(row.fault)
        request = build_request(Parsed(lay_over(self.defaults, row.data), {}, ""))
        which = (request.topic, request.clinic, request.language, request.with_english)
        if which not in self.libraries:
            self.libraries[which] = load_library(
                self.content,
                request.topic,
                request.clinic,
                language=request.language,
                with_english=request.with_english,
            )
            _require_same_content(self.setup, self.content)
        return request, self.libraries[which]

    def prepared(self, request: Request, library: Library) -> Prepared:
        """What all rows of this row's selection share; computed once."""
        chosen = selection(library, request)
        return self.selections.recall(chosen) or self.selections.keep(
            chosen,
            prepare(
                library,
                request,
                self.setup.today,
                Edition(allow_unapproved=self.setup.allow_unapproved, approved_only=True),
            ),
        )


def _each(error: HandoutError) -> tuple[str, ...]:
    return tuple(map(str, error.faults)) or (error.message,)


def _sheet(request: Request, library: Library, order: str) -> RunSheetRow:
    visit, patient = request.appointment, request.patient
    return RunSheetRow(
        patient.name,
        patient.birth_date,
        visit.at.isoformat() if visit else "",
        patient.identifier,
        patient.email,
        library.clinic.id,
        f"{request.visit_date or ''}T{order}" if order else "",
        bool(visit and visit.where),
        library.topic.overview.head.name,
        request.language,
        request.clinician,
        request.visit_date,
    )


def _find_content(setup: Setup) -> Path:
    """The content folder on this machine: the run's path, else this installation's own."""
    named = Path(setup.content)
    content = named if named.is_dir() else paths.content_dir()
    _require_same_content(setup, content)
    return content


def _require_same_content(setup: Setup, content: Path) -> None:
    if run_digest(content) != setup.digest:
        raise OtherContent(
            "A worker's content, templates, fonts or versions differ from this run's, or changed in the meantime. "
            "Give every worker the same, then run the same command again."
        )


class OtherContent(ContentFault):
    """Not a row's problem: this worker would not make what the run should make."""


def run_digest(content: Path) -> str:
    """A digest of everything that affects a page: all content, templates, figures, fonts, versions, code."""
    from handouts.typeset.versions import engine_versions

    return hashlib.sha256(f"{engine_versions()}\n{whole_digest(content)}".encode()).hexdigest()


def format_own_fault(error: Exception) -> str:
    """What happened and where, without the exception's message, which may hold patient details."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119  a name, not a path to look up
    return f"a bug in the program ({type(error).__name__}, {place}); tell its maintainer"
