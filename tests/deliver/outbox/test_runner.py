"""What is due goes out, once: with faulty servers, two runners at once, and runners that are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest
import trustme

from handouts.deliver.mail.smtp import Connection
from handouts.deliver.outbox.claims import LEASE, Claims
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.trouble import OurFault
from handouts.errors import OutputFault, SystemMissing
from tests.conftest import PATIENCE, ROOT
from tests.forked import Forked, fork
from tests.mail_worker import send_what_is_due
from tests.mailing import NOW, Clock, Told, new, outbox_in, queue, run, states, to_server, trusting
from tests.mailserver import PASSWORD, Running, serve
from tests.recording import book_in


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return outbox_in(tmp_path / "data")


def fill(outbox: Outbox, many: int) -> None:
    with outbox.adding() as add:
        for i in range(many):
            add.queue(new(to=f"patient{i}@example.org", document=f"d{i}"), NOW)


def test_all_that_is_due_goes_out_over_one_connection(ca: trustme.CA, outbox: Outbox):
    fill(outbox, 5)
    told = Told()
    with serve(ca) as running:
        tally = run(outbox, to_server(running.server, trusting(ca)), told=told)
    assert states(outbox) == ["sent"] * 5
    assert sorted(to for to, _ in running.mailbox.kept) == [f"patient{i}@example.org" for i in range(5)]
    assert (running.plan.seen["CONNECT"], tally.ends["sent"]) == (1, 5)
    assert told.lines == [(i, "sent", "") for i in range(1, 6)]


def test_what_is_not_yet_due_stays(ca: trustme.CA, outbox: Outbox):
    queue(outbox, now=NOW + 60)
    with serve(ca) as running:
        run(outbox, to_server(running.server, trusting(ca)))
    assert (states(outbox), running.plan.seen["CONNECT"]) == (["queued"], 0)


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "END"])
def test_a_4xx_and_then_a_250_delivers_once(ca: trustme.CA, outbox: Outbox, stage: str):
    queue(outbox)
    clock = Clock()
    with serve(ca, **{stage: ["451 4.3.0 later"]}) as running:
        reach = to_server(running.server, trusting(ca))
        assert run(outbox, reach, clock=clock).ends == {"deferred": 1}
        assert outbox.entry(1).tries == 1
        clock.sleep(299)
        assert run(outbox, reach, clock=clock).ends == {}
        clock.sleep(1)
        assert run(outbox, reach, clock=clock).ends == {"sent": 1}
    assert len(running.mailbox.kept) == 1


def test_the_message_keeps_its_name_over_all_tries(ca: trustme.CA, outbox: Outbox):
    queue(outbox)
    clock = Clock()
    with serve(ca, END=["451 later", "451 later", None]) as running:
        for _ in range(3):
            run(outbox, to_server(running.server, trusting(ca)), clock=clock)
            clock.sleep(3600)
    assert list(running.mailbox.ids()) == [outbox.entry(1).message_id]


def test_a_recipient_that_is_refused_fails_at_once_and_the_others_go(ca: trustme.CA, outbox: Outbox):
    fill(outbox, 3)
    with serve(ca, RCPT=[None, "550 5.1.1 <patient1@example.org> unknown"]) as running:
        run(outbox, to_server(running.server, trusting(ca)))
    assert states(outbox) == ["sent", "failed", "sent"]
    assert outbox.entry(2).reason == "the server said 550 5.1.1 to the recipient"
    assert len(running.mailbox.kept) == 2


@pytest.mark.parametrize("stage", ["CONTENT", "END"])
def test_a_connection_lost_while_a_message_goes_out_leaves_it_to_a_person(ca: trustme.CA, outbox: Outbox, stage: str):
    fill(outbox, 3)
    with serve(ca, **{stage: [None, "drop"]}) as running:
        reach = to_server(running.server, trusting(ca))
        assert run(outbox, reach).ends == {"sent": 2, "unknown": 1}
        assert run(outbox, reach, clock=Clock(NOW + 9 * 86400)).ends == {}
    assert states(outbox) == ["sent", "unknown", "sent"]


def test_what_arrived_though_the_answer_was_lost_is_never_sent_twice(ca: trustme.CA, outbox: Outbox):
    queue(outbox)
    with serve(ca, END=["keep and drop"]) as running:
        reach = to_server(running.server, trusting(ca))
        run(outbox, reach)
        run(outbox, reach, clock=Clock(NOW + 9 * 86400))
    assert (len(running.mailbox.kept), states(outbox)) == (1, ["unknown"])


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("AUTH", ["535 5.7.8 wrong"]),
        ("MAIL", ["550 5.7.1 not you"]),
        ("STARTTLS", ["501 no"]),
        ("RCPT", ["550 5.7.1 sender not owned", "550 5.7.1 sender not owned"]),
        ("END", ["554 5.7.60 may not send as this sender"]),
    ],
)
def test_a_fault_of_ours_pauses_all_and_costs_no_message_its_tries(
    ca: trustme.CA, outbox: Outbox, stage: str, reply: list[str]
):
    fill(outbox, 3)
    with serve(ca, "starttls", **{stage: list(reply)}) as running:
        reach = to_server(running.server, trusting(ca))
        tally = run(outbox, reach)
        assert list(tally.paused) == ["cohen"]
        assert (tally.ends, states(outbox)) == ({}, ["paused"] * 3)
        assert [entry.tries for entry in outbox.entries()] == [0, 0, 0]
        assert run(outbox, reach, clock=Clock(NOW + 86400)).ends == {}
        outbox.resume(NOW)
        assert run(outbox, reach).ends == {"sent": 3}


def test_a_wrong_password_pauses_after_a_single_message(ca: trustme.CA, outbox: Outbox):
    fill(outbox, 3)
    with serve(ca) as running:
        run(outbox, to_server(running.server, trusting(ca), password="guess"))
    assert (states(outbox), running.plan.seen["CONNECT"]) == (["paused"] * 3, 1)


def test_a_bad_certificate_pauses(ca: trustme.CA, outbox: Outbox):
    queue(outbox)
    with serve(ca) as running:
        run(outbox, to_server(running.server, trusting(trustme.CA())))
    assert states(outbox) == ["paused"]
    assert "certificate" in outbox.pauses()["cohen"]


def test_one_clinics_fault_does_not_stop_another(ca: trustme.CA, outbox: Outbox):
    queue(outbox, new(clinic="broken"))
    queue(outbox, new(document="d2", clinic="cohen"))
    with serve(ca) as running:
        good = to_server(running.server, trusting(ca))

        def reach(clinic: str) -> Connection:
            if clinic == "broken":
                raise OurFault("the password is wrong")
            return good(clinic)

        run(outbox, reach)
    assert states(outbox) == ["paused", "sent"]


def test_a_clinic_that_is_not_set_up_keeps_its_messages(outbox: Outbox):
    queue(outbox)

    def reach(_clinic: str) -> Connection:
        raise SystemMissing("no password")

    assert list(run(outbox, reach).faults) == ["cohen"]
    assert (states(outbox), outbox.entry(1).tries) == (["queued"], 0)


def test_without_a_network_one_try_is_made_and_the_rest_waits(outbox: Outbox):
    fill(outbox, 3)
    with serve(trustme.CA()) as running:
        gone = running.server
    told = Told()
    run(outbox, to_server(gone, trusting(trustme.CA())), told=told)
    assert [(number, end) for number, end, _ in told.lines] == [(1, "deferred")]
    assert sorted(entry.tries for entry in outbox.entries()) == [0, 0, 1]


def test_a_connection_that_the_server_ended_between_two_messages_is_made_anew_at_no_cost(
    ca: trustme.CA, outbox: Outbox
):
    fill(outbox, 3)
    with serve(ca, MAIL=[None, "drop", None, "421 4.4.2 open too long"]) as running:
        run(outbox, to_server(running.server, trusting(ca)))
    assert states(outbox) == ["sent"] * 3
    assert [entry.tries for entry in outbox.entries()] == [0, 0, 0]
    assert len(running.mailbox.kept) == 3


def test_a_run_that_is_asked_to_stop_ends_after_the_message_that_is_going_out(ca: trustme.CA, outbox: Outbox):
    fill(outbox, 3)
    told = Told()
    with serve(ca) as running:
        run(outbox, to_server(running.server, trusting(ca)), told=told, stop=lambda: bool(told.lines))
    assert states(outbox) == ["sent", "queued", "queued"]


@pytest.mark.parametrize(("begun", "state"), [(False, "queued"), (True, "unknown")])
def test_a_run_that_is_broken_off_says_what_is_so(
    ca: trustme.CA, outbox: Outbox, monkeypatch: pytest.MonkeyPatch, begun: bool, state: str
):
    queue(outbox)

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Connection, "_content" if begun else "_envelope", broken)
    with serve(ca) as running, pytest.raises(KeyboardInterrupt):
        run(outbox, to_server(running.server, trusting(ca)))
    assert states(outbox) == [state]


def test_when_the_outbox_can_not_be_written_nothing_goes_out(
    ca: trustme.CA, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
):
    queue(outbox)

    def full(*_: object, **__: object) -> None:
        raise OutputFault("The disk is full.")

    monkeypatch.setattr(Claims, "begin", full)
    with serve(ca) as running, pytest.raises(OutputFault):
        run(outbox, to_server(running.server, trusting(ca)))
    assert (running.mailbox.kept, states(outbox)) == ([], ["queued"])


def test_when_the_disk_is_full_after_a_message_went_out_it_is_not_sent_again(
    ca: trustme.CA, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
):
    queue(outbox)

    def full(*_: object) -> None:
        raise OutputFault("The disk is full.")

    with serve(ca) as running:
        reach = to_server(running.server, trusting(ca))
        with monkeypatch.context() as patch:
            patch.setattr(Claims, "sent", full)
            with pytest.raises(OutputFault):
                run(outbox, reach)
        later = run(outbox, reach, clock=Clock(NOW + LEASE + 1), holder="two")
    assert (len(running.mailbox.kept), states(outbox), later.ends) == (1, ["unknown"], {"unknown": 1})


def start(folder: Path, running: Running, authority: Path, later: float) -> Forked:
    return fork(send_what_is_due, folder, running.server.port, authority, later)


def received(running: Running) -> Counter[str]:
    """How often each message is in the mailbox, by its name; each went to the one it was for."""
    found: Counter[str] = Counter()
    for to, data in running.mailbox.kept:
        message = message_from_bytes(data)
        assert message["To"] == to
        found[str(message["Message-ID"])] += 1
    return found


def a_random_moment(running: Running, chance: random.Random) -> None:
    """Sleep until it: half of them by the clock, half while one of the next messages goes out."""
    if chance.random() < 0.5:
        time.sleep(chance.uniform(0, 0.15))
        return
    goal, end = running.plan.seen["CONTENT"] + chance.randint(1, 8), time.monotonic() + 20
    while running.plan.seen["CONTENT"] < goal and time.monotonic() < end:
        time.sleep(0.0005)


@pytest.mark.heavy
def test_two_runners_at_once_deliver_each_of_500_messages_once(ca: trustme.CA, tmp_path: Path):
    outbox = outbox_in(tmp_path / "data")
    fill(outbox, 500)
    authority = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(authority)
    with serve(ca) as running:
        later = NOW - time.time()
        workers = [start(tmp_path / "data", running, authority, later) for _ in range(2)]
        assert [list(worker.lines()) for worker in workers] == [["running"]] * 2
        assert [worker.end() for worker in workers] == [0, 0]
    assert set(states(outbox)) == {"sent"}
    assert received(running) == {entry.message_id: 1 for entry in outbox.entries()}
    holders = {
        row["holder"]: row["n"] for row in outbox.database.look("SELECT holder, count(*) n FROM messages GROUP BY 1")
    }
    assert len(holders) == 2, "one of them did all of the work"


@pytest.mark.heavy
def test_after_100_kills_at_random_moments_each_message_is_there_once_or_marked_unknown(ca: trustme.CA, tmp_path: Path):
    outbox = outbox_in(tmp_path / "data")
    fill(outbox, 2500)  # more than 100 runs send before they are killed
    authority = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(authority)
    chance = random.Random(417)
    killed = 0
    with serve(ca) as running:
        for i in range(400):
            later = NOW + i * (LEASE + 1) - time.time()
            worker = start(tmp_path / "data", running, authority, later)
            lines = worker.lines()
            assert next(lines) == "running"
            if killed < 100:
                a_random_moment(running, chance)
                killed += worker.process.is_alive()
                worker.process.kill()
            assert list(lines) == []
            if not outbox.entries(["queued", "claimed", "sending"]):
                break
    assert killed == 100
    found = received(running)
    for entry in outbox.entries():
        times = found[entry.message_id]
        assert (entry.state, times) in {("sent", 1), ("unknown", 0), ("unknown", 1)}, (entry, times)
    ends = Counter(states(outbox))
    assert ends["unknown"] <= killed
    assert ends["sent"] > 1000
    assert ends["unknown"] > 0, "no kill came while a message went out: the test has not tried what it is for"


@pytest.mark.heavy
def test_a_stopped_run_of_the_command_leaves_nothing_unknown(ca: trustme.CA, tmp_path: Path):
    book_in(tmp_path / "data" / "handouts")  # an outbox without a record would be a loss
    outbox = outbox_in(tmp_path / "data" / "handouts")
    fill(outbox, 300)
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    content = tmp_path / "content"
    with serve(ca) as running:
        (content / "clinics" / "cohen").mkdir(parents=True)
        (content / "settings.yaml").write_text("default_clinic: cohen\n")
        (content / "clinics" / "cohen" / "logo.svg").write_text("<svg/>")
        (content / "clinics" / "cohen" / "clinic.yaml").write_text(
            f"name: Dr. Cohen\nemail: {{from: a@clinic.example, host: localhost, port: {running.server.port}, "
            "user: clinic, per_minute: 600}\n"  # slow enough to be stopped in the midst
        )
        env = {
            **os.environ,
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
            "HANDOUTS_SMTP_PASSWORD": PASSWORD,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        command = [sys.executable, "generate.py", "--content", str(content), "outbox", "run", "--watch"]
        worker = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        assert worker.stdout
        for _ in range(10):
            worker.stdout.readline()
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0
    assert set(states(outbox)) == {"sent", "queued"}
    assert len(running.mailbox.kept) == states(outbox).count("sent")
