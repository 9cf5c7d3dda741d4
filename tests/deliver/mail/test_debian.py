"""The outbox against a different server than in the other tests: Exim, as Debian builds it.

Refusals and delays are its own words, its certificate is handled by GnuTLS instead of OpenSSL, and what it delivers is
read from a maildir on the disk.
"""

from __future__ import annotations

import io
import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pikepdf
import pytest
import trustme
from click.testing import CliRunner
from keyring.backends.null import Keyring

from handouts.cli import cli
from handouts.deliver.mail.providers import Registration
from handouts.deliver.mail.replies import TokenRefused
from handouts.deliver.mail.smtp import Timeouts, connect
from handouts.deliver.outbox.claims import Claim
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.runner import Connect
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, TOPIC
from tests.exim import FETCHED, TOKEN, Exim, program, serve
from tests.mailing import CODE, NOW, Clock, Told, new, outbox_in, queue, run, set_up_clinic, states, to_server, trusting
from tests.mailserver import PASSWORD

pytestmark = pytest.mark.skipif(
    not FETCHED.exists(), reason="no Debian mail server here; script/mail-server fetches one (Debian, Ubuntu)"
)
PATIENT = Timeouts(connect=10, reply=10, message=10)
HOUR = 3600.0


@pytest.fixture(scope="module")
def exim4() -> Iterator[Path]:
    with program() as place:
        yield place


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return outbox_in(tmp_path / "data")


def reach(exim: Exim, ca: trustme.CA, password: str = PASSWORD) -> Connect:
    return to_server(exim.server, trusting(ca), password=password, patience=PATIENT)


def fill(outbox: Outbox, many: int, *, first: int = 0) -> None:
    with outbox.adding() as add:
        for i in range(first, first + many):
            add.queue(new(to=f"patient{i}@example.org", document=f"d{i}"), NOW)


def message_ids(outbox: Outbox, state: str) -> set[str]:
    return {entry.message_id for entry in outbox.entries([state])}


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_message_is_delivered_as_it_was_queued_to_the_last_byte(
    exim4: Path, ca: trustme.CA, outbox: Outbox, security: str
):
    pdf = b"%PDF-1.7 " + random.Random(4).randbytes(200_000)
    queued = new(pdf=pdf)
    queue(outbox, queued)
    with serve(exim4, ca, security) as exim:  # type: ignore[arg-type]
        assert run(outbox, reach(exim, ca)).ends == {"sent": 1}
        [file] = exim.files()
        [message] = exim.messages()
        log = exim.log()
    assert file.endswith(b"\n" + queued.body.replace(b"\r\n", b"\n")), "a maildir's lines end as on this system"
    assert (message["Envelope-To"], message["To"]) == ("maria@example.org", "maria@example.org")
    assert message["Return-Path"] == "<handouts@clinic.example>"
    assert message["Message-ID"] == queued.message_id == outbox.entry(1).message_id
    [part] = message.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == (f"{CODE}.pdf", "application/pdf")
    assert part.get_content() == pdf
    assert "X=TLS1.3:" in log
    assert "A=plain:clinic" in log


def test_lines_that_start_with_a_full_stop_are_delivered_as_they_were(exim4: Path, ca: trustme.CA):
    body = b"Subject: x\r\n\r\n.\r\n..\r\n.a line\r\n\r\n.\r\nthe last\r\n"
    with serve(exim4, ca) as exim:
        connection = connect(exim.server, PASSWORD, timeouts=PATIENT, context=trusting(ca))
        connection.send(new().address, body, lambda: None)
        connection.close()
        [file] = exim.files()
    assert file.partition(b"\n\n")[2] == b".\n..\n.a line\n\n.\nthe last\n"


def test_a_handout_goes_from_the_request_to_the_mailbox_by_the_command(
    exim4: Path, ca: trustme.CA, content: Path, sheets: SheetCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    keyring.set_keyring(Keyring())
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", PASSWORD)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    (tmp_path / "key").write_bytes(KEY)
    request, common = tmp_path / "request.yaml", ["--content", str(content), "--today", "2026-11-22"]
    request.write_text(
        f"topic: {TOPIC}\noptions: [botox]\npatient: {{name: Xanthippe Quill, email: x.quill@example.org}}\n"
    )
    make = ["make", str(request), "--email", "--yes", "--allow-unapproved", "--key-file", str(tmp_path / "key")]
    data = ["--data", str(tmp_path / "outbox")]
    with serve(exim4, ca) as exim:
        set_up_clinic(content, exim.port)
        queued = CliRunner().invoke(cli, [*common, *make, "--cache", str(sheets.folder), *data])
        assert queued.exit_code == 0, queued.output
        sent = CliRunner().invoke(cli, [*common, "outbox", "run", *data])
        assert sent.exit_code == 0, sent.output
        [message] = exim.messages()
    assert sent.stdout.splitlines()[-1] == "1 sent, 0 to be tried again, 0 failed, 0 unknown"
    [part] = message.iter_attachments()
    words = queued.stdout.partition("shown only once: ")[2].splitlines()[0]
    with pikepdf.open(io.BytesIO(part.get_content()), password=words) as pdf:
        assert len(pdf.pages) > 0
    assert b"Quill" not in message.as_bytes()


def test_a_server_that_takes_a_password_by_login_alone_is_signed_in_to(exim4: Path, ca: trustme.CA, outbox: Outbox):
    queue(outbox)
    with serve(exim4, ca, "starttls", sign_in="LOGIN") as exim:
        assert run(outbox, reach(exim, ca)).ends == {"sent": 1}
        assert "A=login:clinic" in exim.log()


def test_an_address_with_other_letters_is_delivered(exim4: Path, ca: trustme.CA, outbox: Outbox):
    queue(outbox, new(to="jürgen@bücher.example"))
    with serve(exim4, ca) as exim:
        assert run(outbox, reach(exim, ca)).ends == {"sent": 1}
        [message] = exim.messages()
    assert message["Envelope-To"] == "jürgen@xn--bcher-kva.example"


@pytest.mark.parametrize("way", ["XOAUTH2", "OAUTHBEARER"])
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_token_as_long_as_microsofts_signs_in(exim4: Path, ca: trustme.CA, security: str, way: str):
    with serve(exim4, ca, security, sign_in=f"{way} PLAIN") as exim:  # type: ignore[arg-type]
        server = replace(exim.server, oauth=Registration("cohen", "x", "https://id/", None, None, None, ()))
        with pytest.raises(TokenRefused):
            connect(server, TOKEN[:-1], timeouts=PATIENT, context=trusting(ca))
        connect(server, TOKEN, timeouts=PATIENT, context=trusting(ca)).close()
        exim.wait_for("SMTP connection from")
        assert TOKEN[:40] not in exim.log()


@pytest.mark.parametrize("sign_in", ["PLAIN LOGIN", "LOGIN"])
def test_a_wrong_password_pauses_the_queue_costs_no_try_and_is_said_once(
    exim4: Path, ca: trustme.CA, outbox: Outbox, sign_in: str
):
    fill(outbox, 3)
    with serve(exim4, ca, sign_in=sign_in) as exim:
        tally = run(outbox, reach(exim, ca, "guess"))
        assert tally.paused == {"cohen": "the server said 535 to the user and password"}
        assert (tally.ends, states(outbox)) == ({}, ["paused"] * 3)
        assert [entry.tries for entry in outbox.entries()] == [0, 0, 0]
        assert exim.log().count("authenticator failed") == 1
        assert run(outbox, reach(exim, ca), clock=Clock(NOW + HOUR)).ends == {}, "it waits until somebody resumes it"
        outbox.resume(NOW)
        assert run(outbox, reach(exim, ca)).ends == {"sent": 3}
        assert len(exim.messages()) == 3


def test_a_clinic_that_forgot_its_user_loses_no_message(exim4: Path, ca: trustme.CA, outbox: Outbox):
    fill(outbox, 3)
    with serve(exim4, ca) as exim:
        nobody = to_server(replace(exim.server, user=None), trusting(ca), patience=PATIENT)
        assert "email.user" in run(outbox, nobody).paused["cohen"]
        assert "relay not permitted" in exim.log()
        assert (states(outbox), [entry.tries for entry in outbox.entries()]) == (["paused"] * 3, [0, 0, 0])
        outbox.resume(NOW)
        assert run(outbox, reach(exim, ca)).ends == {"sent": 3}


def test_a_certificate_of_an_unknown_authority_pauses_before_a_password_is_said(
    exim4: Path, ca: trustme.CA, outbox: Outbox
):
    queue(outbox)
    with serve(exim4, ca, "starttls") as exim:
        tally = run(outbox, to_server(exim.server, trusting(trustme.CA()), patience=PATIENT))
        exim.wait_for("TLS error")
        assert "authenticator" not in exim.log()
    assert "certificate" in tally.paused["cohen"]
    assert states(outbox) == ["paused"]


def test_an_unknown_recipient_fails_at_once_and_the_others_go_over_the_same_connection(
    exim4: Path, ca: trustme.CA, outbox: Outbox
):
    fill(outbox, 1)
    queue(outbox, new(to="gone@example.org"))
    fill(outbox, 1, first=1)
    with serve(exim4, ca) as exim:
        run(outbox, reach(exim, ca))
        assert "rejected RCPT <gone@example.org>: Unrouteable address" in exim.log()
        assert exim.connections() == 1
        assert exim.ids().keys() == message_ids(outbox, "sent")
    assert states(outbox) == ["sent", "failed", "sent"]
    assert outbox.entry(2).reason == "the server said 550 to the recipient"


def test_a_message_that_is_too_large_fails_before_it_is_sent(exim4: Path, ca: trustme.CA, outbox: Outbox):
    queue(outbox, new(pdf=bytes(2_000_000)))
    with serve(exim4, ca) as exim:
        assert run(outbox, reach(exim, ca)).ends == {"failed": 1}
        assert exim.ids() == {}
    assert outbox.entry(1).reason == "the server said 552 to a message of this size or kind"


def test_a_greylisted_message_is_tried_again_later_and_delivered_once(exim4: Path, ca: trustme.CA, outbox: Outbox):
    fill(outbox, 2)
    clock = Clock()
    with serve(exim4, ca) as exim:
        with exim.holding("greylisting"):
            assert run(outbox, reach(exim, ca), clock=clock).ends == {"deferred": 2}
        assert exim.log().count("greylisted, come again later") == 2
        assert [(entry.state, entry.tries) for entry in outbox.entries()] == [("queued", 1)] * 2
        assert run(outbox, reach(exim, ca), clock=Clock(NOW + 290)).ends == {}, "not before five minutes"
        clock.sleep(300)
        assert run(outbox, reach(exim, ca), clock=clock).ends == {"sent": 2}
        assert exim.ids() == dict.fromkeys(message_ids(outbox, "sent"), 1)


def test_many_messages_go_over_one_connection(exim4: Path, ca: trustme.CA, outbox: Outbox):
    fill(outbox, 30)
    with serve(exim4, ca) as exim:
        assert run(outbox, reach(exim, ca)).ends == {"sent": 30}
        exim.wait_for("closed by QUIT")
        assert exim.connections() == 1
        assert exim.ids() == dict.fromkeys(message_ids(outbox, "sent"), 1)


def test_a_server_that_takes_ten_messages_a_connection_is_called_again_at_no_cost(
    exim4: Path, ca: trustme.CA, outbox: Outbox
):
    fill(outbox, 25)
    with serve(exim4, ca, extra="smtp_accept_max_per_connection = 10") as exim:
        assert run(outbox, reach(exim, ca)).ends == {"sent": 25}
        assert exim.connections() == 3
        assert exim.ids() == dict.fromkeys(message_ids(outbox, "sent"), 1)
    assert {entry.tries for entry in outbox.entries()} == {0}


def test_when_the_server_dies_between_two_messages_the_rest_waits_and_arrives_once(
    exim4: Path, ca: trustme.CA, outbox: Outbox
):
    class ThenItDies(Told):
        def say(self, claim: Claim, end: str, reason: str) -> None:
            super().say(claim, end, reason)
            if claim.id == 3:
                exim.kill()

    fill(outbox, 6)
    with serve(exim4, ca) as exim:
        assert run(outbox, reach(exim, ca), told=ThenItDies()).ends == {"sent": 3, "deferred": 1}
        assert [(entry.state, entry.tries) for entry in outbox.entries()] == [
            *[("sent", 0)] * 3, ("queued", 1), *[("queued", 0)] * 2,
        ]  # fmt: skip
        exim.start()
        assert run(outbox, reach(exim, ca), clock=Clock(NOW + HOUR)).ends == {"sent": 3}
        assert exim.ids() == dict.fromkeys(message_ids(outbox, "sent"), 1)


def test_when_the_server_dies_before_it_answers_to_a_message_that_one_waits_for_a_person(
    exim4: Path, ca: trustme.CA, outbox: Outbox
):
    def kill() -> None:
        exim.wait_for("holding the answer back")
        exim.kill()

    fill(outbox, 4)
    with serve(exim4, ca) as exim:
        with exim.holding("holding"):
            killer = threading.Thread(target=kill)
            killer.start()
            assert run(outbox, reach(exim, ca)).ends == {"unknown": 1, "deferred": 1}
            killer.join(20)
        exim.start()
        assert run(outbox, reach(exim, ca), clock=Clock(NOW + HOUR)).ends == {"sent": 3}
        assert states(outbox) == ["unknown", "sent", "sent", "sent"]
        assert exim.ids() == dict.fromkeys(message_ids(outbox, "sent"), 1)
        outbox.retry(1, NOW)
        assert run(outbox, reach(exim, ca)).ends == {"sent": 1}
        assert exim.ids() == dict.fromkeys(message_ids(outbox, "sent"), 1)


def test_after_six_kills_of_the_server_each_message_is_there_once_or_marked_unknown(
    exim4: Path, ca: trustme.CA, outbox: Outbox
):
    chance, kills, each = random.Random(6), 6, 15
    cut_short = 0

    class ThenItDies(Told):
        """After some messages, and at any moment of the next one, however fast this machine is."""

        def __init__(self) -> None:
            super().__init__()
            self.after, self.last = chance.randrange(2, each - 1), time.monotonic()

        def say(self, claim: Claim, end: str, reason: str) -> None:
            super().say(claim, end, reason)
            taken, self.last = time.monotonic() - self.last, time.monotonic()
            if len(self.lines) == self.after:
                self.killer = threading.Timer(chance.uniform(0, taken), exim.kill)
                self.killer.start()

    with serve(exim4, ca) as exim:
        for kill in range(kills):
            fill(outbox, each, first=each * kill)
            told = ThenItDies()
            ends = run(outbox, reach(exim, ca), clock=Clock(NOW + kill * HOUR), told=told).ends
            cut_short += bool(ends["unknown"] or ends["deferred"])
            told.killer.join()
            exim.start()
        run(outbox, reach(exim, ca), clock=Clock(NOW + kills * HOUR))
        found = exim.ids()
    entries = outbox.entries()
    assert len(entries) == each * kills
    for entry in entries:
        assert (entry.state, found[entry.message_id]) in {("sent", 1), ("unknown", 0), ("unknown", 1)}, entry
    assert found.keys() <= {entry.message_id for entry in entries}
    assert len(message_ids(outbox, "unknown")) <= kills
    assert cut_short > 0, "no kill came while messages went out: the test has not tried what it is for"


def test_the_server_does_not_run_as_root_and_is_gone_afterwards(exim4: Path, ca: trustme.CA):
    with serve(exim4, ca) as exim:
        assert exim.process
        pid = exim.process.pid
        assert Path(f"/proc/{pid}").stat().st_uid != 0
        assert exim.folder.exists()
    assert not exim.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
