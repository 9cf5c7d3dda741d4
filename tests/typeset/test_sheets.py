"""The sheets of the comparison, the condition and the options: nothing is missing or parted, and no page is empty."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from math import ceil
from pathlib import Path
from types import SimpleNamespace

import pypdfium2
import pytest
from PIL import Image

from handouts.check.sheets import measure_pages
from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.handout import Handout, Look
from handouts.model.prose import Figure, Inline, Paragraph, Section
from handouts.model.request import Request
from handouts.model.sheets import Comparison, Condition, OptionSheet, SheetContent
from handouts.paths import PROGRAM
from handouts.typeset.fit import TIGHT, Fit
from handouts.typeset.html import LARGE_MARGINS, MARGINS
from handouts.typeset.room import EMPTY, Laid, _fewest_pages, lay_out, room
from handouts.typeset.svg import read, size
from handouts.typeset.weasyprint import write
from tests.conftest import CONTENT, TODAY, TOPIC
from tests.reading_pdf import page_texts

LOOKS = {
    "letter": {},
    "a4, right side": {"paper": "a4", "side": "right"},
    "another clinic": {"clinic": "seaview-example", "side": "left"},
    "large print": {"format": "large-print"},
}
SMALLEST = {"standard": 9.5, "large-print": 18.0}
DPI = 40
FAINT = 235
"""A hairline between two pixels is hardly grey."""


@cache
def _library(clinic: str | None = None) -> Library:
    return load_library(CONTENT, TOPIC, clinic)


def _ids() -> tuple[str, ...]:
    return _library().topic.option_order


@cache
def _handout(look: str = "letter", options: tuple[str, ...] = ()) -> Handout:
    over = {"options": options or _ids(), "patient": {"name": "A Patient"}, "topic": TOPIC, **LOOKS[look]}
    return merge(_library(LOOKS[look].get("clinic")), Request(**over), TODAY).handout


def _laid(sheet: SheetContent, look: Look) -> Laid:
    return lay_out(sheet, look, _library().words, drawings=_library().topic.drawings)


@cache
def _sheet(look: str, name: str, options: tuple[str, ...] = ()) -> tuple[SheetContent, Laid, bytes]:
    handout = _handout(look, options)
    sheet = dict(handout.all_sheets())[name]
    laid = _laid(sheet, handout.look)
    return sheet, laid, write(laid.document)


def _squeezed(text: str) -> str:
    """A text as it is found on a page, wherever its lines and marks are."""
    return re.sub(r"\W", "", re.sub(r"\s", "", text)).lower()


def _found(pdf: bytes, look: Look) -> list[str]:
    """Each page's words, without the running line."""
    running = _squeezed(f"{look.title} {look.clinic.name}")
    return [_squeezed(text).removeprefix(running).removesuffix(running) for text in page_texts(pdf)]


def _texts(runs: Inline) -> list[str]:
    return [_squeezed(run.text) for run in runs if run.text.strip()]


def _answers(comparison: Comparison) -> Iterator[str]:
    for row in comparison.rows:
        yield _squeezed(row.question)
        for cell in row.cells:
            yield from (_squeezed(text) for text in (cell.key, cell.unit))
            yield from _texts(cell.text)
            for group in cell.harms.groups if cell.harms else ():
                yield _squeezed(group.label)
                yield from (_squeezed(harm.number + harm.what) for harm in group.harms)


def _empty(pdf: bytes, look: Look) -> list[float]:
    """How much of each page is empty between its last ink and its bottom margin, on the pixels."""
    margin = (LARGE_MARGINS if look.large else MARGINS["standard", look.paper])[0]
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.render(scale=DPI / 72, grayscale=True).to_pil() for page in document]
        return [_empty_share(page, margin * DPI / 72) for page in pages]
    finally:
        document.close()


def _empty_share(page: Image.Image, margin: float) -> float:
    inside = page.crop((0, int(margin) - 2, page.width, int(page.height - margin)))
    ink = inside.point(lambda value: 255 if value < FAINT else 0).getbbox()
    return 1 - (ink[3] / inside.height if ink else 0.0)


@pytest.mark.parametrize("look", ["letter", "large print"])
@pytest.mark.parametrize("number", [2, 3, 4, 7])
def test_a_comparison_has_every_answer_of_every_option(number: int, look: str):
    sheet, _, pdf = _sheet(look, "comparison", _ids()[:number])
    assert isinstance(sheet, Comparison)
    found = "".join(_found(pdf, _handout(look).look))
    missing = [text for text in _answers(sheet) if text not in found]
    assert not missing


@pytest.mark.parametrize("look", ["letter", "a4, right side", "another clinic"])
@pytest.mark.parametrize("options", [("botox", "microvascular-decompression"), ("medicines", "botox", "no-treatment")])
def test_a_comparison_of_two_or_three_takes_one_page(options: tuple[str, ...], look: str):
    _, laid, _ = _sheet(look, "comparison", options)
    assert laid.pages == 1


def test_one_option_has_nothing_to_compare():
    assert _handout("letter", ("botox",)).comparison is None


def test_what_matters_most_is_asked_in_a_table_where_there_is_room():
    _, laid, _ = _sheet("letter", "comparison", ("botox", "microvascular-decompression"))
    assert laid.html.count('class="box"') == 3 * len(_handout().comparison.matters)  # type: ignore[union-attr]


def test_where_there_is_more_room_patients_write_down_what_else_matters():
    _, laid, _ = _sheet("letter", "comparison", _ids()[:5])
    assert laid.html.count('class="own"') == 3
    assert _library().words.page["matters_else"] in laid.html


@pytest.mark.parametrize("number", [4, 7])
def test_no_row_of_a_comparison_is_split_over_pages(number: int):
    sheet, _, pdf = _sheet("letter", "comparison", _ids()[:number])
    assert isinstance(sheet, Comparison)
    pages = [_squeezed(text) for text in page_texts(pdf)]
    for at, option in enumerate(sheet.options):
        for rows in (sheet.rows[:4], sheet.rows[4:]):
            own = replace(sheet, rows=tuple(replace(row, cells=(row.cells[at],)) for row in rows))
            cells = list(_answers(own))
            assert any(all(text in page for text in (_squeezed(option.name), *cells)) for page in pages), option.name


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", ["condition", *_ids()])
def test_the_questions_stand_in_their_order_and_no_word_is_missing(name: str, look: str):
    sheet, _, pdf = _sheet(look, name)
    assert isinstance(sheet, Condition | OptionSheet)
    found = "".join(_found(pdf, _handout(look).look))
    at = [found.index(_squeezed(section.heading)) for section in sheet.sections]
    assert at == sorted(at)
    for section in sheet.sections:
        for block in section.blocks:
            if isinstance(block, Paragraph):
                assert all(text in found for text in _texts(block.runs)), section.heading


@pytest.mark.parametrize("look", [look for look in LOOKS if look != "large print"])
@pytest.mark.parametrize("name", ["condition", *_ids()])
def test_a_sheet_takes_two_pages_at_most_and_leaves_none_of_them_empty(name: str, look: str):
    _, laid, pdf = _sheet(look, name)
    assert laid.pages <= 2
    assert max(_empty(pdf, _handout(look).look)) <= EMPTY


@pytest.mark.parametrize("look", ["letter", "a4, right side"])
@pytest.mark.parametrize("number", [2, 3, 4, 5, 6, 7])
def test_no_page_of_a_comparison_is_more_than_two_fifths_empty(number: int, look: str):
    _, _, pdf = _sheet(look, "comparison", _ids()[:number])
    assert max(_empty(pdf, _handout(look).look)) <= EMPTY


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", ["comparison", "condition", *_ids()])
def test_nothing_is_smaller_than_may_be_printed(name: str, look: str):
    _, _, pdf = _sheet(look, name)
    sizes = [size for page in measure_pages(pdf) for size in (*page.sizes, *page.lettering)]
    assert min(sizes) >= SMALLEST[_handout(look).look.format] - 0.05


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", ["condition", "botox", "microvascular-decompression"])
def test_a_drawing_stands_on_the_page_of_its_words(name: str, look: str):
    sheet, _, pdf = _sheet(look, name)
    assert isinstance(sheet, Condition | OptionSheet)
    pages = [_squeezed(text) for text in page_texts(pdf)]
    for section in sheet.sections:
        for before, figure in zip(section.blocks, section.blocks[1:], strict=False):
            if isinstance(figure, Figure) and isinstance(before, Paragraph):
                last = _texts(before.runs)[-1][-30:]
                assert any(last in page and all(text in page for text in _texts(figure.caption)) for page in pages)


@pytest.mark.parametrize(
    ("look", "side"), [("a4, right side", "your right side"), ("another clinic", "your left side")]
)
def test_a_drawing_that_has_a_side_says_which_in_words(look: str, side: str):
    said = f"Drawn for {side}."
    for name, number in (("condition", 2), ("botox", 1), ("microvascular-decompression", 1)):
        assert _sheet(look, name)[1].html.count(said) == number
    assert "Drawn for" not in _sheet("letter", "botox")[1].html, "no side is known"


@pytest.mark.parametrize("name", ["botox", "microvascular-decompression"])
def test_a_picture_of_people_stands_after_the_harms_or_a_frame_that_says_that_no_number_is_known(name: str):
    sheet, laid, pdf = _sheet("letter", name)
    assert isinstance(sheet, OptionSheet)
    words = _library().words.page
    unknown = [sheet.people.benefit_unknown, sheet.people.harm_unknown].count(True)
    assert laid.html.count('class="hundred"') == 2
    assert laid.html.count(words["no_numbers"]) == unknown
    found = _squeezed(" ".join(page_texts(pdf)))
    heads = [sheet.sections[sheet.harms_at].heading, words["how_many_helped"], words["how_many_harmed"]]
    at = [found.index(_squeezed(head)) for head in (*heads, sheet.sections[sheet.harms_at + 1].heading)]
    assert at == sorted(at)


def test_harms_that_stay_and_pass_are_a_table_with_their_numbers():
    sheet, laid, _ = _sheet("letter", "microvascular-decompression")
    assert isinstance(sheet, OptionSheet)
    assert sheet.harms
    assert '<th scope="row">Hearing loss</th><td><strong class="number">2</strong></td>' in laid.html


def test_a_harm_without_a_number_says_that_it_is_not_known():
    sheet, *_ = _sheet("letter", "microvascular-decompression")
    assert isinstance(sheet, OptionSheet)
    assert sheet.harms
    first, *others = sheet.harms.rows
    harms = replace(sheet.harms, rows=(replace(first, passes=""), *others))
    laid = _laid(replace(sheet, harms=harms), _handout().look)
    assert f"<td>{_library().words.page['not_known']}</td>" in laid.html


@pytest.mark.parametrize("name", _ids())
def test_a_text_twice_as_long_is_printed_whole(name: str):
    sheet, *_ = _sheet("letter", name)
    assert isinstance(sheet, OptionSheet)
    twice = replace(sheet, sections=tuple(replace(each, blocks=each.blocks * 2) for each in sheet.sections))
    laid = _laid(twice, _handout().look)
    found = _squeezed(" ".join(page_texts(write(laid.document))))
    for section in sheet.sections:
        for block in section.blocks:
            if isinstance(block, Paragraph):
                assert found.count(_texts(block.runs)[0]) >= 2
    assert laid.pages <= 4


def test_a_sheet_whose_last_page_has_room_gets_lines_to_write_on():
    sheet, *_ = _sheet("letter", "no-treatment")
    assert isinstance(sheet, OptionSheet)
    short = replace(sheet, sections=sheet.sections[:4])
    laid = _laid(short, _handout().look)
    assert laid.pages == 1
    assert laid.html.count('class="write"') >= 4
    assert _library().words.page["speaks_for"] in laid.html


def test_the_name_of_a_condition_is_written_in_mid_sentence_as_its_text_writes_it():
    look = _handout().look
    bell = Condition((Section("What is Bell's palsy?", (Paragraph(()),)),))
    assert "<h1>About hemifacial spasm</h1>" in _sheet("letter", "condition")[1].html
    assert "<h1>About Bell’s palsy</h1>" in _laid(bell, replace(look, title="Bell's palsy")).html


@pytest.mark.parametrize(
    "path", sorted((CONTENT / "topics" / TOPIC / "figures").glob("*.svg")), ids=lambda path: path.stem
)
def test_the_words_in_a_drawing_of_ours_are_large_enough(path: Path):
    svg = read(path)
    smallest = min(float(found) for found in re.findall(r'font-size="([\d.]+)"', svg))
    width, _ = shape = size(svg)
    assert Fit(TIGHT).width(shape, large=False) / width * smallest >= SMALLEST["standard"]
    assert Fit().width(shape, large=True) / width * smallest >= SMALLEST["large-print"]


def test_a_tighter_fit_that_could_save_no_page_is_not_laid_out():
    look, tried = _handout().look, []

    def laid(length: float) -> Callable[[Fit], Laid]:
        def lay(fit: Fit) -> Laid:
            tried.append(fit)
            pages = ceil(length)
            return Laid("", SimpleNamespace(pages=[None] * pages), (pages - length) * room(look))

        return lay

    fits = [Fit(0.42), Fit(), Fit(tight=True)]
    assert _fewest_pages(laid(1.5), fits, look)[0] == fits[0]
    assert tried == fits[:1]
    _fewest_pages(laid(1.2), fits, look)
    assert tried[1:] == fits


def test_every_fixed_word_of_the_page_is_used_somewhere() -> None:
    files = (*PROGRAM.templates.glob("*.j2"), *(PROGRAM.root / "handouts").rglob("*.py"))
    told = "\n".join(path.read_text(encoding="utf-8") for path in files)
    words = _library().words.page
    assert [name for name in words if not re.search(rf"p\.{name}\b|[\"']{name}[\"']", told)] == []
