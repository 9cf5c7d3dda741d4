"""The peers of `benchmarks/compare.py`, ours among them: one module each, behind one function.

A module has ``opened(job)``, a context that gives ``make(request, details) -> bytes``: everything that can be kept
warm is made before, everything that one more patient costs happens in ``make``. ``Missing`` says what isn't there.
"""

from __future__ import annotations

from dataclasses import dataclass


class Missing(Exception):
    """This peer can't run here; the text says what is missing."""


@dataclass(frozen=True)
class Peer:
    """``at_most``: ours takes at most this share of the peer's time (the project's issue 3). ``burst``: a round."""

    module: str
    title: str
    at_most: float | None
    burst: int
    how: str


OURS = "ours"
PEERS = (
    Peer(OURS, "Handouts: stamp a master", None, 40, "details, document code, stamp; the master is already bound"),
    Peer("typst_bare", "Typst, warm, no tags", 0.6, 12, "the same, with tags switched off (pdf_tags=False)"),
    Peer("typst_warm", "Typst, warm, tagged", 0.6, 12, "one Compiler kept; tags as it writes them by default"),
    Peer("platypus", "ReportLab Platypus", 1 / 5, 6, "flowables and drawings kept; the patient's own are rebuilt"),
    Peer(
        "chromium",
        "Chromium, warm",
        1 / 50,
        3,
        "same HTML, as one page, pdf(tagged, outline); browser kept",
    ),
    Peer(
        "weasyprint_loop",
        "WeasyPrint loop",
        1 / 40,
        3,
        "same HTML, a page a sheet, one PDF/UA file; fonts, CSS kept",
    ),
)
BY_MODULE = {peer.module: peer for peer in PEERS}
