"""Text and drawings as a bad day brings them, made up anew from a seed: each is printed rightly, or refused with a
word. Nothing else may happen: no exit code 70, no wait, nothing beyond a margin.
"""

from __future__ import annotations

import random
import re
import time
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bidi import get_display

from handouts.errors import ContentFault, RequestFault
from handouts.fonts.direction import split_directions
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.folding import fold_name
from handouts.model.recorder import NullRecorder
from handouts.pipeline import make, prepare
from handouts.typeset import svg as figures
from handouts.typeset.stack import bind_sheets
from handouts.typeset.typeset import typeset_sheet
from tests.conftest import KEY, TODAY, RequestOf
from tests.reading_pdf import everything, page_texts
from tests.typeset.test_guard import _EDGE, off_the_margins

pytestmark = pytest.mark.heavy
ALLOWED = Edition(allow_unapproved=True)
SEEDS = range(6)
_WORDS = (
    "abcdefghijklmnop", "WM", "https://x.example/a?b=c&d_e-f.", "0123456789abcdef", "é\u0301ñ",
    "\u0905\u0928\u0941\u091a\u094d\u091b\u0947\u0926", "\u0645\u062d\u0639",
)  # fmt: skip


def _long(chance: random.Random, most: int) -> str:
    """A text with unbroken words, of 1 to ``most`` characters."""
    made = ""
    while len(made) < most:
        letters = chance.choice(_WORDS)
        made += "".join(chance.choice(letters) for _ in range(chance.choice([5, 30, 70, 110]))) + chance.choice(
            ["", " "]
        )
    return made[: chance.randint(most // 2, most)].strip() or "x"


@pytest.mark.parametrize("form", ["standard", "large-print"])
@pytest.mark.parametrize("seed", SEEDS)
def test_any_free_text_stays_on_its_page_or_is_refused_by_its_key(
    library: Library, request_of: RequestOf, seed: int, form: str
):
    chance = random.Random(seed)
    free: dict[str, Any] = {
        "next_steps": [_long(chance, 200) for _ in range(chance.randint(1, 6))],
        "note": "\n".join(_long(chance, chance.choice([60, 300, 1300])) for _ in range(3)),
        "medicines": [{"name": _long(chance, 80), "times": ["morning"][: chance.randint(0, 1)]} for _ in range(2)],
        "clinician": _long(chance, 90),
        "patient": {"name": _long(chance, 90), "preferred_name": _long(chance, 60)},
        "appointment": {"at": "2026-12-04T10:30", "with": _long(chance, 80), "where": _long(chance, 80)},
    }
    key = chance.choice(list(free))
    request = request_of(**{key: free[key]}, format=form)
    try:
        pdf = make(library, request, key=KEY, today=TODAY, recorder=NullRecorder(), edition=ALLOWED).pdf
    except RequestFault as fault:
        told = fault.faults[0].message if fault.faults else fault.message
    else:
        assert off_the_margins(pdf, _EDGE[form]) == []
        front = "".join(page_texts(pdf)[: 1 if form == "standard" else 2])
        assert library.words.page["get_help"] in front
        assert library.words.page["in_an_emergency"] in front
        assert "\u200b" not in "".join(page_texts(pdf))
        return
    assert told.startswith("'")
    assert told[1:].partition(".")[0].partition("'")[0] == key


_SHAPES = (
    '<rect width="9" height="9"/>', '<path d="M0 0 L9 9 A 4 4 0 0 1 2 2 Z"/>', '<circle r="4"/>',
    "<text x='1' y='9'>a</text>",
)  # fmt: skip
_ODD = (
    ".", "-", "1e400", "nan", "inf", "9" * 400, "", "1 2", "abc", "-5", "0", "100%", "1e-300", "url(#a)", "url(#z)",
    "#a", "rotate(", "scale(0)", "matrix(1 2)", "\u0663", "1px", "http://x.example/", "repeat", "inherit",
)  # fmt: skip
_NAMES = (
    "x", "y", "width", "height", "d", "points", "r", "transform", "fill", "stroke-width", "href", "viewBox",
    "clip-path", "mask", "style", "offset", "stroke-dasharray", "opacity", "font-size", "gradientTransform",
    "spreadMethod", "filter", "marker-mid",
)  # fmt: skip
_BOXES = (
    "g", "defs", "use", "linearGradient", "radialGradient", "stop", "pattern", "mask", "clipPath", "marker", "symbol",
    "svg", "text", "filter",
)  # fmt: skip


def _drawing(chance: random.Random, depth: int = 0) -> str:
    name = chance.choice(_BOXES)
    odd = " ".join(f'{key}="{chance.choice(_ODD)}"' for key in chance.sample(_NAMES, chance.choice([0, 1, 1, 2])))
    inside = "".join(
        _drawing(chance, depth + 1) if depth < 4 and chance.random() < 0.6 else chance.choice(_SHAPES)
        for _ in range(chance.randint(0, 3))
    )
    return f'<{name} id="{chance.choice("abz")}" {odd}>{inside}</{name}>'


@pytest.mark.parametrize("seed", SEEDS)
def test_any_logo_is_drawn_or_refused_by_its_name(library: Library, request_of: RequestOf, tmp_path: Path, seed: int):
    chance = random.Random(seed)
    prepared = prepare(library, request_of(sheets=["front"]), TODAY, ALLOWED)
    front, look = prepared.handout.front, prepared.handout.look
    for number in range(4):
        logo = tmp_path / f"mark{number}.svg"
        viewbox = "0 0 64 64" if chance.random() < 0.8 else " ".join(chance.choice(_ODD) for _ in range(4))
        drawn = "".join(_drawing(chance) for _ in range(3))
        logo.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{viewbox}">{drawn}</svg>')
        begun = time.process_time()
        try:
            made = typeset_sheet(library, replace(look, logo=logo), "front", front)
        except ContentFault as fault:
            told = fault.message
        else:
            pdf = bind_sheets([made], prepared.plan.binding).pdf
            assert re.search(rb"[ \[](nan|-?inf) ", everything(pdf)) is None
            continue
        assert logo.name in told
        assert time.process_time() - begun < 120
    figures.read.cache_clear()


_ALPHABET = "abz \u05d0\u05d1\u05d2\u0645\u062d\u0639 12\u0663 .,-+%:'/ \u0301()[]{}\u2045\u2046"


@pytest.mark.parametrize("seed", SEEDS)
def test_any_mixture_of_directions_is_drawn_as_another_implementation_draws_it(seed: int):
    chance = random.Random(seed)
    for _ in range(2000):
        text = "".join(chance.choice(_ALPHABET) for _ in range(chance.randint(1, 30))).strip()
        if text:
            drawn = "".join(stretch[::-1] if rtl else stretch for rtl, stretch in split_directions(text))
            assert drawn == get_display(text), ascii(text)


_SAME = {"'": "'’‘ʼ´`′", "-": "-‐‑–—−", " ": [" ", "\u00a0", "  ", "\u2009"]}


@pytest.mark.parametrize("seed", SEEDS)
def test_any_typing_of_a_name_is_the_same_name(seed: int):
    chance = random.Random(seed)
    for name in ("Zoë O'Brien-Smith", "Nguyễn Thị Minh", "Jean-François d'Arc", "Müller", "Łukasz O'Neill"):
        typed = "".join(chance.choice(_SAME[sign]) if sign in _SAME else sign for sign in name)
        typed = unicodedata.normalize(chance.choice(["NFC", "NFD", "NFKC", "NFKD"]), typed)
        at = chance.randrange(len(typed))
        typed = typed[:at] + chance.choice(["", "\u200b", "\u2060", "\ufeff", "\u00ad"]) + typed[at:]
        typed = chance.choice([str.upper, str.lower, str])(typed)
        assert fold_name(typed) == fold_name(name), ascii(typed)
