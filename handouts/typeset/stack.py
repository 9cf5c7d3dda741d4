"""A handout's stack: the key of each sheet, the sheets from a cache or typeset, and the master that they make.

A sheet's key names all that its pages depend on: its content, the look of the stack, the words of the page, templates,
drawings, fonts, the versions of the engine. Not the day, not the approval, not the other sheets. Nothing here needs
WeasyPrint as long as all sheets are cached.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from handouts.fonts.files import font_files
from handouts.model.content import Library
from handouts.model.handout import Handout, Look
from handouts.model.master import Master
from handouts.model.sheets import SheetContent, figures_of
from handouts.model.slots import IN_ENGLISH, slots
from handouts.model.stack import Binding
from handouts.model.typeset_sheet import TypesetSheet
from handouts.model.wording import Wording
from handouts.typeset.binding import Copy, bind
from handouts.typeset.frame import Frame, frame
from handouts.typeset.versions import SHEET_ROOMS, engine_versions


class SheetStore(Protocol):
    """Where typeset sheets are kept, by their keys."""

    def get(self, key: str) -> TypesetSheet | None:
        """The sheet of a key, or None."""

    def put(self, key: str, sheet: TypesetSheet) -> None:
        """Keep it."""


@dataclass(frozen=True)
class StackPlan:
    """What a document is bound from, known before anything is typeset. ``sheets``: name and key of each, in order;
    ``binding``: what else `bind_sheets` needs, as JSON has it.
    """

    sheets: tuple[tuple[str, str], ...]
    binding: Binding

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the sheets, in order."""
        return tuple(key for _, key in self.sheets)


def plan_stack(library: Library, handout: Handout, wording: Wording) -> StackPlan:
    """The plan of the sheets that are to be printed."""
    sheets = tuple((name, sheet_key(library, handout.look, name, sheet)) for name, sheet in handout.sheets())
    binding = _binding(library, handout, wording)
    if handout.english and library.english and wording.english:
        copy = plan_stack(library.english, handout.english, wording.english)
        binding |= {"copy": {**copy.binding, "after": len(sheets)}}
        sheets += tuple((f"{IN_ENGLISH}{name}", key) for name, key in copy.sheets)
        valid = [one["keywords"] for one in (binding, copy.binding)]
        binding |= {"keywords": NOT_APPROVED if NOT_APPROVED in valid else min(map(str, valid))}
    return StackPlan(sheets, binding)


NOT_APPROVED = "not approved"


def _binding(library: Library, handout: Handout, wording: Wording) -> dict[str, Any]:
    """What binds the sheets of one language, but for these."""
    words, look, mark = library.words.page, handout.look, handout.approval
    valid = mark.state == "approved" and mark.good_until
    return {
        "paper": look.paper,
        "format": look.format,
        "language": look.language,
        "page": words["page"],
        "of": words["page_of"],
        "keywords": f"approved until {mark.good_until}" if valid else NOT_APPROVED,
        "colors": {"ink": look.clinic.colors.ink, "accent": look.clinic.colors.accent, "paper": "#ffffff"},
        "digits": wording.calendar.digits,
        "rtl": wording.rtl,
        "wording": wording.to_json(),
    }


def sheet_key(library: Library, look: Look, name: str, sheet: SheetContent) -> str:
    """What the sheet's pages depend on, as 64 hex digits."""
    same = replace(look, logo=Path())  # its bytes count, not where they lie
    drawn = set(figures_of(sheet))
    sided = [name for name in sorted(drawn) if name in library.topic.file.sided]
    sided += [f"{name} by time" for name in sorted(drawn & library.topic.file.timelines) if look.rtl]
    labels = [library.topic.drawings.labels.get(name) for name in sorted(drawn)]
    printed = {f"topics/{library.topic.id}/figures/{figure}.svg" for figure in drawn}
    printed |= {f"clinics/{library.clinic.id}/{look.logo.name}", *(path.name for path in font_files())}
    hashes = [
        f"{piece} {digest.hex()}"
        for piece, digest in library.hashes.items()
        if piece in printed or piece.startswith(("templates/", "assets/"))
    ]
    content = [repr(part) for part in (same, sheet, library.words, sided, labels)]
    told = [engine_versions(SHEET_ROOMS), name, *content, *hashes]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def sheets_of(
    library: Library, handout: Handout, plan: StackPlan, cache: SheetStore | None
) -> tuple[tuple[TypesetSheet, ...], tuple[str, ...]]:
    """The sheets of ``plan``, in order, and the keys of those that had to be typeset; these are in ``cache`` now.

    Faults as `typeset_sheet` raises them.
    """
    sheets: list[TypesetSheet] = []
    made: list[str] = []
    for name, key in plan.sheets:
        found = cache.get(key) if cache else None
        if found is None:
            from handouts.typeset.typeset import typeset_sheet  # with all of WeasyPrint

            found = typeset_sheet(*sheet_called(library, handout, name))
            made.append(key)
            if cache:
                cache.put(key, found)
        sheets.append(found)
    return tuple(sheets), tuple(made)


def sheet_called(library: Library, handout: Handout, name: str) -> tuple[Library, Look, str, SheetContent]:
    """What `typeset_sheet` needs for a sheet, by its name in a `StackPlan`."""
    if name.startswith(IN_ENGLISH) and library.english and handout.english:
        return sheet_called(library.english, handout.english, name.removeprefix(IN_ENGLISH))
    return library, handout.look, name, dict(handout.sheets())[name]


def bind_sheets(sheets: Sequence[TypesetSheet], binding: Binding) -> Master:
    """The master of a stack; ``binding``: as `plan_stack` gave it, perhaps years ago."""
    given: dict[str, Any] = dict(binding)
    behind = given.get("copy")
    end = behind["after"] if behind else len(sheets)
    copy = Copy(sheets[end:], _frame(behind), _marks(behind)) if behind and sheets[end:] else None
    return bind(sheets[:end], _frame(given), _marks(given), copy=copy)


def _frame(given: Mapping[str, Any]) -> Frame:
    return frame(
        given["paper"],
        given["format"],
        slots(large=given["format"] == "large-print", rtl=given.get("rtl", False)),
        language=given["language"],
        page_words=(given["page"], given["of"]),
        keywords=given["keywords"],
        colors=given["colors"],
        digits=given.get("digits", "latn"),
    )


def _marks(given: Mapping[str, Any]) -> tuple[str, ...]:
    return Wording.from_json(given["wording"]).approval.running
