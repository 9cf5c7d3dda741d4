"""`make --fhir` and `batch --fhir`: what a record fills in, what is asked, and how each ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from handouts.cli import cli
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, TOPIC
from tests.fhir.records import (
    RXNORM,
    Json,
    about,
    appointment,
    bundle,
    concept,
    condition,
    dosage,
    encounter,
    patient,
    prescription,
    synthea,
)
from tests.fhirserver import Chart, serve
from tests.reading_pdf import text_of

Run = Callable[..., Result]
ORDER = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": about(),
         "code": {"text": "Book the hearing test"}}  # fmt: skip
WHOLE = [patient(), condition(), prescription("Tegretol", dosage("MORN", "EVE")), encounter(), appointment(), ORDER]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sheets: SheetCache) -> Run:
    """The command line on a record; ``answers``: what a person at the terminal types, None for no terminal."""
    (tmp_path / "key").write_bytes(KEY)
    monkeypatch.chdir(tmp_path)

    def invoke(command: str, resources: Any, *args: str, answers: list[str] | None = None) -> Result:
        Path("record.json").write_text(json.dumps(bundle(*resources)), encoding="utf-8")
        monkeypatch.setattr("handouts.cli.health_record.at_terminal", lambda: answers is not None)
        line = ["--content", str(CONTENT), "--today", "2026-11-22", command, "--fhir", "record.json", *args]
        line += ["--key-file", "key", "--cache", str(sheets.folder)]
        typed = "".join(f"{one}\n" for one in answers or ())
        return CliRunner().invoke(cli, line, input=typed, prog_name="handouts")

    return invoke


def printed(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return text_of(Path("out.pdf").read_bytes())


OUT = ("-o", "out.pdf")
BOTOX = ("--option", "botox", *OUT)


def test_a_record_fills_in_what_the_request_leaves_open(run: Run) -> None:
    text = printed(run("make", WHOLE, *BOTOX, "--confirmed"))
    for told in ("Xanthippe Quill", "April 9, 1961", "00417", "your left side", "Carbamazepine", "200 mg",
                 "December 4, 2026", "November 22, 2026"):  # fmt: skip
        assert told in text
    assert "hearing test" not in text


def test_flags_count_over_the_request_and_the_request_over_the_record(run: Run) -> None:
    Path("request.yaml").write_text("patient: {name: Anna Nagy}\nside: right\nclinician: Dr. A\n", encoding="utf-8")
    text = printed(run("make", WHOLE, "request.yaml", *BOTOX, "--confirmed", "--clinician", "Dr. B"))
    assert "Anna Nagy" in text
    assert "your right side" in text
    assert "Dr. B" in text
    assert "Quill" not in text
    assert "April 9, 1961" in text


def test_what_a_code_suggests_needs_somebody_to_confirm_it(run: Run) -> None:
    result = run("make", WHOLE, *BOTOX)
    assert result.exit_code == 8
    assert "A code of the health record suggests: topic hemifacial-spasm, side left." in result.stderr
    assert not Path("out.pdf").exists()
    printed(run("make", WHOLE, *BOTOX, "--topic", TOPIC, "--side", "left"))


def test_without_a_terminal_all_that_is_open_is_told_at_once(run: Run) -> None:
    odd = [patient(birthDate="1961"), condition("G51.31"), condition("G51.32")]
    result = run("make", odd, *OUT, "--confirmed")
    assert result.exit_code == 8
    for line in ("'patient.birth_date': the date of birth is not a whole date", "'options': ", "'side': "):
        assert line in result.stderr
    assert "Quill" not in result.output
    assert "1961" not in result.output


def test_at_a_terminal_all_that_is_open_is_asked(run: Run) -> None:
    odd = [patient(name=[{"use": "official", "text": "Xan Quill"}, {"use": "official", "text": "Xan Feather"}]),
           condition("G51.31"), condition("G51.32"), encounter(), ORDER,
           prescription("Tegretol", {"text": "one at breakfast"})]  # fmt: skip
    answers = ["2", "left", "2", "200 mg", "morning", "", "1", "y"]
    result = run("make", odd, *OUT, answers=answers)
    text = printed(result)
    for told in ("Xan Feather", "your left side", "Botox", "200 mg", "Book the hearing test"):
        assert told in text
    assert "carbamazepine, the record says: one at breakfast" in result.output
    assert "A code of the record suggests: topic hemifacial-spasm." in result.output


def test_at_a_terminal_topics_numbers_and_visits_are_asked(run: Run) -> None:
    mr = patient()["identifier"][0]["type"]
    odd = [patient(identifier=[{"type": mr, "value": "111"}, {"type": mr, "value": "222"}]), condition("G50.0"),
           condition("G51.31"), appointment("2026-12-04T15:30:00Z")]  # fmt: skip
    answers = ["1", "trigeminal-neuralgia", "left", "microvascular-decompression", "", "2026-12-04T10:30", "y"]
    text = printed(run("make", odd, *OUT, answers=answers))
    for told in ("Trigeminal neuralgia", "111", "10:30", "November 22, 2026"):
        assert told in text


def test_at_a_terminal_a_medicine_that_does_not_fit_is_shown_and_typed_beside_the_others(run: Run) -> None:
    rxnorm = concept("32624", system=RXNORM, text="Epitol 200 MG")
    odd = [*WHOLE[:2], prescription("Lioresal", dosage("NIGHT", value=10)), encounter(),
           prescription(medicationCodeableConcept=rxnorm)]  # fmt: skip
    for answers, told in ((["carbamazepine", "100 mg", "noon", "", "", "y"], True), (["", "y"], False)):
        result = run("make", odd, *BOTOX, "--force", answers=answers)
        text = printed(result)
        assert "Epitol 200 MG" in result.output
        assert "10 mg" in text
        assert ("100 mg" in text) is told


def test_no_at_the_last_question_makes_nothing(run: Run) -> None:
    result = run("make", WHOLE, *BOTOX, answers=["", "n"])
    assert (result.exit_code, Path("out.pdf").exists()) == (8, False)
    assert "Nothing was made" in result.stderr


def test_two_patients_are_refused_and_batch_is_named(run: Run) -> None:
    result = run("make", [patient("a"), patient("b")], *BOTOX)
    assert result.exit_code == 4
    assert "about 2 patients" in result.stderr
    assert "batch --fhir" in result.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("make", "--confirmed"), "--confirmed needs --fhir"),
        (("make", "--fhir-server", "https://x.example/r4"), "--patient need each other"),
        (("make", "--patient", "7"), "--patient need each other"),
        (("make", "--fhir", "x.json", "--fhir-server", "https://x.example/r4", "--patient", "7"), "don't go together"),
        (("batch", "--dry-run"), "Name a LIST, or a health record"),
        (("batch", "list.csv", "--fhir", "x.json", "--dry-run"), "and not both"),
        (("batch", "--fhir", "x.json", "--map", "a=note", "--dry-run"), "are for lists"),
        (("batch", "--fhir", "x.json", "--day", "2026-11-22", "--dry-run"), "--day needs --fhir-server"),
    ],
)
def test_flags_that_do_not_go_together_are_wrong_usage(args: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(cli, ["--content", str(CONTENT), *args])
    assert (result.exit_code, said in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("written", "code"), [(b"<Patient/>", 4), (b"{", 4), (b"{}", 4), (b'{"resourceType": "Observation"}', 4), (None, 4)]
)
def test_a_file_that_is_no_record_is_refused(tmp_path: Path, written: bytes | None, code: int) -> None:
    path = tmp_path / "record.json"
    if written is not None:
        path.write_bytes(written)
    for command in (("make", "--confirmed"), ("batch", "--dry-run")):
        result = CliRunner().invoke(cli, ["--content", str(CONTENT), *command, "--fhir", str(path)])
        assert result.exit_code == code, result.output


def test_what_the_staff_should_know_is_told_without_any_detail(run: Run) -> None:
    needs = {"url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": True}
    odd = [*WHOLE[1:], patient(extension=[needs]), {"resourceType": "Observation", "status": "final"},
           prescription("lisinopril")]  # fmt: skip
    result = run("make", odd, *BOTOX, "--confirmed")
    assert "needs an interpreter" in result.stderr
    assert "MedicationRequest: the topic has no facts on it; 1 resource of types that are not read" in result.stderr
    assert "1 order that may be next steps" in result.stderr
    assert not any(word in result.output for word in ("Quill", "lisinopril", "hearing"))


def test_the_address_of_the_record_is_one_to_confirm(run: Run) -> None:
    who = patient(telecom=[{"system": "email", "value": "xan@example.org"}])
    result = run("make", [who, *WHOLE[1:]], "--option", "botox", "--confirmed", "--email", "--slip", "slip.pdf")
    assert result.exit_code in {3, 8}, result.output  # approval first, then the address
    assert "xan@example.org" not in result.output


def many() -> list[Json]:
    records = [synthea(seed, facial=seed != 1) for seed in range(3)]
    return [*records, bundle(patient("q"), condition("G51.31", "q"), condition("G51.32", "q"))]


def test_a_dry_run_of_many_lists_what_is_to_be_decided_for_each(run: Run) -> None:
    result = run("batch", many(), "--option", "botox", "--allow-unapproved", "--dry-run")
    assert result.exit_code == 1, result.output
    assert "4 patients in the health record; 3 with a topic by diagnosis code" in result.stderr
    assert "row 1: fine: 2026-11-22 hemifacial-spasm right botox" in result.stdout
    assert "row 2: failed: 'topic': no active, confirmed diagnosis has a code of a topic" in result.stdout
    assert "row 4: failed: 'side': the codes and words of the record do not say one side" in result.stdout
    assert "4 rows checked, 2 fine, 2 with problems; nothing was made" in result.stdout
    assert not any(word in result.output for word in ("Abe", "Frami", "Quill", "00417"))


def test_many_patients_become_files_and_the_same_command_makes_only_what_is_missing(run: Run) -> None:
    args = ("--option", "botox", "--allow-unapproved", "-d", "out", "--jobs", "1")
    first = run("batch", many(), *args)
    assert first.exit_code == 1, first.output
    made = sorted(path.name for path in Path("out").glob("*.pdf"))
    assert [name[:6] for name in made] == ["000001", "000003"]
    assert "Abe0 Lee Frami0" in text_of((Path("out") / made[0]).read_bytes())
    report = Path("out/report.csv").read_text(encoding="utf-8")
    assert "2,,failed,'topic': no active, confirmed diagnosis" in report.replace('"', "")
    assert "0 made, 2 reused, 2 failed" in run("batch", many(), *args).stdout


def test_another_topic_than_the_flags_is_a_fault_of_its_row(run: Run) -> None:
    args = ("--option", "botox", "--topic", TOPIC, "--allow-unapproved", "--dry-run")
    result = run("batch", [patient(), condition(code=concept("G50.0"))], *args)
    assert "another topic than the one that is given" in result.stdout


@pytest.fixture
def at_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sheets: SheetCache) -> Run:
    """The command line on a server that has these resources."""
    (tmp_path / "key").write_bytes(KEY)
    monkeypatch.chdir(tmp_path)

    def invoke(command: str, resources: list[Json], *args: str) -> Result:
        chart = Chart()
        chart.add(*({"id": f"r{number}", **one} for number, one in enumerate(resources)))
        with serve(chart) as server:
            line = ["--content", str(CONTENT), "--today", "2026-11-22", command, "--fhir-server", server.endpoint.base]
            line += [*args, "--key-file", "key", "--cache", str(sheets.folder)]
            return CliRunner().invoke(cli, line, prog_name="handouts")

    return invoke


def test_a_patient_of_a_server_is_a_record_like_any_other(at_server: Run) -> None:
    text = printed(at_server("make", [*WHOLE, patient("other")], "--patient", "p", *BOTOX, "--confirmed"))
    assert "Xanthippe Quill" in text
    assert "your left side" in text


def test_a_patient_that_the_server_does_not_have_is_told(at_server: Run) -> None:
    result = at_server("make", WHOLE, "--patient", "gone", *BOTOX)
    assert result.exit_code == 6
    assert "it has no such thing" in result.stderr


def test_a_days_appointments_of_a_server_are_a_list_of_that_day(at_server: Run) -> None:
    day = [patient("a"), condition(whose="a"), appointment("2026-11-30T13:00:00Z", whose="a"),
           patient("b"), condition(whose="b"), appointment("2026-11-30T14:00:00Z", "cancelled", whose="b"),
           patient("c"), condition("G51.31", whose="c"), appointment("2026-12-01T14:00:00Z", whose="c")]  # fmt: skip
    args = ("--day", "2026-11-30", "--option", "botox", "--allow-unapproved", "--dry-run")
    result = at_server("batch", day, *args)
    assert result.exit_code == 0, result.output
    assert "row 1: fine: 2026-11-30 hemifacial-spasm left botox" in result.stdout
    assert "1 row left out: row 2 (the visit does not take place)" in result.stderr
    assert "1 rows checked, 1 fine" in result.stdout


def test_no_key_of_the_clinic_goes_to_another_server() -> None:
    from handouts.fhir.settings import record_at
    from handouts.model.clinic import ClinicFile

    file = ClinicFile.model_validate(
        {"name": "Dr. Cohen", "fhir": {"server": "https://own.example/r4", "auth": "smart", "client_id": "us"}}
    )
    assert record_at("https://own.example/r4/", "cohen", file).signs_in
    assert not record_at("https://other.example/r4", "cohen", file).signs_in
