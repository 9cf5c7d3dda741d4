"""One sheet, typeset: Jinja2 makes HTML, WeasyPrint a tagged PDF, which is made ready to be bound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from handouts.errors import ContentFault
from handouts.model.content import Library
from handouts.model.handout import Look
from handouts.model.sheets import Front, SheetContent
from handouts.model.typeset_sheet import TypesetSheet
from handouts.typeset.front import Rung, choose_front
from handouts.typeset.guard import Misplaced, places_of, require_in_place
from handouts.typeset.html import html, sheet_slots, style_sheets
from handouts.typeset.kept_lines import keeping_lines
from handouts.typeset.pictures import blame_pictures
from handouts.typeset.room import lay_out
from handouts.typeset.sheet import make_sheet
from handouts.typeset.weasyprint import layout, link_texts, without_gc, write


def typeset_sheet(library: Library, look: Look, name: str, sheet: SheetContent) -> TypesetSheet:
    """One sheet. ContentFault for what can't be set as the template asks, with the files that it may come from;
    SystemMissing without Pango.
    """
    # until nothing refers to the document any more: or else it is searched for nothing
    with keeping_lines(), without_gc():
        return _typeset(library, look, name, sheet)


def _typeset(library: Library, look: Look, name: str, sheet: SheetContent) -> TypesetSheet:
    program, words = library.program, library.words
    drawings = library.topic.drawings
    with (
        _naming_files(library, name),
        blame_pictures(look.logo, lambda: html(sheet, look, words, program, rung=Rung(), drawings=drawings), library),
    ):
        if isinstance(sheet, Front):
            page = choose_front(sheet, look, words, program)
            document = layout(page, style_sheets(sheet, program))
        else:
            laid = lay_out(sheet, look, words, program, drawings=drawings)
            page, document = laid.html, laid.document
        require_in_place(document, sheet, look)
        return make_sheet(write(document), name, sheet_slots(sheet, look), link_texts(page))


@contextmanager
def _naming_files(library: Library, name: str) -> Iterator[None]:
    """What is out of place is a fault of a file."""
    try:
        yield
    except Misplaced as fault:
        raise ContentFault(fault.message, faults=places_of(library, name, fault.text)) from None
