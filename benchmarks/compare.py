"""One more personal handout: ours against its peers, in one run, on one core, the same words and figures.

    .venv/bin/python benchmarks/compare.py [--rounds 15] [--peers ours,platypus]
        [--json FILE] [--plot FILE.png] [--markdown FILE] [--no-limits] [--batch ROWS]

script/bootstrap test bench installs the peers. One that is missing is a row that says so. One whose PDF lacks words,
or the person's name where it should be, is refused before anything is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.batch_rate import batch_rate  # noqa: E402  the checkout's own code, from wherever this is run
from benchmarks.checking import Finding, LostWords, checked, kerned, name_in, sets_arabic  # noqa: E402
from benchmarks.job import ARABIC, AVA, SPECIAL, Job, new_job  # noqa: E402
from benchmarks.limits import Series, in_turn  # noqa: E402
from benchmarks.peers import BY_MODULE, OURS  # noqa: E402
from benchmarks.picture import write_plot  # noqa: E402
from benchmarks.rounds import Worker, first, measure, one_core, ratio  # noqa: E402
from benchmarks.table import Row, as_json, as_markdown, as_text, feature_rows, limit_lines, time_rows  # noqa: E402

PAIRS = 7
"""Rounds of disk, second core and `batch`."""


def vet(worker: Worker, job: Job) -> tuple[Finding | None, bool | None, bool | None]:
    """What the peer's PDFs have: words and tags, kerning, Arabic. A peer that loses words is given a fault."""
    numbers = (5, 6)
    made = worker.samples(numbers)
    if worker.times.fault:
        return None, None, None
    people = [job.details(job.request(number)) for number in numbers]
    names = [name_in(person) for person in people]
    try:
        finding = checked(made[0], job, people[0], (names[1],))
        checked(made[1], job, people[1], (names[0],))
        lined = kerned(worker.samples([AVA])[0], SPECIAL[AVA])
    except LostWords as error:
        worker.times.fault = f"refused: {error}"
        return None, None, None
    arabic = worker.samples([ARABIC])
    worker.times.fault = ""  # a peer that can't set an Arabic name is no less of a peer for the others
    return finding, lined, bool(arabic) and sets_arabic(arabic[0], SPECIAL[ARABIC])


def compare(
    modules: Sequence[str], rounds: int, says: Callable[[str], None] = lambda _: None
) -> tuple[list[Row], bytes]:
    """A row for each peer, ours first, and one of our finished PDFs."""
    job, core = new_job(), one_core()
    workers: dict[str, Worker] = {}
    found: dict[str, tuple[Finding | None, bool | None, bool | None]] = {}
    try:
        for module in first({OURS, *modules}):
            says(f"warming {BY_MODULE[module].title}")
            workers[module] = Worker(module, core)
            found[module] = (None, None, None)
            if not workers[module].times.fault:
                found[module] = vet(workers[module], job)
        (ours,) = workers[OURS].samples([5]) or [b""]
        measure(workers, rounds, says)
    finally:
        for worker in workers.values():
            worker.close()
    return [_row(module, workers, found[module]) for module in workers], ours


def _row(module: str, workers: dict[str, Worker], found: tuple[Finding | None, bool | None, bool | None]) -> Row:
    peer, times, ours = BY_MODULE[module], workers[module].times, workers[OURS].times
    if times.fault or not times.rounds:
        return Row(module, peer.title, peer.how, peer.at_most, fault=times.fault or "not measured")
    share = None if module == OURS or not ours.rounds or ours.fault else ratio(ours, times)
    return Row(
        module, peer.title, peer.how, peer.at_most, times.median * 1000, share, sum(map(len, times.rounds)), *found
    )


def machine() -> str:
    """What this was measured on, in a sentence."""
    names = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    packages = []
    for name in ("weasyprint", "typst", "playwright", "reportlab"):
        try:
            packages.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    cpu = names[0] if names else platform.machine()
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(packages)}."


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def measured_limits(pdf: bytes, rows: int) -> Series:
    """What the machine allows, in seven rounds, and the command's rate with ``rows`` rows (0: not asked for)."""
    job = new_job()
    return in_turn(pdf, Path.cwd(), PAIRS, lambda jobs: batch_rate(job, rows, jobs, Path.cwd()) if rows else None)


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """What was asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--peers", default=",".join(BY_MODULE), help="comma between; default: all")
    parser.add_argument("--no-limits", action="store_true", help="leave out disk and second core")
    parser.add_argument("--batch", type=int, default=0, metavar="ROWS", help="also the command `batch`, if it is there")
    for name in ("--json", "--plot", "--markdown"):
        parser.add_argument(name, type=Path, metavar="FILE")
    chosen = parser.parse_args(given)
    if unknown := set(chosen.peers.split(",")) - BY_MODULE.keys():
        parser.error(f"no such peer: {', '.join(sorted(unknown))}; there are {', '.join(BY_MODULE)}")
    return chosen


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print, write what was asked for; 1 when ours is slower than it may be, or broken."""
    chosen = arguments(given)
    rows, pdf = compare(chosen.peers.split(","), chosen.rounds, lambda text: print(text, file=sys.stderr))
    limits = Series() if chosen.no_limits or not pdf else measured_limits(pdf, chosen.batch)
    here = machine()
    print(f"{here}\nEach peer in a process of its own, one core, {chosen.rounds} interleaved rounds, medians.\n")
    print(as_text(time_rows(rows)), as_text(feature_rows(rows)), "\n".join(limit_lines(limits, rows[0])), sep="\n\n")
    if chosen.json:
        chosen.json.write_text(json.dumps(as_json(rows, limits, here), indent=1) + "\n", encoding="utf-8")
    if chosen.markdown:
        chosen.markdown.write_text(as_markdown(rows, limits, here), encoding="utf-8")
    if chosen.plot:
        write_plot(rows, chosen.plot)
    return int(bool(rows[0].fault) or any(row.kept is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
