"""A drawing that nobody can set: it is named, soon, and nothing else happens."""

import os
import time
from pathlib import Path

import pytest

from handouts.errors import ContentFault
from handouts.typeset import svg as figures

_SHAPE = '<rect width="9" height="9"/>'


def drawing(inside: str = _SHAPE, viewbox: str = "0 0 64 64", attributes: str = "") -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{viewbox}" {attributes}>{inside}</svg>'


def refusal(folder: Path, text: str) -> str:
    path = folder / "mark.svg"
    path.write_text(text, encoding="utf-8")
    figures.read.cache_clear()
    started = time.process_time()
    with pytest.raises(ContentFault) as caught:
        figures.read(path)
    assert time.process_time() - started < 5
    assert caught.value.message.startswith("The picture mark.svg ")
    return caught.value.message


def used_tenfold(levels: int) -> str:
    parts = ['<g id="g0"><rect width="1" height="1"/></g>']
    parts += [f'<g id="g{n}">{f"""<use href="#g{n - 1}"/>""" * 10}</g>' for n in range(1, levels)]
    return f'<defs>{"".join(parts)}</defs><use href="#g{levels - 1}"/>'


@pytest.mark.parametrize(
    "viewbox",
    [". . . .", "0 0 . .", "1.2.3 0 4 5", "0 0 nan nan", "0 0 inf 9", "- - - -", "", "0 0 64", "0 0 64 64 64",
     "0 0 0 9", "0 0 -5 5", "0 0 1e400 9", "0 0 9999999 9", "a b c d"],
)  # fmt: skip
def test_a_viewbox_has_to_be_four_numbers_with_some_room(tmp_path: Path, viewbox: str):
    assert "viewBox" in refusal(tmp_path, drawing(viewbox=viewbox))


@pytest.mark.parametrize("viewbox", ["0 0 64 64", "0,0,64,64", " -1.5 .5 6.4e1 +64 "])
def test_a_viewbox_may_be_written_in_any_way_that_svg_has(tmp_path: Path, viewbox: str):
    path = tmp_path / "mark.svg"
    path.write_text(drawing(viewbox=viewbox))
    assert figures.size(figures.read(path)) == (64, 64)


@pytest.mark.parametrize(
    "inside",
    [
        used_tenfold(10),
        '<g id="a"><use href="#a"/></g>',
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        '<pattern id="p" width="1" height="1"><rect width="1" height="1" fill="url(#p)"/></pattern>',
        '<mask id="m"><rect mask="url(#m)" width="4" height="4"/></mask>',
        '<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/>',
        f'<marker id="m">{_SHAPE * 50}</marker><path marker-mid="url(#m)" d="M0 0{" L1 1" * 5000}"/>',
        f'<style>g{{mask:url(#m)}}</style><mask id="m">{_SHAPE * 100}</mask>{"<g/>" * 400}',
        '<g id="g0"/>' + "".join(f'<g id="g{n + 1}"><use href="#g{n}"/></g>' for n in range(200)),
    ],
    ids=["tenfold", "itself", "each other", "pattern", "mask", "gradients", "markers", "style sheet", "a long chain"],
)
def test_parts_that_are_drawn_again_and_again_are_counted(tmp_path: Path, inside: str):
    assert "part" in refusal(tmp_path, drawing(inside))


@pytest.mark.parametrize(
    "inside",
    ["<g>" * 5000 + "</g>" * 5000, _SHAPE * 6000, f'<path d="M0 0{" L1 1" * 180_000}"/>', "<!--" + "x" * 2**20 + "-->",
     f"<style>{'rect{fill:red}' * 2000}</style>"],
    ids=["deep", "many", "a long path", "large", "a long style sheet"],
)  # fmt: skip
def test_a_drawing_has_a_size(tmp_path: Path, inside: str):
    refusal(tmp_path, drawing(inside))


@pytest.mark.parametrize(
    "inside",
    ['<path d="M0 0 L1e400 5"/>', '<path d="M0 0 Lnan 5"/>', '<rect width="inf" height="4"/>',
     '<g transform="scale(12345678)"/>', '<rect style="stroke-width:1e99"/>', "<style>rect{stroke-width:nan}</style>"],
)  # fmt: skip
def test_a_number_that_no_pdf_can_hold_is_refused(tmp_path: Path, inside: str):
    assert "no number" in refusal(tmp_path, drawing(inside))


@pytest.mark.parametrize(
    "inside",
    ['<image href="http://x.example/a.png"/>', '<image href="data:image/png;base64,AA"/>', '<use href="b.svg#a"/>',
     '<rect fill="url(http://x.example/a#b)"/>', '<rect style="fill:URL( \'file:///a#b\')"/>',
     '<style>@import "http://x.example/a.css";</style>', "<style>@Font-Face{src:url(#a)}</style>"],
)  # fmt: skip
def test_nothing_is_fetched_for_a_drawing(tmp_path: Path, inside: str):
    assert "refers to another file" in refusal(tmp_path, drawing(inside))


@pytest.mark.parametrize("how", ['spreadMethod="repeat"', 'spreadMethod="reflect"', 'style="spreadMethod:repeat"'])
def test_a_gradient_that_repeats_itself_is_refused(tmp_path: Path, how: str):
    assert "repeats itself" in refusal(tmp_path, drawing(f'<linearGradient id="a" x2="1e-9" {how}/>'))


@pytest.mark.parametrize(
    "text",
    ["", "<svg", "<html/>", drawing("\0"), f'<?xml version="1.0" encoding="utf-16"?>{drawing()}',
     f'<!DOCTYPE s [<!ENTITY a "a">]>{drawing("&a;")}'],
)  # fmt: skip
def test_what_is_no_plain_svg_is_refused(tmp_path: Path, text: str):
    refusal(tmp_path, text)


def test_a_folder_or_a_pipe_is_no_drawing(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.svg")
    with pytest.raises(ContentFault, match=r"pipe.svg is no file"):
        figures.read(tmp_path / "pipe.svg")
    with pytest.raises(ContentFault, match="is no file"):
        figures.read(tmp_path)
