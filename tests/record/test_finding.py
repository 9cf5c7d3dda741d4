"""What a patient was given, as documents."""

from __future__ import annotations

from datetime import date

import pytest

from handouts.model.recorder import Whom
from handouts.record.finding import documents_of, find_given, is_identified
from handouts.record.recorder import FolderRecorder
from handouts.record.voiding import void
from tests.record.test_recorder import Build, build, recorder

__all__ = ["build", "recorder"]
BORN = date(1961, 4, 9)
MARIA = {"name": "Maria Gonzalez", "identifier": "MRN 1", "birth_date": "1961-04-09"}


@pytest.mark.parametrize(
    ("who", "enough"),
    [
        (Whom("Maria Gonzalez", None, None), False),
        (Whom("", BORN, None), False),
        (Whom("Maria Gonzalez", BORN, None), True),
        (Whom("", None, "MRN 1"), True),
    ],
)
def test_a_number_or_a_name_with_a_birth_date_tells_a_patient(who: Whom, enough: bool):
    assert is_identified(who) is enough


@pytest.mark.parametrize(
    ("who", "lacking", "unseen"),
    [
        (Whom("Maria Gonzalez", BORN, "MRN 1"), None, ""),
        (Whom("Maria Gonzalez", None, "MRN 1"), "date of birth", "without a record number"),
        (Whom("", BORN, "MRN 1"), "name", "without a record number"),
        (Whom("Maria Gonzalez", BORN, None), "record number", "without a date of birth"),
    ],
)
def test_who_is_named_in_part_is_found_and_what_may_be_missing_is_told(
    build: Build, recorder: FolderRecorder, who: Whom, lacking: str | None, unseen: str
):
    recorder.add_made([build(patient=MARIA).document], "file")
    found = find_given(recorder.store, who)
    assert (len(found.events), found.lacking, bool(found.unseen)) == (1, lacking, bool(unseen))
    assert unseen in found.unseen


def test_documents_come_the_newest_first_each_once_with_what_became_of_it(build: Build, recorder: FolderRecorder):
    first, second = build(patient=MARIA), build(patient=MARIA, side="right")
    recorder.add_made([first.document], "file")
    recorder.add_made([second.document], "browser")
    void(recorder, first.code, "wrong side")
    recorder.add_made([build(patient={"name": "Otto", "identifier": "2"}).document], "file")
    found = documents_of(recorder.store, find_given(recorder.store, Whom("", None, "mrn 1")).events)
    assert [one.code for one in found] == [second.code, first.code]
    assert [one.made.what for one in found] == ["made", "made"]
    assert [bool(one.status) for one in found] == [False, True]


def test_the_latest_are_those_that_something_happened_to_last(build: Build, recorder: FolderRecorder):
    made = [build(patient={"name": f"Patient {n}", "identifier": str(n)}) for n in range(4)]
    recorder.add_made([one.document for one in made], "file")
    void(recorder, made[0].code, "wrong side")
    found = {event.code for event in recorder.store.latest(2)}
    assert found == {made[0].code, made[3].code}
    assert len(recorder.store.latest(100)) == 5
