"""How a list was read, in the language of the staff: its columns and what they became, and what was left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from handouts.desk.library_words import in_words
from handouts.desk.listview import LABELS
from handouts.desk.words import N_, Said, _, ngettext, spoken
from handouts.lists.editable import EditableList
from handouts.model.language import ORIGINAL


@dataclass(frozen=True)
class About:
    """How a file was read. ``first``: some rows that were left out, and why; ``more``: whether there are others."""

    summary: str
    notes: tuple[str, ...]
    left_out: int
    first: tuple[tuple[int, str], ...]
    more: bool

    @property
    def looks(self) -> int:
        """How much of it the staff should look at."""
        return len(self.notes) + bool(self.left_out)


def about(found: EditableList) -> About:
    """The same of a list, in words."""
    out = found.left_out
    first = tuple((number, in_words(why)) for number, why in out.first.items())
    notes = tuple(in_words(note) for note in found.notes)
    return About(_summary(found.summary), notes, out.count, first, out.count > len(first))


_ROWS = re.compile(r"(?P<count>[\d,]+) rows?")
_COLUMN = re.compile(r"(?P<columns>.+) -> (?P<what>.+)")
_LEFT_OUT = re.compile(r"(?P<count>\d+) columns? left out \((?P<names>.*)\)")
_NOT_USED = re.compile(r"columns not used: (?P<names>.+)")
_BY_MAP = re.compile(r"(?P<summary>.*) \(map (?P<name>[^()]+)\)")
_BECAME = {
    **LABELS,
    "topic": N_("Topic"),
    "options": N_("Options"),
    "side": N_("Side"),
    "language": N_("Language"),
    "order of printing": N_("order of printing"),
    "by its words": N_("by its words"),
    "by its codes": N_("by its codes"),
    "leaves rows out": N_("leaves rows out"),
    "leaves no row out": N_("leaves no row out"),
}
"""What `handouts.lists.plan.told_columns` says that a column became."""


def _summary(text: str) -> str:
    """The library's summary, a piece after the other; as it is where a piece is not known, such as a column's name
    with a semicolon.
    """
    if spoken() == ORIGINAL:
        return text
    by_map = _BY_MAP.fullmatch(text)
    pieces = [_piece(piece) for piece in (by_map["summary"] if by_map else text).split("; ")]
    if None in pieces:
        return in_words(text)
    said = Said("; ".join(filter(None, pieces)))
    return _("%(summary)s (map %(name)s)", summary=said, name=by_map["name"]) if by_map else said


def _piece(text: str) -> str | None:
    if found := _ROWS.fullmatch(text):
        return ngettext("%(num)s row", "%(num)s rows", int(found["count"].replace(",", "")))
    if found := _COLUMN.fullmatch(text):
        what = found["what"]
        return _("%(columns)s → %(what)s", columns=found["columns"], what=_(_BECAME[what]) if what in _BECAME else what)
    if found := _LEFT_OUT.fullmatch(text):
        return ngettext(
            "%(num)s column left out (%(names)s)",
            "%(num)s columns left out (%(names)s)",
            int(found["count"]),
            names=found["names"],
        )
    if found := _NOT_USED.fullmatch(text):
        return _("columns not used: %(names)s", names=found["names"])
    return None
