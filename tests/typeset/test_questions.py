"""What to talk over: key points, questions, room for the patient's own, and the colophon at the foot."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pypdfium2
import pytest

from handouts.check.sheets import measure_pages
from handouts.model.handout import Look
from handouts.model.prose import Run, plain
from handouts.model.sheets import Closing
from handouts.typeset.room import EMPTY
from handouts.typeset.typeset import typeset_sheet
from tests.laid_out import (
    FORMATS,
    SMALLEST,
    empty_shares,
    handout_of,
    laid_out,
    library_of,
    squeezed,
    squeezed_pages,
)
from tests.reading_pdf import failures, page_texts

OPTIONS = library_of().topic.option_order
TWO = ("botox", "microvascular-decompression")
WORDS = library_of().words.page
BEGUN = WORDS["teach_back_begin"]
CLINICS = ("cohen", "seaview-example")


@cache
def _sheet(
    options: tuple[str, ...] = TWO, clinic: str | None = None, kind: str = "standard", paper: str = "letter"
) -> tuple[Closing, Look]:
    handout = handout_of(clinic, options=options, format=kind, paper=paper)
    return handout.closing, handout.look


@pytest.mark.parametrize("paper", ["letter", "a4"])
@pytest.mark.parametrize("clinic", CLINICS)
@pytest.mark.parametrize("options", [("botox",), TWO])
def test_two_options_take_one_page_to_its_foot(options: tuple[str, ...], clinic: str, paper: str):
    sheet, look = _sheet(options, clinic, paper=paper)
    laid, pdf = laid_out(sheet, look)
    assert laid.pages == 1
    assert max(empty_shares(pdf, look)) < 0.05


@pytest.mark.parametrize("clinic", CLINICS)
@pytest.mark.parametrize("number", range(1, len(OPTIONS) + 1))
def test_no_page_is_more_than_two_fifths_empty(number: int, clinic: str):
    sheet, look = _sheet(OPTIONS[:number], clinic)
    laid, pdf = laid_out(sheet, look)
    assert laid.pages <= 2
    assert max(empty_shares(pdf, look)) <= EMPTY


@pytest.mark.parametrize("paper", ["letter", "a4"])
@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_nor_is_one_where_the_list_of_sources_is_long(number: int, paper: str):
    topic = "trigeminal-neuralgia"
    handout = handout_of(topic=topic, options=library_of(None, topic).topic.option_order[:number], paper=paper)
    _, pdf = laid_out(handout.closing, handout.look, topic)
    assert max(empty_shares(pdf, handout.look)) <= EMPTY


@pytest.mark.parametrize("kind", FORMATS)
def test_every_word_is_printed_and_questions_stand_under_their_option(kind: str):
    sheet, look = _sheet(OPTIONS, kind=kind)
    found = "".join(squeezed_pages(laid_out(sheet, look)[1]))
    assert all(squeezed(plain(text)) in found for text in sheet.key_points)
    order = [text for group in sheet.questions for text in (group.option, *map(plain, group.items))]
    at = [found.index(squeezed(text), found.index(squeezed(WORDS["ask"]))) for text in order]
    assert at == sorted(at)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_source_has_its_own_number_though_some_are_left_out(kind: str):
    sheet, look = _sheet(("botox",), kind=kind)
    numbers = [source.number for source in sheet.sources]
    assert numbers != [*range(1, len(numbers) + 1)]
    found = "".join(squeezed_pages(laid_out(sheet, look)[1]))
    for source in sheet.sources:
        assert squeezed(f"{source.number}. {source.cite}. {'doi.org/' + source.doi if source.doi else ''}") in found


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("clinic", CLINICS)
@pytest.mark.parametrize("number", range(1, len(OPTIONS) + 1))
def test_the_colophon_is_never_alone_on_a_page(number: int, clinic: str, kind: str):
    sheet, look = _sheet(OPTIONS[:number], clinic, kind)
    laid, pdf = laid_out(sheet, look)
    (sources, above), (about, _), (own, _) = (_place_of(WORDS[word], pdf) for word in ("sources", "about", "ask_own"))
    assert own == laid.pages - 1  # in large print the lines for the patient's own questions come last
    assert above > 60 or own == sources
    assert about == sources == own or kind == "large-print"


def _place_of(text: str, pdf: bytes) -> tuple[int, float]:
    """On which page a text stands, and how far below its upper margin, in pt."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number, page in enumerate(document):
            words = page.get_textpage()
            found = words.search(text).get_next()
            if found:
                return number, page.get_height() - 54 - words.get_charbox(found[0])[3]
    finally:
        document.close()
    raise AssertionError(text)


def test_the_colophon_says_what_the_text_is_and_where_the_clinic_is():
    sheet, look = _sheet(clinic="seaview-example")
    laid, pdf = laid_out(sheet, look)
    text = " ".join(" ".join(page_texts(pdf)).split())
    imprint = sheet.imprint
    assert f"{WORDS['version']} {imprint.version}. {WORDS['published']} 22 November 2026." in text
    assert f"{WORDS['updates']} {WORDS[imprint.update_policy]}. {WORDS['review']} 22 November 2027." in text
    assert all(line in text for line in (look.clinic.name, *look.clinic.address))
    assert [laid.html.count(f"slot:{name}") for name in ("approval_long", "code", "replaces")] == [1, 1, 0]
    assert f'href="{look.clinic.website}"' in laid.html
    assert 'class="qr"' in laid.html
    assert 'class="qr"' not in laid_out(*_sheet())[0].html


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("funding", [None, "Nobody but us."])
def test_a_document_that_replaces_another_has_a_place_to_say_so_within_the_margins(form: str, funding: str | None):
    sheet, look = _sheet(kind=form)
    replacing = replace(sheet, replaces=True, imprint=replace(sheet.imprint, funding=funding))
    assert "slot:replaces" in laid_out(replacing, look)[0].html
    typeset_sheet(library_of(), look, "questions", replacing)


def test_who_paid_is_said_or_a_line_to_write_on():
    sheet, look = _sheet()
    told = replace(sheet, imprint=replace(sheet.imprint, funding="Nobody but us."))
    assert laid_out(sheet, look)[0].html.count('class="write"') == 1
    assert laid_out(told, look)[0].html.count('class="write"') == 0
    assert "Nobody but us." in laid_out(told, look)[0].html


def test_tell_us_in_your_own_words_is_said_once():
    sheet, look = _sheet()
    assert all(plain(text).startswith(BEGUN) for text in sheet.teach_back)
    assert laid_out(sheet, look)[0].html.count(BEGUN) == 1
    other = replace(sheet, teach_back=(*sheet.teach_back, (Run("Show us how you do it."),)))
    html = laid_out(other, look)[0].html
    assert html.count(BEGUN) == len(sheet.teach_back)
    assert "<li>Show us how you do it.</li>" in html


@pytest.mark.parametrize("kind", FORMATS)
def test_long_texts_are_printed_whole(kind: str):
    sheet, look = _sheet(OPTIONS, kind=kind)
    long = " ".join(f"word{number}" for number in range(80))
    sources = tuple(replace(source, cite=f"{source.cite} {long}") for source in sheet.sources)
    stretched = replace(sheet, key_points=sheet.key_points * 2, sources=sources)
    found = "".join(squeezed_pages(laid_out(stretched, look)[1]))
    assert found.count(squeezed(long)) >= 1
    assert found.count(squeezed(plain(sheet.key_points[0]))) == 2


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("clinic", CLINICS)
def test_nothing_is_smaller_than_may_be_printed_and_nothing_is_wrong_with_the_file(clinic: str, kind: str):
    sheet, look = _sheet(OPTIONS, clinic, kind)
    _, pdf = laid_out(sheet, look)
    assert min(size for page in measure_pages(pdf) for size in page.sizes) >= SMALLEST[kind] - 0.05
    assert failures(pdf, "3a") == ""
