"""What a stack of sheets costs, and what an older release takes for the same requests, in turns in one run.

    .venv/bin/python benchmarks/stack.py [--old CHECKOUT] [--rounds 7] [--rows 5000] [--only new,list] [--check]

CHECKOUT is a folder with an older release, such as `git worktree add` makes, with its environment in .venv. Without it
only what needs no older release is held against its limit. --check takes some minutes. All times are CPU time of
processes that have everything imported, but where whole processes are named.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import make  # noqa: E402  the checkout's own code, from wherever this is run
from benchmarks.people import ALL_OPTIONS, full_request, pairs_of_options, plain_request, write_list  # noqa: E402
from benchmarks.release import Release  # noqa: E402
from benchmarks.table import as_text  # noqa: E402
from handouts.typeset.cache import SheetCache  # noqa: E402

BURST = 200
"""Handouts that are stamped in a row."""


@dataclass(frozen=True)
class Line:
    """A row of the table. ``value`` is ours, in ``unit``, or a ratio without one; None where there is no older release
    to hold it against; ``seen``: what was measured.
    """

    what: str
    value: float | None
    limit: float
    unit: str = ""
    aim: float | None = None
    at_least: bool = False
    seen: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept; None if it could not be told."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def cells(self) -> tuple[str, ...]:
        """As the table has it."""
        verdict = {None: "no older release", True: "✓", False: "✗ missed"}[self.met]
        bound = "at least" if self.at_least else "at most"
        aim = f"{self.aim:.3g}" if self.aim is not None else ""
        value = "" if self.value is None else f"{self.value:.3g} {self.unit}".strip()
        return self.what, value, f"{bound} {self.limit:.3g} {self.unit}".strip(), aim, verdict, self.seen


@dataclass
class Bench:
    """What the parts share: the processes, a folder, how many rounds and rows. ``old`` is None without a checkout."""

    new: Release
    old: Release | None
    checkout: Path | None
    folder: Path
    rounds: int
    rows: int

    def in_turns(
        self, ours: Callable[[int], float], theirs: Callable[[int], float] | None
    ) -> tuple[list[float], list[float]]:
        """Both, round by round, the one and the other first by turns."""
        mine: list[float] = []
        peers: list[float] = []
        for turn in range(self.rounds):
            for one in (0, 1) if turn % 2 else (1, 0):
                if one == 0:
                    mine.append(ours(turn))
                elif theirs:
                    peers.append(theirs(turn))
        return mine, peers


def by_old(what: str, mine: list[float], peers: list[float], limit: float, aim: float | None = None) -> Line:
    """Our time as a share of the older release's."""
    seen = f"{statistics.median(mine) * 1000:.4g} ms"
    if not peers:
        return Line(what, None, limit, aim=aim, seen=seen)
    seen += f", older release {statistics.median(peers) * 1000:.4g} ms"
    return Line(what, make.ratio(mine, peers), limit, aim=aim, seen=seen)


def new_selection(bench: Bench) -> Iterator[Line]:
    """A selection never seen before: its options' sheets, condition and diary are cached; and without any cache."""
    cache = bench.folder / "selections"
    for number, option in enumerate(ALL_OPTIONS):
        bench.new.make(full_request(number, [option]), cache)
    pairs = list(pairs_of_options())
    seen, fresh = ([full_request(number, pair) for number, pair in enumerate(pairs[start::2])] for start in (0, 1))
    yield _made(bench, "a new selection, its sheets cached: make()", seen, cache, 1 / 6, 1 / 10)
    yield _made(bench, "nothing cached: make()", fresh, None, 0.6, 0.4)


def _made(bench: Bench, what: str, asked: Sequence[Mapping[str, Any]], cache: Path | None, *bounds: float) -> Line:
    """Each round has a request of its own, the same for both."""
    old = bench.old
    theirs = (lambda turn: old.make(asked[turn], None)[0]) if old else None
    bench = replace(bench, rounds=min(bench.rounds, len(asked)))
    return by_old(what, *bench.in_turns(lambda turn: bench.new.make(asked[turn], cache)[0], theirs), *bounds)


def names_only(bench: Bench) -> Iterator[Line]:
    """A stack from the cache, names only: read, bound, stamped."""
    cache = bench.folder / "names"
    bench.new.make(plain_request(0), cache)
    numbers = iter(range(1, 100_000))
    mine = [bench.new.make_each([plain_request(next(numbers)) for _ in range(10)], cache) for _ in range(bench.rounds)]
    yield Line("a stack from the cache, names only: make()", statistics.median(mine) * 1000, 20, "ms")


def whole_process(bench: Bench) -> Iterator[Line]:
    """The command `make` against WeasyPrint."""
    times = make.measure(bench.rounds)
    seen = f"{statistics.median(times['cached']):.2f} s, WeasyPrint {statistics.median(times['weasyprint']):.2f} s"
    share = make.ratio(times["cached"], times["weasyprint"])
    yield Line("whole process, sheets cached, by WeasyPrint's", share, 0.5, seen=seen)


def stamping(bench: Bench) -> Iterator[Line]:
    """Details, code and stamp: names only, and with steps, two medicines and a note of three lines."""

    def burst(turn: int, one: Callable[[int], Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [one(turn * BURST + number) for number in range(BURST)]

    old = bench.old
    theirs = (lambda turn: old.stamp(burst(turn, plain_request))) if old else None
    mine, peers = bench.in_turns(lambda turn: bench.new.stamp(burst(turn, plain_request)), theirs)
    yield by_old("stamping, names only", mine, peers, 1.0)
    full = [bench.new.stamp(burst(turn, full_request)) for turn in range(bench.rounds)]
    yield Line("stamping with steps, two medicines, a note", statistics.median(full) * 1000, 1.0, "ms")


def size(bench: Bench) -> Iterator[Line]:
    """Bytes of the handout of two options."""
    _, mine = bench.new.make(plain_request(7), bench.folder / "names")
    theirs = bench.old.make(plain_request(7), None)[1] if bench.old else 0
    seen = f"{mine / 1000:.0f} kB" + (f", older release {theirs / 1000:.0f} kB" if theirs else "")
    yield Line("file size of two options", mine / theirs if theirs else None, 1.2, seen=seen)


def day_list(bench: Bench) -> Iterator[Line]:
    """`batch` on a list with own texts against the same list without: CPU time, and the fronts that it typesets."""
    names, own = (
        write_list(bench.folder / f"{kind}.jsonl", bench.rows, own=kind == "own") for kind in ("names", "own")
    )
    few = write_list(bench.folder / "few.jsonl", 2, own=False)
    times: dict[Path, list[float]] = {names: [], own: []}
    fronts = 0
    for turn in range(max(1, bench.rounds // 3)):
        cache = bench.folder / f"list-{turn}"
        _batch(bench.folder, few, cache)  # both start with all sheets of both selections
        before = _fronts(cache)
        for source, measured in times.items():
            measured.append(_batch(bench.folder, source, cache))
        fronts = _fronts(cache) - before
    share = make.ratio(times[names], times[own])
    rates = [f"{bench.rows / statistics.median(seconds):.0f}" for seconds in (times[own], times[names])]
    seen = f"{rates[0]} rows a CPU second, {rates[1]} with names only"
    yield Line(f"{bench.rows} rows, each with own texts, by names only", share, 0.5, at_least=True, seen=seen)
    yield Line("fronts that they need", fronts, 30)


def _batch(folder: Path, source: Path, cache: Path) -> float:
    """The CPU seconds that a run takes, its worker's too."""
    (folder / "key").write_bytes(b"k" * 32)
    with tempfile.TemporaryDirectory(dir=folder) as out:
        command = [sys.executable, str(ROOT / "generate.py"), "batch", str(source), "-d", f"{out}/out", "--jobs", "1"]
        command += ["--allow-unapproved", "--key-file", str(folder / "key"), "--cache", str(cache)]
        seconds = make.cpu_of(command, {"XDG_DATA_HOME": f"{out}/data"})  # no made-up patients in anybody's record
        made, rows = len(list(Path(out, "out").glob("*.pdf"))), len(source.read_text(encoding="utf-8").splitlines())
        if made != rows:
            raise SystemExit(f"`batch` made {made} of {rows} rows.")
    return seconds


def _fronts(cache: Path) -> int:
    kept = SheetCache(cache)
    sheets = [kept.get(path.stem) for path in kept.entries()]
    return sum(sheet is not None and sheet.name == "front" for sheet in sheets)


def checking(bench: Bench) -> Iterator[Line]:
    """`check --all`, whole process."""
    what, limit = "check --all, whole process", 1 / 5
    mine = make.cpu_of([sys.executable, str(ROOT / "generate.py"), "check", "--all"])
    if not bench.checkout:
        yield Line(what, None, limit, seen=f"{mine:.0f} s")
        return
    theirs = make.cpu_of(
        [sys.executable, str(bench.checkout / "generate.py"), "check", "--all"], {"PYTHONPATH": str(bench.checkout)}
    )
    yield Line(what, mine / theirs, limit, seen=f"{mine:.0f} s, older release {theirs:.0f} s")


PARTS: Mapping[str, Callable[[Bench], Iterator[Line]]] = {
    "new": new_selection,
    "names": names_only,
    "process": whole_process,
    "list": day_list,
    "stamp": stamping,
    "size": size,
}
HEAD = ("what", "measured", "limit", "aim", "", "")


def measured(bench: Bench, parts: Sequence[str]) -> list[Line]:
    """The table's rows."""
    lines: list[Line] = []
    for name in parts:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        lines += (checking if name == "check" else PARTS[name])(bench)
    return lines


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--old", type=Path, metavar="CHECKOUT", help="of an older release")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rows", type=int, default=5000, help="of the list")
    parser.add_argument("--only", default=",".join(PARTS), help=f"comma between; of {', '.join(PARTS)}")
    parser.add_argument("--check", action="store_true", help="also `check --all`")
    parser.add_argument("--json", type=Path, metavar="FILE")
    chosen = parser.parse_args(given)
    parts = [name for name in chosen.only.split(",") if name]
    if unknown := set(parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        new = opened.enter_context(Release(ROOT))
        old = opened.enter_context(Release(chosen.old)) if chosen.old else None
        bench = Bench(new, old, chosen.old, folder, chosen.rounds, chosen.rows)
        lines = measured(bench, [*parts, *(["check"] if chosen.check else [])])
    print(as_text([HEAD, *(line.cells() for line in lines)]))
    if chosen.json:
        told = [vars(line) | {"met": line.met} for line in lines]
        chosen.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return int(any(line.met is False for line in lines))


if __name__ == "__main__":
    sys.exit(main())
