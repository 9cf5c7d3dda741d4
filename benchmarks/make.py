"""`make` against WeasyPrint on the same HTML, whole processes, in turns in one run.

    .venv/bin/python benchmarks/make.py [--rounds 7]

The handout has next steps of its own, two medicines and a note. WeasyPrint's own command makes one file of one page of
HTML; ours is a stack of sheets, each with a page of its own. So the peer is one process that lays out all of them with
WeasyPrint's API, and writes them as one document: cheaper than its command for each. Ratios of CPU time are what
counts: machines are shared and noisy.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.job import job_of  # noqa: E402  the checkout's own code, from wherever this is run
from benchmarks.peers.page import fill, personal_sheets  # noqa: E402
from benchmarks.people import full_request  # noqa: E402
from handouts.fonts.files import use_own_fontconfig  # noqa: E402

LIMITS = {"cold": 1.25, "cached": 0.5}
_PEER = """
import json, pathlib, sys
import weasyprint
from weasyprint.text.fonts import FontConfiguration
fonts, documents = FontConfiguration(), []
for page, sheets in json.loads(pathlib.Path(sys.argv[1]).read_text()):
    styles = [weasyprint.CSS(filename=sheet, font_config=fonts) for sheet in sheets]
    documents.append(weasyprint.HTML(filename=page).render(stylesheets=styles, font_config=fonts))
pages = [page for document in documents for page in document.pages]
documents[0].copy(pages).write_pdf(sys.argv[2], pdf_variant="pdf/a-3a", pdf_tags=True)
"""


def cpu_of(command: Sequence[str], environment: Mapping[str, str] | None = None) -> float:
    """The CPU seconds of a process and of all that it waits for, from its start to its end."""
    before = os.times()
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})})
    after = os.times()
    if done.returncode:
        raise SystemExit(f"{command[1]} failed:\n{done.stderr[-1000:]}")
    return after.children_user + after.children_system - before.children_user - before.children_system


@contextmanager
def commands() -> Iterator[dict[str, list[str]]]:
    """The three commands, all on the same words and pictures."""
    use_own_fontconfig()  # the peer sets its type with the same fonts
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "key").write_bytes(b"k" * 32)
        generate = [sys.executable, str(ROOT / "generate.py"), "make", str(_request(folder)), "--force"]
        generate += ["--key-file", str(folder / "key"), "-o"]
        yield {
            "weasyprint": [sys.executable, "-c", _PEER, str(_pages(folder)), str(folder / "weasyprint.pdf")],
            "cold": [*generate, str(folder / "cold.pdf"), "--no-cache"],
            "cached": [*generate, str(folder / "cached.pdf"), "--cache", str(folder / "cache")],
        }


def _request(folder: Path) -> Path:
    (folder / "request.json").write_text(json.dumps(full_request(1)), encoding="utf-8")
    return folder / "request.json"


def _pages(folder: Path) -> Path:
    """The sheets' HTML, with the patient's texts in it, and a file that names each with its style sheets."""
    job = job_of(full_request(1), date.today())  # noqa: DTZ011
    filled = fill(job.details(job.asked))
    listed = []
    for number, sheet in enumerate(personal_sheets(job)):
        path = folder / f"{number}.html"
        path.write_text(sheet.page.render(filled), encoding="utf-8")
        listed.append((str(path), [str(style) for style in sheet.style_sheets]))
    (folder / "pages.json").write_text(json.dumps(listed), encoding="utf-8")
    return folder / "pages.json"


def measure(rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each command, round by round; a round before warms the file system and fills the cache."""
    times: dict[str, list[float]] = {}
    with commands() as todo, tempfile.TemporaryDirectory() as data:
        for turn in range(rounds + 1):
            for name, command in todo.items():
                seconds = cpu_of(command, {"XDG_DATA_HOME": data})  # no made-up patients in anybody's record
                if turn:
                    times.setdefault(name, []).append(seconds)
    return times


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Ours by theirs: the median of the rounds' own ratios."""
    return statistics.median(mine / peer for mine, peer in zip(ours, theirs, strict=True))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    times = measure(rounds)
    print(f"{'':12}{'median s':>10}{'ratio':>8}{'at most':>9}")
    for name, measured in times.items():
        limit = f"{LIMITS[name]:.2f}" if name in LIMITS else ""
        share = ratio(measured, times["weasyprint"])
        print(f"{name:12}{statistics.median(measured):10.2f}{share:8.2f}{limit:>9}")
    print(f"CPU seconds, medians of {rounds} rounds in turns")


if __name__ == "__main__":
    main()
