"""A few pages as pictures, with tolerance. Renew them deliberately, and look at them: ``pytest --renew``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageChops

from handouts.load.library import load_library
from handouts.model.recorder import NullRecorder
from handouts.pipeline import make
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, TODAY, TOPIC, RequestOf
from tests.pseudo import add_language
from tests.topics import CHOICE, CHOICE_FILES, GUIDE, GUIDE_FILES, write_topic
from tests.typeset.test_accessibility import KINDS

GOLDEN = Path(__file__).parent / "golden"
BOTH = KINDS["two"]["options"]
GIVEN = {**KINDS["everything given"], "options": BOTH, "clinic": "seaview-example"}
CASES: dict[str, tuple[dict[str, Any], int]] = {
    "front": ({**GIVEN, "sheets": ["front"]}, 0),
    "front-large-1": ({**GIVEN, "format": "large-print", "sheets": ["front"]}, 0),
    "front-large-2": ({**GIVEN, "format": "large-print", "sheets": ["front"]}, 1),
    "comparison": ({"options": BOTH, "sheets": ["comparison"]}, 0),
    "plan": ({**GIVEN, "sheets": ["plan"]}, 0),
    "option": ({"options": BOTH, "side": "right", "sheets": ["botox"]}, 0),
}
"""What is asked for, and which page is looked at."""
SCALE = 0.6
"""Of 72 dpi: enough to see what moved, small enough to keep."""
TOLERATED = 0.004
"""Share of pixels that may differ clearly: antialiasing differs between builds of PDFium."""


def _picture(pdf: bytes, number: int) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[number].render(scale=SCALE, grayscale=True).to_pil().convert("L")
    finally:
        document.close()


@pytest.mark.parametrize("name", CASES)
def test_the_page_looks_as_it_did(name: str, request_of: RequestOf, sheets: SheetCache, renew: bool):
    over, number = CASES[name]
    library = load_library(CONTENT, TOPIC, over.get("clinic"))
    pdf = make(library, request_of(**over), key=KEY, today=TODAY, recorder=NullRecorder(), cache=sheets).pdf
    _compare(name, _picture(pdf, number), renew=renew)


ALI = {"name": "أحمد بن علي", "birth_date": "1961-04-09", "identifier": "00417"}
TRANSLATED: dict[str, tuple[str, dict[str, Any]]] = {
    "front-arabic": ("ar", {"topic": CHOICE, "options": ["drops", "plugs"], "patient": ALI, "sheets": ["front"],
                            "next_steps": ["اتصل 555-0100 غدا", "Book your MRI"], "visit_date": "2026-11-22",
                            "appointment": {"at": "2026-12-04T10:30", "with": "د. سمير"}}),
    "comparison-arabic": ("ar", {"topic": CHOICE, "options": ["drops", "plugs"], "sheets": ["comparison"]}),
    "plan-arabic": ("ar", {"topic": CHOICE, "options": ["tablets"], "sheets": ["plan"], "patient": ALI,
                           "medicines": [{"name": "pilocarpine", "dose": "5 mg", "times": ["noon"]}]}),
    "diary-arabic": ("ar", {"topic": CHOICE, "options": ["drops"], "sheets": ["diary"]}),
    "instructions-arabic": ("ar", {"topic": GUIDE, "options": [], "sheets": ["instructions"]}),
    "front-spanish": ("es", {"topic": CHOICE, "options": ["drops", "plugs"], "sheets": ["front"]}),
}  # fmt: skip
"""The language that nobody speaks (`tests.pseudo`), and what is asked for."""


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_page_in_another_language_looks_as_it_did(name: str, content: Path, request_of: RequestOf, renew: bool):
    language, over = TRANSLATED[name]
    write_topic(content, CHOICE, CHOICE_FILES)
    write_topic(content, GUIDE, GUIDE_FILES)
    add_language(content, language, over["topic"])
    library = load_library(content, over["topic"], language=language)
    asked = request_of(**{**over, "language": language})
    pdf = make(library, asked, key=KEY, today=TODAY, recorder=NullRecorder()).pdf
    _compare(name, _picture(pdf, 0), renew=renew)


def _compare(name: str, made: Image.Image, *, renew: bool) -> None:
    path = GOLDEN / f"{name}.png"
    if renew:
        made.save(path, optimize=True)
    kept = Image.open(path)
    assert made.size == kept.size
    # the code depends on every byte of content, so the foot of the page is left out
    box = (0, 0, made.width, int(made.height * 0.94))
    difference = ImageChops.difference(made.crop(box), kept.crop(box)).point(lambda value: 255 if value > 60 else 0)
    assert difference.histogram()[255] / (box[2] * box[3]) < TOLERATED, "look, then renew with: pytest --renew"


def test_no_picture_is_left_of_another_case():
    assert {path.stem for path in GOLDEN.glob("*.png")} == {*CASES, *TRANSLATED}
