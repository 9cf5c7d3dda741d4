"""What was given out is in the health record once, whatever happens on the way, and marked there when it was wrong."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path

import pytest

from handouts.deliver.fhir.queueing import mailed_notice, voided_notice
from handouts.deliver.fhir.resources import CODES, Subject
from handouts.deliver.outbox.claims import LEASE, Claim, Claims
from handouts.deliver.outbox.outbox import Outbox
from tests.fhirs import CODE, HURRIED, MARIA, QUICK, file_it, run, until_done
from tests.fhirserver import BY_ITSELF, Chart, serve
from tests.mailing import NOW, Clock, Told, new, outbox_in, queue, states

OTHER = "G1MQ7378Q80"


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return outbox_in(tmp_path / "data")


@pytest.fixture
def chart() -> Chart:
    made = Chart()
    made.add(MARIA)
    return made


def documents(chart: Chart) -> list[str]:
    return [one["identifier"][0]["value"] for one in chart.all("DocumentReference")]


def test_a_handout_is_filed_with_its_pdf_and_who_made_it(outbox: Outbox, chart: Chart):
    with serve(chart) as server:
        file_it(outbox, server.endpoint)
        assert run(outbox, server.endpoint).ends == {"sent": 1}
    [document], [binary], [origin] = (chart.all(kind) for kind in ("DocumentReference", "Binary", "Provenance"))
    assert document["subject"] == {"reference": "Patient/maria"}
    assert document["content"][0]["attachment"]["url"] == f"Binary/{binary['id']}"
    assert base64.b64decode(binary["data"]) == b"%PDF-1.7 FHK8Z5DW14K"
    assert origin["target"] == [{"reference": f"DocumentReference/{document['id']}"}]
    assert outbox.database.look("SELECT count(*) AS n FROM contents")[0]["n"] == 0


def encounter(number: str, status: str = "finished", day: str = "2026-11-22") -> dict[str, object]:
    start = {"start": f"{day}T09:00:00-05:00"}
    return {"resourceType": "Encounter", "id": number, "status": status, "subject": {"reference": "Patient/maria"},
            "period": start}  # fmt: skip


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ([encounter("7"), encounter("8", day="2026-11-21"), encounter("9", "cancelled")], "Encounter/7"),
        ([encounter("7"), encounter("8")], None),
        ([], None),
    ],
    ids=["one of that day", "two of that day", "none"],
)
def test_the_document_names_the_visit_where_the_record_knows_exactly_one(
    outbox: Outbox, chart: Chart, there: list[dict[str, object]], told: str | None
):
    chart.add(*there)
    with serve(chart) as server:
        file_it(outbox, server.endpoint, visit=date(2026, 11, 22))
        run(outbox, server.endpoint)
    [document] = chart.all("DocumentReference")
    assert document.get("context") == ({"encounter": [{"reference": told}]} if told else None)


@pytest.mark.parametrize("fault", ["drop", "keep and drop", "stall", "503", "429", "409", "500", "html"])
@pytest.mark.parametrize("alone", [False, True], ids=["transaction", "one by one"])
def test_whatever_happens_to_an_answer_there_is_one_document(outbox: Outbox, chart: Chart, fault: str, alone: bool):
    if alone:
        chart.capabilities = BY_ITSELF
    stage = "POST DocumentReference" if alone else "TRANSACTION"
    clock = Clock()
    with serve(chart, **{stage: [fault, fault]}) as server:
        file_it(outbox, server.endpoint)
        until_done(outbox, server.endpoint, clock, HURRIED if fault == "stall" else QUICK)
    assert (states(outbox), documents(chart)) == (["sent"], [CODE])
    assert len(chart.all("Binary")) == (0 if alone else 1)
    assert len(chart.all("Provenance")) == 1


@pytest.mark.parametrize("stage", ["LOOK", "GET Patient", "metadata"])
@pytest.mark.parametrize("fault", ["drop", "stall", "503", "429"])
def test_a_question_that_gets_no_answer_is_asked_again(outbox: Outbox, chart: Chart, stage: str, fault: str):
    with serve(chart, **{stage: [fault]}) as server:
        file_it(outbox, server.endpoint)
        until_done(outbox, server.endpoint, Clock(), HURRIED if fault == "stall" else QUICK)
    assert (states(outbox), documents(chart)) == (["sent"], [CODE])


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("400", "it refused this (400: invalid)"),
        ("422", "it refused this (422: invalid)"),
        ("412", "several documents have the same code"),
        ("413", "too large"),
    ],
)
def test_a_refused_posting_is_told_without_the_servers_words(outbox: Outbox, chart: Chart, fault: str, told: str):
    said = Told()
    with serve(chart, TRANSACTION=fault) as server:
        file_it(outbox, server.endpoint)
        run(outbox, server.endpoint, told=said)
    [(_, end, reason)] = said.lines
    assert (end, states(outbox)) == ("failed", ["failed"])
    assert told in reason or told in outbox.entry(1).reason
    assert "Maria" not in reason


@pytest.mark.parametrize(
    ("fault", "told"), [("401", "access token"), ("403", "scopes"), ("redirect", "another address")]
)
def test_what_somebody_has_to_fix_stops_the_queue_and_loses_nothing(
    outbox: Outbox, chart: Chart, fault: str, told: str
):
    queue(outbox, new())
    with serve(chart, TRANSACTION=[fault]) as server:
        file_it(outbox, server.endpoint)
        file_it(outbox, server.endpoint, OTHER)
        outbox.cancel(1, NOW)
        run(outbox, server.endpoint)
        assert told in outbox.pauses()["cohen/fhir"]
        assert states(outbox) == ["cancelled", "paused", "paused"]
        outbox.resume(NOW)
        run(outbox, server.endpoint)
    assert sorted(documents(chart)) == [CODE, OTHER]


def test_mail_goes_on_while_the_health_record_is_stopped(outbox: Outbox, chart: Chart):
    with serve(chart, TRANSACTION="403") as server:
        file_it(outbox, server.endpoint)
        run(outbox, server.endpoint)
        queue(outbox, new())
    assert outbox.pauses().keys() == {"cohen/fhir"}
    assert [entry.shown for entry in outbox.entries()] == ["paused", "queued"]
    assert Claims(outbox, "one").due_queues(NOW) == ["cohen"]


def test_a_patient_who_is_not_there_or_is_another_one_gets_no_document(outbox: Outbox, chart: Chart):
    with serve(chart) as server:
        file_it(outbox, server.endpoint, number="999")
        chart.add(MARIA | {"id": "other", "identifier": [{"system": "urn:x", "value": "5"}], "birthDate": "1961-04-10"})
        run(outbox, server.endpoint)
        assert "no patient" in outbox.entry(1).reason
        chart.kept["Patient", "maria"]["birthDate"] = "1961-09-04"
        file_it(outbox, server.endpoint, OTHER)
        run(outbox, server.endpoint)
        assert "another day" in outbox.entry(2).reason
        chart.kept["Patient", "maria"]["birthDate"] = "1961"
        chart.add(MARIA | {"id": "twin"})
        file_it(outbox, server.endpoint)
        run(outbox, server.endpoint)
        assert "several patients" in outbox.entry(3).reason
    assert documents(chart) == []


def test_a_document_that_replaces_another_supersedes_it_there(outbox: Outbox, chart: Chart):
    with serve(chart) as server:
        file_it(outbox, server.endpoint)
        run(outbox, server.endpoint)
        file_it(outbox, server.endpoint, OTHER, replaces=CODE)
        run(outbox, server.endpoint)
    before, after = sorted(chart.all("DocumentReference"), key=lambda one: str(one["status"]), reverse=True)
    assert (before["status"], after["status"]) == ("superseded", "current")
    assert after["relatesTo"] == [{"code": "replaces", "target": {"reference": f"DocumentReference/{before['id']}"}}]


def test_a_document_given_in_error_is_marked_there(outbox: Outbox, chart: Chart):
    with serve(chart, **{"PUT DocumentReference": ["keep and drop"]}) as server:
        file_it(outbox, server.endpoint)
        run(outbox, server.endpoint)
        queue(outbox, voided_notice(CODE, "cohen", server.endpoint, "its document was voided"))
        until_done(outbox, server.endpoint, Clock())
    [document] = chart.all("DocumentReference")
    assert (document["status"], states(outbox)) == ("entered-in-error", ["sent", "sent"])


def test_that_it_was_mailed_is_told_once(outbox: Outbox, chart: Chart):
    with serve(chart, **{"POST Communication": ["keep and drop", "503"]}) as server:
        file_it(outbox, server.endpoint)
        queue(outbox, mailed_notice(CODE, "cohen", server.endpoint, 7, NOW))
        until_done(outbox, server.endpoint, Clock())
    [letter] = chart.all("Communication")
    assert (letter["status"], letter["sent"]) == ("completed", "2026-11-18T11:06:40Z")
    assert letter["subject"] == {"reference": "Patient/maria"}
    assert letter["identifier"] == [{"system": CODES, "value": f"{CODE}-mail-7"}]


def test_a_message_that_was_mailed_queues_that_for_the_health_record_alone_if_it_has_the_document(
    outbox: Outbox, chart: Chart
):
    queue(outbox, new("other@example.org", "d2", code=OTHER))
    queue(outbox, new())
    with serve(chart) as server:
        file_it(outbox, server.endpoint)
        claims = Claims(outbox, "one")
        for now in (NOW + 60, NOW + 120):
            claim = claims.claim(now, "cohen", 6000)
            assert isinstance(claim, Claim)
            claims.begin(claim, now)
            claims.sent(claim, now)
    assert [(entry.code, entry.channel, entry.kind) for entry in outbox.entries()] == [
        (OTHER, "mail", "handout"),
        (CODE, "mail", "handout"),
        (CODE, "fhir", "handout"),
        (CODE, "fhir", "mailed"),
    ]


def test_where_a_server_can_neither_look_nor_heed_a_lost_answer_is_a_persons_to_decide(outbox: Outbox, chart: Chart):
    chart.looks, chart.heeds, chart.capabilities = False, False, {"resourceType": "CapabilityStatement"}
    with serve(chart, **{"POST DocumentReference": ["keep and drop"]}) as server:
        file_it(outbox, server.endpoint, subject=Subject(reference="Patient/maria"))
        until_done(outbox, server.endpoint, Clock())
    assert (states(outbox), documents(chart)) == (["unknown"], [CODE])


def test_a_run_that_was_killed_is_gone_on_with_where_that_is_safe(outbox: Outbox, chart: Chart):
    with serve(chart) as server:
        file_it(outbox, server.endpoint)
        claims = Claims(outbox, "killed")
        claim = claims.claim(NOW, "cohen/fhir", 6000)
        assert isinstance(claim, Claim)
        claims.begin(claim, NOW, repeats=True)
        later = Clock(NOW + LEASE + 1)
        assert run(outbox, server.endpoint, clock=later).ends == {"sent": 1}
    assert documents(chart) == [CODE]


def test_what_was_queued_for_one_server_is_not_posted_to_another(outbox: Outbox, chart: Chart):
    with serve(chart) as one, serve(chart) as other:
        file_it(outbox, one.endpoint)
        run(outbox, other.endpoint)
        assert "another server" in outbox.entry(1).reason
    assert documents(chart) == []


def test_a_posting_that_somebody_changed_does_not_go_out(outbox: Outbox, chart: Chart):
    with serve(chart) as server:
        file_it(outbox, server.endpoint)
        with outbox.database.change() as connection:
            connection.execute("UPDATE messages SET kind = 'voided'")
        run(outbox, server.endpoint)
    assert (states(outbox), documents(chart)) == (["unknown"], [])
