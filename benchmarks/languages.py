"""A handout in another language against the same in English: CPU time of typesetting and binding, and bytes.

    .venv/bin/python benchmarks/languages.py [--rounds 5] [--content FOLDER] [--check]

One process sets every sheet of the same request in each language, in turns, nothing cached. Ratios of CPU time count:
machines are shared and noisy. ``--check`` fails above the limit.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from handouts.load.language_files import languages_of_topic  # noqa: E402  the checkout's own code, as in make.py
from handouts.load.library import load_library  # noqa: E402
from handouts.model.content import Library  # noqa: E402
from handouts.model.edition import Edition  # noqa: E402
from handouts.model.language import ORIGINAL  # noqa: E402
from handouts.model.recorder import NullRecorder  # noqa: E402
from handouts.model.request import Request  # noqa: E402
from handouts.pipeline import make  # noqa: E402

LIMIT = 1.3
TOPIC, TODAY = "hemifacial-spasm", date(2026, 11, 22)
REQUEST = {
    "topic": TOPIC,
    "options": ["botox", "microvascular-decompression"],
    "patient": {"name": "Maria Gonzalez", "birth_date": "1961-04-09"},
    "side": "left",
    "visit_date": "2026-11-22",
}


def measured(library: Library) -> tuple[float, int, int]:
    """CPU seconds, bytes and pages of one handout, nothing cached."""
    start = time.process_time()
    made = make(
        library,
        Request.model_validate({**REQUEST, "language": library.language}),
        key=b"benchmark" * 4,
        today=TODAY,
        recorder=NullRecorder(),
        edition=Edition(allow_unapproved=True),
    )
    return time.process_time() - start, len(made.pdf), made.pages


def compare(content: Path, rounds: int) -> list[tuple[str, float, float, int, float]]:
    """Of each language: its tag, time and bytes by English's, pages, and its median CPU seconds."""
    found = languages_of_topic(content / "topics" / TOPIC)
    libraries = {tag: load_library(content, TOPIC, language=tag) for tag in found}
    times: dict[str, list[float]] = {tag: [] for tag in libraries}
    sizes: dict[str, tuple[int, int]] = {}
    for round_ in range(rounds + 1):
        for tag, library in libraries.items():
            seconds, size, pages = measured(library)
            sizes[tag] = size, pages
            if round_:  # the first one warms up
                times[tag].append(seconds)
    english = times[ORIGINAL]
    return [
        (
            tag,
            statistics.median(own / theirs for own, theirs in zip(times[tag], english, strict=True)),
            sizes[tag][0] / sizes[ORIGINAL][0],
            sizes[tag][1],
            statistics.median(times[tag]),
        )
        for tag in libraries
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line a language; 1 where ``--check`` finds one above the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--content", type=Path, default=ROOT / "content")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args(arguments)
    rows = compare(asked.content, asked.rounds)
    for tag, slower, larger, pages, seconds in rows:
        print(f"{tag:3} {seconds:6.2f} s  {slower:5.2f} of English's time  {larger:5.2f} of its bytes  {pages} pages")
    return int(asked.check and any(max(slower, larger) > LIMIT for _, slower, larger, _, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
