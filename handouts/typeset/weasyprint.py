"""WeasyPrint behind one function: HTML in, tagged PDF out; nothing from outside, and no warning passes.

WeasyPrint is imported here alone, when it is needed (it takes half a second). FontConfiguration and parsed
style sheets are built once a process.
"""

from __future__ import annotations

import gc
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from threading import RLock
from typing import Any

from handouts.errors import ContentFault, SystemMissing
from handouts.fonts.embedding import program
from handouts.fonts.faces import ARABIC, ARABIC_BOLD
from handouts.fonts.files import ARABIC_FAMILY, use_own_fontconfig
from handouts.fonts.shaping import several_glyphs
from handouts.model.isolates import without_isolates
from handouts.model.pdf_syntax import text_string
from handouts.typeset.kept_lines import keep_lines
from handouts.typeset.linebreaks import mend_line_breaks
from handouts.typeset.memory import FIRST, FURTHER, require_memory

PANGO_HELP = (
    "Pango is missing: the library that sets the type. Install it with script/bootstrap, or by hand:\n"
    "  Debian, Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0\n"
    "  macOS: brew install pango"
)


@cache
def _weasyprint() -> Any:
    require_memory(FIRST)
    use_own_fontconfig()
    try:
        with redirect_stdout(StringIO()):  # where it finds no Pango it prints advice of its own, into our PDF's stream
            import weasyprint
    except OSError:  # cffi can't open the library
        raise SystemMissing(PANGO_HELP) from None
    _patch()
    return weasyprint


@cache
def _patch() -> None:
    """Once a process: a wrapper around a wrapper would not do."""
    _patch_text_drawing()
    _patch_tags()
    _patch_fonts()
    keep_lines()
    mend_line_breaks()


def _patch_text_drawing() -> None:
    """Have WeasyPrint put an ActualText (ISO 32000-1, 14.9.4) around lines that single glyphs can't spell (STAMP-6).

    It has no hook for that, so the function that draws a line is put in a wrapper; `pyproject.toml` holds the
    version, and the tests of `handouts.typeset.tounicode` read such lines back. Labels in drawings are set letter by
    letter, where Arabic letters would not join: theirs go in one piece.
    """
    from weasyprint import svg
    from weasyprint.draw import text

    draw = text.draw_first_line

    def draw_first_line(stream: Any, textbox: Any, *args: Any) -> Any:
        if not several_glyphs(textbox.text):
            return draw(stream, textbox, *args)
        stream.stream.append(b"/Span <</ActualText %s>> BDC" % text_string(without_isolates(textbox.text)))
        emojis = draw(stream, textbox, *args)
        stream.stream.append(b"EMC")
        return emojis

    text.draw_first_line = draw_first_line
    draw_label = svg.TAGS["text"]

    def draw_whole_label(drawing: Any, node: Any, font_size: float) -> None:
        if node.text and several_glyphs(node.text):
            node._etree_node.text = _Whole(node.text)
        draw_label(drawing, node, font_size)

    svg.text = draw_whole_label
    svg.TAGS.update(dict.fromkeys((tag for tag, draw in svg.TAGS.items() if draw is draw_label), draw_whole_label))


class _Whole(str):
    """A text that is not taken apart into its characters."""

    def __iter__(self) -> Iterator[str]:
        yield str(self)


def _patch_tags() -> None:
    """Have WeasyPrint tell the language of an element that is not the document's (ISO 32000-1, 14.9.2): it drops it."""
    import pydyf  # type: ignore[import-untyped]
    from weasyprint.pdf import tags

    build = tags._build_box_tree

    def build_box_tree(box: Any, parent: Any, pdf: Any, *args: Any) -> Iterator[Any]:
        given = getattr(box.element, "attrib", {}).get("lang") if box.element_tag not in {"html", "body"} else None
        for element in build(box, parent, pdf, *args):
            if given:
                element["Lang"] = pydyf.String(given)
            if "Alt" in element:
                element["Alt"] = pydyf.String(without_isolates(element["Alt"].string))
            yield element

    tags._build_box_tree = build_box_tree


def _patch_fonts() -> None:
    """Have HarfBuzz cut the Arabic fonts out of their variable file: fontTools takes a fifth of a sheet's time."""
    from weasyprint.pdf.fonts import Font

    clean = Font.clean

    def cut(font: Any, to_unicode: Any, hinting: Any) -> None:
        index = {400: ARABIC, 700: ARABIC_BOLD}.get(font.weight) if font.family == ARABIC_FAMILY else None
        if index is None or not to_unicode:
            clean(font, to_unicode, hinting)
        else:
            font.file_content = program(index, dict.fromkeys(to_unicode, "")).program

    Font.clean = cut


class _Records(logging.Handler):
    """Keeps what WeasyPrint would only log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@cache
def _fetcher() -> Any:
    weasyprint = _weasyprint()
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class OnlyData(URLFetcher):  # type: ignore[misc]
        """Lets data: URLs through and nothing else: pictures and style sheets are handed over as text."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith("data:"):
                raise FatalURLFetchingError(f"refused: {url.split(':', 1)[0]} address")
            return super().fetch(url, headers)

    assert weasyprint  # noqa: S101
    return OnlyData()


@cache
def _font_configuration() -> Any:
    _weasyprint()
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _style_sheet(path: Path, _stamp: int) -> Any:
    weasyprint = _weasyprint()
    return weasyprint.CSS(
        string=path.read_text(encoding="utf-8"), font_config=_font_configuration(), url_fetcher=_fetcher()
    )


_ONE_AT_A_TIME = RLock()
"""Among the threads of a process: WeasyPrint's log, its fonts and the environment are for all of them."""
_NO_GLYPH = re.compile(r'^\.notdef glyph rendered .*"(.+)" \(U\+[0-9A-F]+\)$')


@contextmanager
def _no_warnings() -> Iterator[None]:
    """ContentFault for whatever WeasyPrint would only log, and for what the fetcher refuses."""
    from weasyprint.urls import FatalURLFetchingError

    logger = logging.getLogger("weasyprint")
    records, old_level, old_propagate = _Records(), logger.level, logger.propagate
    logger.addHandler(records)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    except FatalURLFetchingError as error:
        raise ContentFault(f"A template loads something from outside the handout ({error}).") from None
    finally:
        logger.removeHandler(records)
        logger.setLevel(old_level)
        logger.propagate = old_propagate
    signs = dict.fromkeys(sign for message in records.messages for sign in _NO_GLYPH.findall(message))
    if signs:
        raise ContentFault(
            f"None of the program's fonts has these characters of the content or the clinic: {', '.join(signs)}. "
            "Write them in Latin letters."
        )
    if records.messages:
        listed = "\n  ".join(dict.fromkeys(_shorten(message) for message in records.messages))
        raise ContentFault(
            f"The page can't be typeset as its template asks. An engineer has to fix the template:\n  {listed}"
        )


@contextmanager
def without_gc() -> Iterator[None]:
    """No garbage collection meanwhile: a document is one web of objects, all alive until it is written."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def layout(html: str, style_sheets: tuple[Path, ...]) -> Any:
    """Lay out ``html``: WeasyPrint's Document, with ``pages``. ContentFault for what it would only log."""
    with _ONE_AT_A_TIME:
        weasyprint = _weasyprint()
    require_memory(FURTHER)
    with _ONE_AT_A_TIME, _no_warnings():
        sheets = [_style_sheet(path, path.stat().st_mtime_ns) for path in style_sheets]
        return weasyprint.HTML(string=html, url_fetcher=_fetcher()).render(
            stylesheets=sheets, font_config=_font_configuration()
        )


def write(document: Any) -> bytes:
    """A laid-out document as tagged PDF/A-3a; not compressed, since the post-pass rewrites most of it."""
    with _ONE_AT_A_TIME, _no_warnings(), _no_clock():
        made: bytes = document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True, uncompressed_pdf=True)
        return made


@contextmanager
def _no_clock() -> Iterator[None]:
    """fontTools puts the time into the fonts that it cuts down, unless this says another (reproducible-builds.org)."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    try:
        yield
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before


def _shorten(message: str) -> str:
    return re.sub(r"data:[^\s'\"]{40,}", "data:...", message)[:300]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.href = dict(attrs).get("href") or ""

    def handle_data(self, data: str) -> None:
        if self.href:
            self.found[self.href] = self.found.get(self.href, "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.href = ""


def link_texts(html: str) -> dict[str, str]:
    """The text of each link, by its address: what a screen reader says of it."""
    parser = _Links()
    parser.feed(html)
    return {href: " ".join(without_isolates(text).split()) for href, text in parser.found.items()}
