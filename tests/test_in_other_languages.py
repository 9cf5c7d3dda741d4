"""A handout in another language, in languages that nobody speaks (`tests.pseudo`): all that is printed is translated,
every number is there, from right to left all stands mirrored, and an English copy behind it is bound as one with it.
"""

from __future__ import annotations

import io
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from handouts.load.library import load_library
from handouts.merge.details import details
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.details import Entry
from handouts.model.edition import Edition
from handouts.model.handout import Handout
from handouts.model.isolates import without_isolates
from handouts.model.recorder import NullRecorder
from handouts.model.request import PAPER_SIZES, Request
from handouts.pipeline import Made, make
from handouts.typeset.fit import Fit
from handouts.typeset.front import Rung
from handouts.typeset.html import html, style_sheets
from handouts.typeset.weasyprint import layout
from tests.clinics import say
from tests.conftest import CONTENT, KEY, TODAY, TOPIC
from tests.pseudo import add_language
from tests.reading_pdf import failures

HOME = "going-home-after-brain-surgery"
LANGUAGES = ("ar", "es")
PATIENT = {"name": "أحمد بن علي", "identifier": "MRN 00417", "birth_date": "1961-04-09"}
ASKED: dict[str, Any] = {
    "topic": TOPIC,
    "options": ["medicines", "botox", "microvascular-decompression"],
    "patient": PATIENT,
    "side": "right",
    "clinician": "د. سمير",
    "visit_date": "2026-11-22",
    "appointment": {"at": "2026-12-04T10:30"},
    "medicines": [{"name": "carbamazepine", "dose": "200 mg", "times": ["morning"]}],
}
AT_HOME: dict[str, Any] = {"topic": HOME, "patient": PATIENT}
ALLOWED = re.compile(r"dr\.\scohen|neurosurgery|https?://\S+|doi\.org/\S+|\b\w*\d\w*\b|slot:[\w.:]+", re.IGNORECASE)
"""What may stand in Latin letters: the clinic's own name, addresses, codes. Sources are left out by their class."""


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(CONTENT, tmp_path_factory.mktemp("languages") / "content"))
    for language in LANGUAGES:
        add_language(folder, language, TOPIC, HOME)
    return folder


@pytest.fixture(scope="module")
def libraries(content: Path) -> Any:
    @cache
    def library(topic: str, language: str, with_english: bool = False) -> Library:
        return load_library(content, topic, language=language, with_english=with_english)

    return library


def merged(library: Library, asked: dict[str, Any]) -> Handout:
    return merge(library, request_in(library.language, asked), TODAY, Edition(allow_unapproved=True)).handout


def request_in(language: str, asked: dict[str, Any], **more: Any) -> Request:
    return Request.model_validate({**asked, "language": language, **more})


class _Words(HTMLParser):
    """The texts of a page and of its pictures; sources, styles and the title in the file are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in {"style", "title"} or "source" in (told.get("class") or "").split():
            self.skipped.append(tag)
        if told.get("alt"):
            self.found.append(told["alt"] or "")

    def handle_endtag(self, tag: str) -> None:
        if self.skipped and self.skipped[-1] == tag:
            self.skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self.skipped and data.strip():
            self.found.append(data.strip())


def pages(library: Library, asked: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each sheet's name and HTML, with all that it can show."""
    handout = merged(library, asked)
    for name, sheet in handout.sheets():
        rung = Rung(rows=tuple(row.name for row in handout.front.rows), ticks=True, lines=2, measured=name == "front")
        yield (
            name,
            html(sheet, handout.look, library.words, rung=rung, fit=Fit(lines=2), drawings=library.topic.drawings),
        )


def words_of(page: str) -> list[str]:
    parser = _Words()
    parser.feed(page)
    return [without_isolates(text) for text in parser.found]


@pytest.mark.parametrize("asked", [ASKED, AT_HOME, {**ASKED, "format": "large-print"}], ids=["choice", "home", "large"])
def test_no_word_of_english_stands_on_a_page_in_another_script(libraries: Any, asked: dict[str, Any]):
    left = {
        (name, text)
        for name, page in pages(libraries(asked["topic"], "ar"), asked)
        for text in words_of(page)
        if re.search("[A-Za-z]{2}", ALLOWED.sub("", text))
    }
    assert left == set()


@pytest.mark.parametrize("asked", [ASKED, AT_HOME], ids=["choice", "home"])
def test_no_word_of_english_stands_on_a_page_in_its_own_script(libraries: Any, asked: dict[str, Any]):
    """Every vowel of the translation has an accent: what has none comes from elsewhere."""
    left = {
        (name, text)
        for name, page in pages(libraries(asked["topic"], "es"), asked)
        for text in words_of(page)
        if re.search(
            r"\b[A-Za-z]*[aeiou][A-Za-z]+\b", ALLOWED.sub("", re.sub(r"de (noviembre|diciembre) de", "", text))
        )
    }
    assert left == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_stamped_is_in_the_language_as_well(libraries: Any, language: str):
    library = libraries(TOPIC, language)
    found = merge(library, request_in(language, ASKED), TODAY, Edition(allow_unapproved=True))
    texts = details(found.wording, request_in(language, ASKED), "CODE").texts
    said = " ".join(text.text if isinstance(text, Entry) else text for _, text in texts)
    assert ("\ncarbamazepine" in said) == (language == "ar"), "the label on the box has the Latin letters"
    said = said.replace("\ncarbamazepine", "")
    assert ("Viernes, 4 de diciembre de 2026".replace(" de ", "\u00a0de\u00a0") in said) == (language == "es")
    plain = re.sub(r"[\u0600-\u06ff]+|de\s(abril|noviembre|diciembre)\sde|Viernes|MRN|CODE|mg|[ap]\.m\.", "", said)
    assert re.search(r"[A-Za-z]{2}" if language == "ar" else r"\b[a-z]*[aeiou][a-z]+\b", plain) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("asked", [ASKED, AT_HOME], ids=["choice", "home"])
def test_every_number_of_the_english_page_stands_on_the_translated_one(libraries: Any, asked: Any, language: str):
    english = {name: Counter(re.findall(r"\d[\d,.]*\d|\d", " ".join(words_of(page))))
               for name, page in pages(libraries(asked["topic"], "en"), asked)}  # fmt: skip
    for name, page in pages(libraries(asked["topic"], language), asked):
        there = Counter(re.findall(r"\d[\d,.]*\d|\d", " ".join(words_of(page))))
        assert there == english[name], name


def test_arabic_digits_are_written_where_the_clinic_wants_them(content: Path, tmp_path: Path):
    folder = Path(shutil.copytree(content, tmp_path / "content"))
    say(folder, "digits", "arab")
    say(folder, "phone", "(555) 010-0100")
    library = load_library(folder, TOPIC, "cohen", language="ar")
    for name, page in pages(library, ASKED):
        texts = [text for text in words_of(page) if not re.search("[A-Za-z]|555", text)]
        assert not re.search("[0-9]", " ".join(texts).replace(library.topic.file.version, "")), name
    front = " ".join(words_of(dict(pages(library, ASKED))["front"]))
    assert "(555)\u00a0010-0100" in front, "a telephone number is dialled"


def _boxes(box: Any) -> Iterator[Any]:
    yield box
    for child in getattr(box, "children", ()):
        yield from _boxes(child)


def places(library: Library, asked: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Left and right of each slot and table cell of the sheets, in pt."""
    found: dict[str, tuple[float, float]] = {}
    handout = merged(library, asked)
    for name, page in pages(library, asked):
        sheet = dict(handout.sheets())[name]
        document = layout(
            page.replace("</head>", "<style>@page { size: 612pt 6000pt }</style></head>"), style_sheets(sheet)
        )
        cells = 0
        for box in _boxes(document.pages[0]._page_box):
            element = getattr(box, "element", None)
            tag = element.tag if element is not None and hasattr(element, "tag") else ""
            left, right = (box.position_x * 0.75, (box.position_x + box.margin_width()) * 0.75) if tag else (0, 0)
            if tag == "img" and (element.get("class") or "") == "slot":
                found.setdefault(f"{name} {element.get('alt')}", (left, right))
            elif tag in {"td", "th"} and box.element_tag in {"td", "th"} and type(box).__name__ == "TableCellBox":
                cells += 1
                found[f"{name} cell {cells}"] = (left, right)
    return found


def test_from_right_to_left_every_slot_and_cell_stands_mirrored(libraries: Any):
    width = PAPER_SIZES["letter"][0]
    english, arabic = places(libraries(TOPIC, "en"), ASKED), places(libraries(TOPIC, "ar"), ASKED)
    assert english.keys() == arabic.keys()
    assert len(english) > 60
    for name, (left, right) in english.items():
        if name in {"questions slot:code"}:
            continue  # it stands behind its label
        assert arabic[name] == pytest.approx((width - right, width - left), abs=0.6), name


def made(library: Library, asked: dict[str, Any], **more: Any) -> Made:
    return make(
        library, request_in(library.language, asked, **more), key=KEY, today=TODAY, recorder=NullRecorder(),
        edition=Edition(allow_unapproved=True),
    )  # fmt: skip


FEW = {**ASKED, "options": ["botox", "no-treatment"], "sheets": ["front", "comparison", "questions"]}


def test_an_arabic_file_is_valid_and_says_that_it_runs_from_right_to_left(libraries: Any):
    pdf = made(libraries(TOPIC, "ar"), FEW).pdf
    assert failures(pdf, "ua1") == ""
    assert failures(pdf, "3a") == ""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        root = opened.Root
        assert (str(root.Lang), root.ViewerPreferences.Direction) == ("ar", pikepdf.Name.R2L)
        spoken = [str(element.ActualText) for element in _elements(root.StructTreeRoot.K) if "/ActualText" in element]
        assert PATIENT["name"] in spoken
        assert not any(without_isolates(text) != text for text in spoken)
        named = [
            element
            for element in _elements(root.StructTreeRoot.K)
            if str(element.get("/ActualText")) == PATIENT["name"]
        ]
        assert {str(element.Lang) for element in named} == {"und"}, "nobody told in which language a name is"
        sources = [element for element in _elements(root.StructTreeRoot.K) if str(element.get("/Lang", "")) == "en"]
        assert sources, "what stands in English says so"


def _elements(node: Any) -> Iterator[Any]:
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _elements(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        yield from _elements(node.get("/K", pikepdf.Array()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_english_copy_stands_behind_as_one_document(libraries: Any, language: str):
    alone, both = made(libraries(TOPIC, language), FEW), made(libraries(TOPIC, language, True), FEW, with_english=True)
    english = made(libraries(TOPIC, "en"), FEW)
    assert both.pages == alone.pages + english.pages
    assert both.document.origin.language == language
    assert failures(both.pdf, "ua1") == ""
    with pikepdf.open(io.BytesIO(both.pdf)) as opened:
        [document] = opened.Root.StructTreeRoot.K
        assert [str(part.Lang) for part in document.K] == [language] * 3 + ["en"] * 3
        spoken = [str(element.ActualText) for element in _elements(document) if "/ActualText" in element]
    assert any("April 9, 1961" in text for text in spoken)
    assert sum("1961" in text for text in spoken) == 2


def test_the_sources_stand_once(libraries: Any):
    library = libraries(TOPIC, "es", True)
    from handouts.pipeline import prepare

    prepared = prepare(library, request_in("es", FEW, with_english=True), TODAY, Edition(allow_unapproved=True))
    assert prepared.handout.closing.sources
    assert prepared.handout.english is not None
    assert not prepared.handout.english.closing.sources


def test_a_change_of_the_english_text_changes_the_code_of_a_document_with_a_copy(content: Path, tmp_path: Path):
    folder = Path(shutil.copytree(content, tmp_path / "content"))
    before = load_library(folder, TOPIC, language="es", with_english=True).digest
    alone = load_library(folder, TOPIC, language="es").digest
    path = folder / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text(encoding="utf-8").replace("muscles", "muscles too", 1), encoding="utf-8")
    assert load_library(folder, TOPIC, language="es", with_english=True).digest != before
    assert load_library(folder, TOPIC, language="es").digest == alone


@pytest.mark.parametrize("topic", [TOPIC, "trigeminal-neuralgia", HOME])
def test_no_arabic_sentence_ends_in_a_count(topic: str):
    """From right to left, "10.⁸" comes out as "⁸.10": a number of people would be read as another."""
    files = sorted((CONTENT / "topics" / topic / "ar").rglob("*.md"))
    bare = re.compile(r"(?:\{[\w-]+\.(?:count|rest)\}|\d)\.(?= |$|\")|\{[\w-]+\.(?:count|rest)\} \{cite", re.MULTILINE)
    page = re.compile(r"الصفحة \d\.|^\d+\. ", re.MULTILINE)
    found = {path.name: bare.findall(page.sub("", path.read_text(encoding="utf-8"))) for path in files}
    assert {name: counts for name, counts in found.items() if counts} == {}
