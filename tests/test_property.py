"""For any patient: all their details are in the file, and nobody else's."""

import io
import re
import zlib
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
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.handout import Details
from handouts.model.master import Master
from handouts.model.request import Request
from handouts.stamp.stamp import footer_text, stamp
from handouts.typeset.cache import SheetCache
from handouts.typeset.html import typeset
from tests.conftest import TODAY, TOPIC, RequestOf
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
PERSON = st.fixed_dictionaries(
    {
        "name": ANY,
        "birth_date": NUMBERS,
        "identifier": NUMBERS,
        "visit_date": NUMBERS,
        "clinician": ANY,
        "appointment_with": NUMBERS,
        "appointment_where": NUMBERS,
    }
)


class Sheet:
    """A master, and all its bytes; not a dataclass, whose bytes Hypothesis would print."""

    def __init__(self, master: Master) -> None:
        self.master, self.same_for_all = master, everything(master.pdf)


@pytest.fixture(scope="module")
def sheet(library: Library, request_of: RequestOf) -> Sheet:
    request = request_of(
        options=["radiofrequency"],
        patient={"name": "X", "birth_date": "1961-04-09", "identifier": "X"},
        clinician="X",
        visit_date="2026-11-22",
        appointment={"at": "2026-12-04T10:30", "with": "X", "where": "X"},
    )
    return Sheet(typeset(merge(library, request, TODAY).handout, library.words))


def _stamped(master: Master, person: dict[str, str]) -> tuple[bytes, Details]:
    fixed = {"appointment_date": "Friday", "appointment_time": "10:30 am"}
    made = Details(tuple((person | fixed).items()), "K7QF-3MDX-9TW")
    try:
        return stamp(master, made, "Title"), made
    except RequestFault:  # too long: refused, never cut off
        assume(False)
        raise


def _is_right_for(person: dict[str, str], other: dict[str, str], sheet: Sheet) -> None:
    assume(all(value not in " ".join(person.values()) for value in other.values()))
    assume(all(form not in sheet.same_for_all for value in other.values() for form in forms_of(value)))
    pdf, details = _stamped(sheet.master, person)
    spoken = {tag.actual_text for tag in tags(pdf)}
    assert set(person.values()) <= spoken
    assert spoken - {None, "Friday", "10:30 am", details.code} == set(person.values())
    inside = everything(pdf)
    for value in other.values():
        assert not any(form in inside for form in forms_of(value))
    if runs_left_to_right(person["name"]):
        for page in page_texts(pdf):
            assert squeezed(footer_text(details)) in squeezed(page)


@settings(max_examples=25)
@given(person=PERSON, other=PERSON)
def test_a_file_holds_its_own_patients_details_and_nobody_elses(
    person: dict[str, str], other: dict[str, str], sheet: Sheet
):
    _is_right_for(person, other, sheet)


@pytest.mark.heavy
@settings(max_examples=rounds(300, release=2000))
@given(person=PERSON, other=PERSON)
def test_many_files_hold_their_own_patients_details_and_nobody_elses(
    person: dict[str, str], other: dict[str, str], sheet: Sheet
):
    _is_right_for(person, other, sheet)


OPTIONS = (["radiofrequency"], ["botox"])


def _list_of(count: int) -> list[dict[str, Any]]:
    chance = Random(count)
    options = OPTIONS if count > 100 else OPTIONS[:1]
    rows = [{"topic": TOPIC, "options": chance.choice(options), **patient(chance)} for _ in range(count)]
    for row in rows[::3]:
        row["note"] = "\n".join(_sentence(chance, LATIN) for _ in range(chance.randint(1, 2)))
    for row in rows[:: max(count // 5, 20)]:
        row["note"] = _sentence(chance, GREEK)  # a master of its own, and no slot
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
    filled = {number: details(library.wording, request, "") for number, request in requests.items()}
    whose = Whose()
    for number, request in requests.items():
        for text in (*dict(filled[number].texts).values(), *_note_words(request)):
            whose.add(text)
    bodies: dict[bytes, list[int]] = {}
    for number, pdf in files.items():
        own, request = dict(filled[number].texts), requests[number]
        code = format_code(batch.path(number).stem[7:])
        assert {tag.actual_text for tag in tags(pdf)} - {None} == {*own.values(), code}
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
    assert len(bodies) >= done.tally.sheets, "a master that was in the cache is not typeset again"
    personal = {number for number, request in requests.items() if request.note and "note.1" not in dict(
        filled[number].texts)}  # fmt: skip
    assert personal
    for body, numbers in bodies.items():
        found = whose.found(everything(body))
        if personal.isdisjoint(numbers):
            assert not found, "what many share holds nobody's words"
        else:
            assert numbers == [numbers[0]]
            assert found
            assert all(text in (requests[numbers[0]].note or "") for text in found)
    assert (
        len(bodies) - len(personal) <= 2 * len(OPTIONS) * 7
    )  # with an appointment or not; 7 shapes of a note, or none


def test_each_file_of_a_list_is_its_own_patients_only(tmp_path: Path, sheets: SheetCache, library: Library) -> None:
    _each_file_is_its_patients(Batch(tmp_path / "out", sheets), library, InlinePool(), 40)


@pytest.mark.heavy
def test_each_of_many_files_is_its_own_patients_only(tmp_path: Path, sheets: SheetCache, library: Library) -> None:
    pool = ProcessPool(2)
    try:
        _each_file_is_its_patients(Batch(tmp_path / "out", sheets), library, pool, rounds(600, release=3000))
    finally:
        pool.close()
