"""How large words in a drawing come out, wherever their size stands, and whether they lie within it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from handouts.check import check_topic
from handouts.load.library import load_library
from handouts.typeset.fit import LARGE_ROOM, ROOMY, TIGHT, WIDEST, Fit
from handouts.typeset.lettering import labels, outside

TOPIC = "hemifacial-spasm"


def sizes(inside: str, attributes: str = "") -> list[float]:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" {attributes}>{inside}</svg>'
    return [round(label.size, 2) for label in labels(svg)]


@pytest.mark.parametrize(
    "inside",
    [
        '<text font-size="12">Nerve</text>',
        '<text font-size="12px">Nerve</text>',
        '<text font-size="9pt">Nerve</text>',
        '<text style="font-size: 12px">Nerve</text>',
        '<text style="font: bold 12px/1.2 sans-serif">Nerve</text>',
        '<text font-size="30" style="font-size: 12px">Nerve</text>',
        '<g font-size="12"><text>Nerve</text></g>',
        '<g style="font-size:12px"><g><text>Nerve</text></g></g>',
        "<style>text { font-size: 12px }</style><text>Nerve</text>",
        '<style>.small { font-size: 12px }</style><text class="small">Nerve</text>',
        '<style>#labels text { font-size: 12px }</style><g id="labels"><text>Nerve</text></g>',
        '<style>text { font-size: 12px }</style><text font-size="30">Nerve</text>',
        '<style>.a { font-size: 12px } text { font-size: 30px }</style><text class="a">Nerve</text>',
        '<style>text { font-size: 12px !important }</style><text style="font-size: 30px">Nerve</text>',
        '<g font-size="24"><text font-size="50%">Nerve</text></g>',
        '<g font-size="24"><text font-size="0.5em">Nerve</text></g>',
        '<g transform="scale(0.5)"><text font-size="24">Nerve</text></g>',
        '<text font-size="24" transform="translate(5 5) scale(1 0.5)">Nerve</text>',
        '<g transform="matrix(0.5 0 0 0.5 9 9)"><text font-size="24">Nerve</text></g>',
        '<text font-size="12" transform="rotate(90)">Nerve</text>',
        '<text><tspan font-size="12">Nerve</tspan></text>',
        '<defs><text id="n" font-size="24">Nerve</text></defs><use href="#n" transform="scale(.5)"/>',
        '<svg width="100" height="100" viewBox="0 0 200 200"><text font-size="24">Nerve</text></svg>',
    ],
)
def test_a_size_counts_wherever_it_stands(inside):
    assert sizes(inside) == [12.0]


def test_a_size_on_the_drawing_counts_for_all_of_its_words():
    assert sizes("<text>Nerve</text><g><text>Vessel</text></g>", 'font-size="12"') == [12.0, 12.0]


def test_without_a_size_it_is_the_usual_one():
    assert sizes("<text>Nerve</text>") == [16.0]


@pytest.mark.parametrize(
    "inside",
    [
        "<defs><text>Nerve</text></defs>",
        '<g display="none"><text>Nerve</text></g>',
        '<text visibility="hidden">Nerve</text>',
        "<title>Nerve</title>",
        "<text> </text>",
    ],
)
def test_what_is_not_drawn_has_no_size(inside):
    assert sizes(inside) == []


def test_a_size_that_is_no_size_is_too_small():
    assert sizes('<text font-size="large">Nerve</text>') == [0.0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<title>", '<style>text { font-size: 12px !important }</style><title>'),
        ('id="labels"', 'id="labels" transform="scale(0.4)"'),
    ],
)  # fmt: skip
def test_small_words_in_a_drawing_that_comes_with_a_topic_are_found_and_told(content: Path, today: date, old, new):
    path = content / "topics" / TOPIC / "figures" / "incision.svg"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    (found,) = [item for item in check_topic(load_library(content, TOPIC), today) if item.level == "failure"]
    assert (found.gate, found.where) == ("label size, % of the width", f"topics/{TOPIC}/figures/incision.svg")
    assert found.sentence


# where they lie


def _outside(inside: str) -> list[str]:
    return [
        label.text for label in outside(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300">{inside}</svg>')
    ]


@pytest.mark.parametrize(
    "inside",
    [
        '<text x="900" y="50" font-size="26">heart</text>',
        '<text x="370" y="50" font-size="26">heart</text>',
        '<text x="20" y="50" font-size="26" text-anchor="end">heart</text>',
        '<text x="10" y="50" font-size="26" text-anchor="middle">heart</text>',
        '<g text-anchor="end"><text x="20" y="50" font-size="26">heart</text></g>',
        '<text x="100" y="10" font-size="26">heart</text>',
        '<text x="100" y="310" font-size="26">heart</text>',
        '<text font-size="26">heart</text>',
        '<g transform="translate(300 0)"><text x="90" y="50" font-size="26">heart</text></g>',
        '<g transform="translate(0 -40)"><text x="90" y="50" font-size="26">heart</text></g>',
        '<text x="100" y="150" dx="300" font-size="26">heart</text>',
        '<text x="100" y="50" font-size="26"><tspan x="390" y="80">heart</tspan></text>',
        '<text x="395" y="150" font-size="26" transform="rotate(90 395 150)">heart</text>',
        '<svg x="350" width="40" height="30" viewBox="0 0 40 30"><text x="39" y="15" font-size="26">heart</text></svg>',
    ],
)
def test_a_label_beyond_the_drawing_is_found(inside: str):
    assert _outside(inside) == ["heart"]


@pytest.mark.parametrize(
    "inside",
    [
        '<text x="90" y="45" font-size="26">heart</text>',
        '<text x="398" y="45" font-size="26" text-anchor="end">heart</text>',
        '<text x="200" y="298" font-size="26" text-anchor="middle">heart</text>',
        '<g transform="translate(-600 0)"><text x="700" y="50" font-size="26">heart</text></g>',
        '<text x="370" y="150" font-size="26" transform="rotate(90 370 150)">heart</text>',
        '<text x="90" y="45" font-size="26">the <tspan font-weight="700">heart</tspan></text>',
    ],
)
def test_a_label_within_it_is_not(inside: str):
    assert _outside(inside) == []


@pytest.mark.parametrize(("large", "least"), [(False, 9.5), (True, 18.0)])
@pytest.mark.parametrize("label", [18.1, 22.0, 26.0, 26.4, 40.0])
def test_no_drawing_is_printed_so_small_that_its_words_can_not_be_read(label: float, large: bool, least: float):
    for scale in (TIGHT, ROOMY):
        width = Fit(scale).width((400, 300), large=large, least=label)
        assert width / 400 * label >= least
        assert width <= (LARGE_ROOM[0] if large else WIDEST)


def test_a_drawing_whose_words_are_large_enough_keeps_the_scale_of_its_sheet():
    assert Fit(TIGHT).width((400, 300), large=False, least=27) == Fit(TIGHT).width((400, 300), large=False) == 144.0


def test_words_that_figures_yaml_gives_a_drawing_are_measured(content: Path, today: date):
    figures = content / "topics" / TOPIC / "figures"
    path = figures / "incision.svg"
    emptied = re.sub(r"(<text\b[^>]*>)[^<]*(</text>)", r"\1\2", path.read_text(encoding="utf-8"))
    path.write_text(re.sub(r'font-size="[^"]*"', 'font-size="9"', emptied), encoding="utf-8")
    (found,) = [item for item in check_topic(load_library(content, TOPIC), today) if item.level == "failure"]
    assert (found.gate, found.where) == ("label size, % of the width", f"topics/{TOPIC}/figures/incision.svg")
    assert found.sentence in load_library(content, TOPIC).topic.drawings.labels["incision"].values()


def test_a_label_beyond_its_drawing_is_a_failure_that_names_it(content: Path, today: date):
    path = content / "topics" / TOPIC / "figures" / "incision.svg"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'(<text\b[^>]*?) x="[^"]*"', r'\1 x="900"', text, count=1), encoding="utf-8")
    (found,) = [item for item in check_topic(load_library(content, TOPIC), today) if item.level == "failure"]
    assert found.gate == "label beyond the drawing"
    assert found.sentence
