"""An Infobutton request's code finds its topics; whatever else it holds is not looked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.fhir.infobutton import Match, matches, read_request
from handouts.load.codes import topic_files
from tests.conftest import CONTENT

ICD, SNOMED, RXNORM = (f"2.16.840.1.113883.6.{number}" for number in (90, 96, 88))
TOPICS = topic_files(CONTENT)


def find(code: str, system: str = ICD, **more: str) -> list[Match]:
    parameters = {"mainSearchCriteria.v.c": [code], "mainSearchCriteria.v.cs": [system]}
    return matches(read_request(parameters | {name: [value] for name, value in more.items()}), TOPICS)


@pytest.mark.parametrize(
    ("code", "side"), [("G51.32", "left"), ("G51.31", "right"), ("g5132", "left"), (" G51.33 ", None), ("G51.3", None)]
)
def test_a_diagnosis_finds_its_topic_and_side(code: str, side: str | None):
    assert find(code) == [Match("hemifacial-spasm", side)]


@pytest.mark.parametrize("code", ["G51", "G51.320", "G51.0", "", "G51.32; DROP", "x" * 500])
def test_another_code_finds_nothing(code: str):
    assert find(code) == []


def test_a_medicine_finds_the_topics_that_have_it():
    assert [match.topic for match in find("2002", RXNORM)] == ["hemifacial-spasm", "trigeminal-neuralgia"]
    assert find("2002") == find("2002", SNOMED) == find("2002", "") == []


def test_a_diagnosis_of_another_system_is_not_taken_for_one_of_icd():
    assert find("G50.0", SNOMED) == []
    assert find("G50.0", "1.2.3") == []
    assert find("G50.0", "") == [Match("trigeminal-neuralgia")]


def test_the_same_thing_in_several_systems_is_found_once():
    parameters = {
        "mainSearchCriteria.v.c": ["31681005"],
        "mainSearchCriteria.v.cs": [SNOMED],
        "mainSearchCriteria.v.c1": ["G50.0"],
        "mainSearchCriteria.v.cs1": [ICD],
        "mainSearchCriteria.v.c2": ["2002"],
        "mainSearchCriteria.v.cs2": [RXNORM],
    }
    found = matches(read_request(parameters), TOPICS)
    assert found == [Match("trigeminal-neuralgia"), Match("hemifacial-spasm", medicine="carbamazepine")]


def test_recipient_language_and_form():
    asked = read_request(
        {
            "informationRecipient": ["prov"],
            "informationRecipient.languageCode.c": ["es-US"],
            "knowledgeResponseType": ["application/json"],
            "patientPerson.administrativeGenderCode.c": ["F"],
        }
    )
    assert (asked.for_staff, asked.language, asked.form) == (True, "es-us", "json")
    assert repr(asked) == "Asked(...)"
    assert read_request({}, "application/xml").form == "xml"
    assert read_request({"informationRecipient.languageCode.c": ["<b>"]}).language is None


@given(st.dictionaries(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=4), max_size=8), st.text())
def test_nothing_that_is_asked_is_a_crash(parameters: dict[str, list[str]], code: str):
    matches(read_request(parameters), TOPICS)
    find(code)
    find(code, code)
