"""The pages that someone is about to approve: bound and stamped like a handout, but no document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from handouts.merge.approval import printed_from
from handouts.merge.details import details
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.request import Patient, Prescribed, Request
from handouts.model.shapes import MOST_MEDICINES
from handouts.stamp.stamp import stamp
from handouts.typeset.stack import SheetStore, bind_sheets, plan_stack, sheets_of

NO_CODE = "preview"
"""Stands where handouts have their code, so that nobody takes the pages for one."""


def everything(library: Library) -> Request:
    """A request for all sheets that the topic has; it is nobody's."""
    topic = library.topic
    return Request(
        topic=topic.id,
        options=topic.option_order,
        sections=tuple(topic.sections),
        patient=Patient(name="A Patient"),
        clinic=library.clinic.id,
        language=library.language,
        medicines=tuple(Prescribed(name=name) for name in [*topic.medicines][:MOST_MEDICINES]),
    )


def sheets_to_show(library: Library, request: Request, files: Sequence[str], today: date) -> tuple[str, ...]:
    """The names of the request's sheets that print from one of ``files``."""
    handout = merge(library, request, today).handout
    shown = ((name, printed_from(library.topic, handout, sheet)) for name, sheet in handout.sheets())
    return tuple(name for name, used in shown if not set(files).isdisjoint(used))


def preview(library: Library, request: Request, today: date, cache: SheetStore | None) -> bytes:
    """The sheets of ``request`` with the marks of ``today``, as a PDF. Faults as typesetting raises them."""
    merged = merge(library, request, today)
    plan = plan_stack(library, merged.handout, merged.wording)
    sheets, _ = sheets_of(library, merged.handout, plan, cache)
    filled = details(merged.wording, request, NO_CODE)
    return stamp(bind_sheets(sheets, plan.binding), filled, f"{merged.handout.look.title}, {NO_CODE}")
