"""What earlier releases left in a clinic's folders, and this release's commands on a copy (README.md).

Nothing is lost, nothing is made or sent twice, what was voided stays void, or a clear word says what is not possible.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import keyring
import pikepdf
import pytest
import trustme
from click.testing import CliRunner, Result
from keyring.backends.null import Keyring

from handouts import paths
from handouts.cli import cli
from handouts.codes import format_code, parse_code
from handouts.paths import PROGRAM, Program
from handouts.typeset.cache import SheetCache
from tests.clinics import PRINTED
from tests.conftest import CONTENT, TOPIC
from tests.cups import Cups, missing
from tests.mailserver import PASSWORD, Running, serve
from tests.reading_pdf import text_of
from tests.runs import whole_files
from tests.upgrade.clinic import set_up_mail

RELEASES = sorted(path.parent for path in Path(__file__).parent.glob("*/facts.json"))
NEXT_MORNING = "2026-11-23T09:00:00+00:00"
BATCH = ("batch", "list.csv", "-d", "list", "--topic", TOPIC, "--allow-unapproved", "--jobs", "1")
TRIED_AGAIN = {"deferred@patients.example", "waiting@patients.example"}
"""Whose messages may go out by themselves; the others have gone out, wait for a person, or are over."""


@dataclass
class Clinic:
    """A copy of a release's folders, and the commands that somebody types there. ``facts``: what that release said."""

    facts: dict[str, Any]
    here: Path
    content: Path
    sheets: Path
    patch: pytest.MonkeyPatch

    def at(self, moment: str) -> None:
        """It is a certain time, and time passes: messages and events have absolute times."""
        ahead = datetime.fromisoformat(moment).timestamp() - time.monotonic()
        self.patch.setattr("time.time", lambda: time.monotonic() + ahead)

    def run(self, *args: str, code: int = 0) -> Result:
        """A command in the clinic's folder; it has to end with ``code``."""
        command = ["--content", str(self.content), "--today", self.facts["day"], *args]
        if args[0] in {"make", "batch"} and "--cache" not in args:
            command += ["--cache", str(self.sheets)]
        result = CliRunner().invoke(cli, command, prog_name="handouts")
        assert result.exit_code == code, f"{args[0]}: {result.output} {result.exception!r}"
        return result

    def make(self, what: str, *flags: str, code: int = 0) -> Result:
        return self.run("make", f"requests/{what}.yaml", *flags, code=code)

    def code(self, what: str) -> str:
        """The code of the document of which ``what`` became."""
        return str(self.facts["documents"][what]["code"])

    def events(self) -> list[list[Any]]:
        """Number, word and code of each event."""
        lines = self.run("record", "export", "--format", "jsonl").stdout.splitlines()
        return [[event["seq"], event["what"], event.get("code")] for event in map(json.loads, lines)]

    def new_events(self) -> Counter[str]:
        """What was recorded since, by its word. What was there before has to be there still."""
        found, before = self.events(), self.facts["events"]
        assert found[: len(before)] == before
        return Counter(event[1] for event in found[len(before) :])

    def messages(self) -> dict[int, list[str]]:
        """Number of each message -> document code and state."""
        lines = (line.split() for line in self.run("outbox", "list").stdout.splitlines())
        return {int(number): [parse_code(code) or "", state] for number, code, state, *_ in lines}

    def state(self, what: str) -> str:
        """Of somebody's message."""
        [state] = [state for code, state in self.messages().values() if code == self.code(what)]
        return state

    def number(self, what: str) -> str:
        """Of somebody's message."""
        [number] = [number for number, (code, _) in self.messages().items() if code == self.code(what)]
        return str(number)


@pytest.fixture(scope="session", params=RELEASES, ids=lambda path: path.name)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of a release as they were packed, with their modes and times."""
    folder = tmp_path_factory.mktemp("kept")
    with tarfile.open(request.param / "folder.tar.xz") as packed:
        packed.extractall(folder, **({"filter": "tar"} if hasattr(tarfile, "tar_filter") else {}))
    shutil.copy(request.param / "facts.json", folder)
    return folder


@pytest.fixture
def clinic(kept: Path, tmp_path: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    home = Path(shutil.copytree(kept, tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("LOGNAME", "desk")
    monkeypatch.chdir(home / "here")
    facts = json.loads((home / "facts.json").read_bytes())
    made = Clinic(facts, home / "here", CONTENT, sheets.folder, monkeypatch)
    made.at(NEXT_MORNING)
    return made


@pytest.fixture
def mail(clinic: Clinic, ca: trustme.CA, content: Path, tmp_path: Path) -> Iterator[Running]:
    """The mail server of the clinic."""
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    clinic.patch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    clinic.patch.setenv("HANDOUTS_SMTP_PASSWORD", PASSWORD)
    keyring.set_keyring(Keyring())
    with serve(ca) as running:
        set_up_mail(content, running.server.port)
        clinic.content = content
        yield running


def recipients(mail: Running) -> list[str]:
    return sorted(to for to, _ in mail.mailbox.kept)


def attached(message: EmailMessage) -> bytes:
    [part] = message.iter_attachments()
    return part.get_payload(decode=True)  # type: ignore[no-any-return, attr-defined]


# The record


def test_every_event_of_then_is_there_and_the_head_that_was_kept_elsewhere_still_holds(clinic: Clinic):
    assert clinic.events() == clinic.facts["events"]
    clinic.run("record", "verify", "--head", clinic.facts["head"])
    listed = clinic.run("record", "list").stdout.splitlines()
    assert len(listed) == len(clinic.facts["events"])


def test_a_head_of_another_record_does_not_hold(clinic: Clinic):
    clinic.run("record", "verify", "--head", f"31-{'0' * 64}", code=8)


def test_every_document_of_then_can_be_shown_with_what_became_of_it(clinic: Clinic):
    for what, document in clinic.facts["documents"].items():
        shown = clinic.run("record", "show", document["code"]).stdout
        assert format_code(document["code"]) in shown
        assert document["sha256"] in shown, what
    assert "voided" in clinic.run("record", "show", clinic.code("voided")).stdout
    assert format_code(clinic.code("replacement")) in clinic.run("record", "show", clinic.code("replaced")).stdout


def test_each_patient_of_then_is_found_by_the_request(clinic: Clinic):
    for path in sorted((clinic.here / "requests").iterdir()):
        assert format_code(clinic.code(path.stem)) in clinic.run("record", "find", str(path)).stdout, path.stem


def test_old_events_can_be_purged_and_the_rest_verifies(clinic: Clinic):
    clinic.at("2026-12-01T09:00:00+00:00")
    clinic.make("kept", "-o", "again.pdf")
    clinic.run("record", "purge", "--before", "2026-11-24", "--yes")
    assert [event[1] for event in clinic.events()] == ["made", "purged"]
    clinic.run("record", "verify")


# Files of then


@pytest.mark.parametrize("what", ["kept", "printed", "replacement", "blank", "paused"])
def test_a_file_of_then_is_ours_and_unchanged(clinic: Clinic, what: str):
    assert format_code(clinic.code(what)) in clinic.run("verify", f"{what}.pdf").stdout


@pytest.mark.parametrize("what", ["voided", "replaced"])
def test_a_file_of_then_that_was_voided_or_replaced_is_still_told(clinic: Clinic, what: str):
    assert what in clinic.run("verify", f"{what}.pdf", code=8).output.lower()


def test_a_file_of_then_that_was_changed_is_still_told(clinic: Clinic):
    path = clinic.here / "kept.pdf"
    path.write_bytes(path.read_bytes() + b"\n")
    clinic.run("verify", "kept.pdf", code=8)


def test_a_handout_of_then_is_reprinted_byte_for_byte_or_a_word_says_what_is_not_as_then(clinic: Clinic):
    again = ("reprint", clinic.code("kept"), "--request", "requests/kept.yaml", "-o", "again.pdf")
    result = CliRunner().invoke(cli, ["--today", clinic.facts["day"], *again], prog_name="handouts")
    if result.exit_code == 0:
        assert (clinic.here / "again.pdf").read_bytes() == (clinic.here / "kept.pdf").read_bytes()
        assert clinic.new_events() == {"reprinted": 1}
    else:
        assert (result.exit_code, (clinic.here / "again.pdf").exists()) == (8, False), result.output
        assert len(result.stderr.split()) > 10, "a sentence that says why"
        assert clinic.new_events() == {}


BOTOX = "fd9bb4de4e7ad83a81deeecb9e50e93d4a046b24fb39e464460e165e1813cbfb"
"""SHA-256 of botox.md as the archive of then has it."""


def test_the_layout_of_then_is_gone_and_its_texts_are_offered(clinic: Clinic):
    again = ("reprint", clinic.code("kept"), "--request", "requests/kept.yaml", "-o", "again.pdf")
    for anyway in ((), ("--anyway",)):
        told = clinic.run(*again, *anyway, code=8).stderr
        assert "its layout is gone" in told
        assert f"reprint {format_code(clinic.code('kept'))} --texts FOLDER" in told
    for what in ("kept", "replacement", "blank", "voided"):
        clinic.run("reprint", clinic.code(what), "--texts", f"texts-{what}")
        written = clinic.here / f"texts-{what}" / "topics" / TOPIC / "en" / "botox.md"
        assert hashlib.sha256(written.read_bytes()).hexdigest() == BOTOX
    assert not (clinic.here / "again.pdf").exists()
    assert clinic.new_events() == {}


def test_a_handout_of_today_is_reprinted_byte_for_byte_beside_those_of_then(clinic: Clinic):
    clinic.make("kept", "-o", "today.pdf")
    code = clinic.events()[-1][2]
    clinic.run("reprint", code, "--request", "requests/kept.yaml", "-o", "again.pdf")
    assert (clinic.here / "again.pdf").read_bytes() == (clinic.here / "today.pdf").read_bytes()


def test_another_patients_request_makes_no_reprint(clinic: Clinic):
    other = ("--request", "requests/sent.yaml", "-o", "again.pdf")
    assert "patient.name" in clinic.run("reprint", clinic.code("kept"), *other, code=4).output
    assert not (clinic.here / "again.pdf").exists()


def test_old_files_of_then_are_purged_and_a_strangers_file_stays(clinic: Clinic):
    clinic.at("2027-01-10T09:00:00+00:00")
    ours = len(list(clinic.here.glob("*.pdf")))
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(clinic.here / "letter.pdf")
    assert ours > 5
    assert f"{ours} handouts deleted" in clinic.run("purge", "--older-than", "30", "-d", ".", "--yes").stdout
    assert [path.name for path in clinic.here.glob("*.pdf")] == ["letter.pdf"]


# Voids hold


@pytest.mark.parametrize("what", ["voided", "replaced"])
def test_what_was_voided_or_replaced_is_not_made_again(clinic: Clinic, what: str):
    """Should this fail since a text or template was changed: the same request now has another code, and the void of
    then has to hold all the same."""
    clinic.make(what, "-o", "again.pdf", code=8)
    assert not (clinic.here / "again.pdf").exists()
    assert clinic.new_events() == {}


@pytest.mark.parametrize("what", ["voided", "replaced"])
def test_what_was_voided_or_replaced_is_not_made_again_in_a_list(clinic: Clinic, what: str):
    (clinic.here / "two").mkdir()
    for name in (what, "kept"):
        shutil.copy(f"requests/{name}.yaml", "two")
    clinic.run("batch", "two", "-d", "out", "--allow-unapproved", "--jobs", "1", code=1)
    [made] = (clinic.here / "out").glob("*.pdf")
    assert "Ada Lindqvist" in text_of(made.read_bytes())


@pytest.fixture
def rewritten(clinic: Clinic, content: Path, tmp_path: Path) -> Clinic:
    """The clinic with other texts, another telephone and other templates: each handout gets another code."""
    for text in (content / "topics" / TOPIC / "en").glob("*.md"):
        text.write_text(text.read_text(encoding="utf-8") + "\nOne more word.\n", encoding="utf-8")
    PRINTED["phone"](content)
    program = tmp_path / "program"
    shutil.copytree(PROGRAM.templates, program / "templates")
    shutil.copytree(PROGRAM.figures, program / "assets" / "figures")
    style = program / "templates" / "base.css"
    style.write_text(style.read_text(encoding="utf-8") + "/* new */", encoding="utf-8")
    clinic.patch.setattr(paths, "PROGRAM", Program(program))
    clinic.content = content
    return clinic


@pytest.mark.parametrize("what", ["voided", "replaced"])
def test_a_void_of_then_holds_though_texts_and_templates_have_changed(rewritten: Clinic, what: str):
    told = rewritten.make(what, "-o", "again.pdf", code=8).stderr
    assert f"--replaces {format_code(rewritten.code(what))}" in told
    assert not (rewritten.here / "again.pdf").exists()
    assert rewritten.new_events() == {}
    rewritten.make(what, "--replaces", rewritten.code(what), "-o", "right.pdf")
    rewritten.run("verify", "right.pdf")


def test_a_void_of_then_holds_in_a_list_though_texts_and_templates_have_changed(rewritten: Clinic):
    batch = ("batch", "requests", "--allow-unapproved", "--jobs", "1")
    looked = rewritten.run(*batch, "--dry-run", code=1)
    rewritten.run(*batch, "-d", "out", code=1)
    report = (rewritten.here / "out" / "report.csv").read_text()
    for what in ("voided", "replaced"):
        told = f"make it alone with --replaces {format_code(rewritten.code(what))}"
        assert (told in looked.output, told in report) == (True, True)
    made = list((rewritten.here / "out").glob("*.pdf"))
    assert len(made) == len(list((rewritten.here / "requests").iterdir())) - 2
    assert rewritten.new_events() == {"made": len(made)}


def test_what_is_voided_of_then_only_now_is_refused_too(rewritten: Clinic):
    rewritten.make("kept", "-o", "again.pdf")
    rewritten.run("void", rewritten.code("kept"), "--why", "wrong side")
    rewritten.make("kept", "-o", "once-more.pdf", code=8)
    rewritten.run("verify", "kept.pdf", code=8)
    rewritten.run("verify", "again.pdf")


def test_another_request_for_a_patient_of_then_is_made(rewritten: Clinic):
    rewritten.make("voided", "--side", "right", "-o", "right.pdf")
    assert rewritten.new_events() == {"made": 1}


@pytest.mark.parametrize("what", ["voided", "replaced"])
def test_what_was_voided_or_replaced_is_not_mailed(clinic: Clinic, what: str):
    to = ("--to", "kept@patients.example", "--yes", "--allow-unapproved")
    clinic.run("email", f"{what}.pdf", *to, code=8)
    assert len(clinic.messages()) == len(clinic.facts["messages"])


def test_a_handout_of_then_can_be_voided_once(clinic: Clinic):
    clinic.run("void", clinic.code("kept"), "--why", "wrong side")
    clinic.run("verify", "kept.pdf", code=8)
    clinic.make("kept", "-o", "again.pdf", code=8)
    clinic.run("void", clinic.code("kept"), "--why", "wrong side", code=8)
    clinic.run("void", clinic.code("voided"), "--why", "wrong side", code=8)
    assert clinic.new_events() == {"voided": 1}
    clinic.run("record", "verify", "--head", clinic.facts["head"])


def test_a_voided_handouts_message_of_then_does_not_go_out(clinic: Clinic, mail: Running):
    clinic.run("void", clinic.code("waiting"), "--why", "wrong side")
    assert clinic.state("waiting") == "cancelled"
    clinic.run("outbox", "run", code=6)
    assert recipients(mail) == ["deferred@patients.example"]


def test_a_handout_of_then_can_be_replaced(clinic: Clinic):
    clinic.make("voided", "--replaces", clinic.code("voided"), "-o", "right.pdf")
    new = clinic.events()[-1][2]
    text = text_of((clinic.here / "right.pdf").read_bytes())
    assert (format_code(new) in text, format_code(clinic.code("voided")) in text) == (True, True)
    assert new not in {document["code"] for document in clinic.facts["documents"].values()}
    assert format_code(new) in clinic.run("record", "show", clinic.code("voided")).stdout
    clinic.run("verify", "right.pdf")


def test_the_same_request_is_made_again_beside_what_was_made_then(clinic: Clinic):
    clinic.make("kept", "-o", "again.pdf")
    assert clinic.new_events() == {"made": 1}
    clinic.run("verify", "again.pdf")
    clinic.run("verify", "kept.pdf")


# The list that is half made


def test_the_half_made_list_is_finished_with_one_file_for_each_row(clinic: Clinic):
    """What a row has beside it, from then, is told in the report."""
    folder, rows = clinic.here / "list", len(clinic.facts["rows"])
    before = {path.name: path.read_bytes() for path in folder.glob("*.pdf")}
    clinic.run(*BATCH)
    names = whole_files(folder)
    told = {row.split(",")[1] for row in (folder / "report.csv").read_text().splitlines() if "left over" in row}
    made = Counter(name[:6] for name in names if name[7:18] not in {parse_code(code) for code in told})
    assert set(made.values()) == {1}
    assert len(made) == rows
    assert before.keys() <= names, "none goes; another Pango sets its pages with other bytes"
    assert clinic.new_events().keys() == {"made"}
    assert not list(folder.glob("*.part"))


def test_a_row_that_was_made_then_keeps_its_event_and_a_finished_list_makes_nothing(clinic: Clinic):
    clinic.run(*BATCH)
    before = clinic.events()
    clinic.run(*BATCH)
    assert clinic.events() == before
    made = Counter(event[2] for event in before if event[2] in clinic.facts["rows"])
    assert made.keys() == set(clinic.facts["rows"])


# The outbox


def test_every_message_of_then_is_there_in_its_state(clinic: Clinic):
    now = {str(number): message for number, message in clinic.messages().items()}
    assert now == clinic.facts["messages"]
    for number, (code, _) in now.items():
        shown = clinic.run("outbox", "show", number).stdout
        assert format_code(code) in shown
        assert "patients.example" not in shown


def test_the_next_run_sends_what_waits_once_and_nothing_that_went_out_or_may_have(clinic: Clinic, mail: Running):
    clinic.run("outbox", "run", code=6)
    assert recipients(mail) == sorted(TRIED_AGAIN)
    assert clinic.state("killed") == "unknown", "its run was killed while it went out"
    assert {clinic.state("deferred"), clinic.state("waiting")} == {"sent"}
    for what in ("unknown", "paused", "failed", "cancelled", "sent"):
        assert clinic.state(what) == what
    clinic.run("outbox", "run", code=6)
    assert len(mail.mailbox.kept) == 2
    assert clinic.new_events() == {"sent": 2, "unknown": 1}


def test_what_goes_out_is_what_was_queued_then(clinic: Clinic, mail: Running):
    clinic.run("outbox", "run", code=6)
    sent = {str(message["To"]): attached(message) for message in mail.mailbox.messages()}
    assert "Noor Haddad" in text_of(sent["waiting@patients.example"])
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(sent["deferred@patients.example"]))


def test_a_message_that_was_refused_for_now_waits_for_its_time(clinic: Clinic, mail: Running):
    clinic.at("2026-11-22T13:20:00+00:00")
    clinic.run("outbox", "run", code=6)
    assert recipients(mail) == ["waiting@patients.example"]
    assert clinic.state("deferred") == "queued"


def test_a_paused_queue_of_then_goes_on_by_a_persons_word(clinic: Clinic, mail: Running):
    clinic.run("outbox", "retry")
    clinic.run("outbox", "run", code=1)  # what the killed run left is told
    assert recipients(mail) == sorted({*TRIED_AGAIN, "paused@patients.example"})
    assert clinic.state("paused") == "sent"


def test_unknown_messages_of_then_are_settled_by_a_persons_word(clinic: Clinic, mail: Running):
    clinic.run("outbox", "run", code=6)
    clinic.run("outbox", "retry", clinic.number("killed"))
    clinic.run("outbox", "cancel", clinic.number("unknown"), "--arrived")
    clinic.run("outbox", "cancel", clinic.number("paused"))
    clinic.run("outbox", "run")
    assert recipients(mail) == sorted({*TRIED_AGAIN, "killed@patients.example"})
    assert {clinic.state("killed"), clinic.state("unknown")} == {"sent"}
    clinic.run("record", "verify", "--head", clinic.facts["head"])


@pytest.mark.parametrize("what", ["sent", "failed", "cancelled"])
def test_what_is_over_is_neither_sent_nor_cancelled_again(clinic: Clinic, what: str):
    clinic.run("outbox", "retry", clinic.number(what), code=8)
    clinic.run("outbox", "cancel", clinic.number(what), code=8)
    assert clinic.state(what) == what


def test_what_is_over_can_be_forgotten_and_the_rest_stays(clinic: Clinic):
    clinic.run("outbox", "clear", "--older-than", "0")
    assert Counter(state for _, state in clinic.messages().values()) == {
        "queued": 2, "sending": 1, "unknown": 1, "paused": 1
    }  # fmt: skip


def test_the_same_file_to_the_same_address_is_not_queued_twice(clinic: Clinic):
    again = ("email", "paused.pdf", "--to", "paused@patients.example", "--yes", "--allow-unapproved")
    clinic.run(*again)
    assert len(clinic.messages()) == len(clinic.facts["messages"])
    assert clinic.new_events() == {}


def test_a_handout_of_then_can_be_mailed(clinic: Clinic, mail: Running):
    kept = ("email", "kept.pdf", "--to", "kept@patients.example", "--yes", "--allow-unapproved", "--no-encryption")
    clinic.run(*kept, "--warned")
    clinic.run("outbox", "run", code=6)
    [sent] = [attached(message) for message in mail.mailbox.messages() if message["To"] == "kept@patients.example"]
    assert sent == (clinic.here / "kept.pdf").read_bytes()
    assert format_code(clinic.code("kept")) in clinic.run("verify", "kept.pdf").stdout


def test_an_address_that_reached_its_patient_then_is_not_asked_about_and_a_new_one_is(clinic: Clinic, mail: Running):
    assert mail.server
    mailed = ("--email", "--allow-unapproved", "--again", "--slip", "slip.pdf")
    clinic.make("kept", *mailed, code=8)
    clinic.make("sent", *mailed)
    assert len(clinic.messages()) == len(clinic.facts["messages"]) + 1


def test_an_address_that_wanted_no_lock_then_gets_none(clinic: Clinic, mail: Running):
    clinic.make("waiting", "--email", "--allow-unapproved", "--again", "--yes")
    clinic.run("outbox", "run", code=6)
    unlocked = [attached(found) for found in mail.mailbox.messages() if found["To"] == "waiting@patients.example"]
    assert len(unlocked) == 2
    assert all("Noor Haddad" in text_of(pdf) for pdf in unlocked)


# Paper, cache, machine


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_a_handout_of_then_is_printed_and_one_that_was_voided_is_not(clinic: Clinic):
    with Cups() as cups:
        cups.add("desk")
        clinic.patch.setenv("CUPS_SERVER", cups.socket)
        clinic.run("print", "kept.pdf", "--on", "desk")
        clinic.run("print", "voided.pdf", "--on", "desk", code=8)
    assert clinic.new_events() == {"queued": 1, "printed": 1}


def test_the_cache_of_then_is_ignored_and_can_be_deleted(clinic: Clinic):
    cache = clinic.here.parent / "cache" / "handouts"
    then = list((cache / "masters").glob("*.master"))
    assert then
    assert f"masters: {len(then)} files of an earlier version" in clinic.run("cache", "info").stdout
    clinic.make("kept", "--cache", str(cache / "sheets"), "-o", "beside.pdf")
    kept = list((cache / "sheets").iterdir())
    assert kept
    clinic.make("kept", "--cache", str(cache / "masters"), "-o", "among.pdf")
    clinic.make("kept", "-o", "elsewhere.pdf")
    made = {(clinic.here / f"{name}.pdf").read_bytes() for name in ("beside", "among", "elsewhere")}
    assert len(made) == 1
    assert clinic.run("cache", "clear").stdout == f"Deleted {len(then) + 2 * len(kept)} typeset sheets.\n"
    assert not [path for path in cache.rglob("*") if path.suffix in {".master", ".sheet"}]


def test_the_doctor_finds_nothing_wrong_with_the_folders_of_then(clinic: Clinic, tmp_path: Path):
    found = clinic.run("doctor").stdout
    clinic.patch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    verdicts = partial(re.findall, r"(?m)^(\w[\w ]*?)  +([^:]+):")
    assert verdicts(found) == verdicts(clinic.run("doctor").stdout)


def test_keys_and_databases_stay_their_owners_alone(clinic: Clinic):
    clinic.run("record", "verify")
    clinic.run("outbox", "list")
    data = clinic.here.parent / "data" / "handouts"
    files = [*data.glob("*.key"), *data.glob("*.sqlite3")]
    assert len([path for path in files if "-before-" not in path.name]) == 5, "besides copies from the upgrade"
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
