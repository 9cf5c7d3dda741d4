"""Step 3, typeset: ``Handout -> Master``. Each sheet of the stack is typeset once, kept under its key, and bound.

A sheet's key names all that its pages depend on: its content, the look of the stack, the words of the page, templates,
drawings, fonts, the versions of the engine. Not the day, not the approval, not the other sheets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from handouts.errors import ContentFault, RequestFault, SystemMissing
from handouts.fonts.files import font_files
from handouts.model.content import Library
from handouts.model.handout import Front, Handout, Look, SheetContent, figures_of
from handouts.model.master import Master
from handouts.model.typeset_sheet import TypesetSheet
from handouts.typeset.binding import bind
from handouts.typeset.cache import SheetCache
from handouts.typeset.front import choose_front
from handouts.typeset.guard import Misplaced, places_of, require_in_place
from handouts.typeset.html import html, sheet_slots, style_sheets
from handouts.typeset.pictures import blame_pictures
from handouts.typeset.sheet import make_sheet
from handouts.typeset.weasyprint import engine_versions, layout, link_texts, without_gc, write


@dataclass(frozen=True)
class StackPlan:
    """Which sheets a document is bound from, known before they are typeset. ``sheets``: name and key of each, in order;
    ``binding``: what `bind_sheets` needs besides, as JSON has it.
    """

    sheets: tuple[tuple[str, str], ...]
    binding: Mapping[str, Any]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the sheets, in order."""
        return tuple(key for _, key in self.sheets)


def plan_stack(library: Library, handout: Handout) -> StackPlan:
    """The plan of the sheets that are to be printed."""
    sheets = tuple((name, sheet_key(library, handout.look, name, sheet)) for name, sheet in handout.sheets())
    words, look, mark = library.words.page, handout.look, handout.approval
    valid = mark.state == "approved" and mark.good_until
    binding = {
        "keywords": f"approved until {mark.good_until}" if valid else "not approved",
        "language": look.language,
        "large": look.large,
        "ink": look.clinic.colors.ink,
        "accent": look.clinic.colors.accent,
        "page": words["page"],
        "of": words["page_of"],
    }
    return StackPlan(sheets, binding)


def sheet_key(library: Library, look: Look, name: str, sheet: SheetContent) -> str:
    """What the sheet's pages depend on, as 64 hex digits."""
    same = replace(look, logo=Path())  # its bytes count, not where they lie
    drawings = {f"assets/figures/{figure}.svg" for figure in figures_of(sheet)}
    logo = f"clinics/{library.clinic.id}/{look.logo.name}"
    fonts = {path.name for path in font_files()}
    hashes = [
        f"{piece} {digest.hex()}"
        for piece, digest in library.hashes.items()
        if piece.startswith("templates/") or piece in drawings or piece in fonts or piece == logo
    ]
    told = [engine_versions(), name, repr(same), repr(sheet), repr(library.words), *hashes]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def sheets_of(library: Library, handout: Handout, plan: StackPlan, cache: SheetCache | None) -> tuple[Sequence[TypesetSheet], bool]:
    """The sheets of ``plan``, in order, and whether all came from the cache. What was not there is kept."""
    made: list[TypesetSheet] = []
    reused = True
    contents = dict(handout.sheets())
    for name, key in plan.sheets:
        found = cache.get(key) if cache else None
        if found is None:
            found, reused = typeset_sheet(library, handout.look, name, contents[name]), False
            if cache:
                cache.put(key, found)
        made.append(found)
    return made, reused


def typeset_sheet(library: Library, look: Look, name: str, sheet: SheetContent) -> TypesetSheet:
    """One sheet. ContentFault for what can't be set as the template asks, with the files that it may come from;
    SystemMissing without Pango.
    """
    program, words = library.program, library.words
    sided = frozenset(name for name, entry in library.topic.file.figures.items() if entry.sided)
    with without_gc(), _naming_files(library, name):
        if isinstance(sheet, Front):
            page = choose_front(sheet, look, words, program)
        else:
            page = html(sheet, look, words, program, sided=sided)
        with blame_pictures(look.logo, page, program):
            document = layout(page, style_sheets(sheet, program))
            require_in_place(document, sheet, look)
            made = write(document)
        slots = sheet_slots(sheet, look)
        colors = {slot: getattr(look.clinic.colors, place.color, "#ffffff") for slot, place in slots.items()}
        return make_sheet(made, name, slots, colors, link_texts(page))


@contextmanager
def _naming_files(library: Library, name: str) -> Iterator[None]:
    try:
        yield
    except Misplaced as fault:
        raise ContentFault(fault.message, faults=places_of(library, name, fault.text)) from None


def bind_sheets(sheets: Sequence[TypesetSheet], binding: Mapping[str, Any]) -> Master:
    """The master of a stack."""
    return bind(sheets, **binding)
