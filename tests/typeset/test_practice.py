"""The practice's own page: labelled as such before its title."""

from __future__ import annotations

import pytest

from handouts.check.sheets import measure_pages
from handouts.merge.references import Resolver
from handouts.model.prose import inlines, plain
from handouts.model.sheets import Practice
from tests.laid_out import FORMATS, SMALLEST, handout_of, laid_out, library_of, squeezed, squeezed_pages
from tests.reading_pdf import failures

WORDS = library_of().words.page


def _sheet() -> Practice:
    own = library_of().clinic.practice
    assert own
    resolver = Resolver(library_of().topic)
    sections = tuple(resolver.section(section, own.file) for section in own.sections)
    return Practice(own.head.name, compared=True, sections=sections)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_label_stands_above_the_title_and_whose_interest_it_is_below(kind: str):
    sheet = _sheet()
    _, pdf = laid_out(sheet, handout_of(format=kind).look)
    found = "".join(squeezed_pages(pdf))
    at = [found.index(squeezed(text)) for text in (WORDS["practice"], sheet.heading, WORDS["practice_intro"])]
    assert at == sorted(at)
    for section in sheet.sections:
        assert all(squeezed(plain(text)) in found for text in inlines(section.blocks))
    assert min(size for page in measure_pages(pdf) for size in page.sizes) >= SMALLEST[kind] - 0.05
    assert failures(pdf, "3a") == ""
