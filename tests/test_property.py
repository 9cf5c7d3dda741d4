"""For any patient: all their details are in the file, and nobody else's."""

import io
import re
import zlib
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pikepdf
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from handouts.batch.pool import InlinePool, Pool, ProcessPool
from handouts.codes import format_code
from handouts.deliver.volume.finished import split_update
from handouts.errors import RequestFault
from handouts.load.requests import build_request
from handouts.load.yamlfile import Parsed
from handouts.merge.details import details
from handouts.model.content import Library
from handouts.model.details import Details, Entry
from handouts.model.isolates import without_isolates
from handouts.model.master import Master
from handouts.model.request import Request
from handouts.model.shapes import NOTE, VISIT, WHO
from handouts.model.slots import RUNNING
from handouts.pipeline import prepare
from handouts.stamp.stamp import footer_text, stamp
from handouts.typeset.cache import SheetCache
from handouts.typeset.stack import bind_sheets, sheets_of
from tests.conftest import CONTENT, TODAY, TOPIC, RequestOf
from tests.lists import Batch, forms_of
from tests.people import (
    ARABIC,
    CYRILLIC,
    DEVANAGARI,
    GREEK,
    LATIN,
    VIETNAMESE,
    patient,
    runs_left_to_right,
    squeezed,
    word,
)
from tests.reading_pdf import everything, page_texts, tags
from tests.rounds import rounds


def _words(letters: str) -> st.SearchStrategy[str]:
    # six letters and more than three of them: no pattern that a font's tables could hold by chance
    word = st.text(letters, min_size=6, max_size=9).filter(lambda text: len(set(text)) > 3)
    return st.lists(word, min_size=1, max_size=3).flatmap(
        lambda words: st.sampled_from(" -'’").map(lambda between: between.join(words))
    )


IN_ORDER = st.one_of(_words(LATIN), _words(GREEK), _words(CYRILLIC), _words(VIETNAMESE))
ANY = st.one_of(IN_ORDER, _words(ARABIC), _words(DEVANAGARI))
NUMBERS = st.from_regex(r"[A-Z]{2,4} [0-9]{6,8}", fullmatch=True)
DAYS = st.dates(date(1926, 1, 1), date(2026, 11, 1)).map(date.isoformat)
PEOPLE = st.fixed_dictionaries(
    {
        "patient": st.fixed_dictionaries({"name": ANY, "birth_date": DAYS, "identifier": NUMBERS}),
        "visit_date": DAYS,
        "clinician": ANY,
        "appointment": st.fixed_dictionaries({"at": st.just("2026-12-04T10:30"), "with": NUMBERS, "where": NUMBERS}),
        "next_steps": st.lists(NUMBERS, min_size=1, max_size=6, unique=True),
        "note": st.lists(ANY, min_size=1, max_size=12, unique=True).map("\n".join),
        "medicines": st.lists(st.fixed_dictionaries({"name": ANY, "remark": ANY}), max_size=2),
    }
)
OWN_SLOTS = ("name", "who.", "visit.", "note")
"""How the names of slots begin that hold what the staff wrote for one patient."""


class Masters:
    """Masters, and all their bytes, typeset when they are first needed; no dataclass, which Hypothesis would print."""

    def __init__(self, library: Library, sheets: SheetCache) -> None:
        self.library, self.sheets = library, sheets
        self.known: dict[str, tuple[Master, bytes]] = {}

    def of(self, request: Request) -> tuple[Master, bytes, Details]:
        """The master of a request, its bytes decompressed, and what fills its slots."""
        prepared = prepare(self.library, request, TODAY)
        if prepared.key not in self.known:
            made, _ = sheets_of(self.library, prepared.handout, prepared.plan, self.sheets)
            master = bind_sheets(made, prepared.plan.binding)
            self.known[prepared.key] = master, everything(master.pdf)
        return *self.known[prepared.key], details(prepared.wording, request, "K7QF-3MDX-9TW")


@pytest.fixture(scope="module")
def masters(library: Library, sheets: SheetCache) -> Masters:
    return Masters(library, sheets)


def _words_of(text: str | Entry) -> str:
    return text if isinstance(text, str) else "".join(text.lines)


def _own(details: Details) -> dict[str, str]:
    """What stands in the slots of one patient, without labels."""
    return {name: words for name, text in details.texts if name.startswith(OWN_SLOTS) and (words := _words_of(text))}


def _spoken(details: Details) -> set[str]:
    """All that is read in slots, but those in the margins of the pages, which are no part of the text."""
    shown = {
        without_isolates(text if isinstance(text, str) else text.text)
        for name, text in details.texts
        if name not in RUNNING
    }
    return shown - {""}


def _values(person: dict[str, Any]) -> set[str]:
    """What a person's file holds and no other's: names, numbers and words."""
    texts = {person["clinician"], *person["patient"].values(), *person["next_steps"], *person["note"].split("\n")}
    texts |= {text for medicine in person["medicines"] for text in medicine.values()}
    return (texts | {person["appointment"]["with"], person["appointment"]["where"]}) - {person["patient"]["birth_date"]}


OURS = " ".join(
    path.read_text(encoding="utf-8") for path in (*CONTENT.rglob("*.md"), *CONTENT.rglob("*.yaml")) if path.is_file()
)
"""Every text that stands on somebody's pages because it is in the content."""


def _is_right_for(person: dict[str, Any], other: dict[str, Any], masters: Masters, request_of: RequestOf) -> None:
    others = _values(other)
    assume(all(value not in " ".join(_values(person)) for value in others))
    assume(not any(value in OURS for value in (*_values(person), *others)))
    try:
        request = request_of(options=["radiofrequency"], **person)
        master, same_for_all, filled = masters.of(request)
        pdf = stamp(master, filled, "Title")
    except RequestFault:  # too long, or what could be misread in a remark: refused, never cut off
        assume(False)
        raise
    for value in (*_values(person), *others):
        assert not any(form in same_for_all for form in forms_of(value)), "a master holds nobody's words"
    assert {tag.actual_text for tag in tags(pdf)} - {None, ""} == _spoken(filled)
    read = squeezed(" ".join(_spoken(filled)))
    assert all(squeezed(value) in read for value in _values(person))
    inside = everything(pdf)
    for value in others:
        assert not any(form in inside for form in forms_of(value))
    if runs_left_to_right(person["patient"]["name"]):
        for page in page_texts(pdf):
            assert squeezed(footer_text(filled)) in squeezed(page)


@settings(max_examples=25)
@given(person=PEOPLE, other=PEOPLE)
def test_a_file_holds_its_own_patients_details_and_nobody_elses(
    person: dict[str, Any], other: dict[str, Any], masters: Masters, request_of: RequestOf
):
    _is_right_for(person, other, masters, request_of)


@pytest.mark.heavy
@settings(max_examples=rounds(300, release=2000))
@given(person=PEOPLE, other=PEOPLE)
def test_many_files_hold_their_own_patients_details_and_nobody_elses(
    person: dict[str, Any], other: dict[str, Any], masters: Masters, request_of: RequestOf
):
    _is_right_for(person, other, masters, request_of)


OPTIONS = (["radiofrequency"], ["botox"])


def _list_of(count: int) -> list[dict[str, Any]]:
    chance = Random(count)
    options = OPTIONS if count > 100 else OPTIONS[:1]
    rows = [{"topic": TOPIC, "options": chance.choice(options), **patient(chance)} for _ in range(count)]
    for row in rows[::3]:
        row["note"] = "\n".join(_sentence(chance, LATIN) for _ in range(chance.randint(1, 2)))
    for row in rows[:: max(count // 5, 20)]:
        row["note"] = _sentence(chance, GREEK)
    return rows


def _sentence(chance: Random, letters: str) -> str:
    return " ".join(word(chance, letters) for _ in range(chance.randint(2, 12))) + "."


def _note_words(request: Request) -> list[str]:
    """Those that are long enough to be no pattern that stands in any file."""
    return [found for split_update in (request.note or "").split() if len(found := split_update.strip(".")) > 5]


class Whose:
    """Who has which details; finds all that stand in some bytes, in whatever form. They begin like few others."""

    def __init__(self) -> None:
        self.forms: dict[bytes, list[tuple[bytes, str]]] = {}

    def add(self, text: str) -> None:
        for form in forms_of(text):
            self.forms.setdefault(form[:6], []).append((form, text))

    def found(self, data: bytes) -> set[str]:
        starts = (i for i in range(len(data) - 5) if data[i : i + 6] in self.forms)
        return {text for i in starts for form, text in self.forms[data[i : i + 6]] if data.startswith(form, i)}


def _decompressed(update: bytes) -> bytes:
    """The bytes after the master's end, and those of every deflated stream in them."""
    parts = [update]
    for start in (found.end() for found in re.finditer(rb"/FlateDecode[^>]*>>\s*stream\n", update)):
        parts.append(zlib.decompressobj().decompress(update[start:]))
    return b"\n".join(parts)


def _each_file_is_its_patients(batch: Batch, library: Library, pool: Pool, count: int) -> None:
    rows = _list_of(count)
    done = batch.make(rows, pool=pool)
    files = batch.files()
    assert (done.tally.made, done.tally.failed) == (len(files), count - len(files))
    assert len(files) > count * 0.8  # the rest has names too long for their place
    requests = {number: build_request(Parsed(rows[number - 1], {}, "")) for number in files}
    filled = {
        number: details(prepare(library, request, TODAY).wording, request, "") for number, request in requests.items()
    }
    whose = Whose()
    for number, request in requests.items():
        for text in (*_own(filled[number]).values(), *_note_words(request)):
            whose.add(text)
    bodies: dict[bytes, list[int]] = {}
    for number, pdf in files.items():
        own, request = _own(filled[number]), requests[number]
        code = format_code(batch.path(number).stem[7:])
        spoken = {tag.actual_text for tag in tags(pdf)} - {None, ""}
        assert spoken == {*_spoken(filled[number]), code}
        body = split_update(pdf).body
        bodies.setdefault(body, []).append(number)
        hers = " ".join([*own.values(), request.note or ""])
        found = whose.found(_decompressed(pdf[len(body) :]))
        assert own["name"] in found  # so the search finds what is there
        if "note.1" in own:
            assert {own["note.1"], *_note_words(request)} <= found
        assert all(text in hers for text in found)
        foot = squeezed(footer_text(Details(filled[number].texts, code)))
        if runs_left_to_right(own["name"]):
            assert all(foot in squeezed(page) for page in page_texts(pdf))
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert str(opened.docinfo.Title) == f"{library.topic.overview.head.name}, {code}"
            metadata = opened.Root.Metadata.read_bytes() + str(dict(opened.docinfo)).encode()
        assert not whose.found(metadata)
    for body in bodies:
        assert not whose.found(everything(body)), "what many share holds nobody's words"
    assert len(bodies) <= len(OPTIONS) * len(WHO[False]) * len(VISIT) * len(NOTE), "few shapes"
    assert done.tally.sheets <= len(bodies) + 5 * len(OPTIONS), "a front each; the other sheets once"


def test_each_file_of_a_list_is_its_own_patients_only(tmp_path: Path, sheets: SheetCache, library: Library) -> None:
    _each_file_is_its_patients(Batch(tmp_path / "out", sheets), library, InlinePool(), 40)


@pytest.mark.heavy
def test_each_of_many_files_is_its_own_patients_only(tmp_path: Path, sheets: SheetCache, library: Library) -> None:
    pool = ProcessPool(2)
    try:
        _each_file_is_its_patients(Batch(tmp_path / "out", sheets), library, pool, rounds(600, release=3000))
    finally:
        pool.close()
