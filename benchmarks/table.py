"""The comparison as rows, as text for a terminal, as Markdown, as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.checking import Finding
from benchmarks.limits import IN_FLIGHT, Series


@dataclass(frozen=True)
class Row:
    """One peer. ``share``: our time by its time, None for ours and where there is none; ``fault`` says why."""

    module: str
    title: str
    how: str
    at_most: float | None
    milliseconds: float | None = None
    share: float | None = None
    handouts: int = 0
    finding: Finding | None = None
    kerned: bool | None = None
    arabic: bool | None = None
    fault: str = ""

    @property
    def kept(self) -> bool | None:
        """Is ours quick enough? None where there is nothing to hold it against."""
        return None if self.at_most is None or self.share is None else self.share <= self.at_most


def fraction(share: float | None) -> str:
    """A share as people say it: 1/40, 0.60."""
    if share is None:
        return ""
    return f"1/{1 / share:,.0f}" if share <= 0.3 else f"{share:.2f}"


_HEADS = ("one more handout by", "ours takes", "at most", "median ms")
_HAS = ("what it makes", "all words", "name, code on", "tags", "PDF/UA-1", "kerned", "Arabic names", "kB")


def time_rows(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """The first table, head first."""
    made = [_HEADS]
    for row in rows:
        if row.fault:
            made.append((row.title, row.fault, fraction(row.at_most), ""))
        else:
            verdict = "" if row.kept is None else (" ✓" if row.kept else " ✗ missed")
            share = fraction(row.share) + verdict if row.share is not None else "1"
            made.append((row.title, share, fraction(row.at_most), f"{row.milliseconds:.2f}"))
    return made


def feature_rows(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """The second table, head first: what each peer does and does not do, as read from its PDF."""
    made = [_HAS]
    for row in rows:
        if row.finding:
            found = row.finding
            words = f"{found.words:.1%}".replace("100.0%", "yes")
            pages = f"{found.footed} of {found.pages} pages"
            made.append((row.title, words, pages, *map(_yes, (found.tagged, found.ua1, row.kerned, row.arabic)),
                         f"{found.size / 1000:.0f}"))  # fmt: skip
    return made


def _yes(value: bool | None) -> str:
    return "?" if value is None else "yes" if value else "no"


def limit_lines(series: Series, ours: Row) -> list[str]:
    """The machine's limits in words, as far as they were measured."""
    lines = []
    if series.disk and ours.milliseconds:
        files, rate = statistics.median(series.disk), 1000 / ours.milliseconds
        lines.append(
            f"Physical limit: a loop that only writes finished PDFs (beside, fsync, rename) makes {files:,.0f} "
            f"a second with {IN_FLIGHT} in flight, {statistics.median(series.one_by_one):,.0f} one by one; "
            f"one core stamps {rate:,.0f}."
        )
    if series.gain:
        gain = statistics.median(series.gain)
        lines.append(f"A second core lets a pure CPU loop do {gain:.2f} times the work (median of {len(series.gain)}).")
    for jobs, rates in series.batch.items():
        lines.append(
            f"`batch --jobs {jobs}`: {statistics.median(rates):,.0f} rows a second with files and journal, "
            f"{series.shares(jobs):.2f} of the physical limit."
        )
    if len(series.batch) == 2 and series.gain:
        lines.append(f"The second worker brings {series.two_workers():.2f} of what the second core gives a pure loop.")
    return lines


def as_text(table: Sequence[tuple[str, ...]]) -> str:
    """Columns padded to their widest cell."""
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
    )


def as_markdown(rows: Sequence[Row], series: Series, machine: str) -> str:
    """Both tables, and how it was measured, for README or docs."""
    head = f"{machine} One run, each peer in its own process, all on the same core, in turn; medians. "
    head += "Times are this machine's; the ratios are what counts."
    parts = [head, *(_markdown(table) for table in (time_rows(rows), feature_rows(rows)))]
    parts += ["\n".join(f"- {line}" for line in limit_lines(series, rows[0]))] if limit_lines(series, rows[0]) else []
    parts.append("\n".join(f"- **{row.title}**: {row.how}." for row in rows))
    return "\n\n".join(parts) + "\n"


def _markdown(table: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in table]
    return "\n".join([lines[0], "|" + " --- |" * len(table[0]), *lines[1:]])


def as_json(rows: Sequence[Row], series: Series, machine: str) -> dict[str, Any]:
    """Everything, for a program."""
    return {"machine": machine, "peers": [asdict(row) | {"kept": row.kept} for row in rows], "limits": asdict(series)}
