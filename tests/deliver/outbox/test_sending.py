"""Runs in the background: they send what is due, one at a time, beside other runs, and survive what stops them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
import trustme
from keyring.backends.null import Keyring

from handouts.deliver.outbox.database import Database
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.sending import Background
from handouts.errors import OutputFault
from tests.conftest import PATIENCE
from tests.forked import fork
from tests.mail_worker import send_in_the_background
from tests.mailing import Clock, Unheard, new, outbox_in, queue, run, set_up_clinic, states, to_server, trusting
from tests.mailserver import PASSWORD, Running, serve

Start = Callable[[], Background]


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return outbox_in(tmp_path / "data")


@pytest.fixture
def authority(ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", PASSWORD)
    keyring.set_keyring(Keyring())
    return path


@pytest.fixture
def server(ca: trustme.CA, authority: Path, content: Path) -> Iterator[Running]:
    assert authority.exists()
    with serve(ca) as running:
        set_up_clinic(content, running.server.port)
        yield running


def opening(folder: Path) -> Callable[[], contextlib.AbstractContextManager[Outbox | None]]:
    @contextlib.contextmanager
    def open_it() -> Iterator[Outbox | None]:
        with Database(folder) as database:
            yield Outbox(database, Unheard())

    return open_it


@pytest.fixture
def start(content: Path, tmp_path: Path) -> Iterator[Start]:
    """Begins one; each is stopped in the end."""
    begun: list[Background] = []

    def begin() -> Background:
        begun.append(Background(content, opening(tmp_path / "data"), time.time, every=0.02))
        begun[-1].start()
        return begun[-1]

    yield begin
    for one in begun:
        assert one.stop(PATIENCE)


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.01)


def due(outbox: Outbox, **over: str) -> int:
    return queue(outbox, new(**over), now=time.time())  # type: ignore[arg-type]


def test_what_is_queued_meanwhile_goes_out(server: Running, outbox: Outbox, start: Start):
    background = start()
    due(outbox)
    background.wake()
    until(lambda: states(outbox) == ["sent"])
    assert [to for to, _ in server.mailbox.kept] == ["maria@example.org"]


def test_a_server_that_is_down_loses_nothing_and_the_message_says_why(server: Running, outbox: Outbox, start: Start):
    server.plan.at["CONNECT"] = "421 4.3.2 down"
    due(outbox)
    start()
    until(lambda: bool(outbox.entries()[0].reason))
    [entry] = outbox.entries()
    assert (entry.state, entry.tries) == ("queued", 1)


@pytest.mark.usefixtures("server")
def test_a_clinic_that_lacks_its_password_is_told_of_and_the_message_waits(
    outbox: Outbox, start: Start, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("HANDOUTS_SMTP_PASSWORD")
    due(outbox)
    background = start()
    until(lambda: bool(background.status.tally and background.status.tally.faults))
    tally = background.status.tally
    assert tally
    assert "no password" in tally.faults["cohen"].message
    assert states(outbox) == ["queued"]


def test_two_in_one_folder_take_turns_and_the_second_takes_over(server: Running, outbox: Outbox, start: Start):
    first = start()
    until(lambda: first.status.tally is not None)
    second = start()
    until(lambda: second.status.elsewhere)
    due(outbox)
    until(lambda: states(outbox) == ["sent"])
    assert first.stop(PATIENCE)
    until(lambda: second.status.tally is not None)
    due(outbox, document="d2")
    until(lambda: states(outbox) == ["sent", "sent"])
    assert len(server.mailbox.kept) == 2


def test_beside_a_run_of_the_command_each_message_goes_out_once(
    server: Running, ca: trustme.CA, outbox: Outbox, start: Start
):
    for number in range(40):
        due(outbox, document=f"d{number}")
    start()
    until(lambda: bool(server.mailbox.kept))
    run(outbox, to_server(server.server, trusting(ca)), clock=Clock(time.time()))
    until(lambda: set(states(outbox)) == {"sent"})
    assert server.mailbox.ids() == {entry.message_id: 1 for entry in outbox.entries()}


def test_a_fault_of_the_folder_stops_no_later_run(server: Running, outbox: Outbox, content: Path, tmp_path: Path):
    good, broken = opening(tmp_path / "data"), [True]

    @contextlib.contextmanager
    def sometimes() -> Iterator[Outbox | None]:
        if broken:
            raise OutputFault("The disk is full.")
        with good() as found:
            yield found

    background = Background(content, sometimes, time.time, every=0.02)
    background.start()
    until(lambda: background.status.fault is not None)
    due(outbox)
    broken.clear()
    until(lambda: states(outbox) == ["sent"])
    assert background.stop(PATIENCE)
    assert len(server.mailbox.kept) == 1


def test_an_error_of_the_program_is_logged_without_what_it_says_and_the_next_run_goes_on(
    content: Path, caplog: pytest.LogCaptureFixture
):
    def broken() -> contextlib.AbstractContextManager[Outbox | None]:
        raise ValueError("maria@example.org")

    background = Background(content, broken, time.time, every=0.02)
    background.start()
    until(lambda: len(caplog.records) > 1)
    assert background.stop(PATIENCE)
    assert "ValueError sending.py:" in caplog.text
    assert "maria" not in caplog.text
    assert background.status.fault


def test_where_nothing_was_mailed_yet_nothing_is_made(content: Path, tmp_path: Path):
    asked: list[int] = []

    def nothing() -> contextlib.AbstractContextManager[Outbox | None]:
        asked.append(1)
        return contextlib.nullcontext(None)

    background = Background(content, nothing, time.time, every=0.02)
    background.start()
    until(lambda: len(asked) > 1)
    assert background.stop(PATIENCE)
    assert not (tmp_path / "data").exists()


def test_one_that_is_stopped_ends_after_the_message_that_goes_out(server: Running, outbox: Outbox, start: Start):
    for number in range(50):
        due(outbox, document=f"d{number}")
    background = start()
    until(lambda: bool(server.mailbox.kept))
    assert background.stop(PATIENCE)
    assert set(states(outbox)) <= {"sent", "queued"}
    assert len(server.mailbox.kept) == states(outbox).count("sent")


def test_after_a_kill_while_a_message_went_out_the_next_one_says_unknown_at_once_and_sends_the_rest(
    server: Running, outbox: Outbox, content: Path, authority: Path, tmp_path: Path, start: Start
):
    server.plan.at["END"] = ["stall"]
    due(outbox)
    due(outbox, document="d2")
    dying = fork(send_in_the_background, content, tmp_path / "data", authority)
    until(lambda: "sending" in states(outbox))
    until(lambda: server.plan.seen["END"] == 1)
    assert dying.process.pid
    os.kill(dying.process.pid, 9)
    assert dying.end() == -9
    assert states(outbox) == ["sending", "queued"]
    start()
    until(lambda: states(outbox) == ["unknown", "sent"])
    assert len(server.mailbox.kept) == 1
