"""A mail server without an end to its replies, or without haste, holds no run and fills no memory."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from handouts.deliver.mail.settings import Server
from handouts.deliver.mail.smtp import Timeouts, connect
from handouts.deliver.outbox.trouble import Lost, Trouble, TryLater
from tests.deliver.mail.test_smtp import BODY, TO
from tests.mailserver import SENDER

Speak = Callable[[socket.socket], None]
HASTE = Timeouts(connect=2, reply=2, message=2, whole=60)
"""Time enough for a server that speaks as it should on a slow machine, and far from what is usual."""
GOOD = {"CONNECT": b"220 hello", "EHLO": b"250 mail.test", "MAIL": b"250 ok", "RCPT": b"250 ok", "DATA": b"354 go on",
        "END": b"250 taken"}  # fmt: skip


def endless(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"250-and so on\r\n" * 100)


def endless_line(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"2" * 8192)


def byte_by_byte(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"2")
        time.sleep(0.05)


def line_by_line(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"250-still here\r\n")
        time.sleep(0.05)


@contextlib.contextmanager
def server(stage: str, speak: Speak) -> Iterator[Server]:
    """Speaks as it should, and at ``stage`` as ``speak`` does until the other side goes away."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError), listening.accept()[0] as peer:
            said = "CONNECT"
            lines = peer.makefile("rb")
            while True:
                if said == stage:
                    speak(peer)
                peer.sendall(GOOD[said] + b"\r\n")
                line = lines.readline()
                if said == "DATA":
                    while line not in {b".\r\n", b""}:
                        line = lines.readline()
                    said = "END"
                else:
                    said = line[:4].strip().decode().upper()
                if said not in GOOD:
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Server("127.0.0.1", listening.getsockname()[1], "plain", None, SENDER, 6000)
    finally:
        listening.close()
        thread.join(10)


def hand_over(to: Server, timeouts: Timeouts) -> None:
    connection = connect(to, None, timeouts=timeouts, context=ssl.create_default_context())
    try:
        connection.send(TO, BODY, lambda: None)
    finally:
        connection.close()


def test_a_server_that_speaks_as_it_should_gets_the_message():
    with server("never", endless) as there:
        hand_over(there, Timeouts())


@pytest.mark.parametrize("speak", [endless, endless_line, byte_by_byte, line_by_line])
@pytest.mark.parametrize("stage", [*GOOD])
def test_a_reply_has_an_end_in_bytes_and_in_time(stage: str, speak: Speak):
    tracemalloc.start()
    start = time.monotonic()
    try:
        with server(stage, speak) as there, pytest.raises(Trouble) as caught:
            hand_over(there, HASTE)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
    assert isinstance(caught.value, Lost if stage == "END" else TryLater)
    assert caught.value.over
    assert time.monotonic() - start < Timeouts().connect


def test_a_conversation_has_an_end_though_each_reply_keeps_to_its_time():
    def slow(peer: socket.socket) -> None:
        del peer
        time.sleep(0.4)

    start = time.monotonic()
    with server("RCPT", slow) as there, pytest.raises(TryLater, match="in time"):
        hand_over(there, Timeouts(connect=30, reply=30, message=30, whole=0.2))
    assert time.monotonic() - start < 30
