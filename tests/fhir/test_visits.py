"""This visit, the next one, the clinician: on the clinic's clock, and where it isn't plain, nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fhir.records import Json, appointment, asked, encounter, patient, suggested

DOCTOR = {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Cohen", "prefix": ["Dr."], "given": ["Lee"]}]}
ROOM = {"resourceType": "Location", "id": "r", "name": "Room 4, second floor"}


def actor(to: str, status: str = "accepted", **more: Any) -> Json:
    return {"status": status, "actor": {"reference": to, **more}}


def visit(*resources: Json) -> Json:
    return dict(suggested(patient(), DOCTOR, ROOM, *resources).data.get("appointment", {}))


def test_the_next_booked_visit_is_the_first_after_today() -> None:
    later, first = appointment("2027-01-05T09:00:00-05:00"), appointment("2026-11-23T09:00:00-05:00")
    gone = appointment("2026-11-21T09:00:00-05:00")
    assert visit(later, gone, first)["at"] == "2026-11-23T09:00"


@pytest.mark.parametrize("status", ["cancelled", "proposed", "pending", "waitlist", "noshow", "entered-in-error"])
def test_a_visit_that_is_not_booked_is_none(status: str) -> None:
    assert visit(appointment(status=status)) == {}


def test_a_visit_counts_on_the_clock_of_whoever_wrote_it() -> None:
    assert visit(appointment("2026-12-04T23:30:00-08:00"))["at"] == "2026-12-04T23:30"
    assert visit(appointment("2026-12-04T10:30:00.000+05:30"))["at"] == "2026-12-04T10:30"


@pytest.mark.parametrize("start", ["2026-12-04T15:30:00Z", "2026-12-04T15:30:00+00:00", "2026-12-04T15:30:00.000Z"])
def test_a_visit_in_utc_is_asked(start: str) -> None:
    found = suggested(patient(), appointment(start))
    assert "appointment" not in found.data
    assert "appointment.at" in asked(found, needed=False)
    assert "15:30" not in str(found.notices)


def test_a_visit_in_utc_may_be_the_first_and_so_no_later_one_is_taken() -> None:
    found = suggested(patient(), appointment("2026-12-04T15:30:00Z"), appointment("2027-12-04T15:30:00-05:00"))
    assert "appointment" not in found.data


@pytest.mark.parametrize("start", ["2026-12-04", "soon", "2026-12-04T25:00:00-05:00", "2026-02-30T10:00:00-05:00"])
def test_a_visit_without_a_time_that_exists_is_none(start: str) -> None:
    assert visit(appointment(start)) == {}


def test_whom_and_where_come_of_the_participants() -> None:
    people = [actor("Practitioner/d"), actor("Location/r")]
    assert visit(appointment(participant=people)) == {
        "at": "2026-12-04T10:30", "with": "Dr. Lee Cohen", "where": "Room 4, second floor",
    }  # fmt: skip
    shown = [actor("Practitioner/gone", display="Dr. Cohen"), actor("Location/gone", display="Room 4")]
    assert visit(appointment(participant=shown))["with"] == "Dr. Cohen"
    inner = [{"resourceType": "Location", "id": "in", "name": "Room 5"}]
    assert visit(appointment(contained=inner, participant=[actor("#in")]))["where"] == "Room 5"


def test_of_several_clinicians_none_is_taken_and_who_declined_does_not_count() -> None:
    two = [actor("Practitioner/d"), actor("Practitioner/x", display="Dr. Quill")]
    assert "with" not in visit(appointment(participant=two))
    assert visit(appointment(participant=[two[0], actor("Practitioner/x", "declined", display="Dr. Quill")]))["with"]


def test_another_patients_visit_is_not_this_ones() -> None:
    other = {**appointment(), "participant": [{"status": "accepted", "actor": {"reference": "Practitioner/d"}}]}
    assert visit(other) == {}


def test_the_visit_is_the_encounter_in_progress_of_today() -> None:
    found = suggested(patient(), encounter())
    assert found.data["visit_date"] == "2026-11-22"


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (encounter(status="finished",
                   period={"start": "2026-11-22T09:00:00-05:00", "end": "2026-11-22T09:30:00-05:00"}),
         True),
        (encounter(status="finished", period={"start": "2026-11-20", "end": "2026-11-22"}), True),
        (encounter(status="arrived"), True),
        (encounter(status="finished", period={"end": "2026-11-21T09:30:00-05:00"}), False),
        (encounter("2019-03-04T09:00:00-05:00"), False),
        (encounter("2026-11-22T09:00:00Z"), False),
        (encounter(status="planned"), False),
        (encounter(status="cancelled"), False),
    ],
)  # fmt: skip
def test_a_visit_of_today_gives_the_date_and_another_does_not(one: Json, counts: bool) -> None:
    found = suggested(patient(), one)
    assert ("visit_date" in found.data) is counts
    assert ("visit_date" in asked(found, needed=False)) is not counts


def test_the_clinician_is_the_attender_else_the_primary_performer_else_the_only_one() -> None:
    def seen_by(*people: tuple[str, str]) -> Any:
        listed = [
            {"type": [{"coding": [{"code": role}]}], "individual": {"reference": "Practitioner/x", "display": name}}
            for role, name in people
        ]
        return suggested(patient(), encounter(participant=listed)).data.get("clinician")

    assert seen_by(("PPRF", "Dr. A"), ("ATND", "Dr. B")) == "Dr. B"
    assert seen_by(("PPRF", "Dr. A"), ("CON", "Dr. B")) == "Dr. A"
    assert seen_by(("CON", "Dr. B")) == "Dr. B"
    assert seen_by(("CON", "Dr. B"), ("REF", "Dr. A")) is None


def test_an_appointment_of_today_gives_the_visit_its_time_and_the_clinician() -> None:
    today = appointment("2026-11-22T08:15:00-05:00", "arrived", participant=[actor("Practitioner/d")])
    found = suggested(patient(), DOCTOR, today)
    assert (found.data["visit_date"], found.order, found.data["clinician"]) == ("2026-11-22", "08:15", "Dr. Lee Cohen")
    assert "appointment" not in found.data


def test_a_relative_of_the_patient_is_no_clinician() -> None:
    mother = [{"individual": {"reference": "RelatedPerson/m", "display": "Anna Quill"}}]
    assert "clinician" not in suggested(patient(), encounter(participant=mother)).data


def test_a_time_that_is_given_keeps_whom_and_where_of_another_visit_out() -> None:
    found = suggested(
        patient(),
        ROOM,
        appointment(participant=[actor("Location/r")]),
        given={"appointment": {"at": "2026-12-24T08:00"}},
    )
    assert "appointment" not in found.data
