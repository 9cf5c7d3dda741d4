"""The merged document: a stack of sheets, how they look, and who stands behind them. It holds no patient's details.

A sheet begins on a page of its own, is typeset once for its content and its `Look`, and depends on nothing else: not on
the other sheets of the stack, not on the day, not on who approved the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from handouts.model.clinic import ClinicFile
from handouts.model.language import is_rtl
from handouts.model.request import Format, Paper, Side
from handouts.model.sheets import (
    Closing,
    Comparison,
    Condition,
    Diary,
    Front,
    Imprint,
    Instructions,
    Medicines,
    OptionSheet,
    Practice,
    SheetContent,
)

Approval = Literal["approved", "not_approved", "changed", "expired", "translation_behind", "translation_not_checked"]
"""Of a source file, and of all that a sheet prints from; the last two of translations alone."""
NEVER_APPROVED: tuple[Approval, ...] = ("not_approved", "translation_not_checked")
"""States of what nobody has approved."""
SHEETS = ("front", "comparison", "plan", "condition", "instructions", "questions", "diary", "practice")
"""The names of the sheets but the options', which have the options' ids: in a request's ``sheets``, for `--sheet`."""
SIDE_BY_SIDE = 3
"""The most options printed a column each; with more, each option is a row (STANDARDS: Fair choice)."""


@dataclass(frozen=True)
class Look:
    """What all sheets of a stack share. ``clinic``: only what is printed of it; ``title``: of the topic."""

    title: str
    clinic: ClinicFile
    logo: Path
    language: str
    format: Format
    paper: Paper
    side: Side | None

    @property
    def large(self) -> bool:
        """Whether it is large print."""
        return self.format == "large-print"

    @property
    def rtl(self) -> bool:
        """Whether its language runs from right to left."""
        return is_rtl(self.language)


@dataclass(frozen=True)
class ApprovalMark:
    """Who stands behind the printed sheets today: stamped, so that approving typesets nothing again.

    ``state``: of the worst of them; ``by``: who approved what they print from, in its order, each once.
    """

    state: Approval
    by: tuple[str, ...] = ()
    checked_by: tuple[str, ...] = ()
    """Who checked its translation, each once; of an English text nobody."""
    good_until: date | None = None
    """The last day on which all approvals are valid, if there are any; it is in the file, for `email` (MAIL-17)."""
    sheets: tuple[tuple[str, Approval], ...] = ()
    """Each printed sheet, in order: approved when all source files are that it prints from."""
    waiting: tuple[tuple[str, Approval], ...] = ()
    """The source files of these that are not approved today."""

    @property
    def same(self) -> bool:
        """Whether all that is printed is in one state: no page tells what another denies."""
        sheets = {state for _, state in self.sheets}
        return len(sheets) <= 1 and not (self.state in NEVER_APPROVED and self.by)


@dataclass(frozen=True)
class Handout:
    """One topic, the chosen options, one clinic: the sheets of the stack, in the order of printing."""

    topic: str
    look: Look
    imprint: Imprint
    approval: ApprovalMark
    front: Front
    comparison: Comparison | None
    medicines: Medicines | None
    condition: Condition | None
    instructions: Instructions | None
    options: tuple[OptionSheet, ...]
    closing: Closing
    diary: Diary | None
    practice: Practice | None
    chosen: tuple[str, ...]
    """The sheets to print, by name; of `SHEETS` and the options."""
    english: Handout | None = None
    """The same in English, to stand behind a translation."""

    def all_sheets(self) -> tuple[tuple[str, SheetContent], ...]:
        """Every sheet of the stack by its name, in the order of printing."""
        named: tuple[tuple[str, SheetContent | None], ...] = (
            ("front", self.front),
            ("comparison", self.comparison),
            ("plan", self.medicines),
            ("condition", self.condition),
            ("instructions", self.instructions),
            *((option.name.id, option) for option in self.options),
            ("questions", self.closing),
            ("diary", self.diary),
            ("practice", self.practice),
        )
        return tuple((name, sheet) for name, sheet in named if sheet is not None)

    def sheets(self) -> tuple[tuple[str, SheetContent], ...]:
        """Those to print."""
        return tuple((name, sheet) for name, sheet in self.all_sheets() if name in self.chosen)
