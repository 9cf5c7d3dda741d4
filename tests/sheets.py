"""Little sheets for tests of binding: typeset by WeasyPrint, without the templates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from handouts.model.master import Master
from handouts.model.slots import ALT, Slot, picture, slots
from handouts.model.typeset_sheet import TypesetSheet
from handouts.typeset.binding import bind
from handouts.typeset.frame import Frame, frame
from handouts.typeset.sheet import make_sheet
from handouts.typeset.weasyprint import layout, link_texts, write
from tests.masters import COLORS

SLOTS = slots(large=False)
_PAGE = """<html lang="{language}"><head><title>slot:title</title><style>
@page {{ size: 612pt 792pt; margin: 54pt; font: 10pt "Handouts Legible" }}
@page {{ @top-left {{ content: "In the margin" }} }}
body {{ margin: 0; font: 12pt/15pt "Handouts Legible", "Noto Sans", "Noto Sans Arabic" }}
.tabular {{ font-variant-numeric: tabular-nums }}
img {{ image-rendering: pixelated }}
</style></head><body>{body}</body></html>"""


def page_of(body: str, language: str = "en") -> str:
    """A sheet as HTML."""
    return _PAGE.format(language=language, body=body)


@cache
def weasyprints(body: str, language: str = "en") -> bytes:
    """WeasyPrint's own file of it."""
    return write(layout(page_of(body, language), ()))


def sheet_of(name: str, body: str, language: str = "en") -> TypesetSheet:
    """A typeset sheet."""
    return make_sheet(weasyprints(body, language), name, SLOTS, link_texts(page_of(body, language)))


def slot_image(name: str) -> str:
    """A slot's place in a sheet."""
    slot: Slot = SLOTS[name]
    return f'<img src="{picture(name)}" alt="{ALT}{name}" style="width:{slot.width}pt;height:{slot.height}pt">'


def frame_of(
    language: str = "en", page_words: tuple[str, str] = ("Page", "of"), keywords: str = "not approved"
) -> Frame:
    """The margins of letter paper in standard print."""
    return frame(
        "letter", "standard", SLOTS, language=language, page_words=page_words, keywords=keywords, colors=COLORS
    )  # fmt: skip


def stack_of(sheets: Sequence[TypesetSheet]) -> Master:
    """The sheets, bound."""
    return bind(sheets, frame_of())


FRONT = (
    "<h1>Front</h1><h2 id='more'>More</h2><p>"
    + slot_image("name")
    + "</p><p>Read <a href='#more'>more</a>, <a href='https://example.org/x'>the study</a>, "
    "<a href='sheet:botox'>about Botox</a> and <a href='sheet:surgery'>about surgery</a>.</p>"
    "<p>A value (5 0 R) of 100 % \\ in (brackets)</p>"
)
BOTOX = (
    "<h1>Botox</h1><p id='more'>Ελένη takes it.</p><p><a href='#more'>Up</a></p>"
    "<h2 style='break-before: page'>Harms</h2>"
    "<table><thead><tr><th scope='col'>Harm</th><th scope='col'>Of 100</th></tr></thead>"
    "<tbody><tr><th scope='row'>Droop</th><td class='tabular'>12</td></tr></tbody></table>"
)
CLOSING = "<h1>Talk it over</h1><h2>Key points</h2><p>One.</p><h2>Questions</h2><p>" + slot_image("name") + "</p>"
GERMAN = "<h1>Gesichtskrampf</h1><p>Fragen Sie uns.</p>"
BODIES = {"front": FRONT, "botox": BOTOX, "closing": CLOSING, "german": GERMAN}


@cache
def stacked() -> tuple[TypesetSheet, ...]:
    """Four sheets of five pages: with links, clashing ids, a slot that stands in two, and another language."""
    return tuple(sheet_of(name, body, "de" if name == "german" else "en") for name, body in BODIES.items())
