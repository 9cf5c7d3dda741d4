"""What a Patient says: which name, whose number, which language."""

from __future__ import annotations

from typing import Any

import pytest

from handouts.errors import RequestFault
from handouts.fhir.patient import read_patient
from handouts.fhir.suggestion import Suggestion
from tests.conftest import TODAY
from tests.fhir.records import MR, Json, asked, chart, patient, suggested


def who(**more: Any) -> Json:
    return dict(suggested(patient(**more)).data.get("patient", {}))


def named(*names: Json) -> str | None:
    return who(name=list(names)).get("name")


OFFICIAL = {"use": "official", "family": "Quill", "given": ["Xanthippe", "Ann"]}
USUAL = {"use": "usual", "family": "Quill", "given": ["Xan"]}


def test_the_official_name_is_taken_else_the_usual_one_else_one_without_a_use() -> None:
    bare = {"family": "Quill", "given": ["X"]}
    assert named(bare, USUAL, OFFICIAL) == "Xanthippe Ann Quill"
    assert named(bare, USUAL) == "Xan Quill"
    assert named(bare) == "X Quill"


@pytest.mark.parametrize("use", ["old", "maiden", "temp", "anonymous", "nickname"])
def test_other_names_are_never_taken(use: str) -> None:
    found = suggested(patient(name=[{**OFFICIAL, "use": use}]))
    assert "name" not in found.data.get("patient", {})
    assert "patient.name" in asked(found, needed=True)


@pytest.mark.parametrize(
    ("period", "counts"),
    [
        ({"end": "2026-11-21"}, False),
        ({"end": "2026-11-22"}, True),
        ({"end": "2026"}, True),
        ({"end": "2025-12"}, False),
        ({"start": "2026-11-23"}, False),
        ({"start": "2026-11-22T08:00:00Z"}, True),
        ({"start": "2001-05-06"}, True),
        ({"end": "soon"}, False),
    ],
)
def test_a_name_counts_in_its_period(period: Json, counts: bool) -> None:
    assert (named({**OFFICIAL, "period": period}) is not None) is counts


def test_two_names_of_one_use_are_asked_and_not_told() -> None:
    found = suggested(patient(name=[OFFICIAL, {**OFFICIAL, "family": "Feather"}]))
    question = next(one for one in found.questions if one.key == "patient.name")
    assert question.needed
    assert question.choices == ("Xanthippe Ann Quill", "Xanthippe Ann Feather")
    assert str(question) == "'patient.name': the record has 2 official names of today"
    assert "Quill" not in repr(found) + repr(question)


def test_the_same_name_twice_is_one() -> None:
    assert named(OFFICIAL, OFFICIAL) == "Xanthippe Ann Quill"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ({"family": "Quill", "given": ["Xan"], "prefix": ["Dr.", "Ms."], "suffix": ["MD", "PhD"]}, "Xan Quill"),
        ({"family": "Quill", "given": ["Xan"], "suffix": ["Jr."]}, "Xan Quill Jr."),
        ({"family": "Quill", "given": ["Xan"], "suffix": ["III", "Esq."]}, "Xan Quill III"),
        ({"family": "Nagy", "given": ["Anna"], "text": "Nagy Anna"}, "Nagy Anna"),
        ({"family": "Nagy", "given": ["Anna"], "text": "Dr. Anna Nagy"}, "Anna Nagy"),
        ({"text": "  Anna \n Nagy "}, "Anna Nagy"),
        ({"given": ["Anna"]}, "Anna"),
        ({"family": "van de Heuvel", "given": ["Pieter"]}, "Pieter van de Heuvel"),
    ],
)
def test_titles_go_generations_stay_and_the_order_is_the_texts(name: Json, printed: str) -> None:
    assert named({"use": "official", **name}) == printed


def test_what_the_patient_likes_to_be_called_comes_of_a_nickname_or_the_usual_name() -> None:
    assert who(name=[OFFICIAL, {"use": "nickname", "text": "Xandy"}])["preferred_name"] == "Xandy"
    assert who(name=[OFFICIAL, USUAL])["preferred_name"] == "Xan"
    assert "preferred_name" not in who(name=[OFFICIAL, {**USUAL, "given": ["Ann"]}])


@pytest.mark.parametrize("born", ["1961-04", "1961", "1961-02-30", "2026-11-23", "04/09/1961"])
def test_a_date_of_birth_in_part_or_of_no_calendar_is_asked(born: str) -> None:
    found = suggested(patient(birthDate=born))
    assert "patient.birth_date" in asked(found, needed=True)
    assert born not in str(found.questions[0])


def test_a_record_without_a_date_of_birth_may_go_without() -> None:
    assert "patient.birth_date" in asked(suggested(patient(birthDate=None)), needed=False)


def test_the_record_number_is_the_one_of_type_mr() -> None:
    other = {"type": {"coding": [{"code": "SS"}]}, "value": "999-11-5543"}
    assert who(identifier=[other, {"type": MR, "value": " 00417 "}])["identifier"] == "00417"
    assert "identifier" not in who(identifier=[other, {"value": "1"}])


def test_several_record_numbers_are_asked_and_old_ones_are_none() -> None:
    two = [{"type": MR, "value": "1", "system": "http://a"}, {"type": MR, "value": "2", "system": "http://b"}]
    assert "patient.identifier" in asked(suggested(patient(identifier=two)), needed=True)
    assert who(identifier=[two[0], {**two[1], "use": "old"}])["identifier"] == "1"
    assert who(identifier=[two[0], {**two[1], "period": {"end": "2020-01-01"}}])["identifier"] == "1"
    assert who(identifier=[two[0], {**two[0], "use": "usual"}])["identifier"] == "1"


def speaks(code: str, **more: Any) -> Json:
    return {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": code}]}, **more}


def said_in(who: Json, *languages: str) -> Suggestion:
    (resource,) = chart(who).of("Patient")
    return read_patient(resource, TODAY, languages, lambda _: None)


def test_a_language_that_is_printed_is_taken_and_another_one_told() -> None:
    spanish = patient(communication=[speaks("en-US"), speaks("es-MX", preferred=True)])
    found = said_in(spanish, "en")
    assert "language" not in found.data
    assert found.notices == ("The record's preferred language is 'es', in which nothing is printed.",)
    assert said_in(spanish, "en", "es").data["language"] == "es"
    assert "language" not in said_in(patient(communication=[speaks("en")]), "en", "es").data


@pytest.mark.parametrize(
    ("spoken", "said"),
    [
        ([speaks("es"), speaks("fr")], "several languages"),
        ([{"language": {"text": "Quechua of the south"}}], "in words alone"),
    ],
)
def test_a_language_that_is_not_plain_is_left_to_the_staff(spoken: list[Json], said: str) -> None:
    found = suggested(patient(communication=spoken))
    assert "language" not in found.data
    assert said in found.notices[0]
    assert "Quechua" not in found.notices[0]


@pytest.mark.parametrize(
    ("extension", "needed"),
    [
        ({"url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": True}, True),
        ({"url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": False}, False),
        ({"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-interpreter-needed",
          "valueCoding": {"system": "http://snomed.info/sct", "code": "373066001"}}, True),
        ({"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-interpreter-needed",
          "valueCoding": {"system": "http://snomed.info/sct", "code": "373067005"}}, False),
        ({"url": "http://vendor.example/interpreter", "valueBoolean": True}, False),
    ],
)  # fmt: skip
def test_an_interpreter_that_is_needed_is_told(extension: Json, needed: bool) -> None:
    told = suggested(patient(extension=[extension])).notices
    assert any("--interpreter" in one for one in told) is needed


@pytest.mark.parametrize(
    ("telecom", "address"),
    [
        ([{"system": "email", "value": "a@x.org"}], "a@x.org"),
        ([{"system": "email", "value": "mailto:a@x.org"}, {"system": "phone", "value": "555"}], "a@x.org"),
        ([{"system": "email", "value": "a@x.org", "use": "old"}], None),
        ([{"system": "email", "value": "a@x.org", "period": {"end": "2020-01-01"}}], None),
        ([{"system": "email", "value": "w@x.org", "use": "work"},
          {"system": "email", "value": "h@x.org", "use": "home"}],
         "h@x.org"),
        ([{"system": "email", "value": "b@x.org", "rank": 2, "use": "home"},
          {"system": "email", "value": "a@x.org", "rank": 1}], "a@x.org"),
        ([{"system": "email", "value": "a@x.org"}, {"system": "email", "value": "b@x.org"}], None),
    ],
)  # fmt: skip
def test_the_address_is_the_patients_by_rank_and_use(telecom: list[Json], address: str | None) -> None:
    found = suggested(patient(telecom=telecom, contact=[{"telecom": [{"system": "email", "value": "mother@x.org"}]}]))
    assert found.data["patient"].get("email") == address


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"active": False}, "not in use"),
        ({"deceasedBoolean": True}, "has died"),
        ({"deceasedDateTime": "2026-01-02"}, "has died"),
    ],
)
def test_nothing_is_made_for_who_has_died_or_for_an_entry_that_is_not_in_use(state: Json, why: str) -> None:
    with pytest.raises(RequestFault, match=why):
        suggested(patient(**state))


def test_who_has_not_died_is_a_patient_like_others() -> None:
    assert who(deceasedBoolean=False, active=True)["name"] == "Xanthippe Quill"
