"""An option's harms: which stay, which pass, how many are known, how grave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handouts.model.prose import Inline

HarmKind = Literal["stays", "passes", "counted", "also", "often", "gravest"]


@dataclass(frozen=True)
class Harm:
    """A harm and how many have it: "2", "fewer than 1 out of 1,000", or "" where no number is known."""

    what: str
    number: str


@dataclass(frozen=True)
class HarmGroup:
    """Harms of one kind, such as those that stay. ``label`` is printed before them."""

    kind: HarmKind
    label: str
    harms: tuple[Harm, ...]


@dataclass(frozen=True)
class HarmRow:
    """A row of the table on an option's sheet: out of the same 100, for how many it stays and passes ("" unknown)."""

    what: str
    stays: str
    passes: str


@dataclass(frozen=True)
class Harms:
    """An option's harms. ``lead``: what the numbers count, with their source; empty where there are none."""

    lead: Inline
    groups: tuple[HarmGroup, ...]
    rows: tuple[HarmRow, ...]

    def foremost(self) -> Harms:
        """Those for page 1: the lasting, the counted, the commonest of the passing ones, the gravest (STANDARDS: Page);
        where none stays or passes, the first of the others, too: the author puts first what must not be overlooked.
        What the numbers count stands there only with one of these numbers.
        """
        kept = [_foremost(group) for group in self.groups if group.kind not in {"also", "often"}]
        if kept and not any(group.kind in {"stays", "passes"} for group in kept):
            kept += [group for group in self.groups if group.kind == "often"][:1]
        shown = tuple(kept) or self.groups
        counted = any(harm.number for group in shown if group.kind != "gravest" for harm in group.harms)
        return Harms(self.lead if counted else (), shown, ())


def _foremost(group: HarmGroup) -> HarmGroup:
    numbered = tuple(harm for harm in group.harms if harm.number)
    return HarmGroup(group.kind, group.label, numbered if group.kind == "passes" and numbered else group.harms)
