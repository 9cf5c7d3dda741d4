"""What a peer's PDF has, read from the PDF: every word, the right person's details, tags, kerning, Arabic."""

from __future__ import annotations

import ctypes
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser

import page
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import uharfbuzz as hb

from benchmarks.job import Job
from benchmarks.peers.page import PersonalSheet, fill, label_of, personal_sheets, plain_text
from handouts.fonts.faces import BOLD, hb_font
from handouts.model.details import Details

ALL_WORDS = 0.99
"""At least so many of the handout's words have to be in a peer's pages: text extraction parts one here and there."""
BODY_FONT = "HandoutsLegible"
ON_PAGE_1 = {"name", "who", "step"}
"""Slots whose texts have to be on page 1, by the first part of their names."""
_WORD = re.compile(r"[^\W\d_]+|\d+")


class LostWords(Exception):
    """The PDF is not the handout: it lacks words or a person's details, or shows someone else's."""


@dataclass(frozen=True)
class Finding:
    """What a PDF has. ``words``: the share of the handout's words; ``footed``: pages with name and code."""

    words: float
    pages: int
    footed: int
    tagged: bool
    ua1: bool
    size: int


def words(text: str) -> Counter[str]:
    """Words and numbers; ligatures and marks composed alike."""
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.silent = tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def expected_words(job: Job, details: Details) -> Counter[str]:
    """The words of the handout with the person's details, from its HTML: no PDF decides what the others must hold."""
    parser, filled = _Text(), fill(details)
    for sheet in _personal_sheets(job):
        parser.feed(sheet.page.render(filled))
    return words(" ".join(parser.parts))


@lru_cache(maxsize=1)
def _personal_sheets(job: Job) -> tuple[PersonalSheet, ...]:
    return personal_sheets(job)


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page, as PDFium extracts it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [sheet.get_textpage().get_text_bounded() for sheet in document]
    finally:
        document.close()


def checked(pdf: bytes, job: Job, details: Details, strangers: tuple[str, ...] = ()) -> Finding:
    """What the PDF has. LostWords when it is not that person's whole handout, or names one of ``strangers``."""
    texts = page_texts(pdf)
    expected = expected_words(job, details)
    missing = expected - words(" ".join(texts))
    share = 1 - missing.total() / expected.total()
    if share < ALL_WORDS:
        some = ", ".join(list(missing)[:8])
        raise LostWords(f"{missing.total()} of {expected.total()} words are missing, such as: {some}")
    squeezed = [_squeezed(text) for text in texts]
    for slot, text in details.texts:
        told = (label_of(text), plain_text(text)) if slot.partition(".")[0] in ON_PAGE_1 else ()
        if not all(_squeezed(part) in squeezed[0] for part in told):
            raise LostWords(f"the slot {slot} is not on page 1")
    if any(_squeezed(name) in text for name in strangers for text in squeezed):
        raise LostWords("the page names someone else")
    name = _squeezed(name_in(details))
    code = _squeezed(details.code)
    footed = sum(name in text and code in text for text in squeezed)
    if footed < len(texts):
        raise LostWords(f"name and document code are on only {footed} of {len(texts)} pages")
    return Finding(share, len(texts), footed, _tagged(pdf), _ua1(pdf), len(pdf))


def name_in(details: Details) -> str:
    """The person's name as it is printed."""
    return plain_text(dict(details.texts)["name"])


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("\ufffe", "-")


def _tagged(pdf: bytes) -> bool:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        root = opened.Root
        return bool(root.get("/MarkInfo", {}).get("/Marked", False)) and "/StructTreeRoot" in root


def _ua1(pdf: bytes) -> bool:
    return bool(page.validate_pdf_bytes(pdf, profile="ua1").is_compliant)


def kerned(pdf: bytes, name: str) -> bool:
    """Is the bold ``name`` on page 1 kerned? What stands before its last five letters, which must be N's without
    kerning, is held against them."""
    origins = _origins(pdf, name)
    step = (origins[-1] - origins[-5]) / 4
    font = hb_font(BOLD)
    unkerned = sum(_advance(font, character) for character in name[:-5]) / _advance(font, "N")
    return (origins[-5] - origins[0]) / step < unkerned * 0.985


def _advance(font: hb.Font, character: str) -> int:
    return int(font.get_glyph_h_advance(font.get_nominal_glyph(ord(character))))


def _characters(pdf: bytes) -> list[tuple[str, float, str]]:
    """Each character of page 1, where it starts in pt from the left, and the name of its font."""
    document = pypdfium2.PdfDocument(pdf)
    textpage = document[0].get_textpage()
    x, y, flags, font = ctypes.c_double(), ctypes.c_double(), ctypes.c_int(), ctypes.create_string_buffer(200)
    found = []
    for i in range(textpage.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(textpage, i))
        pdfium.FPDFText_GetCharOrigin(textpage, i, x, y)
        pdfium.FPDFText_GetFontInfo(textpage, i, font, len(font), flags)
        if not character.isspace():
            found.append((character, x.value, font.value.decode(errors="replace")))
    document.close()
    return found


def _origins(pdf: bytes, name: str) -> list[float]:
    """Where each letter of ``name`` starts, where it stands largest on page 1; spaces left out."""
    characters, wanted = _characters(pdf), "".join(name.split())
    text = "".join(character for character, _, _ in characters)
    starts = [match.start() for match in re.finditer(re.escape(wanted), text)]
    places = [[x for _, x, _ in characters[start : start + len(wanted)]] for start in starts]
    return max(places, key=lambda xs: xs[-1] - xs[0])


def sets_arabic(pdf: bytes, name: str) -> bool:
    """Are all letters of an Arabic ``name`` on page 1, not in the body's font, which has only boxes?"""
    found: Counter[str] = Counter()
    for character, _, font in _characters(pdf):
        if BODY_FONT not in font:
            found.update(unicodedata.normalize("NFKC", character))
    return not Counter("".join(name.split())) - found
