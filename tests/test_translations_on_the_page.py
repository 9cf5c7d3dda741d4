"""What the translations that come with the program print: no English word but a few, every number, the same sides.

Of every topic, in both formats, with all that a handout can have: every option, section and medicine, plan, diary and
the practice's own page; what is stamped, and the words of mail and slip.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from handouts.load.library import load_library
from handouts.load.yamlfile import parse
from handouts.merge.details import details
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.details import Entry
from handouts.model.edition import Edition
from handouts.model.isolates import without_isolates
from tests.clinics import say
from tests.conftest import CONTENT, TODAY
from tests.test_in_other_languages import pages, request_in, words_of

LANGUAGES = ("ar", "es")
FORMATS = ("standard", "large-print")
TOPICS = tuple(sorted(path.parent.name for path in CONTENT.glob("topics/*/topic.yaml")))
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = frozenset(
    WORD.findall(
        "aesthetics allergan bell ca cohen cyberknife dr enter gamma hla irvine knife mri nice onabotulinumtoxina "
        "parkinson pdf rftc srs"
    )
)
"""Names and abbreviations, which stay."""
ALIKE = frozenset(
    WORD.findall(
        "alcohol asia clonazepam compare control crisis decide diabetes facial general glaucoma hemifacial hospital "
        "local me meningitis mental microvascular mineral natural neuralgia no note personal tumor use yoga"
    )
)
"""Words that Spanish writes as English does."""
SIDES = {
    "en": {"left": r"\bleft\b", "right": r"(?<!all )\bright\b(?! away| after)"},
    "es": {"left": r"\bizquierd[oa]s?\b", "right": r"\bderech[oa]s?\b"},
    "ar": {"left": "أيسر|يسرى|يسار", "right": "أيمن|يمنى|يمين"},
}
"""How a side is said, in whatever form of the word."""
NUMBER = re.compile(r"\d[\d,.]*\d|\d")
SLOT = re.compile(r"slot:[\w.:]+")


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Any:
    content = Path(shutil.copytree(CONTENT, tmp_path_factory.mktemp("translations") / "content"))
    say(content, "practice_page", "true")
    return cache(lambda topic, language: load_library(content, topic, language=language))


def asked(library: Library, form: str, side: str | None = None) -> dict[str, Any]:
    """All that there is on a topic; ``side``: else its first."""
    topic = library.topic
    sides = topic.file.sides
    medicines = [{"name": name, "dose": "200 mg", "times": ["morning", "night"]} for name in topic.medicines]
    return {
        "topic": topic.id,
        "options": list(topic.option_order),
        "sections": [entry.id for entry in topic.file.sections if entry.optional],
        "patient": {"name": "A", "birth_date": "1961-04-09"},
        "visit_date": "2026-11-22",
        "appointment": {"at": "2026-12-04T10:30"},
        "medicines": medicines,
        "format": form,
        "side": side or (sides[0] if sides else None),
    }


def printed(library: Library, form: str, side: str | None = None) -> dict[str, str]:
    """The words of each sheet."""
    return {name: SLOT.sub("", " ".join(words_of(page))) for name, page in pages(library, asked(library, form, side))}


def stamped(library: Library, form: str) -> str:
    """The words of the slots."""
    request = request_in(library.language, asked(library, form))
    wording = merge(library, request, TODAY, Edition(allow_unapproved=True)).wording
    texts = details(wording, request, "CODE").texts
    return " ".join(without_isolates(text.text if isinstance(text, Entry) else text) for _, text in texts)


def words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("topic", TOPICS)
def test_no_word_of_english_stands_on_an_arabic_page_but_names(libraries: Any, topic: str, form: str):
    library = libraries(topic, "ar")
    said = [*printed(library, form).values(), stamped(library, form).replace("CODE", "").replace("mg", "")]
    assert {word for text in said for word in words(text) if word.isascii()} <= NAMES | library.topic.medicines.keys()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("topic", TOPICS)
def test_no_word_of_the_english_pages_stands_on_a_spanish_one_but_names_and_what_is_alike(
    libraries: Any, topic: str, form: str
):
    english, spanish = libraries(topic, "en"), libraries(topic, "es")
    original = words(" ".join([*printed(english, form).values(), stamped(english, form)]))
    for name, text in {**printed(spanish, form), "slots": stamped(spanish, form)}.items():
        own = {"code", "mg", *spanish.topic.medicines} if name == "slots" else set()
        assert words(text) & original <= NAMES | ALIKE | own, name


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_the_english_sheet_stands_on_the_translated_one(
    libraries: Any, language: str, topic: str, form: str
):
    english, told = printed(libraries(topic, "en"), form), printed(libraries(topic, language), form)
    assert english.keys() == told.keys()
    for name, text in english.items():
        missing = Counter(NUMBER.findall(text)) - Counter(NUMBER.findall(told[name]))
        assert not missing, name


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sheet_names_a_side_as_often_as_the_english_one(libraries: Any, language: str, topic: str):
    for side in libraries(topic, "en").topic.file.sides or (None,):
        english = printed(libraries(topic, "en"), "standard", side)
        told = printed(libraries(topic, language), "standard", side)
        for name, text in english.items():
            assert counted(told[name], language) == counted(text, "en"), (name, side)


def counted(text: str, language: str) -> dict[str, int]:
    return {side: len(re.findall(said, text, re.IGNORECASE)) for side, said in SIDES[language].items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_mail_and_slip_have_no_word_of_english(language: str):
    english, told = (words(" ".join(_mail(CONTENT / "words" / f"mail.{tag}.yaml"))) for tag in ("en", language))
    assert told & english <= NAMES | ALIKE


def _mail(path: Path) -> Iterator[str]:
    """The texts of a file of words, without the names that stand for something else."""

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from () if key == "from" else texts(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from texts(inner)
        elif isinstance(value, str):
            yield re.sub(r"\{[^}]*\}|<[^>]*>", " ", value)

    yield from texts(parse(path.read_text(encoding="utf-8"), path.name).data)
