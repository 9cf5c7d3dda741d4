"""What a check finds: one gate, in one place, with the figure measured and the one allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "advice", "notice", "failure"]
"""``advice``: worth a look, never a failure. ``notice``: for somebody to supply; a failure when checked strictly."""

_SHOWN = 80
"""Characters of a sentence: enough to know it by."""


@dataclass(frozen=True)
class Finding:
    """``where`` is a file, and after ": " a part of it; ``measured`` and ``limit`` are as printed. ``sentence``: what
    it was found in; ``line``: where that stands in the file, 0 where it isn't known; ``way_out``: what is wrong and
    what to do, in words, where the rest does not say it.
    """

    level: Level
    where: str
    gate: str
    measured: float | str
    limit: float | str = ""
    sentence: str = ""
    line: int = 0
    way_out: str = ""

    @property
    def shown(self) -> str:
        """The figure measured, as it is printed."""
        return f"{self.measured:.1f}" if isinstance(self.measured, float) else str(self.measured)

    @property
    def place(self) -> str:
        """File, line, part and sentence, as they are printed: ``botox.md:34: What is it? (It helps 1 in 8.)``."""
        file, parted, part = self.where.partition(": ")
        line = f":{self.line}" if self.line else ""
        told = f" ({_short(self.sentence)})" if self.sentence else ""
        return f"{file}{line}{parted}{part}{told}"


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _SHOWN else f"{one_line[: _SHOWN - 3]}..."


def at_most(where: str, gate: str, measured: float, limit: float) -> Finding:
    """A failure when ``measured`` is above ``limit``."""
    return Finding("failure" if measured > limit else "ok", where, gate, measured, f"{limit:g} at most")


def at_least(where: str, gate: str, measured: float, limit: float) -> Finding:
    """A failure when ``measured`` is below ``limit``."""
    return Finding("failure" if measured < limit else "ok", where, gate, measured, f"{limit:g} at least")


def worst_of_each(findings: Iterable[Finding]) -> list[Finding]:
    """Of the findings that are well, the one nearest its limit for each file and gate: a table people can read."""
    kept: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        if finding.level == "ok":
            key = (finding.where.partition(": ")[0], finding.gate)
            if key not in kept or _nearness(finding) > _nearness(kept[key]):
                kept[key] = finding
    return list(kept.values())


def _nearness(finding: Finding) -> float:
    """The larger, the nearer to the limit."""
    if isinstance(finding.measured, str):
        return 0.0
    return -finding.measured if str(finding.limit).endswith("least") else float(finding.measured)
