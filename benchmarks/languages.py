"""Handouts in another language against the same in English: CPU time of typesetting and binding, and bytes.

    .venv/bin/python benchmarks/languages.py [--rounds 5] [--content FOLDER] [--only NAME,NAME] [--check]

One process makes every request in each language, in turns, nothing kept from one handout to the next. Ratios of CPU
time count: machines are shared and noisy. A line for each handout, then one for each of its sheets, whose bytes are its
own, without the fonts that a stack shares. ``--check`` fails where a handout is above its limit.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.table import as_text  # noqa: E402  the checkout's own code, as in make.py
from handouts.load.language_files import languages_of_topic  # noqa: E402
from handouts.load.library import load_library  # noqa: E402
from handouts.model.content import Library  # noqa: E402
from handouts.model.edition import Edition  # noqa: E402
from handouts.model.language import ORIGINAL  # noqa: E402
from handouts.model.recorder import NullRecorder  # noqa: E402
from handouts.model.request import Request  # noqa: E402
from handouts.model.typeset_sheet import TypesetSheet  # noqa: E402
from handouts.pipeline import make  # noqa: E402
from handouts.typeset import front, label_places, lettering, typography  # noqa: E402

LIMIT = 1.3
TODAY = date(2026, 11, 22)
WHO: Mapping[str, Any] = {
    "patient": {"name": "Maria Gonzalez", "birth_date": "1961-04-09"},
    "visit_date": "2026-11-22",
}
TWO: Mapping[str, Any] = {
    **WHO,
    "topic": "hemifacial-spasm",
    "options": ["botox", "microvascular-decompression"],
    "side": "left",
}
MEDICINES = [
    {"name": "carbamazepine", "dose": "200 mg", "times": ["morning", "evening"], "remark": "With food"},
    {"name": "gabapentin", "dose": "300 mg", "times": ["night"]},
]
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "two options": TWO,
    "with medicines": {**TWO, "medicines": MEDICINES},
    "large print": {**TWO, "format": "large-print"},
    "going home": {**WHO, "topic": "going-home-after-brain-surgery"},
    "all options": {**WHO, "topic": "trigeminal-neuralgia", "options": "all", "side": "left"},
}
BYTES: Mapping[str, float] = {"going home": 1.34}
"""The English is small, and the Arabic fonts, which are the same for each stack, are a seventh of it."""


@dataclass
class Measured:
    """CPU seconds of each round, bytes and pages: of a handout or a sheet, in one language."""

    seconds: list[float] = field(default_factory=list)
    size: int = 0
    pages: int = 0


class Watched:
    """A cache that keeps nothing, but sees when a sheet is begun and done."""

    def __init__(self) -> None:
        self.began: dict[str, float] = {}
        self.sheets: dict[str, tuple[float, TypesetSheet]] = {}

    def get(self, key: str) -> None:
        """Nothing; from here on, the sheet is typeset."""
        self.began[key] = time.process_time()

    def put(self, key: str, sheet: TypesetSheet) -> None:
        """It is done."""
        self.sheets[sheet.name] = time.process_time() - self.began[key], sheet


def measure(library: Library, request: Mapping[str, Any], found: dict[str, Measured], *, counts: bool) -> None:
    """Make one handout, and add what it took to ``found``: the handout ("") and its sheets by their names."""
    for kept in (front._measure, label_places.moves, lettering.smallest, typography._typographic):
        kept.cache_clear()
    options = list(library.topic.option_order) if request.get("options") == "all" else request.get("options", [])
    asked = Request.model_validate({**request, "options": options, "language": library.language})
    watched, start = Watched(), time.process_time()
    made = make(
        library,
        asked,
        key=b"benchmark" * 4,
        today=TODAY,
        recorder=NullRecorder(),
        cache=watched,
        edition=Edition(allow_unapproved=True),
    )
    taken = {"": (time.process_time() - start, len(made.pdf), made.pages)}
    taken |= {name: (spent, _size(sheet), len(sheet.pages)) for name, (spent, sheet) in watched.sheets.items()}
    for name, (spent, size, pages) in taken.items():
        one = found.setdefault(name, Measured())
        one.size, one.pages = size, pages
        one.seconds += [spent] if counts else []


def _size(sheet: TypesetSheet) -> int:
    """What it takes in a file, about."""
    return len(zlib.compress(sheet.objects.text, 6)) + sum(len(stream.data) for stream in sheet.streams)


def compare(content: Path, name: str, rounds: int) -> dict[str, dict[str, Measured]]:
    """A request in each language: what was measured, by language, then by sheet. The first round only warms up."""
    topic = REQUESTS[name]["topic"]
    libraries = {
        tag: load_library(content, topic, language=tag) for tag in languages_of_topic(content / "topics" / topic)
    }
    found: dict[str, dict[str, Measured]] = {tag: {} for tag in libraries}
    for i in range(rounds + 1):
        for tag, library in libraries.items():
            measure(library, REQUESTS[name], found[tag], counts=i > 0)
    return found


def slower(one: Measured, english: Measured) -> float:
    """The median of the rounds' own ratios of CPU time."""
    return statistics.median(own / theirs for own, theirs in zip(one.seconds, english.seconds, strict=True))


def rows(name: str, found: Mapping[str, Mapping[str, Measured]]) -> Iterator[tuple[str, ...]]:
    """A line for the handout and each sheet that every language has: English's, then each language's by English's."""
    others = [tag for tag in found if tag != ORIGINAL]
    for sheet, english in found[ORIGINAL].items():
        ours = [found[tag][sheet] for tag in others if sheet in found[tag]]
        yield (
            f"  {sheet}" if sheet else name,
            f"{statistics.median(english.seconds) * 1000:.0f}",
            *(f"{slower(one, english):.2f}" for one in ours),
            f"{english.size / 1000:.1f}",
            *(f"{one.size / english.size:.2f}" for one in ours),
            " ".join(str(one.pages) for one in (english, *ours)),
        )


def above(name: str, found: Mapping[str, Mapping[str, Measured]]) -> Iterator[str]:
    """What is above the limit, in words."""
    english = found[ORIGINAL][""]
    for tag, sheets in found.items():
        for what, share, limit in (
            ("CPU time", slower(sheets[""], english), LIMIT),
            ("bytes", sheets[""].size / english.size, BYTES.get(name, LIMIT)),
        ):
            if share > limit:
                yield f"{name}, {tag}: {share:.2f} of English's {what}, at most {limit}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where ``--check`` finds a handout above its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--content", type=Path, default=ROOT / "content")
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(REQUESTS))
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args(arguments)
    table: list[tuple[str, ...]] = []
    faults: list[str] = []
    for name in asked.only:
        found = compare(asked.content, name, asked.rounds)
        others = [tag for tag in found if tag != ORIGINAL]
        head = ("", "en ms", *others, "en kB", *others, " ".join([ORIGINAL, *others]))
        table += [*([] if table else [head]), *rows(name, found)]
        faults += above(name, found)
    print(as_text(table))
    print("\n".join(faults))
    return int(asked.check and bool(faults))


if __name__ == "__main__":
    sys.exit(main())
