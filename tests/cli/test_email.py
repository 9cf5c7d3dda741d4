"""`make --email`, `email`, `outbox`, `doctor --email`, `batch --email` on the command line."""

from __future__ import annotations

import io
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import keyring
import pikepdf
import pypdfium2
import pytest
import trustme
from click.testing import CliRunner, Result
from keyring.backends.null import Keyring

from handouts.cli import cli
from handouts.cli import email as mailing
from handouts.cli import email_batch as batchmail
from handouts.cli import email_one as mailone
from handouts.cli import make as making
from handouts.cli import outbox_run as sending
from handouts.cli import prompts as prompting
from handouts.deliver.outbox.database import NAME
from handouts.record.store import RecordStore
from handouts.typeset.cache import SheetCache
from tests.clinics import PRINTED, UNPRINTED
from tests.conftest import KEY, ROOT, TOPIC
from tests.lists import approve
from tests.mailing import outbox_in, set_up_clinic
from tests.mailserver import PASSWORD, Running, serve
from tests.recording import book_in

Run = Callable[..., Result]
REQUEST = f"""topic: {TOPIC}
options: [botox]
patient: {{name: Xanthippe Quill, identifier: MRN 00417, birth_date: 1961-04-09, email: x.quill@example.org}}
"""
TO = "x.quill@example.org"
WORDS = re.compile(r"shown only once: ((?:[a-z]+ ){3}[a-z]+)")


@pytest.fixture
def mail(ca: trustme.CA, content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A server, the clinic set up to send there, and no keyring of whoever runs the tests."""
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", PASSWORD)
    keyring.set_keyring(Keyring())
    with serve(ca) as running:
        set_up_clinic(content, running.server.port)
        yield running


@pytest.fixture
def run(here: Path, mail: Running, content: Path, sheets: SheetCache, tmp_path: Path, data: Path) -> Run:
    (tmp_path / "key").write_bytes(KEY)
    assert here.is_dir()
    assert mail.server

    def invoke(*args: str, answer: str | None = None) -> Result:
        command = ["--content", str(content), "--today", "2026-11-22", *args]
        if {"make", "batch"} & {*args}:
            command += ["--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder)]
        if {"make", "batch", "email", "outbox"} & {*args} and "--data" not in args:
            command += ["--data", str(data)]
        return CliRunner().invoke(cli, command, input=answer, prog_name="handouts")

    return invoke


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (batchmail, prompting, mailing, mailone):
        monkeypatch.setattr(module, "at_terminal", lambda: True)


MAKE = ("make", "request.yaml", "--email", "--allow-unapproved")


def delivered(mail: Running) -> EmailMessage:
    [(to, data)] = mail.mailbox.kept
    message = message_from_bytes(data, policy=default)
    assert message["To"] == to
    return message  # type: ignore[return-value]


def attachment(message: EmailMessage) -> tuple[str, bytes]:
    [part] = message.iter_attachments()
    return str(part.get_filename()), part.get_payload(decode=True)  # type: ignore[return-value]


def words_in(result: Result) -> str:
    found = WORDS.search(result.stdout)
    assert found, result.output
    return found[1]


def test_a_handout_goes_from_the_request_to_the_mailbox_and_opens_with_its_four_words(mail: Running, run: Run):
    queued = run(*MAKE, "--yes")
    assert queued.exit_code == 0, queued.output
    assert mail.mailbox.kept == [], "nothing is sent before `outbox run`"
    sent = run("outbox", "run")
    assert (sent.exit_code, sent.stdout.splitlines()[-1]) == (0, "1 sent, 0 to be tried again, 0 failed, 0 unknown")
    name, pdf = attachment(delivered(mail))
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(pdf))
    page = pypdfium2.PdfDocument(pdf, password=words_in(queued))[0].get_textpage().get_text_range()
    assert "Xanthippe Quill" in page
    assert re.fullmatch(r"[0-9A-Z]{11}\.pdf", name)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_message_that_went_out_over_a_full_standard_output_is_sent_and_goes_out_once(
    mail: Running, run: Run, content: Path, data: Path
):
    run(*MAKE, "--yes")
    line = [sys.executable, str(ROOT / "generate.py"), "--content", str(content), "outbox", "run", "--data", str(data)]
    with Path("/dev/full").open("wb") as full:
        told = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (told.returncode, "the disk is full" in told.stderr) == (5, True), told.stderr
    assert run("outbox", "run").exit_code == 0
    assert len(mail.mailbox.kept) == 1
    assert " sent " in run("outbox", "list").stdout


def test_without_o_no_pdf_is_left_in_the_folder(run: Run, here: Path):
    assert run(*MAKE, "--yes").exit_code == 0
    assert [path.name for path in here.iterdir()] == ["request.yaml"]


def test_the_second_time_is_a_no_op_that_says_so(mail: Running, run: Run):
    run(*MAKE, "--yes")
    again = run(*MAKE, "--yes")
    assert (again.exit_code, "Nothing was queued; --again" in again.output) == (0, True)
    assert not WORDS.search(again.output)
    run("outbox", "run")
    assert "is sent already" in run(*MAKE, "--yes").output
    assert run(*MAKE, "--yes", "--again").exit_code == 0
    run("outbox", "run")
    assert len(mail.mailbox.kept) == 2


def test_a_document_is_known_again_after_its_clinic_has_another_mail_server(run: Run, content: Path):
    run(*MAKE, "--yes")
    for change in UNPRINTED.values():
        change(content)
    assert "Nothing was queued; --again" in run(*MAKE, "--yes").output
    PRINTED["name"](content)
    assert "Nothing was queued; --again" not in run(*MAKE, "--yes").output


def test_text_that_nobody_approved_is_not_queued(run: Run):
    refused = run("make", "request.yaml", "--email", "--yes")
    assert (refused.exit_code, "--allow-unapproved" in refused.output) == (8, True)
    assert "  1  " not in run("outbox", "list").output


def test_a_new_address_is_refused_where_nobody_can_be_asked(run: Run):
    refused = run(*MAKE)
    assert (refused.exit_code, "--yes" in refused.output) == (8, True)
    assert run("outbox", "list").output == ""


@pytest.mark.usefixtures("at_terminal")
def test_a_new_address_is_shown_once_more_and_a_no_queues_nothing(run: Run):
    no = run(*MAKE, answer="n\n")
    assert (no.exit_code, f"Is {TO} this patient's address?" in no.output) == (8, True)
    assert run("outbox", "list").output == ""
    assert run(*MAKE, answer="y\n").exit_code == 0


@pytest.mark.usefixtures("at_terminal")
def test_an_address_that_has_reached_this_patient_is_not_asked_about(run: Run, here: Path):
    run(*MAKE, answer="y\n")
    run("outbox", "run")
    (here / "request.yaml").write_text(REQUEST.replace("[botox]", "[no-treatment]"))
    quiet = run(*MAKE)
    assert (quiet.exit_code, "this patient's address" in quiet.output) == (0, False)
    (here / "request.yaml").write_text(REQUEST.replace("00417", "00418"))
    assert "this patient's address" in run(*MAKE, answer="n\n").output


def test_a_request_without_an_address_says_what_is_missing(run: Run, here: Path):
    (here / "request.yaml").write_text(REQUEST.replace(f", email: {TO}", ""))
    missing = run(*MAKE, "--yes")
    assert (missing.exit_code, "patient.email" in missing.output) == (4, True)


def test_an_address_that_is_none_is_refused_before_anything_is_made(run: Run, here: Path):
    (here / "request.yaml").write_text(REQUEST.replace(TO, "x.quill at example.org"))
    wrong = run(*MAKE, "--yes")
    assert (wrong.exit_code, "'patient.email'" in wrong.output, "quill" in wrong.output) == (4, True, False)


def test_the_words_go_on_a_slip_instead_of_the_screen(mail: Running, run: Run, here: Path):
    done = run(*MAKE, "--yes", "--slip", "slip.pdf")
    assert done.exit_code == 0
    assert not WORDS.search(done.output)
    slip = here / "slip.pdf"
    assert stat.S_IMODE(slip.stat().st_mode) == 0o600
    text = pypdfium2.PdfDocument(slip)[0].get_textpage().get_text_range()
    run("outbox", "run")
    words = next(line.strip() for line in text.splitlines() if re.fullmatch(r"([a-z]{4,8} ){3}[a-z]{4,8}\s*", line))
    pypdfium2.PdfDocument(attachment(delivered(mail))[1], password=words)


def test_a_slip_that_can_not_be_written_queues_nothing(run: Run, here: Path):
    (here / "slip.pdf").write_text("another patient's")
    assert run(*MAKE, "--yes", "--slip", "slip.pdf").exit_code == 5
    assert run("outbox", "list").output == ""
    assert (here / "slip.pdf").read_text() == "another patient's"


def test_no_lock_needs_somebodys_word_and_records_whose(mail: Running, run: Run):
    refused = run(*MAKE, "--yes", "--no-encryption")
    assert (refused.exit_code, "--warned" in refused.output) == (8, True)
    done = run(*MAKE, "--yes", "--no-encryption", "--warned", "--by", "Nurse Joy")
    assert done.exit_code == 0, done.output
    assert not WORDS.search(done.output)
    shown = run("outbox", "show", "1").output
    assert "no; Nurse Joy confirmed it" in shown
    assert "Queued      20" in shown
    run("outbox", "run")
    message = delivered(mail)
    assert pypdfium2.PdfDocument(attachment(message)[1])[0]
    assert "not locked" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_the_wish_is_remembered_for_the_address_until_encryption_is_asked_for(run: Run, here: Path):
    run(*MAKE, "--yes", "--no-encryption", "--warned", "--by", "Nurse Joy", "--remember")
    (here / "request.yaml").write_text(REQUEST.replace("[botox]", "[no-treatment]"))
    second = run(*MAKE, "--yes")
    assert "not locked, as recorded by Nurse Joy" in second.output
    assert WORDS.search(run(*MAKE, "--yes", "--again", "--encryption").output)
    assert WORDS.search(run(*MAKE, "--yes", "--again").output)


@pytest.fixture
def pdf(run: Run, here: Path, mail: Running) -> Path:
    """The plain file, as `make` writes it."""
    assert run("make", "request.yaml", "-o", "h.pdf").exit_code == 0
    assert mail.mailbox.kept == []
    return here / "h.pdf"


FILE = ("email", "h.pdf", "--allow-unapproved")


@pytest.mark.usefixtures("pdf")
def test_a_file_goes_to_the_address_that_is_named(mail: Running, run: Run):
    queued = run(*FILE, "--to", TO, "--yes")
    assert queued.exit_code == 0, queued.output
    run("outbox", "run")
    pypdfium2.PdfDocument(attachment(delivered(mail))[1], password=words_in(queued))


@pytest.mark.usefixtures("pdf", "at_terminal")
def test_an_address_on_the_command_line_is_typed_once_more(run: Run):
    wrong = run(*FILE, "--to", TO, answer="x.quail@example.org\n")
    assert (wrong.exit_code, "differ" in wrong.output) == (8, True)
    assert run(*FILE, "--to", TO, answer=f"{TO}\n").exit_code == 0


@pytest.mark.usefixtures("pdf", "at_terminal")
def test_without_to_the_address_is_asked_for_twice(mail: Running, run: Run):
    assert run(*FILE, answer=f"{TO}\nx.quail@example.org\n{TO}\n{TO}\n").exit_code == 0
    run("outbox", "run")
    assert [to for to, _ in mail.mailbox.kept] == [TO]


def test_a_file_whose_text_nobody_approved_is_refused(pdf: Path, run: Run):
    refused = run("email", pdf.name, "--to", TO, "--yes")
    assert (refused.exit_code, "not approved" in refused.output) == (8, True)


def test_a_file_that_is_not_ours_is_refused(run: Run, here: Path):
    pikepdf.new().save(here / "h.pdf")
    assert run(*FILE, "--to", TO, "--yes").exit_code == 4
    (here / "h.pdf").write_text("no PDF")
    assert run(*FILE, "--to", TO, "--yes").exit_code == 4
    (here / "h.pdf").unlink()
    assert run(*FILE, "--to", TO, "--yes").exit_code == 4


def test_without_a_file_the_way_to_one_is_told(run: Run):
    missing = run("email", "--reissue", "FHK8-Z5DW-14K")
    assert (missing.exit_code, "make REQUEST --email --again" in missing.output) == (2, True)


@pytest.mark.usefixtures("pdf")
def test_lost_words_are_replaced_and_the_old_message_does_not_go_out(mail: Running, run: Run):
    first = words_in(run(*MAKE, "--yes"))
    code = run("outbox", "list").output.split()[1]
    again = run(*FILE, "--to", TO, "--reissue", code)
    assert again.exit_code == 0, again.output
    assert "1 message with the old words: cancelled" in again.output
    assert words_in(again) != first
    run("outbox", "run")
    pypdfium2.PdfDocument(attachment(delivered(mail))[1], password=words_in(again))


@pytest.mark.usefixtures("pdf")
def test_reissue_refuses_another_files_code_and_what_never_was_in_the_outbox(run: Run):
    assert run(*FILE, "--to", TO, "--reissue", "FHK8-Z5DW-14X").exit_code == 4
    assert run(*FILE, "--to", TO, "--reissue", "FHK8-Z5DW-14K").exit_code == 8
    run(*MAKE, "--yes")
    code = run("outbox", "list").output.split()[1]
    run("outbox", "cancel", "1")
    run("outbox", "clear", "--older-than", "0")
    assert run(*FILE, "--to", TO, "--reissue", code).exit_code in {0, 4}
    assert run(*FILE, "--to", "somebody@example.net", "--reissue", code).exit_code in {4, 8}


@pytest.mark.usefixtures("pdf")
def test_a_draft_opens_ready_to_send_and_nothing_is_queued(run: Run, here: Path):
    done = run(*FILE, "--to", TO, "--yes", "--draft", "m.eml", "--slip", "slip.pdf")
    assert done.exit_code == 0, done.output
    message = message_from_bytes((here / "m.eml").read_bytes(), policy=default)
    assert (message["X-Unsent"], message["To"]) == ("1", TO)
    assert (here / "slip.pdf").exists()
    assert run("outbox", "list").output == ""
    assert stat.S_IMODE((here / "m.eml").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("draft", "slip", "named"),
    [
        ("./h.pdf", "slip.pdf", "FILE and --draft"),
        ("m.eml", "./h.pdf", "FILE and --slip"),
        ("m.eml", "./m.eml", "--draft and --slip"),
    ],
)
@pytest.mark.usefixtures("pdf")
def test_neither_draft_nor_slip_takes_the_place_of_another_file(run: Run, draft: str, slip: str, named: str):
    done = run(*FILE, "--to", TO, "--yes", "--force", "--draft", draft, "--slip", slip)
    assert (done.exit_code, f"{named} name the same file" in done.output) == (2, True), done.output


@pytest.mark.usefixtures("pdf")
def test_a_clinic_without_a_mail_server_may_write_drafts_and_is_told_so(run: Run, content: Path):
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    clinic.write_text(re.sub(r"(?m)^email:.*$", "", clinic.read_text()))
    refused = run(*FILE, "--to", TO, "--yes")
    assert (refused.exit_code, "--draft" in refused.output) == (3, True)
    assert run(*FILE, "--to", TO, "--yes", "--draft", "m.eml").exit_code == 0


def test_a_paused_queue_is_told_once_with_what_to_do_and_goes_on_after_retry(
    mail: Running, run: Run, monkeypatch: pytest.MonkeyPatch
):
    run(*MAKE, "--yes")
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "guess")
    paused = run("outbox", "run")
    assert paused.exit_code == 6
    assert paused.output.count("is paused") == 1
    assert "paused" in run("outbox", "list").output
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", PASSWORD)
    assert run("outbox", "run").exit_code == 6, "it waits for a person"
    assert "Resumed with the next `outbox run`: 1 message." in run("outbox", "retry").output
    assert run("outbox", "run").exit_code == 0
    assert len(mail.mailbox.kept) == 1


def test_without_a_password_the_run_ends_with_7_and_loses_nothing(run: Run, monkeypatch: pytest.MonkeyPatch):
    run(*MAKE, "--yes")
    monkeypatch.delenv("HANDOUTS_SMTP_PASSWORD")
    none = run("outbox", "run")
    assert (none.exit_code, "keyring set 'handouts localhost' 'clinic'" in none.output) == (7, True)
    assert "queued" in run("outbox", "list").output


def test_the_keyrings_password_is_taken_first(run: Run, monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[str, str]] = []

    def get(service: str, user: str) -> str:
        asked.append((service, user))
        return PASSWORD

    monkeypatch.setattr(keyring, "get_password", get)
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "guess")
    run(*MAKE, "--yes")
    assert run("outbox", "run").exit_code == 0
    assert asked == [("handouts localhost", "clinic")]


def test_an_unknown_message_waits_for_a_persons_word(mail: Running, run: Run):
    mail.plan.at["END"] = ["keep and drop"]
    run(*MAKE, "--yes")
    lost = run("outbox", "run")
    assert lost.exit_code == 1
    assert "unknown" in run("outbox", "list", "--state", "unknown").output
    assert run("outbox", "run").exit_code == 0
    assert len(mail.mailbox.kept) == 1
    assert "recorded as sent" in run("outbox", "cancel", "1", "--arrived").output
    assert "sent" in run("outbox", "show", "1").output


def test_a_failed_message_says_why_in_numbers(mail: Running, run: Run):
    mail.plan.at["RCPT"] = [f"550 5.1.1 <{TO}> unknown"]
    run(*MAKE, "--yes")
    failed = run("outbox", "run")
    assert failed.exit_code == 1
    assert "failed: the server said 550 5.1.1 to the recipient" in failed.output
    assert "quill" not in failed.output


def test_clear_and_retry_tell_what_they_did(run: Run):
    run(*MAKE, "--yes")
    assert "goes out with the next" in run("outbox", "retry", "1").output
    assert "cancelled" in run("outbox", "cancel", "1").output
    assert run("outbox", "retry", "1").exit_code == 8
    assert run("outbox", "show", "7").exit_code == 4
    assert "Forgotten: 1 message." in run("outbox", "clear", "--older-than", "0").output


def test_doctor_tries_every_step_and_sends_a_test_message(mail: Running, run: Run):
    done = run("doctor", "--email", "me@example.org")
    assert done.exit_code == 0, done.output
    assert [line.split()[0] for line in done.output.splitlines()] == ["ok"] * 4
    assert delivered(mail)["Subject"] == "A test message from Dr. Cohen"


def test_doctor_says_where_it_ends(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "guess")
    wrong = run("doctor", "--email", "me@example.org")
    assert (wrong.exit_code, "This step failed: the server said 535" in wrong.output) == (6, True)


ROWS = "patient.name,patient.birth_date,patient.email\n" + "".join(
    f"Patient Number{i},1960-01-{i:02},p{i}@example.org\n" for i in range(1, 5)
)
LIST = ("batch", "list.csv", "-d", "out", "--topic", TOPIC, "--option", "botox", "--allow-unapproved", "--jobs", "1")


@pytest.fixture
def listed(here: Path, mail: Running) -> Path:
    assert mail.server
    (here / "list.csv").write_text(ROWS)
    return here / "out"


def test_a_list_is_asked_about_once_and_each_file_opens_with_its_own_slips_words(listed: Path, mail: Running, run: Run):
    refused = run(*LIST, "--email")
    assert (refused.exit_code, "--yes" in refused.output) == (8, True)
    done = run(*LIST, "--email", "--yes")
    assert done.exit_code == 0, done.output
    assert "4 messages, 4 to addresses not used for that patient before" in done.output
    assert "p..." not in done.output or "p1@" not in done.output
    slips = listed / "slips-001.pdf"
    assert stat.S_IMODE(slips.stat().st_mode) == 0o600
    run("outbox", "run")
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(slips)]
    words = [re.search(r"(?m)^([a-z]{4,8} ){3}[a-z]{4,8}", page)[0] for page in pages]  # type: ignore[index]
    assert len(set(words)) == len(mail.mailbox.kept) == 4
    for (to, data), phrase in zip(mail.mailbox.kept, words, strict=True):
        _, pdf = attachment(message_from_bytes(data, policy=default))  # type: ignore[arg-type]
        text = pypdfium2.PdfDocument(pdf, password=phrase)[0].get_textpage().get_text_range()
        assert f"Patient Number{to[1]}" in text


@pytest.mark.usefixtures("listed")
def test_the_same_list_again_queues_nothing_and_writes_no_slips(run: Run, listed: Path):
    run(*LIST, "--email", "--yes")
    again = run(*LIST, "--email", "--yes")
    assert (again.exit_code, "No message to queue" in again.output) == (0, True)
    assert [path.name for path in listed.glob("slips-*")] == ["slips-001.pdf"]


@pytest.mark.usefixtures("listed")
def test_rows_without_an_address_or_with_a_wrong_one_stop_no_other(run: Run, here: Path):
    (here / "list.csv").write_text(ROWS.replace("p2@example.org", "").replace("p3@", "p3 at "))
    done = run(*LIST, "--email", "--yes")
    assert done.exit_code == 1
    assert "Queued: 2 messages" in done.output
    assert "1 row without patient.email." in done.output
    assert "row 4: not mailed" in done.output


def test_a_dry_run_looks_at_addresses_too_and_queues_nothing(run: Run, listed: Path):
    (listed.parent / "list.csv").write_text(ROWS.replace("p2@example.org", "").replace("p3@", "p3 at "))
    done = run(*LIST, "--email", "--dry-run")
    assert (done.exit_code, "row 4: not mailed" in done.output) == (1, True)
    assert "1 row without patient.email." in done.output
    assert run("outbox", "list").output == ""
    assert not listed.exists()


@pytest.mark.usefixtures("listed")
def test_an_address_that_two_patients_share_is_pointed_out(run: Run, here: Path):
    (here / "list.csv").write_text(ROWS.replace("p2@", "p1@"))
    assert run(*LIST, "--email", "--yes").output.count("also another patient's address") == 2


def test_a_list_is_not_made_for_a_clinic_that_can_not_send(listed: Path, run: Run, content: Path):
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    clinic.write_text(re.sub(r"(?m)^email:.*$", "", clinic.read_text()))
    assert run(*LIST, "--email", "--yes").exit_code == 3
    assert not listed.exists()


def test_the_outbox_lies_where_data_says(run: Run, data: Path):
    run(*MAKE, "--yes")
    assert (data / NAME).exists()
    assert len(outbox_in(data).entries()) == 1


# ---------------------------------------------------------------- words and messages, together or not at all


def test_words_that_could_not_be_shown_queue_nothing(run: Run, monkeypatch: pytest.MonkeyPatch):
    echo = mailone.click.echo

    def gone(message: object = None, **kind: object) -> None:
        if "Four words" in str(message):
            raise BrokenPipeError(32, "Broken pipe")
        echo(message, **kind)  # type: ignore[arg-type]

    monkeypatch.setattr(mailone.click, "echo", gone)
    assert run(*MAKE, "--yes").exit_code == 1
    monkeypatch.undo()
    assert run("outbox", "list").output == ""


@pytest.mark.usefixtures("pdf")
def test_a_reissue_whose_slip_can_not_be_written_leaves_the_old_message(run: Run, here: Path):
    run(*MAKE, "--yes")
    code = run("outbox", "list").output.split()[1]
    (here / "slip.pdf").write_text("another patient's")
    refused = run(*FILE, "--to", TO, "--reissue", code, "--slip", "slip.pdf")
    assert (refused.exit_code, "--slip: " in refused.output) == (5, True)
    assert "queued" in run("outbox", "list").output


@pytest.mark.usefixtures("at_terminal")
def test_a_no_to_the_address_remembers_nothing_for_it(run: Run):
    assert run(*MAKE, "--no-encryption", "--warned", "--by", "Joy", "--remember", answer="n\n").exit_code == 8
    assert WORDS.search(run(*MAKE, answer="y\n").output), "the address of somebody else would get unlocked files"


def test_the_same_command_again_says_that_it_is_done_though_its_slip_is_there(run: Run):
    slip = ("--slip", "slip.pdf")
    assert run(*MAKE, "--yes", *slip).exit_code == 0
    again = run(*MAKE, "--yes", *slip)
    assert (again.exit_code, "Nothing was queued" in again.output) == (0, True)


@pytest.mark.parametrize(
    ("flags", "other"),
    [
        (("--slip", "s.pdf"), "--email"),
        (("--no-encryption",), "--email"),
        (("--again",), "--email"),
        (("--email", "--warned"), "--no-encryption"),
        (("--email", "--remember"), "--no-encryption"),
    ],
)
def test_a_flag_that_nothing_would_come_of_is_refused(run: Run, here: Path, flags: tuple[str, ...], other: str):
    refused = run("make", "request.yaml", "--allow-unapproved", *flags)
    assert (refused.exit_code, f"needs {other}" in refused.output) == (2, True)
    assert [path.name for path in here.iterdir()] == ["request.yaml"]


def test_whoever_confirms_has_a_name_that_can_be_printed(run: Run, monkeypatch: pytest.MonkeyPatch):
    unlocked = (*MAKE, "--yes", "--no-encryption", "--warned")

    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    nameless = run(*unlocked)
    assert (nameless.exit_code, "--by" in nameless.output) == (2, True)
    assert run(*unlocked, "--by", "Nurse \x1b[2J Joy").exit_code == 4
    assert run(*unlocked, "--by", " Nurse \n Joy ").exit_code == 0
    assert "no; Nurse Joy confirmed it" in run("outbox", "show", "1").output


# ---------------------------------------------------------------- the text's approval, as the record says it


@pytest.fixture
def approved(content: Path) -> None:
    """A topic that a clinician has approved until the end of the year."""
    approve(content, until=date(2026, 12, 31))


@pytest.mark.usefixtures("approved")
def test_an_approved_file_goes_until_its_last_day_and_after_it_only_when_somebody_says_so(run: Run):
    assert run("make", "request.yaml", "-o", "h.pdf").exit_code == 0
    send = ("email", "h.pdf", "--to", TO, "--yes")
    assert run(*send).exit_code == 0
    run("outbox", "cancel", "1")
    assert run("--today", "2026-12-31", *send).exit_code == 0
    run("outbox", "cancel", "2")
    late = run("--today", "2027-01-01", *send)
    assert (late.exit_code, "past the last day of its approval (2026-12-31)" in late.output) == (8, True)
    assert run("--today", "2027-01-01", *send, "--allow-unapproved").exit_code == 0


@pytest.mark.usefixtures("approved")
def test_approved_text_goes_from_the_request_and_expired_text_does_not(run: Run):
    assert run("make", "request.yaml", "--email", "--yes").exit_code == 0
    late = run("--today", "2027-01-01", "make", "request.yaml", "--email", "--yes", "--again")
    assert (late.exit_code, "past the last day of its approval" in late.output) == (8, True)
    assert len(run("outbox", "list").output.splitlines()) == 1


def test_a_handout_of_which_one_sheet_is_not_approved_is_refused_and_its_other_sheets_go(run: Run, content: Path):
    approve(content)
    option = content / "topics" / TOPIC / "en" / "botox.md"
    option.write_text(option.read_text().replace("\n---\n", "\n---\n\n", 1))
    for name, sheets in (("whole", ()), ("one", ("--sheet", "condition"))):
        assert run("make", "request.yaml", "-o", f"{name}.pdf", *sheets).exit_code == 0
    refused = run("email", "whole.pdf", "--to", TO, "--yes")
    assert (refused.exit_code, "was not approved when the file was made" in refused.output) == (8, True)
    at_once = run("make", "request.yaml", "--email", "--yes")
    assert (at_once.exit_code, "not approved in its current form (en/botox.md)" in at_once.output) == (8, True)
    assert run("email", "one.pdf", "--to", TO, "--yes").exit_code == 0
    assert run("email", "whole.pdf", "--to", TO, "--yes", "--allow-unapproved").exit_code == 0


# ---------------------------------------------------------------- files that the record did not make


def edited(path: Path, title: str | None = None, keywords: str | None = None) -> Path:
    """The file, saved by another program, with what it says of itself changed."""
    other = path.with_name(f"edited-{path.name}")
    with pikepdf.open(path) as pdf:
        for name, text in (("/Title", title), ("/Keywords", keywords)):
            if text is not None:
                pdf.docinfo[name] = text
        pdf.save(other)
    return other


def test_a_changed_file_is_not_mailed_and_verify_goes_on_calling_it_changed(run: Run, here: Path, data: Path):
    run("make", "request.yaml", "-o", "h.pdf")
    other = edited(here / "h.pdf")
    for flags in ((), ("--not-in-record",), ("--draft", "d.eml")):
        refused = run("email", other.name, "--to", TO, "--yes", "--allow-unapproved", *flags)
        assert (refused.exit_code, "is not as it was made" in refused.output) == (8, True), refused.output
    assert not (here / "d.eml").exists()
    assert run("outbox", "list").stdout == ""
    with book_in(data).database as database:
        assert {event.what for event in RecordStore(database).chosen()} == {"made"}


@pytest.mark.parametrize("code", ["FHK8-Z5DW-14K", "its own"])
def test_forged_keywords_and_an_unknown_code_are_no_approval(run: Run, here: Path, code: str, tmp_path: Path):
    run("make", "request.yaml", "-o", "h.pdf", "--data", str(tmp_path / "elsewhere"))
    title = None if code == "its own" else f"Hemifacial spasm, {code}"
    forged = edited(here / "h.pdf", title, "approved until 2099-12-31")
    send = ("email", forged.name, "--to", TO, "--yes")
    refused = run(*send)
    assert (refused.exit_code, "--not-in-record" in refused.output) == (8, True), refused.output
    unapproved = run(*send, "--not-in-record")
    assert (unapproved.exit_code, "--allow-unapproved" in unapproved.output) == (8, True), unapproved.output
    assert run(*send, "--allow-unapproved").exit_code == 8
    assert run(*send, "--not-in-record", "--allow-unapproved").exit_code == 0


def test_what_was_made_is_the_word_of_making_alone(run: Run, data: Path, tmp_path: Path):
    run("make", "request.yaml", "-o", "h.pdf", "--data", str(tmp_path / "elsewhere"))
    send = ("email", "h.pdf", "--to", TO, "--yes", "--not-in-record", "--allow-unapproved")
    assert run(*send, "--no-encryption", "--warned").exit_code == 0
    with book_in(data).database as database:
        assert [(event.what, event.made) for event in RecordStore(database).chosen()] == [("queued", None)]


# ---------------------------------------------------------------- lists once more, and unlocked


@pytest.mark.usefixtures("listed")
def test_a_list_goes_once_more_when_somebody_says_so_with_slips_of_its_own(run: Run, listed: Path, mail: Running):
    run(*LIST, "--email", "--yes")
    run("outbox", "run")
    again = run(*LIST, "--email", "--yes", "--again")
    assert (again.exit_code, again.output.count("once more")) == (0, 4)
    run("outbox", "run")
    assert [path.name for path in sorted(listed.glob("slips-*"))] == ["slips-001.pdf", "slips-002.pdf"]
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(listed / "slips-002.pdf")]
    words = [re.search(r"(?m)^([a-z]{4,8} ){3}[a-z]{4,8}", page)[0] for page in pages]  # type: ignore[index]
    for (_, data), phrase in zip(mail.mailbox.kept[4:], words, strict=True):
        pypdfium2.PdfDocument(attachment(message_from_bytes(data, policy=default))[1], password=phrase)  # type: ignore[arg-type]


def test_slips_of_a_run_that_was_killed_after_its_messages_were_queued_are_found_again(
    run: Run, listed: Path, data: Path
):
    run(*LIST, "--email", "--yes")
    with outbox_in(data).database as database:
        mark = database.look("SELECT slips FROM messages")[0]["slips"]
    (listed / "slips-001.pdf").rename(listed / f".slips-{mark}.pending")
    again = run(*LIST, "--email", "--yes")
    assert (again.exit_code, "slips-001.pdf" in again.output, "No message to queue" in again.output) == (0, True, True)
    assert (listed / "slips-001.pdf").exists()


@pytest.mark.usefixtures("listed")
def test_a_list_goes_unlocked_only_with_somebodys_word_for_all_of_them(run: Run, listed: Path, mail: Running):
    refused = run(*LIST, "--email", "--yes", "--no-encryption")
    assert (refused.exit_code, "--warned" in refused.output) == (8, True)
    assert run("outbox", "list").output == ""
    done = run(*LIST, "--email", "--yes", "--no-encryption", "--warned", "--by", "Nurse Joy")
    assert done.exit_code == 0, done.output
    assert "no; Nurse Joy confirmed it" in run("outbox", "show", "3").output
    run("outbox", "run")
    for to, data in mail.mailbox.kept:
        pdf = attachment(message_from_bytes(data, policy=default))[1]  # type: ignore[arg-type]
        assert f"Patient Number{to[1]}" in pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert list(listed.glob("slips-*")) == []


# ---------------------------------------------------------------- asking, watching


def test_at_the_terminal_the_address_is_asked_for_twice_and_not_again(
    run: Run, mail: Running, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(making, "at_terminal", lambda: True)
    known = ("--topic", TOPIC, "--clinic", "cohen", "--option", "botox", "--side", "left", "--clinician", "Dr. Cohen")
    language, name_and_date = "", ["", "Xanthippe Quill", "", "", "", "", ""]
    answers = [language, *name_and_date, TO, "x.quail@example.org", TO, TO, "y"]
    done = run("make", "--email", "--allow-unapproved", *known, answer="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    run("outbox", "run")
    assert [to for to, _ in mail.mailbox.kept] == [TO]


def test_a_watching_run_tells_of_a_pause_each_time_anew_and_goes_on_after_retry(
    mail: Running, run: Run, monkeypatch: pytest.MonkeyPatch
):
    run(*MAKE, "--yes")
    mail.plan.at["AUTH"] = ["535 5.7.8 no", "535 5.7.8 no"]

    class RetriedByAPerson(threading.Event):
        """The run's own event, and no other thread's: in the pause after every second look, a person says `retry`."""

        looks = 0

        def wait(self, timeout: float | None = None) -> bool:
            if timeout != sending._POLL:  # the server may not be given the next message yet
                return super().wait(timeout)
            self.looks += 1
            if self.looks % 2 == 0:
                run("outbox", "retry")
            return self.looks > 5

    monkeypatch.setattr(sending, "_stop_on_signal", lambda: nullcontext(RetriedByAPerson()))
    done = run("outbox", "run", "--watch")
    assert done.exit_code == 0, done.output
    assert done.output.count("is paused") == 2
    assert len(mail.mailbox.kept) == 1


def test_what_a_killed_run_left_is_told_by_the_next_one_and_until_somebody_decides(run: Run, data: Path):
    run(*MAKE, "--yes")
    with outbox_in(data).database as database, database.change() as connection:
        connection.execute("UPDATE messages SET state = 'sending', holder = 'dead', lease = 1")
    first, second = run("outbox", "run"), run("outbox", "run")
    assert (first.exit_code, "while sending 1 message" in first.output) == (1, True)
    assert (second.exit_code, "1 message to decide about" in second.output) == (0, True)
