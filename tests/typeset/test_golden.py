"""The HTML of a few handouts, word for word. Renew it deliberately and read the diff: ``pytest --renew``."""

import re
from pathlib import Path

import pytest

from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.typeset.html import front_variants, html
from tests.conftest import CONTENT, TODAY, TOPIC, RequestOf
from tests.typeset.test_accessibility import ALL, KINDS

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "two-options": ("cohen", KINDS["two"]),
    "everything-given": ("seaview-example", KINDS["everything given"]),
    "large-print": ("cohen", {"options": ["no-treatment"], "format": "large-print"}),
    "all-options": ("cohen", {"options": ALL}),
}
_PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")


@pytest.mark.parametrize("name", CASES)
def test_the_html_is_as_it_was(name: str, request_of: RequestOf, renew: bool):
    clinic, over = CASES[name]
    library = load_library(CONTENT, TOPIC, clinic)
    handout = merge(library, request_of(clinic=clinic, **over), TODAY).handout
    made = _PICTURE.sub("data:...", html(handout, library.words, front_variants(handout)[0]))
    path = GOLDEN / f"{name}.html"
    if renew:
        path.parent.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8"), "renew with: pytest --renew tests/typeset/test_golden.py"


def test_a_golden_page_holds_no_detail_of_the_patient():
    for path in GOLDEN.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        for detail in ("Gonzalez", "00417", "1961"):
            assert detail not in text
