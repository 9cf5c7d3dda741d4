"""A few pages as pictures, with tolerance. Renew them deliberately, and look at them: ``pytest --renew``."""

from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops

from handouts.load.library import load_library
from handouts.model.recorder import NullRecorder
from handouts.pipeline import make
from tests.conftest import CONTENT, KEY, TODAY, TOPIC, RequestOf
from tests.typeset.test_accessibility import KINDS

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "page-1": ("cohen", KINDS["two"], 0),
    "page-2": ("cohen", KINDS["two"], 1),
    "medicines": ("seaview-example", KINDS["everything given"], 1),
    "large-print-1": ("cohen", {"options": ["botox"], "format": "large-print"}, 0),
}
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
def test_the_page_looks_as_it_did(name: str, request_of: RequestOf, renew: bool):
    clinic, over, number = CASES[name]
    request = request_of(clinic=clinic, **over)
    made = _picture(
        make(load_library(CONTENT, TOPIC, clinic), request, key=KEY, today=TODAY, recorder=NullRecorder()).pdf, number
    )
    path = GOLDEN / f"{name}.png"
    if renew:
        made.save(path, optimize=True)
    kept = Image.open(path)
    assert made.size == kept.size
    # the code depends on every byte of content, so the foot of the page is left out
    box = (0, 0, made.width, int(made.height * 0.94))
    difference = ImageChops.difference(made.crop(box), kept.crop(box)).point(lambda value: 255 if value > 60 else 0)
    assert difference.histogram()[255] / (box[2] * box[3]) < TOLERATED, "look, then renew with: pytest --renew"
