"""`make` against WeasyPrint's own command on the same HTML, whole process, interleaved in one run.

    .venv/bin/python benchmarks/make.py [--runs 7]

Prints medians and ratios. Ratios count: machines are shared and noisy.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from handouts import load_library, parse_request  # noqa: E402
from handouts.fonts.files import use_own_fontconfig  # noqa: E402  the checkout's own code, from wherever this is run
from handouts.merge.merge import merge  # noqa: E402
from handouts.typeset.html import choose_front, style_sheets  # noqa: E402

REQUEST = """
topic: hemifacial-spasm
options: [botox, microvascular-decompression]
patient: {name: Maria Gonzalez, identifier: MRN 00417, birth_date: 1961-04-09}
visit_date: 2026-11-22
clinician: Dr. Cohen
"""
LIMITS = {"cold": 1.25, "cached": 0.5}


def commands(folder: Path) -> dict[str, list[str]]:
    """The three commands, all on the same words and pictures."""
    (folder / "request.yaml").write_text(REQUEST)
    request = parse_request(REQUEST, "request.yaml")
    library = load_library(ROOT / "content", request.topic)
    handout = merge(library, request, date.today()).handout  # noqa: DTZ011
    (folder / "page.html").write_text(choose_front(handout, library.words))
    weasyprint = [sys.executable, "-m", "weasyprint", str(folder / "page.html"), str(folder / "weasyprint.pdf")]
    for sheet in style_sheets(handout):
        weasyprint += ["-s", str(sheet)]
    weasyprint += ["--pdf-variant", "pdf/a-3a", "--pdf-tags"]
    make = [sys.executable, str(ROOT / "generate.py"), "make", str(folder / "request.yaml"), "--force", "-o"]
    key = ["--key-file", str(folder / "key")]
    (folder / "key").write_bytes(b"k" * 32)
    return {
        "weasyprint": weasyprint,
        "cold": [*make, str(folder / "cold.pdf"), "--no-cache", *key],
        "cached": [*make, str(folder / "cached.pdf"), "--cache", str(folder / "cache"), *key],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    use_own_fontconfig()  # the peer sets its type with the same fonts
    with tempfile.TemporaryDirectory() as temporary:
        todo = commands(Path(temporary))
        home = {"XDG_DATA_HOME": temporary}  # no made-up patients in anybody's record
        times: dict[str, list[float]] = {name: [] for name in todo}
        for run in range(runs + 1):
            for name, command in todo.items():
                start = time.perf_counter()
                subprocess.run(command, check=True, capture_output=True, env=os.environ | home)
                if run:  # the first warms the file system and fills the cache
                    times[name].append(time.perf_counter() - start)
    base = statistics.median(times["weasyprint"])
    print(f"{'':12}{'median s':>10}{'ratio':>8}{'at most':>9}")
    for name, measured in times.items():
        median = statistics.median(measured)
        ratio = statistics.median(ours / theirs for ours, theirs in zip(measured, times["weasyprint"], strict=True))
        limit = f"{LIMITS[name]:.2f}" if name in LIMITS else ""
        print(f"{name:12}{median:10.2f}{ratio:8.2f}{limit:>9}")
    print(f"median of {runs} interleaved runs; WeasyPrint's command took {base:.2f} s")


if __name__ == "__main__":
    main()
