"""What fills the slots of a handout: texts laid out by `handouts.merge`, drawn by `handouts.stamp`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """A slot's text as lines; joined they are what is read, after the label. A line that ends a paragraph within the
    text ends with a line feed.

    ``top``: where it starts below the slot's head, in pt, less than 0 above it; ``size``: of the type, 0 for the slot's
    own; ``rtl``: numbers of the lines whose paragraph runs from right to left; ``box``: a box to tick before it;
    ``write``: a line to write on in place of text; ``turned``: it starts at the other side than its page does;
    ``slashed``: zeros that can't be taken for an O; ``own``:
    somebody's own words on a translated page, in a language that nobody told.
    """

    lines: tuple[str, ...]
    label: str = ""
    top: float = 0
    size: float = 0
    rtl: frozenset[int] = frozenset()
    box: bool = False
    write: bool = False
    turned: bool = False
    slashed: bool = False
    own: bool = False

    def __repr__(self) -> str:
        return "Entry(...)"  # a patient's words do not belong in a log or traceback

    @property
    def text(self) -> str:
        """All that is read."""
        words = "".join(self.lines)
        return f"{self.label} {words}" if self.label and words else self.label or words


@dataclass(frozen=True)
class ApprovalTexts:
    """How the pages say whether a clinician stands behind the text: in the running line of each sheet, beside the title
    of the front, in full.
    """

    running: tuple[str, ...] = ()
    """A text for each sheet, in order; one for all in documents of before sheets had their own."""
    mark: str = ""
    sentence: str = ""

    @property
    def different(self) -> tuple[str, ...]:
        """The running texts, each once: as many slots are stamped."""
        return tuple(dict.fromkeys(self.running))

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> ApprovalTexts:
        """What JSON has of it. KeyError, TypeError for anything else."""
        running = told["running"]
        return ApprovalTexts((running,) if isinstance(running, str) else tuple(running), told["mark"], told["sentence"])


@dataclass(frozen=True)
class Details:
    """What fills the slots, by name, and the document code as it is printed. A slot without text is not in it.
    ``rtl``: whether the pages run from right to left.
    """

    texts: tuple[tuple[str, str | Entry], ...]
    code: str
    rtl: bool = False

    def __repr__(self) -> str:
        return "Details(...)"
