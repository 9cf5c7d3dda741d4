"""A form -> pages that nobody can take for a handout, and what the staff should know, each where it belongs.

The true pages, bound and stamped like a handout's, with "preview" where the code will stand. Nothing is recorded.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from handouts.authoring.approvals import missing_safety
from handouts.authoring.preview import NO_CODE
from handouts.batch.lru import LRU
from handouts.desk.choices import topic_for_staff
from handouts.desk.forms import FieldFault, Form, FormFault, field_faults, to_look_at, without
from handouts.desk.library_words import English, in_words
from handouts.desk.state import Desk
from handouts.desk.words import N_, _, ngettext, spoken
from handouts.errors import RequestFault, SystemMissing
from handouts.merge.details import details, medicine_slug
from handouts.merge.notices import (
    notices_about_choice,
    notices_about_language,
    notices_about_side,
    notices_about_text,
)
from handouts.model.content import Library, Topic
from handouts.model.details import Details, Entry
from handouts.model.edition import Edition
from handouts.model.master import Master
from handouts.model.request import Request
from handouts.model.slots import slots
from handouts.pipeline import Prepared, prepare
from handouts.stamp.stamp import check_fit, stamp
from handouts.typeset.stack import bind_sheets

PATIENCE = 45.0
"""Seconds that one answer waits for sheets."""
SOON = 0.2
"""Seconds that the first answer to a change waits for them: what is wrong with the form is told at once."""
Wait = Literal["soon", "front", "whole"]
"""What an answer waits for: hardly for anything, for page 1, for all sheets."""
_MASTERS = 24
"""Masters remembered by a desk, some 700 kB each."""
FRONT = "front"
_TITLES = {
    FRONT: N_("Page 1"), "comparison": N_("Side by side"), "plan": N_("Plan of medicines"),
    "condition": N_("The condition"), "instructions": N_("Instructions"), "questions": N_("Questions"),
    "diary": N_("Diary"), "practice": N_("The practice"),
}  # fmt: skip


@dataclass(frozen=True)
class Notice:
    """``about``: the field beside which it belongs; "text" for the text as a whole."""

    about: str
    text: str


@dataclass(frozen=True)
class SheetShown:
    """A sheet of the stack. ``first``: its first page in the preview, 0 when it is not in it; ``printed``: unless it is
    left out.
    """

    name: str
    title: str
    first: int
    pages: int
    printed: bool


@dataclass(frozen=True)
class Preview:
    """``whole``: all sheets are in ``pdf``, not only page 1; no pdf: nothing can be shown, or not yet if ``waits``."""

    pdf: bytes | None
    whole: bool
    pages: int
    sheets: tuple[SheetShown, ...]
    notices: tuple[Notice, ...]
    faults: tuple[FieldFault, ...]
    waits: bool = False

    def __repr__(self) -> str:
        return f"Preview({self.pages} pages)"


@dataclass
class Previewer:
    """Makes previews; it remembers masters, which hold nobody's data."""

    desk: Desk
    _masters: LRU[str, Master] = field(default_factory=lambda: LRU(_MASTERS))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, form: Form, wait: Wait = "whole") -> Preview:
        """As much as can be shown of a form. SystemMissing when pages can't be set; ContentFault for a fault in the
        content.
        """
        request, faults = to_look_at(form)
        if request is None:
            return Preview(None, True, 0, (), (), faults)
        edition = Edition(form.edition.blank, form.edition.replaces, allow_unapproved=True)
        try:
            library = self.desk.library(
                request.topic, request.clinic, request.language, with_english=request.with_english
            )
            prepared, request, more = _prepared(self.desk, library, request, edition, form.left_out)
        except FormFault as fault:
            return Preview(None, True, 0, (), (), (*faults, *fault.fields))
        except RequestFault as fault:
            return Preview(None, True, 0, (), (), (*faults, *field_faults(fault)))
        shown_now = self._ready(library, prepared, request, edition, wait)
        filled = details((shown_now or prepared).wording, request, NO_CODE, edition)
        more = (*more, *_faults_with_a_code(prepared, request, edition))
        notices = tuple(_notices(library, request, prepared, filled, self.desk))
        if shown_now is None:
            return Preview(None, False, 0, (), notices, (*faults, *more), waits=True)
        master = self._master(shown_now)
        pdf = stamp(master, filled, f"{prepared.handout.look.title}, {NO_CODE}")
        return Preview(
            pdf,
            shown_now is prepared,
            master.pages,
            tuple(self._sheets(topic_for_staff(self.desk, request.topic), prepared, shown_now)),
            notices,
            (*faults, *more),
        )

    def _ready(
        self, library: Library, prepared: Prepared, request: Request, edition: Edition, wait: Wait
    ) -> Prepared | None:
        """What can be shown: all of it; or the first sheet alone, as a stack of its own, while others are being made;
        or None. SystemMissing when they take too long.
        """
        store = self.desk.sheets
        missing = store.missing(prepared.plan)
        if not missing:
            return prepared
        store.begin(library, prepared.handout, prepared.plan)
        first = prepared.plan.sheets[0][0]
        wanted = missing if wait == "whole" else [name for name in missing if name == first]
        if not store.wait_for(prepared.plan, wanted, SOON if wait == "soon" else PATIENCE):
            if wait == "soon":
                return None
            raise SystemMissing("The pages take too long to set. This machine is busy; try again.")
        if not store.missing(prepared.plan):
            return prepared
        alone = request.model_copy(update={"sheets": (first,)})
        return prepare(library, alone, self.desk.today(), edition)

    def _master(self, prepared: Prepared) -> Master:
        with self._lock:
            found = self._masters.recall(prepared.key)
        if found is None:
            sheets = [sheet for key in prepared.plan.keys if (sheet := self.desk.sheets.get(key))]
            found = bind_sheets(sheets, prepared.plan.binding)
            with self._lock:
                self._masters.keep(prepared.key, found)
        return found

    def _sheets(self, topic: Topic, prepared: Prepared, shown_now: Prepared) -> list[SheetShown]:
        """Every sheet of the stack, also those that are left out or not there yet."""
        keys, there = dict(prepared.plan.sheets), dict(shown_now.plan.sheets)
        first, shown = 1, list[SheetShown]()
        for name, _sheet in prepared.handout.all_sheets():
            title = _short(topic, name) if name in topic.options else _(_TITLES[name])
            sheet = self.desk.sheets.get(there[name]) if name in there else None
            pages = len(sheet.pages) if sheet else 0
            shown.append(SheetShown(name, title, first if pages else 0, pages, name in keys))
            first += pages
        return shown


def _short(topic: Topic, name: str) -> str:
    short = topic.options[name].head.short
    return short if topic.language == spoken() else English(short)


def prepare_sheets(
    library: Library, request: Request, today: date, edition: Edition, left_out: Set[str]
) -> tuple[Prepared, Request]:
    """What is printed, without the sheets that are left out, and the request that says so. Those that this handout does
    not have anyway count for nothing. Faults as `handouts.pipeline.prepare`.
    """
    prepared = prepare(library, request, today, edition)
    names = [name for name, _sheet in prepared.handout.all_sheets()]
    kept = tuple(name for name in names if name not in left_out)
    if not kept:
        raise RequestFault("There is no sheet left to print.")
    if len(kept) == len(names):
        return prepared, request
    request = request.model_copy(update={"sheets": kept})
    return prepare(library, request, today, edition), request


def _prepared(
    desk: Desk, library: Library, request: Request, edition: Edition, left_out: Set[str]
) -> tuple[Prepared, Request, tuple[FieldFault, ...]]:
    """What is printed; what can't be is left out, and told. FormFault where nothing is left to show."""
    told: tuple[FieldFault, ...] = ()
    while True:
        try:
            return *prepare_sheets(library, request, desk.today(), edition, left_out), told
        except RequestFault as fault:
            known = {one.field for one in told}
            more = tuple(one for one in field_faults(fault) if one.field not in known)
            told = (*told, *more)
            lighter = without(request, more)
            if not more or lighter is None or lighter == request:
                raise FormFault(told) from None
            request = lighter


_WIDEST_CODE = "WWWW-WWWW-WWW"


def _faults_with_a_code(prepared: Prepared, request: Request, edition: Edition) -> tuple[FieldFault, ...]:
    """What fits beside the word "preview", but not beside a code."""
    try:
        filled = details(prepared.wording, request, _WIDEST_CODE, edition)
        check_fit(slots(large=request.format == "large-print", rtl=filled.rtl), filled)
    except RequestFault as fault:
        return field_faults(fault)
    return ()


def _notices(library: Library, request: Request, prepared: Prepared, filled: Details, desk: Desk) -> Sequence[Notice]:
    topic, handout = library.topic, prepared.handout
    unknown = [item for item in request.medicines if medicine_slug(item) not in topic.medicines]
    chosen = tuple(name for name in topic.option_order if name in request.options)
    found = [Notice("options", text) for text in notices_about_choice(topic, chosen, ())]
    found += [Notice("medicines", text) for text in notices_about_choice(topic, (), unknown)]
    found += [Notice("text", text) for text in notices_about_language(library.language, request)]
    found += [Notice("side", text) for text in notices_about_side(topic, handout)]
    found += [Notice("text", text) for text in notices_about_text(topic, handout.approval, desk.today())]
    if handout.approval.state == "expired":
        found.append(Notice("text", _("The text is past its date. It is made only where you allow it below.")))
    found += [Notice("text", text) for text in _left_to_write(library)]
    name = dict(filled.texts).get("name")
    usual = slots(large=request.format == "large-print")["name"].size
    if isinstance(name, Entry) and name.size and name.size < usual:
        found.append(Notice("patient.name", _("The name is long: it is printed smaller than usual.")))
    return [Notice(one.about, _without_commands(in_words(one.text))) for one in found]


def _left_to_write(library: Library) -> Iterator[str]:
    """What nobody has filled in yet, so that the pages have lines to write on."""
    clinic, empty = library.clinic.file, missing_safety(library.topic)
    lacks = [
        word
        for word, value in ((_("telephone"), clinic.phone), (_("emergency number"), clinic.emergency_number))
        if value is None
    ]
    if empty:
        lacks.append(ngettext("%(num)s safety text", "%(num)s safety texts", len(empty)))
    if lacks:
        yield _("Not filled in yet: %(what)s. The pages have lines to write on.", what=", ".join(lacks))


def _without_commands(text: str) -> str:
    """A notice without its sentences about the command line, which nobody here has."""
    return type(text)(re.sub(r"\s*`[^`]*` [^.`]*\.", "", text))
