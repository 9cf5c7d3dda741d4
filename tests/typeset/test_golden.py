"""The HTML of each sheet, word for word. Renew it deliberately and read the diff: ``pytest --renew``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.edition import Edition
from handouts.model.handout import SHEETS
from tests.clinics import say
from tests.conftest import CONTENT, TODAY, TOPIC, RequestOf
from tests.laid_out import html_of
from tests.topics import GUIDE, GUIDE_FILES, write_topic
from tests.typeset.test_accessibility import ALL, FULL

GOLDEN = Path(__file__).parent / "golden"
BOTH = ["botox", "microvascular-decompression"]
GIVEN = {**FULL, "clinic": "seaview-example"}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "front-of-1": ("front", {"options": ["botox"]}),
    "front-of-2": ("front", {"options": BOTH, **FULL}),
    "front-of-3": ("front", {"options": [*BOTH, "no-treatment"]}),
    "front-of-7": ("front", {"options": ALL}),
    "front-blank": ("front", {"options": BOTH}),
    "front-large": ("front", {"options": BOTH, "format": "large-print", **FULL}),
    "front-long-note": ("front", {"options": BOTH, "clinic": "seaview-example", "note": "Rest. " * 300}),
    "comparison-of-2": ("comparison", {"options": BOTH}),
    "comparison-of-7": ("comparison", {"options": ALL}),
    "plan": ("plan", {"options": ["medicines", "botox"], **GIVEN}),
    "plan-large": ("plan", {"options": ["botox"], "format": "large-print", **GIVEN}),
    "condition": ("condition", {"side": "right"}),
    "option": ("microvascular-decompression", {"options": BOTH, "clinic": "seaview-example", "side": "left"}),
    "questions": ("questions", {"options": BOTH, "clinic": "seaview-example"}),
    "diary": ("diary", {}),
    "practice": ("practice", {}),
    "instructions": ("instructions", {"topic": GUIDE, "options": [], "sections": ["stitches"]}),
    "front-of-instructions": ("front", {"topic": GUIDE, "options": [], "sections": ["stitches"]}),
}
"""The sheet, and what is asked for."""
_PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")


@pytest.mark.parametrize("name", CASES)
def test_a_sheet_is_as_it_was(name: str, content: Path, request_of: RequestOf, renew: bool):
    made = "\n".join(_lines(name, content, request_of))
    path = GOLDEN / f"{name}.html"
    if renew:
        path.parent.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8"), "renew with: pytest --renew tests/typeset/test_golden.py"


def _lines(name: str, content: Path, request_of: RequestOf) -> Iterator[str]:
    """The HTML, a picture as "data:...", without empty lines."""
    asked, over = CASES[name]
    say(content, "practice_page", "true")
    write_topic(content, GUIDE, GUIDE_FILES)
    library = load_library(content, over.get("topic", TOPIC), over.get("clinic"))
    handout = merge(library, request_of(**over), TODAY, Edition(blank=name.endswith("blank"))).handout
    sheet, look = dict(handout.sheets())[asked], handout.look
    html = _PICTURE.sub("data:...", html_of(sheet, look, library))
    yield from (line.rstrip() for line in html.splitlines() if line.strip())
    yield ""


def test_every_kind_of_sheet_is_among_them():
    order = load_library(CONTENT, TOPIC).topic.option_order
    kinds = {"option" if name in order else name for name, _ in CASES.values()}
    assert kinds == {*SHEETS, "option"}


def test_no_golden_file_is_left_of_another_case():
    assert {path.stem for path in GOLDEN.glob("*.html")} == set(CASES)


def test_a_golden_sheet_holds_no_detail_of_the_patient():
    for path in GOLDEN.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        for detail in (
            "Gonzalez",
            "00417",
            "1961",
            "Clinic 2",
            "December 4",
            "300 mg",
            "old pictures",
            "Book your MRI",
        ):
            assert detail not in text, path.name
