"""A patient's own part of a handout: ``Library + Request -> Details``, the texts for the slots. Pure.

Also what it means for the pages: which slots they need, and which requests can share a master.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import chain

from handouts.codes import format_code
from handouts.merge.notes import note_lines
from handouts.model.content import Library
from handouts.model.edition import USUAL, Edition
from handouts.model.handout import Details
from handouts.model.request import Paper, Request
from handouts.model.slots import NOTE

_BLANK_FIELDS = (
    "name", "birth_date", "identifier", "visit_date", "clinician",
    "appointment_date", "appointment_time", "appointment_with", "appointment_where",
)  # fmt: skip
_KEYS = frozenset({"patient", "clinician", "visit_date", "appointment", "note"})
"""The keys of a request that fill slots; whatever else it holds decides how the pages come out."""


def details(library: Library, request: Request, code: str, edition: Edition = USUAL) -> Details:
    """The texts that fill the slots of this request's handout (none in a blank one), and its printed code."""
    if edition.blank:
        return Details((), code)
    note = zip(NOTE, chain(*lines_of_note(library, request)), strict=False)
    return Details((*_texts(library, request, edition.replaces), *note), code)


def field_names(library: Library, request: Request, edition: Edition) -> tuple[str, ...]:
    """Which details this patient has, in the order of `details`, without the note; in a blank sheet, all of them."""
    return _BLANK_FIELDS if edition.blank else tuple(name for name, _ in _texts(library, request, edition.replaces))


def lines_of_note(library: Library, request: Request) -> tuple[tuple[str, ...], ...]:
    """The note as lines to stamp, of this request's format and paper; () where it has to be typeset."""
    if not request.note:
        return ()
    return note_lines(request.note, large=request.format == "large-print", a4=paper_of(library, request) == "a4")


def paper_of(library: Library, request: Request) -> Paper:
    """The request's paper, else the clinic's."""
    return request.paper or library.clinic.file.paper


def selection(library: Library, request: Request) -> tuple[Hashable, ...]:
    """What decides the pages: two requests of the same selection have the same handout, and so the same master.

    All that the request holds but the details; of these only which there are, of a note its number of lines.
    """
    shared = tuple(getattr(request, name) for name in Request.model_fields if name not in _KEYS)
    note = tuple(map(len, lines_of_note(library, request))) or request.note
    patient, visit = request.patient, request.appointment
    told = (patient.birth_date, patient.identifier, request.visit_date, request.clinician, visit)
    at_visit = (visit.with_, visit.where) if visit else ()
    return (*shared, note, *(item is not None for item in (*told, *at_visit)))


def _texts(library: Library, request: Request, replaces: str | None) -> Iterable[tuple[str, str]]:
    patient, visit, words = request.patient, request.appointment, library.words
    name = patient.name
    if patient.preferred_name and f" {patient.preferred_name.casefold()} " not in f" {name.casefold()} ":
        name = f"{name} ({patient.preferred_name})"
    yield "name", name
    if patient.birth_date:
        yield "birth_date", words.long_date(patient.birth_date)
    if patient.identifier:
        yield "identifier", patient.identifier
    if request.visit_date:
        yield "visit_date", words.long_date(request.visit_date)
    if request.clinician:
        yield "clinician", request.clinician
    if visit:
        day = words.weekdays[visit.at.weekday()]
        hour = visit.at.hour % 12 or 12
        half = "am" if visit.at.hour < 12 else "pm"
        yield "appointment_date", f"{day}, {words.long_date(visit.at.date())}"
        yield "appointment_time", f"{hour}:{visit.at.minute:02} {half}"
        if visit.with_:
            yield "appointment_with", visit.with_
        if visit.where:
            yield "appointment_where", visit.where
    if replaces:
        yield "replaces", format_code(replaces)
