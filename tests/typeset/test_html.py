"""Step 3: HTML, slots, and what a template may not do."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from handouts.errors import ContentFault, SystemMissing
from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.handout import Handout
from handouts.paths import PROGRAM, Program
from handouts.typeset import svg as figures
from handouts.typeset import weasyprint as engine
from handouts.typeset.html import front_variants, html, style_sheets, typeset
from tests.conftest import TODAY, TOPIC, MakeOf, RequestOf
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


def test_a_name_that_is_not_there_is_named(handout: Handout, library: Library, templates: Path):
    _broken(templates, "front.html.j2", "{{ h.title }}", "{{ h.titel }}")
    with pytest.raises(ContentFault, match="titel"):
        html(handout, library.words, "table", Program(templates.parent))


def test_a_word_of_the_page_that_got_lost_is_named_with_where_to_put_it(library: Library, request_of: RequestOf):
    handout = merge(library, request_of(), TODAY).handout
    page = {key: text for key, text in library.words.page.items() if key != "when_to_call"}
    with pytest.raises(ContentFault, match=r"'when_to_call'.*put it back under 'page'"):
        html(handout, library.words.model_copy(update={"page": page}), "list")


def test_a_page_shows_nothing_of_a_clinic_that_its_document_code_does_not_count(
    seaview: Library, request_of: RequestOf
):
    handout = merge(seaview, request_of(**KINDS["everything given"]), TODAY).handout
    assert handout.clinic.email.host
    counted = dataclasses.replace(handout, clinic=handout.clinic.printed_part())
    assert counted != handout
    for front in front_variants(handout):
        assert html(counted, seaview.words, front) == html(handout, seaview.words, front)


def test_a_template_that_does_not_parse_is_named_with_its_line(handout: Handout, library: Library, templates: Path):
    _broken(templates, "grid.html.j2", "{% endfor %}", "")
    with pytest.raises(ContentFault, match=r"grid\.html\.j2, line \d+"):
        html(handout, library.words, "table", Program(templates.parent))


def test_a_missing_template_is_named(handout: Handout, library: Library, templates: Path):
    (templates / "diary.html.j2").unlink()
    with pytest.raises(ContentFault, match=r"diary\.html\.j2 is missing"):
        html(handout, library.words, "table", Program(templates.parent))


def test_a_missing_style_sheet_is_named(handout: Handout, templates: Path):
    (templates / "print.css").unlink()
    with pytest.raises(ContentFault, match=r"print\.css is missing"):
        style_sheets(handout, Program(templates.parent))


def test_a_slot_that_does_not_exist_is_named(handout: Handout, library: Library, templates: Path):
    _broken(templates, "closing.html.j2", 'slot("code")', 'slot("cod")')
    with pytest.raises(ContentFault, match="'cod'"):
        html(handout, library.words, "table", Program(templates.parent))


def test_what_weasyprint_would_only_log_is_a_fault(handout: Handout, library: Library, templates: Path):
    _broken(templates, "print.css", "/* text */", ".x { frobnicate: 1 }")
    with pytest.raises(ContentFault, match="frobnicate"):
        typeset(handout, library.words, Program(templates.parent))


def test_a_character_of_the_clinic_that_no_font_has_is_named(library: Library, request_of: RequestOf):
    handout = merge(library, request_of(), TODAY).handout
    foreign = dataclasses.replace(handout, clinic=handout.clinic.model_copy(update={"name": "Dr. 王"}))
    with pytest.raises(ContentFault, match=r"None of the program's fonts has these characters.*: 王\. Write them"):
        typeset(foreign, library.words)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://example.org/x.png", "../x.png"])
def test_a_template_reaches_nothing_outside_the_handout(
    address: str, handout: Handout, library: Library, templates: Path
):
    _broken(
        templates, "closing.html.j2", '<section class="about">', f'<img src="{address}" alt="x"><section class="about">'
    )
    with pytest.raises(ContentFault):
        typeset(handout, library.words, Program(templates.parent))


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


def test_page_1_shows_the_comparison_of_two_and_stands_alone(make_of: MakeOf):
    first = page_texts(make_of(options=TWO).pdf)[0]
    for text in ("Your options side by side", "How sure are", "Your next steps", "When to call us", "Emergency"):
        assert text in first


def test_when_the_comparison_does_not_fit_page_1_it_moves_to_page_2(make_of: MakeOf):
    made = make_of(options=TWO, note="One more line.\n" * 30)
    first, second = page_texts(made.pdf)[:2]
    assert "The options we talked about" in first
    assert "When to call us" in first
    assert any("Your options side by side" in text for text in (second, *page_texts(made.pdf)[2:4]))


def test_three_go_side_by_side_on_page_2_and_more_become_cards(library: Library, request_of: RequestOf):
    three = merge(library, request_of(options=[*TWO, "no-treatment"]), TODAY).handout
    four = merge(library, request_of(options=[*TWO, "no-treatment", "complementary"]), TODAY).handout
    assert (front_variants(three), three.layout) == (("list",), "table")
    assert (front_variants(four), four.layout) == (("list",), "cards")
    assert 'class="card"' in html(four, library.words, "list")


def test_large_print_always_has_cards(library: Library, request_of: RequestOf):
    handout = merge(library, request_of(format="large-print"), TODAY).handout
    assert handout.layout == "cards"


def test_text_is_never_taken_for_markup(library: Library, request_of: RequestOf):
    handout = merge(library, request_of(note="<b>{{ 7*7 }}</b> & {% raw %}"), TODAY).handout
    made = html(handout, library.words, "list")
    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt; &amp; {% raw %}" in made


def test_what_looks_like_css_in_a_clinics_name_stays_text(library: Library, request_of: RequestOf):
    handout = merge(library, request_of(), TODAY).handout
    sly = dataclasses.replace(
        handout, clinic=handout.clinic.model_copy(update={"name": '"} body{display:none} </style>'})
    )
    made = html(sly, library.words, "list")
    assert "body{display:none}" not in made.split("</head>")[0]


def test_every_page_of_unapproved_text_says_so(make_of: MakeOf):
    for text in page_texts(make_of(options=TWO).pdf):
        assert "Not yet approved" in text


def test_the_drawing_follows_the_side_and_its_labels_are_not_mirrored():
    svg = figures.read(PROGRAM.figures / "injection-sites.svg")
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
    with_site = html(merge(seaview, request_of(), TODAY).handout, seaview.words, "list")
    assert 'class="qr"' in with_site
    assert 'class="qr"' not in html(merge(library, request_of(), TODAY).handout, library.words, "list")


def test_a_safety_field_that_topic_yaml_does_not_have_is_a_fault(content: Path):
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text().replace("botox_breathing_swallowing", "botox_breathing"))
    with pytest.raises(ContentFault, match="Did you mean 'botox_breathing_swallowing'"):
        load_library(content, TOPIC)


@pytest.mark.parametrize("inside", ['<rect stroke-miterlimit="x" width="4" height="4"/>', '<path d="M0 0 A 1 1"/>',
                                    '<image href="#" width="5" height="5"/>', '<text rotate="a">x</text>'])  # fmt: skip
def test_a_logo_that_can_not_be_drawn_is_named(library: Library, request_of: RequestOf, tmp_path: Path, inside: str):
    logo = tmp_path / "mark.svg"
    logo.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">{inside}</svg>')
    handout = dataclasses.replace(merge(library, request_of(), TODAY).handout, logo=logo)
    with pytest.raises(ContentFault, match=r"The picture mark.svg can't be drawn"):
        typeset(handout, library.words)
