"""A patient's own texts, laid out for the slots; and which requests can share a master whatever these say. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import TypeVar

from handouts.codes import format_code
from handouts.errors import Fault, RequestFault
from handouts.merge.flow import Words
from handouts.merge.shapes import Box, Texts, note_box, plan_box, steps_box, visit_box, who_box
from handouts.model.content import Library
from handouts.model.details import Details, Entry
from handouts.model.edition import USUAL, Edition
from handouts.model.isolates import has_rtl_letters
from handouts.model.language import ORIGINAL
from handouts.model.patient_fields import PATIENT_FIELDS, STAMPED
from handouts.model.request import Paper, Prescribed, Request
from handouts.model.shapes import PLAN_LINES, PLAN_ROWS, PlanShape, Shape
from handouts.model.slots import APPROVALS, FOOTER, IN_ENGLISH, TIMES
from handouts.model.wording import Wording

_KEYS = frozenset({*(field.key.partition(".")[0] for field in PATIENT_FIELDS), "medicines", "next_steps", "note"})
"""The keys of a request that fill slots; whatever else it holds decides how the pages come out."""

_STEPS = ("step", "steps_more")
ROOM_FOR_NAME = 36
"""Underscores in the foot of a blank sheet's pages."""


def details(wording: Wording, request: Request, code: str, edition: Edition = USUAL) -> Details:
    """What fills the slots of this request's handout. ``code``: as it is printed.

    In a blank sheet the patient's fields stay empty. One RequestFault for all texts that do not fit.
    """
    texts, _, _ = _lay_out(wording, request, edition)
    if wording.language != ORIGINAL:
        texts = tuple((name, replace(entry, own=_is_own(name, request))) for name, entry in texts)
    approval = wording.approval
    single = {
        **dict(zip(APPROVALS, approval.different, strict=False)),
        "approval_mark": approval.mark,
        "approval_long": wording.bound(approval.sentence),
        "code": code,
        "replaces": format_code(edition.replaces) if edition.replaces else "",
    }
    if request.medicines and not edition.blank:
        single["plan_name"] = f"{wording.apart(_text_of('name', request, wording))}: {wording.page['plan_name']}"
    if edition.blank:
        single[FOOTER] = f"{wording.page['patient']} {'_' * ROOM_FOR_NAME}"
    told: tuple[tuple[str, str | Entry], ...] = (*texts, *((name, text) for name, text in single.items() if text))
    if wording.english:
        copy = details(wording.english, request, code, edition).texts
        told += tuple((f"{IN_ENGLISH}{name}", text) for name, text in copy)
    return Details(told, code, wording.rtl)


def _is_own(name: str, request: Request) -> bool:
    """Whether a text is somebody's own words, with no label of the page's before it (BCP 47: und)."""
    area = name.partition(".")[0]
    return area in {"name", "note", "note_more", "plan"} or (area in _STEPS and bool(request.next_steps))


def shape_of(wording: Wording, request: Request, edition: Edition = USUAL) -> Shape:
    """The smallest front that holds this request's texts; parameters and faults as `details`."""
    return _lay_out(wording, request, edition)[1]


def plan_shape(wording: Wording, request: Request, edition: Edition = USUAL) -> PlanShape | None:
    """The smallest plan that holds the medicines prescribed; None without any, but in a blank sheet about medicines an
    empty one. Faults as `details`.
    """
    return _lay_out(wording, request, edition)[2]


def selection(library: Library, request: Request) -> tuple[Hashable, ...]:
    """What decides the pages: two requests of the same selection have the same handout, and so the same master.

    All that the request holds but the details; of these the shapes and the medicines that the topic knows. The topic's
    own steps follow from the rest. RequestFault as `details`.
    """
    shared = tuple(getattr(request, name) for name in Request.model_fields if name not in _KEYS)
    _, shape, plan = _lay_out(library.wording, request, USUAL)
    prescribed = set(map(medicine_slug, request.medicines))
    known = tuple(name for name in library.topic.medicines if name in prescribed)
    return (*shared, bool(request.next_steps), shape, plan, known, len(known) < len(prescribed))


def paper_of(library: Library, request: Request) -> Paper:
    """The request's paper, else the clinic's."""
    return request.paper or library.clinic.file.paper


def medicine_slug(item: Prescribed) -> str:
    """How the topic would call this medicine."""
    return "-".join(item.name.lower().split())


def _lay_out(wording: Wording, request: Request, edition: Edition) -> tuple[Texts, Shape, PlanShape | None]:
    large = request.format == "large-print"
    faults: list[RequestFault] = []
    empty = Box((), 0)
    who = visit = empty
    if not edition.blank:
        name = _text_of("name", request, wording)
        who = _tried(
            lambda: who_box(name, tuple(_rows("who", request, wording)), large=large, rtl=wording.rtl), empty, faults
        )
        visit = _tried(
            lambda: visit_box(tuple(_rows("visit", request, wording)), large=large, rtl=wording.rtl), empty, faults
        )
    steps = tuple(map(wording.bound, request.next_steps or wording.steps))
    todo = _tried(lambda: steps_box(steps, large=large, rtl=wording.rtl), empty, faults)
    note = _tried(lambda: note_box(wording.bound(request.note or ""), large=large, rtl=wording.rtl), empty, faults)
    rows = tuple(tuple(_plan_row(i, item, wording, large=large)) for i, item in enumerate(request.medicines, 1))
    none: tuple[Texts, PlanShape | None] = ((), None)
    planned, plan = _tried(lambda: plan_box(rows, large=large, rtl=wording.rtl), none, faults)
    if faults:
        raise _joined(faults)
    if edition.blank and not plan and set(wording.medicine_options) & set(request.options):
        plan = PlanShape(PLAN_ROWS[large][0], PLAN_LINES[0])
    shape = Shape(who.room or Shape.least(large=large).who, visit.room, todo.room, note.room, sum(todo.more), note.more)
    return (*who.texts, *visit.texts, *todo.texts, *note.texts, *planned), shape, plan


Result = TypeVar("Result")


def _tried(made: Callable[[], Result], otherwise: Result, faults: list[RequestFault]) -> Result:
    """What ``made`` returns; after a fault, which is noted, ``otherwise``."""
    try:
        return made()
    except RequestFault as fault:
        faults.append(fault)
        return otherwise


def _joined(faults: list[RequestFault]) -> RequestFault:
    if len(faults) == 1:
        return faults[0]
    return RequestFault(
        "These texts of the request can't be printed:", faults=(Fault("", 0, fault.message) for fault in faults)
    )


def _text_of(name: str, request: Request, wording: Wording) -> str:
    field = STAMPED[name]
    return field.text(field.value(request), wording)


def _rows(area: str, request: Request, wording: Wording) -> Iterator[Words]:
    """The rows of an area for which the request has a value; the first of a visit has no label."""
    for field in STAMPED.values():
        if field.slot == area:
            value = field.value(request)
            if value is not None:
                label = "" if field.name == "appointment_date" else wording.page[_label(field.name, request)]
                yield Words(wording.bound(field.text(value, wording)), field.key, label)


def _label(name: str, request: Request) -> str:
    """The word before a row. Before the visit nobody has seen the clinician yet."""
    return "appointment_with" if name == "clinician" and request.stage == "before" else name


def _plan_row(number: int, item: Prescribed, wording: Wording, *, large: bool) -> Iterator[tuple[str, Words]]:
    """The cells of a medicine: its name, what to take at which time, and a remark, which holds the dose where no time
    is said.
    """
    key = f"medicines.{number}"
    shown = wording.medicines.get(medicine_slug(item), item.name)
    if has_rtl_letters(shown) and not has_rtl_letters(item.name):  # the label on the box has the Latin letters
        shown = f"{shown} ({item.name})" if large else f"{shown}\n{item.name}"
    dose = item.dose or wording.page["take_it"]
    yield "name", Words(shown, f"{key}.name")
    if not large:
        for time in TIMES:
            yield time, Words(dose if time in item.times else "–", f"{key}.dose")
    elif item.times:
        at_times = "\n".join(f"{wording.times[time]}: {wording.apart(dose)}" for time in TIMES if time in item.times)
        yield "when", Words(at_times, f"{key}.dose")
    remark = item.remark or ""
    if item.dose and not item.times:
        remark = f"{wording.apart(item.dose.rstrip('.'))}. {wording.apart(remark)}" if remark else item.dose
    if remark:
        yield "remark", Words(wording.bound(remark), f"{key}.remark" if item.remark else f"{key}.dose")
