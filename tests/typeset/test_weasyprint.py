"""WeasyPrint behind one function: what it would only log is a fault, and nothing is fetched from outside."""

import gc
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from handouts.errors import ContentFault
from handouts.typeset import weasyprint as engine
from handouts.typeset.weasyprint import layout, link_texts, without_gc, write

PAGE = '<html lang="en"><title>T</title>{}</html>'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<style>p { frobnicate: 1 }</style>", "frobnicate"),
        ("<style>p { color: no-colour }</style>", "no-colour"),
        ('<img src="data:image/png;base64,AAAA" alt="x">', "image"),
        ('<a href="#nowhere">x</a>', "nowhere"),
    ],
)
def test_what_would_only_be_logged_is_a_fault(body: str, message: str):
    with pytest.raises(ContentFault, match=message):
        write(layout(PAGE.format(body), ()))


def test_a_picture_without_words_is_a_fault_when_it_is_written():
    dot = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/%3E"
    document = layout(PAGE.format(f'<img src="{dot}">'), ())
    with pytest.raises(ContentFault, match="alt description"):
        write(document)


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://example.org/x.png", "https://example.org/x.png", "ftp://x/y"]
)
@pytest.mark.parametrize(
    "place", ['<img src="{}" alt="x">', '<link rel="stylesheet" href="{}">', "<style>@import '{}'</style>"]
)
def test_nothing_outside_is_reached_for(address: str, place: str):
    with pytest.raises(ContentFault, match="outside"):
        layout(PAGE.format(place.format(address)), ())


def test_a_style_sheet_reaches_nothing_outside_either(tmp_path: Path):
    sheet = tmp_path / "x.css"
    sheet.write_text("p { background: url(file:///etc/hostname) }")
    with pytest.raises(ContentFault, match="outside"):
        layout(PAGE.format("<p>x</p>"), (sheet,))


def test_a_fault_is_short_even_when_a_picture_is_long():
    with pytest.raises(ContentFault) as caught:
        layout(PAGE.format(f'<img src="data:image/png;base64,{"A" * 5000}" alt="x">'), ())
    assert len(caught.value.message) < 500


def test_the_log_is_left_as_it_was():
    logger = logging.getLogger("weasyprint")
    before = (list(logger.handlers), logger.level, logger.propagate)
    layout(PAGE.format("<p>x</p>"), ())
    assert (list(logger.handlers), logger.level, logger.propagate) == before


def test_threads_of_one_process_do_not_get_into_each_others_way():
    def faults(number: int) -> bool:
        body = "<p style='color: nonsense'>x</p>" if number % 2 else "<p>Some words</p>"
        try:
            write(layout(f'<html lang="en"><title>A page</title><body>{body}', ()))
        except ContentFault:
            return True
        return False

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(faults, range(40))) == [bool(number % 2) for number in range(40)]


def test_what_is_put_around_weasyprint_is_put_there_once_however_often_it_is_begun():
    from weasyprint import svg
    from weasyprint.layout import inline

    layout("<p>Some words</p>", ())
    before = svg.TAGS["text"], inline.split_first_line
    engine._weasyprint.cache_clear()
    layout("<p>Some words</p>", ())
    assert (svg.TAGS["text"], inline.split_first_line) == before


def test_fonts_are_read_once_a_process():
    assert engine._font_configuration() is engine._font_configuration()


def test_garbage_is_collected_again_afterwards_even_after_a_fault():
    with without_gc():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), without_gc():
        _ = 1 / 0
    assert gc.isenabled()


def test_the_text_of_a_link_is_found_by_its_address():
    html = '<a href="https://a.example/?x=1&amp;y=2">one\n <b>two</b></a> not <a>this</a> <a href="#b">&amp;</a>'
    assert link_texts(html) == {"https://a.example/?x=1&y=2": "one two", "#b": "&"}
