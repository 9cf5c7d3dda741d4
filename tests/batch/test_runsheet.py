"""The run sheet: row, code and name together, in ink and in text, and which names look alike."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops

from handouts.batch.runsheet import Line, run_sheet
from tests.reading_pdf import page_texts

NAMES = {
    "latin": "Maria Gonzalez",
    "accents": "Zoë O’Neill-Müller",
    "greek": "Ελένη Παπαδοπούλου",
    "cyrillic": "Дмитрий Шостакович",
    "vietnamese": "Nguyễn Thị Ánh",
    "arabic": "محمد عبد الرحمن الكريم",
    "devanagari": "प्रिया शर्मा क्षत्रिय",
    "long": "Bartholomew Maximilian Featherstonehaugh-Cholmondeley the Third of Somewhere",
}
SCALE = 2
NAME_FROM, NAME_TO, RIGHT = 40 + 150, 40 + 334, 612 - 40
"""From the paper's left edge, in pt: the column of names, and where the sheet ends."""


def line(name: str, row: int = 1, *, flagged: bool = False, page: int = 1) -> Line:
    return Line(row, f"K7QF-3MDX-{row:03}", name, "1961-04-09", "2026-12-04 10:30", page, flagged)


def picture(pdf: bytes, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[page].render(scale=SCALE).to_pil().convert("L")
    finally:
        document.close()


def drawn(name: str, *, flagged: bool = False) -> tuple[int, int, int, int]:
    """Where the ink of a name is, in pt: left, top, right, bottom."""
    with_it, without = (picture(run_sheet([line(text, flagged=flagged)], "Sheet", "letter")) for text in (name, "."))
    box = ImageChops.difference(with_it, without).getbbox()
    assert box
    return tuple(side // SCALE for side in box)  # type: ignore[return-value]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("flagged", [False, True])
def test_a_name_in_any_script_is_drawn_within_its_column_and_row(name: str, flagged: bool) -> None:
    left, top, right, bottom = drawn(name, flagged=flagged)
    assert left >= NAME_FROM - 1
    assert right <= NAME_TO
    assert right - left > 30
    assert top >= 96 - 14
    assert bottom <= 96 + 6


def test_each_name_is_drawn_as_itself() -> None:
    seen = {picture(run_sheet([line(name)], "Sheet", "letter")).tobytes() for name in NAMES.values()}
    assert len(seen) == len(NAMES)


def test_row_code_birth_date_appointment_and_page_are_text() -> None:
    text = page_texts(run_sheet([line("A B", 417, page=23)], "Run sheet 1: 1 patients, 6 pages", "letter"))[0]
    for word in ("Run sheet 1: 1 patients, 6 pages", "417", "K7QF-3MDX-417", "1961-04-09", "2026-12-04 10:30", "23"):
        assert word in text
    for label in ("Row", "Code", "Name", "Born", "Appointment", "Page"):
        assert label in text


def test_every_page_says_that_it_is_to_be_shredded_and_which_of_how_many_it_is() -> None:
    texts = page_texts(run_sheet([line("A B", row) for row in range(1, 501)], "Run sheet 1: 500 patients", "a4"))
    assert len(texts) >= 10
    for number, text in enumerate(texts, 1):
        assert "Patients' names: shred this sheet after use" in text
        assert f"sheet {number} of {len(texts)}" in text
    for row in range(1, 501):
        assert sum(f"K7QF-3MDX-{row:03}" in text for text in texts) == 1


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_all_ink_stays_on_the_paper_and_rows_clear_of_the_foot(paper: str) -> None:
    lines = [line("Maria Gonzalez", 999_000 + row, flagged=True, page=9999) for row in range(60)]
    pdf = run_sheet(lines, "Run sheet 1000: 500 patients, 9999 pages", paper)  # type: ignore[arg-type]
    shown = picture(pdf)
    box = ImageChops.invert(shown).getbbox()
    assert box
    margin = 30 * SCALE
    assert box[0] >= margin
    assert box[2] <= shown.width - margin
    assert box[3] <= shown.height - 20 * SCALE
    foot = shown.crop((0, shown.height - 58 * SCALE, shown.width, shown.height - 42 * SCALE))
    assert not ImageChops.invert(foot).getbbox()


def test_look_alikes_are_marked_in_text_and_ink_and_explained() -> None:
    plain, marked = (run_sheet([line("A B", flagged=flagged)], "Sheet", "letter") for flagged in (False, True))
    assert "!" not in page_texts(plain)[0]
    assert "K7QF-3MDX-001 !" in page_texts(marked)[0]
    assert "looks much like it: compare the date of birth" in page_texts(marked)[0]
    assert picture(plain).tobytes() != picture(marked).tobytes()


def test_a_sheet_without_anybody_is_a_page() -> None:
    assert len(page_texts(run_sheet([], "Sheet", "letter"))) == 1


def test_the_same_lines_give_the_same_bytes_and_no_name_in_the_files_title() -> None:
    made = [run_sheet([line("Xanthippe Quill")], "Run sheet 1: 1 patients", "letter") for _ in range(2)]
    assert made[0] == made[1]
    with pikepdf.open(io.BytesIO(made[0])) as pdf:
        assert str(pdf.docinfo.Title) == "Run sheet 1"
    assert "Quill" not in repr(line("Xanthippe Quill"))
