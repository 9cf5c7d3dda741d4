"""Whether there is memory for the libraries that set the type. Without it they end the program with no word to anybody.

An edge module: it asks the system. Where the system doesn't say (macOS), nothing is refused.
"""

from __future__ import annotations

import resource
from pathlib import Path

from handouts.errors import MORE_MEMORY, SystemMissing

FIRST, FURTHER = 200, 48
"""MB: what loading the libraries and one handout take at most, and one handout more."""
_MB = 1024 * 1024


def require_memory(megabytes: int) -> None:
    """SystemMissing where this program can't get ``megabytes`` any more."""
    free = min(_within_limit(), _on_machine())
    if free < megabytes:
        raise SystemMissing(
            f"There is not enough memory to set the pages: {free:.0f} MB are free, about {megabytes} MB are needed. "
            f"{MORE_MEMORY}"
        )


def _within_limit() -> float:
    """MB that a limit on this process leaves (setrlimit, RLIMIT_AS)."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return float("inf")
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return float("inf")
    return max(0, limit - pages * resource.getpagesize()) / _MB


def _on_machine() -> float:
    """MB that the machine can still give, swap space included."""
    try:
        lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
        sizes = {line[0].rstrip(":"): int(line[1]) / 1024 for line in lines}
        return sizes["MemAvailable"] + sizes.get("SwapFree", 0)
    except (OSError, ValueError, IndexError, KeyError):
        return float("inf")
