"""Step 3, typeset: ``Handout -> Master``. Jinja2 makes HTML, WeasyPrint a tagged PDF, two passes a master."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jinja2
from markupsafe import Markup, escape

from handouts.errors import ContentFault, RequestFault, SystemMissing
from handouts.model.content import Words
from handouts.model.handout import SIDE_BY_SIDE, Handout
from handouts.model.master import Master
from handouts.model.prose import Inline
from handouts.model.request import PAPER_SIZES
from handouts.model.slots import ALT, DESCENT, FOOTER, Slot, picture, slots
from handouts.paths import PROGRAM, Program
from handouts.typeset import svg as figures
from handouts.typeset.guard import Misplaced, require_in_place
from handouts.typeset.longwords import breakable
from handouts.typeset.master import TITLE, make_master
from handouts.typeset.svg_limits import BadPicture
from handouts.typeset.weasyprint import layout, link_texts, without_gc, write

TEMPLATE = "handout.html.j2"
MARGIN = {"standard": 40.0, "large-print": 72.0}
"""Left margin in pt (STANDARDS: large print has 1 inch)."""
WIDE = 1.15
"""A drawing this much wider than high leaves no room for its words beside it in a column."""


@cache
def _environment(folder: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters["inline"] = _inline
    environment.filters["css_string"] = _css_string
    return environment


def _inline(runs: Inline) -> Markup:
    """Runs as HTML: text escaped, bold, source marks."""
    parts: list[Markup] = []
    for i, run in enumerate(runs):
        before_mark = i + 1 < len(runs) and runs[i + 1].cites and not runs[i + 1].text
        text = escape(_bind_words(run.text.rstrip() if before_mark else run.text))
        parts.append(Markup("<strong>{}</strong>").format(text) if run.bold else text)
        parts.extend(Markup('<sup class="mark">{}</sup>').format(number) for number in run.cites)
    return Markup("").join(parts)


def _css_string(text: str) -> Markup:
    """``text`` as a CSS string: whatever is not a plain letter is escaped (CSS Syntax 3, 4.3.7)."""
    return Markup('"{}"').format(
        Markup("").join(
            character if character.isascii() and (character.isalnum() or character == " ") else f"\\{ord(character):x} "
            for character in text
        )
    )


_COUNT = re.compile(r"(?<=\d) (?=out of|weeks\b|mg\b|to \d)|(?<=\d out) (?=of \d)|(?<=out of) (?=\d)")


def _bind_words(text: str) -> str:
    """Non-breaking spaces where a number belongs to its word."""
    return _COUNT.sub("\u00a0", text)


def html(handout: Handout, words: Words, front: Front, program: Program = PROGRAM) -> str:
    """The handout as HTML, with empty slots. ContentFault for a template that is missing, broken, or asks too much."""
    try:
        template = _environment(program.templates).get_template(TEMPLATE)
        return template.render(_context(handout, words, program), front=front)
    except jinja2.TemplateSyntaxError as error:
        raise ContentFault(f"The template {error.name or TEMPLATE}, line {error.lineno}: {error.message}.") from None
    except jinja2.TemplateNotFound as error:
        raise ContentFault(f"The template {error.name} is missing from templates/.") from None
    except jinja2.UndefinedError as error:
        raise ContentFault(
            f"A template uses a name that doesn't exist: {error.message}. "
            "If it is a word of the page, put it back under 'page' in the words file."
        ) from None


def _context(handout: Handout, words: Words, program: Program) -> dict[str, Any]:
    sizes = slot_sizes(handout)
    colors = handout.clinic.colors
    pictures = dict(handout.pictures)

    def slot(name: str) -> Markup:
        place = sizes.get(name)
        if place is None:
            raise ContentFault(f"A template shows the slot '{name}', which doesn't exist.")
        return Markup(
            '<img class="slot" src="{}" alt="{}{}" style="width:{:g}pt;height:{:.3f}pt;vertical-align:-{:.3f}pt">'
        ).format(picture(name), ALT, name, place.width, place.height, place.size * DESCENT)

    def drawing(name: str) -> str:
        path = program.figures / f"{name}.svg"
        svg = figures.read(path)
        try:
            return figures.data_url(figures.for_side(svg, handout.side) if name in handout.sided else svg)
        except BadPicture as bad:
            raise bad.fault(path.name) from None

    def shape(name: str) -> str:
        width, height = figures.size(figures.read(program.figures / f"{name}.svg"))
        return "wide" if width > height * WIDE else "tall"

    def people(numbers: tuple[str, ...]) -> str:
        picture_of = pictures[numbers]
        return figures.data_url(figures.people(picture_of.counts, "100 people", colors.ink, "#ffffff"))

    def person(kind: str) -> str:
        return figures.data_url(figures.person(kind, colors.ink, "#ffffff", "A person"))

    return {
        "h": breakable(handout),
        "w": words,
        "p": words.page,
        "c": handout.clinic,
        "slot": slot,
        "drawing": drawing,
        "shape": shape,
        "people": people,
        "person": person,
        "picture_of": pictures,
        "logo": figures.data_url(figures.read(handout.logo)),
        "qr": figures.data_url(figures.qr_code(handout.clinic.website, colors.ink, "QR code"))
        if handout.clinic.website
        else None,
        "time_of_day": lambda name: figures.data_url(figures.time_of_day(name, colors.ink, name)),
        "page_size": PAPER_SIZES[handout.paper],
        "title": TITLE,
        "large": handout.format == "large-print",
        "long_date": words.long_date,
    }


@contextmanager
def _naming_pictures(handout: Handout, page: str, program: Program) -> Iterator[None]:
    """ContentFault that names the picture, where one of ``page`` is why the page can't be set."""
    try:
        yield
    except (SystemMissing, RequestFault, Misplaced, MemoryError):
        raise
    except Exception:
        for path in (handout.logo, *sorted(program.figures.glob("*.svg"))):
            if not _can_be_drawn(path, page):
                raise BadPicture("can't be drawn. Save it again as plain SVG, with paths and plain colors").fault(
                    path.name
                ) from None
        raise


_ALONE = '<html lang="en"><title>A picture</title><body><img src="{}" alt="A picture">'


def _can_be_drawn(path: Path, page: str) -> bool:
    """Whether the picture can be drawn by itself on either side; True where ``page`` does not show it."""
    for side in (None, "right"):
        try:
            address = figures.data_url(figures.for_side(figures.read(path), side))
        except (BadPicture, ContentFault):
            continue  # it would have been told already, had the page shown it
        if address in page:
            try:
                write(layout(_ALONE.format(address), ()))
            except (SystemMissing, MemoryError):
                raise
            except Exception:
                return False
    return True


Front = Literal["table", "list"]
FRONT_END = "front-end"
"""The id of the empty element that ends page 1 in the templates."""
_END_MARK = f'<div id="{FRONT_END}" class="end"></div>'


def front_variants(handout: Handout) -> tuple[Front, ...]:
    """What page 1 may show, best first: the comparison itself, or the names with the comparison on page 2."""
    return ("table", "list") if handout.layout == "table" and len(handout.options) < SIDE_BY_SIDE else ("list",)


def choose_front(handout: Handout, words: Words, program: Program = PROGRAM) -> str:
    """The HTML with the first of `fronts` that fits page 1; to find out, page 1 alone is laid out."""
    *tries, last = front_variants(handout)
    for front in tries:
        page = html(handout, words, front, program)
        alone = page.partition(_END_MARK)[0] + _END_MARK
        with _naming_pictures(handout, alone, program):
            first = layout(alone, style_sheets(handout, program)).pages[0]
        if FRONT_END in first.anchors:
            return page
    return html(handout, words, last, program)


def slot_sizes(handout: Handout) -> Mapping[str, Slot]:
    """Every slot that this handout's format and paper has."""
    return slots(large=handout.format == "large-print", a4=handout.paper == "a4")


def style_sheets(handout: Handout, program: Program = PROGRAM) -> tuple[Path, ...]:
    """The style sheets of this handout's format, in their order."""
    base = program.templates
    names = ("print.css", "large-print.css") if handout.format == "large-print" else ("print.css",)
    for name in names:
        if not (base / name).is_file():
            raise ContentFault(f"The style sheet {name} is missing from templates/.")
    return tuple(base / name for name in names)


_TIGHTER = (
    "",
    ".plan th, .plan td { padding-left: 3pt; padding-right: 3pt }",
    ".plan th, .plan td { padding-left: 3pt; padding-right: 3pt; hyphens: auto }",
)
"""What makes room in a table of medicines, one after the other, where its words are wider than the page."""


def _fitting(handout: Handout, page: str, sheets: tuple[Path, ...]) -> Any:
    """The document, laid out so that all is in its place. RequestFault and ContentFault as `require_in_place`."""
    for style in _TIGHTER:
        document = layout(page.replace("</head>", f"<style>{style}</style></head>") if style else page, sheets)
        try:
            require_in_place(document, handout)
            break
        except (RequestFault, Misplaced):
            if style == _TIGHTER[-1] or not handout.prescribed:
                raise
    return document


def typeset(handout: Handout, words: Words, program: Program = PROGRAM) -> Master:
    """The handout as a master. ContentFault for whatever can't be set as the template asks; RequestFault for text of
    the request that its place can't hold.
    """
    with without_gc():
        page = choose_front(handout, words, program)
        with _naming_pictures(handout, page, program):
            made = write(_fitting(handout, page, style_sheets(handout, program)))
        ink = handout.clinic.colors.ink
        sizes = slot_sizes(handout)
        colors: Mapping[str, str] = dict.fromkeys(sizes, ink)
        margin = MARGIN[handout.format]
        return make_master(
            made,
            sizes,
            colors,
            link_texts=link_texts(page),
            footer_at=(margin, 27.0 - sizes[FOOTER].height / 2 + 4),
        )
