"""All sheets that come with the program, in every language, format and paper, as an eye sees them: nothing stands
alone, is torn or lies on other text; and a translation holds what its English holds, on a page more at most.

Measured on the layout (`tests.looked_at`) and on the finished file.
"""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from handouts.load.library import load_library
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.handout import Look
from handouts.model.recorder import NullRecorder
from handouts.model.request import Request
from handouts.pipeline import make, prepare
from handouts.typeset import typeset
from handouts.typeset.html import LARGE_MARGINS, MARGINS
from handouts.typeset.room import EMPTY
from tests.clinics import say
from tests.conftest import CONTENT, KEY, TODAY
from tests.laid_out import SMALLEST, empty_shares
from tests.looked_at import Held, flaws, held, letters
from tests.measured import printed_pages
from tests.reading_pdf import failures
from tests.typeset.test_accessibility import FULL

LANGUAGES = ("en", "es", "ar")
TOPICS = tuple(sorted(path.parent.name for path in CONTENT.glob("topics/*/topic.yaml")))
LOOKS = tuple(itertools.product(("standard", "large-print"), ("letter", "a4")))
STACKS = ("all", "two")
"""Everything there is on a topic, with what staff fill in; two options, or one optional section."""
ROOM_TO_WRITE = {"your_notes", "matters", "next_steps", "more_steps", "appointment", "note"}
"""What a front has as far as there is room, on the page where it fits: so its order may differ, too."""
Name = str


@dataclass(frozen=True)
class Seen:
    """A finished stack: its bytes, its look, and of each sheet what is wrong and what it holds."""

    pdf: bytes
    look: Look
    wrong: dict[Name, list[str]]
    sheets: dict[Name, Held]


See = Callable[[str, str, str, str, str], Seen]


@pytest.fixture(scope="module")
def see(tmp_path_factory: pytest.TempPathFactory) -> Iterator[See]:
    """A stack, made once."""
    content = Path(shutil.copytree(CONTENT, tmp_path_factory.mktemp("looks") / "content"))
    say(content, "practice_page", "true")
    libraries = cache(lambda topic, language: load_library(content, topic, language=language))
    laid: list[Any] = []
    measure = typeset.require_in_place

    def keep(document: Any, *args: Any) -> None:
        laid.append(document)
        measure(document, *args)

    @cache
    def made(topic: str, language: str, form: str, paper: str, stack: str) -> Seen:
        laid.clear()
        library = libraries(topic, language)
        return _seen(library, _request(library, form, paper, stack), laid)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typeset, "require_in_place", keep)
        yield made


def _request(library: Library, form: str, paper: str, stack: str) -> Request:
    topic = library.topic
    options, optional = topic.option_order, [entry.id for entry in topic.file.sections if entry.optional]
    some = {"options": options, "sections": optional, "medicines": FULL["medicines"] if options else []}
    if stack == "two":
        some = {"options": options[:2], "sections": optional[:1], "medicines": []}
    side = topic.file.sides[0] if topic.file.sides else None
    asked = {**FULL, **some, "side": side, "format": form, "paper": paper}
    return Request.model_validate({**asked, "topic": topic.id, "language": library.language})


def _seen(library: Library, request: Request, laid: list[Any]) -> Seen:
    edition = Edition(allow_unapproved=True)
    pdf = make(library, request, key=KEY, today=TODAY, recorder=NullRecorder(), edition=edition).pdf
    handout = prepare(library, request, TODAY, edition).handout
    named = {letters(text): name for name, text in library.words.page.items()}
    names = [name for name, _ in handout.all_sheets()]
    documents = dict(zip(names, laid, strict=True))
    return Seen(
        pdf,
        handout.look,
        {name: found for name, document in documents.items() if (found := flaws(document))},
        {name: held(document, named) for name, document in documents.items()},
    )


NOW = {("standard", "letter", "all"), ("large-print", "letter", "all"), ("standard", "a4", "two")}
"""Looked at in CI, in every topic and language; the others before a release."""
CASES = [
    pytest.param(
        topic,
        language,
        *look,
        stack,
        marks=pytest.mark.heavy if (*look, stack) in NOW else pytest.mark.release,
    )
    for topic in TOPICS
    for look in LOOKS
    for stack in STACKS
    for language in LANGUAGES
]
TRANSLATED = [case for case in CASES if case.values[1] != "en"]
WHICH = ("topic", "language", "form", "paper", "stack")


@pytest.mark.parametrize(WHICH, CASES)
def test_nothing_stands_alone_is_torn_or_lies_on_other_text(
    topic: str, language: str, form: str, paper: str, stack: str, see: See
):
    assert see(topic, language, form, paper, stack).wrong == {}


@pytest.mark.parametrize(WHICH, CASES)
def test_a_stack_is_valid_inside_its_margins_and_large_enough(
    topic: str, language: str, form: str, paper: str, stack: str, see: See
):
    seen = see(topic, language, form, paper, stack)
    assert failures(seen.pdf, "ua1") == failures(seen.pdf, "3a") == ""
    side = LARGE_MARGINS[1] if seen.look.large else MARGINS["standard", seen.look.paper][1]
    for number, page in enumerate(printed_pages(seen.pdf), 1):
        assert page.letters, f"page {number}"
        assert page.is_inside(side), f"page {number}: {page.ink}"
        assert page.too_small(SMALLEST[seen.look.format]) == "", f"page {number}"


@pytest.mark.parametrize(WHICH, [case for case in CASES if case.values[1:3] == ("en", "standard")])
def test_no_page_but_the_last_is_more_than_two_fifths_empty(
    topic: str, language: str, form: str, paper: str, stack: str, see: See
):
    seen = see(topic, language, form, paper, stack)
    assert max(empty_shares(seen.pdf, seen.look)[:-1]) <= EMPTY


@pytest.mark.parametrize(WHICH, TRANSLATED)
def test_a_translation_holds_what_its_english_holds_in_the_same_order(
    topic: str, language: str, form: str, paper: str, stack: str, see: See
):
    english, told = (see(topic, tag, form, paper, stack).sheets for tag in ("en", language))
    assert list(english) == list(told)
    for name, sheet in english.items():
        assert told[name].drawings == sheet.drawings, name
        loose = ROOM_TO_WRITE if name == "front" else set()
        lost = Counter(_but(loose, sheet)) - Counter(_but(loose, told[name]))
        assert not lost, name
        if name == "front":
            continue
        common = {*sheet.headings} & {*told[name].headings} - {"h1", "h2", "h3", "h4"}
        assert [part for part in told[name].headings if part in common] == [
            part for part in sheet.headings if part in common
        ], name


def _but(loose: set[str], sheet: Held) -> list[str]:
    """What a sheet holds; one that has a table on page 1 has fewer headings there than one with names."""
    return [part for part in sheet.headings if part not in loose and (not loose or part[0] != "h")]


@pytest.mark.parametrize(WHICH, TRANSLATED)
def test_a_sheet_takes_a_page_more_than_its_english_at_most_and_ten_pages_take_two(
    topic: str, language: str, form: str, paper: str, stack: str, see: See
):
    # a fifth longer than English, as Spanish is, is two pages from ten on
    english, told = (see(topic, tag, form, paper, stack).sheets for tag in ("en", language))
    longer = {name: (told[name].pages, sheet.pages) for name, sheet in english.items()}
    assert {name: pages for name, pages in longer.items() if pages[0] > pages[1] + max(1, pages[1] // 5)} == {}
