"""Document codes: stable, revealing nothing, and safe to read over the telephone."""

from __future__ import annotations

import copy
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.codes import (
    ALPHABET,
    check_character,
    document_code,
    file_fingerprint,
    format_code,
    legacy_codes,
    parse_code,
)
from handouts.merge.own_fonts import own_fonts
from handouts.model.edition import Edition
from handouts.model.request import Patient, Request
from handouts.model.request_paths import known_paths
from tests.choices import REQUESTS
from tests.conftest import KEY, RequestOf

DIGEST = "a" * 64
FULL: dict[str, Any] = {
    "topic": "a-topic",
    "options": ["botox"],
    "patient": {"name": "A", "preferred_name": "A", "identifier": "1", "birth_date": "1961-04-09", "email": "a@a.org"},
    "clinic": "a",
    "language": "en",
    "with_english": False,
    "format": "standard",
    "paper": "a4",
    "stage": "after",
    "side": "left",
    "clinician": "A",
    "visit_date": "2026-11-22",
    "medicines": [{"name": "a", "dose": "200 mg", "times": ["noon"], "remark": "a"}],
    "next_steps": ["a"],
    "appointment": {"at": "2026-12-04T10:30", "with": "A", "where": "A"},
    "note": "a",
}
OTHER: dict[str, Any] = {
    **dict.fromkeys(["patient.name", "patient.preferred_name", "patient.identifier", "patient.email", "note"], "b"),
    **dict.fromkeys(["topic", "clinic", "clinician", "appointment.with", "appointment.where"], "b"),
    **dict.fromkeys(["medicines.1.name", "medicines.1.dose", "medicines.1.remark"], "b"),
    **dict.fromkeys(["patient.birth_date", "visit_date"], "2026-11-21"),
    "options": ["b"],
    "sections": ["b"],
    "next_steps": ["a", "b"],
    "sheets": ["front", "botox"],
    "medicines.1.times": ["noon", "night"],
    "language": "es",
    "with_english": True,
    "format": "large-print",
    "paper": "letter",
    "stage": "before",
    "side": "right",
    "appointment.at": "2026-12-04T10:31",
}


def test_the_same_input_gives_the_same_code_for_ever(request_of: RequestOf) -> None:
    code = document_code(KEY, request_of(), DIGEST)
    assert code == document_code(KEY, request_of(), DIGEST) == "96624Q2PVAG"


DEFAULTS: dict[str, Any] = {
    "language": "en",
    "with_english": False,
    "format": "standard",
    "stage": "after",
    "medicines": [],
    "next_steps": [],
    "sections": [],
    "sheets": [],
    **dict.fromkeys(["clinic", "paper", "side", "clinician", "visit_date", "appointment", "note"]),
}
"""What a request may leave out. A value here never changes: it would change the codes of all who leave it out."""


def test_what_equals_its_default_counts_as_not_said(request_of: RequestOf) -> None:
    patient = {"name": "Maria Gonzalez"}
    nothing = dict.fromkeys(["preferred_name", "identifier", "birth_date", "email"])
    appointment, medicine = {"at": "2026-12-04T10:30"}, {"name": "baclofen"}
    one = request_of(patient=patient, appointment=appointment, medicines=[medicine])
    other = request_of(
        **DEFAULTS | {
            "patient": patient | nothing,
            "appointment": appointment | {"with": None, "where": None},
            "medicines": [medicine | {"dose": None, "times": [], "remark": None}],
        }
    )  # fmt: skip
    assert document_code(KEY, one, DIGEST) == document_code(KEY, other, DIGEST)
    assert file_fingerprint(KEY, one, DIGEST) == file_fingerprint(KEY, other, DIGEST)
    assert document_code(KEY, request_of(), DIGEST) == document_code(KEY, request_of(**DEFAULTS), DIGEST)


def test_a_key_that_comes_later_changes_no_code(request_of: RequestOf) -> None:
    class Later(Patient):
        pronouns: str | None = None

    class Newer(Request):
        patient: Later
        colors: tuple[str, ...] = ()

    told = request_of(**FULL).model_dump(mode="json", by_alias=True)
    newer = Newer(**told)
    assert document_code(KEY, newer, DIGEST) == document_code(KEY, request_of(**FULL), DIGEST)
    assert legacy_codes(KEY, newer, [DIGEST]) == legacy_codes(KEY, request_of(**FULL), [DIGEST])
    patient = told["patient"] | {"pronouns": "they"}
    for said in (told | {"colors": ["red"]}, told | {"sheets": ["front"]}, told | {"patient": patient}):
        assert document_code(KEY, Newer(**said), DIGEST) != document_code(KEY, newer, DIGEST)
        assert legacy_codes(KEY, Newer(**said), [DIGEST]) == (), "version 0.1.0 could not make it"


LEAST = {"appointment": {"at": "2026-12-04T10:30"}, "medicines": [{"name": "baclofen"}]}


@pytest.mark.parametrize(
    ("request_data", "edition", "code"),
    [
        ({}, Edition(), "H7WP83DRJQB"),
        (LEAST, Edition(), "35T3WAYY8TB"),
        (FULL, Edition(), "YK1CFSTBRV1"),
        (FULL, Edition(replaces="FHK8Z5DW14K"), "NZ78HXRPAGS"),
        (FULL, Edition(blank=True), "XM3FAMMNZ8R"),
    ],
)
def test_the_codes_of_version_0_1_0_are_found_again(
    request_of: RequestOf, request_data: dict[str, Any], edition: Edition, code: str
) -> None:
    """These are what commit 62e42f0 gave; what a request is today must not change them."""
    request = request_of(**request_data)
    found = legacy_codes(KEY, request, ["b" * 64, DIGEST], edition)
    assert (found[1], len(set(found))) == (code, 2)
    assert legacy_codes(KEY, request, [], edition) == ()
    assert code != document_code(KEY, request, DIGEST, edition)


def test_letters_of_another_font_make_another_code_with_another_font(request_of: RequestOf) -> None:
    latin, greek = request_of(), request_of(patient={"name": "Ξανθίππη"})
    assert own_fonts(latin) == own_fonts(request_of(patient={"name": "Zoë", "email": "ξ@example.org"})) == ()
    [font] = own_fonts(greek)
    codes = {
        document_code(KEY, greek, DIGEST),
        document_code(KEY, greek, DIGEST, fonts=[font]),
        document_code(KEY, greek, DIGEST, fonts=["0" * 64]),
    }
    assert len(codes) == 3
    assert file_fingerprint(KEY, greek, DIGEST, [font]) != file_fingerprint(KEY, greek, DIGEST, ["0" * 64])


@pytest.mark.parametrize(
    "said",
    [
        {"note": "Ξ"}, {"next_steps": ["Ξ"]}, {"clinician": "Ξ"}, {"medicines": [{"name": "Ξ"}]},
        {"appointment": {"at": "2026-12-04T10:30", "where": "Ξ"}}, {"patient": {"name": "A", "preferred_name": "Ξ"}},
    ],
)  # fmt: skip
def test_whatever_is_printed_of_a_request_counts_for_its_fonts(request_of: RequestOf, said: dict[str, Any]) -> None:
    assert len(own_fonts(request_of(**said))) == 1


def test_a_code_has_eleven_characters_of_the_alphabet(request_of: RequestOf) -> None:
    for n in range(200):
        code = document_code(KEY, request_of(note=str(n)), DIGEST)
        assert len(code) == 11
        assert set(code) <= set(ALPHABET)
        assert parse_code(code) == code


def test_any_other_key_request_content_or_kind_gives_another_code(request_of: RequestOf) -> None:
    codes = [
        document_code(KEY, request_of(), DIGEST),
        document_code(KEY + b"x", request_of(), DIGEST),
        document_code(KEY, request_of(), "b" * 64),
        document_code(KEY, request_of(), DIGEST, Edition(blank=True)),
        document_code(KEY, request_of(patient={"name": "Maria Gonzales"}), DIGEST),
        document_code(KEY, request_of(side="left"), DIGEST),
        document_code(KEY, request_of(appointment={"at": "2026-12-04T10:30"}), DIGEST),
        document_code(KEY, request_of(appointment={"at": "2026-12-04T10:30", "with": "X"}), DIGEST),
    ]
    assert len(set(codes)) == len(codes)


def test_every_single_wrong_character_is_noticed() -> None:
    body = "4QX9T2BZK7"
    code = body + check_character(body)
    assert parse_code(code) == code
    for place, right in enumerate(code):
        for wrong in ALPHABET:
            if wrong != right:
                assert parse_code(code[:place] + wrong + code[place + 1 :]) is None


def test_the_check_character_alone_misses_the_swap_of_0_and_z_so_no_code_holds_it() -> None:
    body = "4QX90Z2BZK"
    assert check_character(body) == check_character("4QX9Z02BZK")
    assert parse_code(body + check_character(body)) is None


def test_a_thousand_codes_never_collide_and_tell_every_wrong_character_and_swap(request_of: RequestOf) -> None:
    codes = [document_code(KEY, request_of(note=str(number)), DIGEST) for number in range(1000)]
    assert len(set(codes)) == 1000
    for code in codes:
        assert parse_code(code) == code
        for place, right in enumerate(code):
            for wrong in ALPHABET:
                assert wrong == right or parse_code(code[:place] + wrong + code[place + 1 :]) is None
        for place, (one, other) in enumerate(pairwise(code)):
            assert one == other or parse_code(code[:place] + other + one + code[place + 2 :]) is None


def test_a_code_that_would_hide_a_swap_is_drawn_again(request_of: RequestOf, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["0Z" + "1" * 9, "1" * 9 + "Z0", "4QX9T2BZK7X"])
    monkeypatch.setattr("handouts.codes._draw", lambda *_: next(drawn))
    assert document_code(KEY, request_of(), DIGEST) == "4QX9T2BZK7X"


def test_a_code_is_printed_in_groups_and_read_back() -> None:
    body = "4QX9T2BZK7"
    code = body + check_character(body)
    assert format_code(code) == f"4QX9-T2BZ-K7{code[-1]}"
    assert parse_code(f" {format_code(code).lower()} ") == code
    assert parse_code(" ".join(code)) == code


@pytest.mark.parametrize("dash", "‐‑‒–—−")
def test_a_code_is_read_with_whatever_dash_a_word_processor_made_of_its_hyphens(dash: str) -> None:
    assert parse_code(f"FHK8{dash}Z5DW{dash}14K") == "FHK8Z5DW14K"


def test_letters_that_sound_or_look_like_digits_are_read_as_these() -> None:
    body = "1101T2BZK7"
    code = body + check_character(body)
    assert parse_code(code.replace("1", "I").replace("0", "O")) == code
    assert parse_code(code.replace("1", "l").replace("0", "o")) == code


@pytest.mark.parametrize("text", ["", "4QX9", "U" * 11, "é" * 11, "4QX9-T2BZ-K7!", "0" * 12, "ß" * 11])
def test_what_can_not_be_a_code_is_none(text: str) -> None:
    assert parse_code(text) is None


@given(one=REQUESTS, other=REQUESTS, same=st.booleans())
def test_a_fingerprint_is_the_same_for_the_same_request_only(
    request_of: RequestOf, one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    first, second = request_of(**one), request_of(**(one if same else other))
    assert (file_fingerprint(KEY, first, DIGEST) == file_fingerprint(KEY, second, DIGEST)) == (first == second)


@pytest.mark.parametrize("path", sorted(known_paths()))
def test_a_fingerprint_tells_every_key_of_a_request(request_of: RequestOf, path: str) -> None:
    full, changed = copy.deepcopy(FULL), copy.deepcopy(FULL)
    inside: Any = changed
    *above, last = (int(part) - 1 if part.isdigit() else part for part in path.split("."))
    for part in above:
        inside = inside[part]
    inside[last] = OTHER[path]
    before, after = (file_fingerprint(KEY, request_of(**data), DIGEST) for data in (full, changed))
    assert before != after


def test_a_fingerprint_depends_on_key_and_pages_and_tells_neither(request_of: RequestOf) -> None:
    mark = file_fingerprint(KEY, request_of(), DIGEST)
    assert re.fullmatch("[0-9a-f]{64}", mark)
    assert (
        len({mark, file_fingerprint(b"x" * 32, request_of(), DIGEST), file_fingerprint(KEY, request_of(), "b" * 64)})
        == 3
    )
