"""Step 3, typeset, first half: a sheet as HTML, merged by Jinja2, with empty slots."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from handouts.errors import ContentFault
from handouts.model.calendar import calendar
from handouts.model.content import Drawings, Words
from handouts.model.handout import SIDE_BY_SIDE, Look
from handouts.model.prose import Section, inlines, plain
from handouts.model.request import PAPER_SIZES
from handouts.model.sheets import (
    Closing,
    Comparison,
    Condition,
    Diary,
    Front,
    Instructions,
    Medicines,
    OptionSheet,
    Picture,
    Practice,
    SheetContent,
)
from handouts.model.slots import ALT, Slot, picture, slots
from handouts.paths import PROGRAM, Program
from handouts.typeset import svg as figures
from handouts.typeset.fit import Fit
from handouts.typeset.lettering import smallest
from handouts.typeset.parts import parts
from handouts.typeset.svg_limits import BadPicture
from handouts.typeset.typography import ENGLISH, Typography

TEMPLATES: Mapping[type, str] = {
    Front: "front",
    Comparison: "comparison",
    Medicines: "plan",
    Condition: "condition",
    Instructions: "instructions",
    OptionSheet: "option",
    Closing: "questions",
    Diary: "diary",
    Practice: "practice",
}
"""The template of each kind of sheet; its style sheet has the same name."""
TITLE = "slot:title"
"""Stands for the title until a document has one. Has to survive XML and PDF strings unchanged."""
MARGINS = {("standard", "letter"): (54.0, 54.0), ("standard", "a4"): (54.0, 45.638)}
"""Top and bottom, then sides, in pt: a line of text is 504 pt wide on both papers."""
LARGE_MARGINS = (72.0, 72.0)
"""Large print has 1 inch (STANDARDS)."""
TIGHTEST = Fit()
"""The least that a sheet may take."""


def html(
    sheet: SheetContent,
    look: Look,
    words: Words,
    program: Program = PROGRAM,
    *,
    rung: object = None,
    fit: Fit = TIGHTEST,
    drawings: Drawings | None = None,
) -> str:
    """A sheet as HTML, with empty slots. ``rung``: what page 1 of a front shows; ``fit``: how another sheet
    fills its pages; ``drawings``: those that its text may show.

    ContentFault for a template that is missing, broken, or asks too much.
    """
    name = f"{TEMPLATES[type(sheet)]}.html.j2"
    try:
        shown = context(sheet, look, words, program, drawings, fit)
        return environment(program.templates, _typography(look, words)).get_template(name).render(shown, rung=rung)
    except jinja2.TemplateSyntaxError as error:
        raise ContentFault(f"The template {error.name or name}, line {error.lineno}: {error.message}.") from None
    except jinja2.TemplateNotFound as error:
        raise ContentFault(f"The template {error.name} is missing from templates/.") from None
    except jinja2.UndefinedError as error:
        raise ContentFault(
            f"A template uses a name that doesn't exist: {error.message}. "
            "If it is a word of the page, put it back under 'page' in the words file."
        ) from None


@lru_cache(maxsize=16)
def environment(folder: Path, typography: Typography = ENGLISH) -> jinja2.Environment:
    """Where templates come from: all text is escaped, and a name that is not there is a fault."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=typography.typographic,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters["inline"] = typography.inline
    made.filters["apart"] = typography.apart
    made.filters["caption"] = typography.caption
    made.filters["css_string"] = typography.css_string
    return made


def _typography(look: Look, words: Words) -> Typography:
    return Typography(
        look.language, words.quotes or ("«»" if look.rtl else "“”"), look.clinic.digits, words.numbers.out_of
    )


def _name_within(title: str, sections: tuple[Section, ...]) -> str:
    """``title`` as its own text writes it in mid-sentence: "hemifacial spasm", but "Bell's palsy"."""
    lowered = title[:1].lower() + title[1:]
    texts = [text for section in sections for text in (section.heading, *map(plain, inlines(section.blocks)))]
    return lowered if any(lowered in text for text in texts) else title


def sheet_slots(sheet: SheetContent, look: Look) -> Mapping[str, Slot]:
    """Every slot that the sheet may show."""
    shape = sheet.shape if isinstance(sheet, Front) else None
    plan = sheet.plan if isinstance(sheet, Medicines) else None
    return slots(large=look.large, shape=shape, plan=plan, rtl=look.rtl)


def context(
    sheet: SheetContent, look: Look, words: Words, program: Program, drawings: Drawings | None, fit: Fit
) -> dict[str, Any]:
    """What a template may use. templates/README.md explains each."""
    sizes = sheet_slots(sheet, look)
    colors = look.clinic.colors

    def drawing(name: str) -> str:
        assert drawings  # noqa: S101  a sheet that shows some is given them
        path = drawings.file(name)
        svg = figures.say(figures.read(path), drawings.labels.get(name, {}))
        try:
            shown = figures.for_side(svg, look.side) if name in drawings.sided else svg
            return figures.data_url(figures.mirrored(shown) if look.rtl and name in drawings.timelines else shown)
        except BadPicture as bad:
            raise bad.fault(path.name) from None

    def width_of(name: str) -> float:
        assert drawings  # noqa: S101  see above
        svg = figures.say(figures.read(drawings.file(name)), drawings.labels.get(name, {}))
        label = smallest(svg)
        return fit.width(figures.size(svg), large=look.large, least=label.size if label else 0)

    def side_of(name: str) -> str:
        drawn = look.side in {"left", "right"} and drawings and name in drawings.sided
        return words.page[f"your_{look.side}_side"] if drawn else ""

    def people(shown: Picture) -> str:
        return figures.data_url(figures.people(shown.counts, "100 people", colors.ink, "#ffffff", rtl=look.rtl))

    return {
        "s": sheet,
        "look": look,
        "c": look.clinic,
        "w": words,
        "p": words.page,
        "slot": lambda name: slot_image(sizes, name),
        "has_slot": lambda name: name in sizes,
        "drawing": drawing,
        "width_of": width_of,
        "side_of": side_of,
        "fit": fit,
        "side_by_side": SIDE_BY_SIDE,
        "comma": _typography(look, words).comma,
        "semicolon": _typography(look, words).semicolon,
        "parts": parts,
        "name_within": _name_within,
        "people": people,
        "kind_of": lambda shown, index: figures.kind_of(shown.counts, index),
        "person": lambda kind: figures.data_url(figures.person(kind, colors.ink, "#ffffff", "A person")),
        "logo": figures.logo_url(look.logo),
        "qr": figures.data_url(figures.qr_code(look.clinic.website, colors.ink, "QR code"))
        if look.clinic.website
        else None,
        "time_of_day": lambda name: figures.data_url(
            figures.in_ink(figures.read(program.figures / f"{name}.svg"), colors.ink, name)
        ),
        "paper": PAPER_SIZES[look.paper],
        "margins": LARGE_MARGINS if look.large else MARGINS["standard", look.paper],
        "title": TITLE,
        "long_date": calendar(look.language, look.clinic.dates, look.clinic.digits).long_date,
    }


def slot_image(sizes: Mapping[str, Slot], name: str) -> Markup:
    """A slot's place in the HTML. ContentFault for one that doesn't exist."""
    slot = sizes.get(name)
    if slot is None:
        raise ContentFault(f"A template shows the slot '{name}', which doesn't exist.")
    return Markup('<img class="slot" src="{}" alt="{}{}" style="width:{:g}pt;height:{:g}pt">').format(
        picture(name), ALT, name, slot.width, slot.height
    )


def style_sheets(sheet: SheetContent, program: Program = PROGRAM) -> tuple[Path, ...]:
    """The style sheets of a sheet, in their order. ContentFault for one that is missing."""
    found = tuple(program.templates / f"{name}.css" for name in ("base", TEMPLATES[type(sheet)]))
    for path in found:
        if not path.is_file():
            raise ContentFault(f"The style sheet {path.name} is missing from templates/.")
    return found
