"""Step 3: a sheet's HTML, its slots, and what a template may not do."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import pytest

from handouts.errors import ContentFault, SystemMissing
from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.clinic import ClinicFile
from handouts.model.content import Library
from handouts.model.handout import Handout
from handouts.model.prose import Run
from handouts.paths import PROGRAM, Program
from handouts.typeset import svg as figures
from handouts.typeset import weasyprint as engine
from handouts.typeset.front import choose_front
from handouts.typeset.html import environment, html, style_sheets
from handouts.typeset.typeset import typeset_sheet
from tests.conftest import TODAY, TOPIC, MakeOf, RequestOf
from tests.laid_out import html_of
from tests.reading_pdf import page_texts
from tests.typeset.test_accessibility import KINDS

TWO = ["botox", "microvascular-decompression"]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A copy of the templates to break at will."""
    shutil.copytree(PROGRAM.figures, tmp_path / "assets" / "figures")
    return Path(shutil.copytree(PROGRAM.templates, tmp_path / "templates"))


@pytest.fixture(scope="module")
def handout(library: Library, request_of: RequestOf) -> Handout:
    return merge(library, request_of(options=TWO), TODAY).handout


def _broken(folder: Path, name: str, old: str, new: str) -> Path:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return folder


def _of_another_clinic(handout: Handout, clinic: ClinicFile) -> Handout:
    return dataclasses.replace(handout, look=dataclasses.replace(handout.look, clinic=clinic))


def _closing(handout: Handout, library: Library, templates: Path) -> str:
    return html(handout.closing, handout.look, library.words, Program(templates.parent))


def _typeset_closing(handout: Handout, library: Library, templates: Path) -> None:
    there = dataclasses.replace(library, program=Program(templates.parent))
    typeset_sheet(there, handout.look, "questions", handout.closing)


def _every_page(handout: Handout, library: Library) -> dict[str, str]:
    """The HTML of each sheet, as it is printed."""
    return {name: html_of(sheet, handout.look, library) for name, sheet in handout.sheets()}


def test_a_name_that_is_not_there_is_named(handout: Handout, library: Library, templates: Path):
    _broken(templates, "questions.html.j2", "source.cite", "source.site")
    with pytest.raises(ContentFault, match="site"):
        _closing(handout, library, templates)


@pytest.mark.parametrize("word", ["get_help", "teach_back_intro"])
def test_a_word_of_the_page_that_got_lost_is_named_with_where_to_put_it(handout: Handout, library: Library, word: str):
    page = {key: text for key, text in library.words.page.items() if key != word}
    without = dataclasses.replace(library, words=library.words.model_copy(update={"page": page}))
    sheet = handout.front if word == "get_help" else handout.closing
    with pytest.raises(ContentFault, match=rf"'{word}'.*put it back under 'page'"):
        html_of(sheet, handout.look, without)


def test_a_page_shows_nothing_of_a_clinic_that_its_document_code_does_not_count(
    seaview: Library, request_of: RequestOf
):
    assert seaview.clinic.file.email.host
    handout = merge(seaview, request_of(**KINDS["everything given"]), TODAY).handout
    assert handout.look.clinic == seaview.clinic.file.printed_part() != seaview.clinic.file
    of_all = _of_another_clinic(handout, seaview.clinic.file)
    assert _every_page(of_all, seaview) == _every_page(handout, seaview)


def test_a_template_that_does_not_parse_is_named_with_its_line(handout: Handout, library: Library, templates: Path):
    _broken(templates, "macros.html.j2", "{% endmacro %}", "")
    with pytest.raises(ContentFault, match=r"macros\.html\.j2, line \d+"):
        _closing(handout, library, templates)


@pytest.mark.parametrize("name", ["questions.html.j2", "sheet.html.j2", "macros.html.j2"])
def test_a_missing_template_is_named(handout: Handout, library: Library, templates: Path, name: str):
    (templates / name).unlink()
    with pytest.raises(ContentFault, match=rf"{name} is missing"):
        _closing(handout, library, templates)


@pytest.mark.parametrize("name", ["base.css", "questions.css"])
def test_a_missing_style_sheet_is_named(handout: Handout, templates: Path, name: str):
    (templates / name).unlink()
    with pytest.raises(ContentFault, match=rf"{name} is missing"):
        style_sheets(handout.closing, Program(templates.parent))


def test_a_slot_that_does_not_exist_is_named(handout: Handout, library: Library, templates: Path):
    _broken(templates, "questions.html.j2", 'slot("code")', 'slot("cod")')
    with pytest.raises(ContentFault, match="'cod'"):
        _closing(handout, library, templates)


def test_what_weasyprint_would_only_log_is_a_fault(handout: Handout, library: Library, templates: Path):
    _broken(templates, "base.css", "/* text */", ".x { frobnicate: 1 }")
    with pytest.raises(ContentFault, match="frobnicate"):
        _typeset_closing(handout, library, templates)


def test_a_character_of_the_clinic_that_no_font_has_is_named(handout: Handout, library: Library):
    foreign = _of_another_clinic(handout, handout.look.clinic.model_copy(update={"name": "Dr. 王"}))
    for name, sheet in foreign.sheets():
        with pytest.raises(ContentFault, match=r"None of the program's fonts has these characters.*: 王\. Write them"):
            typeset_sheet(library, foreign.look, name, sheet)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://example.org/x.png", "../x.png"])
def test_a_template_reaches_nothing_outside_the_handout(
    address: str, handout: Handout, library: Library, templates: Path
):
    colophon = '<section class="colophon">'
    _broken(templates, "questions.html.j2", colophon, f'<img src="{address}" alt="x">{colophon}')
    with pytest.raises(ContentFault, match=r"outside the handout|Relative URI"):
        _typeset_closing(handout, library, templates)


def test_a_missing_pango_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    import builtins

    real = builtins.__import__

    def without_pango(name: str, *args: object, **kwargs: object) -> object:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_pango)
    engine._weasyprint.cache_clear()
    try:
        with pytest.raises(SystemMissing, match="apt-get install libpango"):
            engine._weasyprint()
    finally:
        monkeypatch.undo()
        engine._weasyprint.cache_clear()


def test_text_is_never_taken_for_markup(handout: Handout, library: Library):
    sly = dataclasses.replace(handout.look, title="<b>{{ 7*7 }}</b> & {% raw %}")
    made = choose_front(handout.front, sly, library.words)
    assert "<h1>&lt;b&gt;{{ 7*7 }}&lt;/b&gt; &amp; {% raw %}</h1>" in made


def test_what_looks_like_css_in_a_clinics_name_stays_text(handout: Handout, library: Library):
    name = '"} body{display:none} </style>'
    sly = _of_another_clinic(handout, handout.look.clinic.model_copy(update={"name": name}))
    for page in _every_page(sly, library).values():
        assert "body{display:none}" not in page.split("</head>")[0]


def test_every_page_of_unapproved_text_says_so(make_of: MakeOf):
    for text in page_texts(make_of(options=TWO).pdf):
        assert "Not yet approved" in text


def test_the_drawing_follows_the_side_and_its_labels_are_not_mirrored(library: Library):
    svg = figures.read(library.topic.drawings.file("injection-sites"))
    mirrored = figures.for_side(svg, "right")
    assert figures.for_side(svg, "left") == svg
    assert figures.for_side(svg, None) == svg
    width, _ = figures.size(svg)
    assert f'transform="translate({width:g} 0) scale(-1 1)"' in mirrored
    assert mirrored.count("<text") == svg.count("<text")
    label = svg.split(">brow<")[0].rsplit("<text", 1)[1]
    moved = mirrored.split(">brow<")[0].rsplit("<text", 1)[1]
    x = float(label.split('x="')[1].split('"')[0])
    assert f'x="{width - x:g}"' in moved
    assert "transform" not in moved


def test_people_are_counted_from_where_reading_begins():
    def first(*, rtl: bool) -> float:
        svg = figures.people((1, 99), "100 people", "#17324d", "#ffffff", rtl=rtl)
        return next(float(x) for x, paint in re.findall(r'<circle cx="([\d.]+)"[^>]*r="3"([^/]*)/>', svg) if not paint)

    assert first(rtl=False) < 20 < first(rtl=True)


def test_people_are_a_hundred_and_their_kinds_differ_in_shape():
    svg = figures.people((2, 1, 97), "100 people", "#17324d", "#ffffff")
    assert svg.count("<circle") == 100
    alike = figures.people((3, 97), "100 people", "#17324d", "#ffffff")
    assert svg.count("<rect") == alike.count("<rect") + 1, "the second kind wears a sash"
    assert "<title>100 people</title>" in svg


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<svg", "broken at line 1"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "viewBox"),
        ("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>", "DOCTYPE"),
        (
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><image href='x.png'/></svg>",
            "refers to another file",
        ),
    ],
)
def test_a_broken_picture_is_a_fault_with_its_name(tmp_path: Path, text: str, message: str):
    path = tmp_path / "mark.svg"
    path.write_text(text)
    with pytest.raises(ContentFault, match=message):
        figures.read(path)


def test_a_missing_picture_is_a_fault_with_its_name(tmp_path: Path):
    with pytest.raises(ContentFault, match=r"mark\.svg is missing"):
        figures.read(tmp_path / "mark.svg")


def test_a_qr_code_stands_where_the_clinic_has_a_website(seaview: Library, library: Library, request_of: RequestOf):
    def closing(one: Library) -> str:
        handout = merge(one, request_of(), TODAY).handout
        return html(handout.closing, handout.look, one.words)

    assert 'class="qr"' in closing(seaview)
    assert 'class="qr"' not in closing(library)


def test_a_safety_field_that_topic_yaml_does_not_have_is_a_fault(content: Path):
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text().replace("botox_breathing_swallowing", "botox_breathing"))
    with pytest.raises(ContentFault, match="Did you mean 'botox_breathing_swallowing'"):
        load_library(content, TOPIC)


@pytest.mark.parametrize("inside", ['<rect stroke-miterlimit="x" width="4" height="4"/>', '<path d="M0 0 A 1 1"/>',
                                    '<image href="#" width="5" height="5"/>', '<text rotate="a">x</text>'])  # fmt: skip
def test_a_logo_that_can_not_be_drawn_is_named(handout: Handout, library: Library, tmp_path: Path, inside: str):
    logo = tmp_path / "mark.svg"
    logo.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">{inside}</svg>')
    look = dataclasses.replace(handout.look, logo=logo)
    with pytest.raises(ContentFault, match=r"The picture mark.svg can't be drawn"):
        typeset_sheet(library, look, "front", handout.front)


def test_in_a_caption_a_count_of_people_stays_on_one_line():
    caption = environment(PROGRAM.templates).filters["caption"]
    assert caption((Run("Of 100 people, after 6 weeks"),)) == "Of\u00a0100\u00a0people, after 6\u00a0weeks"
