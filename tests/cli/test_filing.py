"""`make --fhir-out`, `make --fhir-post`, `void`, `fhir login`, `doctor --fhir` on the command line."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from handouts.cli import cli
from handouts.deliver.fhir.resources import CODES
from handouts.record.recorder import open_store
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, TOPIC
from tests.fhirs import MARIA, NUMBERS
from tests.fhirserver import CLIENT, Chart, Running, serve

Run = Callable[..., Result]
REQUEST = f"""topic: {TOPIC}
options: [botox]
clinician: Dr. Cohen
patient: {{name: Xanthippe Quill, identifier: '00417', birth_date: 1961-04-09}}
"""
MAKE = ("make", "request.yaml", "--allow-unapproved")


@pytest.fixture
def server() -> Iterator[Running]:
    chart = Chart()
    chart.add(MARIA)
    with serve(chart) as running:
        yield running


def set_up(content: Path, fhir: str) -> None:
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    kept = re.sub(r"(?m)^fhir:.*\n", "", clinic.read_text())
    clinic.write_text(f"{kept}\nfhir: {{{fhir}}}\n")


@pytest.fixture
def run(here: Path, server: Running, content: Path, sheets: SheetCache, tmp_path: Path, data: Path) -> Run:
    (here / "request.yaml").write_text(REQUEST)
    (tmp_path / "key").write_bytes(KEY)
    set_up(content, f"server: '{server.endpoint}', patient_system: '{NUMBERS}'")

    def invoke(*args: str) -> Result:
        command = ["--content", str(content), "--today", "2026-11-22", *args]
        if {"make", "batch"} & {*args}:
            command += ["--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder)]
        return CliRunner().invoke(cli, [*command, "--data", str(data)], prog_name="handouts")

    return invoke


def documents(server: Running) -> list[dict[str, str]]:
    return server.chart.all("DocumentReference")


def events(data: Path) -> list[tuple[str, str | None]]:
    with open_store(data) as store:
        return [(event.what, event.channel) for event in store.chosen()]


def test_a_handout_is_written_as_a_bundle_and_the_record_has_it(run: Run, here: Path, data: Path):
    result = run(*MAKE, "--fhir-out", "handout.json")
    assert result.exit_code == 0, result.output
    file = here / "handout.json"
    bundle = json.loads(file.read_text())
    binary, document, origin = (entry["resource"] for entry in bundle["entry"])
    assert base64.b64decode(binary["data"]).startswith(b"%PDF-")
    assert document["subject"]["identifier"]["value"] == "00417"
    assert document["author"] == [{"display": "Dr. Cohen"}]
    assert "Xanthippe" not in json.dumps([document, origin])
    assert file.stat().st_mode & 0o777 == 0o600
    assert events(data) == [("made", "fhir")]
    assert not list(here.glob("*.pdf"))


def test_every_resource_that_goes_out_is_one_of_r4(run: Run, here: Path):
    from fhir.resources.R4B.bundle import Bundle

    run(*MAKE, "--fhir-out", "handout.json", "--replaces", "G1MQ-7378-Q80")
    Bundle.model_validate_json((here / "handout.json").read_text())


def test_a_bundle_replaces_no_other_file(run: Run, here: Path):
    (here / "handout.json").write_text("precious")
    assert run(*MAKE, "--fhir-out", "handout.json").exit_code == 5
    assert run(*MAKE, "--fhir-out", "handout.json", "--force").exit_code == 5
    assert (here / "handout.json").read_text() == "precious"


def test_a_handout_goes_to_the_health_record_and_is_marked_there_when_voided(run: Run, server: Running, data: Path):
    result = run(*MAKE, "--fhir-post")
    assert "Message 1 is in the outbox for the health record" in result.output
    assert documents(server) == []
    assert "for the health record" in run("outbox", "list").output
    assert "1 sent" in run("outbox", "run").output
    [document] = documents(server)
    code = document["identifier"][0]["value"]
    again = run(*MAKE, "--fhir-post")
    assert "is sent. Nothing was queued" in again.output
    voided = run("void", code, "--why", "wrong side")
    assert "marks it as given in error in the health record" in voided.output
    assert "given in error" in run("outbox", "show", "2").output
    assert "1 sent" in run("outbox", "run").output
    assert documents(server)[0]["status"] == "entered-in-error"
    assert events(data) == [
        ("queued", "fhir"),
        ("sent", "fhir"),
        ("queued", "fhir"),
        ("voided", None),
        ("sent", "fhir"),
    ]


def test_what_is_voided_before_it_was_posted_never_goes_there(run: Run, server: Running, data: Path):
    run(*MAKE, "--fhir-post")
    with open_store(data) as store:
        [event] = list(store.chosen())
    run("void", str(event.code), "--why", "wrong side")
    assert "0 sent" in run("outbox", "run").output
    assert documents(server) == []


def test_without_a_record_number_nothing_is_made(run: Run, here: Path):
    (here / "request.yaml").write_text(REQUEST.replace("identifier: '00417', ", ""))
    result = run(*MAKE, "--fhir-post")
    assert result.exit_code == 4
    assert "patient.identifier" in result.output


def test_without_a_server_it_says_what_to_fill_in(run: Run, content: Path):
    set_up(content, "server: ")
    result = run(*MAKE, "--fhir-post")
    assert (result.exit_code, "fhir.server" in result.output) == (3, True)
    assert run("doctor", "--fhir").exit_code == 3


@pytest.mark.parametrize("address", ["http://fhir.example.org/r4", "https://u:p@fhir.example.org"])
def test_a_server_without_tls_or_with_a_password_is_refused(run: Run, content: Path, address: str):
    set_up(content, f"server: '{address}'")
    result = run(*MAKE, "--fhir-post")
    assert result.exit_code == 3
    assert "u:p" not in result.output


def test_standard_output_and_a_health_record_do_not_go_together(run: Run):
    assert run(*MAKE, "-o", "-", "--fhir-post").exit_code == 2
    assert run(*MAKE, "-o", "x.json", "--fhir-out", "x.json").exit_code == 2


def test_a_queue_that_somebody_has_to_fix_says_so(run: Run, server: Running):
    server.plan.at["TRANSACTION"] = ["403"]
    run(*MAKE, "--fhir-post")
    result = run("outbox", "run")
    assert result.exit_code == 6
    assert "The queue of cohen/fhir is paused" in result.output
    assert "doctor --fhir" in result.output
    run("outbox", "retry")
    assert "1 sent" in run("outbox", "run").output


def test_doctor_tells_each_step_and_no_detail(run: Run, server: Running):
    result = run("doctor", "--fhir")
    assert result.exit_code == 0, result.output
    assert "looking for a document" in result.output
    assert "today's appointments: 0" in result.output
    assert documents(server) == []


@pytest.mark.parametrize(("fault", "code"), [("401", 6), ("503", 6), ("html", 6), ("drop", 6)])
def test_doctor_says_which_step_fails(run: Run, server: Running, fault: str, code: int):
    server.plan.at["LOOK"] = fault
    result = run("doctor", "--fhir")
    assert result.exit_code == code
    assert "The health record: " in result.output
    assert "Maria" not in result.output


def test_a_key_is_made_once_shown_and_used(run: Run, server: Running, content: Path, data: Path):
    smart = f"server: '{server.endpoint}', auth: smart, client_id: {CLIENT}, key: fhir.key, patient_system: '{NUMBERS}'"
    set_up(content, smart)
    made = run("fhir", "login")
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert told == json.loads(run("fhir", "login").stdout)
    assert "d" not in told["keys"][0]
    assert (data / "fhir.key").stat().st_mode & 0o777 == 0o600
    server.chart.registered = told
    assert "the server gave an access token" in run("doctor", "--fhir").output
    run(*MAKE, "--fhir-post")
    assert "1 sent" in run("outbox", "run").output
    assert "token-" not in run("outbox", "list").output
    assert "is deleted" in run("fhir", "logout").output
    assert run("doctor", "--fhir").exit_code == 7


def test_a_record_without_sign_in_needs_no_key(run: Run):
    result = run("fhir", "login")
    assert (result.exit_code, "fhir.auth: smart" in result.output) == (3, True)


@pytest.fixture
def listed(here: Path) -> Path:
    """A list of three: Maria, somebody whom the health record does not know, and somebody without a number."""
    rows = [
        {"topic": TOPIC, "options": ["botox"], "patient": {"name": name, "birth_date": "1961-04-09"} | number}
        for name, number in (("Maria", {"identifier": "00417"}), ("Li", {"identifier": "00999"}), ("Ana", {}))
    ]
    (here / "list.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return here / "list.jsonl"


BATCH = ("batch", "list.jsonl", "-d", "out", "--allow-unapproved", "--jobs", "1")


def test_a_list_becomes_one_file_of_bundles_a_line_each(run: Run, listed: Path, here: Path, data: Path):
    for _ in range(2):
        result = run(*BATCH, "--fhir-out", "out/list.ndjson")
        assert result.exit_code == 1, result.output
        assert "row 3: not filed: it has no patient.identifier" in result.output
        bundles = [json.loads(line) for line in (here / "out" / "list.ndjson").read_text().splitlines()]
        assert [one["resourceType"] for one in bundles] == ["Bundle", "Bundle"]
    assert [event for event in events(data) if event[1] == "fhir"] == [("made", "fhir")] * 4
    assert listed.exists()


def test_a_list_is_queued_once_and_each_row_fares_by_itself(run: Run, listed: Path, server: Running):
    assert "Queued for the health record: 2 handouts." in run(*BATCH, "--fhir-post").output
    assert "0 handouts; 2 were there already" in run(*BATCH, "--fhir-post").output
    ended = run("outbox", "run")
    assert "1 sent" in ended.output
    assert "no patient with this record number" in ended.output
    assert len(documents(server)) == 1
    assert listed.exists()


@pytest.mark.parametrize("how", ["make", "batch"])
def test_the_document_is_tied_to_the_visit_that_it_was_given_at(
    run: Run, listed: Path, here: Path, server: Running, how: str
):
    server.chart.add(
        {"resourceType": "Encounter", "id": "7", "status": "finished", "subject": {"reference": "Patient/maria"},
         "period": {"start": "2026-11-20T09:00:00-05:00"}}
    )  # fmt: skip
    (here / "request.yaml").write_text(f"{REQUEST}visit_date: 2026-11-20\n")
    rows = [json.loads(row) | {"visit_date": "2026-11-20"} for row in listed.read_text().splitlines()]
    listed.write_text("\n".join(json.dumps(row) for row in rows))
    run(*(MAKE if how == "make" else BATCH), "--fhir-post")
    run("outbox", "run")
    assert [one["context"] for one in documents(server)] == [{"encounter": [{"reference": "Encounter/7"}]}]


def test_the_codes_system_is_the_same_wherever_the_program_runs():
    assert CODES == "urn:uuid:6c1f0f0a-2d35-5c55-9a5e-0f6f3c0f2a11"
