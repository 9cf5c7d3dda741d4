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
from handouts.model.patient_fields import PATIENT_FIELDS, STAMPED
from handouts.model.request import Paper, Request
from handouts.model.slots import NOTE

_KEYS = frozenset({*(field.key.partition(".")[0] for field in PATIENT_FIELDS), "note"})
"""The keys of a request that fill slots; whatever else it holds decides how the pages come out."""


def details(library: Library, request: Request, code: str, edition: Edition = USUAL) -> Details:
    """The texts that fill the slots of this request's handout (none in a blank one), and its printed code."""
    if edition.blank:
        return Details((), code)
    note = zip(NOTE, chain(*lines_of_note(library, request)), strict=False)
    return Details((*_texts(library, request, edition.replaces), *note), code)


def field_names(library: Library, request: Request, edition: Edition) -> tuple[str, ...]:
    """Which details this patient has, in the order of `details`, without the note; in a blank sheet, all of them."""
    return tuple(STAMPED) if edition.blank else tuple(name for name, _ in _texts(library, request, edition.replaces))


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
    return (*shared, note, *(field.value(request) is not None for field in STAMPED.values()))


def _texts(library: Library, request: Request, replaces: str | None) -> Iterable[tuple[str, str]]:
    for field in STAMPED.values():
        value = field.value(request)
        if value is not None:
            yield field.name, field.text(value, library.words)
    if replaces:
        yield "replaces", format_code(replaces)
