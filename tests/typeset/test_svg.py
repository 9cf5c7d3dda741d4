"""Pictures as SVG: our own drawings, people to count, times of day, a QR code."""

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import segno

from handouts.paths import PROGRAM
from handouts.typeset import svg as figures
from tests.conftest import CONTENT, TOPIC

DRAWINGS = sorted((CONTENT / "topics" / TOPIC / "figures").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
INK = "#17324d"


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_of_ours_keeps_its_labels_upright_on_the_other_side(path: Path):
    svg = figures.read(path)
    width, _ = figures.size(svg)
    here, there = (ElementTree.fromstring(figures.for_side(svg, side)) for side in ("left", "right"))
    [art] = [group for group in there.iter(f"{SVG}g") if group.get("id") == "art"]
    assert art.get("transform") == f"translate({width:g} 0) scale(-1 1)"
    labels = [list(root.iter(f"{SVG}text")) for root in (here, there)]
    for left, right in zip(*labels, strict=True):
        assert "".join(left.itertext()) == "".join(right.itertext())
        assert float(left.get("x", 0)) + float(right.get("x", 0)) == pytest.approx(width)
        assert right.get("transform") is None
        swapped = {"start": "end", "end": "start"}.get(left.get("text-anchor", "start"), "middle")
        assert right.get("text-anchor") == swapped


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_of_ours_stands_on_its_own(path: Path):
    text = figures.read(path)
    assert "<title>" in text
    assert not re.search(r"<(script|image|style|foreignObject)\b|@font-face|url\((?!#)", text)


@pytest.mark.parametrize("counts", [(91, 9), (2, 3, 95), (1, 1, 1, 97), (0, 100), (100, 0)])
def test_people_are_counted_by_their_shape(counts: tuple[int, ...]):
    svg = figures.people(counts, "x", INK, "#ffffff")
    assert svg.count('r="3"') == 100
    assert svg.count('rx="3.4"') == 100
    assert svg.count('height="11.2" rx="3.4" fill=') == counts[-1], "outlined: the rest"
    bands = counts[1] if len(counts) > 2 else 0
    dots = counts[2] if len(counts) > 3 else 0
    assert svg.count('height="2.8"') == bands
    assert svg.count('r="2.2"') == dots


def test_people_stand_in_ten_rows_of_ten_with_a_gap_after_five():
    svg = figures.people((50, 50), "x", INK, "#ffffff")
    heads = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="3"', svg)]
    assert sorted({y for _, y in heads}) == [y for _, y in heads[::10]]
    across = [after - before for before, after in itertools.pairwise(x for x, _ in heads[:10])]
    down = [after - before for before, after in itertools.pairwise(y for _, y in heads[::10])]
    assert across == pytest.approx([15] * 4 + [21] + [15] * 4)
    assert down == pytest.approx([22] * 4 + [28] + [22] * 4)
    width, height = figures.size(svg)
    assert max(x for x, _ in heads) < width
    assert heads[-1][1] < height


def test_the_picture_of_a_benefit_is_as_large_as_that_of_a_harm():
    sizes = {figures.size(figures.people(counts, "x", INK, "#ffffff")) for counts in ((91, 9), (2, 1, 97))}
    assert len(sizes) == 1


def test_the_kind_of_people_in_the_key_is_the_one_in_the_picture():
    assert [figures.kind_of((2, 1, 97), index) for index in range(3)] == ["first", "second", "rest"]
    assert [figures.kind_of((91, 9), index) for index in range(2)] == ["first", "rest"]


@pytest.mark.parametrize("kind", ["first", "second", "third", "rest"])
def test_the_legend_shows_one_person_of_each_kind(kind: str):
    alone = figures.person(kind, INK, "#ffffff", "A person")
    assert alone.count('r="3"') == 1
    assert "<title>A person</title>" in alone
    everyone = {figures.person(name, INK, "#ffffff", "A person") for name in ("first", "second", "third", "rest")}
    assert len(everyone) == 4


@pytest.mark.parametrize("name", ["morning", "noon", "evening", "night"])
def test_a_time_of_day_has_a_drawing_of_its_own(name: str):
    svg = figures.in_ink(figures.read(PROGRAM.figures / f"{name}.svg"), INK, name)
    assert figures.size(svg) == (24, 24)
    assert f"<title>{name}</title>" in svg
    assert INK in svg
    ElementTree.fromstring(svg)


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_label_says_the_words_of_its_language(path: Path):
    words = {label: f"<{label}>" for label in re.findall(r'<text[^>]*id="([^"]+)"', path.read_text(encoding="utf-8"))}
    assert words
    said = ElementTree.fromstring(figures.say(figures.read(path), words))
    assert [text.text for text in said.iter(f"{SVG}text")] == list(words.values())


def test_a_qr_code_holds_the_address_within_a_quiet_zone_of_four():
    url = "https://seaview.example/spasm"
    svg = figures.qr_code(url, INK, "QR code")
    modules = segno.make_qr(url, error="m").matrix
    assert figures.size(svg) == (len(modules) + 8, len(modules) + 8)
    assert "<title>QR code</title>" in svg
    dark = sum(int(length) for length in re.findall(r"h(\d+)", svg.partition("stroke")[2]))
    assert dark == sum(map(sum, modules)), "every dark module is drawn"


def test_a_picture_that_can_not_be_read_as_text_is_a_fault(tmp_path: Path):
    path = tmp_path / "mark.svg"
    path.write_bytes(b"\xff\xfe<svg/>")
    with pytest.raises(figures.ContentFault, match="can't be read"):
        figures.read(path)
