"""ReportLab's Platypus: flowables that don't change are kept, as its own multiBuild keeps them from pass to pass."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.job import Job
from benchmarks.peers import Missing
from benchmarks.peers.page import plain_text
from handouts.fonts.files import BODY, font_files
from handouts.model.details import Details
from handouts.model.request import Request
from handouts.stamp.stamp import footer_text


@contextmanager
def opened(job: Job) -> Iterator[Callable[[Request, Details], bytes]]:
    """Fonts are registered and figures read once. The number of pages is that of the document before."""
    try:
        import svglib.svglib
    except ImportError:
        raise Missing("svglib is not installed (script/bootstrap bench)") from None
    from reportlab import rl_config
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    from benchmarks.peers import platypus_story as parts

    rl_config.useA85 = 0  # smaller and quicker
    for name, path in zip((parts.REGULAR, parts.BOLD), font_files()[:2], strict=True):
        pdfmetrics.registerFont(TTFont(name, str(path)))
    svglib.svglib.register_font(BODY, rlgFontName=parts.REGULAR)
    svglib.svglib.register_font(BODY, weight="bold", rlgFontName=parts.BOLD)
    story, p, look = parts.Story(job), job.library.words.page, job.handout.look
    total = 0

    def build(details: Details) -> bytes:
        nonlocal total
        out, foot = io.BytesIO(), footer_text(details)
        mark = plain_text(dict(details.texts)["approval"])

        def run(canvas: Any, document: Any) -> None:
            canvas.setFont(parts.REGULAR, 10)
            canvas.drawString(54, 27, foot)
            canvas.drawRightString(558, 27, f"{p['page']} {document.page} {p['page_of']} {total}")
            canvas.drawString(54, 746, f"{look.title} – {look.clinic.name}")
            canvas.drawRightString(558, 746, mark)

        document = BaseDocTemplate(out, pagesize=(612, 792), title=look.title, lang="en")
        frame = Frame(54, 54, parts.WIDTH, 684, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
        document.addPageTemplates([PageTemplate("sheet", [frame], onPage=run)])
        edits: list[tuple[Any, ...]] = []
        document._multiBuildEdits = edits.append  # what multiBuild does so that flowables can be set again
        document.build(story.story(details))
        for function, *arguments in edits:
            function(*arguments)
        total, before = document.page, total
        return out.getvalue() if total == before else build(details)

    def make(_request: Request, details: Details) -> bytes:
        return build(details)

    yield make
